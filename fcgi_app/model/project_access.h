/*
 * model/project_access.h - who sees a project, and why: the same rule as
 * model/access.h, asked from the project's side.
 */

#ifndef VEDETTE_MODEL_PROJECT_ACCESS_H
#define VEDETTE_MODEL_PROJECT_ACCESS_H

#include "model/access.h"
#include "model/project.h"

#define PROJECT_PEOPLE_MAX 200

struct project_person {
    int64_t account_id;
    struct str email;
    struct str name;
    enum role role;   /* inside the project */
    struct str teams; /* "backend, web" that it is seen by; null: by the role */
};

struct project_team {
    struct str slug;
    struct str name;
    int64_t members;
    bool owns;
};

/* By name; one more than PROJECT_PEOPLE_MAX when there are more. */
enum status project_people(struct db *db, struct arena *a,
                           const struct project *project,
                           struct project_person **out, size_t *n) MUST_CHECK;

/* All teams of the organisation, those that own the project first. */
enum status project_teams(struct db *db, struct arena *a,
                          const struct project *project,
                          struct project_team **out, size_t *n) MUST_CHECK;

#endif
