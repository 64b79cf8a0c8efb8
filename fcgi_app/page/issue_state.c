/*
 * What the bar of actions needs to know: whether the reader follows the issue,
 * how it was resolved, and until when it rests.
 */

#include "page/issue.h"

#include "model/account.h"
#include "model/issue_change.h"
#include "util/lang.h"
#include "web/route.h"
#include "web/show.h"

/* Letters of a revision. */
#define COMMIT_SHOWN 12


/* "in 1.4.2", "until 100 more events have come, 37 so far" */
static void
reason(struct request *rq, struct data *d, const struct issue_state *s)
{
    struct arena *a = rq->a;

    if (s->resolution == 1) {
        data_str(d, "reason",
                 lang_fill(a, N_("in {0}"), FILL(issue_release(s->release))));

    } else if (s->resolution == 2) {
        data_str(d, "reason",
                 str_null(s->release)
                     ? str_of(tr("in the next release"))
                     : lang_fill(a, N_("in the release after {0}"),
                                 FILL(issue_release(s->release))));

    } else if (s->resolution == 3) {
        data_str(d, "reason",
                 lang_fill(a, N_("in the commit {0}"),
                           FILL(str_cut(s->release, COMMIT_SHOWN))));

    } else if (s->until != 0) {
        data_time(d, "until", s->until);

    } else if (s->events > 0 && s->window > 0) {
        data_str(
            d, "reason",
            lang_fill(a,
                      N_("until {0} {0|event comes|events come} within "
                         "{1} {1|minute|minutes}"),
                      FILL(show_full(a, s->events), show_full(a, s->window))));

    } else if (s->events > 0) {
        data_str(d, "reason",
                 lang_fill(a, N_("until {0} more {0|event|events}, {1} so far"),
                           FILL(show_full(a, s->events),
                                show_full(a, s->events_so_far))));

    } else if (s->users > 0) {
        data_str(d, "reason",
                 lang_fill(a, N_("until {0} more {0|user|users}, {1} so far"),
                           FILL(show_full(a, s->users),
                                show_full(a, s->users_so_far))));

    } else if (rq->issue->status == ISSUE_ARCHIVED) {
        data_tr(d, "reason",
                rq->issue->substatus == ISSUE_UNTIL_ESCALATING
                    ? N_("until it escalates")
                    : N_("forever"));
    }
}


enum status
issue_actions(struct request *rq, struct data *d, bool *ticketed)
{
    const struct issue *is = rq->issue;
    struct issue_state state;
    enum status st = issue_state(rq->db, rq->a, is, rq->account->id, &state);

    if (st != ST_OK) {
        return st;
    }
    *ticketed = state.ticketed;
    reason(rq, d, &state);
    data_bool(d, "review",
              is->status == ISSUE_UNRESOLVED && is->substatus != ISSUE_ONGOING);
    data_bool(d, "bookmarked", state.bookmarked);
    data_bool(d, "subscribed", state.subscribed);
    data_bool(d, "may_delete", request_may(rq, "event:admin"));
    data_str(d, "last_release_full", is->last_release);
    if (!str_null(state.share_token)) {
        data_str(d, "shared",
                 str_printf(rq->a, "/share/issue/%.*s/",
                            STR_FMT(state.share_token)));
    }
    return ST_OK;
}
