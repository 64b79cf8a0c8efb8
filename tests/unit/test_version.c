/* What the name of a release says, and its order. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/version.h"
#include "util/hex.h"
#include "util/sha1.h"


static void
parts_of_a_version(void **state)
{
    static const struct {
        const char *text, *package, *number, *build, *shown;
        bool semantic;
    } cases[] = {
        { "shop@1.4.2+b771", "shop", "1.4.2", "b771", "1.4.2", true },
        { "@scope/ui@2.0", "@scope/ui", "2.0", "", "2.0", true },
        { "1.4.2-rc.1", "", "1.4.2-rc.1", "", "1.4.2-rc.1", true },
        { "1.0rc1", "", "1.0rc1", "", "1.0rc1", true },
        { "1.2.3.4", "", "1.2.3.4", "", "1.2.3.4", true },
        { "42", "", "42", "", "42", true },
        { "1.2.3.4.5", "", "1.2.3.4.5", "", "1.2.3.4.5", false },
        { "v1.2", "", "v1.2", "", "v1.2", false },
        { "1.0-", "", "1.0-", "", "1.0-", false },
        { "1.0-a..b", "", "1.0-a..b", "", "1.0-a..b", false },
        { "999999999999999999999", "", "999999999999999999999", "",
          "999999999999999999999", false },
        { "0123456789abcdef0123456789abcdef01234567", "",
          "0123456789abcdef0123456789abcdef01234567", "", "0123456789ab",
          false },
        { "2024-05-01", "", "2024-05-01", "", "2024-05-01", true },
        { "", "", "", "", "", false },
        { "@", "", "@", "", "@", false },
        { "a@", "a", "", "", "a@", false },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct version v;

        version_parse(str_of(cases[i].text), &v);
        assert_true(str_is(v.package, cases[i].package));
        assert_true(str_is(v.number, cases[i].number));
        assert_true(str_is(v.build, cases[i].build));
        assert_true(
            str_is(version_short(str_of(cases[i].text)), cases[i].shown));
        assert_int_equal(v.is_semantic, cases[i].semantic);
    }
}


static void
order_of_versions(void **state)
{
    /* each is older than the next */
    static const char *const list[] = {
        "0.9",
        "1.0.0-1",
        "1.0.0-2",
        "1.0.0-10",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.0.0.1",
        "1.0.1",
        "1.2",
        "1.10",
        "2",
    };
    int c;

    (void) state;
    for (size_t i = 0; i + 1 < sizeof(list) / sizeof(list[0]); i++) {
        assert_true(version_compare(str_of(list[i]), str_of(list[i + 1]), &c));
        assert_true(c < 0);
        assert_true(version_compare(str_of(list[i + 1]), str_of(list[i]), &c));
        assert_true(c > 0);
    }
    assert_true(version_compare(STR("a@1.0+x"), STR("b@1.0.0+y"), &c));
    assert_int_equal(c, 0);
    assert_false(version_compare(STR("1.0"), STR("nightly"), &c));
}


static void
names_have_a_uuid_of_their_own(void **state)
{
    struct arena *a = arena_new();
    unsigned char url[16], id[16], hash[SHA1_BYTES];

    (void) state;
    sha1(STR("The quick brown fox jumps over the lazy dog"), hash);
    assert_true(str_is(hex_encode(a, hash, sizeof(hash)),
                       "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"));
    sha1(STR(""), hash);
    assert_true(str_is(hex_encode(a, hash, sizeof(hash)),
                       "da39a3ee5e6b4b0d3255bfef95601890afd80709"));
    sha1(
        STR("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
        hash);
    assert_true(str_is(hex_encode(a, hash, sizeof(hash)),
                       "ce4303f6b22257d9c9cf314ef1dee4707c6e1c13"));

    assert_true(uuid_parse(STR("6ba7b8119dad11d180b400c04fd430c8"), url));
    uuid_of_name(url, STR("https://sentry.io/#did"), id);
    assert_true(str_is(uuid_hex(a, id), "a59e99c3f3805ce1be0abf985af6f9eb"));
    uuid_of_name(id, STR("foobarbaz"), url);
    assert_true(str_is(uuid_hex(a, url), "367e24992b45586d814f778b60144e87"));
    arena_free(a);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_a_version),
        cmocka_unit_test(order_of_versions),
        cmocka_unit_test(names_have_a_uuid_of_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
