/*
 * How an event is stored, and what is read out of it: tests/data/normalize.json
 * has one event a row with a part of what it becomes.
 */

#include "digest_case.h"

#include "digest/normalize.h"
#include "util/crypt.h"

static struct arena *a;


static int
setup(void **state)
{
    (void) state;
    crypt_init();
    a = arena_new();
    return 0;
}


static int
teardown(void **state)
{
    (void) state;
    arena_free(a);
    return 0;
}


static struct json *
text_or_null(struct str s)
{
    return str_null(s) ? json_new(a, JSON_T_NULL) : json_new_str(a, s);
}


/* The columns as JSON, by their names. */
static struct json *
facts_of(const struct event *ev)
{
    struct json *v = json_new(a, JSON_T_OBJECT);

    json_set(v, STR("title"), text_or_null(ev->title));
    json_set(v, STR("type"), text_or_null(ev->type));
    json_set(v, STR("value"), text_or_null(ev->value));
    json_set(v, STR("culprit"), text_or_null(ev->culprit));
    json_set(v, STR("release"), text_or_null(ev->release));
    json_set(v, STR("environment"), text_or_null(ev->environment));
    json_set(v, STR("transaction"), text_or_null(ev->transaction));
    json_set(v, STR("server_name"), text_or_null(ev->server_name));
    json_set(v, STR("user_tag"), text_or_null(ev->user_tag));
    json_set(v, STR("search"), text_or_null(ev->search));
    json_set(v, STR("unhandled"), json_new_bool(a, ev->unhandled));
    return v;
}


static struct event
digested(struct json *doc, int64_t sent_at)
{
    struct event ev = case_event(doc);

    ev.sent_at = sent_at;
    normalize_event(a, &ev);
    event_facts(a, &ev);
    fingerprint_event(a, &ev);
    return ev;
}


static void
test_rows(void **state)
{
    struct json *rows =
        case_parse(a, case_read(a, "tests/data/normalize.json"));
    unsigned wrong = 0;

    (void) state;
    json_each(row, rows)
    {
        struct json *facts = json_get(row, "facts");
        int64_t sent = 0;
        struct event ev;

        if (json_i64(json_get(row, "sent_at"), &sent)) {
            sent *= US_PER_SECOND;
        }
        ev = digested(json_get(row, "event"), sent);
        if (!case_fits(ev.doc, json_get(row, "expect"))
            || (facts != NULL && !case_fits(facts_of(&ev), facts))) {
            struct buf got = buf_in(a);

            wrong++;
            json_write(&got, ev.doc);
            buf_text(&got, "\n");
            json_write(&got, facts_of(&ev));
            print_error("%.*s:\n%s\n", STR_FMT(json_text_of(row, "what")),
                        got.p);
        }
    }
    assert_int_equal(wrong, 0);
}


static bool
says(const struct json *v, const char *name)
{
    json_each(e, v)
    {
        if ((v->type == JSON_T_OBJECT && str_is(e->key, name))
            || says(e, name)) {
            return true;
        }
    }
    return false;
}


/* How many names of a table, and of its parts, no row's event has. */
static unsigned
unsaid(const struct json *events, const struct schema *s)
{
    unsigned n = 0;

    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];

        if (!says(events, f->name.p)) {
            print_error("no row has %s\n", f->name.p);
            n++;
        }
        n += f->of != NULL ? unsaid(events, f->of) : 0;
    }
    return n;
}


static void
every_attribute_has_a_row(void **state)
{
    struct json *events = json_new(a, JSON_T_ARRAY);

    (void) state;
    json_each(row, case_parse(a, case_read(a, "tests/data/normalize.json")))
    {
        json_append(events, json_clone(a, json_get(row, "event")));
    }
    assert_int_equal(unsaid(events, &event_schema), 0);
}


/* element with i in the place of its "%u" */
static void
add_numbered(struct buf *out, const char *element, unsigned i)
{
    const char *at = strstr(element, "%u");

    if (at == NULL) {
        buf_text(out, element);
        return;
    }
    buf_add(out, element, (size_t) (at - element));
    buf_addf(out, "%u", i);
    buf_text(out, at + 2);
}


