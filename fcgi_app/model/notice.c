/*
 * One table of plain members; lists by hand.  Members that are empty are not
 * written, so a notice costs what it tells.
 */

#include "model/notice.h"

#include <stddef.h>

#include "util/lang.h"

enum kind { TEXT, NUMBER, INTEGER, REAL, FLAG };

static const struct member {
    const char *name;
    enum kind kind;
    size_t at;
} members[] = {
#define MEMBER(name, kind)                                                     \
    {                                                                          \
#name, kind, offsetof(struct notice, name)                             \
    }
    MEMBER(cause, TEXT),
    MEMBER(action, TEXT),
    MEMBER(key, TEXT),
    MEMBER(at, NUMBER),
    MEMBER(title, TEXT),
    MEMBER(url, TEXT),
    MEMBER(culprit, TEXT),
    MEMBER(short_id, TEXT),
    MEMBER(issue_id, NUMBER),
    MEMBER(incident, NUMBER),
    MEMBER(event_id, TEXT),
    MEMBER(level, INTEGER),
    MEMBER(priority, INTEGER),
    MEMBER(state, TEXT),
    MEMBER(unhandled, FLAG),
    MEMBER(first_seen, NUMBER),
    MEMBER(last_seen, NUMBER),
    MEMBER(times_seen, NUMBER),
    MEMBER(users_seen, NUMBER),
    MEMBER(assignee, TEXT),
    MEMBER(organization_id, NUMBER),
    MEMBER(organization, TEXT),
    MEMBER(organization_name, TEXT),
    MEMBER(project_id, NUMBER),
    MEMBER(project, TEXT),
    MEMBER(project_name, TEXT),
    MEMBER(platform, TEXT),
    MEMBER(environment, TEXT),
    MEMBER(release, TEXT),
    MEMBER(measured, TEXT),
    MEMBER(threshold, TEXT),
    MEMBER(value, REAL),
    MEMBER(limit, REAL),
    MEMBER(window, NUMBER),
    MEMBER(query_url, TEXT),
    MEMBER(frame, TEXT),
    MEMBER(source, TEXT),
    MEMBER(actor, TEXT),
    MEMBER(text, TEXT),
    MEMBER(notes, TEXT),
#undef MEMBER
};

#define MEMBERS (sizeof(members) / sizeof(members[0]))


static struct json *
value_of(struct arena *a, const struct member *m, const void *field)
{
    switch (m->kind) {
    case TEXT: {
        struct str s = *(const struct str *) field;

        return str_null(s) ? NULL : json_new_str(a, s);
    }
    case NUMBER: {
        int64_t v = *(const int64_t *) field;

        return v == 0 ? NULL : json_new_i64(a, v);
    }
    case INTEGER: {
        int v = *(const int *) field;

        return v == 0 ? NULL : json_new_i64(a, v);
    }
    case REAL: {
        double v = *(const double *) field;

        return json_new_double(a, v);
    }
    default:
        return *(const bool *) field ? json_new_bool(a, true) : NULL;
    }
}


static void
set_text(struct arena *a, struct json *object, struct str key, struct str v)
{
    if (!str_null(v)) {
        json_set(object, key, json_new_str(a, v));
    }
}


static void
write_links(struct arena *a, struct json *root, struct str key,
            const struct notice_link *links, size_t n)
{
    struct json *list = json_new(a, JSON_T_ARRAY);

    for (size_t i = 0; i < n; i++) {
        struct json *v = json_new(a, JSON_T_OBJECT);

        json_set(v, STR("id"), json_new_i64(a, links[i].id));
        set_text(a, v, STR("words"), links[i].words);
        set_text(a, v, STR("url"), links[i].url);
        json_append(list, v);
    }
    if (n > 0) {
        json_set(root, key, list);
    }
}


