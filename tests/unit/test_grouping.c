/*
 * Which events belong to one issue.  The cases stand in
 * tests/data/grouping.json: two events, whether they are the same issue, and
 * the rules of the project.
 */

#include "cpu_time.h"
#include "digest_case.h"

#include "digest/grouping.h"
#include "digest/grouping_preview.h"
#include "digest/message.h"
#include "digest/native_name.h"
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


/* The rules of a case for one of its events. */
static struct grouping
rules_of(const struct json *one, const char *side)
{
    struct grouping g = { 0 };
    struct str stack = json_text_of(one, "stack_rules");
    struct str prints = json_text_of(one, "fingerprint_rules");
    struct stack_rules *stack_rules = NULL;
    struct fingerprint_rules *fingerprint_rules = NULL;

    if (str_null(stack)) {
        stack = json_text_of(one, side);
    }
    if (!str_null(stack)) {
        assert_int_equal(stack_rules_parse(a, stack, &stack_rules, NULL),
                         ST_OK);
    }
    if (!str_null(prints)) {
        assert_int_equal(
            fingerprint_rules_parse(a, prints, &fingerprint_rules, NULL),
            ST_OK);
    }
    g.stack = stack_rules;
    g.fingerprint = fingerprint_rules;
    return g;
}


static struct event
digested(struct json *doc, const struct grouping *grouping)
{
    struct event ev = case_event(doc);

    ev.grouping = grouping;
    normalize_event(a, &ev);
    event_facts(a, &ev);
    fingerprint_event(a, &ev);
    assert_true(ev.nhashes >= 1 && ev.nhashes <= EVENT_HASHES);
    return ev;
}


/* As the store looks it up: any hash of y that the issue of x owns. */
static bool
joins(const struct event *x, const struct event *y)
{
    for (size_t i = 0; i < y->nhashes; i++) {
        for (size_t k = 0; k < x->nbound; k++) {
            if (memcmp(y->hashes[i], x->hashes[k], 16) == 0) {
                return true;
            }
        }
    }
    return false;
}


static void
test_cases(void **state)
{
    struct str text = case_read(a, "tests/data/grouping.json");
    struct json *cases = case_parse(a, text);
    unsigned wrong = 0, seen = 0;

    (void) state;
    json_each(one, cases)
    {
        struct grouping ga = rules_of(one, "stack_rules_a");
        struct grouping gb = rules_of(one, "stack_rules_b");
        struct event x = digested(json_get(one, "a"), &ga);
        struct event y = digested(json_get(one, "b"), &gb);
        bool same = joins(&x, &y);

        seen++;
        if (same != json_yes(json_get(one, "same"))) {
            struct buf why = buf_in(a);

            wrong++;
            json_write(&why, json_get(x.doc, "_grouping"));
            buf_text(&why, "\n  ");
            json_write(&why, json_get(y.doc, "_grouping"));
            print_error("case %.*s is %s, but: %.*s\n  %s\n",
                        STR_FMT(json_get(one, "n")->text),
                        same ? "together" : "apart",
                        STR_FMT(json_text_of(one, "what")), why.p);
        }
    }
    assert_int_equal(wrong, 0);
    assert_true(seen >= 60);
}