/* n copies of an element, between two texts. */
static struct json *
repeated(const char *before, const char *element, unsigned n, const char *after)
{
    struct buf text = buf_in(a);

    buf_text(&text, before);
    for (unsigned i = 0; i < n; i++) {
        buf_text(&text, i > 0 ? "," : "");
        add_numbered(&text, element, i);
    }
    buf_text(&text, after);
    return case_parse(a, buf_view(&text));
}


static void
the_last_250_of_300_frames_are_kept(void **state)
{
    struct event ev;
    struct json *frames;
    unsigned rich = 0;

    (void) state;
    ev = digested(
        repeated("{\"exception\":[{\"type\":\"E\",\"stacktrace\":{\"frames\":[",
                 "{\"function\":\"f%u\",\"vars\":{\"a\":1},"
                 "\"context_line\":\"x\",\"pre_context\":[\"y\"]}",
                 300,
                 "]}}],\"_meta\":{\"exception\":{\"values\":{\"0\":{"
                 "\"stacktrace\":{\"frames\":{\"7\":{\"\":{\"len\":9}}}}}}}}}"),
        0);
    assert_true(
        case_fits(json_get(ev.doc, "_meta"),
                  case_parse(a, STR("{\"exception\":{\"values\":{\"0\":{"
                                    "\"stacktrace\":{\"frames\":{\"7\":null,"
                                    "\"\":{\"len\":300}}}}}}}"))));
    frames = json_path(json_path(ev.doc, "exception", "values", NULL)->first,
                       "stacktrace", "frames", NULL);
    assert_int_equal(frames->n, 250);
    assert_string_equal(str_dup(a, json_text_of(frames->first, "function")),
                        "f50");
    assert_string_equal(str_dup(a, json_text_of(frames->last, "function")),
                        "f299");
    json_each(f, frames)
    {
        rich += json_get(f, "vars") != NULL;
        assert_non_null(json_get(f, "context_line"));
        assert_true((json_get(f, "vars") == NULL)
                    == (json_get(f, "pre_context") == NULL));
    }
    assert_int_equal(rich, 50);
    assert_non_null(json_get(frames->last, "vars"));
}


static void
long_texts_are_cut_with_dots(void **state)
{
    struct buf text = buf_in(a);
    struct event ev;
    struct json *value;
    struct str s;

    (void) state;
    buf_text(&text, "{\"exception\":[{\"type\":\"E\",\"value\":\"");
    for (int i = 0; i < 9000; i++) {
        buf_text(&text, "\xC3\xA4");
    }
    buf_text(&text, "\"}]}");
    ev = digested(case_parse(a, buf_view(&text)), 0);
    value = json_get(json_path(ev.doc, "exception", "values", NULL)->first,
                     "value");
    s = value->text;
    assert_int_equal(s.n, 2 * 8189 + 3);
    assert_true(str_ends(s, STR("\xC3\xA4...")));
    assert_true(case_fits(
        json_get(ev.doc, "_meta"),
        case_parse(a, STR("{\"exception\":{\"values\":{\"0\":{\"value\":{"
                          "\"\":{\"rem\":[[\"!limit\",\"s\",8189,8192]],"
                          "\"len\":9000}}}}}}"))));
}


/*
 * Texts of one attribute each, with a letter more than what is let be: cut to
 * the limit, with dots and a remark; or, where half a name would be another
 * name, refused with the reason.
 */
