/*
 * Where in the text of an issue a word is.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/issue_words.h"

#define TEXT                                                                   \
    "\x10"                                                                     \
    "lock timeout: order 17\n"                                                 \
    "\x16"                                                                     \
    "reserve_stock\n"                                                          \
    "\x17"                                                                     \
    "shop.stock\n"                                                             \
    "\x19"                                                                     \
    "discount: 100%\n"                                                         \
    "\x1a"                                                                     \
    "maria@example.org"


static void
the_first_line_with_the_word_is_found(void **state)
{
    static const struct {
        const char *pattern;
        int piece; /* -1: nowhere */
    } rows[] = {
        { "%lock%", PIECE_TITLE },     { "%LOCK%", PIECE_TITLE },
        { "%stock%", PIECE_FUNCTION }, { "%shop%stock%", PIECE_MODULE },
        { "%100\\%%", PIECE_TAG },     { "%100\\%x%", -1 },
        { "%e\\_s%", PIECE_FUNCTION }, { "%maria@%", PIECE_USER },
        { "%17%reserve%", -1 },        { "%\x16%", -1 },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum issue_piece piece;
        struct str line;
        bool found = issue_words_find(str_of(TEXT), str_of(rows[i].pattern),
                                      &piece, &line);

        assert_int_equal(found ? (int) piece : -1, rows[i].piece);
    }
}


static void
a_text_of_an_older_version_has_no_pieces(void **state)
{
    enum issue_piece piece;
    struct str line;

    (void) state;
    assert_true(issue_words_find(STR("one\ntwo"), STR("%wo%"), &piece, &line));
    assert_int_equal(piece, PIECE_UNKNOWN);
    assert_true(str_is(line, "two"));
    assert_false(issue_words_find(STR(""), STR("%x%"), &piece, &line));
    assert_false(issue_words_find(STR_NULL, STR("%x%"), &piece, &line));
}


static void
tags_and_users_are_no_code(void **state)
{
    (void) state;
    assert_true(str_ends(issue_words_code(str_of(TEXT)), STR("shop.stock\n")));
    assert_true(str_is(issue_words_code(STR("one\ntwo")), "one\ntwo"));
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_line_with_the_word_is_found),
        cmocka_unit_test(a_text_of_an_older_version_has_no_pieces),
        cmocka_unit_test(tags_and_users_are_no_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
