#include "page/mail.h"

#include "integration/words.h"
#include "util/conf.h"
#include "util/lang.h"
#include "web/data.h"
#include "web/render.h"

#define TEXT_BYTES 20000


/* One line; a mail of an issue is called the same every time: one thread. */
static struct str
subject_of(struct arena *a, const struct notice *n)
{
    const char *prefix = conf_str(CONF_MAIL_SUBJECT_PREFIX);
    const char *space = prefix[0] != '\0' ? " " : "";

    if (n->short_id.n > 0) {
        return str_printf(a, "%s%s%.*s - %.*s", prefix, space,
                          STR_FMT(n->short_id),
                          STR_FMT(words_line(a, n->title, 200)));
    }
    return str_printf(a, "%s%s%.*s", prefix, space,
                      STR_FMT(words_line(a, n->title, 200)));
}


#define CLICKS_MAX 4

struct click {
    const char *words;
    struct str url;
};


/* What a click does, signed for this person; how many. */
static size_t
clicks_of(struct arena *a, const struct notice *n, struct str key,
          int64_t account_id, struct click out[CLICKS_MAX])
{
    static const struct {
        const char *action;
        const char *words;
    } links[CLICKS_MAX] = { { "resolve", N_("Resolve") },
                            { "archive", N_("Archive") },
                            { "assign", N_("Assign to me") },
                            { "mute", N_("Mute this alert") } };
    size_t k = 0;

    if (account_id == 0 || n->issue_id == 0 || str_is(n->cause, "test")) {
        return 0;
    }
    for (size_t i = 0; i < CLICKS_MAX; i++) {
        bool mute = strcmp(links[i].action, "mute") == 0;
        struct mail_link link = { .action = str_of(links[i].action),
                                  .account_id = account_id,
                                  .organization_id = n->organization_id,
                                  .object =
                                      mute ? n->rules[0].id : n->issue_id };

        if (!mute || n->nrules > 0) {
            out[k++] =
                (struct click){ tr(links[i].words), link_url(a, key, &link) };
        }
    }
    return k;
}


static void
fill_items(struct data *d, const struct json *more)
{
    json_each(v, json_get(more, "items"))
    {
        struct data *row = data_row(data_child(d, "Items"));

        data_str(row, "short_id", json_text_of(v, "short_id"));
        data_str(row, "title", json_text_of(v, "title"));
        data_str(row, "cause", json_text_of(v, "cause"));
        data_str(row, "url", json_text_of(v, "url"));
    }
    json_each(v, json_get(more, "numbers"))
    {
        struct data *row = data_row(data_child(d, "Numbers"));

        data_str(row, "words", json_text_of(v, "words"));
        data_str(row, "value", json_text_of(v, "value"));
    }
}


static void
fill_paragraphs(struct arena *a, struct data *d, struct str text)
{
    struct str line;

    (void) a;
    while (str_split(&text, '\n', &line)) {
        if (str_trim(line).n > 0) {
            data_str(data_row(data_child(d, "Paragraphs")), "text",
                     str_trim(line));
        }
    }
}


/* Without those that have a place of their own above the list or below it. */
static size_t
facts_below(struct arena *a, const struct notice *n, struct fact *facts)
{
    struct notice rest = *n;
    struct str culprit = n->culprit;

    for (size_t i = 0; i < rest.ntags; i++) {
        if (str_is(rest.tags[i].key, "transaction")
            && str_eq(rest.tags[i].value, culprit)) {
            rest.tags[i].value = STR("");
        }
    }
    rest.culprit = rest.frame = rest.short_id = STR("");
    rest.nrules = 0;
    return words_facts(a, &rest, facts);
}


