/*
 * page/settings_integration.c - one connection: connect, change, test,
 * disconnect.  A new one is tested before it is kept, but kept all the same
 * when the other side is down: what is typed in is not lost.
 */

#include "integration/tracker.h"
#include "model/organization.h"
#include "model/outbox.h"
#include "model/ticket_look.h"
#include "page/integration_form.h"
#include "page/pages.h"
#include "util/conf.h"
#include "util/seal.h"
#include "web/login.h"


/* ---- finding */

static enum status
find(struct request *rq, struct integration *out,
     const struct integration_type **type)
{
    enum status st;
    int64_t id;

    if (!str_i64(request_param(rq, "integration"), &id)) {
        return ST_NOT_FOUND;
    }
    st = integration_by_id(rq->db, rq->a, rq->org->id, id, out);
    if (st == ST_OK) {
        *type = integration_type(out->type);
        st = *type != NULL ? ST_OK : ST_NOT_FOUND;
    }
    return st;
}


static struct str
path_of(const struct request *rq, int64_t id)
{
    return id == 0 ? str_printf(rq->a, "/%.*s/settings/integrations/",
                                STR_FMT(rq->org->slug))
                   : str_printf(rq->a, "/%.*s/settings/integrations/%lld/",
                                STR_FMT(rq->org->slug), (long long) id);
}


/* ---- showing */

static const char *
state_of(const struct outbox_row *row)
{
    static const char *const names[] = {
        [OUTBOX_WAITING] = "waiting",
        [OUTBOX_SENT] = "sent",
        [OUTBOX_DEAD] = "failed",
        [OUTBOX_LEFT_OUT] = "left out",
    };

    return names[row->state];
}


static enum status
fill_deliveries(struct request *rq, struct response *rs, int64_t id)
{
    struct outbox_filter filter = { .integration_id = id };
    struct data *list = data_child(rs->data, "Deliveries");
    struct outbox_row *rows;
    enum status st;
    size_t n;
    bool more;

    st = outbox_list(rq->db, rq->a, rq->org->id, &filter, &rows, &n, &more);
    for (size_t i = 0; st == ST_OK && i < n && i < 10; i++) {
        struct data *row = data_row(list);

        data_time(row, "at", rows[i].created_at);
        data_str(row, "cause", rows[i].cause);
        data_text(row, "state", state_of(&rows[i]));
        data_i64(row, "attempts", rows[i].attempts);
        data_i64(row, "code", rows[i].last_code);
        data_str(row, "answer", str_cut(rows[i].last_answer, 300));
    }
    return st;
}


/* Where a tracker sends what happens there. */
static void
fill_hook(struct request *rq, struct data *d, const struct integration *i,
          const struct integration_type *type)
{
    if (type->tracker == NULL || i->id == 0) {
        return;
    }
    data_str(d, "hook_url",
             str_printf(rq->a, "%s/hooks/%.*s/",
                        conf_str(CONF_SYSTEM_URL_PREFIX),
                        STR_FMT(integration_value(i, "hook_token"))));
    data_str(d, "hook_secret", integration_value(i, "hook_secret"));
    data_tr(d, "hook_help", type->tracker->hook_help);
}


/* When its tickets were read again, and when they are next. */
static enum status
fill_look(struct request *rq, struct response *rs, const struct integration *i)
{
    struct data *d = data_child(rs->data, "Look");
    struct ticket_look look;
    enum status st =
        ticket_look_state(rq->db, rq->a, rq->org->id, i->id, &look);

    if (st == ST_OK && look.due_at != 0) {
        data_time(d, "ran", look.ran_at);
        data_i64(d, "tickets", look.tickets);
        data_i64(d, "changed", look.changed);
        if (i->state != INTEGRATION_OFF) {
            data_time(d, "due", look.due_at);
        }
    }
    return st;
}


static void
fill(struct request *rq, struct response *rs, const struct integration *i,
     const struct integration_type *type, const char *wrong, const char *why)
{
    struct data *d = data_child(rs->data, "Integration");

    data_text(d, "type", type->type);
    data_tr(d, "label", type->label);
    data_text(d, "icon", type->icon);
    data_tr(d, "does", type->does);
    data_i64(d, "id", i->id);
    data_str(d, "name", i->name);
    data_bool(d, "off", i->state == INTEGRATION_OFF);
    data_bool(d, "trouble", i->state == INTEGRATION_TROUBLE);
    data_str(d, "error", i->error);
    data_time(d, "checked", i->checked_at);
    data_i64(d, "took", i->took);
    data_str(d, "by", i->installed_by);
    data_bool(d, "tests_by_sending", type->check == NULL);
    data_bool(d, "no_key", !seal_ready());
    if (wrong != NULL && strcmp(wrong, "name") == 0) {
        data_tr(d, "wrong", why);
    }
    fill_hook(rq, d, i, type);
    integration_form_fill(rq, rs->data, type, i, wrong, why);
}


