/*
 * The short attributes with rules of their own: platform, release, dist,
 * environment, logger, addresses, links, the type (protocol.md §7.2).
 */

#include "digest/normalize.h"

#include "model/version.h"

#include <arpa/inet.h>

/* Sentry's platforms; every other one is "other". */
static const char *const platforms[] = {
    "as3",    "c",       "cfml", "cocoa",      "csharp", "elixir", "go",
    "groovy", "haskell", "java", "javascript", "native", "node",   "objc",
    "other",  "perl",    "php",  "python",     "ruby",
};

/* Types that a payload may give itself; the others are inferred. */
static const struct {
    const char *given;
    const char *type;
} types[] = {
    { "transaction", "transaction" }, { "feedback", "feedback" },
    { "userreportv2", "feedback" },   { "replay_event", "replay_event" },
    { "profile", "profile" },
};

/* … from the interface that is there. */
static const char *const interfaces[] = { "csp", "hpkp", "expectct",
                                          "expectstaple" };


void
rule_platform(struct norm *n, const struct field *f, struct json *v,
              const struct at *at)
{
    (void) f;
    if (v->type != JSON_T_STRING) {
        note_invalid(n, at, v, "expected a string");
        return;
    }
    for (size_t i = 0; i < sizeof(platforms) / sizeof(platforms[0]); i++) {
        if (str_is(v->text, platforms[i])) {
            return;
        }
    }
    v->text = STR("other");
}


/* What no name of a release or environment may hold. */
static bool
has_bad_letter(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (memchr("/\r\n\t\f", s.p[i], 5) != NULL) {
            return true;
        }
    }
    return false;
}


static bool
is_dots(struct str s)
{
    return str_is(s, ".") || str_is(s, "..");
}


/* The trimmed lenient text, or null; true when there is some. */
static bool
name(struct norm *n, struct json *v, const struct at *at)
{
    struct str text;

    if (!lenient_text(n, v, &text)) {
        note_invalid(n, at, v, "expected a string");
        return false;
    }
    text = str_trim(text);
    if (text.n == 0) {
        json_nullify(v);
        return false;
    }
    node_string(v, text);
    return true;
}


bool
environment_is_valid(struct str s)
{
    return !is_dots(s) && !str_ieq(s, STR("none")) && !has_bad_letter(s);
}


void
rule_release(struct norm *n, const struct field *f, struct json *v,
             const struct at *at)
{
    if (!name(n, v, at)) {
        return;
    }
    if (!version_is_valid(str_sub(v->text, 0, VERSION_MAX))) {
        note_invalid(n, at, v, "invalid release name");
        return;
    }
    text_limit(n, v, at, f->max, 0);
}


void
rule_environment(struct norm *n, const struct field *f, struct json *v,
                 const struct at *at)
{
    if (!name(n, v, at)) {
        return;
    }
    if (!environment_is_valid(v->text)) {
        note_invalid(n, at, v, "invalid environment name");
        return;
    }
    text_limit(n, v, at, f->max, 0);
}


void
rule_dist(struct norm *n, const struct field *f, struct json *v,
          const struct at *at)
{
    if (!name(n, v, at)) {
        return;
    }
    if (v->text.n > f->max) {
        note_error(n, at, "value_too_long", NULL);
        json_nullify(v);
        return;
    }
    for (size_t i = 0; i < v->text.n; i++) {
        char c = v->text.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-')) {
            note_invalid(n, at, v, "invalid character in dist");
            return;
        }
    }
}


/* A long Java name keeps its tail, after a '.'. */
void
rule_logger(struct norm *n, const struct field *f, struct json *v,
            const struct at *at)
{
    struct str s;
    ptrdiff_t dot;

    if (v->type != JSON_T_STRING) {
        note_invalid(n, at, v, "expected a string");
        return;
    }
    s = str_trim(v->text);
    if (s.n == 0) {
        json_nullify(v);
        return;
    }
    if (str_chr(s, '\n') != -1 || str_chr(s, '\r') != -1) {
        note_invalid(n, at, v, "line break in logger");
        return;
    }
    v->text = s;
    if (s.n > f->max && str_is(n->platform, "java")) {
        struct str tail = str_sub(s, s.n - (f->max - 1), s.n);

        dot = str_chr(tail, '.');
        if (dot != -1) {
            tail = str_sub(tail, (size_t) dot + 1, tail.n);
            v->text = str_printf(n->a, "*%.*s", STR_FMT(tail));
            note_remark(n, at, "!limit", "s", 0, 1, s.n);
            return;
        }
    }
    text_limit(n, v, at, f->max, 0);
}


void
rule_help_link(struct norm *n, const struct field *f, struct json *v,
               const struct at *at)
{
    struct str s = json_text(v);

    if (!str_starts(s, STR("http://")) && !str_starts(s, STR("https://"))) {
        note_invalid(n, at, v, "expected a http link");
        return;
    }
    text_limit(n, v, at, f->max, f->allow);
}


/* What a transaction's name was made of; every other word says nothing. */
void
rule_source(struct norm *n, const struct field *f, struct json *v,
            const struct at *at)
{
    static const char *const sources[] = { "custom",    "url",    "route",
                                           "view",      "task",   "component",
                                           "sanitized", "unknown" };

    (void) f;
    if (v->type != JSON_T_STRING) {
        note_invalid(n, at, v, "expected a string");
        return;
    }
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        if (str_is(v->text, sources[i])) {
            return;
        }
    }
    v->text = STR("unknown");
}


bool
is_ip(struct str s)
{
    unsigned char address[16];
    char text[INET6_ADDRSTRLEN];

    if (s.n == 0 || s.n >= sizeof(text)) {
        return false;
    }
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    return inet_pton(AF_INET, text, address) == 1
           || inet_pton(AF_INET6, text, address) == 1;
}


/* {{auto}} is resolved in normalize_user */
void
rule_ip(struct norm *n, const struct field *f, struct json *v,
        const struct at *at)
{
    struct str s = str_trim(json_text(v));

    (void) f;
    if (v->type == JSON_T_STRING && s.n == 0) {
        json_nullify(v);
        return;
    }
    if (!str_is(s, "{{auto}}") && !is_ip(s)) {
        note_invalid(n, at, v, "expected an ip address");
        return;
    }
    v->text = s;
}


void
normalize_type(struct norm *n)
{
    struct str given = json_text_of(n->doc, "type");
    const char *type = NULL;

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (str_is(given, types[i].given)) {
            type = types[i].type;
        }
    }
    if (type == NULL && json_get(n->doc, "exception") != NULL) {
        type = "error";
    }
    for (size_t i = 0; i < sizeof(interfaces) / sizeof(interfaces[0]); i++) {
        if (type == NULL && json_get(n->doc, interfaces[i]) != NULL) {
            type = interfaces[i];
        }
    }
    if (type == NULL) {
        bool nel = json_path(n->doc, "contexts", "nel", NULL) != NULL;

        type = nel ? "nel" : "default";
    }
    json_set(n->doc, STR("type"), json_new_str(n->a, str_of(type)));
}
