/*
 * Every attribute that has a row in a table of normalising, below all that can
 * hold it, with every value that it should not have: the event is digested all
 * the same, what it becomes can be written, read and stored, and nothing goes
 * away in silence: it is still there, or _meta says why not (protocol.md §7.1).
 */

#include "digest_case.h"

#include "digest/filter.h"
#include "digest/normalize.h"
#include "digest/scrub.h"
#include "util/crypt.h"
#include "util/utf8.h"

#define DEPTH_MAX 7

/* What stands in most of the values, to be found again. */
#define TOKEN "tok3n"

static struct arena *a;     /* one event */
static struct arena *whole; /* of the test */
static const struct filters *filters;
static unsigned tried, silent;


/* A form for each, which may be said to be none; %D is replaced by a depth. */
static const char *const values[] = {
    "{\"" TOKEN "\":[\"" TOKEN "\"]}",
    "[\"" TOKEN "\",{\"" TOKEN "\":1},[[\"" TOKEN "\"]]]",
    "[[\"" TOKEN "\",\"" TOKEN "\"],[\"" TOKEN "\"],[1,2,3]]",
    "\"" TOKEN "\\u0000\\ud800 \\udc00\\u0007\"",
    "\"" TOKEN "\\n/\\\\\\r\\t\"",
    "{\"values\":[\"" TOKEN "\",null,7]}",
    "{\"" TOKEN "\":1,\"" TOKEN "\":2}",
    "1234567890123456789012345678901234567890",
    "-1234567890123456",
    "-1.5e300",
    "1e400",
    "0",
    "-0.0",
    "true",
    "false",
    "\"\"",
    "\" \"",
    "{}",
    "[]",
    "[[]]",
    "[null]",
    "{\"\":{\"\":[]}}",
    "{\"values\":{}}",
    "{\"values\":[[],{},\"\"]}",
    "null",
};

#define NVALUES (sizeof(values) / sizeof(values[0]))


/*
 * Where something else may take the place of what a client says, without a note
 * (by the last name of the path): decisions, each with its reason.
 */
static const struct {
    const char *name;
    const char *because;
} replaced[] = {
    { "event_id", "the envelope's holds, or the one that the client was told" },
    { "received", "the edge's clock holds" },
    { "platform", "a name that nobody knows is \"other\" (§10, case 83)" },
    { "type", "it is what the event has (§7.2)" },
    { "source", "a name of transaction_info that nobody knows is \"unknown\"" },
    { "measurements", "an error measures nothing (§10, case 74)" },
};


static int
setup(void **state)
{
    struct filters *f;

    (void) state;
    crypt_init();
    whole = arena_new();
    a = arena_new();
    f = filters_new(whole);
    for (size_t i = 0; i < filter_count; i++) {
        filters_set(whole, f,
                    str_printf(whole, "filter.%s", filter_rows[i].key),
                    STR("on"));
        filters_set(whole, f,
                    str_printf(whole, "filter.%s", filter_rows[i].key),
                    STR("nothing of this kind"));
    }
    filters = f;
    return 0;
}


static int
teardown(void **state)
{
    (void) state;
    arena_free(a);
    arena_free(whole);
    return 0;
}


static bool
has_token(const struct json *v)
{
    struct buf out = buf_in(a);

    json_write(&out, v);
    return strcasestr(out.p, TOKEN) != NULL; /* headers are written alike */
}


/* The event without what is said of it. */
static bool
is_kept(struct json *doc)
{
    struct json *copy = json_clone(a, doc);

    json_set(copy, STR("_meta"), json_new(a, JSON_T_NULL));
    return has_token(copy);
}


static bool
is_replaced(struct str path)
{
    struct str name;

    while (str_split(&path, '/', &name)) {
    }
    for (size_t i = 0; i < sizeof(replaced) / sizeof(replaced[0]); i++) {
        if (str_is(name, replaced[i].name)) {
            return true;
        }
    }
    return false;
}


static void
is_storable(struct str s, const char *what, struct str text)
{
    if (!str_eq(utf8_mend(a, s), s)
        || (s.n > 0 && memchr(s.p, '\0', s.n) != NULL)) {
        fail_msg("%s cannot be stored: %.*s", what, STR_FMT(text));
    }
}


