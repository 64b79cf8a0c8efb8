/*
 * When weekly reports go out, and of which week.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/weekly.h"
#include "util/timeutil.h"

static int64_t
at(const char *text)
{
    int64_t us;

    assert_true(time_parse_iso(str_of(text), &us));
    return us;
}


static void
test_week(void **state)
{
    static const struct {
        const char *now;
        const char *week;
        bool is_time;
    } rows[] = {
        { "2025-11-24T06:59:59Z", "2025-11-17", false }, /* a Monday */
        { "2025-11-24T07:00:00Z", "2025-11-17", true },
        { "2025-11-25T23:59:59Z", "2025-11-17", true },
        { "2025-11-26T00:00:00Z", "2025-11-17", false },
        { "2025-11-30T23:59:59Z", "2025-11-17", false },
        { "2025-12-01T00:00:00Z", "2025-11-24", false },
        { "1970-01-05T08:00:00Z", "1969-12-29", true },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(weekly_week(at(rows[i].now)), at(rows[i].week));
        assert_int_equal(weekly_is_time(at(rows[i].now)), rows[i].is_time);
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_week),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
