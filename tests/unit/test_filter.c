/*
 * Which events run into which filter: tests/data/filter.json has one event a
 * row, what the project has set, and the key that drops it.
 */

#include "digest_case.h"

#include "digest/filter.h"
#include "digest/network.h"
#include "digest/origin.h"
#include "digest/user_agent.h"
#include "util/crypt.h"

/* Enough of uap-core for the rows. */
static const char rules[] =
    "user_agent_parsers:\n"
    "  - regex: '(IE Mobile|IE|Edge|Firefox|Chrome|Safari|Opera Mini|Opera"
    "|Android)/(\\d+)'\n";

static struct arena *a;


static int
setup(void **state)
{
    char path[] = "/tmp/vedette-rules-XXXXXX";
    int fd = mkstemp(path);
    FILE *f = fdopen(fd, "w");

    (void) state;
    crypt_init();
    a = arena_new();
    if (f == NULL) {
        return 1;
    }
    fputs(rules, f);
    fclose(f);
    fd = user_agent_load(path) == ST_OK ? 0 : 1;
    remove(path);
    return fd;
}


static int
teardown(void **state)
{
    (void) state;
    arena_free(a);
    return user_agent_load("/nonexistent/regexes.yaml") == ST_OK;
}


static void
test_rows(void **state)
{
    struct json *rows = case_parse(a, case_read(a, "tests/data/filter.json"));
    unsigned wrong = 0;

    (void) state;
    json_each(row, rows)
    {
        struct filters *f = filters_new(a);
        struct event ev = case_event(json_get(row, "event"));
        struct str want = json_text_of(row, "filter"), got;

        if (!str_null(json_text_of(row, "address"))) {
            ev.remote_addr = json_text_of(row, "address");
        }
        json_each(s, json_get(row, "set"))
        {
            filters_set(a, f, s->key, s->text);
        }
        normalize_event(a, &ev);
        got = str_of(filters_match(f, &ev));
        if (!str_eq(got, want)) {
            wrong++;
            print_error("%.*s: \"%.*s\"\n", STR_FMT(json_text_of(row, "what")),
                        STR_FMT(got));
        }
    }
    assert_int_equal(wrong, 0);
}


static void
every_default_can_be_read(void **state)
{
    (void) state;
    for (size_t i = 0; i < filter_count; i++) {
        struct filter_setting s;
        struct str bad;

        if (!filter_read(a, &filter_rows[i], str_of(filter_rows[i].value), &s,
                         &bad)) {
            fail_msg("%s: %.*s", filter_rows[i].key, STR_FMT(bad));
        }
        assert_true((filter_rows[i].kind == FILTER_CHOICES)
                    == (filter_rows[i].choices != NULL));
    }
}


static void
a_line_that_is_wrong_is_told_and_the_others_count(void **state)
{
    struct filter_setting s;
    struct str bad;
    size_t i = 0;

    (void) state;
    while (strcmp(filter_rows[i].key, "ip-address") != 0) {
        i++;
    }
    assert_false(filter_read(a, &filter_rows[i],
                             STR("10.0.0.0/8\r\n\n10.0.0.0/33\n::1\n"), &s,
                             &bad));
    assert_true(str_is(bad, "10.0.0.0/33"));
    assert_int_equal(s.n, 2);
}


static void
hostile_patterns_cost_little(void **state)
{
    struct buf text = buf_in(a);
    struct filters *f = filters_new(a);
    struct event ev;

    (void) state;
    for (int i = 0; i < 300; i++) {
        buf_text(&text, "{a,b}*");
    }
    buf_text(&text, "\n{{{{\n}}}}\n\\\n[\n{a,{b,{c}}}\n*");
    filters_set(a, f, STR("filter.error-message"),
                str_sub(buf_view(&text), 900, text.n - 2));
    ev = case_event(case_parse(
        a, STR("{\"message\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac\"}")));
    normalize_event(a, &ev);
    (void) filters_match(f, &ev);
}


static void
networks(void **state)
{
    static const struct {
        const char *net, *address;
        bool inside;
    } rows[] = {
        { "10.0.0.0/8", "10.255.1.2", true },
        { "10.0.0.0/8", "11.0.0.1", false },
        { "1.2.3.0/24", "1.2.3.4", true },
        { "1.2.3.4", "1.2.3.4", true },
        { "1.2.3.4", "1.2.3.5", false },
        { "0.0.0.0/0", "255.1.1.1", true },
        { "0.0.0.0/0", "2001:db8::1", false },
        { "2001:db8::/33", "2001:db8:7fff::1", true },
        { "2001:db8::/33", "2001:db8:8000::1", false },
        { "::/0", "2001:db8::1", true },
        { "::ffff:1.2.3.4", "1.2.3.4", true },
    };
    static const char *const wrong[] = { "",          "10.0.0", "10.0.0.0/33",
                                         "::1/129",   "a",      "10.0.0.0/",
                                         "1.2.3.4/-1" };
    struct network net, address;

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(network_parse(str_of(rows[i].net), &net));
        assert_true(network_parse(str_of(rows[i].address), &address));
        if (network_has(&net, &address) != rows[i].inside) {
            fail_msg("%s %s", rows[i].net, rows[i].address);
        }
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(network_parse(str_of(wrong[i]), &net));
    }
}


static void
origins(void **state)
{
    static const struct {
        const char *pattern, *uri;
        bool fits;
    } rows[] = {
        { "*", "https://a.example/x", true },
        { "*", "", true },
        { "chrome-extension://*", "chrome-extension://abc/x.js", true },
        { "chrome-extension://*", "https://abc/x.js", false },
        { "*.example.org", "https://example.org/x", true },
        { "*.example.org", "https://a.b.example.org:8443/x", true },
        { "*.example.org", "https://notexample.org/x", false },
        { "example.org", "https://EXAMPLE.org", true },
        { "example.org", "https://a.example.org", false },
        { "example.org:8443", "https://example.org:8443/x", true },
        { "example.org:8443", "https://example.org/x", false },
        { "https://example.org", "http://example.org/x", false },
        { "about", "about", true },
        { "data:text/html,chromewebdata", "data:text/html,chromewebdata",
          true },
        { "localhost", "http://localhost:8000/x", true },
        { "localhost", "", false },
        { "", "https://example.org", false },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (origin_matches(str_of(rows[i].pattern), str_of(rows[i].uri))
            != rows[i].fits) {
            fail_msg("%s %s", rows[i].pattern, rows[i].uri);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(every_default_can_be_read),
        cmocka_unit_test(a_line_that_is_wrong_is_told_and_the_others_count),
        cmocka_unit_test(hostile_patterns_cost_little),
        cmocka_unit_test(networks),
        cmocka_unit_test(origins),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
