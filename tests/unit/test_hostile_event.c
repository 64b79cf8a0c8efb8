/*
 * Events written by an attacker: real ones with random parts replaced, moved,
 * removed, nested, cut off.  Whatever comes, the functions return, what
 * they make is bounded and can be written, read again and stored as text.
 *
 * The sequence is the same each time; HOSTILE_SEED and HOSTILE_ROUNDS in the
 * environment make it another one, or longer.
 */

#include "cpu_time.h"
#include "digest_case.h"

#include <stdlib.h>

#include "digest/scrub.h"
#include "util/crypt.h"

#define ROUNDS 700

static struct arena *files; /* the originals */
static struct arena *a;     /* one round */
static uint64_t seed = 88172645463325252U;

static const char *const originals[] = {
    "python_message.json", "python_chained.json", "python_group.json",
    "node_error.json",     "node_chained.json",   "java_http.json",
    "native_crash.json",   "legacy_browser.json",
};

#define NFILES (sizeof(originals) / sizeof(originals[0]))

static struct str texts[NFILES];


static int
setup(void **state)
{
    const char *s = getenv("HOSTILE_SEED");

    (void) state;
    crypt_init();
    files = arena_new();
    a = arena_new();
    if (s != NULL) {
        seed += strtoull(s, NULL, 10) * 2862933555777941757U;
    }
    for (size_t i = 0; i < NFILES; i++) {
        texts[i] = case_read(
            files, arena_printf(files, "tests/data/events/%s", originals[i]));
    }
    return 0;
}


static int
teardown(void **state)
{
    (void) state;
    arena_free(files);
    arena_free(a);
    return 0;
}


/* xorshift */
static unsigned
below(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned) (seed >> 33) % n;
}


static const char *const words[] = {
    "",
    " ",
    "\n",
    "x",
    "0",
    "-1",
    "{{auto}}",
    "{{ default }}",
    "{{",
    "%s %(a)s",
    "{} {0} {",
    "https://h/p?a=b#c",
    "a=b; c",
    "<unknown>",
    "::ffff:1.2.3.4",
    "1e999",
    "2024-01-01T00:00:00Z",
    "9999999999999999999",
    "0xffffffffffffffff",
    "operator<<(<<",
    "class@anonymous::",
    "_a__12345_67890",
    "$$Lambda$",
    "\xEF\xBF\xBD",
    "\x01\x02",
    "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80",
    "ChunkLoadError",
    "javascript",
    "python",
    "native",
    "java",
    "ruby",
    "\"Chromium\";v=\"1\", \"X\";v=",
    "[ f | (((",
    "true",
    "generic",
};

static const char *const numbers[] = {
    "0",
    "-0",
    "1",
    "-1",
    "1.5",
    "1e308",
    "1e-400",
    "123456789012345678901234",
    "1763856000.123456789",
    "-9223372036854775809",
    "40",
    "250",
};

static const char *const keys[] = {
    "",
    "type",
    "value",
    "values",
    "frames",
    "stacktrace",
    "exception",
    "threads",
    "mechanism",
    "exception_id",
    "parent_id",
    "is_exception_group",
    "data",
    "headers",
    "Cookie",
    "tags",
    "_meta",
    "message",
    "params",
    "timestamp",
    "contexts",
    "sentry.interfaces.Exception",
    "orig_in_app",
    "sourcemap",
    "url",
    "fingerprint",
    "csp",
    "checksum",
    "logentry",
    "in_app",
};