struct str
notice_write(struct arena *a, const struct notice *n)
{
    struct json *root = json_new(a, JSON_T_OBJECT);
    struct json *tags = json_new(a, JSON_T_ARRAY);
    struct buf out = buf_in(a);

    for (size_t i = 0; i < MEMBERS; i++) {
        struct json *v =
            value_of(a, &members[i], (const char *) n + members[i].at);

        if (v != NULL) {
            json_set(root, str_of(members[i].name), v);
        }
    }
    write_links(a, root, STR("rules"), n->rules, n->nrules);
    write_links(a, root, STR("actions"), n->actions, n->nactions);
    for (size_t i = 0; i < n->ntags; i++) {
        struct json *pair = json_new(a, JSON_T_ARRAY);

        json_append(pair, json_new_str(a, n->tags[i].key));
        json_append(pair, json_new_str(a, n->tags[i].value));
        json_append(tags, pair);
    }
    if (n->ntags > 0) {
        json_set(root, STR("tags"), tags);
    }
    if (n->settings != NULL) {
        json_set(root, STR("settings"), json_clone(a, n->settings));
    }
    if (n->more != NULL) {
        json_set(root, STR("more"), json_clone(a, n->more));
    }
    json_write(&out, root);
    return buf_view(&out);
}


static void
read_member(const struct member *m, const struct json *v, void *field)
{
    int64_t n = 0;

    switch (m->kind) {
    case TEXT:
        *(struct str *) field = json_text(v);
        return;

    case NUMBER:
        json_i64(v, (int64_t *) field);
        return;

    case INTEGER:
        json_i64(v, &n);
        *(int *) field = (int) n;
        return;

    case REAL:
        json_double(v, (double *) field);
        return;

    case FLAG:
        *(bool *) field = json_yes(v);
        return;
    }
}


static size_t
read_links(const struct json *list, struct notice_link *out, size_t max)
{
    size_t n = 0;

    json_each(v, list)
    {
        if (n < max) {
            json_i64(json_get(v, "id"), &out[n].id);
            out[n].words = json_text_of(v, "words");
            out[n++].url = json_text_of(v, "url");
        }
    }
    return n;
}


enum status
notice_read(struct arena *a, struct str text, struct notice *out)
{
    struct json *root;
    enum status st = json_parse(a, text, NULL, &root, NULL);

    if (st != ST_OK || !json_is(root, JSON_T_OBJECT)) {
        return ST_INVALID;
    }
    *out = (struct notice){ .settings = json_get(root, "settings"),
                            .more = json_get(root, "more") };
    for (size_t i = 0; i < MEMBERS; i++) {
        const struct json *v = json_get(root, members[i].name);

        if (v != NULL) {
            read_member(&members[i], v, (char *) out + members[i].at);
        }
    }
    out->nrules =
        read_links(json_get(root, "rules"), out->rules, NOTICE_RULES_MAX);
    out->nactions =
        read_links(json_get(root, "actions"), out->actions, NOTICE_ACTIONS_MAX);
    json_each(pair, json_get(root, "tags"))
    {
        if (out->ntags < NOTICE_TAGS_MAX) {
            out->tags[out->ntags].key = json_text(json_at(pair, 0));
            out->tags[out->ntags++].value = json_text(json_at(pair, 1));
        }
    }
    return ST_OK;
}


/* The texts of a list, of objects, at any depth that we write ourselves. */
static void
say_all(struct arena *a, struct json *v)
{
    json_each(child, v)
    {
        if (json_is(child, JSON_T_STRING)) {
            child->text = lang_say(a, child->text);
        } else {
            say_all(a, child);
        }
    }
}


void
notice_say(struct arena *a, struct notice *n)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        struct str *text = (struct str *) ((char *) n + members[i].at);

        if (members[i].kind == TEXT && !str_null(*text)) {
            *text = lang_say(a, *text);
        }
    }
    if (str_is(n->cause, "account")) {
        n->title = tr_str(n->title);
        n->text = tr_str(n->text);
    }
    for (size_t i = 0; i < n->nactions; i++) {
        n->actions[i].words = tr_str(lang_say(a, n->actions[i].words));
    }
    say_all(a, n->more);
}


const char *
notice_level(int level)
{
    return level >= 50   ? "fatal"
           : level >= 40 ? "error"
           : level >= 30 ? "warning"
           : level >= 20 ? "info"
           : level > 0   ? "debug"
                         : "";
}
