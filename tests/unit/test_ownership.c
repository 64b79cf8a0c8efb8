/* Ownership rules and CODEOWNERS lines: what they match, and what is wrong. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "digest/ownership.h"

#define EVENT(frames)                                                          \
    "{\"platform\":\"python\",\"exception\":{\"values\":[{\"stacktrace\":"     \
    "{\"frames\":[" frames "]}}]},\"request\":{\"url\":"                       \
    "\"https://Shop.example/Pay/1\"},\"tags\":[[\"browser\",\"Firefox 9\"]],"  \
    "\"user\":{\"email\":\"eve@example.org\"}}"
#define FRAME(file, module, app)                                               \
    "{\"filename\":\"" file "\",\"module\":\"" module "\",\"in_app\":" app     \
    ",\"abs_path\":\"/srv/" file "\"}"

static const char event[] =
    EVENT(FRAME("lib/web.py", "web.run", "false") "," FRAME(
        "src/billing/cards/pay.py", "shop.billing.pay", "true"));

static const struct {
    const char *rules;
    const char *owner; /* of the first; "": nobody, NULL: none matches */
} cases[] = {
    { "path:src/billing/* a@x.org", "a@x.org" },
    { "path:SRC\\\\Billing/*  a@x.org", NULL },
    { "path:src/Billing/* A@X.org", "a@x.org" },
    { "src/billing/* a@x.org", "a@x.org" },
    { "path:billing/* a@x.org", NULL },
    { "path:*/billing/* a@x.org", "a@x.org" },
    { "path:/srv/src/* a@x.org", "a@x.org" },
    { "path:lib/* a@x.org", "a@x.org" },
    { "module:shop.billing.* #pay", "#pay" },
    { "module:shop #pay", NULL },
    { "url:https://shop.example/pay/* #pay", "#pay" },
    { "url:http://* #pay", NULL },
    { "tags.browser:\"Firefox *\" #web", "#web" },
    { "tags.browser:Chrome* #web", NULL },
    { "tags.user.email:*@example.org #web", "#web" },
    { "# all\n\npath:* #one\nmodule:shop* #two b@x.org\npath:none* #three",
      "#two" },
    { "path:* #one\npath:src/*", "" },
    { "codeowners:* #all", "#all" },
    { "codeowners:*.py #py", "#py" },
    { "codeowners:*.js #js", NULL },
    { "codeowners:/src/ #src", "#src" },
    { "codeowners:/billing/ #b", NULL },
    { "codeowners:billing/ #b", "#b" },
    { "codeowners:billing #b", "#b" },
    { "codeowners:src/* #children", NULL },
    { "codeowners:src/billing/cards/* #children", "#children" },
    { "codeowners:src/**/pay.py #deep", "#deep" },
    { "codeowners:src/billing/**/cards/ #deep", "#deep" },
    { "codeowners:/src/*/cards/ #deep", "#deep" },
    { "codeowners:/src/*/pay.py #deep", NULL },
    { "codeowners:/lib/ #not-in-app", NULL },
    { "codeowners:pay.py/ #folder", NULL },
};


static void
rules_match(void **state)
{
    struct arena *a = arena_new();
    struct json *doc;

    (void) state;
    assert_int_equal(json_parse(a, str_of(event), NULL, &doc, NULL), ST_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ownership o;
        struct ownership_error err;
        const struct owner_rule *rule;
        const char *found;

        assert_int_equal(ownership_parse(a, str_of(cases[i].rules), &o, &err),
                         ST_OK);
        rule = ownership_match(a, &o, doc);
        found = rule == NULL  ? "no rule"
                : rule->n > 0 ? str_dup(a, rule->owners[0])
                              : "";
        if (strcmp(found, cases[i].owner != NULL ? cases[i].owner : "no rule")
            != 0) {
            fail_msg("%s: %s", cases[i].rules, found);
        }
    }
    arena_free(a);
}


static void
faults_are_told_with_line_and_word(void **state)
{
    static const struct {
        const char *rules;
        unsigned line;
        const char *word;
    } faults[] = {
        { "pth:src/* a@x.org", 1, "pth:src/*" },
        { "path:a #b\n\n# c\npath: #b", 4, "path:" },
        { "tags.:x #b", 1, "tags.:x" },
        { "path:a ann", 1, "ann" },
        { "path:a #ok #", 1, "#" },
        { "path:\"a b #ok", 1, "path:\"a b #ok" },
        { "path:a a@@x", 1, "a@@x" },
        { "url: x@y", 1, "url:" },
    };
    struct arena *a = arena_new();

    (void) state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        struct ownership_error err;
        struct ownership o;

        assert_int_equal(ownership_parse(a, str_of(faults[i].rules), &o, &err),
                         ST_INVALID);
        assert_int_equal(err.line, faults[i].line);
        assert_string_equal(str_dup(a, err.word), faults[i].word);
        assert_non_null(err.text);
    }
    arena_free(a);
}


static void
what_is_typed_is_tried_as_everything(void **state)
{
    static const struct {
        const char *text;
        const char *rule;
        bool matches;
    } tries[] = {
        { "src/a.py", "path:src/*", true },
        { "shop.billing", "module:shop.*", true },
        { "https://x.org/?a=1", "url:*x.org*", true },
        { "browser=Firefox 9", "tags.browser:Firefox*", true },
        { "browser=Firefox 9", "path:browser*", false },
        { "docs/a/b.md", "codeowners:/docs/", true },
    };
    struct arena *a = arena_new();

    (void) state;
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        struct ownership_error err;
        struct ownership o;

        assert_int_equal(ownership_parse(a, str_of(tries[i].rule), &o, &err),
                         ST_OK);
        assert_int_equal(
            ownership_match(a, &o, ownership_example(a, str_of(tries[i].text)))
                != NULL,
            tries[i].matches);
    }
    arena_free(a);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_match),
        cmocka_unit_test(faults_are_told_with_line_and_word),
        cmocka_unit_test(what_is_typed_is_tried_as_everything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
