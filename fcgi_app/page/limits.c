/*
 * page/limits.c - limits of an organisation or of a project, by category: the
 * same page for both.
 */

#include "model/organization.h"
#include "model/project.h"
#include "model/quota_use.h"
#include "page/pages.h"
#include "util/lang.h"
#include "web/login.h"

static const struct {
    int64_t seconds;
    const char *name;
} windows[] = {
    { 60, N_("minute") },     { 3600, N_("hour") },       { 86400, N_("day") },
    { 604800, N_("7 days") }, { 2592000, N_("30 days") },
};

#define WINDOWS (sizeof(windows) / sizeof(windows[0]))


static int64_t
project_id(const struct request *rq)
{
    return rq->project != NULL ? rq->project->id : 0;
}


static void
fill_choices(struct response *rs)
{
    for (size_t i = 0; i < quota_categories_count; i++) {
        data_item(data_child(rs->data, "Categories"),
                  str_of(quota_categories[i]));
    }
    for (size_t i = 0; i < WINDOWS; i++) {
        struct data *row = data_row(data_child(rs->data, "Windows"));

        data_i64(row, "seconds", windows[i].seconds);
        data_tr(row, "name", windows[i].name);
    }
}


/* How full it is, and what that leads to: one of ends, full and room. */
static void
fill_use(struct data *row, const struct quota *q, const struct quota_use *u)
{
    int64_t percent =
        q->count > 0 ? (int64_t) (100.0 * (double) u->used / (double) q->count)
                     : 100;

    data_i64(row, "used", u->used);
    data_bool(row, "bytes",
              str_is(q->categories, "attachment")
                  || str_is(q->categories, "log_byte"));
    data_i64(row, "percent", percent > 100 ? 100 : percent);
    data_i64(row, "left", u->left);
    if (q->count == 0) {
        data_bool(row, "closed", true);

    } else if (u->used >= q->count) {
        data_bool(row, "over", true);

    } else if (u->full > 0) {
        data_i64(row, "full", u->full);
    }
}


enum status
page_limits(struct request *rq, struct response *rs)
{
    struct quota *quotas;
    struct quota_use *use = NULL;
    size_t n = 0;
    enum status st =
        quota_list(rq->db, rq->a, rq->org->id, project_id(rq), 0, &quotas, &n);

    /* while Redis is away, nobody knows how full they are */
    if (st == ST_OK
        && quota_use(rq->redis, rq->a, quotas, n, rq->now, &use) != ST_OK) {
        use = NULL;
    }
    for (size_t i = 0; i < n; i++) {
        struct data *row = data_row(data_child(rs->data, "Limits"));

        data_i64(row, "id", quotas[i].id);
        data_i64(row, "count", quotas[i].count);
        data_i64(row, "seconds", quotas[i].seconds);
        data_time(row, "since", quotas[i].created_at);
        if (use != NULL) {
            fill_use(data_child(row, "Use"), &quotas[i], &use[i]);
        }
        if (!str_is(quotas[i].categories, "*")) {
            data_str(row, "categories", quotas[i].categories);
        }
        for (size_t k = 0; k < WINDOWS; k++) {
            if (windows[k].seconds == quotas[i].seconds) {
                data_tr(row, "window", windows[k].name);
            }
        }
    }
    data_bool(rs->data, "Full", n >= QUOTA_MAX);
    data_i64(rs->data, "Most", QUOTA_MAX);
    fill_choices(rs);
    return st;
}


static enum status
refuse(struct request *rq, struct response *rs, const char *why)
{
    rs->status = 422;
    data_tr(data_child(rs->data, "Wrong"), "why", why);
    data_str(data_child(rs->data, "Wrong"), "count",
             str_cut(request_field(rq, "count"), 40));
    return page_limits(rq, rs);
}


static enum status
done(struct request *rq, struct response *rs)
{
    login_flash(rq, STR("Saved. Every edge follows within 2 s."));
    response_redirect(rs, rq->project != NULL
                              ? str_printf(rq->a, "/%.*s/projects/%.*s/limits/",
                                           STR_FMT(rq->org->slug),
                                           STR_FMT(rq->project->slug))
                              : str_printf(rq->a, "/%.*s/settings/limits/",
                                           STR_FMT(rq->org->slug)));
    return ST_OK;
}


enum status
page_limits_save(struct request *rq, struct response *rs)
{
    struct quota q = { .organization_id = rq->org->id,
                       .project_id = project_id(rq) };
    struct str remove = field_get(&rq->form, "remove");
    struct actor by = request_actor(rq);
    enum status st;

    if (!str_null(remove)) {
        if (!str_i64(remove, &q.id)) {
            return ST_NOT_FOUND;
        }
        st = quota_remove(rq->db, rq->redis, rq->a, &by, &q);
        return st == ST_OK ? done(rq, rs) : st;
    }
    if (!str_i64(request_field(rq, "count"), &q.count)
        || !str_i64(request_field(rq, "window"), &q.seconds)
        || !quota_categories_read(rq->a, request_field(rq, "category"),
                                  &q.categories)) {
        return refuse(rq, rs, "A limit is a whole number, and 0 refuses all.");
    }
    st = quota_set(rq->db, rq->redis, rq->a, &by, &q);
    if (st == ST_INVALID) {
        return refuse(rq, rs, "A limit is a whole number, and 0 refuses all.");
    }
    if (st == ST_CONFLICT) {
        return refuse(rq, rs, "There is no room for another limit.");
    }
    return st == ST_OK ? done(rq, rs) : st;
}
