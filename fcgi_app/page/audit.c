#include "page/audit.h"

#include "json/doc.h"


static const char *
words_of(struct str action)
{
    for (size_t i = 0; i < audit_actions_count; i++) {
        if (str_is(action, audit_actions[i].name)) {
            return audit_actions[i].words;
        }
    }
    return ""; /* of a later version: its name still tells */
}


static const struct json *
parse(struct arena *a, struct str text)
{
    struct json *v;

    return json_parse(a, text, NULL, &v, NULL) == ST_OK ? v : NULL;
}


static void
field(struct data *list, const struct json *name, const struct json *before,
      const struct json *after)
{
    struct data *row = data_row(list);

    data_str(row, "name", name->key);
    data_str(row, "before", json_text(before));
    data_str(row, "after", json_text(after));
}


/* Each field that changed, in the order in which it was written. */
static void
fill_fields(struct request *rq, struct data *row, const struct audit *v)
{
    const struct json *before = parse(rq->a, v->before);
    const struct json *after = parse(rq->a, v->after);
    struct data *list = data_child(row, "Fields");

    for (const struct json *f = after ? after->first : NULL; f != NULL;
         f = f->next) {
        field(list, f, json_get_str(before, f->key), f);
    }
    for (const struct json *f = before ? before->first : NULL; f != NULL;
         f = f->next) {
        if (json_get_str(after, f->key) == NULL) {
            field(list, f, f, NULL);
        }
    }
}


void
audit_show(struct request *rq, struct response *rs, const struct pager *pager,
           const struct audit *rows, size_t n, bool more)
{
    struct pager first = { 0 }, last = { 0 };

    for (size_t i = 0; i < n; i++) {
        struct data *row = data_row(data_child(rs->data, "Rows"));

        data_time(row, "at", rows[i].at);
        data_str(row, "actor", rows[i].actor);
        data_str(row, "email", rows[i].actor_email);
        data_str(row, "address", rows[i].address);
        data_str(row, "action", rows[i].action);
        data_tr(row, "words", words_of(rows[i].action));
        data_str(row, "object", rows[i].object);
        fill_fields(rq, row, &rows[i]);
    }
    if (n > 0) {
        first = (struct pager){ .key = rows[0].id, .id = rows[0].id };
        last = (struct pager){ .key = rows[n - 1].id, .id = rows[n - 1].id };
    }
    pager_show(rs->data, rq, pager, n, more, first, last);
}
