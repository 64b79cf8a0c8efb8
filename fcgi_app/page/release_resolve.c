/*
 * POST /ORG/releases/VERSION/: resolves the issues that were seen first in the
 * release and are still open, RESOLVE_MAX at a time, with an undo.
 *
 *     project  a slug; none: the first project that has it, as its page
 */

#include "page/releases.h"

#include "model/account.h"
#include "model/issue_change.h"
#include "model/organization.h"
#include "page/choice.h"
#include "page/pages.h"
#include "web/login.h"
#include "web/route.h"

#define RESOLVE_MAX 500


/* Of the projects that the account sees. */
static enum status
find(struct request *rq, struct release *out)
{
    struct str slug = request_field(rq, "project");
    struct id_set set = { .limited = true };
    struct project *projects;
    struct release *rows;
    enum status st;
    size_t n;

    if ((st = request_projects(rq, &projects, &n)) != ST_OK) {
        return st;
    }
    set.ids = arena_array(rq->a, n, sizeof(int64_t));
    for (size_t i = 0; i < n; i++) {
        if (slug.n == 0 || str_eq(projects[i].slug, slug)) {
            set.ids[set.n++] = projects[i].id;
        }
    }
    st = release_find(rq->db, rq->a, rq->org->id, request_param(rq, "version"),
                      &set, &rows, &n);
    if (st == ST_OK) {
        *out = rows[0];
    }
    return st;
}


enum status
page_release_resolve(struct request *rq, struct response *rs)
{
    int64_t *ids = arena_array(rq->a, RESOLVE_MAX, sizeof(*ids));
    struct actor by = request_actor(rq);
    int64_t undo_id = 0, changed = 0;
    struct issue_change c;
    struct release r;
    enum status st;
    size_t n;

    if ((st = find(rq, &r)) != ST_OK
        || (st = issue_change_read(STR("resolve"), STR(""), &c)) != ST_OK
        || (st = release_open_issues(rq->db, rq->a, rq->org->id, &r,
                                     RESOLVE_MAX, ids, &n))
               != ST_OK) {
        return st;
    }
    if (n > 0) {
        st = issue_change(rq->db, rq->a, rq->org->id, ids, n, &c, &by, true,
                          &undo_id, &changed);
    }
    if (st != ST_OK) {
        return st;
    }
    if (changed > 0) {
        login_flash_undo(rq,
                         lang_say(rq->a, issue_change_done_many(
                                             rq->a, &c, (size_t) changed)),
                         undo_id);
    } else {
        login_flash(rq, STR("No new issue of it is open."));
    }
    response_redirect(rs, release_link(rq, r.version, r.project_slug));
    return ST_OK;
}