/* grouping.md §1.9, class by class, and what must not be taken for one. */
static void
test_messages(void **state)
{
    static const struct {
        const char *text;
        const char *expected;
    } rows[] = {
        { "mail to ann.b+c@mail.example.com!", "mail to <email>!" },
        { "GET https://h.example/x?y=1 failed", "GET <url> failed" },
        { "no host db-1.internal.example.com:5432",
          "no host <hostname>:<int>" },
        { "host 10.0.0.1 is away", "host <ip> is away" },
        { "host 10.0.0.256 is away", "host <float>.<float> is away" },
        { "at ::1 and fe80::1%eth0", "at <ip> and <ip>" },
        { "to 2001:db8:0:0:0:0:2:1,", "to <ip>," },
        { "Foo::bar() failed", "Foo::bar() failed" },
        { "trace 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 x",
          "trace <traceparent> x" },
        { "id 7f6b1b1e-2c3d-4e5f-8a9b-0c1d2e3f4a5b", "id <uuid>" },
        { "blob da39a3ee5e6b4b0d3255bfef95601890afd80709", "blob <sha1>" },
        { "sum d41d8cd98f00b204e9800998ecf8427e", "sum <md5>" },
        { "at 2024-05-06T07:08:09.123Z", "at <date>" },
        { "at 2024-05-06 07:08:09,123", "at <date>" },
        { "at 2024-05-06", "at <date>" },
        { "at Mon, 06 May 2024 07:08:09 GMT", "at <date>" },
        { "at Mon May  6 07:08:09 2024", "at <date>" },
        { "on Jan 02, 1999", "on <date>" },
        { "[06/May/2024:07:08:09 +0000] x", "[<date>] x" },
        { "in 07:08:09 h", "in <date> h" },
        { "took 31s", "took <duration>" },
        { "took 3.5s or 12ms", "took <duration> or <duration>" },
        { "at 0x7fff5fbff8c8", "at <hex>" },
        { "job 12345678", "job <hex>" },
        { "job 1234567", "job <int>" },
        { "commit a1b2c3d", "commit <git_sha>" },
        { "word abcdefa", "word abcdefa" },
        { "ratio -1.25", "ratio <float>" },
        { "x -5, y-5", "x <int>, y-<int>" },
        { "area51 is not 51", "area51 is not <int>" },
        { "key='x y' a=true b=\"z\"",
          "key=<quoted_str> a=<bool> b=<quoted_str>" },
        { "it's 'fine' = true", "it's 'fine' = true" },
        { "1\n\n 2\n3", "<int>\n <int>..." },
        { "", "" },
        { "\xC3\xA4 5 \xE2\x82\xAC", "\xC3\xA4 <int> \xE2\x82\xAC" },
        { "after 1m30s, 2h0m5.5s or 350\xC2\xB5s",
          "after <duration>, <duration> or <duration>" },
        { "job 01ARZ3NDEKTSV4RRFFQ69G5FAV, 01ARZ3NDEKTSV4RRFFQ69G5FAI",
          "job <ulid>, 01ARZ3NDEKTSV4RRFFQ69G5FAI" },
        { "loss 1e-9, -2.5E+07 or 1elf", "loss <float>, <float> or 1elf" },
        { "/tmp/up_5f2b8c9d4e6a7b1c/x_5f2b_y", "/tmp/up_<hex>/x_5f2b_y" },
        { "12.5GB of 512MiB, 7G", "<size> of <size>, 7G" },
        { "[Mon May  6 07:08:09.123456 2024] x", "[<date>] x" },
    };
    bool differs = false;
    unsigned wrong = 0;

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct str got = message_parameterize(a, str_of(rows[i].text),
                                              GROUPING_VERSION, &differs);

        if (!str_is(got, rows[i].expected)) {
            wrong++;
            print_error("%s\n  gives %.*s\n  not   %s\n", rows[i].text,
                        STR_FMT(got), rows[i].expected);
        }
    }
    assert_int_equal(wrong, 0);
}


/* A text made to be slow takes no longer than another of its length. */
static void
test_messages_are_linear(void **state)
{
    static const char *const pieces[] = { "a",    "a.",  "a-", "1:", "a@",
                                          "a=\"", "1-",  "0x", "aB", "Mon ",
                                          "1.1.", "tx0", "'=", "::" };
    int64_t plain = 0;
    bool differs;

    (void) state;
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct buf text = buf_in(a);
        int64_t best = INT64_MAX;

        while (text.n < 8000) {
            buf_text(&text, pieces[i]);
        }
        for (int k = 0; k < 5; k++) {
            int64_t start = cpu_time();

            message_parameterize(a, buf_view(&text), GROUPING_VERSION,
                                 &differs);
            best = cpu_time() - start < best ? cpu_time() - start : best;
        }
        plain = i == 0 ? best : plain;

        /* quadratic would be thousands of times as much */
        if (best > 10000) {
            fail_msg("%s: %lld us", pieces[i], (long long) best);
        }
    }
}


