#include "util/stage.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "util/log.h"

static const char *const names[STAGES] = {
    "rest",   "queue", "unpack", "parse", "normalise",
    "filter", "scrub", "group",  "pack",  "store",
};

/* Of which the cost of one is told. */
#define LOOKS 1000

bool stage_wanted;

static enum stage now;
static int64_t since;
static int64_t spent[STAGES]; /* ns */
static int64_t cost;          /* of a look at the clock */


static int64_t
cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}


void
stage_begin(void)
{
    if (getenv("VEDETTE_STAGES") == NULL) {
        return;
    }
    stage_wanted = true;
    since = cpu_ns();
    for (int i = 0; i < LOOKS; i++) {
        cost = (cpu_ns() - since) / (i + 1);
    }
    since = cpu_ns();
}


void
stage_change(enum stage to)
{
    int64_t at = cpu_ns();

    spent[now] += at - since - cost;
    since = at;
    now = to;
}


void
stage_end(void)
{
    char line[512];
    int n = 0;

    if (!stage_wanted) {
        return;
    }
    stage_change(STAGE_REST);
    for (int i = 0; i < STAGES; i++) {
        n += snprintf(line + n, sizeof(line) - (size_t) n, "%s%s %lld us",
                      i > 0 ? ", " : "", names[i],
                      (long long) (spent[i] / 1000));
    }
    log_info("stages: %s", line);
}
