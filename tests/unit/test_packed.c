/*
 * queue/packed, and what queue/queue makes of it: whatever an entry's fields
 * are, what is understood lies inside of them, and nothing is understood twice.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "queue/message.h"
#include "queue/packed.h"
#include "queue/queue.h"

#define ROUNDS 200000
#define LENGTH 96


static bool
lies_in(struct str part, struct str text)
{
    return part.p >= text.p && part.p + part.n <= text.p + text.n;
}


/* What is taken for requests, one behind the other. */
static void
check_several(struct str text)
{
    struct str parts[VEDETTE_SEVERAL_MAX];
    size_t n = packed_several(text, parts, VEDETTE_SEVERAL_MAX);
    const char *end = text.p;

    for (size_t i = 0; i < n; i++) {
        assert_true(lies_in(parts[i], text) && parts[i].p >= end + 2);
        assert_true(parts[i].p[0] == '3' || parts[i].p[0] == '4');
        end = parts[i].p + parts[i].n;
    }
    assert_true(n == 0 || end == text.p + text.n);
}


static void
check_words(struct str text)
{
    struct str words[16];
    size_t n = packed_words(text, words, 16);

    assert_true(n % 2 == 0 && n <= 16);
    for (size_t i = 0; i < n; i++) {
        assert_true(lies_in(words[i], text));
        assert_true(i % 2 == 1 || words[i].n == 1);
    }
}


/* As an entry: one message at the least, and all of one id. */
static void
check_entry(struct arena *a, struct str text)
{
    static struct message out[VEDETTE_SEVERAL_MAX];
    struct message entry = {
        .id = STR("1-1"),
        .of = 1,
        .version = str_printf(a, "5%.*s", STR_FMT(text)),
    };
    size_t n = messages_of(a, &entry, out);

    assert_true(n >= 1 && n <= VEDETTE_SEVERAL_MAX);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(out[i].of, n - i);
        assert_true(str_is(out[i].id, "1-1"));
        assert_true(out[i].shared == (n > 1));
        assert_true(str_null(out[i].body)
                    || lies_in(out[i].body, entry.version));
    }
}


/* Of the letters that mean something, in the same order with each run. */
static void
whatever_it_is_it_is_read_within_its_bounds(void **state)
{
    static const char letters[] = "0123459:3:4:1:2dx9\0\377";
    struct arena *a = arena_new();
    uint64_t chance = 88172645463325252u;

    (void) state;
    for (int round = 0; round < ROUNDS; round++) {
        size_t length = (size_t) round % LENGTH;
        char *text = malloc(length + 1); /* whose end a sanitizer knows */

        for (size_t i = 0; i < length; i++) {
            chance ^= chance << 13;
            chance ^= chance >> 7;
            chance ^= chance << 17;
            text[i] = letters[chance % (sizeof(letters) - 1)];
        }
        check_several(str_make(text, length));
        check_words(str_make(text, length));
        check_entry(a, str_make(text, length));
        free(text);
        arena_reset(a);
    }
    arena_free(a);
}


/* A good one, of which each byte is changed to each other, and each length. */
static void
a_good_one_that_is_damaged_is_read_within_its_bounds(void **state)
{
    static const char good[] = "9:3o1:7d1:a11:4o1:9d3:abc1:3";
    struct arena *a = arena_new();
    struct str parts[VEDETTE_SEVERAL_MAX];

    (void) state;
    assert_int_equal(packed_several(STR(good), parts, VEDETTE_SEVERAL_MAX), 3);
    assert_true(str_is(parts[0], "3o1:7d1:a"));
    assert_true(str_is(parts[1], "4o1:9d3:abc"));
    assert_true(str_is(parts[2], "3"));
    assert_int_equal(packed_several(STR(good), parts, 2), 0);
    for (size_t n = 0; n < sizeof(good); n++) {
        for (size_t at = 0; at < n; at++) {
            for (int c = 0; c < 256; c++) {
                char *text = malloc(n);

                memcpy(text, good, n);
                text[at] = (char) c;
                check_several(str_make(text, n));
                check_entry(a, str_make(text, n));
                free(text);
            }
            arena_reset(a);
        }
    }
    arena_free(a);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_it_is_it_is_read_within_its_bounds),
        cmocka_unit_test(a_good_one_that_is_damaged_is_read_within_its_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