static void
try_event(struct str path, struct str text)
{
    struct event ev = case_event(case_parse(a, text));
    const struct json *meta;
    struct buf out = buf_in(a), again = buf_in(a);
    bool had = strstr(text.p, TOKEN) != NULL;

    tried++;
    normalize_event(a, &ev);
    meta = json_get(ev.doc, "_meta");
    if (had && !is_kept(ev.doc) && (meta == NULL || meta->first == NULL)
        && !is_replaced(path)) {
        silent++;
        json_write(&out, ev.doc);
        print_error("%.*s: is gone in silence:\n    %.*s\n    %s\n",
                    STR_FMT(path), STR_FMT(text), out.p);
        out = buf_in(a);
    }
    scrub_event(a, &ev, NULL);
    (void) filters_match(filters, &ev);
    event_facts(a, &ev);
    fingerprint_event(a, &ev);

    if (ev.nhashes < 1 || ev.occurred_at < 0 || ev.title.n == 0) {
        fail_msg("no hash, time or title: %.*s", STR_FMT(text));
    }
    is_storable(ev.title, "title", text);
    is_storable(ev.type, "type", text);
    is_storable(ev.value, "value", text);
    is_storable(ev.culprit, "culprit", text);
    is_storable(ev.release, "release", text);
    is_storable(ev.environment, "environment", text);
    is_storable(ev.transaction, "transaction", text);
    is_storable(ev.server_name, "server name", text);
    is_storable(ev.user_tag, "user", text);
    is_storable(ev.search, "search", text);
    for (size_t i = 0; i < ev.ntags; i++) {
        is_storable(ev.tags[i].key, "tag", text);
        is_storable(ev.tags[i].value, "tag", text);
    }

    /* what is written is what is read */
    json_write(&out, ev.doc);
    json_write(&again, case_parse(a, buf_view(&out)));
    if (!str_eq(buf_view(&out), buf_view(&again))) {
        fail_msg("written, read and written it is another: %.*s",
                 STR_FMT(text));
    }
    arena_reset(a);
}


/* before and after: the text around the attribute. */
static void
try_attribute(const char *path, const char *before, const char *after)
{
    for (size_t i = 0; i < NVALUES; i++) {
        try_event(str_of(path),
                  str_printf(a, "%s%s%s", before, values[i], after));
    }

    /* more than one can take */
    for (size_t i = 0; i < 3; i++) {
        struct buf text = buf_in(a);

        buf_text(&text, before);
        for (int k = 0; k < 100; k++) {
            buf_text(&text, i == 0 ? "[" : i == 1 ? "{\"a\":" : "");
        }
        buf_text(&text, i < 2 ? "\"" TOKEN "\"" : "\"" TOKEN);
        for (int k = 0; k < (i < 2 ? 100 : 30000); k++) {
            buf_text(&text, i == 0 ? "]" : i == 1 ? "}" : "y");
        }
        buf_text(&text, i < 2 ? "" : "\"");
        buf_text(&text, after);
        try_event(str_of(path), buf_view(&text));
    }
}


static void
try_schema(const struct schema *s, const char *path, const char *before,
           const char *after, unsigned depth)
{
    static const char *const open[] = { "{", "[{" };
    static const char *const shut[] = { "}", "}]" };

    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        const char *here = arena_printf(whole, "%s%s%.*s", path,
                                        *path ? "/" : "", STR_FMT(f->name));
        const char *around =
            arena_printf(whole, "%s\"%.*s\":", before, STR_FMT(f->name));

        try_attribute(here, around, after);
        if (f->of == NULL || depth == DEPTH_MAX) {
            continue;
        }
        for (int k = 0; k < 2; k++) { /* an object, or a list of them */
            bool typed = str_ends(f->name, STR("xception")); /* else: none */

            try_schema(f->of, here,
                       arena_printf(whole, "%s%s%s", around, open[k],
                                    typed ? "\"type\":\"E\"," : ""),
                       arena_printf(whole, "%s%s", shut[k], after), depth + 1);
        }
    }
}


static void
no_value_breaks_or_is_lost_in_silence(void **state)
{
    (void) state;
    try_schema(&event_schema, "", "{", "}", 0);
    print_message("%u events\n", tried);
    assert_int_equal(silent, 0);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_value_breaks_or_is_lost_in_silence),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
