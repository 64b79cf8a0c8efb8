/*
 * page/ticket_new.c - a ticket for an issue, everything filled in and open to
 * change.
 *
 * What the form asks is the tracker's to say, so the choice of connection,
 * project and type is a form of its own that loads the page again (GET), and
 * the ticket is another (POST).  A failure shows the tracker's own words, and
 * what was typed stays.
 */

#include "integration/describe.h"
#include "integration/sync.h"
#include "model/account.h"
#include "model/event.h"
#include "model/organization.h"
#include "page/pages.h"
#include "page/tickets.h"
#include "util/lang.h"
#include "web/login.h"

struct editor {
    struct request *rq;
    struct data *d;
    struct trackers trackers;
    struct integration_call call;
    struct tracker_form *form;
    struct tracker_options *people;
    struct tracker_draft draft;
    struct json *before; /* what was chosen the last time; NULL: nothing */
    struct integration_result result;
};


/* ---- what was chosen, or is chosen for them */

/* Of the form or the query, else as the last time, else the connection's. */
static struct str
choice(const struct editor *e, const char *name, const char *field)
{
    struct request *rq = e->rq;
    struct str s = rq->method == METHOD_POST ? request_field(rq, name)
                                             : request_arg(rq, name);

    if (s.n == 0) {
        s = json_text_of(e->before, name);
    }
    if (s.n == 0) {
        s = integration_value(&e->trackers.chosen, field);
    }
    return str_null(s) ? STR("") : s;
}


static bool
has(const struct tracker_options *list, struct str id)
{
    for (size_t i = 0; i < list->n; i++) {
        if (str_eq(list->v[i].id, id)) {
            return true;
        }
    }
    return false;
}


/* A type is called by its name in settings. */
static struct str
type_in(const struct tracker_options *types, struct str type)
{
    for (size_t i = 0; i < types->n; i++) {
        if (str_ieq(types->v[i].label, type)) {
            return types->v[i].id;
        }
    }
    return types->n > 0 ? types->v[0].id : STR("");
}


/* Asks once more when the type had to be chosen for them. */
static void
read_form(struct editor *e)
{
    const struct tracker *tracker = e->trackers.tracker;
    struct tracker_draft *draft = &e->draft;

    tracker->form(&e->call, draft->project, draft->type, e->form, &e->result);
    if (e->result.result != OUTBOX_OK || draft->project.n == 0
        || e->form->types.n == 0 || has(&e->form->types, draft->type)) {
        return;
    }
    draft->type = type_in(&e->form->types, draft->type);
    *e->form = (struct tracker_form){ 0 };
    tracker->form(&e->call, draft->project, draft->type, e->form, &e->result);
}


/* ---- what the ticket says at first */

static enum status
describe_issue(struct editor *e)
{
    struct request *rq = e->rq;
    struct event_view view = { 0 };
    struct json *event = NULL;
    enum status st = event_find(rq->db, rq->a, rq->issue, STR("latest"), &view);

    if (st != ST_OK && st != ST_NOT_FOUND) {
        return st;
    }
    if (!str_null(view.body)
        && json_parse(rq->a, view.body, NULL, &event, NULL) != ST_OK) {
        event = NULL;
    }
    describe(rq->a, &e->trackers.chosen, rq->org->slug, rq->issue, event,
             STR(""), &e->draft);
    return ST_OK;
}


/* "High" of 75, else what begins so: "Medium", "Lowest"; "": there is none. */
static struct str
priority_in(const struct tracker_options *list, int priority)
{
    const char *name = priority >= 75 ? "high" : priority >= 50 ? "med" : "low";
    struct str found = STR("");

    for (size_t i = list->n; i-- > 0;) {
        if (str_ieq(list->v[i].label, str_of(name))) {
            return list->v[i].id;
        }
        if (str_ifind(list->v[i].label, str_of(name)) == 0) {
            found = list->v[i].id;
        }
    }
    return found;
}