static void
test_native_names(void **state)
{
    static const struct {
        const char *text;
        const char *expected;
    } rows[] = {
        { "main", "main" },
        { "f(int) const", "f" },
        { "void ns::f<int>(std::vector<int> const&)", "ns::f<T>" },
        { "foo::h0123456789abcdef", "foo" },
        { "memcpy@@GLIBC_2.14", "memcpy" },
        { "_name@12", "name" },
        { "f(int) [clone .cold]", "f" },
        { "-[Cart pay:with:]", "-[Cart pay:with:]" },
        { "(anonymous namespace)::g(int)", "(anonymous namespace)::g" },
        { "?A0x12345678::g", "(anonymous namespace)::g" },
        { "std::ostream& ns::operator<<(std::ostream&, X)", "ns::operator<<" },
        { "X::operator()(int) const", "X::operator()" },
        { "<alloc::boxed::Box<F> as core::ops::FnOnce<A>>::call_once",
          "alloc::boxed::Box<T>::call_once" },
        { "<T as core::convert::Into<U>>::into",
          "core::convert::Into<T>::into" },
        { "Swift.run(Int) throws -> Swift.String", "Swift.run" },
        { "closure #1 in View.body.getter", "closure in View.body.getter" },
        { "ns::f(int)::{lambda(int)#2}::operator()(int) const",
          "ns::f::lambda::operator()" },
        { "f(((((", "f(((((" },
        { "<<<<", "<<<<" },
        { "operator new(unsigned long)", "operator new" },
        { "__29-[View load:]_block_invoke_2",
          "__29-[View load:]_block_invoke_2" },
    };
    unsigned wrong = 0;

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct str got = native_name(a, str_of(rows[i].text));

        if (!str_is(got, rows[i].expected)) {
            wrong++;
            print_error("%s\n  gives %.*s\n  not   %s\n", rows[i].text,
                        STR_FMT(got), rows[i].expected);
        }
    }
    assert_int_equal(wrong, 0);
}


static void
test_rules_say_what_is_wrong(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
    } stack[] = {
        { "function:f +app\nnonsense", 2 },    { "# only\n\nfunction:f", 3 },
        { "family:martian +app", 1 },          { "[ function:f +app", 1 },
        { "function:f | function:g +app", 1 }, { "function:\"f +app", 1 },
        { "function:f max-frames=-1", 1 },     { "app:perhaps +app", 1 },
    };
    static const struct {
        const char *text;
        unsigned line;
    } prints[] = {
        { "type:x -> a\ntype:y", 2 },
        { "-> a", 1 },
        { "type:x ->", 1 },
        { "colour:x -> a", 1 },
        { "type:\"x -> a", 1 },
        { "[ function:a | function:b -> x", 1 },
        { "[ function:a ] function:b -> x", 1 },
        { "[ type:a ] | function:b -> x", 1 },
        { "[ function:a ] | type:b -> x", 1 },
        { "[ function:a ] | -> x", 1 },
        { "function:a | function:b -> x", 1 },
        { "function:a | [ colour:b ] -> x", 1 },
        { "function:a | [ function:b -> x", 1 },
        { "function:a | [ function:b ] | [ function:c ] -> x", 1 },
        { "[ function:a ] | [ function:b ] | function:c -> x", 1 },
        { "[ [ function:a ] ] | function:c -> x", 1 },
        { "[", 1 },
        { "|", 1 },
        { "[ ] | function:a -> x", 1 },
    };
    struct stack_rules *sr;
    struct fingerprint_rules *fr;

    (void) state;
    for (size_t i = 0; i < sizeof(stack) / sizeof(stack[0]); i++) {
        struct rule_error err = { 0 };

        if (stack_rules_parse(a, str_of(stack[i].text), &sr, &err) != ST_INVALID
            || err.line != stack[i].line || err.text == NULL) {
            fail_msg("%s: line %u", stack[i].text, err.line);
        }
    }
    for (size_t i = 0; i < sizeof(prints) / sizeof(prints[0]); i++) {
        struct rule_error err = { 0 };

        if (fingerprint_rules_parse(a, str_of(prints[i].text), &fr, &err)
                != ST_INVALID
            || err.line != prints[i].line || err.text == NULL) {
            fail_msg("%s: line %u", prints[i].text, err.line);
        }
    }
}


