#include "db/times.h"

#include <stdlib.h>

#include "util/buf.h"
#include "util/timeutil.h"

#define WINDOW_US (3600 * US_PER_SECOND)

/* Of the window that runs, and of the one before it. */
static struct {
    int64_t n, us;
} counts[2][SQL_COUNT + 1];
static int64_t begun; /* monotonic µs, when the one that runs began */

struct sum {
    enum sql stmt;
    int64_t n, us;
};


/* After two windows without a statement nothing of before is left. */
static void
turn(int64_t now)
{
    if (begun == 0) {
        begun = now;
    }
    for (int i = 0; i < 2 && now - begun >= WINDOW_US; i++) {
        memcpy(counts[1], counts[0], sizeof(counts[0]));
        memset(counts[0], 0, sizeof(counts[0]));
        begun += WINDOW_US;
    }
    if (now - begun >= WINDOW_US) {
        begun = now;
    }
}


void
db_times_add(enum sql stmt, int64_t took_us, int64_t now)
{
    turn(now);
    counts[0][stmt].n++;
    counts[0][stmt].us += took_us;
}


static int
longest_first(const void *x, const void *y)
{
    const struct sum *a = x, *b = y;

    return a->us != b->us ? (a->us < b->us) - (a->us > b->us)
                          : ((int) a->stmt > (int) b->stmt)
                                - ((int) a->stmt < (int) b->stmt);
}


struct str
db_times_tell(struct arena *a)
{
    struct sum *sums = arena_array(a, SQL_COUNT + 1, sizeof(*sums));
    struct buf b = buf_in(a);
    size_t n = 0;

    turn(time_monotonic());
    for (int i = 0; i < SQL_COUNT; i++) {
        struct sum s = { (enum sql) i, counts[0][i].n + counts[1][i].n,
                         counts[0][i].us + counts[1][i].us };

        if (s.n > 0) {
            sums[n++] = s;
        }
    }
    qsort(sums, n, sizeof(*sums), longest_first);
    for (size_t i = 0; i < n && i < DB_TIMES_TOLD; i++) {
        buf_addf(&b, "%s %lld %lld\n", sql_texts[sums[i].stmt].name,
                 (long long) sums[i].n, (long long) sums[i].us);
    }
    return buf_view(&b);
}
