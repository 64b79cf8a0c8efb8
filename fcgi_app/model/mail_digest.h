/*
 * model/mail_digest.h - alert mails of a project that wait to become one.
 *
 * The first goes at once, and opens a window in which those that follow wait.
 * Each that comes puts the end off by MAIL_DIGEST_STEP_S, up to the longest
 * delay; then they go as one, and the next window is open.  One that ends
 * with nobody waiting is over.
 *
 * What waits stands in the outbox, with the endpoint "digest".
 */

#ifndef VEDETTE_MODEL_MAIL_DIGEST_H
#define VEDETTE_MODEL_MAIL_DIGEST_H

#include "model/outbox.h"

/* Settings of a project, in seconds; a shortest delay of 0: no digests. */
#define MAIL_DIGEST_SHORTEST "mail.digest.shortest"
#define MAIL_DIGEST_LONGEST "mail.digest.longest"
#define MAIL_DIGEST_SHORTEST_S 300
#define MAIL_DIGEST_LONGEST_S 1800
#define MAIL_DIGEST_STEP_S 30

#define MAIL_DIGEST_ENDPOINT "digest"
#define MAIL_DIGEST_ROWS 200 /* of one mail */

/*
 * For one more mail to this account, inside its transaction: until when (µs)
 * it has to wait; 0: it goes at once.
 */
enum status mail_digest_wait(struct db *db, struct arena *a,
                             int64_t organization_id, int64_t project_id,
                             int64_t account_id, int64_t *until) MUST_CHECK;

struct mail_digest {
    int64_t until;           /* not yet: µs; 0: it is time */
    struct outbox_row *rows; /* that wait, locked, in the order of their ids */
    bool *open;              /* whether the row's issue is still unresolved */
    size_t n;
};

/* All that waits together with this row; inside a transaction. */
enum status mail_digest_take(struct db *db, struct arena *a,
                             const struct outbox_row *row,
                             struct mail_digest *out) MUST_CHECK;

/* They are one mail now, or none is needed: their end, and the next window. */
enum status mail_digest_end(struct db *db, struct arena *a,
                            const struct mail_digest *d,
                            struct str why) MUST_CHECK;

/* The row waits longer: its window was put off. */
enum status mail_digest_put_off(struct db *db, struct arena *a,
                                const struct outbox_row *row,
                                int64_t until) MUST_CHECK;

#endif