/* Callers, callees, ranges and categories on a stack of a b c d, d crashed. */
static void
test_stack_rules(void **state)
{
    static const struct {
        const char *rules;
        const char *in_app; /* of a b c d */
    } rows[] = {
        { "function:b -app", "1011" },
        { "function:b ^-app", "1100" },
        { "function:c v-app", "0011" },
        { "function:b ^-app -app", "1000" },
        { "[ function:b ] | function:c -app", "1101" },
        { "function:c | [ function:d ] -app", "1101" },
        { "function:d | [ function:a ] -app", "1111" },
        { "!function:c -app", "0010" },
        { "function:b category=x\ncategory:x -app", "1011" },
        { "function:{a,d} -app", "0110" },
        { "function:? -app\nfunction:[b-c] +app", "0110" },
        { "path:**/src/*.py -app", "0111" },
        { "path:src/** -app", "1011" },
        { "error.type:Val* function:a -app", "0111" },
        { "app:yes function:a -app\napp:no ^-app", "0000" },
        { "family:native -app", "1111" },
        { "function:*a* -app\n# comment\n", "0111" },
    };
    static const char event[] =
        "{\"platform\":\"python\",\"exception\":{\"values\":[{"
        "\"type\":\"ValueError\",\"stacktrace\":{\"frames\":["
        "{\"function\":\"a\",\"in_app\":true,\"abs_path\":\"/x/src/a.py\"},"
        "{\"function\":\"b\",\"in_app\":true,\"filename\":\"src/y/b.py\"},"
        "{\"function\":\"c\",\"in_app\":true},"
        "{\"function\":\"d\",\"in_app\":true}]}}]}}";

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct stack_rules *rules;
        struct grouping g = { 0 };
        struct event ev;
        char got[5] = "";

        assert_int_equal(
            stack_rules_parse(a, str_of(rows[i].rules), &rules, NULL), ST_OK);
        g.stack = rules;
        ev = digested(case_parse(a, str_of(event)), &g);
        for (unsigned k = 0; k < 4; k++) {
            got[k] =
                ev.stacks->exceptions[0].stack->frames[k].in_app ? '1' : '0';
        }
        if (strcmp(got, rows[i].in_app) != 0) {
            fail_msg("%s: %s, not %s", rows[i].rules, got, rows[i].in_app);
        }
    }
}


/* What is remembered of a frame is of that frame, and no more than that. */
static void
test_frames_are_remembered(void **state)
{
    static const struct {
        const char *frame;
        bool in_app;
    } rows[] = {
        { "\"function\":\"f\",\"abs_path\":\"/app/x.py\"", true },
        { "\"function\":\"f\",\"abs_path\":\"/app/site-packages/x.py\"",
          false },
        { "\"function\":\"f\",\"module\":\"java.lang.X\"", false },
        { "\"function\":\"java.lang.X\",\"module\":\"f\"", true },
        { "\"function\":\"runtime.main\"", false },
        { "\"function\":\"runtime\",\"module\":\"main\"", true },
    };

    (void) state;
    for (size_t i = 0; i < 3 * sizeof(rows) / sizeof(rows[0]); i++) {
        size_t row = i % (sizeof(rows) / sizeof(rows[0]));
        struct str text = str_printf(
            a,
            "{\"platform\":\"python\",\"exception\":[{\"type\":\"E\","
            "\"stacktrace\":{\"frames\":[{%s,\"in_app\":true}]}}]}",
            rows[row].frame);
        struct event ev = digested(case_parse(a, text), NULL);

        assert_int_equal(ev.stacks->exceptions[0].stack->frames[0].in_app,
                         rows[row].in_app);
    }
}


static void
test_fingerprint_title(void **state)
{
    struct fingerprint_rules *rules;
    struct grouping g = { 0 };
    struct event ev;

    (void) state;
    assert_int_equal(
        fingerprint_rules_parse(
            a,
            STR("value:\"*away*\" tags.host:db* -> away {{ tags.host }} "
                "title=\"{{ tags.host }} is away: {{ error.type }}\""),
            &rules, NULL),
        ST_OK);
    g.fingerprint = rules;
    ev = digested(case_parse(a, STR("{\"tags\":{\"host\":\"db1\"},"
                                    "\"exception\":[{\"type\":\"E\","
                                    "\"value\":\"It is AWAY now\"}]}")),
                  &g);
    assert_string_equal(str_dup(a, ev.title), "db1 is away: E");
    assert_int_equal(ev.ncomponents, 2);
    assert_string_equal(str_dup(a, ev.components[1].value), "db1");
}


