/* integration/markup: our Markdown in the words of each tracker, and nothing of
 * an event's text as more than text. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "integration/markup.h"

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


static void
same(struct str got, const char *wanted)
{
    assert_string_equal(str_dup(a, got), wanted);
}


static void
test_wiki(void **state)
{
    (void) state;
    same(markup_wiki(a, STR("**Bad** `code` [here](https://x.example/)")),
         "*Bad* {{code}} [here|https://x.example/]");
    same(markup_wiki(a, STR("- one\n- two\n\nend")), "* one\n* two\n\nend");
    same(markup_wiki(a, STR("```\na *b* {x}\n```")),
         "{noformat}\na *b* {x}\n{noformat}");
    same(markup_wiki(a, STR("{code} [~ann] !x.png!")),
         "\\{code\\} \\[\\~ann\\] \\!x.png\\!");
}


static void
test_textile(void **state)
{
    (void) state;
    same(markup_textile(a, STR("**Bad** [here](https://x.example/)")),
         "*Bad* \"here\":https://x.example/");
    same(markup_textile(a, STR("!x.png! {{macro}} @c@ <b>")),
         "&#33;x.png&#33; &#123;&#123;macro&#125;&#125; &#64;c&#64; "
         "&#60;b&#62;");
}


static void
test_a_block_is_not_ended_from_inside(void **state)
{
    struct str wiki = markup_wiki(a, STR("```\nx{noformat}y\n```")),
               textile = markup_textile(a, STR("```\nx</pre>y\n```"));

    (void) state;
    /* the only ends are ours */
    assert_int_equal(str_find(wiki, STR("x{noformat}")), -1);
    assert_int_equal(str_find(textile, STR("x</pre>")), -1);
}


static void
test_a_backslash_makes_text(void **state)
{
    (void) state;
    same(markup_wiki(a, STR("\\[x\\](http://evil.example) \\`y\\`")),
         "\\[x\\](http://evil.example) `y`");
    same(markup_textile(a, STR("**a \\*\\* b**")), "*a &#42;&#42; b*");
    /* only to the web */
    same(markup_textile(a, STR("[x](javascript:alert)")),
         "&#91;x&#93;(javascript:alert)");
}


static void
test_adf_there_and_back(void **state)
{
    struct json *doc = markup_adf(
        a, STR("A **b** [c](https://x.example/)\nd\n\n- e\n\n```\nf\n```\n"));
    struct buf b = buf_in(a);

    (void) state;
    same(markup_of_adf(a, doc), "A b c\nd\ne\nf");
    json_write(&b, doc);
    assert_int_equal(str_find(buf_view(&b), STR("\"text\":\"\"")), -1);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wiki),
        cmocka_unit_test(test_textile),
        cmocka_unit_test(test_a_block_is_not_ended_from_inside),
        cmocka_unit_test(test_a_backslash_makes_text),
        cmocka_unit_test(test_adf_there_and_back),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
