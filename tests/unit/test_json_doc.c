/*
 * json/doc: what is read, what is mended, what is refused, what is written.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include <jansson.h>

#include "cpu_time.h"
#include "json/doc.h"
#include "util/timeutil.h"

static struct arena *a;


static int
setup(void **state)
{
    (void) state;
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


static struct str
written(const struct json *v)
{
    struct buf out = buf_in(a);

    json_write(&out, v);
    return buf_view(&out);
}


static struct json *
parsed(struct str text)
{
    struct json *v = NULL;

    assert_int_equal(json_parse(a, text, NULL, &v, NULL), ST_OK);
    return v;
}


static void
assert_str(struct str got, struct str want)
{
    assert_int_equal(got.n, want.n);
    assert_memory_equal(got.p, want.p, want.n);
}


/* text in, compact text out */
static const struct {
    const char *text;
    size_t n;
    const char *want;
} round_trips[] = {
#define ROW(in, out)                                                           \
    {                                                                          \
        in, sizeof(in) - 1, out                                                \
    }
    ROW("{}", "{}"),
    ROW("[]", "[]"),
    ROW(" [ 1 , 2 ] ", "[1,2]"),
    ROW("\"\"", "\"\""),
    ROW("{\"\":{\"\":[]}}", "{\"\":{\"\":[]}}"),
    ROW("[null,true,false]", "[null,true,false]"),
    ROW("[-0,0.10,1e+9,-12.5E-3]", "[-0,0.10,1e+9,-12.5E-3]"),
    ROW("[123456789012345678901234567890]", "[123456789012345678901234567890]"),
    ROW("[NaN,Infinity,-Infinity]", "[null,null,null]"),
    ROW("\xef\xbb\xbf{\"a\":1}", "{\"a\":1}"),
    /* of duplicates the last wins, where the first stood */
    ROW("{\"a\":1,\"b\":2,\"a\":[3]}", "{\"a\":[3],\"b\":2}"),
    ROW("{\"a\":1,\"a\":2,\"a\":3,\"b\":4}", "{\"a\":3,\"b\":4}"),
    ROW("{\"a\":1,\"\\u0061\":2}", "{\"a\":2}"),
    ROW("{\"a\":{\"x\":1,\"x\":2},\"a\":{\"y\":1,\"y\":2}}",
        "{\"a\":{\"y\":2}}"),
    /* escapes */
    ROW("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""),
    ROW("\"\\u0041\\u00e9\\u20ac\\uD83D\\uDE00\"", "\"Aé€😀\""),
    ROW("\"\\u001f\\u007f\"", "\"\\u001f\x7f\""),
    ROW("\"plain é€😀 text that goes on\"", "\"plain é€😀 text that goes on\""),
    /* what PostgreSQL cannot hold */
    ROW("\"a\\u0000b\"", "\"a\xef\xbf\xbd"
                         "b\""),
    ROW("\"a\0b\"", "\"a\xef\xbf\xbd"
                    "b\""),
    ROW("\"\\ud800\"", "\"\xef\xbf\xbd\""),
    ROW("\"\\udc00x\"", "\"\xef\xbf\xbdx\""),
    ROW("\"\\ud800\\u0041\"", "\"\xef\xbf\xbd"
                              "A\""),
    ROW("\"\\ud800\\ud83d\\ude00\"", "\"\xef\xbf\xbd😀\""),
    ROW("\"\xff\"", "\"\xef\xbf\xbd\""),
    ROW("\"\xc3(\"", "\"\xef\xbf\xbd(\""),
    ROW("\"\xe2\x82\"", "\"\xef\xbf\xbd\""),
    ROW("\"\xc0\x80\"", "\"\xef\xbf\xbd\xef\xbf\xbd\""),
    ROW("\"\xed\xa0\x80\"", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""),
    ROW("\"\xf4\x90\x80\x80\"",
        "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""),
    ROW("\"\xef\xbf\xbe\"", "\"\xef\xbf\xbe\""),
    ROW("{\"k\\u0000\":1}", "{\"k\xef\xbf\xbd\":1}"),
    ROW("\"line\nbreak\"", "\"line\\nbreak\""),
#undef ROW
};


static void
reads_and_writes_back(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(round_trips) / sizeof(round_trips[0]); i++) {
        struct str text = str_make(round_trips[i].text, round_trips[i].n);
        struct str got = written(parsed(text));

        if (!str_is(got, round_trips[i].want)) {
            fail_msg("%.*s: got %.*s, want %s", STR_FMT(text), STR_FMT(got),
                     round_trips[i].want);
        }
        /* what was written reads back as itself */
        assert_str(written(parsed(got)), got);
    }
}


static const struct {
    const char *text;
    size_t at;
} errors[] = {
    { "", 0 },          { "  ", 2 },         { "{", 1 },
    { "[1", 2 },        { "[1,]", 3 },       { "[,1]", 1 },
    { "{]", 1 },        { "[}", 1 },         { "{\"a\"}", 4 },
    { "{\"a\":}", 5 },  { "{\"a\":1,}", 7 }, { "{a:1}", 1 },
    { "{\"a\" 1}", 5 }, { "\"abc", 4 },      { "\"a\\", 3 },
    { "\"\\x\"", 2 },   { "\"\\u12\"", 2 },  { "\"\\u12g4\"", 2 },
    { "01", 1 },        { "-", 1 },          { "1.", 2 },
    { ".5", 0 },        { "1e", 2 },         { "+1", 0 },
    { "nul", 0 },       { "nullx", 4 },      { "1 2", 2 },
    { "{} x", 3 },      { "'a'", 0 },        { "-Inf", 1 },
};


static void
refuses_what_is_no_json(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        struct json_error err = { 99, NULL };
        struct json *v;

        if (json_parse(a, str_of(errors[i].text), NULL, &v, &err)
            != ST_INVALID) {
            fail_msg("%s was accepted", errors[i].text);
        }
        assert_non_null(err.text);
        if (err.at != errors[i].at) {
            fail_msg("%s: error at %zu, not %zu", errors[i].text, err.at,
                     errors[i].at);
        }
    }
}