/* Callers and callees of a fingerprint rule on a stack of a b c, a oldest. */
static void
test_fingerprint_neighbours(void **state)
{
    static const struct {
        const char *rule;
        bool hit;
    } rows[] = {
        { "[ function:a ] | function:b", true },
        { "[ function:b ] | function:b", false },
        { "[ function:a ] | function:a", false },
        { "[ !function:x ] | function:a", false }, /* nothing called a */
        { "[ !function:a ] | function:b", false },
        { "[ !function:x ] | function:b", true },
        { "function:b | [ function:c ]", true },
        { "function:b | [ function:a ]", false },
        { "function:c | [ function:* ]", false },
        { "[ function:a ] | function:b | [ function:c ]", true },
        { "[ function:a ] | function:b | [ function:a ]", false },
        { "[ app:yes ] | function:b | [ app:no ]", true },
        { "type:E [ module:m.a ] | function:b app:yes | [ \"function:c\" ]",
          true },
        { "type:F [ module:m.a ] | function:b", false },
        { "[ path:**/a.py ] | !function:a", true },
    };
    static const char event[] =
        "{\"platform\":\"python\",\"exception\":{\"values\":[{"
        "\"type\":\"E\",\"stacktrace\":{\"frames\":["
        "{\"function\":\"a\",\"module\":\"m.a\",\"in_app\":true,"
        "\"abs_path\":\"/x/a.py\"},"
        "{\"function\":\"b\",\"in_app\":true},"
        "{\"function\":\"c\",\"in_app\":false}]}}]}}";

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct str text = str_printf(a, "%s -> x title=hit", rows[i].rule);
        struct fingerprint_rules *rules;
        struct grouping g = { 0 };
        struct event ev;

        assert_int_equal(fingerprint_rules_parse(a, text, &rules, NULL), ST_OK);
        g.fingerprint = rules;
        ev = digested(case_parse(a, str_of(event)), &g);
        if (str_is(ev.title, "hit") != rows[i].hit) {
            fail_msg("%s", rows[i].rule);
        }
    }
}


/* A line of a thousand of anything is read or refused, and nothing else. */
static void
test_hostile_fingerprint_rules(void **state)
{
    static const char *const pieces[] = {
        "[",
        "]",
        "|",
        "[ function:a ] | ",
        "| [ function:a ] ",
        "!",
        "\"",
        "\\",
        "->",
        "{{",
        "\xff:",
        ":",
        "[ !",
        "function:{",
        "function:a ",
    };
    struct fingerprint_rules *rules;

    (void) state;
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct buf b = buf_in(a);

        for (int k = 0; k < 1000; k++) {
            buf_text(&b, pieces[i]);
        }
        assert_true(fingerprint_rules_parse(a, buf_view(&b), &rules, NULL)
                    == ST_INVALID);
        buf_text(&b, " -> x");
        buf_char(&b, '\0');
        (void) !fingerprint_rules_parse(a, buf_view(&b), &rules, NULL);
    }
}


/* The client's in_app is kept, so that other rules find it again. */
static void
test_client_in_app_is_kept(void **state)
{
    struct stack_rules *rules;
    struct grouping g = { 0 };
    struct event ev;
    struct json *doc = case_parse(
        a, STR("{\"platform\":\"python\",\"exception\":[{\"type\":\"E\","
               "\"stacktrace\":{\"frames\":[{\"function\":\"f\","
               "\"in_app\":true},{\"function\":\"g\"}]}}]}"));
    struct json *frame;

    (void) state;
    assert_int_equal(stack_rules_parse(a, STR("function:f -app"), &rules, NULL),
                     ST_OK);
    g.stack = rules;
    ev = digested(doc, &g);
    frame = json_path(ev.doc, "exception", "values", NULL)->first;
    frame = json_path(frame, "stacktrace", "frames", NULL)->first;
    assert_true(
        case_fits(frame, case_parse(a, STR("{\"in_app\":false,"
                                           "\"data\":{\"orig_in_app\":1}}"))));
    assert_true(case_fits(
        frame->next, case_parse(a, STR("{\"in_app\":false,"
                                       "\"data\":{\"orig_in_app\":-1}}"))));

    ev = digested(ev.doc, NULL);
    assert_true(ev.stacks->exceptions[0].stack->frames[0].in_app);
}


#define TWO_CALLS                                                              \
    "\"platform\":\"python\",\"exception\":[{\"type\":\"E\","                  \
    "\"stacktrace\":{\"frames\":[{\"function\":\"main\",\"in_app\":true},"     \
    "{\"function\":\"query\",\"in_app\":true}]}}]"


