/*
 * model/team.h - groups of members, the projects they own, and who leads them.
 *
 * Teams give access to projects (model/access.h).  A team role is contributor
 * or admin: who leads a team is an admin of its projects, whatever the role in
 * the organisation.
 */

#ifndef VEDETTE_MODEL_TEAM_H
#define VEDETTE_MODEL_TEAM_H

#include "model/access.h"
#include "model/audit.h"

enum team_role { TEAM_NONE = 0, TEAM_CONTRIBUTOR, TEAM_ADMIN };

struct team {
    int64_t id;
    struct str slug;
    struct str name;
    int64_t members; /* how many */
    int64_t projects;
    enum team_role mine; /* of the account that asks */
    bool asked;          /* it wants to join */
};

struct team_member {
    int64_t account_id;
    struct str email;
    struct str name;
    enum team_role role; /* TEAM_NONE: wants to join */
    int64_t at;
};

#define TEAMS_MAX 200
#define TEAM_MEMBERS_MAX 500

const char *team_role_name(enum team_role role);
enum team_role team_role_of(struct str name); /* TEAM_NONE for other words */

/*
 * The role of a member when it is about this team: who leads it is an admin;
 * an admin of the organisation is one only in the own teams, unless it is open.
 */
enum role team_role(const struct team *team, enum role role, bool open);

/* By name, with what the account has to do with each. */
enum status team_list(struct db *db, struct arena *a, int64_t org,
                      int64_t account_id, struct team **out,
                      size_t *n) MUST_CHECK;
enum status team_by_slug(struct db *db, struct arena *a, int64_t org,
                         int64_t account_id, struct str slug,
                         struct team *out) MUST_CHECK;

/* ST_CONFLICT: the slug is taken; ST_LIMITED: TEAMS_MAX. */
enum status team_create(struct db *db, struct arena *a, const struct actor *by,
                        int64_t org, struct str slug, struct str name,
                        int64_t *id) MUST_CHECK;
enum status team_update(struct db *db, struct arena *a, const struct actor *by,
                        int64_t org, const struct team *before, struct str slug,
                        struct str name) MUST_CHECK;
enum status team_delete(struct db *db, struct arena *a, const struct actor *by,
                        int64_t org, const struct team *team) MUST_CHECK;

/* Those inside first, then those that want to join. */
enum status team_members(struct db *db, struct arena *a, int64_t org,
                         int64_t team, struct team_member **out,
                         size_t *n) MUST_CHECK;

/*
 * Adds, changes or (TEAM_NONE) removes a member, and ends its request.
 * ST_NOT_FOUND: no member of the organisation.
 */
enum status team_member_set(struct db *db, struct arena *a,
                            const struct actor *by, int64_t org,
                            const struct team *team, int64_t account_id,
                            enum team_role role) MUST_CHECK;

/* The actor wants to join, or does not any more. */
enum status team_request(struct db *db, struct arena *a, const struct actor *by,
                         int64_t org, const struct team *team,
                         bool wanted) MUST_CHECK;

/* The ids of its projects, in order. */
enum status team_projects(struct db *db, struct arena *a, int64_t org,
                          int64_t team, int64_t **out, size_t *n) MUST_CHECK;

/* Gives it a project, or takes it away.  ST_NOT_FOUND: no such project. */
enum status team_project_set(struct db *db, struct arena *a,
                             const struct actor *by, int64_t org,
                             const struct team *team, int64_t project,
                             bool owned) MUST_CHECK;

/* "backend, web" of each account of the list, in its order; null: none. */
enum status team_names(struct db *db, struct arena *a, int64_t org,
                       const int64_t *accounts, size_t n,
                       struct str **out) MUST_CHECK;

#endif
