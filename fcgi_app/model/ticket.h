/*
 * model/ticket.h - tickets in trackers outside, and the issues they belong to.
 *
 * A ticket row says what was last seen of it, so that a page asks nobody and a
 * change that is already known goes no further: what one side does comes back
 * as a webhook of the other.  Jobs are made by a trigger (sql/,
 * outbox_of_ticket) for everything that is written into the history of an issue
 * with tickets.
 */

#ifndef VEDETTE_MODEL_TICKET_H
#define VEDETTE_MODEL_TICKET_H

#include "json/doc.h"
#include "model/audit.h"

#define TICKETS_MAX 20 /* of an issue, that are shown */

struct ticket {
    int64_t id;
    int64_t organization_id;
    int64_t integration_id;
    struct str integration; /* its name */
    struct str type;        /* its type */
    struct str key;
    struct str url;
    struct str title;
    struct str status;
    bool done;
    struct str assignee;      /* name; "": nobody */
    struct str assignee_id;   /* the tracker's own */
    struct str assignee_mail; /* not stored */
    struct json *data;        /* the tracker's own; NULL: {} */
    struct str error;
    int64_t synced_at;
};

/* Rows of any statement that selects all that a ticket has. */
void ticket_rows(struct arena *a, const struct db_rows *rows,
                 struct ticket **out, size_t *n);

/* Of one issue, in the order in which they were linked. */
enum status ticket_list(struct db *db, struct arena *a, int64_t organization_id,
                        int64_t issue_id, struct ticket **out,
                        size_t *n) MUST_CHECK;

enum status ticket_by_id(struct db *db, struct arena *a,
                         int64_t organization_id, int64_t id,
                         struct ticket *out) MUST_CHECK;

enum status ticket_by_key(struct db *db, struct arena *a,
                          int64_t organization_id, int64_t integration_id,
                          struct str key, struct ticket *out) MUST_CHECK;

/*
 * Stores the ticket if it is new, links it to the issue, and writes the
 * history ("ticket"); by account_id, 0: Vedette.  created: it was made from
 * here, else it was there already.  Sets id.
 */
enum status ticket_link(struct db *db, struct arena *a, int64_t issue_id,
                        int64_t account_id, bool created,
                        struct ticket *ticket) MUST_CHECK;

/* The ticket stays where it is. */
enum status ticket_unlink(struct db *db, struct arena *a,
                          int64_t organization_id, int64_t issue_id,
                          int64_t ticket_id, int64_t account_id) MUST_CHECK;

/* What the tracker says of it now: status, done, assignee, title, data. */
enum status ticket_seen(struct db *db, struct arena *a,
                        const struct ticket *ticket) MUST_CHECK;

/* The latest job's failure; "" clears it. */
enum status ticket_failed(struct db *db, struct arena *a,
                          const struct ticket *ticket,
                          struct str error) MUST_CHECK;

/*
 * Alerts: mine when nobody else makes or has made a ticket of this issue in
 * this integration.  A claim that came to nothing is given back; one that is
 * not, for a minute, is of a sender that died: *again, perhaps there is a
 * ticket all the same.
 */
enum status ticket_claim(struct db *db, struct arena *a,
                         int64_t organization_id, int64_t integration_id,
                         int64_t issue_id, bool *mine, bool *again) MUST_CHECK;
enum status ticket_unclaim(struct db *db, struct arena *a,
                           int64_t integration_id, int64_t issue_id) MUST_CHECK;

/* What a job is about: a row of an issue's history. */
struct ticket_activity {
    int64_t issue_id;
    int64_t account_id;
    struct str account; /* name; "": Vedette */
    struct str kind;
    struct json *data;
    int64_t assignee_id; /* the issue's, now; 0: nobody; < 0: a team */
    struct str assignee_mail;
    int issue_status; /* now */
};

enum status ticket_activity(struct db *db, struct arena *a,
                            int64_t organization_id, int64_t activity_id,
                            struct ticket_activity *out) MUST_CHECK;

/*
 * What must be sent once only (a comment, a ticket after a regression) is
 * noted before it goes out.  ST_CONFLICT: it was begun before, and nobody
 * knows how that ended.
 */
enum status ticket_send_begin(struct db *db, struct arena *a,
                              const struct ticket *ticket,
                              int64_t activity_id) MUST_CHECK;
/*
 * It arrived: as the comment remote_id, which then does not come back as a new
 * one; "": it is no comment.
 */
enum status ticket_send_end(struct db *db, struct arena *a,
                            const struct ticket *ticket, int64_t activity_id,
                            struct str remote_id) MUST_CHECK;
/* It did not arrive, and may be sent again. */
enum status ticket_send_undo(struct db *db, struct arena *a,
                             const struct ticket *ticket,
                             int64_t activity_id) MUST_CHECK;

/* A comment of ours, that is not to come back as a new one. */
enum status ticket_comment_known(struct db *db, struct arena *a,
                                 const struct ticket *ticket,
                                 struct str remote_id) MUST_CHECK;

/* Issues of a ticket. */
enum status ticket_issues(struct db *db, struct arena *a,
                          int64_t organization_id, int64_t ticket_id,
                          int64_t **out, size_t *n) MUST_CHECK;

/*
 * What happened there, here.  Each writes the history of every linked issue
 * that it changes: first "ticket", which says what was seen, then the change
 * itself; status and assignee also do what ticket_seen does, in the same
 * transaction.  A comment that is known changes nothing.
 */
enum status ticket_pull_status(struct db *db, struct arena *a,
                               const struct ticket *ticket) MUST_CHECK;
/* account_id 0: nobody. */
enum status ticket_pull_assignee(struct db *db, struct arena *a,
                                 const struct ticket *ticket,
                                 int64_t account_id) MUST_CHECK;
enum status ticket_pull_comment(struct db *db, struct arena *a,
                                const struct ticket *ticket,
                                struct str remote_id, struct str author,
                                struct str text) MUST_CHECK;

/*
 * The member who is this person of a tracker: remembered, or by the mail
 * address, which is then remembered.  ST_NOT_FOUND.
 */
enum status ticket_person(struct db *db, struct arena *a,
                          int64_t organization_id, int64_t integration_id,
                          struct str remote_id, struct str mail,
                          int64_t *account_id) MUST_CHECK;

/* The person of a tracker who is this account; "" when not known. */
enum status ticket_person_of(struct db *db, struct arena *a,
                             int64_t integration_id, int64_t account_id,
                             struct str *remote_id) MUST_CHECK;

enum status ticket_person_note(struct db *db, struct arena *a,
                               int64_t organization_id, int64_t integration_id,
                               struct str remote_id,
                               int64_t account_id) MUST_CHECK;

/* What the form was filled with the last time; NULL: never. */
enum status ticket_choice(struct db *db, struct arena *a,
                          int64_t organization_id, int64_t project_id,
                          int64_t integration_id, struct json **out) MUST_CHECK;
enum status ticket_choice_keep(struct db *db, struct arena *a,
                               int64_t organization_id, int64_t project_id,
                               int64_t integration_id,
                               const struct json *choice) MUST_CHECK;

#endif
