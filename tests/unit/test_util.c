/*
 * The pure parts of util/: what the rest of the program leans on.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "util/arena.h"
#include "util/buf.h"
#include "util/crypt.h"
#include "util/hex.h"
#include "util/share.h"
#include "util/str.h"
#include "util/timeutil.h"

static int cleaned;


static int
setup(void **state)
{
    crypt_init();
    *state = arena_new();
    return 0;
}


static int
teardown(void **state)
{
    arena_free(*state);
    return 0;
}


static void
clean(void *data)
{
    /* newest first: 2, then 1 */
    cleaned = cleaned * 10 + *(int *) data;
}


static void
arena_runs_cleanups_newest_first(void **state)
{
    struct arena *a = arena_new();
    static int one = 1, two = 2;

    (void) state;
    cleaned = 0;
    arena_cleanup(a, clean, &one);
    arena_cleanup(a, clean, &two);
    arena_reset(a);
    assert_int_equal(cleaned, 21);
    arena_free(a);
    assert_int_equal(cleaned, 21);
}


static void
arena_memory_is_zeroed_apart_and_aligned(void **state)
{
    struct arena *a = *state;

    for (size_t size = 1; size < 40000; size = size * 3 + 1) {
        unsigned char *p = arena_alloc(a, size);
        unsigned char *q = arena_alloc(a, size);

        assert_int_equal((uintptr_t) p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(p[i], 0);
        }
        memset(p, 0xff, size);
        assert_int_equal(q[0], 0);
        assert_int_equal(q[size - 1], 0);
        memset(q, 0xee, size);
        assert_int_equal(p[size - 1], 0xff);
    }
}


static void
a_buffer_keeps_its_bytes_while_it_grows(void **state)
{
    struct buf b = buf_in(*state);

    for (int i = 0; i < 20000; i++) {
        buf_addf(&b, "%d,", i % 10);
        /* something else in the arena, so that it cannot grow in place */
        arena_alloc(*state, 8);
    }
    assert_int_equal(b.n, 40000);
    assert_int_equal(b.p[b.n], '\0');
    for (int i = 0; i < 20000; i++) {
        assert_int_equal(b.p[2 * i], '0' + i % 10);
    }
}


static void
split_yields_every_part(void **state)
{
    struct str rest = STR("a,b,,"), part;
    const char *expected[] = { "a", "b", "", "" };
    size_t n = 0;

    (void) state;
    while (str_split(&rest, ',', &part)) {
        assert_true(n < 4);
        assert_true(str_is(part, expected[n]));
        n++;
    }
    assert_int_equal(n, 4);
}


static void
cut_never_ends_inside_a_character(void **state)
{
    struct str s = STR("aé€😀");

    (void) state;
    for (size_t n = 0; n <= s.n; n++) {
        struct str cut = str_cut(s, n);

        assert_true(cut.n <= n);
        assert_true(cut.n == 0 || cut.n == 1 || cut.n == 3 || cut.n == 6
                    || cut.n == 10);
    }
}


static void
numbers_are_whole_or_nothing(void **state)
{
    int64_t v = 7;
    double d;

    (void) state;
    assert_true(str_i64(STR("-42"), &v));
    assert_int_equal(v, -42);
    assert_true(str_i64(STR("9223372036854775807"), &v));
    assert_false(str_i64(STR("9223372036854775808"), &v));
    assert_false(str_i64(STR("4 "), &v));
    assert_false(str_i64(STR(" 4"), &v));
    assert_false(str_i64(STR(""), &v));
    assert_false(str_i64(STR("4x"), &v));
    assert_false(str_double(STR("inf"), &d));
    assert_false(str_double(STR("nan"), &d));
    assert_false(str_double(STR("1e999"), &d));
    assert_true(str_double(STR("1e3"), &d));
}


