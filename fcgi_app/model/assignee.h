/*
 * model/assignee.h - whom an issue can be assigned to: members and teams.
 *
 * One number stands for either: the id of an account, minus the id of a team,
 * or 0 for nobody.  In forms it is "12", "team:3" and "0".
 */

#ifndef VEDETTE_MODEL_ASSIGNEE_H
#define VEDETTE_MODEL_ASSIGNEE_H

#include "db/db.h"
#include "model/issue_search.h"

struct assignee {
    int64_t id;
    struct str name;
    struct str word; /* mail address, or "#slug" of a team */
    bool mine;       /* the account that asks, or a team of its */
    struct str rule; /* that makes it an owner of the issue; the null str */
};

/* Members by name, then teams by name.  issue_id: whose owners have the rule,
 * or 0. */
enum status assignee_list(struct db *db, struct arena *a,
                          int64_t organization_id, int64_t account_id,
                          int64_t issue_id, struct assignee **out,
                          size_t *n) MUST_CHECK;

/* Those that have one of these words; "mine" is not told. */
enum status assignee_words(struct db *db, struct arena *a,
                           int64_t organization_id, const struct str *words,
                           size_t nwords, struct assignee **out,
                           size_t *n) MUST_CHECK;

/* As values of assigned: */
struct search_name *assignee_names(struct arena *a,
                                   const struct assignee *people, size_t n);

/* ST_NOT_FOUND: no member and no team of the organisation.  *name is "#slug"
 * for a team. */
enum status assignee_name(struct db *db, struct arena *a,
                          int64_t organization_id, int64_t id,
                          struct str *name) MUST_CHECK;

/* False: the text is no assignee. */
bool assignee_read(struct str text, int64_t *id) MUST_CHECK;

#endif