static void
marks_what_was_mended(void **state)
{
    struct json *v = parsed(STR("{\"a\":\"x\\u0000\",\"b\\ud800\":1,\"c\":2,"
                                "\"d\":\"raw\ttab\",\"e\":\"\\n\"}"));

    (void) state;
    assert_true(json_get(v, "a")->repaired);
    assert_true(json_get(v, "b\xef\xbf\xbd")->repaired);
    assert_false(json_get(v, "c")->repaired);
    assert_true(json_get(v, "d")->repaired);
    assert_false(json_get(v, "e")->repaired);
}


static struct str
nested(unsigned depth)
{
    struct buf b = buf_in(a);

    for (unsigned i = 0; i < depth; i++) {
        buf_char(&b, '[');
    }
    for (unsigned i = 0; i < depth; i++) {
        buf_char(&b, ']');
    }
    return buf_view(&b);
}


static void
bounds_depth_and_values(void **state)
{
    struct json_limits limits = { .depth = 3, .nodes = 4 };
    struct json_error err;
    struct json *v;

    (void) state;
    assert_int_equal(json_parse(a, nested(128), NULL, &v, NULL), ST_OK);
    assert_int_equal(json_parse(a, nested(129), NULL, &v, &err), ST_INVALID);
    assert_string_equal(err.text, "nested too deep");
    assert_int_equal(json_parse(a, nested(100000), NULL, &v, NULL), ST_INVALID);

    assert_int_equal(json_parse(a, STR("[[[]]]"), &limits, &v, NULL), ST_OK);
    assert_int_equal(json_parse(a, STR("[[[[]]]]"), &limits, &v, NULL),
                     ST_INVALID);
    assert_int_equal(json_parse(a, STR("[1,2,3]"), &limits, &v, NULL), ST_OK);
    assert_int_equal(json_parse(a, STR("[1,2,3,4]"), &limits, &v, &err),
                     ST_INVALID);
    assert_string_equal(err.text, "too many values");
}


static void
reads_a_prefix(void **state)
{
    struct str text = STR(" {\"a\":1}\n{\"type\":\"event\"}\nrest");
    struct json *v;
    size_t used;

    (void) state;
    assert_int_equal(json_parse_prefix(a, text, NULL, &v, &used, NULL), ST_OK);
    assert_int_equal(used, 8);
    assert_str(written(v), STR("{\"a\":1}"));
    assert_int_equal(json_parse_prefix(a, STR("12]"), NULL, &v, &used, NULL),
                     ST_OK);
    assert_int_equal(used, 2);
    assert_int_equal(
        json_parse_prefix(a, STR("{\"a\":\"x\ny\"}"), NULL, &v, &used, NULL),
        ST_INVALID);
}


