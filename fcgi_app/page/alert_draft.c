/*
 * The form of the editor becomes a draft.
 *
 * Names of fields: c0.id, c0.value, … of the first condition, f0 of the first
 * filter, a0 of the first action; b1.f0, b1.a0 of the second IF-THEN block.
 */

#include "page/alert_editor.h"

#include "model/organization.h"


static struct str
form_text(const struct request *rq, const char *block, char part, size_t i,
          const char *name)
{
    return request_field(
        rq, arena_printf(rq->a, "%s%c%zu.%s", block, part, i, name));
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


/* The nodes of one part, without the one that the button takes away. */
static struct json *
read_nodes(const struct request *rq, const char *block, char part,
           struct str what)
{
    struct json *list = json_new(rq->a, JSON_T_ARRAY);

    for (size_t i = 0; i < RULE_NODES_MAX; i++) {
        struct str id = form_text(rq, block, part, i, "id");
        const struct alert_field *f = fields_of(part, id);
        struct json *node;

        if (f == NULL
            || str_is(what,
                      arena_printf(rq->a, "remove:%s%c%zu.", block, part, i))) {
            continue;
        }
        node = json_new(rq->a, JSON_T_OBJECT);
        json_set(node, STR("id"), json_new_str(rq->a, id));
        for (; f->name != NULL; f++) {
            struct str v = form_text(rq, block, part, i, f->name);

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


/* The nodes of one part, with the one that the button adds. */
static void
read_part(const struct request *rq, const char *block, char part,
          const char *name, struct str what, struct json *out)
{
    struct json *list = read_nodes(rq, block, part, what);
    const char *add = arena_printf(rq->a, "%sadd.%c", block, part);

    if (str_is(what, add)) {
        add_node(rq->a, list, request_field(rq, add));
    }
    json_set(out, str_of(name), list);
}


/* IF and THEN of one block. */
static void
read_block(const struct request *rq, const char *block, bool metric,
           struct str what, struct json *out)
{
    if (!metric) {
        json_set(
            out, STR("filterMatch"),
            json_new_str(rq->a,
                         request_field(
                             rq, arena_printf(rq->a, "%sfilterMatch", block))));
        read_part(rq, block, 'f', "filters", what, out);
    }
    read_part(rq, block, 'a', "actions", what, out);
}


/* The blocks after the first; a new one begins with telling the owners. */
static void
read_blocks(const struct request *rq, struct str what, struct json *data)
{
    static const char added[] = "{\"filterMatch\":\"all\",\"filters\":[],"
                                "\"actions\":[{\"id\":\"" ACTION_MAIL "\","
                                "\"targetType\":\"IssueOwners\","
                                "\"fallthroughType\":\"ActiveMembers\"}]}";
    struct json *list = json_new(rq->a, JSON_T_ARRAY), *block;

    for (int i = 1; i < RULE_BLOCKS_MAX; i++) {
        const char *prefix = arena_printf(rq->a, "b%d.", i);

        if (!str_is(request_field(rq, arena_printf(rq->a, "b%d", i)), "on")
            || str_is(what, arena_printf(rq->a, "drop:%s", prefix))) {
            continue;
        }
        block = json_new(rq->a, JSON_T_OBJECT);
        read_block(rq, prefix, false, what, block);
        json_append(list, block);
    }
    if (str_is(what, "block") && list->n + 1 < RULE_BLOCKS_MAX
        && json_parse(rq->a, STR(added), NULL, &block, NULL) == ST_OK) {
        json_append(list, block);
    }
    if (list->n > 0) {
        json_set(data, STR("blocks"), list);
    }
}


/* The second step, if nobody acts: there is one when it has minutes or actions.
 */
static void
read_escalation(const struct request *rq, struct str what, struct json *data)
{
    struct json *v = json_new(rq->a, JSON_T_OBJECT);
    struct str minutes = request_field(rq, "escalate.minutes");

    read_part(rq, "e.", 'a', "actions", what, v);
    if (minutes.n == 0 && json_get(v, "actions")->n == 0) {
        return;
    }
    set_number(rq->a, v, "minutes", minutes.n > 0 ? minutes : STR("15"));
    json_set(data, STR("escalate"), v);
}


static struct json *
read_data(const struct request *rq, bool metric, struct str what)
{
    struct json *data = json_new(rq->a, JSON_T_OBJECT);

    if (metric) {
        for (const struct alert_field *f = metric_fields; f->name; f++) {
            json_set(data, str_of(f->name),
                     json_new_str(rq->a, request_field(rq, f->name)));
        }

    } else {
        json_set(data, STR("actionMatch"),
                 json_new_str(rq->a, request_field(rq, "actionMatch")));
        read_part(rq, "", 'c', "conditions", what, data);
    }
    read_block(rq, "", metric, what, data);
    if (!metric) {
        read_blocks(rq, what, data);
    }
    read_escalation(rq, what, data);
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


/* 7 of "user:7"; 0 of what is no such thing. */
static int64_t
id_behind(struct str s, struct str word)
{
    int64_t id = 0;

    return str_starts(s, word) && str_i64(str_sub(s, word.n, s.n), &id) ? id
                                                                        : 0;
}


void
editor_read(struct editor *e, struct str what)
{
    struct request *rq = e->rq;
    struct buf text = buf_in(rq->a);
    struct str owner = request_field(rq, "owner");
    int64_t minutes = 30;

    e->rule.organization_id = rq->org->id;
    e->rule.name = str_trim(request_field(rq, "name"));
    e->rule.on = str_is(request_field(rq, "on"), "on");
    str_i64(request_field(rq, "frequency"), &minutes);
    e->rule.frequency = minutes >= 0 && minutes <= 43200 ? (int) minutes : 30;
    e->rule.owner_account = id_behind(owner, STR("user:"));
    e->rule.owner_team = id_behind(owner, STR("team:"));
    read_scope(e);
    e->data = read_data(rq, e->rule.metric, what);
    json_write(&text, e->data);
    e->rule.data = buf_view(&text);
}
