/*
 * alert/route_work.h - between the files of routing: tell.c fills in what a
 * notice says, receive.c makes the rows of its receivers, happen.c tells of an
 * issue's history, feedback.c of a message, escalate.c when nobody acts,
 * route_metric.c of incidents, and route.c of firings.
 */

#ifndef VEDETTE_ALERT_ROUTE_WORK_H
#define VEDETTE_ALERT_ROUTE_WORK_H

#include "alert/route.h"

/* Rows that one row can become. */
#define ROWS_MAX 2000

struct rows {
    struct outbox_row *v;
    size_t n;
};

/* The row as added; NULL: there is such a row already. */
struct outbox_row *rows_add(struct rows *rows, const struct outbox_row *row);

/* what is told */

/* The address of an issue, an alert, … */
struct str tell_page(struct arena *a, struct str organization, const char *page,
                     int64_t id);

/* A notice about a project and no issue. */
enum status tell_project(struct db *db, struct arena *a,
                         const struct alert_fire *fire,
                         struct notice *out) MUST_CHECK;

/* A notice about what a firing is about. */
enum status tell_fire(struct db *db, struct arena *a,
                      const struct alert_fire *fire,
                      struct notice *out) MUST_CHECK;

/* A notice about a message that somebody sent. */
enum status tell_feedback(struct db *db, struct arena *a,
                          const struct alert_fire *fire,
                          struct notice *n) MUST_CHECK;

/* Why now: what was measured, and where one can see the same. */
void tell_measured(struct arena *a, const struct alert_fire *fire,
                   struct notice *n);

void tell_rule(struct arena *a, const struct alert_fire *fire,
               struct notice *n);

/* who hears of it */

struct target {
    const struct outbox_row *row;
    const struct notice *notice;
    const int64_t *rules;
    size_t nrules;
    int64_t *muted; /* accounts that want none of these rules */
    size_t nmuted;
};

struct outbox_row *mail_add(struct arena *a, const struct target *t,
                            struct str address, int64_t account_id,
                            struct str reason, struct rows *out);
void integration_add(struct arena *a, const struct target *t,
                     const struct alert_act *act, struct rows *out);

/* The actions of a rule's blocks; of a test only those that tell. */
enum status rule_act(struct db *db, struct arena *a, const struct target *t,
                     const struct rule *r, unsigned blocks, bool test,
                     struct rows *out) MUST_CHECK;

/* When quiet hours that hold at that time are over. */
int64_t route_quiet_end(const struct json *quiet, int64_t at);

/* The second step of a firing that has been told, and when it is due. */
enum status escalate_later(struct db *db, struct arena *a, const struct rule *r,
                           const struct alert_fire *fire,
                           struct rows *out) MUST_CHECK;
enum status escalate_route(struct alerts *al, struct db *db, struct arena *a,
                           const struct outbox_row *row,
                           struct rows *out) MUST_CHECK;

/* A row about an incident, and the second step of its rule. */
enum status route_metric(struct db *db, struct arena *a,
                         const struct outbox_row *row, const struct json *data,
                         struct rows *out) MUST_CHECK;
enum status escalate_metric(struct db *db, struct arena *a,
                            const struct outbox_row *row,
                            const struct json *data,
                            struct rows *out) MUST_CHECK;

/* A test of these actions; mails come to whoever asked for it. */
void test_block(struct arena *a, const struct target *t, const struct actor *by,
                const struct rule_block *b, struct rows *out);

/* A row about an issue's history: rules, then those who follow it. */
enum status route_activity(struct alerts *al, struct db *db, struct arena *a,
                           const struct outbox_row *row,
                           const struct json *data,
                           struct rows *out) MUST_CHECK;

/* A row about a message: which rules it sets off. */
enum status route_feedback(struct alerts *al, struct db *db, struct arena *a,
                           const struct outbox_row *row,
                           const struct json *data) MUST_CHECK;

#endif
