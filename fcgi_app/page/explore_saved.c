/*
 * page/explore_saved.c - saved questions of the explorer: the menu there, and
 * /:org/explore/saved/ (page/saved.h).  A question is kept as its address says
 * it, in one order and without what is the rule anyway, so that the same one is
 * known again.
 */

#include "page/explore.h"

#include "model/account.h"
#include "model/organization.h"
#include "page/pages.h"
#include "page/saved.h"
#include "util/buf.h"
#include "util/lang.h"

#define SESSIONS "data=sessions"

/* The arguments of a question, and what need not be said. */
static const struct {
    const char *name;
    const char *rule;
} parts[] = {
    { "data", "events" },  { "release", "" },  { "project", "" },
    { "environment", "" }, { "range", "14d" }, { "from", "" },
    { "to", "" },          { "q", "" },        { "by", "" },
    { "show", "events" },  { "top", "10" },    { "as", "chart" },
    { "compare", "" },
};


static struct str
question(struct arena *a, const struct fields *args, bool sessions)
{
    struct fields kept = { .v = arena_array(a, args->n + 1,
                                            sizeof(struct field)) };
    struct str text;

    if (sessions) {
        kept.v[kept.n++] = (struct field){ STR("data"), STR("sessions") };
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct str value;
        size_t at = 0;

        while (field_next(args, parts[i].name, &at, &value)) {
            value = str_trim(value);
            if (value.n > 0 && !str_is(value, parts[i].rule)) {
                kept.v[kept.n++] =
                    (struct field){ str_of(parts[i].name), value };
            }
        }
    }
    text = query_with(a, &kept, "", STR_NULL);
    return str_sub(text, 1, text.n); /* without "?" */
}


static const char *
read_question(struct request *rq, bool args, struct saved_search *s)
{
    struct fields from = rq->args;

    s->sort = STR("");
    s->query = STR("");
    if (!args
        && form_parse(rq->a, request_field(rq, "query"), &from) != ST_OK) {
        return "This is no question of the explorer.";
    }
    s->query = question(rq->a, &from, false);
    if (s->query.n > SAVED_QUERY_MAX) {
        s->query = STR("");
        return "The question is too long to be saved.";
    }
    return NULL;
}


/* Where it is shown, from the page of events or of sessions. */
static struct str
address_from(struct request *rq, const struct saved_search *s, bool sessions)
{
    bool of_sessions = str_starts(s->query, STR(SESSIONS));

    return str_printf(rq->a, "%s?%.*s",
                      of_sessions == sessions ? ""
                      : sessions              ? "../"
                                              : "sessions/",
                      STR_FMT(s->query));
}


static struct str
address(struct request *rq, const struct saved_search *s)
{
    return address_from(rq, s, false);
}


static struct str
address_beside(struct request *rq, const struct saved_search *s)
{
    return address_from(rq, s, true);
}


/* "Users · Table · browser · os · level:error", for people. */
static void
show_words(struct request *rq, struct data *row, const struct saved_search *s)
{
    static const char *const told[] = { "by", "q", "release", "project",
                                        "environment" };
    struct buf b = buf_in(rq->a);
    struct fields args;
    struct str as;

    if (str_null(s->query) || form_parse(rq->a, s->query, &args) != ST_OK) {
        return;
    }
    buf_text(&b, str_is(field_get(&args, "data"), "sessions") ? tr("Sessions")
                 : str_is(field_get(&args, "show"), "users")  ? tr("Users")
                                                              : tr("Events"));
    as = field_get(&args, "as");
    if (!str_null(as)) {
        buf_addf(&b, " \xC2\xB7 %s", tr(str_is(as, "map") ? "Map" : "Table"));
    }
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
        struct str value;
        size_t at = 0;

        while (field_next(&args, told[i], &at, &value)) {
            buf_text(&b, " \xC2\xB7 ");
            buf_str(&b, value);
        }
    }
    data_str(row, "words", buf_view(&b));
}


static const struct saved_shelf shelf = {
    .place = SAVED_IN_EXPLORER,
    .home = "explore/",
    .path = "explore/saved/",
    .param = "question",
    .read = read_question,
    .link = address,
    .show = show_words,
};


enum status
explore_show_saved(struct request *rq, struct data *d,
                   const struct fields *args, bool sessions)
{
    struct saved_shelf here = shelf;
    struct saved_search now = { .sort = STR("") }, *list;
    enum status st;
    size_t n;

    here.link = sessions ? address_beside : address;
    now.query = question(rq->a, args, sessions);
    st = saved_search_list(rq->db, rq->a, rq->org->id, rq->account->id,
                           SAVED_IN_EXPLORER, &list, &n);
    if (st == ST_OK) {
        saved_menu(rq, d, &here, list, n, &now);
        data_str(d, "question", now.query);
    }
    return st;
}


enum status
page_explore_saved(struct request *rq, struct response *rs)
{
    return saved_page(rq, rs, &shelf);
}


enum status
page_explore_saved_new(struct request *rq, struct response *rs)
{
    return saved_new(rq, rs, &shelf);
}


enum status
page_explore_saved_act(struct request *rq, struct response *rs)
{
    return saved_act(rq, rs, &shelf);
}
