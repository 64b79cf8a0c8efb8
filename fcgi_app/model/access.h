/*
 * model/access.h - which projects of an organisation an account sees.
 *
 * Read together with its role, by organization_enter, once a request.  All of
 * them in an open organisation, and for managers and owners; else those of the
 * account's teams.  Who leads a team is an admin of its projects.  What has no
 * request (notifications) asks the view project_viewer of sql/.
 */

#ifndef VEDETTE_MODEL_ACCESS_H
#define VEDETTE_MODEL_ACCESS_H

#include "model/member.h"

#define ACCESS_PROJECTS_MAX 1000 /* by teams, of one account */

struct access {
    bool all;
    int64_t *projects; /* by teams, in order; also when all */
    size_t n;
    int64_t *led; /* of teams that the account leads, in order */
    size_t nled;
    int64_t
        *starred; /* its favourites, in order; also such as it sees no more */
    size_t nstarred;
};

bool access_sees(const struct access *access, int64_t project);

/* Is it one of the account's teams'? */
bool access_own(const struct access *access, int64_t project);

bool access_starred(const struct access *access, int64_t project);

/* The role there, when it is role in the organisation. */
enum role access_role(const struct access *access, enum role role,
                      int64_t project);

/* The parameter of "($n::bigint[] is null or project_id = any ($n))". */
struct db_arg access_arg(struct arena *a, const struct access *access);

/* Lists of ids as SQL hands them over: "3,17". */
int64_t *access_ids(struct arena *a, struct str text, size_t *n);

#endif
