/*
 * model/join_request.h - somebody who has an account asks to become a member.
 *
 * Only an organisation that has opened itself to requests takes any; whether
 * there is another of that address nobody learns here.
 */

#ifndef VEDETTE_MODEL_JOIN_REQUEST_H
#define VEDETTE_MODEL_JOIN_REQUEST_H

#include "model/member.h"

#define JOIN_REQUESTS_MAX 200 /* waiting at once, of one organisation */

struct join_request {
    int64_t account_id;
    struct str email;
    struct str name;
    int64_t created_at;
};

/* Lets people ask, or not any more. */
enum status join_request_switch(struct db *db, struct arena *a,
                                const struct actor *by, int64_t org,
                                bool open) MUST_CHECK;

/*
 * The actor asks the organisation of this address; its managers and owners are
 * told by mail.  ST_OK whatever becomes of it: there may be no such
 * organisation, or none that takes requests, or of this mail address.
 */
enum status join_request_ask(struct db *db, struct arena *a,
                             const struct actor *by,
                             struct str slug) MUST_CHECK;

/* Whether it takes any, and all that wait, the oldest first. */
enum status join_request_list(struct db *db, struct arena *a, int64_t org,
                              bool *open, struct join_request **out,
                              size_t *n) MUST_CHECK;

/*
 * Makes whoever asked a member, or with ROLE_NONE declines.  ST_DENIED: the
 * role is above that of the actor; ST_NOT_FOUND: nobody asks any more.
 */
enum status join_request_answer(struct db *db, struct arena *a,
                                const struct actor *by, int64_t org,
                                int64_t account_id, enum role role) MUST_CHECK;

#endif