static struct json *
anything(unsigned depth)
{
    struct json *v;
    unsigned n;

    switch (below(depth > 0 ? 8 : 6)) {
    case 0:
        return json_new(a, JSON_T_NULL);
    case 1:
        return json_new_bool(a, below(2) != 0);
    case 2:
        v = json_new(a, JSON_T_NUMBER);
        v->text = str_of(numbers[below(sizeof(numbers) / sizeof(*numbers))]);
        return v;
    case 3:
    case 4:
        return json_new_str(
            a, str_of(words[below(sizeof(words) / sizeof(*words))]));
    case 5: {
        struct buf text = buf_in(a);
        const char *w = words[below(sizeof(words) / sizeof(*words))];

        for (n = below(400); n > 0; n--) {
            buf_text(&text, w);
        }
        return json_new_str(a, buf_view(&text));
    }
    case 6:
        v = json_new(a, JSON_T_ARRAY);
        for (n = below(6); n > 0; n--) {
            json_append(v, anything(depth - 1));
        }
        return v;
    default:
        v = json_new(a, JSON_T_OBJECT);
        for (n = below(6); n > 0; n--) {
            json_set(v, str_of(keys[below(sizeof(keys) / sizeof(*keys))]),
                     anything(depth - 1));
        }
        return v;
    }
}


static unsigned
count(const struct json *v)
{
    unsigned n = 1;

    json_each(e, v)
    {
        n += count(e);
    }
    return n;
}


