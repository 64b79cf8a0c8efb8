/*
 * page/account_notifications.c - what a person wants to hear of: by kind, for
 * an organisation, or for one of its projects (?org=, ?project=).
 */

#include "model/account.h"
#include "model/organization.h"
#include "model/project.h"
#include "model/recipient.h"
#include "page/pages.h"
#include "web/login.h"

struct scope_of {
    struct organization *orgs;
    size_t norgs;
    const struct organization *org; /* NULL: the person belongs to none */
    struct project *projects;       /* that the person sees */
    size_t nprojects;
    const struct project *project; /* NULL: the whole organisation */
};


static enum status
find_scope(struct request *rq, struct str org, struct str project,
           struct scope_of *out)
{
    struct organization entered;
    struct access access;
    enum role role;
    enum status st;

    *out = (struct scope_of){ .org = NULL };
    st = organization_list(rq->db, rq->a, rq->account->id, false, &out->orgs,
                           &out->norgs);
    if (st != ST_OK || out->norgs == 0) {
        return st;
    }
    out->org = &out->orgs[0];
    for (size_t i = 0; i < out->norgs; i++) {
        if (str_eq(out->orgs[i].slug, org)) {
            out->org = &out->orgs[i];
        }
    }
    if ((st = organization_enter(rq->db, rq->a, out->org->slug, rq->account->id,
                                 false, rq->addr, &entered, &role, &access))
            != ST_OK
        || (st = project_list(rq->db, rq->a, out->org->id, &access,
                              &out->projects, &out->nprojects))
               != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < out->nprojects; i++) {
        if (str_eq(out->projects[i].slug, project)
            && access_sees(&access, out->projects[i].id)) {
            out->project = &out->projects[i];
        }
    }
    for (size_t i = 0; i < out->nprojects; i++) {
        if (!access_sees(&access, out->projects[i].id)) {
            out->projects[i].slug = STR_NULL; /* not to be shown */
        }
    }
    return ST_OK;
}


enum status
page_account_notifications(struct request *rq, struct response *rs)
{
    struct notification_setting *list;
    struct scope_of s;
    enum status st;
    size_t n;

    /* before a look at one organisation narrows what is seen */
    if ((st = notification_list(rq->db, rq->a, rq->account->id, &list, &n))
            != ST_OK
        || (st = find_scope(rq, request_arg(rq, "org"),
                            request_arg(rq, "project"), &s))
               != ST_OK
        || s.org == NULL) {
        return st;
    }
    for (size_t i = 0; i < s.norgs; i++) {
        struct data *row = data_row(data_child(rs->data, "Organizations"));

        data_str(row, "slug", s.orgs[i].slug);
        data_str(row, "name", s.orgs[i].name);
        data_bool(row, "chosen", &s.orgs[i] == s.org);
    }
    for (size_t i = 0; i < s.nprojects; i++) {
        if (!str_null(s.projects[i].slug)) {
            struct data *row = data_row(data_child(rs->data, "Choices"));

            data_str(row, "slug", s.projects[i].slug);
            data_bool(row, "chosen", &s.projects[i] == s.project);
        }
    }
    for (size_t k = 0; k < notification_kinds_count; k++) {
        const struct notification_kind *kind = &notification_kinds[k];
        struct data *row = data_row(data_child(rs->data, "Kinds"));

        data_text(row, "name", kind->name);
        data_tr(row, "words", kind->words);
        data_tr(row, "help", kind->help);
        data_bool(row, "subscribe", kind->subscribe);
        for (size_t i = 0; i < n; i++) {
            if (list[i].organization_id == s.org->id
                && list[i].project_id == (s.project != NULL ? s.project->id : 0)
                && str_is(list[i].kind, kind->name)) {
                data_str(row, "value", list[i].value);
            }
        }
    }
    data_str(rs->data, "scope_org", s.org->slug);
    data_str(rs->data, "scope_project",
             s.project != NULL ? s.project->slug : STR_NULL);
    return ST_OK;
}


enum status
page_account_notifications_save(struct request *rq, struct response *rs)
{
    struct str org = request_field(rq, "org");
    struct str project = request_field(rq, "project");
    struct scope_of s;
    enum status st = find_scope(rq, org, project, &s);

    if (st != ST_OK || s.org == NULL) {
        return st != ST_OK ? st : ST_INVALID;
    }
    if (project.n > 0 && s.project == NULL) {
        return ST_NOT_FOUND;
    }
    for (size_t k = 0; st == ST_OK && k < notification_kinds_count; k++) {
        const struct notification_kind *kind = &notification_kinds[k];
        struct str v = request_field(rq, kind->name);

        if (v.n > 0 && !notification_value_ok(kind, v)) {
            return request_wrong(rq, kind->name);
        }
        st = notification_set(rq->db, rq->a, rq->account->id, s.org->id,
                              s.project != NULL ? s.project->id : 0, kind->name,
                              v.n > 0 ? v : STR_NULL);
    }
    if (st == ST_OK) {
        login_flash(rq, STR("Saved. It holds for what is sent from now on."));
        response_redirect(
            rs,
            str_printf(rq->a, "/account/notifications/?org=%.*s&project=%.*s",
                       STR_FMT(s.org->slug), STR_FMT(project)));
    }
    return st;
}
