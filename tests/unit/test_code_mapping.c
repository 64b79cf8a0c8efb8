/* Code mappings: what is understood, what is wrong, and the links. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/code_mapping.h"

#define SHA "1f0c2d91f0c2d91f0c2d91f0c2d91f0c2d91f0c2"
#define GITHUB "https://github.com/acme/shop"

static const struct {
    const char *text;
    const char *file;
    const char *revision; /* NULL: the branch */
    const char *link;     /* NULL: none */
} links[] = {
    { "src/ -> " GITHUB " src/", "src/cart.py", SHA,
      GITHUB "/blob/" SHA "/src/cart.py#L7" },
    { "src/ -> " GITHUB ".git/", "src/cart.py", NULL,
      GITHUB "/blob/HEAD/cart.py#L7" },
    { "src/ -> " GITHUB " src branch=dev/x", "src/cart.py", NULL,
      GITHUB "/blob/dev/x/src/cart.py#L7" },
    { "/srv/ -> https://gitlab.acme.org/a/b/c", "/srv/x y.py", SHA,
      "https://gitlab.acme.org/a/b/c/-/blob/" SHA "/x%20y.py#L7" },
    { "* -> gitea https://git.acme.org/a/b", "a\\b.py", SHA,
      "https://git.acme.org/a/b/src/commit/" SHA "/a/b.py#L7" },
    { "* -> forgejo https://git.acme.org/a/b", "./a.py", NULL,
      "https://git.acme.org/a/b/src/branch/main/a.py#L7" },
    { "* -> https://bitbucket.org/a/b", "a.py", SHA,
      "https://bitbucket.org/a/b/src/" SHA "/a.py#lines-7" },
    { "app:/// -> " GITHUB " web/", "app:///src/a.ts?v=1", NULL,
      GITHUB "/blob/HEAD/web/src/a.ts#L7" },
    { "* -> https://x.org/{revision}/{path}?l={line}", "a/<b>.py", SHA,
      "https://x.org/" SHA "/a/%3Cb%3E.py?l=7" },
    { "* -> https://x.org/{path}", "{line}.py", NULL,
      "https://x.org/%7Bline%7D.py" },
    { "a/ -> " GITHUB "\n# more\n\na -> https://gitlab.com/a/b", "a/b.py", NULL,
      GITHUB "/blob/HEAD/b.py#L7" },
    { "* -> " GITHUB, "/abs/a.py", NULL, NULL },
    { "* -> " GITHUB, "https://shop.example/a.js", NULL, NULL },
    { "* -> " GITHUB, "<frozen importlib>", NULL, NULL },
    { "src/ -> " GITHUB " src/", "src/../../etc/passwd", NULL, NULL },
    { "src/ -> " GITHUB " ../x", "src/a.py", NULL, NULL },
    { "src/ -> " GITHUB, "src/", NULL, NULL },
    { "src/ -> " GITHUB, "lib/a.py", NULL, NULL },
    { "", "a.py", NULL, NULL },
};

static const struct {
    const char *text;
    unsigned line;
} wrongs[] = {
    { "src/ " GITHUB, 1 },
    { "\n -> " GITHUB, 2 },
    { "a -> javascript:alert(1)", 1 },
    { "a -> https://", 1 },
    { "a -> https://u:p@github.com/a/b", 1 },
    { "a -> https://github.com/\"><b>", 1 },
    { "a -> https://code.acme.org/a/b", 1 },
    { "a -> github", 1 },
    { "a -> " GITHUB " b c", 1 },
    { "a -> " GITHUB " branch=", 1 },
    { "a -> " GITHUB " branch=a..b", 1 },
    { "# fine\na -> " GITHUB "\nb", 3 },
};


static struct arena *a;


static void
links_are_made(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        struct str name = str_of(links[i].file), path;
        const struct code_mapping *m;
        struct code_mapping *v;
        struct code_error err;
        size_t n;

        assert_int_equal(
            code_mappings_parse(a, str_of(links[i].text), &v, &n, &err), ST_OK);
        m = code_mapping_find(a, v, n, &name, 1, &path);
        if (links[i].link == NULL) {
            assert_null(m);
            continue;
        }
        assert_non_null(m);
        assert_string_equal(
            str_dup(a, code_link(a, m, path, str_of(links[i].revision), 7)),
            links[i].link);
    }
}


static void
what_is_wrong_is_told_with_its_line(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
        struct code_mapping *v;
        struct code_error err;
        size_t n;

        assert_int_equal(
            code_mappings_parse(a, str_of(wrongs[i].text), &v, &n, &err),
            ST_INVALID);
        assert_int_equal(err.line, wrongs[i].line);
        assert_non_null(err.text);
    }
}


static void
a_repository_is_known_by_its_end(void **state)
{
    static const struct {
        const char *name;
        bool is;
    } names[] = {
        { "acme/shop", true },     { "Acme/Shop.git", true },
        { "shop", true },          { GITHUB, true },
        { "op", false },           { "acme/web", false },
        { GITHUB "/more", false }, { "", false },
    };
    struct code_mapping *v;
    struct code_error err;
    size_t n;

    (void) state;
    assert_int_equal(code_mappings_parse(a, STR("* -> " GITHUB), &v, &n, &err),
                     ST_OK);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(code_mapping_is(v, str_of(names[i].name)),
                         names[i].is);
    }
    assert_string_equal(str_dup(a, code_commit_link(a, v, STR(SHA))),
                        GITHUB "/commit/" SHA);
}


static void
a_version_may_be_a_revision(void **state)
{
    (void) state;
    assert_true(str_is(code_revision_of(STR("shop@" SHA)), SHA));
    assert_true(str_is(code_revision_of(STR(SHA)), SHA));
    assert_true(str_null(code_revision_of(STR("shop@1.4.2"))));
    assert_true(str_null(code_revision_of(STR("20261127"))));
    assert_true(str_null(code_revision_of(STR_NULL)));
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_are_made),
        cmocka_unit_test(what_is_wrong_is_told_with_its_line),
        cmocka_unit_test(a_repository_is_known_by_its_end),
        cmocka_unit_test(a_version_may_be_a_revision),
    };
    int rc;

    a = arena_new();
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(a);
    return rc;
}