/* Digits and a point are read without strtod: to the same last bit. */
static void
decimals_are_read_as_strtod_does(void **state)
{
    static const char *const texts[] = {
        "0",
        "0.0",
        "007",
        "5.",
        "1764240000.1234567",
        "9007199254740993", /* 2^53 + 1: half-way, to even */
        "9007199254740995", /* half-way, to even again */
        "4503599627370496.5",
        "4503599627370497.5",
        "999999999999999999",
        "9999999.99999999999",
        "0.00000000001",
        "0.000000000001",
        "1234567890123456789",
    };
    static const char all[] = "972630418527364519";
    double d, want;

    (void) state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        want = strtod(texts[i], NULL);
        assert_true(str_double(str_of(texts[i]), &d));
        assert_memory_equal(&d, &want, sizeof(d));
    }
    /* a point at every place of a number of every length */
    for (size_t n = 1; n < sizeof(all); n++) {
        for (size_t point = 1; point <= n; point++) {
            char text[32];

            snprintf(text, sizeof(text), "%.*s.%.*s", (int) point, all,
                     (int) (n - point), all + point);
            want = strtod(text, NULL);
            assert_true(str_double(str_of(text), &d));
            assert_memory_equal(&d, &want, sizeof(d));
        }
    }
    assert_false(str_double(STR("."), &d));
    assert_false(str_double(STR("1.2.3"), &d));
    assert_false(str_double(STR("12x"), &d));
}


static void
numbers_are_written_as_printf_does(void **state)
{
    static const int64_t v[] = { 0,   7,         -1,
                                 10,  -10,       999999999999,
                                 -42, INT64_MAX, INT64_MIN };
    char digits[STR_DIGITS], text[24];

    (void) state;
    for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
        size_t n = str_digits(digits, v[i]);

        snprintf(text, sizeof(text), "%lld", (long long) v[i]);
        assert_true(str_is(str_make(digits, n), text));
    }
}


static void
a_pair_is_both_with_what_is_between(void **state)
{
    struct arena *a = arena_new();
    struct str pair = str_pair(a, STR("Chrome"), " ", STR("124"));

    (void) state;
    assert_true(str_is(pair, "Chrome 124"));
    assert_int_equal(strlen(pair.p), pair.n);
    assert_true(str_is(str_pair(a, STR_NULL, ": ", STR_NULL), ": "));
    assert_true(str_is(str_pair(a, STR("a"), "", STR("")), "a"));
    arena_free(a);
}


/* Links, settings and mails are made with printf: one that loses its end is
 * another link. */
static void
a_long_text_is_printed_whole(void **state)
{
    struct arena *a = arena_new();
    struct buf b = buf_in(a);
    char *text = arena_alloc(a, 70001);
    struct str s = str_make(text, 70000), out;

    (void) state;
    memset(text, 'x', s.n);
    out = str_printf(a, "/issues/?q=%.*s&rows=50", STR_FMT(s));
    assert_int_equal(out.n, s.n + strlen("/issues/?q=&rows=50"));
    assert_true(str_ends(out, STR("x&rows=50")));
    buf_addf(&b, "<%.*s>", STR_FMT(s));
    assert_int_equal(b.n, s.n + 2);
    assert_true(str_is(str_printf(a, "<%.*s>", STR_FMT(STR_NULL)), "<>"));
    arena_free(a);
}


static void
times_are_read_in_every_form_that_sdks_send(void **state)
{
    static const struct {
        const char *text;
        int64_t us;
    } good[] = {
        { "2011-05-02T17:41:36Z", INT64_C(1304358096000000) },
        { "2011-05-02T17:41:36", INT64_C(1304358096000000) },
        { "2011-05-02 17:41:36.5", INT64_C(1304358096500000) },
        { "2011-05-02T17:41:36.123456789Z", INT64_C(1304358096123456) },
        { "2011-05-02T19:41:36+02:00", INT64_C(1304358096000000) },
        { "2011-05-02T19:41:36+0200", INT64_C(1304358096000000) },
        { "2011-05-02T12:41:36-05", INT64_C(1304358096000000) },
        { "1969-12-31T23:59:59.5Z", INT64_C(-500000) },
        { "2011-05-02", INT64_C(1304294400000000) },
    };
    static const char *const bad[] = {
        "",
        "yesterday",
        "2011-13-02T17:41:36Z",
        "2011-02-30",
        "2011-05-02T25:00:00",
        "2011-05-02T17:41:36Zx",
        "2011-05-2",
        "2011-05-02T17:41:36.",
    };
    int64_t us;

    (void) state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(time_parse_iso(str_of(good[i].text), &us));
        assert_int_equal(us, good[i].us);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(time_parse_iso(str_of(bad[i]), &us));
    }
}


