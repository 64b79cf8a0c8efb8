/* How full a limit is, and when it will be at this pace. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/quota_use.h"
#include "util/timeutil.h"

#define HOUR INT64_C(3600)


static void
told(int64_t count, int64_t used, int64_t minutes, int64_t full)
{
    struct quota_use u =
        quota_use_reckon(count, HOUR, used, minutes * US_PER_MINUTE);

    assert_int_equal(u.used, used);
    assert_int_equal(u.left, (60 - minutes) * US_PER_MINUTE);
    assert_int_equal(u.full, full * US_PER_MINUTE);
}


static void
test_at_this_pace(void **state)
{
    (void) state;
    told(100, 50, 20, 20); /* half of it in 20 minutes */
    told(100, 50, 30, 0);  /* full just when it ends */
    told(100, 10, 30, 0);  /* far from it */
    told(100, 0, 30, 0);   /* nothing comes */
    told(100, 100, 30, 0); /* it is full */
    told(100, 140, 30, 0); /* a limit that was lowered */
    told(0, 0, 30, 0);     /* refuses all */
    told(100, 90, 0, 0);   /* too young to tell */
    told(1, 1000000, 59, 0);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_at_this_pace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
