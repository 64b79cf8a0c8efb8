/*
 * What was wrong with the event itself: what of it could not be kept or had to
 * be changed, by _meta (protocol.md §7.1), and what its SDK says that it could
 * not send.  What was hidden on purpose stands at its place instead.
 */

#include "page/issue.h"

#include "util/buf.h"
#include "util/lang.h"

#define ROWS_MAX 50
#define DEPTH_MAX 24

static const struct {
    const char *kind;
    const char *words;
} kinds[] = {
    { "invalid_data", N_("Not as it has to be") },
    { "invalid_attribute", N_("There is no such attribute") },
    { "missing_attribute", N_("Something is missing") },
    { "value_too_long", N_("Too long") },
    { "clock_drift", N_("The sender's clock is wrong: all times were moved") },
    { "past_timestamp", N_("Too long ago: moved to when it came") },
    { "future_timestamp", N_("In the future: moved to when it came") },
};

struct walk {
    const struct issue_event *ev;
    struct data *list;
    int64_t n;
};


static struct data *
row(struct walk *w, struct str where, struct str kind)
{
    struct data *d;

    if (w->n++ >= ROWS_MAX) {
        return NULL;
    }
    d = data_row(w->list);
    data_str(d, "where", where);
    data_str(d, "what", kind);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (str_is(kind, kinds[i].kind)) {
            data_tr(d, "what", kinds[i].words);
        }
    }
    return d;
}


/* "kind" or ["kind", {"reason": …}] */
static void
error(struct walk *w, struct str where, const struct json *e,
      const struct json *was)
{
    bool pair = json_is(e, JSON_T_ARRAY);
    const struct json *data = pair ? json_at(e, 1) : NULL;
    struct str sent = json_text_of(data, "sdk_time");
    struct data *d =
        row(w, where, pair ? json_text(json_at(e, 0)) : json_text(e));

    if (d == NULL) {
        return;
    }
    data_str(d, "reason",
             sent.n > 0 ? str_pair(w->ev->a, sent, " → ",
                                   json_text_of(data, "server_time"))
                        : json_text_of(data, "reason"));
    if (was != NULL) {
        issue_value(w->ev->a, data_child(d, "Was"), was, NULL);
    }
}


/* The member or element of v that a note's name stands for. */
static const struct json *
member(const struct json *v, struct str name)
{
    int64_t i;

    if (json_is(v, JSON_T_OBJECT)) {
        return json_get_str(v, name);
    }
    return json_is(v, JSON_T_ARRAY) && str_i64(name, &i) && i >= 0 && i < v->n
               ? json_at(v, (unsigned) i)
               : NULL;
}


static bool
is_pair(const struct json *v)
{
    return json_is(v, JSON_T_ARRAY) && v->n == 2 && json_text(v->first).n > 0;
}


/* "tags.plan", where the notes say "tags.3.1": of the pair, its value. */
static struct str
below(struct walk *w, struct str where, struct str name, const struct json *v)
{
    if (is_pair(v)) {
        return where;
    }
    if (is_pair(member(v, name))) {
        name = json_text(member(v, name)->first);
    }
    return where.n > 0 ? str_pair(w->ev->a, where, ".", name) : name;
}


/* v: what the notes are about, as far as it is there. */
static void
notes(struct walk *w, struct str where, const struct json *v,
      const struct json *meta, int depth)
{
    const struct json *own = json_get(meta, "");

    json_each(e, json_get(own, "err"))
    {
        error(w, where, e, json_get(own, "val"));
    }
    json_each(child, meta)
    {
        if (child->key.n > 0 && depth > 0 && json_is(child, JSON_T_OBJECT)) {
            notes(w, below(w, where, child->key, v), member(v, child->key),
                  child, depth - 1);
        }
    }
}


void
issue_problems(const struct issue_event *ev, struct data *d)
{
    struct walk w = { .ev = ev, .list = data_child(d, "Problem") };

    notes(&w, STR(""), ev->doc, json_get(ev->doc, "_meta"), DEPTH_MAX);
    json_each(e, json_get(ev->doc, "errors"))
    {
        const struct json *value = json_get(e, "value");
        struct data *r =
            row(&w, json_text_of(e, json_get(e, "name") ? "name" : "url"),
                json_text_of(e, "type"));

        if (r != NULL && value != NULL) {
            issue_value(ev->a, data_child(r, "Was"), value, NULL);
        }
    }
    if (w.n > 0) {
        data_i64(d, "problems", w.n);
    }
    if (w.n > ROWS_MAX) {
        data_i64(d, "problems_more", w.n - ROWS_MAX);
    }
}
