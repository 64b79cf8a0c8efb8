/*
 * model/stream_view.h - how somebody looks at the stream of an organisation.
 */

#ifndef VEDETTE_MODEL_STREAM_VIEW_H
#define VEDETTE_MODEL_STREAM_VIEW_H

#include "db/db.h"
#include "model/saved_search.h"

struct stream_view {
    struct str hidden; /* columns, with spaces between */
    bool compact;
    /* what its menus were set to last */
    struct str projects; /* slugs, with spaces between */
    struct str terms;    /* environment: and lastSeen: of a search */
};

/* Nothing is set where nothing was kept.  saved: the searches of the stream
 * that the account sees. */
enum status stream_view(struct db *db, struct arena *a, int64_t organization_id,
                        int64_t account_id, struct stream_view *out,
                        struct saved_search **saved, size_t *n) MUST_CHECK;

/* hidden and compact; projects and terms. */
enum status stream_view_look(struct db *db, struct arena *a,
                             int64_t organization_id, int64_t account_id,
                             const struct stream_view *v) MUST_CHECK;
enum status stream_view_filter(struct db *db, struct arena *a,
                               int64_t organization_id, int64_t account_id,
                               const struct stream_view *v) MUST_CHECK;

#endif
