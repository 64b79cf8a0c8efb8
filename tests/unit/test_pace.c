/*
 * The pace of a replay: full speed while the queue is short, behind live
 * traffic when it is long.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "queue/pace.h"

#define STEP_US 50000


/*
 * A worker that takes capacity entries a second, live traffic, and a replay
 * with more than enough to send; how many it sends in the last ten of twenty
 * seconds, a second.
 */
static double
simulate(double capacity, double live, int64_t backlog, int knows_taken)
{
    struct pace p = { 0 };
    double length = (double) backlog, taken = 0, sent = 0;

    for (int64_t now = STEP_US; now <= 20000000; now += STEP_US) {
        double out = capacity * STEP_US / 1e6, n;
        int64_t may;

        length += live * STEP_US / 1e6;
        out = out < length ? out : length;
        length -= out;
        taken += out;

        may = pace_look(&p, now, (int64_t) length,
                        knows_taken ? (int64_t) taken : -1);
        n = may < 500 ? (double) may : 500;
        pace_sent(&p, (int64_t) n);
        length += n;
        if (now > 10000000) {
            sent += n;
        }
    }
    return sent / 10;
}


static void
fills_a_short_queue_at_full_speed(void **state)
{
    struct pace p = { 0 };

    (void) state;
    assert_true(pace_look(&p, 1, PACE_SHORT - 1, 0) == PACE_UNLIMITED);
    assert_true(pace_look(&p, 2, PACE_SHORT, 0) == 0);
}


static void
gets_the_share_that_live_traffic_leaves(void **state)
{
    double rate = simulate(2000, 500, 5000, 1);

    (void) state;
    assert_true(rate > 1350);
    assert_true(rate < 1650);
}


static void
gets_a_fifth_under_overload(void **state)
{
    double rate = simulate(2000, 3000, 5000, 1);

    (void) state;
    assert_true(rate > 350);
    assert_true(rate < 450);
}


static void
sends_nothing_to_a_long_queue_without_a_worker(void **state)
{
    (void) state;
    assert_true(simulate(0, 100, 5000, 1) == 0);
    assert_true(simulate(0, 100, 5000, 0) == 0);
}


static void
stays_modest_with_a_redis_that_does_not_count(void **state)
{
    double rate = simulate(2000, 3000, 5000, 0);

    (void) state;
    assert_true(rate <= 450);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_a_short_queue_at_full_speed),
        cmocka_unit_test(gets_the_share_that_live_traffic_leaves),
        cmocka_unit_test(gets_a_fifth_under_overload),
        cmocka_unit_test(sends_nothing_to_a_long_queue_without_a_worker),
        cmocka_unit_test(stays_modest_with_a_redis_that_does_not_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
