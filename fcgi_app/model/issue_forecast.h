/*
 * model/issue_forecast.h - how many events an hour are usual for an issue
 * (grouping.md §2.3).  More than that, and it escalates.
 */

#ifndef VEDETTE_MODEL_ISSUE_FORECAST_H
#define VEDETTE_MODEL_ISSUE_FORECAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FORECAST_HOURS ((size_t) 7 * 24)
#define FORECAST_DAYS ((size_t) 14)

/* No ceiling is lower: a handful of events is no flood. */
#define FORECAST_LEAST 10

/*
 * The ceiling of each of the days to come, out[0] is today.  hours: the events
 * of the last seven days, the newest last; young: the issue is not as old.
 */
void issue_forecast(const int64_t hours[FORECAST_HOURS], bool young,
                    int64_t out[FORECAST_DAYS]);

#endif
