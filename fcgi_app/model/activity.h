/*
 * model/activity.h - what happened to an issue, newest first: what people did
 * and what Vedette did by itself.
 *
 * An account says that a person did it; without one it was Vedette.
 *
 * kind         data                             written by
 * resolved     {} now, {"next": true},          model/issue_change
 *              {"release"}, {"age": hours}      … or model/issue_life
 * unresolved   {}                               model/issue_change
 * archived     {"until": "escalating",          model/issue_change
 *              "forever" or "condition", and
 *              "minutes", "events" in "window",
 *              "users"}
 * reviewed     {}                               model/issue_change
 * assigned     {"account_id" or "team_id",      model/issue_change
 *              "name"}, and "rule" when one     … or the digest
 *              decided
 * unassigned   {}                               model/issue_change
 * priority     {"priority"}                     model/issue_change, …_life
 * merged       {"n", "issues": [{"id",          model/issue_merge
 *              "number", "title"}]}
 * unmerged     {"id", "number", "title",        model/issue_merge, in both
 *              "from": true where it was}
 * undone       {"what": sentence}               model/undo
 * comment      {"text", "mentions": [ids],      here
 *              "edited": true}
 *              or of a ticket: "author",         … or model/ticket
 *              "ticket"
 * ticket       {"what": created, linked,        model/ticket
 *              unlinked or moved, "key",
 *              "url", "status"}
 * shared       {}, unshared {}                  model/issue_share
 * regressed    {"release", "resolved_in"}       the digest
 * escalating   {"why": "forecast", "events" or  model/issue_life
 *              "users", "seen"}
 * ongoing      {}, {"why": "time"}              model/issue_life
 * fired        {"rule_id", "name", "cause",     the alerts: not kept here,
 *              "held", "sent": [{"channel",     only listed
 *              "address", "state", "code"}]}
 */

#ifndef VEDETTE_MODEL_ACTIVITY_H
#define VEDETTE_MODEL_ACTIVITY_H

#include "db/db.h"
#include "json/doc.h"

#define ACTIVITY_PAGE 30
#define ACTIVITY_FIRES 10 /* of those, times that an alert fired */
#define COMMENT_MAX 10000 /* bytes */

struct activity {
    int64_t id;
    int64_t account_id; /* 0: Vedette itself, or an account that is gone */
    struct str account; /* name */
    struct str kind;
    struct json *data; /* an object; NULL when unreadable */
    int64_t at;
};

/* The newest ACTIVITY_PAGE, of alerts that fired ACTIVITY_FIRES; *more when
 * there are older ones. */
enum status activity_list(struct db *db, struct arena *a, int64_t issue_id,
                          struct activity **out, int *n, bool *more) MUST_CHECK;

enum status activity_by_id(struct db *db, struct arena *a,
                           int64_t organization_id, int64_t id,
                           struct activity *out) MUST_CHECK;

/*
 * ST_INVALID when the text is empty or longer than COMMENT_MAX.  Who writes
 * follows the issue from then on, and so does every member who is mentioned:
 * @anna or @anna@example.org.
 */
enum status activity_comment(struct db *db, struct arena *a,
                             int64_t organization_id, int64_t issue_id,
                             int64_t account_id, struct str text) MUST_CHECK;

/*
 * Changes a comment of this account's, or removes it (text null).
 * ST_NOT_FOUND: it is no comment of theirs on this issue.
 */
enum status activity_comment_edit(struct db *db, struct arena *a,
                                  int64_t issue_id, int64_t id,
                                  int64_t account_id,
                                  struct str text) MUST_CHECK;

#endif