static void
texts_end_at_their_limit(void **state)
{
    static const struct {
        const char *before;
        const char *path; /* of the value, names and positions */
        size_t limit;
        size_t allowance;
        bool refused;
    } rows[] = {
        { "{\"transaction\":\"", "transaction", 200, 0, false },
        { "{\"server_name\":\"", "server_name", 256, 0, false },
        { "{\"culprit\":\"", "culprit", 200, 10, false },
        { "{\"checksum\":\"", "checksum", 128, 0, false },
        { "{\"logger\":\"", "logger", 64, 0, false },
        { "{\"site\":\"", "site", 128, 0, false },
        { "{\"release\":\"", "release", 200, 0, false },
        { "{\"dist\":\"", "dist", 64, 0, true },
        { "{\"environment\":\"", "environment", 64, 0, false },
        { "{\"message\":\"", "logentry.formatted", 8192, 200, false },
        { "{\"logentry\":{\"formatted\":\"f\",\"message\":\"",
          "logentry.message", 8192, 200, false },
        { "{\"user\":{\"id\":\"", "user.id", 128, 0, false },
        { "{\"user\":{\"username\":\"", "user.username", 128, 0, false },
        { "{\"user\":{\"name\":\"", "user.name", 128, 0, false },
        { "{\"user\":{\"email\":\"", "user.email", 75, 10, false },
        { "{\"request\":{\"url\":\"", "request.url", 256, 40, false },
        { "{\"request\":{\"fragment\":\"", "request.fragment", 1024, 100,
          false },
        { "{\"exception\":[{\"type\":\"", "exception.values.0.type", 256, 20,
          false },
        { "{\"exception\":[{\"type\":\"E\",\"module\":\"",
          "exception.values.0.module", 256, 20, false },
        { "{\"exception\":[{\"value\":\"", "exception.values.0.value", 8192,
          200, false },
        { "{\"exception\":[{\"type\":\"E\",\"mechanism\":{\"type\":\"",
          "exception.values.0.mechanism.type", 128, 0, false },
        { "{\"threads\":[{\"name\":\"", "threads.values.0.name", 1024, 100,
          false },
        { "{\"stacktrace\":{\"frames\":[{\"function\":\"",
          "stacktrace.frames.0.function", 256, 20, false },
        { "{\"stacktrace\":{\"frames\":[{\"raw_function\":\"",
          "stacktrace.frames.0.raw_function", 256, 20, false },
        { "{\"stacktrace\":{\"frames\":[{\"symbol\":\"",
          "stacktrace.frames.0.symbol", 256, 20, false },
        { "{\"stacktrace\":{\"frames\":[{\"filename\":\"",
          "stacktrace.frames.0.filename", 256, 40, false },
        { "{\"stacktrace\":{\"frames\":[{\"abs_path\":\"",
          "stacktrace.frames.0.abs_path", 256, 40, false },
        { "{\"breadcrumbs\":[{\"message\":\"", "breadcrumbs.values.0.message",
          8192, 200, false },
        { "{\"breadcrumbs\":[{\"category\":\"", "breadcrumbs.values.0.category",
          128, 0, false },
        { "{\"breadcrumbs\":[{\"type\":\"", "breadcrumbs.values.0.type", 128, 0,
          false },
        { "{\"tags\":[[\"k\",\"", "tags.0.1", 200, 0, true },
    };
    unsigned wrong = 0;

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int over = 0; over <= 1; over++) {
            struct buf text = buf_in(a);
            struct str path = str_of(rows[i].path), name, closing;
            const struct json *v, *note;
            struct event ev;
            size_t n = rows[i].limit + (over ? rows[i].allowance + 1 : 0);
            bool fine;

            buf_text(&text, rows[i].before);
            for (size_t k = 0; k < n; k++) {
                buf_char(&text, 'x');
            }
            buf_char(&text, '"');
            closing = str_of(rows[i].before);
            for (size_t k = closing.n; k > 0; k--) { /* what is still open */
                buf_text(&text, closing.p[k - 1] == '{'   ? "}"
                                : closing.p[k - 1] == '[' ? "]"
                                                          : "");
            }
            ev = digested(case_parse(a, buf_view(&text)), 0);
            v = ev.doc;
            note = json_get(ev.doc, "_meta");
            while (str_split(&path, '.', &name)) {
                int64_t at;

                note = json_get_str(note, name);
                if (v != NULL && v->type == JSON_T_ARRAY
                    && str_i64(name, &at)) {
                    for (v = v->first; v != NULL && at > 0; at--) {
                        v = v->next;
                    }
                    continue;
                }
                v = json_get_str(v, name);
            }
            note = json_get(note, "");
            if (!over) {
                fine =
                    json_is(v, JSON_T_STRING) && v->text.n == n && note == NULL;

            } else if (rows[i].refused) {
                fine = (v == NULL || v->type == JSON_T_NULL)
                       && json_get(note, "err") != NULL;

            } else {
                fine = json_is(v, JSON_T_STRING) && v->text.n == rows[i].limit
                       && str_ends(v->text, STR("..."))
                       && json_get(note, "rem") != NULL
                       && json_get(note, "len") != NULL;
            }
            if (!fine) {
                struct buf got = buf_in(a);

                wrong++;
                json_write(&got, ev.doc);
                print_error("%s, %zu: %.*s\n", rows[i].path, n,
                            STR_FMT(buf_view(&got)));
            }
        }
    }
    assert_int_equal(wrong, 0);
}


