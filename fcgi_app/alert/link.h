/*
 * alert/link.h - links in mails that act without signing in.
 *
 * A link names who, where and what, until when, and is signed; it opens a page
 * that asks once more, so that no scanner of mails resolves an issue.
 *
 *     /mail/<action>.<account>.<organisation>.<object>.<expires>.<signature>/
 */

#ifndef VEDETTE_ALERT_LINK_H
#define VEDETTE_ALERT_LINK_H

#include "db/db.h"

#define LINK_DAYS 30

struct mail_link {
    struct str action; /* resolve, archive, assign, mute, unfollow, silence,
                          unreport */
    int64_t account_id;
    int64_t organization_id;
    int64_t object; /* issue; mute: rule; silence: project */
};

struct str link_url(struct arena *a, struct str key,
                    const struct mail_link *link);

/* ST_NOT_FOUND: expired, changed, or never ours. */
enum status link_read(struct arena *a, struct str key, struct str token,
                      struct mail_link *out) MUST_CHECK;

#endif
