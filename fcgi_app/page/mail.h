/*
 * page/mail.h - a notice as a mail: templates/mail/ and words.
 */

#ifndef VEDETTE_PAGE_MAIL_H
#define VEDETTE_PAGE_MAIL_H

#include "alert/sender.h"

/* A mail_render; render_init has been called. */
enum status mail_of_notice(struct arena *a, const struct notice *n,
                           struct str key, int64_t account_id,
                           struct str unsubscribe,
                           struct mail_parts *out) MUST_CHECK;

#endif
