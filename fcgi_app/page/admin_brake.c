/*
 * POST /admin/health/brake/: an administrator pauses the digest or closes the
 * edge, or lets them go on.
 *
 *     brake  digest or edge
 *     do     set or release
 */

#include "model/account.h"
#include "page/pages.h"
#include "util/lang.h"
#include "util/log.h"
#include "web/installation.h"
#include "web/login.h"

static const struct {
    const char *set, *released;
} said[BRAKES] = {
    [BRAKE_DIGEST] = { N_("The digest is paused. Events are accepted and "
                          "wait."),
                       N_("The digest goes on.") },
    [BRAKE_EDGE] = { N_("The edge is closed: within two seconds it answers "
                        "503."),
                     N_("The edge accepts events again within two "
                        "seconds.") },
};


enum status
page_admin_brake(struct request *rq, struct response *rs)
{
    bool set = str_is(request_field(rq, "do"), "set");
    enum status st;
    int i = 0;

    while (i < BRAKES
           && !str_is(request_field(rq, "brake"), brake_name((enum brake) i))) {
        i++;
    }
    if (i == BRAKES || (!set && !str_is(request_field(rq, "do"), "release"))) {
        return request_wrong(rq, i == BRAKES ? "brake" : "do");
    }
    st = installation_brake(rq, (enum brake) i, set);
    if (st == ST_OK) {
        log_warning("%.*s has %s the brake of the %s",
                    STR_FMT(rq->account->email), set ? "set" : "released",
                    brake_name((enum brake) i));
        login_flash(rq, str_of(set ? said[i].set : said[i].released));
        response_redirect(rs, STR("/admin/health/"));
    }
    return st;
}