/* Rules that were changed softly find the issue of those that held before. */
static void
test_earlier_rules_follow(void **state)
{
    struct grouping_texts texts = { 0 };
    const struct grouping *g;
    struct event was, ev;
    struct json *doc = case_parse(a, STR("{" TWO_CALLS "}"));

    (void) state;
    was = digested(doc, NULL);
    assert_int_equal(was.nhashes, 1); /* both variants are the same */

    grouping_text_set(a, &texts, STR(GROUPING_STACK),
                      STR("function:query -app"));
    grouping_text_set(a, &texts, STR(GROUPING_UNTIL), STR("1763856001"));
    g = grouping_read(a, &texts, CASE_RECEIVED);
    ev = digested(case_parse(a, STR("{" TWO_CALLS "}")), g);
    assert_int_equal(ev.nhashes, 2);
    assert_memory_not_equal(ev.hashes[0], was.hashes[0], 16);
    assert_memory_equal(ev.hashes[1], was.hashes[0], 16);
    assert_false(ev.stacks->exceptions[0].stack->frames[1].in_app);
    assert_true(case_fits(
        json_path(ev.doc, "exception", "values", NULL)->first,
        case_parse(a, STR("{\"stacktrace\":{\"frames\":[{\"in_app\":true},"
                          "{\"in_app\":false}]}}"))));

    /* and the tree can be read back by no rules at all */
    ev = digested(ev.doc, NULL);
    assert_memory_equal(ev.hashes[0], was.hashes[0], 16);

    assert_non_null(grouping_read(a, &texts, CASE_RECEIVED)->before);
    g = grouping_read(a, &texts, CASE_RECEIVED + 2 * US_PER_SECOND);
    assert_null(g->before);
}


static void
test_preview(void **state)
{
    static const struct {
        int64_t issue;
        const char *event;
    } events[] = {
        { 1, "{" TWO_CALLS ",\"tags\":{\"host\":\"a\"}}" },
        { 1, "{" TWO_CALLS ",\"tags\":{\"host\":\"b\"}}" },
        { 1, "{" TWO_CALLS ",\"tags\":{\"host\":\"b\"}}" },
        { 2, "{\"message\":\"cannot reach db one\"}" },
        { 3, "{\"message\":\"cannot reach db two\"}" },
        { 4, "{\"message\":\"something else\"}" },
    };
    struct fingerprint_rules *rules;
    struct grouping draft = { 0 };
    struct preview_result r;
    struct preview *p;

    (void) state;
    assert_int_equal(preview_result(preview_new(a, NULL, NULL)).events, 0);
    assert_int_equal(fingerprint_rules_parse(
                         a,
                         STR("type:E -> {{ default }} {{ tags.host }}\n"
                             "message:\"cannot reach*\" -> unreachable\n"),
                         &rules, NULL),
                     ST_OK);
    draft.fingerprint = rules;
    p = preview_new(a, NULL, &draft);
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        struct event ev =
            digested(case_parse(a, str_of(events[i].event)), NULL);

        preview_add(p, a, events[i].issue, ev.doc);
    }
    r = preview_result(p);
    assert_int_equal(r.events, 6);
    assert_int_equal(r.moved, 5);
    assert_int_equal(r.njoins, 1);
    assert_int_equal(r.joins[0].n, 2);
    assert_int_equal(r.joins[0].issues[0], 2);
    assert_int_equal(r.joins[0].issues[1], 3);
    assert_int_equal(r.nsplits, 1);
    assert_int_equal(r.splits[0].issue, 1);
    assert_int_equal(r.splits[0].n, 2);
    assert_int_equal(r.splits[0].events[0], 2);
    assert_int_equal(r.splits[0].events[1], 1);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_messages_are_linear),
        cmocka_unit_test(test_native_names),
        cmocka_unit_test(test_rules_say_what_is_wrong),
        cmocka_unit_test(test_stack_rules),
        cmocka_unit_test(test_frames_are_remembered),
        cmocka_unit_test(test_fingerprint_title),
        cmocka_unit_test(test_fingerprint_neighbours),
        cmocka_unit_test(test_hostile_fingerprint_rules),
        cmocka_unit_test(test_client_in_app_is_kept),
        cmocka_unit_test(test_earlier_rules_follow),
        cmocka_unit_test(test_preview),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
