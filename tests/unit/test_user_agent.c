/*
 * What is read out of User-Agent strings, by a file of a few rules and by the
 * rules that a machine has.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "digest/user_agent.h"

#define DEBIAN "/usr/share/uap-core/regexes.yaml"

static const char rules[] =
    "user_agent_parsers:\n"
    "  # the first that matches counts\n"
    "  - regex: '(Broken'\n"
    "  - regex: '(Shop)App/(\\d+)\\.(\\d+)(?:\\.(\\d+)|)'\n"
    "    family_replacement: '$1 Window'\n"
    "  - regex: '(a+)+$'\n"
    "  - regex: 'Nothing'\n"
    "    family_replacement: 'Other'\n"
    "os_parsers:\n"
    "  - regex: 'Windows NT 10'\n"
    "    os_replacement: 'Windows'\n"
    "    os_v1_replacement: '10'\n"
    "  - regex: '(Mac OS X) (\\d+)_(\\d+)_(\\d+)'\n"
    "device_parsers:\n"
    "  - regex: '; (phone) ([a-z0-9]+)'\n"
    "    regex_flag: 'i'\n"
    "    device_replacement: 'Acme $1 $2'\n"
    "    brand_replacement: 'Acme'\n"
    "    model_replacement: '$2'\n";


static void
load(const char *text)
{
    char path[] = "/tmp/vedette-rules-XXXXXX";
    int fd = mkstemp(path);
    enum status st;

    assert_int_not_equal(fd, -1);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    st = user_agent_load(path);
    unlink(path);
    assert_int_equal(st, ST_OK);
}


#define assert_str(s, expected)                                                \
    do {                                                                       \
        struct str s_ = (s);                                                   \
                                                                               \
        if (!str_is(s_, expected)) {                                           \
            fail_msg("\"%.*s\" instead of \"%s\"", STR_FMT(s_), expected);     \
        }                                                                      \
    } while (0)


static void
rules_are_tried_in_order(void **state)
{
    const struct user_agent *ua;

    (void) state;
    load(rules);
    ua = user_agent_find(STR("ShopApp/3.14 (Windows NT 10.0; PHONE x7)"));
    assert_str(ua->browser, "Shop Window");
    assert_str(ua->browser_major, "3");
    assert_str(ua->browser_version, "3.14");
    assert_str(ua->os, "Windows");
    assert_str(ua->os_version, ">=10");
    assert_str(ua->device, "Acme PHONE x7");
    assert_str(ua->device_brand, "Acme");
    assert_str(ua->device_model, "x7");

    ua = user_agent_find(STR("Mac OS X 10_15_7"));
    assert_str(ua->os_version, ">=10.15.7");
    assert_true(str_null(ua->browser));
    ua = user_agent_find(STR("Mac OS X 10_15_6"));
    assert_str(ua->os_version, "10.15.6");
    assert_true(str_null(user_agent_find(STR("Nothing/1"))->browser));
}


static void
a_hostile_string_costs_little(void **state)
{
    char text[2000];

    (void) state;
    load(rules);
    memset(text, 'a', sizeof(text));
    text[400] = '!';
    assert_true(
        str_null(user_agent_find(str_make(text, sizeof(text)))->browser));
    text[0] = '\xff';
    text[1] = '\0';
    assert_true(str_null(user_agent_find(str_make(text, 401))->browser));
    assert_true(str_null(user_agent_find(STR_NULL)->browser));
}


static void
many_strings_push_the_oldest_out(void **state)
{
    (void) state;
    load(rules);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3000; i++) {
            char text[40], major[16];

            snprintf(text, sizeof(text), "ShopApp/%d.0", i);
            snprintf(major, sizeof(major), "%d", i);
            assert_str(user_agent_find(str_of(text))->browser_major, major);
            assert_str(user_agent_find(STR("ShopApp/7.1"))->browser_major, "7");
        }
    }
}


static void
without_rules_nothing_is_known(void **state)
{
    (void) state;
    assert_int_equal(user_agent_load("/nonexistent/regexes.yaml"),
                     ST_NOT_FOUND);
    assert_true(str_null(user_agent_find(STR("ShopApp/3.14"))->browser));
    assert_int_equal(user_agent_load("/dev/null"), ST_INVALID);
    assert_true(str_null(user_agent_find(STR("ShopApp/3.14"))->browser));
}


static void
the_rules_of_the_machine(void **state)
{
    static const struct {
        const char *text, *browser, *major, *os, *version, *device;
    } rows[] = {
        { "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
          "(KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
          "Chrome", "124", "Windows", ">=10", "" },
        { "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) "
          "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 "
          "Safari/605.1.15",
          "Safari", "17", "Mac OS X", ">=10.15.7", "Mac" },
        { "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) "
          "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 "
          "Mobile/15E148 Safari/604.1",
          "Mobile Safari", "17", "iOS", "17.4", "iPhone" },
        { "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 "
          "Firefox/125.0",
          "Firefox", "125", "Linux", "", "" },
        { "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like "
          "Gecko",
          "IE", "11", "Windows", "7", "" },
        { "python-requests/2.31.0", "Python Requests", "2", "", "", "" },
        { "nonsense", "", "", "", "", "" },
    };

    (void) state;
    if (access(DEBIAN, R_OK) != 0) {
        skip();
    }
    assert_int_equal(user_agent_load(DEBIAN), ST_OK);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct user_agent *ua = user_agent_find(str_of(rows[i].text));

        assert_str(ua->browser, rows[i].browser);
        assert_str(ua->browser_major, rows[i].major);
        assert_str(ua->os, rows[i].os);
        assert_str(ua->os_version, rows[i].version);
        assert_str(ua->device, rows[i].device);
    }
}


static int
teardown(void **state)
{
    (void) state;
    return user_agent_load("/nonexistent/regexes.yaml") == ST_OK;
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_tried_in_order),
        cmocka_unit_test(a_hostile_string_costs_little),
        cmocka_unit_test(many_strings_push_the_oldest_out),
        cmocka_unit_test(without_rules_nothing_is_known),
        cmocka_unit_test(the_rules_of_the_machine),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