static struct json *
nth(struct json *v, unsigned *n)
{
    if ((*n)-- == 0) {
        return v;
    }
    json_each(e, v)
    {
        struct json *found = nth(e, n);

        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}


static struct json *
any_node(struct json *doc)
{
    unsigned n = below(count(doc));

    return nth(doc, &n);
}


/* Takes over what other is; the place in the tree stays. */
static void
become(struct json *v, const struct json *other)
{
    struct str key = v->key;
    struct json *next = v->next;

    *v = *other;
    v->key = key;
    v->next = next;
}


static void
mutate(struct json *doc)
{
    struct json *v = any_node(doc), *other;

    switch (below(6)) {
    case 0:
    case 1:
        become(v, anything(3));
        break;
    case 2: /* another part of the event in its place */
        other = json_clone(a, any_node(doc));
        become(v, other);
        break;
    case 3: /* many of it */
        other = json_new(a, JSON_T_ARRAY);
        for (unsigned n = below(300); n > 0; n--) {
            json_append(other, json_clone(a, count(v) < 50 ? v : anything(1)));
        }
        become(v, other);
        break;
    case 4: /* a member more */
        if (v->type == JSON_T_OBJECT) {
            json_set(v, str_of(keys[below(sizeof(keys) / sizeof(*keys))]),
                     anything(3));
        }
        break;
    default: /* wrapped */
        other = json_new(a, below(2) ? JSON_T_ARRAY : JSON_T_OBJECT);
        if (other->type == JSON_T_ARRAY) {
            json_append(other, json_clone(a, v));

        } else {
            json_set(other, str_of(keys[below(sizeof(keys) / sizeof(*keys))]),
                     json_clone(a, v));
        }
        become(v, other);
        break;
    }
}


static void
is_storable(struct str s, size_t most, const char *what)
{
    struct str mended = utf8_mend(a, s);

    if (s.n > most || !str_eq(mended, s)
        || (s.n > 0 && memchr(s.p, '\0', s.n) != NULL)) {
        fail_msg("%s cannot be stored: %zu bytes", what, s.n);
    }
}


static void
digest(struct json *doc)
{
    struct event ev = case_event(doc);
    struct buf out = buf_in(a);

    ev.sent_at = below(4) == 0 ? CASE_RECEIVED - US_PER_HOUR * below(9) : 0;
    normalize_event(a, &ev);
    scrub_event(a, &ev, NULL);
    event_facts(a, &ev);
    fingerprint_event(a, &ev);

    assert_true(ev.nbound == 1 || ev.nbound == 2);
    assert_true(ev.nhashes >= ev.nbound && ev.nhashes <= 2 * ev.nbound + 1);
    assert_true(ev.occurred_at >= 0);
    is_storable(ev.title, 250, "title");
    is_storable(ev.type, 300, "type");
    is_storable(ev.value, 1100, "value");
    is_storable(ev.culprit, 200, "culprit");
    is_storable(ev.release, 1000, "release");
    is_storable(ev.environment, 300, "environment");
    is_storable(ev.transaction, 900, "transaction");
    is_storable(ev.server_name, 200, "server name");
    is_storable(ev.user_tag, 220, "user");
    is_storable(ev.search, 2048, "search");
    assert_true(ev.title.n > 0);
    assert_null(memchr(ev.title.p, '\n', ev.title.n));
    for (size_t i = 0; i < ev.ntags; i++) {
        is_storable(ev.tags[i].key, 200, "tag key");
        is_storable(ev.tags[i].value, 1000, "tag value");
        assert_true(ev.tags[i].key.n > 0 && ev.tags[i].value.n > 0);
        for (size_t k = 0; k < i; k++) {
            assert_false(str_eq(ev.tags[i].key, ev.tags[k].key));
        }
    }

    json_write(&out, ev.doc);
    case_parse(a, buf_view(&out));
}


static unsigned
rounds(void)
{
    const char *s = getenv("HOSTILE_ROUNDS");

    return s != NULL ? (unsigned) strtoul(s, NULL, 10) : ROUNDS;
}


static void
parts_of_every_type(void **state)
{
    (void) state;
    for (unsigned i = 0; i < rounds(); i++) {
        struct json *doc;

        arena_reset(a);
        doc = case_parse(a, texts[below(NFILES)]);
        for (unsigned n = 1 + below(12); n > 0; n--) {
            mutate(doc);
        }
        digest(doc);
    }
}


/* Bytes changed and cut off: what can still be read is digested. */
static void
broken_text(void **state)
{
    unsigned read = 0;

    (void) state;
    for (unsigned i = 0; i < rounds(); i++) {
        struct str text;
        struct json *doc;
        char *p;

        arena_reset(a);
        text = texts[below(NFILES)];
        p = str_dup(a, text);
        for (unsigned n = below(6); n > 0; n--) {
            p[below((unsigned) text.n)] = (char) below(256);
        }
        if (below(8) == 0) {
            text.n = below((unsigned) text.n);
        }
        if (json_parse(a, str_make(p, text.n), NULL, &doc, NULL) == ST_OK) {
            digest(doc);
            read++;
        }
    }
    assert_true(read > rounds() / 10);
}


/* No form of 1 MB takes long: the arena stays within a few times of it. */
static void
large_events_stay_bounded(void **state)
{
    static const char *const pieces[] = {
        "{\"exception\":[{\"type\":\"E\",\"stacktrace\":{\"frames\":[%s]}}]}",
        "{\"exception\":[%s]}",
        "{\"breadcrumbs\":[%s]}",
        "{\"threads\":[%s]}",
        "{\"tags\":[%s]}",
        "{\"extra\":{\"x\":[%s]}}",
        "{\"contexts\":{\"x\":[%s]}}",
        "{\"fingerprint\":[%s]}",
        "{\"debug_meta\":{\"images\":[%s]}}",
        "{\"request\":{\"headers\":[%s]}}",
        "{\"request\":{\"data\":[%s]}}",
        "[%s]",
    };
    static const char *const elements[] = {
        "{\"function\":\"f\",\"type\":\"T\",\"value\":\"v 1\",\"x\":{\"y\":1}}",
        "[\"a\",\"b\"]",
        "[[[[[[[[[[1]]]]]]]]]]",
        "null",
        "\"{{ default }}\"",
        "{}",
    };

    (void) state;
    for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
        for (size_t k = 0; k < sizeof(elements) / sizeof(*elements); k++) {
            struct buf list, text;
            const char *at = strstr(pieces[i], "%s");
            int64_t start, took;

            arena_reset(a);
            list = text = buf_in(a);
            while (list.n < 1000000) {
                buf_text(&list, list.n > 0 ? "," : "");
                buf_text(&list, elements[k]);
            }
            buf_add(&text, pieces[i], (size_t) (at - pieces[i]));
            buf_str(&text, buf_view(&list));
            at += 2;
            buf_text(&text, at);

            start = cpu_time();
            digest(case_parse(a, buf_view(&text)));
            took = cpu_time() - start;
            if (took > 5 * US_PER_SECOND) {
                fail_msg("%s of %s: %lld us", pieces[i], elements[k],
                         (long long) took);
            }
        }
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_every_type),
        cmocka_unit_test(broken_text),
        cmocka_unit_test(large_events_stay_bounded),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
