/* Which event reopens a resolved issue. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "digest/regression.h"
#include "model/issue.h"

#define NOW 1000

static void
what_regresses(void **state)
{
    static const struct {
        int status;
        int kind;
        const char *release; /* of the resolution, and when it came */
        int64_t at;
        bool ordered;
        const char *of; /* of the event */
        int64_t of_at;
        bool regresses;
    } cases[] = {
        { ISSUE_UNRESOLVED, BATCH_RESOLVED, NULL, 0, true, "s@2.0", 9, false },
        { ISSUE_ARCHIVED, BATCH_RESOLVED, NULL, 0, true, "s@2.0", 9, false },
        { ISSUE_RESOLVED, BATCH_RESOLVED, NULL, 0, true, "s@2.0", 9, true },
        { ISSUE_RESOLVED, BATCH_RESOLVED, NULL, 0, true, NULL, 9, true },

        /* in a release, by version: dates do not matter */
        { ISSUE_RESOLVED, BATCH_RESOLVED_IN, "s@2.0", 5, true, "s@2.0", 5,
          true },
        { ISSUE_RESOLVED, BATCH_RESOLVED_IN, "s@2.0", 5, true, "s@1.9", 9,
          false },
        { ISSUE_RESOLVED, BATCH_RESOLVED_IN, "s@2.0", 5, true, "s@2.0-rc.1", 9,
          false },
        { ISSUE_RESOLVED, BATCH_RESOLVED_IN, "s@2.0", 5, true, "s@10.0", 1,
          true },
        { ISSUE_RESOLVED, BATCH_RESOLVED_IN, "s@2.0", 5, true, NULL, 9, false },
        { ISSUE_RESOLVED, BATCH_RESOLVED_IN, "s@2.0", 0, true, "s@1.9", NOW,
          false },
        { ISSUE_RESOLVED, BATCH_RESOLVED_IN, "s@2.0", 0, true, "s@2.1", NOW,
          true },

        /* … by date */
        { ISSUE_RESOLVED, BATCH_RESOLVED_IN, "b", 5, false, "b", 5, true },
        { ISSUE_RESOLVED, BATCH_RESOLVED_IN, "b", 5, false, "a", 4, false },
        { ISSUE_RESOLVED, BATCH_RESOLVED_IN, "b", 5, false, "c", 6, true },
        { ISSUE_RESOLVED, BATCH_RESOLVED_IN, "b", 5, false, "c", 5, false },
        { ISSUE_RESOLVED, BATCH_RESOLVED_IN, "b", 0, false, "c", NOW, false },
        { ISSUE_RESOLVED, BATCH_RESOLVED_IN, "s@2.0", 5, true, "main", 5,
          false },
        { ISSUE_RESOLVED, BATCH_RESOLVED_IN, "s@2.0", 5, false, "s@1.9", 9,
          true },

        /* in a commit that no release has */
        { ISSUE_RESOLVED, BATCH_RESOLVED_COMMIT, "abcdef0", 0, true, "s@2.0", 9,
          false },
        { ISSUE_RESOLVED, BATCH_RESOLVED_COMMIT, "abcdef0", 0, false, NULL, 9,
          false },

        /* in the next one */
        { ISSUE_RESOLVED, BATCH_RESOLVED_NEXT, "s@2.0", 5, true, "s@2.0", 5,
          false },
        { ISSUE_RESOLVED, BATCH_RESOLVED_NEXT, "s@2.0", 5, true, "s@1.9", 9,
          false },
        { ISSUE_RESOLVED, BATCH_RESOLVED_NEXT, "s@2.0", 5, true, "s@2.0.1", 9,
          true },
        { ISSUE_RESOLVED, BATCH_RESOLVED_NEXT, "b", 5, false, "b", 5, false },
        { ISSUE_RESOLVED, BATCH_RESOLVED_NEXT, "b", 5, false, "a", 4, false },
        { ISSUE_RESOLVED, BATCH_RESOLVED_NEXT, "b", 5, false, "c", 6, true },
        { ISSUE_RESOLVED, BATCH_RESOLVED_NEXT, "b", 5, false, "c", 5, true },
        { ISSUE_RESOLVED, BATCH_RESOLVED_NEXT, "b", 5, false, NULL, 6, false },
        { ISSUE_RESOLVED, BATCH_RESOLVED_NEXT, NULL, 0, false, "a", 6, false },
        { ISSUE_RESOLVED, BATCH_RESOLVED_NEXT, NULL, 0, false, "a", NOW, true },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct batch_resolution how = {
            .kind = cases[i].kind,
            .release = { str_of(cases[i].release), cases[i].at },
            .ordered = cases[i].ordered,
            .at = 7,
        };
        const struct batch_release of = { str_of(cases[i].of), cases[i].of_at };

        print_message("case %zu\n", i);
        assert_int_equal(regression_of(cases[i].status, &how, &of),
                         cases[i].regresses);
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_regresses) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