/* The issue's assignee, if the tracker knows them by their mail address. */
static enum status
suggest_assignee(struct editor *e)
{
    struct request *rq = e->rq;
    struct account account;
    enum status st;

    if (rq->issue->assignee_id <= 0 || e->draft.project.n == 0) {
        return ST_OK;
    }
    st = account_by_id(rq->db, rq->a, rq->issue->assignee_id, &account);
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    return sync_person(&e->call, e->draft.project, account.id, account.email,
                       &e->draft.assignee, &e->result);
}


static enum status
begin(struct editor *e)
{
    enum status st = describe_issue(e);

    if (st != ST_OK) {
        return st;
    }
    e->draft.priority =
        priority_in(&e->form->priorities, e->rq->issue->priority);
    return suggest_assignee(e);
}


/* ---- reading what was typed */

static struct str
field_name(struct editor *e, const struct tracker_field *f)
{
    return str_printf(e->rq->a, "f_%.*s", STR_FMT(f->id));
}


/* Several of one name become one, with commas. */
static struct str
typed(struct editor *e, const struct tracker_field *f)
{
    const char *name = str_dup(e->rq->a, field_name(e, f));
    struct buf b = buf_in(e->rq->a);
    struct str value;
    size_t at = 0;

    while (field_next(&e->rq->form, name, &at, &value)) {
        if (value.n > 0) {
            buf_text(&b, b.n > 0 ? "," : "");
            buf_str(&b, value);
        }
    }
    return buf_view(&b);
}


static void
read_draft(struct editor *e)
{
    struct request *rq = e->rq;
    struct tracker_draft *draft = &e->draft;

    draft->title = request_field(rq, "title");
    draft->text = request_field(rq, "text");
    draft->labels = request_field(rq, "labels");
    draft->priority = request_field(rq, "priority");
    draft->assignee = request_field(rq, "assignee");
    draft->fields = json_new(rq->a, JSON_T_OBJECT);
    for (size_t i = 0; i < e->form->nfields; i++) {
        json_set(draft->fields, e->form->fields[i].id,
                 json_new_str(rq->a, typed(e, &e->form->fields[i])));
    }
}


/* ---- showing */

static void
fill_options(struct data *d, const char *name,
             const struct tracker_options *list, struct str chosen)
{
    struct data *rows = data_child(d, name);

    for (size_t i = 0; i < list->n; i++) {
        struct data *row = data_row(rows);

        data_str(row, "id", list->v[i].id);
        data_str(row, "label", list->v[i].label);
        data_bool(row, "chosen", str_eq(list->v[i].id, chosen));
    }
}


static void
fill_field(struct editor *e, const struct tracker_field *f)
{
    static const char *const kinds[] = {
        [TRACKER_TEXT] = "text",     [TRACKER_LINES] = "lines",
        [TRACKER_NUMBER] = "number", [TRACKER_DATE] = "date",
        [TRACKER_CHOICE] = "choice", [TRACKER_CHOICES] = "choices",
        [TRACKER_PERSON] = "choice",
    };
    struct data *row = data_row(data_child(e->d, "Field"));
    struct str value = json_text(json_get_str(e->draft.fields, f->id));

    data_str(row, "name", field_name(e, f));
    data_str(row, "label", f->label);
    data_text(row, "kind", kinds[f->kind]);
    data_bool(row, "required", f->required);
    data_str(row, "value", value);
    data_str(row, "wrong", json_text(json_get_str(e->result.wrong, f->id)));
    fill_options(row, "Option",
                 f->kind == TRACKER_PERSON ? e->people
                 : f->options != NULL      ? f->options
                                           : &(struct tracker_options){ 0 },
                 value);
}


static void
fill(struct editor *e)
{
    struct tracker_draft *draft = &e->draft;
    struct data *d = data_child(e->d, "Draft");

    fill_options(d, "Project", &e->form->projects, draft->project);
    fill_options(d, "Type", &e->form->types, draft->type);
    fill_options(d, "Priority", &e->form->priorities, draft->priority);
    fill_options(d, "Person", e->people, draft->assignee);
    data_str(d, "project", draft->project);
    data_str(d, "type", draft->type);
    data_str(d, "title", draft->title);
    data_str(d, "text", draft->text);
    data_str(d, "labels", draft->labels);
    data_bool(d, "has_labels", e->form->labels);
    data_str(d, "who", request_arg(e->rq, "who"));
    for (size_t i = 0; i < e->form->nfields; i++) {
        fill_field(e, &e->form->fields[i]);
    }
    if (e->result.result != OUTBOX_OK) {
        tickets_failure(e->d, &e->result);
    }
}