static void
a_time_survives_writing_and_reading(void **state)
{
    static const int64_t times[] = { 1, -1, 0, INT64_C(1304358096123456),
                                     INT64_C(-62135596800000000) };

    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        struct str text = time_format_iso(*state, times[i], true);
        int64_t us;

        assert_true(time_parse_iso(text, &us));
        assert_int_equal(us, times[i]);
    }
    assert_true(
        str_is(time_format_iso(*state, INT64_C(1304358096123456), false),
               "2011-05-02T17:41:36Z"));
    assert_int_equal(time_day(-1), -1);
    assert_int_equal(time_day(US_PER_DAY), 1);
}


static void
event_ids_are_read_in_both_forms(void **state)
{
    unsigned char a[16], b[16];

    assert_true(uuid_parse(STR("fc6d8c0c43fc4630ad850ee518f1b9d0"), a));
    assert_true(uuid_parse(STR("FC6D8C0C-43FC-4630-AD85-0EE518F1B9D0"), b));
    assert_memory_equal(a, b, 16);
    assert_true(
        str_is(uuid_hex(*state, a), "fc6d8c0c43fc4630ad850ee518f1b9d0"));
    assert_false(uuid_parse(STR("fc6d8c0c43fc4630ad850ee518f1b9d"), a));
    assert_false(uuid_parse(STR("xc6d8c0c43fc4630ad850ee518f1b9d0"), a));
    assert_false(uuid_parse(STR("fc6d8c0c43fc-4630-ad85-0ee518f1b9d00"), a));
}


static void
a_password_matches_its_own_hash_only(void **state)
{
    struct str hash;

    assert_int_equal(password_hash(*state, STR("correct horse"), &hash), ST_OK);
    assert_true(password_matches(hash, STR("correct horse")));
    assert_false(password_matches(hash, STR("correct horsf")));
    assert_false(password_matches(STR_NULL, STR("")));
    assert_false(password_matches(STR_NULL, STR("-")));
    assert_false(password_matches(STR_NULL, STR_NULL));
    assert_false(password_matches(hash, STR_NULL));
}


/* Wilson's interval at three standard deviations, by hand. */
static void
a_share_of_few_events_is_not_trusted(void **state)
{
    (void) state;
    assert_true(share_least(0, 0) < 0.001 && share_most(0, 0) > 0.999);
    assert_true(share_least(5, 5) > 0.35 && share_least(5, 5) < 0.36);
    assert_true(share_most(5, 5) > 0.999);
    assert_true(share_most(0, 40) > 0.18 && share_most(0, 40) < 0.19);
    assert_true(share_least(0, 40) < 0.001);
    assert_true(share_least(900, 1000) > 0.867
                && share_most(900, 1000) < 0.926);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_runs_cleanups_newest_first),
        cmocka_unit_test(arena_memory_is_zeroed_apart_and_aligned),
        cmocka_unit_test(a_buffer_keeps_its_bytes_while_it_grows),
        cmocka_unit_test(split_yields_every_part),
        cmocka_unit_test(cut_never_ends_inside_a_character),
        cmocka_unit_test(numbers_are_whole_or_nothing),
        cmocka_unit_test(decimals_are_read_as_strtod_does),
        cmocka_unit_test(numbers_are_written_as_printf_does),
        cmocka_unit_test(a_pair_is_both_with_what_is_between),
        cmocka_unit_test(a_long_text_is_printed_whole),
        cmocka_unit_test(times_are_read_in_every_form_that_sdks_send),
        cmocka_unit_test(a_time_survives_writing_and_reading),
        cmocka_unit_test(event_ids_are_read_in_both_forms),
        cmocka_unit_test(a_password_matches_its_own_hash_only),
        cmocka_unit_test(a_share_of_few_events_is_not_trusted),
    };

    return cmocka_run_group_tests_name("util", tests, setup, teardown);
}
