/*
 * tests/unit/cpu_time.h - what something costs, in µs of this process's CPU: a
 * busy machine makes clocks on the wall run ahead.
 */

#ifndef VEDETTE_TESTS_UNIT_CPU_TIME_H
#define VEDETTE_TESTS_UNIT_CPU_TIME_H

#include <stdint.h>
#include <time.h>


static inline int64_t
cpu_time(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t) t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

#endif
