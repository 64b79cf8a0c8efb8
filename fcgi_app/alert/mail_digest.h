/*
 * alert/mail_digest.h - several alert mails made one.
 */

#ifndef VEDETTE_ALERT_MAIL_DIGEST_H
#define VEDETTE_ALERT_MAIL_DIGEST_H

#include "model/outbox.h"

/*
 * Deals with a mail that has waited: with the others that wait with it it
 * becomes one, which lists their issues; alone it is sent as it is.  Issues
 * that are gone, resolved or archived meanwhile are left out.
 */
enum status mail_digest_row(struct db *db, struct arena *a,
                            const struct outbox_row *row) MUST_CHECK;

#endif
