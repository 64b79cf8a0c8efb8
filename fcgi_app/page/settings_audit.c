/* GET /:org/settings/audit/: who changed what, newest first. */

#include "json/doc.h"
#include "model/organization.h"
#include "page/pages.h"
#include "web/pager.h"

#define TEXT_MAX 200


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


static void
fill_actions(struct response *rs, struct str chosen)
{
    for (size_t i = 0; i < audit_actions_count; i++) {
        struct data *row = data_row(data_child(rs->data, "Actions"));

        data_text(row, "name", audit_actions[i].name);
        data_bool(row, "chosen", str_is(chosen, audit_actions[i].name));
    }
}


static struct str
filter(const struct request *rq, const char *name)
{
    struct str value = str_trim(str_cut(request_arg(rq, name), TEXT_MAX));

    return value.n > 0 ? value : STR_NULL;
}


enum status
page_settings_audit(struct request *rq, struct response *rs)
{
    struct pager pager = pager_read(rq), first = { 0 }, last = { 0 };
    struct str action = filter(rq, "action"), text = filter(rq, "q");
    struct audit *rows;
    enum status st;
    bool more;
    size_t n;

    st = audit_list(rq->db, rq->a, rq->org->id, pager.set ? pager.id : 0,
                    pager.backward, action,
                    str_null(text) ? text : str_lower(rq->a, text), &rows, &n,
                    &more);
    if (st != ST_OK) {
        return st;
    }
    fill_actions(rs, action);
    data_str(rs->data, "q", text);
    data_bool(rs->data, "filtered", !str_null(action) || !str_null(text));
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
    pager_show(rs->data, rq, &pager, n, more, first, last);
    return ST_OK;
}