static void
bags_are_bounded(void **state)
{
    static const struct {
        const char *before;
        const char *element;
        const char *after;
        size_t most; /* bytes of the whole event */
    } rows[] = {
        { "{\"extra\":{", "\"k%u\":\"0123456789012345678901234567890\"", "}}",
          300000 },
        { "{\"extra\":{\"x\":[", "%u", "]}}", 30000 },
        { "{\"request\":{\"headers\":{", "\"h%u\":\"v\"", "}}}", 20000 },
        { "{\"request\":{\"query_string\":\"a=b", "&k%u=v", "\"}}", 6000 },
        { "{\"contexts\":{", "\"c%u\":{\"a\":1}", "}}", 10000 },
        { "{\"tags\":{", "\"t%u\":1", "}}", 9000 },
        { "{\"breadcrumbs\":[", "{\"message\":\"m%u\"}", "]}", 9000 },
        { "{\"fingerprint\":[", "\"f%u\"", "]}", 9000 },
        { "{\"user\":{", "\"u%u\":{\"a\":[1,2]}", "}}", 9000 },
        { "{", "\"unknown%u\":{\"a\":[1,2]}", "}", 40000 },
        { "{\"modules\":{", "\"m%u\":\"1.0\"", "}}", 20000 },
        { "{\"_meta\":{", "\"m%u\":{\"\":{\"len\":3}}", "}}", 80000 },
        { "{\"logentry\":{\"message\":\"", "{0}{0}{0}{0}{0}%u",
          "\",\"params\":[\"0123456789012345678901234567890123456789\"]}}",
          30000 },
        { "{\"exception\":[", "{\"type\":\"E%u\",\"value\":\"v\"}", "]}",
          40000 },
        { "{\"exception\":[{\"type\":\"E\",\"mechanism\":{", "\"m%u\":1",
          "}}]}", 9000 },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf out = buf_in(a);
        struct event ev = digested(
            repeated(rows[i].before, rows[i].element, 20000, rows[i].after), 0);

        json_write(&out, ev.doc);
        if (out.n > rows[i].most) {
            fail_msg("%s: %zu bytes", rows[i].before, out.n);
        }
        assert_true(ev.search.n <= 2048);
        assert_true(ev.title.n <= 250);
        assert_true(ev.ntags <= 250);
        assert_true(ev.ncomponents <= 200);
    }
}


/* All but the order of tags, where the promoted ones come last. */
static void
an_event_digested_twice_is_the_same(void **state)
{
    struct str text = case_read(a, "tests/data/events/java_http.json");
    struct event x = digested(case_parse(a, text), 0), y;
    struct buf stored = buf_in(a), once = buf_in(a), again = buf_in(a);

    (void) state;
    json_write(&stored, x.doc);
    y = digested(case_parse(a, buf_view(&stored)), 0);
    assert_int_equal(x.ntags, y.ntags);
    assert_memory_equal(x.hashes, y.hashes, sizeof(x.hashes));

    json_remove(x.doc, "tags");
    json_remove(y.doc, "tags");
    json_write(&once, x.doc);
    json_write(&again, y.doc);
    assert_string_equal(once.p, again.p);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(every_attribute_has_a_row),
        cmocka_unit_test(the_last_250_of_300_frames_are_kept),
        cmocka_unit_test(long_texts_are_cut_with_dots),
        cmocka_unit_test(texts_end_at_their_limit),
        cmocka_unit_test(bags_are_bounded),
        cmocka_unit_test(an_event_digested_twice_is_the_same),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
