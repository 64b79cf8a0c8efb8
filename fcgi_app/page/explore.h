/*
 * page/explore.h - the question that the explorer and its exports ask.
 *
 *     q, project, environment    search.h, choice.h
 *     range, from, to            span.h
 *     by                         a key, up to three times
 *     show                       users: different users, else events
 *     top                        groups: 5, 10, 20, 50
 *     as                         chart, table, map, number
 *     compare                    1: with the period before
 */

#ifndef VEDETTE_PAGE_EXPLORE_H
#define VEDETTE_PAGE_EXPLORE_H

#include "model/explore.h"
#include "page/chart.h"
#include "page/choice.h"
#include "page/search.h"
#include "page/span.h"

#define EXPLORE_COUNTRY "geo.country_code"
#define EXPLORE_COUNTRIES 300

struct explore_view {
    struct request *rq;
    struct data *d;
    struct choice choice;
    struct search_box box;
    struct span span; /* in slots of hours or of whole days */
    struct explore_query q;
};

/* Reads the address and shows its filters. */
enum status explore_read(struct request *rq, struct data *d,
                         struct explore_view *out) MUST_CHECK;

/* Notes an error at each term that no event can answer. */
void explore_refuse(struct arena *a, struct issue_query *q);

/* What is counted, of the query, the projects and the environment as they are
 * now. */
void explore_aim(struct explore_view *v);

/* Why nothing was found, for part/empty.cs: explore_empty.c. */
enum status explore_show_empty(const struct explore_view *v) MUST_CHECK;

/* The same of the events of the issue that the path names: issue_events.c. */
enum status issue_events_read(struct request *rq, struct data *d,
                              struct explore_view *out) MUST_CHECK;

/* The link that narrows to one value; the null str where none can. */
struct str explore_narrow(const struct explore_view *v, struct str key,
                          struct str value);

/* By country, beside the period before if it is asked for: explore_map.c. */
void explore_show_map(const struct explore_view *v,
                      const struct explore_result *r,
                      const struct explore_result *before);

/* The explorer of sessions or of events, of the same projects and time. */
struct str explore_other_data(const struct request *rq, bool sessions);

/* Preset {title, link, current}: what is asked for often, by one click. */
void explore_show_presets(const struct explore_view *v);

/* Number: minute, so many a minute ("0.42"); most, in one hour or day, at. */
void explore_show_number(const struct explore_view *v,
                         const struct explore_result *r);

/* The menu of saved questions, and what this one is: explore_saved.c. */
enum status explore_show_saved(struct request *rq, struct data *d,
                               const struct fields *args,
                               bool sessions) MUST_CHECK;

/* The link to an alert about it, for those who may: explore_alert.c.  Of
 * sessions: which projects, environment and part of a version; how good they
 * were, in per cent without a crash. */
void explore_show_alert(const struct explore_view *v, int64_t total);
void explore_show_session_alert(struct request *rq, struct data *d,
                                const struct choice *choice, struct str release,
                                double good);

/* The period before, when it is asked for: explore_before.c. */
bool explore_compares(const struct explore_view *v);
enum status explore_before(const struct explore_view *v,
                           struct explore_result *out) MUST_CHECK;

/* Its line in the chart. */
struct layer explore_layer_before(const struct explore_view *v,
                                  const struct explore_result *before);

/* A group's number then; -1: it is not among those that were counted. */
int64_t explore_number_before(const struct explore_view *v,
                              const struct explore_group *g,
                              const struct explore_result *before);

/* Beside a group's number that of then, which is taken off before->total. */
void explore_show_before(const struct explore_view *v, struct data *row,
                         const struct explore_group *g,
                         struct explore_result *before);

/* The same for all that is beyond the groups. */
void explore_show_rest(const struct explore_view *v, struct data *row,
                       int64_t now, const struct explore_result *before);

#endif
