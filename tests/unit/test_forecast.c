/* How many events an hour are usual for an issue. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/issue_forecast.h"


static void
a_young_issue_may_have_ten_times_its_highest_hour(void **state)
{
    int64_t hours[FORECAST_HOURS] = { 0 }, days[FORECAST_DAYS];

    (void) state;
    hours[FORECAST_HOURS - 1] = 7;
    issue_forecast(hours, true, days);
    assert_int_equal(days[0], 70);
    assert_int_equal(days[FORECAST_DAYS - 1], 70);
}


static void
a_quiet_issue_may_have_a_few(void **state)
{
    const int64_t hours[FORECAST_HOURS] = { 0 };
    int64_t days[FORECAST_DAYS];

    (void) state;
    issue_forecast(hours, false, days);
    assert_int_equal(days[0], FORECAST_LEAST);
}


/* Steady: 5 times the highest hour, and 1 + 5 times the mean, if that is more.
 */
static void
a_steady_issue_has_room_above_its_mean(void **state)
{
    int64_t hours[FORECAST_HOURS], days[FORECAST_DAYS];

    (void) state;
    for (size_t i = 0; i < FORECAST_HOURS; i++) {
        hours[i] = 100;
    }
    issue_forecast(hours, false, days);
    assert_int_equal(days[0], 600);
}


static void
a_day_of_the_week_that_is_busy_has_more_room(void **state)
{
    int64_t hours[FORECAST_HOURS], days[FORECAST_DAYS];

    (void) state;
    for (size_t i = 0; i < FORECAST_HOURS; i++) {
        hours[i] = i < 24 ? 100 : 10; /* six days ago */
    }
    issue_forecast(hours, false, days);
    assert_true(days[1] > days[0]);
    assert_int_equal(days[1], days[8]);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_young_issue_may_have_ten_times_its_highest_hour),
        cmocka_unit_test(a_quiet_issue_may_have_a_few),
        cmocka_unit_test(a_steady_issue_has_room_above_its_mean),
        cmocka_unit_test(a_day_of_the_week_that_is_busy_has_more_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
