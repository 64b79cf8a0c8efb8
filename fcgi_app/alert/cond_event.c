/*
 * Filters on the event that came.  What is in its columns and tags is answered
 * from there; the body is unpacked only for an attribute that is nowhere else.
 */

#include "alert/condition.h"

#define VALUES_MAX 200

struct values {
    struct str v[VALUES_MAX];
    size_t n;
};


static void
add(struct values *out, struct str s)
{
    if (!str_null(s) && out->n < VALUES_MAX) {
        out->v[out->n++] = s;
    }
}


/* A text or number as it is written; true and false as words. */
static void
add_json(struct values *out, const struct json *v)
{
    if (json_is(v, JSON_T_STRING) || json_is(v, JSON_T_NUMBER)) {
        add(out, v->text);

    } else if (json_is(v, JSON_T_BOOL)) {
        add(out, json_yes(v) ? STR("true") : STR("false"));
    }
}


enum verdict
filter_tag(const struct alert_node *n, struct facts *f)
{
    struct values have;

    if (f->ev == NULL) {
        return NO;
    }
    have.n = 0; /* all of it would be zeros to write, for each rule and event */
    for (size_t i = 0; i < f->ev->ntags; i++) {
        if (str_ieq(f->ev->tags[i].key, n->key)) {
            add(&have, f->ev->tags[i].value);
        }
    }
    return match_values((enum match_kind) n->match, n->value, have.v, have.n)
               ? YES
               : NO;
}


enum verdict
filter_level(const struct alert_node *n, struct facts *f)
{
    const struct json *level = json_get(n->json, "level");
    int64_t want;

    if (f->ev == NULL
        || !str_i64(level != NULL ? level->text : STR("40"), &want)) {
        return NO;
    }
    switch (n->match) {
    case MATCH_GTE:
        return f->ev->level >= want ? YES : NO;

    case MATCH_LTE:
        return f->ev->level <= want ? YES : NO;

    default:
        return f->ev->level == want ? YES : NO;
    }
}


/* What came: an exception, a message, a report of a browser. */
enum verdict
filter_type(const struct alert_node *n, struct facts *f)
{
    struct str type = json_text_of(facts_doc(f), "type");

    return type.n > 0 && str_eq(type, n->value) ? YES : NO;
}


/*
 * By Sentry's numbers: what somebody wrote is feedback, and whatever becomes an
 * issue here is an error.
 */
enum verdict
filter_category(const struct alert_node *n, struct facts *f)
{
    return n->number == ((f->causes & CAUSE_FEEDBACK) != 0 ? 6 : 1) ? YES : NO;
}


/* attributes */

static void
each_exception(struct facts *f, struct values *out, const char *member)
{
    json_each(v, json_path(facts_doc(f), "exception", "values", NULL))
    {
        add_json(out, json_get(v, member));
    }
}


static void
add_frames(struct values *out, const struct json *trace, const char *member)
{
    json_each(frame, json_get(trace, "frames"))
    {
        if (strcmp(member, "code") == 0) {
            json_each(line, json_get(frame, "pre_context"))
            {
                add_json(out, line);
            }
            add_json(out, json_get(frame, "context_line"));
            json_each(line, json_get(frame, "post_context"))
            {
                add_json(out, line);
            }

        } else {
            add_json(out, json_get(frame, member));
        }
    }
}


static void
each_frame(struct facts *f, struct values *out, const char *member)
{
    const struct json *doc = facts_doc(f);

    add_frames(out, json_get(doc, "stacktrace"), member);
    json_each(v, json_path(doc, "exception", "values", NULL))
    {
        add_frames(out, json_get(v, "stacktrace"), member);
    }
}


/* handled: false when one of the exceptions says so of itself */
static void
handled(struct facts *f, struct values *out, bool opposite)
{
    json_each(v, json_path(facts_doc(f), "exception", "values", NULL))
    {
        const struct json *h = json_path(v, "mechanism", "handled", NULL);

        if (json_is(h, JSON_T_BOOL)) {
            add(out, json_yes(h) != opposite ? STR("true") : STR("false"));
        }
    }
}


static void
main_thread(struct facts *f, struct values *out)
{
    json_each(v, json_path(facts_doc(f), "threads", "values", NULL))
    {
        if (json_yes(json_get(v, "crashed"))
            || json_yes(json_get(v, "current"))) {
            add_json(out, json_get(v, "main"));
        }
    }
}


/* The deepest member of a path below the document. */
static void
at_path(struct facts *f, struct values *out, const char *of, struct str path)
{
    const struct json *v = json_get(facts_doc(f), of);
    struct str name;

    while (v != NULL && str_split(&path, '.', &name)) {
        v = json_get_str(v, name);
    }
    add_json(out, v);
}


static void
collect(const char *name, struct facts *f, struct values *out)
{
    static const struct {
        const char *prefix;
        const char *of;
    } plain[] = { { "user.", "user" },      { "sdk.", "sdk" },
                  { "extra.", "extra" },    { "http.", "request" },
                  { "app.", "contexts" },   { "os.", "contexts" },
                  { "unreal.", "contexts" } };
    struct str attribute = str_of(name);

    if (strcmp(name, "message") == 0) {
        add(out, f->ev->title);
        at_path(f, out, "logentry", STR("formatted"));

    } else if (strcmp(name, "platform") == 0) {
        add(out, f->ev->platform);

    } else if (strcmp(name, "environment") == 0) {
        add(out, f->ev->environment);

    } else if (strcmp(name, "type") == 0) {
        add_json(out, json_get(facts_doc(f), "type"));

    } else if (strcmp(name, "error.handled") == 0) {
        handled(f, out, false);

    } else if (strcmp(name, "error.unhandled") == 0) {
        handled(f, out, true);

    } else if (strcmp(name, "error.main_thread") == 0) {
        main_thread(f, out);

    } else if (strcmp(name, "exception.type") == 0) {
        each_exception(f, out, "type");

    } else if (strcmp(name, "exception.value") == 0) {
        each_exception(f, out, "value");

    } else if (str_starts(attribute, STR("stacktrace."))) {
        each_frame(f, out, name + strlen("stacktrace."));

    } else if (strcmp(name, "http.status_code") == 0) {
        at_path(f, out, "contexts", STR("response.status_code"));

    } else if (strcmp(name, "geo.country_code") == 0) {
        at_path(f, out, "user", STR("geo.country_code"));

    } else {
        for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
            if (str_starts(attribute, str_of(plain[i].prefix))) {
                bool context = strcmp(plain[i].of, "contexts") == 0;
                size_t skip = context ? 0 : strlen(plain[i].prefix);

                at_path(f, out, plain[i].of,
                        str_sub(attribute, skip, attribute.n));
            }
        }
    }
}


enum verdict
filter_attribute(const struct alert_node *n, struct facts *f)
{
    struct values have = { .n = 0 };
    const struct json *name = json_get(n->json, "attribute");

    if (f->ev == NULL || name == NULL) {
        return NO;
    }
    collect(str_dup(f->a, json_text(name)), f, &have);
    return match_values((enum match_kind) n->match, n->value, have.v, have.n)
               ? YES
               : NO;
}