static void
many_duplicates_take_n_log_n(void **state)
{
    struct buf b = buf_in(a);
    struct json *v;
    int64_t n, began;
    unsigned i;

    (void) state;

    /* 100,000 different keys that look the same, then the last one again */
    buf_char(&b, '{');
    for (i = 0; i < 100000; i++) {
        buf_addf(&b, "\"k%08uzk%08uz\":%u,", i, 0u, i);
    }
    for (i = 0; i < 50000; i++) {
        buf_addf(&b, "\"twice\":%u,", i);
    }
    buf_addf(&b, "\"k%08uzk%08uz\":-1}", 5u, 0u);

    began = cpu_time();
    v = parsed(buf_view(&b));
    assert_true(cpu_time() - began < 2 * US_PER_SECOND);

    assert_int_equal(v->n, 100001);
    assert_true(json_i64(json_get(v, "twice"), &n));
    assert_int_equal(n, 49999);
    assert_true(json_i64(json_get(v, "k00000005zk00000000z"), &n));
    assert_int_equal(n, -1);
    assert_str(v->first->key, STR("k00000000zk00000000z"));
    assert_str(v->last->key, STR("twice"));
    assert_null(v->last->next);
}


static void
walks_without_tests_in_between(void **state)
{
    struct json *v = parsed(STR("{\"a\":{\"b\":[10,\"x\",2.5,true,3.0]}}"));
    struct json *b = json_path(v, "a", "b", NULL);
    int64_t n = 0;
    double d = 0;

    (void) state;
    assert_true(json_is(b, JSON_T_ARRAY));
    assert_int_equal(b->n, 5);
    assert_true(json_i64(json_at(b, 0), &n));
    assert_int_equal(n, 10);
    assert_str(json_text(json_at(b, 1)), STR("x"));
    assert_false(json_i64(json_at(b, 2), &n));
    assert_true(json_double(json_at(b, 2), &d));
    assert_true(d > 2.49 && d < 2.51);
    assert_true(json_yes(json_at(b, 3)));
    assert_true(json_i64(json_at(b, 4), &n));
    assert_int_equal(n, 3);
    assert_null(json_at(b, 5));

    assert_null(json_path(v, "a", "x", "y", NULL));
    assert_null(json_get(NULL, "a"));
    assert_null(json_get(b, "a"));
    assert_true(str_null(json_text(NULL)));
    assert_true(str_null(json_text_of(v, "a")));
    assert_false(json_i64(json_at(b, 1), &n));
    assert_false(json_double(parsed(STR("1e999")), &d));
    assert_false(json_yes(NULL));
}


static void
changes_a_tree(void **state)
{
    struct json *v = parsed(STR("{\"a\":1,\"b\":2,\"c\":3}"));
    struct json *list = json_new(a, JSON_T_ARRAY);
    struct json *copy;

    (void) state;
    json_set(v, STR("b"), json_new_str(a, STR("two")));
    json_set(v, STR("d"), list);
    json_append(list, json_new_i64(a, -7));
    json_append(list, json_new_double(a, 0.1));
    json_append(list, json_new_double(a, 1.0 / 0.0));
    json_append(list, json_new_bool(a, true));
    assert_str(written(v), STR("{\"a\":1,\"b\":\"two\",\"c\":3,"
                               "\"d\":[-7,0.1,null,true]}"));

    copy = json_clone(a, v);
    assert_non_null(json_remove(v, "a"));
    assert_null(json_remove(v, "a"));
    assert_non_null(json_remove(v, "d"));
    json_nullify(json_get(v, "b"));
    assert_str(written(v), STR("{\"b\":null,\"c\":3}"));
    assert_int_equal(v->n, 2);
    json_set(v, STR("c"), json_new(a, JSON_T_OBJECT));
    json_set(v, STR("e"), json_new(a, JSON_T_NULL));
    assert_str(written(v), STR("{\"b\":null,\"c\":{},\"e\":null}"));

    assert_str(written(copy), STR("{\"a\":1,\"b\":\"two\",\"c\":3,"
                                  "\"d\":[-7,0.1,null,true]}"));
}


/*
 * They are copied eight bytes at a time: what needs an escape is seen at each
 * place of a text of each length.
 */
static void
escapes_what_stands_anywhere(void **state)
{
    static const char special[] = "\"\\\n\x01";

    (void) state;
    for (size_t n = 1; n <= 33; n++) {
        for (size_t at = 0; at < n; at++) {
            for (const char *c = special; *c != '\0'; c++) {
                char text[33];
                struct json *v = json_new(a, JSON_T_OBJECT);

                memset(text, 'x', n);
                text[at] = *c;
                json_set(v, str_make(text, n),
                         json_new_str(a, str_make(text, n)));
                v = parsed(written(v));
                assert_str(v->first->key, str_make(text, n));
                assert_str(v->first->text, str_make(text, n));
            }
        }
    }
    assert_str(written(parsed(STR("{\"\":\"\",\"a\":{},\"\\n\":[\"b\"]}"))),
               STR("{\"\":\"\",\"a\":{},\"\\n\":[\"b\"]}"));
}


