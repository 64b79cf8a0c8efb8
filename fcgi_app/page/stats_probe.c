/*
 * POST /:org/stats/event/: an event of our own, sent as an SDK sends it, to the
 * public address of the edge; then the page that shows how far it has come.
 *
 *     project  slug; the first one without
 */

#include "model/organization.h"
#include "model/project.h"
#include "model/project_key.h"
#include "outbound/edge.h"
#include "page/guide.h"
#include "page/pages.h"
#include "page/snippets.h"
#include "util/conf.h"
#include "util/hex.h"
#include "util/lang.h"
#include "web/login.h"
#include "web/show.h"


/* The project of the form, if the sender sees it, becomes the request's. */
static enum status
choose(struct request *rq)
{
    struct str slug = request_field(rq, "project");
    struct project *projects;
    enum status st;
    size_t n;

    st = request_projects(rq, &projects, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        if (slug.n == 0 || str_eq(projects[i].slug, slug)) {
            rq->project = &projects[i];
            return ST_OK;
        }
    }
    return st == ST_OK ? ST_NOT_FOUND : st;
}


static struct str
sentence(struct request *rq, const struct edge_reply *reply)
{
    if (reply->code == 0) {
        return lang_fill(rq->a,
                         N_("The edge does not answer at its address: {0}."),
                         FILL(reply->why));
    }
    return lang_fill(rq->a,
                     reply->code == 200
                         ? N_("The edge has taken the event: {0} after {1}.")
                         : N_("The edge has refused the event: {0} after {1}."),
                     FILL(str_printf(rq->a, "%d", reply->code),
                          show_took(rq->a, reply->took)));
}


enum status
page_stats_probe(struct request *rq, struct response *rs)
{
    const struct project_key *key;
    struct project_key *keys;
    struct edge_reply reply;
    unsigned char id[16];
    struct str event_id, body;
    enum status st;
    size_t n;

    st = choose(rq);
    if (st == ST_OK) {
        st = project_key_list(rq->db, rq->a, rq->org->id, rq->project->id,
                              &keys, &n);
    }
    if (st != ST_OK) {
        return st;
    }
    uuid_random(id);
    event_id = uuid_hex(rq->a, id);
    key = snippets_key(keys, n);
    if (key == NULL) {
        login_flash(rq, str_of(tr(N_("No client key is on, so nothing was "
                                     "sent."))));
    } else if ((st = sample_read(rq, STR("message"), key, event_id, &body))
               != ST_OK) {
        return st;
    } else {
        edge_send(rq->a, conf_str(CONF_SYSTEM_URL_PREFIX),
                  str_printf(rq->a, "%lld", (long long) rq->project->id),
                  key->public_key, body, &reply);
        login_flash(rq, sentence(rq, &reply));
    }
    response_redirect(rs,
                      str_printf(rq->a, "/%.*s/stats/event/?id=%.*s",
                                 STR_FMT(rq->org->slug), STR_FMT(event_id)));
    return ST_OK;
}
