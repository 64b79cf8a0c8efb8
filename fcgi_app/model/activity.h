/*
 * model/activity.h - what happened to an issue, newest first: what people did
 * and what Vedette did by itself.
 *
 * kind            data                      written by
 * resolved        {}                        model/issue, a person
 * unresolved      {}                        model/issue
 * archived        {}                        model/issue
 * assigned        {"account_id", "name"}    model/issue
 * unassigned      {}                        model/issue
 * priority        {"priority"}              model/issue
 * comment         {"text"}                  here
 * regressed       {"release"}               the digest, without an account
 */

#ifndef VEDETTE_MODEL_ACTIVITY_H
#define VEDETTE_MODEL_ACTIVITY_H

#include "db/db.h"
#include "json/doc.h"

#define ACTIVITY_PAGE 30
#define COMMENT_MAX 10000 /* bytes */

struct activity {
    int64_t id;
    int64_t account_id; /* 0: Vedette itself, or an account that is gone */
    struct str account; /* name */
    struct str kind;
    struct json *data; /* an object; NULL when unreadable */
    int64_t at;
};

/* The newest ACTIVITY_PAGE; *more when there are older ones. */
enum status activity_list(struct db *db, struct arena *a, int64_t issue_id,
                          struct activity **out, int *n, bool *more) MUST_CHECK;

enum status activity_by_id(struct db *db, struct arena *a,
                           int64_t organization_id, int64_t id,
                           struct activity *out) MUST_CHECK;

/* ST_INVALID when the text is empty or longer than COMMENT_MAX. */
enum status activity_comment(struct db *db, struct arena *a,
                             int64_t organization_id, int64_t issue_id,
                             int64_t account_id, struct str text) MUST_CHECK;

#endif