static void
writes_for_people(void **state)
{
    struct buf out = buf_in(a);

    (void) state;
    json_write_pretty(&out, parsed(STR("{\"a\":[1,{}],\"b\":{\"c\":[]}}")));
    assert_str(buf_view(&out), STR("{\n  \"a\": [\n    1,\n    {}\n  ],\n"
                                   "  \"b\": {\n    \"c\": []\n  }\n}"));
}


static void
mends_loose_text(void **state)
{
    struct str fine = STR("plain é€😀 text");

    (void) state;
    assert_ptr_equal(utf8_mend(a, fine).p, fine.p);
    assert_str(utf8_mend(a, str_make("a\0b\xff", 4)), STR("a\xef\xbf\xbd"
                                                          "b\xef\xbf\xbd"));
    assert_str(utf8_mend(a, STR("cut \xe2\x82")), STR("cut \xef\xbf\xbd"));
    assert_true(str_null(utf8_mend(a, STR_NULL)));
}


/* A random value of at most the given depth, as text. */
static void
random_value(struct buf *b, int depth)
{
    static const char *const scalars[] = {
        "null", "true",  "-12",      "0",           "3.25",  "1e5",
        "\"\"", "\"é\"", "\"a\\n\"", "\"\\u20ac\"", "99999", "\"\\\"q\\\"\"",
    };
    int n = rand() % 5;

    switch (depth > 0 ? rand() % 3 : 2) {
    case 0:
        buf_char(b, '[');
        for (int i = 0; i < n; i++) {
            buf_text(b, i > 0 ? " , " : "");
            random_value(b, depth - 1);
        }
        buf_char(b, ']');
        return;
    case 1:
        buf_char(b, '{');
        for (int i = 0; i < n * 8; i++) {
            buf_text(b, i > 0 ? "," : "");
            buf_addf(b, "\"key%d\":", rand() % 40);
            random_value(b, depth - 1);
        }
        buf_char(b, '}');
        return;
    default:
        buf_text(b, scalars[rand() % 12]);
    }
}


static void
agrees_with_jansson_on_valid_text(void **state)
{
    (void) state;
    srand(1);
    for (int i = 0; i < 500; i++) {
        struct buf b = buf_in(a);
        struct buf pretty = buf_in(a);
        struct json *v;
        json_t *want, *got;

        random_value(&b, 3);
        v = parsed(buf_view(&b));
        want = json_loads(b.p, JSON_DECODE_ANY, NULL);
        got = json_loads(written(v).p, JSON_DECODE_ANY, NULL);
        assert_non_null(want);
        assert_non_null(got);
        assert_true(json_equal(want, got));
        json_decref(got);

        json_write_pretty(&pretty, json_clone(a, v));
        got = json_loads(pretty.p, JSON_DECODE_ANY, NULL);
        assert_true(json_equal(want, got));
        json_decref(got);
        json_decref(want);

        arena_reset(a);
    }
}


/* Any mutilation ends in a tree or an error, and a tree is clean text. */
static void
survives_mutilated_text(void **state)
{
    (void) state;
    srand(2);
    for (int i = 0; i < 3000; i++) {
        struct buf b = buf_in(a);
        struct json_error err;
        struct json *v;
        struct str out;

        random_value(&b, 3);
        for (int j = rand() % 4; j >= 0; j--) {
            b.p[(size_t) rand() % b.n] = (char) (rand() % 256);
        }
        if (json_parse(a, buf_view(&b), NULL, &v, &err) == ST_OK) {
            out = written(v);
            assert_ptr_equal(utf8_mend(a, out).p, out.p);
            assert_str(written(parsed(out)), out);

        } else {
            assert_non_null(err.text);
            assert_true(err.at <= b.n);
        }
        arena_reset(a);
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_back),
        cmocka_unit_test(refuses_what_is_no_json),
        cmocka_unit_test(marks_what_was_mended),
        cmocka_unit_test(bounds_depth_and_values),
        cmocka_unit_test(reads_a_prefix),
        cmocka_unit_test(many_duplicates_take_n_log_n),
        cmocka_unit_test(walks_without_tests_in_between),
        cmocka_unit_test(changes_a_tree),
        cmocka_unit_test(escapes_what_stands_anywhere),
        cmocka_unit_test(writes_for_people),
        cmocka_unit_test(mends_loose_text),
        cmocka_unit_test(agrees_with_jansson_on_valid_text),
        cmocka_unit_test(survives_mutilated_text),
    };

    return cmocka_run_group_tests_name("json/doc", tests, setup, teardown);
}
