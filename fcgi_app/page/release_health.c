/*
 * page/release_health.c - a release's health in words: rates with the number
 * that they are of, how far it has spread, and whether it is worse.
 */

#include "page/releases.h"

#include "util/lang.h"
#include "web/data.h"


struct str
release_rate(struct arena *a, double percent)
{
    if (percent < 0) {
        return STR_NULL;
    }
    if (percent > 99.99 && percent < 100) {
        percent = 99.99;
    }
    return str_printf(a, percent == 100 ? "%.0f %%" : "%.2f %%", percent);
}


void
release_show_rate(struct arena *a, struct data *d, const char *name,
                  int64_t crashed, int64_t all)
{
    double rate = health_crash_free(crashed, all);

    data_str(d, name, release_rate(a, rate));
    if (rate >= 0) {
        data_i64(d, str_dup(a, str_printf(a, "%s_of", name)), all);
        data_bool(d, str_dup(a, str_printf(a, "%s_few", name)),
                  all < RELEASE_SAMPLE);
        data_bool(d, str_dup(a, str_printf(a, "%s_bad", name)),
                  rate < 99 && all >= RELEASE_SAMPLE);
    }
}


void
release_show_adoption(struct arena *a, struct data *d, int64_t own, int64_t all,
                      bool before)
{
    double share = all > 0 ? (double) own * 100 / (double) all : 0;

    if (all <= 0 || (own == 0 && !before)) {
        return;
    }
    data_str(d, "adoption",
             own > 0 && share < 1 ? STR("< 1 %")
                                  : str_printf(a, "%.0f %%", share));
    if (share >= RELEASE_ADOPTED) {
        data_tr(d, "stage", N_("Adopted"));
        data_bool(d, "adopted", true);

    } else if (own > 0) {
        data_tr(d, "stage", before ? N_("Replaced") : N_("Low"));

    } else if (before) {
        data_tr(d, "stage", N_("Replaced"));
    }
}


void
release_judge(struct arena *a, struct data *d, const struct health *now,
              const struct health *then)
{
    double free_now = health_crash_free(now->crashed, now->sessions);
    double free_then = health_crash_free(then->crashed, then->sessions);

    if (free_now < 0) {
        data_bool(d, "silent", true);
        return;
    }
    data_str(d, "now", release_rate(a, free_now));
    data_i64(d, "sessions", now->sessions);
    if (free_then < 0) {
        data_bool(d, "alone", true);
        return;
    }
    data_str(d, "then", release_rate(a, free_then));
    data_i64(d, "sessions_then", then->sessions);
    if (now->sessions < RELEASE_SAMPLE || then->sessions < RELEASE_SAMPLE) {
        data_bool(d, "few", true);

    } else if (free_now < free_then - 0.1) {
        data_bool(d, "worse", true);

    } else if (free_now > free_then + 0.1) {
        data_bool(d, "better", true);

    } else {
        data_bool(d, "same", true);
    }
}