enum status
page_settings_integration_new(struct request *rq, struct response *rs)
{
    const struct integration_type *type =
        integration_type(request_param(rq, "type"));
    struct integration i = { 0 };

    if (type == NULL) {
        return ST_NOT_FOUND;
    }
    i.name = str_of(type->label);
    fill(rq, rs, &i, type, NULL, NULL);
    return ST_OK;
}


enum status
page_settings_integration(struct request *rq, struct response *rs)
{
    const struct integration_type *type;
    struct integration i;
    enum status st = find(rq, &i, &type);

    if (st == ST_OK) {
        fill(rq, rs, &i, type, NULL, NULL);
        st = fill_deliveries(rq, rs, i.id);
    }
    if (st == ST_OK && type->tracker != NULL) {
        st = fill_look(rq, rs, &i);
    }
    return st;
}


/* ---- changing */

static enum status
refuse(struct request *rq, struct response *rs, const struct integration *i,
       const struct integration_type *type, const char *wrong, const char *why)
{
    rs->status = 422;
    fill(rq, rs, i, type, wrong, why);
    return ST_OK;
}


/* Tests, and notes what came of it. */
static enum status
test(struct request *rq, const struct integration *i, const char *fine,
     const char *else_words)
{
    struct integration_result result;
    enum status st;

    integration_test(rq->db, rq->a, i, rq->org->slug,
                     str_printf(rq->a, "%s%.*s",
                                conf_str(CONF_SYSTEM_URL_PREFIX),
                                STR_FMT(path_of(rq, i->id))),
                     &result);
    st = integration_note(rq->db, rq->a, i, result.result == OUTBOX_OK, false,
                          result.answer, result.took);
    if (st == ST_OK) {
        login_flash(rq, str_of(result.result == OUTBOX_OK ? fine : else_words));
    }
    return st;
}


/* ST_OK with *why set when a person can do something about it. */
static enum status
save(struct request *rq, struct integration *i, const char **wrong,
     const char **why)
{
    struct actor by = request_actor(rq);
    enum status st = integration_save(rq->db, rq->a, &by, i);

    switch (st) {
    case ST_CONFLICT:
        *wrong = "name";
        *why = "Another connection has this name.";
        return ST_OK;

    case ST_LIMITED:
        *wrong = "name";
        *why = "An organisation has 100 connections at most.";
        return ST_OK;

    case ST_INVALID:
        *wrong = "name";
        *why = "The installation has no key to encrypt secrets with: set "
               "system.secret-file.";
        return ST_OK;

    default:
        return st;
    }
}


enum status
page_settings_integration_connect(struct request *rq, struct response *rs)
{
    const struct integration_type *type =
        integration_type(request_param(rq, "type"));
    const char *wrong = NULL, *why;
    struct integration i = { .organization_id = rq->org->id };
    enum status st = ST_OK;

    if (type == NULL) {
        return ST_NOT_FOUND;
    }
    i.type = str_of(type->type);
    why = integration_form_read(rq, type, &i, &wrong);
    if (why == NULL) {
        st = save(rq, &i, &wrong, &why);
    }
    if (st != ST_OK) {
        return st;
    }
    if (why != NULL) {
        return refuse(rq, rs, &i, type, wrong, why);
    }
    st = test(rq, &i, "Connected: the test worked.",
              "Saved, but the test did not work. What it answered stands "
              "below.");
    if (st == ST_OK) {
        response_redirect(rs, path_of(rq, i.id));
    }
    return st;
}


enum status
page_settings_integration_save(struct request *rq, struct response *rs)
{
    const struct integration_type *type;
    const char *wrong = NULL, *why;
    struct integration i;
    enum status st = find(rq, &i, &type);

    if (st != ST_OK) {
        return st;
    }
    i.state = str_null(field_get(&rq->form, "connection_on")) ? INTEGRATION_OFF
                                                              : INTEGRATION_ON;
    why = integration_form_read(rq, type, &i, &wrong);
    if (why == NULL) {
        st = save(rq, &i, &wrong, &why);
    }
    if (st != ST_OK) {
        return st;
    }
    if (why != NULL) {
        return refuse(rq, rs, &i, type, wrong, why);
    }
    login_flash(rq, STR("Saved."));
    response_redirect(rs, path_of(rq, i.id));
    return ST_OK;
}


enum status
page_settings_integration_test(struct request *rq, struct response *rs)
{
    const struct integration_type *type;
    struct integration i;
    enum status st = find(rq, &i, &type);

    if (st == ST_OK) {
        st = test(rq, &i, "The test worked.",
                  "The test did not work. What it answered stands below.");
    }
    if (st == ST_OK) {
        response_redirect(rs, path_of(rq, i.id));
    }
    return st;
}


enum status
page_settings_integration_remove(struct request *rq, struct response *rs)
{
    const struct integration_type *type;
    struct actor by = request_actor(rq);
    struct integration i;
    enum status st = find(rq, &i, &type);

    if (st == ST_OK) {
        st = integration_remove(rq->db, rq->a, &by, rq->org->id, i.id);
    }
    if (st == ST_OK) {
        login_flash(
            rq, str_printf(rq->a, "%.*s is disconnected.", STR_FMT(i.name)));
        response_redirect(rs, path_of(rq, 0));
    }
    return st;
}
