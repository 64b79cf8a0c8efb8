#include "integration/look.h"

#include "integration/sync.h"
#include "util/timeutil.h"

/* Others wait for the sender, too. */
#define JOB_US (10 * US_PER_SECOND)


/* One ticket that is gone or hidden says nothing of the others. */
static bool
goes_on(const struct integration_result *r)
{
    return r->result == OUTBOX_OK
           || (r->result == OUTBOX_PERMANENT && r->code != 401
               && r->code != 403);
}


enum status
look_job(const struct integration_call *call, struct integration_result *out)
{
    const struct integration *i = call->i;
    const struct integration_type *type = integration_type(i->type);
    int64_t until = time_monotonic() + JOB_US;
    size_t n = 0, seen = 0, changed = 0;
    struct ticket *list;
    enum status st;
    bool news;

    *out = (struct integration_result){ .result = OUTBOX_OK, .unasked = true };
    if (type == NULL || type->tracker == NULL) {
        return ST_OK;
    }
    st = ticket_look_list(call->db, call->a, i->organization_id, i->id, &list,
                          &n);
    while (st == ST_OK && seen < n && goes_on(out)
           && time_monotonic() < until) {
        st = sync_look(call, &list[seen++], &news, out);
        changed += news;
    }
    if (st != ST_OK || !goes_on(out)) {
        return st;
    }
    out->result = OUTBOX_OK;
    out->answer = STR("");
    return ticket_look_end(call->db, call->a, i->organization_id, i->id, seen,
                           changed);
}
