/*
 * page/project_mails.c - how long alert mails of a project wait for others, to
 * become one.
 */

#include "model/mail_digest.h"
#include "model/organization.h"
#include "model/project_setting.h"
#include "page/pages.h"
#include "page/setting_form.h"

#define SHORTEST_MAX_MIN 60
#define LONGEST_MAX_MIN 1440

struct delays {
    int64_t shortest; /* seconds */
    int64_t longest;
};


static enum status
read_delays(struct request *rq, struct delays *out)
{
    struct project_setting *settings;
    enum status st;
    size_t n;

    *out = (struct delays){ MAIL_DIGEST_SHORTEST_S, MAIL_DIGEST_LONGEST_S };
    st = project_setting_list(rq->db, rq->a, &rq->org->id, &rq->project->id, 1,
                              &settings, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        if (str_is(settings[i].name, MAIL_DIGEST_SHORTEST)) {
            (void) str_i64(settings[i].value, &out->shortest);

        } else if (str_is(settings[i].name, MAIL_DIGEST_LONGEST)) {
            (void) str_i64(settings[i].value, &out->longest);
        }
    }
    return st;
}


static void
fill(struct response *rs, const struct delays *d)
{
    data_bool(rs->data, "On", d->shortest > 0);
    data_i64(rs->data, "Shortest",
             (d->shortest > 0 ? d->shortest : MAIL_DIGEST_SHORTEST_S) / 60);
    data_i64(rs->data, "Longest",
             (d->longest > 0 ? d->longest : MAIL_DIGEST_LONGEST_S) / 60);
    data_i64(rs->data, "ShortestMax", SHORTEST_MAX_MIN);
    data_i64(rs->data, "LongestMax", LONGEST_MAX_MIN);
}


enum status
page_project_mails(struct request *rq, struct response *rs)
{
    struct delays d;
    enum status st = read_delays(rq, &d);

    if (st == ST_OK) {
        fill(rs, &d);
    }
    return st;
}


/* Minutes of a field as seconds; false when they are none or too many. */
static bool
minutes(struct request *rq, const char *name, int64_t max, int64_t *seconds)
{
    int64_t n;

    if (!str_i64(str_trim(request_field(rq, name)), &n) || n < 1 || n > max) {
        return false;
    }
    *seconds = n * 60;
    return true;
}


static struct project_setting
setting(struct request *rq, const char *name, int64_t value)
{
    return (struct project_setting){ .project_id = rq->project->id,
                                     .name = str_of(name),
                                     .value = str_printf(rq->a, "%lld",
                                                         (long long) value) };
}


enum status
page_project_mails_save(struct request *rq, struct response *rs)
{
    struct project_setting changes[2];
    struct actor by = request_actor(rq);
    struct data *wrong = data_child(rs->data, "Wrong");
    struct delays d = { 0, 0 };
    bool on = !str_null(field_get(&rq->form, "on"));
    enum status st;

    if (!minutes(rq, "shortest", SHORTEST_MAX_MIN, &d.shortest)) {
        data_tr(wrong, "shortest", "A number of minutes, from 1 to 60.");
        rs->status = 422;
    }
    if (!minutes(rq, "longest", LONGEST_MAX_MIN, &d.longest)
        || d.longest < d.shortest) {
        data_tr(wrong, "longest",
                "A number of minutes, from the shortest delay to 1,440.");
        rs->status = 422;
    }
    if (rs->status == 422) {
        fill(rs, &d);
        data_bool(rs->data, "On", on);
        return ST_OK;
    }
    changes[0] = setting(rq, MAIL_DIGEST_SHORTEST, on ? d.shortest : 0);
    changes[1] = setting(rq, MAIL_DIGEST_LONGEST, d.longest);
    st = project_setting_save(rq->db, rq->a, &by, rq->project, changes, 2);
    return st == ST_OK ? setting_form_done(rq, rs, "mails",
                                           "Saved. It holds for the next mail.")
                       : st;
}