static void
fill(struct arena *a, struct data *d, const struct notice *n)
{
    struct fact facts[FACTS_MAX];
    struct str why = words_why(a, n);
    size_t nfacts;

    data_text(d, "lang", langs[lang_used()].code);
    data_text(d, "prefix", conf_str(CONF_SYSTEM_URL_PREFIX));
    data_str(d, "cause", n->cause);
    data_bool(d, "plain", str_is(n->cause, "account"));
    data_str(d, "kind", words_kind(a, n));
    data_str(d, "title", n->title);
    data_str(d, "url", n->url);
    data_str(d, "culprit", n->culprit);
    data_str(d, "short_id", n->short_id);
    data_str(d, "project", n->project_name);
    if (why.n > 0) {
        data_str(d, "why", why);
    }
    data_str(d, "query", n->query_url);
    data_text(d, "level", words_is_over(n) ? "over" : notice_level(n->level));
    data_str(d, "frame", n->frame);
    data_str(d, "source", n->source);
    data_str(d, "actor", n->actor);
    if (n->notes.n > 0) {
        data_str(d, "reason", n->notes);
    }
    data_str(d, "button",
             n->nactions > 0 ? n->actions[0].words : str_of(tr("Open")));
    fill_paragraphs(a, d, n->text);
    nfacts = facts_below(a, n, facts);
    for (size_t i = 0; i < nfacts; i++) {
        struct data *row = data_row(data_child(d, "Facts"));

        data_str(row, "name",
                 str_null(facts[i].name) ? str_of(facts[i].label)
                                         : facts[i].name);
        data_str(row, "value", facts[i].value);
    }
    for (size_t i = 0; i < n->nrules; i++) {
        struct data *row = data_row(data_child(d, "Rules"));

        data_str(row, "name", n->rules[i].words);
        data_str(row, "url", n->rules[i].url);
    }
    fill_items(d, n->more);
}


/* The same in plain text: for those who read mails so. */
static struct str
text_of(struct arena *a, const struct notice *n, const struct click *clicks,
        size_t nclicks, struct str unsubscribe)
{
    struct buf out = buf_in(a);

    if (str_is(n->cause, "account")) {
        buf_addf(&out, "%.*s\n\n%.*s\n", STR_FMT(n->text), STR_FMT(n->url));
        return buf_view(&out);
    }
    buf_str(&out, words_plain(a, n, TEXT_BYTES));
    buf_char(&out, '\n');
    for (size_t i = 0; i < nclicks; i++) {
        buf_addf(&out, "\n%s: %.*s", clicks[i].words, STR_FMT(clicks[i].url));
    }
    json_each(v, json_get(n->more, "numbers"))
    {
        buf_addf(&out, "\n%.*s: %.*s", STR_FMT(json_text_of(v, "words")),
                 STR_FMT(json_text_of(v, "value")));
    }
    json_each(v, json_get(n->more, "items"))
    {
        buf_addf(&out, "\n- %.*s %.*s (%.*s)\n  %.*s",
                 STR_FMT(json_text_of(v, "short_id")),
                 STR_FMT(json_text_of(v, "title")),
                 STR_FMT(json_text_of(v, "cause")),
                 STR_FMT(json_text_of(v, "url")));
    }
    for (size_t i = 0; i < n->nrules; i++) {
        buf_addf(&out, "\n%s: %.*s\n  %.*s", tr("Alert"),
                 STR_FMT(n->rules[i].words), STR_FMT(n->rules[i].url));
    }
    if (n->query_url.n > 0) {
        buf_addf(&out, "\n\n%s: %.*s", tr("What was measured"),
                 STR_FMT(n->query_url));
    }
    if (unsubscribe.n > 0) {
        buf_addf(&out, "\n\n--\n%s: %.*s\n%s: %s/account/notifications/\n",
                 tr("No more of these mails"), STR_FMT(unsubscribe),
                 tr("All settings"), conf_str(CONF_SYSTEM_URL_PREFIX));
    }
    return buf_view(&out);
}


enum status
mail_of_notice(struct arena *a, const struct notice *n, struct str key,
               int64_t account_id, struct str unsubscribe,
               struct mail_parts *out)
{
    struct click clicks[CLICKS_MAX];
    struct data *d = data_new(a);
    int64_t now = time_now();
    size_t nclicks;

    fill(a, d, n);
    nclicks = clicks_of(a, n, key, account_id, clicks);
    for (size_t i = 0; i < nclicks; i++) {
        struct data *row = data_row(data_child(d, "Actions"));

        data_text(row, "words", clicks[i].words);
        data_str(row, "url", clicks[i].url);
    }
    data_str(d, "unsubscribe", unsubscribe);
    out->subject = subject_of(a, n);
    out->text = text_of(a, n, clicks, nclicks, unsubscribe);
    return render(a, "mail/notice.cs", d, now, time_monotonic(), &out->html);
}
