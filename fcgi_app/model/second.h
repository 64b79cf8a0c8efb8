/*
 * model/second.h - the second factor of an account: codes from a telephone, and
 * recovery codes for the day when it is gone.
 *
 * The secret is kept sealed (util/seal.h), of recovery codes only digests.  No
 * code is taken twice: the step of the newest one is kept.
 */

#ifndef VEDETTE_MODEL_SECOND_H
#define VEDETTE_MODEL_SECOND_H

#include "model/account.h"

#define RECOVERY_CODES 10

/*
 * Begins with a secret that a code has proven to be on the telephone (step, see
 * util/totp.h).  *codes: RECOVERY_CODES new ones, to be shown once.
 * ST_INVALID: the installation has no key to seal with.
 */
enum status second_enable(struct db *db, struct arena *a,
                          const struct actor *by, const struct account *account,
                          struct str secret, int64_t step,
                          struct str **codes) MUST_CHECK;

enum status second_disable(struct db *db, struct arena *a,
                           const struct actor *by,
                           const struct account *account) MUST_CHECK;

/* New recovery codes in place of the old. */
enum status second_renew(struct db *db, struct arena *a, const struct actor *by,
                         const struct account *account,
                         struct str **codes) MUST_CHECK;

/*
 * ST_OK when the code is right, of either kind, and was not used before;
 * ST_DENIED otherwise.  now in seconds.
 */
enum status second_check(struct db *db, struct arena *a,
                         const struct account *account, struct str code,
                         int64_t now) MUST_CHECK;

enum status second_codes_left(struct db *db, struct arena *a, int64_t id,
                              int64_t *n) MUST_CHECK;

#endif
