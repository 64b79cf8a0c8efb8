/*
 * The form of the editor becomes a draft.
 *
 * Names of fields: c0.id, c0.value, … of the first condition, f0 of the first
 * filter, a0 of the first action.
 */

#include "page/alert_editor.h"

#include "model/organization.h"


static struct str
form_text(const struct request *rq, const char *fmt, char part, size_t i,
          const char *name)
{
    return request_field(rq,
                         arena_printf(rq->a, "%c%zu%s%s", part, i, fmt, name));
}


/* "user:12" is a member, "team:3" a team: one list to choose from. */
static void
split_target(struct arena *a, struct json *node)
{
    struct str target = json_text_of(node, "targetType");

    if (str_starts(target, STR("user:"))) {
        json_set(node, STR("targetType"), json_new_str(a, STR("Member")));
        json_set(node, STR("targetIdentifier"),
                 json_new_str(a, str_sub(target, 5, target.n)));

    } else if (str_starts(target, STR("team:"))) {
        json_set(node, STR("targetType"), json_new_str(a, STR("Team")));
        json_set(node, STR("targetIdentifier"),
                 json_new_str(a, str_sub(target, 5, target.n)));
    }
}


static const struct alert_field *
fields_of(char part, struct str id)
{
    if (part == 'a') {
        const struct action *type = action_find(id);

        return type != NULL ? type->fields : NULL;
    }
    const struct condition *type = condition_find(id, part == 'f');

    return type != NULL ? type->fields : NULL;
}


/* The nodes of one part; remove: the one that is taken away, or -1. */
static struct json *
read_part(const struct request *rq, char part, int64_t removed)
{
    struct json *list = json_new(rq->a, JSON_T_ARRAY);

    for (size_t i = 0; i < RULE_NODES_MAX; i++) {
        struct str id = form_text(rq, ".", part, i, "id");
        const struct alert_field *f = fields_of(part, id);
        struct json *node;

        if (f == NULL || (int64_t) i == removed) {
            continue;
        }
        node = json_new(rq->a, JSON_T_OBJECT);
        json_set(node, STR("id"), json_new_str(rq->a, id));
        for (; f->name != NULL; f++) {
            struct str v = form_text(rq, ".", part, i, f->name);

            if (!str_null(v)) {
                json_set(node, str_of(f->name), json_new_str(rq->a, v));
            }
        }
        split_target(rq->a, node);
        json_append(list, node);
    }
    return list;
}


static void
add_node(struct arena *a, struct json *list, struct str id)
{
    struct json *node;

    if (id.n > 0 && list->n < RULE_NODES_MAX) {
        node = json_new(a, JSON_T_OBJECT);
        json_set(node, STR("id"), json_new_str(a, id));
        json_append(list, node);
    }
}


static void
set_number(struct arena *a, struct json *in, const char *name, struct str text)
{
    int64_t v;

    if (str_i64(text, &v)) {
        json_set(in, str_of(name), json_new_i64(a, v));
    }
}


static void
read_bounds(const struct request *rq, struct json *data)
{
    struct str cap = request_field(rq, "cap.count");
    struct str from = request_field(rq, "quiet.from");

    if (cap.n > 0) {
        struct json *v = json_new(rq->a, JSON_T_OBJECT);

        set_number(rq->a, v, "count", cap);
        set_number(rq->a, v, "minutes", request_field(rq, "cap.minutes"));
        json_set(data, STR("cap"), v);
    }
    if (from.n > 0) {
        static const char *const names[] = { "from", "to", "days", "zone" };
        struct json *v = json_new(rq->a, JSON_T_OBJECT);

        for (size_t i = 0; i < 4; i++) {
            json_set(v, str_of(names[i]),
                     json_new_str(rq->a, request_field(
                                             rq, arena_printf(rq->a, "quiet.%s",
                                                              names[i]))));
        }
        json_set(data, STR("quiet"), v);
    }
}


/* Which one a button "remove:c:2" takes away. */
static int64_t
removed_of(struct str what, char part)
{
    int64_t i = -1;

    return what.n > 9 && str_starts(what, STR("remove:")) && what.p[7] == part
                   && str_i64(str_sub(what, 9, what.n), &i)
               ? i
               : -1;
}


static struct json *
read_data(const struct request *rq, bool metric, struct str what)
{
    static const struct {
        char part;
        const char *name;
        const char *add;
    } parts[] = { { 'c', "conditions", "add.c" },
                  { 'f', "filters", "add.f" },
                  { 'a', "actions", "add.a" } };
    struct json *data = json_new(rq->a, JSON_T_OBJECT);

    if (metric) {
        for (const struct alert_field *f = metric_fields; f->name; f++) {
            json_set(data, str_of(f->name),
                     json_new_str(rq->a, request_field(rq, f->name)));
        }

    } else {
        json_set(data, STR("actionMatch"),
                 json_new_str(rq->a, request_field(rq, "actionMatch")));
        json_set(data, STR("filterMatch"),
                 json_new_str(rq->a, request_field(rq, "filterMatch")));
    }
    for (size_t i = metric ? 2 : 0; i < 3; i++) {
        struct json *list =
            read_part(rq, parts[i].part, removed_of(what, parts[i].part));

        if (str_is(what, parts[i].add)) {
            add_node(rq->a, list, request_field(rq, parts[i].add));
        }
        json_set(data, str_of(parts[i].name), list);
    }
    read_bounds(rq, data);
    return data;
}


static void
read_scope(struct editor *e)
{
    struct request *rq = e->rq;
    struct str rest = request_field(rq, "environments"), part, value;
    size_t at = 0;

    e->rule.all_projects = false;
    e->rule.projects =
        arena_array(rq->a, ALERT_RULE_PROJECTS_MAX, sizeof(int64_t));
    e->rule.nprojects = 0;
    while (field_next(&rq->form, "project", &at, &value)) {
        e->rule.all_projects = e->rule.all_projects || str_is(value, "all");
        for (size_t i = 0; i < e->nprojects; i++) {
            if (str_eq(e->projects[i].slug, value)
                && e->rule.nprojects < ALERT_RULE_PROJECTS_MAX) {
                e->rule.projects[e->rule.nprojects++] = e->projects[i].id;
            }
        }
    }
    e->rule.environments = arena_array(rq->a, 50, sizeof(struct str));
    e->rule.nenvironments = 0;
    while (str_split(&rest, ',', &part) && e->rule.nenvironments < 50) {
        part = str_trim(part);
        if (part.n > 0) {
            e->rule.environments[e->rule.nenvironments++] = part;
        }
    }
}


void
editor_read(struct editor *e, struct str what)
{
    struct request *rq = e->rq;
    struct buf text = buf_in(rq->a);
    int64_t minutes = 30, owner = 0;

    e->rule.organization_id = rq->org->id;
    e->rule.name = str_trim(request_field(rq, "name"));
    e->rule.on = str_is(request_field(rq, "on"), "on");
    str_i64(request_field(rq, "frequency"), &minutes);
    e->rule.frequency = minutes >= 0 && minutes <= 43200 ? (int) minutes : 30;
    str_i64(request_field(rq, "owner"), &owner);
    e->rule.owner_account = owner;
    read_scope(e);
    e->data = read_data(rq, e->rule.metric, what);
    json_write(&text, e->data);
    e->rule.data = buf_view(&text);
}
