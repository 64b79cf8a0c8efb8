/*
 * How to search: GET /:org/issues/help/, the signs of the language and every
 * key that is suggested.
 */

#include "model/issue_suggest.h"
#include "page/pages.h"
#include "util/lang.h"

static const struct {
    const char *query;
    const char *words;
} examples[] = {
    { "level:error release:1.4.*",
      N_("Both must hold; * stands for anything") },
    { "is:unresolved (level:fatal OR users:>100)",
      N_("One of them must hold; parentheses keep them together") },
    { "!environment:staging", N_("Must not hold") },
    { "environment:[production, \"blue green\"]",
      N_("One of these values; a value with spaces stands in quotes") },
    { "timeout \"could not connect\"",
      N_("Words and texts of the title, exceptions, functions, files, URL, "
         "tags and user") },
    { "has:user !has:release", N_("Has any value of it; has none") },
    { "lastSeen:-24h age:+14d", N_("Not longer ago than; longer ago than") },
    { "firstSeen:>=2026-11-01 lastSeen:2026-11-27",
      N_("From a day on; on that day (UTC)") },
    { "timesSeen:>=1k users:<10", N_("More or fewer than a number") },
    { "release:latest release:>=1.4.2",
      N_("The newest release of each project; a range of versions") },
    { "campaign:summer tags[level]:x",
      N_("Any tag; in tags[…] also one that is called like a key") },
    { "SHOP-3F7",
      N_("A short id, the id of an event or of a trace leads straight there") },
};


enum status
page_issue_search_help(struct request *rq, struct response *rs)
{
    const char *key, *words, *values;

    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        struct data *row = data_row(data_child(rs->data, "Example"));

        data_text(row, "query", examples[i].query);
        data_str(row, "link", url_encode(rq->a, str_of(examples[i].query)));
        data_tr(row, "words", examples[i].words);
    }
    for (size_t i = 0; (key = issue_suggest_key(i, &words, &values)) != NULL;
         i++) {
        struct data *row = data_row(data_child(rs->data, "Key"));

        data_text(row, "key", key);
        data_tr(row, "words", words);
        data_text(row, "values", values != NULL ? values : "");
    }
    return ST_OK;
}
