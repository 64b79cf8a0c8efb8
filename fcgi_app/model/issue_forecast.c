#include "model/issue_forecast.h"

#include <math.h>

#define PER_DAY 24


static double
clamp(double v, double least, double most)
{
    return v < least ? least : v > most ? most : v;
}


static int64_t
ceiling(double v)
{
    return v < FORECAST_LEAST ? FORECAST_LEAST : (int64_t) ceil(v);
}


/* The mean of an hour, in which those of the same weekday count twice. */
static double
mean_for_day(const int64_t hours[FORECAST_HOURS], size_t day)
{
    double sum = 0, weights = 0;

    for (size_t i = 0; i < FORECAST_HOURS; i++) {
        size_t ago = (FORECAST_HOURS - 1 - i) / PER_DAY; /* 0: today */
        double weight = (ago + day) % 7 == 0 ? 2 : 1;

        sum += weight * (double) hours[i];
        weights += weight;
    }
    return sum / weights;
}


void
issue_forecast(const int64_t hours[FORECAST_HOURS], bool young,
               int64_t out[FORECAST_DAYS])
{
    double sum = 0, squares = 0, most = 0, mean, deviation, limit;

    for (size_t i = 0; i < FORECAST_HOURS; i++) {
        double v = (double) hours[i];

        sum += v;
        squares += v * v;
        most = v > most ? v : most;
    }
    mean = sum / (double) FORECAST_HOURS;
    deviation = sqrt(fmax(0, squares / (double) FORECAST_HOURS - mean * mean));

    for (size_t day = 0; day < FORECAST_DAYS; day++) {
        if (young || mean <= 0) {
            out[day] = ceiling(10 * most);
            continue;
        }
        /* the steadier it was, the more room above its highest hour */
        limit = most * clamp(5 * exp(-0.65 * deviation / mean), 2, 5);
        out[day] = ceiling(fmax(
            limit, mean_for_day(hours, day)
                       + mean * clamp((mean + 5 * deviation) / mean, 5, 8)));
    }
}