/* ---- the page */

static enum status
open_editor(struct editor *e, struct request *rq, struct response *rs,
            struct str tracker)
{
    enum status st;

    *e = (struct editor){ .rq = rq, .d = rs->data };
    e->form = arena_new_of(rq->a, struct tracker_form);
    e->people = arena_new_of(rq->a, struct tracker_options);
    st = trackers_read(rq, rs->data, tracker, &e->trackers);
    if (st != ST_OK || e->trackers.tracker == NULL) {
        return st;
    }
    e->call = (struct integration_call){ rq->a, rq->db, &e->trackers.chosen };
    st = ticket_choice(rq->db, rq->a, rq->org->id, rq->issue->project_id,
                       e->trackers.chosen.id, &e->before);
    if (st == ST_OK) {
        e->draft.project = choice(e, "project", "project");
        e->draft.type = choice(e, "type", "issuetype");
        read_form(e);
    }
    return st;
}


/* Those to choose from: found by what was typed, and the one chosen already. */
static void
read_people(struct editor *e)
{
    struct integration_result result;
    struct str who = request_arg(e->rq, "who"), chosen = e->draft.assignee;

    if (e->form->projects.n == 0 || e->draft.project.n == 0) {
        return; /* it does not answer, or not yet */
    }
    e->trackers.tracker->people(&e->call, e->draft.project,
                                str_null(who) ? STR("") : who, e->people,
                                &result);
    if (chosen.n > 0 && !has(e->people, chosen)) {
        tracker_option_add(e->people, chosen, e->rq->issue->assignee);
    }
}


enum status
page_ticket_new(struct request *rq, struct response *rs)
{
    struct editor e;
    enum status st = open_editor(&e, rq, rs, request_arg(rq, "on"));

    if (st != ST_OK || e.trackers.tracker == NULL) {
        return st;
    }
    if (e.result.result == OUTBOX_OK) {
        st = begin(&e);
    }
    if (st == ST_OK) {
        read_people(&e);
        fill(&e);
    }
    return st;
}


static enum status
keep_choice(struct editor *e)
{
    struct arena *a = e->rq->a;
    struct json *v = json_new(a, JSON_T_OBJECT);

    json_set(v, STR("project"), json_new_str(a, e->draft.project));
    json_set(v, STR("type"), json_new_str(a, e->draft.type));
    return ticket_choice_keep(e->rq->db, a, e->rq->org->id,
                              e->rq->issue->project_id, e->trackers.chosen.id,
                              v);
}


enum status
page_ticket_create(struct request *rq, struct response *rs)
{
    struct ticket ticket;
    struct editor e;
    enum status st = open_editor(&e, rq, rs, request_field(rq, "on"));

    if (st != ST_OK) {
        return st;
    }
    if (e.trackers.tracker == NULL) {
        rs->status = 422;
        return ST_OK;
    }
    if (e.result.result == OUTBOX_OK) {
        read_draft(&e);
        if (e.draft.title.n == 0) {
            integration_refuse(&e.result, STR("A ticket needs a title."));

        } else {
            st = sync_create(&e.call, &e.draft, rq->issue->id, rq->account->id,
                             &ticket, &e.result);
        }
    }
    if (st != ST_OK) {
        return st;
    }
    if (e.result.result != OUTBOX_OK) {
        rs->status = 422;
        read_people(&e);
        fill(&e);
        return ST_OK;
    }
    st = keep_choice(&e);
    login_flash(rq, lang_fill(rq->a, N_("{0} was created."), FILL(ticket.key)));
    response_redirect(rs, tickets_issue(rq));
    return st;
}
