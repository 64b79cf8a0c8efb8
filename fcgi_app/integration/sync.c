#include "integration/sync.h"

#include <stdlib.h>

#include "integration/describe.h"
#include "json/make.h"
#include "integration/words.h"
#include "model/event.h"
#include "model/organization.h"
#include "util/conf.h"
#include "util/crypt.h"
#include "util/lang.h"

/* One row of an issue's history, on its way to one ticket. */
struct push {
    const struct integration_call *call;
    const struct tracker *tracker;
    struct organization org;
    struct issue issue;
    struct ticket ticket;
    struct ticket_activity what;
    int64_t activity_id;
    struct integration_result *out;
};


/* ---- results that nobody outside was asked for */

static void
nothing_to_do(struct integration_result *out, const char *why)
{
    *out = (struct integration_result){ .result = OUTBOX_OK,
                                        .answer = str_of(why),
                                        .unasked = true };
}


static void
not_possible(struct integration_result *out, const char *why)
{
    integration_refuse(out, str_of(why));
    out->unasked = true;
}


static void
later(struct integration_result *out, const char *why)
{
    not_possible(out, why);
    out->result = OUTBOX_RETRY;
}


/* NULL: the connection keeps no tickets. */
static const struct tracker *
find_tracker(const struct integration_call *call)
{
    const struct integration_type *type = integration_type(call->i->type);

    return type != NULL ? type->tracker : NULL;
}


static const struct tracker *
tracker_of(const struct integration_call *call)
{
    const struct tracker *tracker = find_tracker(call);

    if (tracker == NULL) {
        abort(); /* whoever calls has looked */
    }
    return tracker;
}


struct str
sync_url(struct arena *a, struct str organization, const struct issue *is)
{
    return str_printf(a, "%s/%.*s/issues/%.*s/",
                      conf_str(CONF_SYSTEM_URL_PREFIX), STR_FMT(organization),
                      STR_FMT(is->short_id));
}


static enum status
find_issue(const struct integration_call *call, int64_t id, struct issue *out)
{
    return issue_find(call->db, call->a, call->i->organization_id,
                      str_printf(call->a, "%lld", (long long) id), out);
}


/* ---- the ticket as it is there */

/* Asks the tracker; what is ours of the ticket stays. */
static void
look(const struct integration_call *call, const struct tracker *tracker,
     const struct ticket *known, struct ticket *out,
     struct integration_result *result)
{
    struct ticket found = { 0 };

    tracker->find(call, known->key, &found, result);
    *out = *known;
    if (result->result == OUTBOX_OK) {
        out->title = found.title;
        out->status = found.status;
        out->done = found.done;
        out->assignee = found.assignee;
        out->assignee_id = found.assignee_id;
        out->assignee_mail = found.assignee_mail;
    }
}


/* After a change of ours: what it is now is no news when it comes back. */
static enum status
note_change(struct push *p)
{
    struct integration_result asked;
    struct ticket now;

    look(p->call, p->tracker, &p->ticket, &now, &asked);
    return ticket_seen(p->call->db, p->call->a, &now);
}


/* ---- people */

enum status
sync_person(const struct integration_call *call, struct str project,
            int64_t account_id, struct str mail, struct str *remote_id,
            struct integration_result *out)
{
    struct tracker_options *found =
        arena_new_of(call->a, struct tracker_options);
    enum status st;

    nothing_to_do(out, "");
    st =
        ticket_person_of(call->db, call->a, call->i->id, account_id, remote_id);
    if (st != ST_OK || remote_id->n > 0 || mail.n == 0) {
        return st;
    }
    tracker_of(call)->people(call, project, mail, found, out);
    if (out->result != OUTBOX_OK || found->n != 1) {
        return ST_OK;
    }
    *remote_id = found->v[0].id;
    return ticket_person_note(call->db, call->a, call->i->organization_id,
                              call->i->id, *remote_id, account_id);
}


/* ---- from here to there */

static enum status
push_status(struct push *p, bool done)
{
    if (!tracker_does(p->call->i, "push", "status")) {
        nothing_to_do(p->out, "Status is not sent there.");
        return ST_OK;
    }
    if ((p->what.issue_status == ISSUE_RESOLVED) != done) {
        nothing_to_do(p->out, "The issue has changed again.");
        return ST_OK;
    }
    if (p->ticket.done == done) {
        nothing_to_do(p->out, "The ticket is so already.");
        return ST_OK;
    }
    p->tracker->move(p->call, &p->ticket, done, p->out);
    if (p->out->result != OUTBOX_OK) {
        return ST_OK;
    }
    p->ticket.done = done;
    return note_change(p);
}


static enum status
push_resolved(struct push *p)
{
    return push_status(p, true);
}


static enum status
push_unresolved(struct push *p)
{
    return push_status(p, false);
}


/* Whatever was taken back: as the issue is now. */
static enum status
push_undone(struct push *p)
{
    return push_status(p, p->what.issue_status == ISSUE_RESOLVED);
}


static enum status
push_assignee(struct push *p)
{
    struct arena *a = p->call->a;
    struct str person = STR("");
    enum status st;

    if (!tracker_does(p->call->i, "push", "assignee")) {
        nothing_to_do(p->out, "The assignee is not sent there.");
        return ST_OK;
    }
    if (p->what.assignee_id < 0) {
        nothing_to_do(p->out, "It is a team's now; trackers know only people.");
        return ST_OK;
    }
    if (p->what.assignee_id != 0) {
        st = sync_person(p->call, json_text_of(p->ticket.data, "project"),
                         p->what.assignee_id, p->what.assignee_mail, &person,
                         p->out);
        if (st != ST_OK || p->out->result != OUTBOX_OK) {
            return st;
        }
        if (person.n == 0) {
            nothing_to_do(p->out, "Nobody there has the assignee's address.");
            return ST_OK;
        }
    }
    if (str_eq(person, p->ticket.assignee_id)) {
        nothing_to_do(p->out, "The ticket is so already.");
        return ST_OK;
    }
    p->tracker->assign(p->call, &p->ticket, person, p->out);
    if (p->out->result != OUTBOX_OK) {
        return ST_OK;
    }
    p->ticket.assignee_id = str_copy(a, person);
    p->ticket.assignee = STR("");
    return note_change(p);
}


/*
 * Something that must not be done twice.  False when it is not to be done now;
 * *st says whether the database was there.
 */
static bool
begin_once(struct push *p, enum status *st)
{
    *st =
        ticket_send_begin(p->call->db, p->call->a, &p->ticket, p->activity_id);
    if (*st == ST_CONFLICT) {
        not_possible(p->out, "It was being sent before, and nobody knows "
                             "whether it arrived: it is not sent again.");
        *st = ST_OK;
        return false;
    }
    return *st == ST_OK;
}


/* id: of the comment, or "". */
static enum status
end_once(struct push *p, struct str id)
{
    if (p->out->result == OUTBOX_OK) {
        return ticket_send_end(p->call->db, p->call->a, &p->ticket,
                               p->activity_id, id);
    }
    if (p->out->maybe) {
        p->out->result = OUTBOX_PERMANENT;
        return ST_OK;
    }
    return ticket_send_undo(p->call->db, p->call->a, &p->ticket,
                            p->activity_id);
}


static enum status
send_comment(struct push *p, struct str text)
{
    struct str id = STR("");
    enum status st;

    if (!begin_once(p, &st)) {
        return st;
    }
    p->tracker->comment(p->call, &p->ticket, text, &id, p->out);
    return end_once(p, id);
}


static struct str
issue_link(struct push *p)
{
    return str_printf(p->call->a, "[%.*s](%.*s)", STR_FMT(p->issue.short_id),
                      STR_FMT(sync_url(p->call->a, p->org.slug, &p->issue)));
}


static enum status
push_comment(struct push *p)
{
    struct arena *a = p->call->a;
    struct buf text = buf_in(a);

    if (!tracker_does(p->call->i, "push", "comments")) {
        nothing_to_do(p->out, "Comments are not sent there.");
        return ST_OK;
    }
    if (json_get(p->what.data, "ticket") != NULL) {
        nothing_to_do(p->out, "The comment came from a ticket.");
        return ST_OK;
    }
    buf_addf(&text, "**%.*s** in %.*s:\n\n",
             STR_FMT(words_markdown(a, p->what.account)),
             STR_FMT(issue_link(p)));
    buf_str(&text, json_text_of(p->what.data, "text"));
    return send_comment(p, buf_view(&text));
}


/* The latest event, or one by its id; NULL: none is stored any more. */
static enum status
read_event(const struct integration_call *call, const struct issue *is,
           struct str which, struct json **out)
{
    struct event_view view;
    enum status st;

    *out = NULL;
    st = event_find(call->db, call->a, is, which, &view);
    if (st == ST_NOT_FOUND && !str_is(which, "latest")) {
        st = event_find(call->db, call->a, is, STR("latest"), &view);
    }
    if (st == ST_OK && !str_null(view.body)
        && json_parse(call->a, view.body, NULL, out, NULL) != ST_OK) {
        *out = NULL;
    }
    return st == ST_NOT_FOUND ? ST_OK : st;
}


/* Another ticket, in the project of the old one. */
static enum status
push_successor(struct push *p)
{
    struct arena *a = p->call->a;
    struct tracker_draft draft = {
        .project = json_text_of(p->ticket.data, "project"),
        .type = json_text_of(p->ticket.data, "type"),
    };
    struct ticket successor;
    struct json *event;
    enum status st;

    st = read_event(p->call, &p->issue, STR("latest"), &event);
    if (st != ST_OK || !begin_once(p, &st)) {
        return st;
    }
    describe(a, p->call->i, p->org.slug, &p->issue, event, STR(""), &draft);
    draft.text =
        lang_fill(a, N_("It happened again after [{0}]({1}) was done.\n\n{2}"),
                  FILL(p->ticket.key, p->ticket.url, draft.text));
    st = sync_create(p->call, &draft, p->issue.id, 0, &successor, p->out);
    return st == ST_OK ? end_once(p, STR("")) : st;
}


static enum status
push_regressed(struct push *p)
{
    struct str how = integration_value(p->call->i, "regression"),
               release = json_text_of(p->what.data, "release");
    struct arena *a = p->call->a;

    if (str_is(how, "comment")) {
        return send_comment(
            p,
            release.n > 0
                ? lang_fill(a, N_("{0} happened again, in the release {1}."),
                            FILL(issue_link(p), words_markdown(a, release)))
                : lang_fill(a, N_("{0} happened again."), FILL(issue_link(p))));
    }
    if (str_is(how, "new") && p->ticket.done) {
        return push_successor(p);
    }
    if (str_is(how, "reopen") && p->ticket.done) {
        p->tracker->move(p->call, &p->ticket, false, p->out);
        p->ticket.done = p->out->result != OUTBOX_OK;
        return p->out->result == OUTBOX_OK ? note_change(p) : ST_OK;
    }
    nothing_to_do(p->out, "The ticket stays as it is.");
    return ST_OK;
}


/* By the kind of the row; others are no concern of a ticket. */
static const struct {
    const char *kind;
    enum status (*push)(struct push *p);
} pushes[] = {
    { "resolved", push_resolved }, { "unresolved", push_unresolved },
    { "undone", push_undone },     { "regressed", push_regressed },
    { "assigned", push_assignee }, { "unassigned", push_assignee },
    { "comment", push_comment },
};


static enum status
push_by_kind(struct push *p)
{
    for (size_t i = 0; i < sizeof(pushes) / sizeof(pushes[0]); i++) {
        if (str_is(p->what.kind, pushes[i].kind)) {
            return pushes[i].push(p);
        }
    }
    nothing_to_do(p->out, "That does not concern the ticket.");
    return ST_OK;
}


static enum status
read_push(struct push *p, const struct json *job)
{
    struct db *db = p->call->db;
    struct arena *a = p->call->a;
    int64_t org = p->call->i->organization_id, ticket = 0;
    enum status st;

    if (!json_i64(json_get(job, "ticket"), &ticket)
        || !json_i64(json_get(job, "activity"), &p->activity_id)) {
        return ST_NOT_FOUND;
    }
    if ((st = ticket_by_id(db, a, org, ticket, &p->ticket)) != ST_OK
        || (st = ticket_activity(db, a, org, p->activity_id, &p->what)) != ST_OK
        || (st = find_issue(p->call, p->what.issue_id, &p->issue)) != ST_OK) {
        return st;
    }
    return organization_by_id(db, a, org, &p->org);
}


static enum status
push(const struct integration_call *call, const struct json *job,
     struct integration_result *out)
{
    struct push p = { .call = call, .tracker = tracker_of(call), .out = out };
    enum status st = read_push(&p, job);

    if (st == ST_NOT_FOUND) {
        nothing_to_do(out, "The issue or its ticket is gone.");
        return ST_OK;
    }
    if (st == ST_OK) {
        st = push_by_kind(&p);
    }
    if (st == ST_OK && out->result != OUTBOX_OK) {
        st = ticket_failed(call->db, call->a, &p.ticket, out->answer);
    }
    return st;
}


/* ---- from there to here */

static enum status
pull_assignee(const struct integration_call *call, const struct ticket *now,
              struct integration_result *out)
{
    int64_t account = 0;
    enum status st = ST_OK;

    if (now->assignee_id.n > 0) {
        st = ticket_person(call->db, call->a, call->i->organization_id,
                           call->i->id, now->assignee_id, now->assignee_mail,
                           &account);
        if (st == ST_NOT_FOUND) {
            out->answer = STR("The ticket's assignee is nobody here.");
            return ticket_seen(call->db, call->a, now);
        }
        if (st == ST_OK) {
            st = ticket_person_note(call->db, call->a, call->i->organization_id,
                                    call->i->id, now->assignee_id, account);
        }
    }
    return st == ST_OK ? ticket_pull_assignee(call->db, call->a, now, account)
                       : st;
}


enum status
sync_look(const struct integration_call *call, const struct ticket *known,
          bool *changed, struct integration_result *out)
{
    const struct integration *i = call->i;
    struct ticket now;
    enum status st = ST_OK;

    *changed = false;
    look(call, tracker_of(call), known, &now, out);
    if (out->result != OUTBOX_OK) {
        return ticket_failed(call->db, call->a, known, out->answer);
    }
    out->answer = STR("");
    *changed = now.done != known->done || !str_eq(now.status, known->status)
               || !str_eq(now.assignee_id, known->assignee_id);
    if (now.done != known->done && tracker_does(i, "pull", "status")) {
        st = ticket_pull_status(call->db, call->a, &now);
    }
    if (st == ST_OK && !str_eq(now.assignee_id, known->assignee_id)
        && tracker_does(i, "pull", "assignee")) {
        st = pull_assignee(call, &now, out);
    }
    return st == ST_OK ? ticket_seen(call->db, call->a, &now) : st;
}


/* It was told to be deleted; that it is, is asked. */
static enum status
pull_removal(const struct integration_call *call, const struct ticket *known,
             struct integration_result *out)
{
    struct ticket now;

    look(call, tracker_of(call), known, &now, out);
    if (out->result == OUTBOX_PERMANENT
        && (out->code == 404 || out->code == 410)) {
        nothing_to_do(out, "");
        return ticket_failed(call->db, call->a, known,
                             STR("The ticket was deleted there."));
    }
    if (out->result == OUTBOX_OK) {
        nothing_to_do(out, "The ticket is still there.");
    }
    return ST_OK;
}


/* What was told is believed when it was signed, else asked. */
static enum status
pull_comment(const struct integration_call *call, const struct ticket *known,
             struct tracker_event *e, struct integration_result *out)
{
    const struct tracker *tracker = tracker_of(call);

    if (tracker->said != NULL) {
        tracker->said(call, known->key, e, out);
        if (out->result == OUTBOX_PERMANENT && out->code == 404) {
            nothing_to_do(out, "There is no such comment.");
            return ST_OK;
        }
        if (out->result != OUTBOX_OK) {
            return ST_OK;
        }
        out->answer = STR("");
    }
    return e->comment.n == 0
               ? ST_OK
               : ticket_pull_comment(call->db, call->a, known, e->comment_id,
                                     e->author, e->comment);
}


static enum status
pull(const struct integration_call *call, const struct json *hook,
     struct integration_result *out)
{
    struct tracker_event e = {
        .comment_id = json_text_of(hook, "comment_id"),
        .comment = json_text_of(hook, "comment"),
        .author = json_text_of(hook, "author"),
    };
    struct ticket known;
    enum status st;
    bool changed;

    nothing_to_do(out, "");
    st = ticket_by_key(call->db, call->a, call->i->organization_id, call->i->id,
                       json_text_of(hook, "key"), &known);
    if (st == ST_NOT_FOUND) {
        return ST_OK; /* no ticket of ours, or not any more */
    }
    if (st == ST_OK && json_yes(json_get(hook, "removed"))) {
        return pull_removal(call, &known, out);
    }
    if (st == ST_OK && e.comment_id.n > 0
        && tracker_does(call->i, "pull", "comments")) {
        st = pull_comment(call, &known, &e, out);
    }
    if (st == ST_OK && out->result == OUTBOX_OK
        && json_yes(json_get(hook, "changed"))) {
        st = sync_look(call, &known, &changed, out);
    }
    return st;
}


enum status
sync_job(const struct integration_call *call, struct str job,
         struct integration_result *out)
{
    struct json *doc;

    if (find_tracker(call) == NULL
        || json_parse(call->a, job, NULL, &doc, NULL) != ST_OK) {
        not_possible(out, "The job cannot be read.");
        return ST_OK;
    }
    return json_get(doc, "hook") != NULL
               ? pull(call, json_get(doc, "hook"), out)
               : push(call, doc, out);
}


/* ---- what comes in */

static struct str
hook_job(struct arena *a, const struct tracker_event *e)
{
    struct json *doc = json_new(a, JSON_T_OBJECT);
    struct json *hook = make_object(a, doc, "hook");
    struct buf b = buf_in(a);

    make_str(a, hook, "key", e->key);
    make_bool(a, hook, "changed", e->changed);
    make_bool(a, hook, "removed", e->removed);
    make_some(a, hook, "comment_id", e->comment_id);
    make_some(a, hook, "comment", str_cut(e->comment, 8000));
    make_some(a, hook, "author", e->author);
    json_write(&b, doc);
    return buf_view(&b);
}


/* The same message once more has the same key, and is left out. */
enum status
sync_hook(const struct integration_call *call, const struct tracker_hook *hook)
{
    const struct tracker *tracker = find_tracker(call);
    struct tracker_event e = { 0 };
    struct arena *a = call->a;
    struct outbox_row row;
    struct ticket ticket;
    enum status st;

    if (tracker == NULL || !tracker->genuine(call, hook)) {
        return ST_DENIED;
    }
    if (!tracker->read(call, hook, &e) || e.key.n == 0) {
        return ST_NOT_FOUND;
    }
    st = ticket_by_key(call->db, a, call->i->organization_id, call->i->id,
                       e.key, &ticket);
    if (st != ST_OK) {
        return st;
    }
    row = (struct outbox_row){
        .organization_id = call->i->organization_id,
        .cause = STR(SYNC_CAUSE),
        .channel = call->i->type,
        .integration_id = call->i->id,
        .endpoint = str_printf(a, "integration:%lld", (long long) call->i->id),
        .data = hook_job(a, &e),
        .key = str_printf(a, "hook:%lld:%.*s", (long long) call->i->id,
                          STR_FMT(secret_digest(a, hook->body))),
    };
    return outbox_add(call->db, a, &row, 1);
}


/* ---- creating and linking */

enum status
sync_create(const struct integration_call *call,
            const struct tracker_draft *draft, int64_t issue_id, int64_t by,
            struct ticket *ticket, struct integration_result *out)
{
    *ticket = (struct ticket){ 0 };
    tracker_of(call)->create(call, draft, ticket, out);
    if (out->result != OUTBOX_OK) {
        return ST_OK;
    }
    ticket->organization_id = call->i->organization_id;
    ticket->integration_id = call->i->id;
    ticket->integration = call->i->name;
    return ticket_link(call->db, call->a, issue_id, by, true, ticket);
}


enum status
sync_link(const struct integration_call *call, struct str key,
          struct str organization, const struct issue *is, int64_t by,
          struct ticket *ticket, struct integration_result *out)
{
    const struct tracker *tracker = tracker_of(call);
    struct arena *a = call->a;
    struct str url = sync_url(a, organization, is), id = STR("");
    struct integration_result left;
    enum status st;

    *ticket = (struct ticket){ 0 };
    tracker->find(call, key, ticket, out);
    if (out->result != OUTBOX_OK) {
        return ST_OK;
    }
    ticket->organization_id = call->i->organization_id;
    ticket->integration_id = call->i->id;
    ticket->integration = call->i->name;
    st = ticket_link(call->db, a, is->id, by, false, ticket);
    if (st != ST_OK) {
        return st;
    }
    /* it is linked here: that the address did not arrive there is no failure */
    if (tracker->remember != NULL) {
        tracker->remember(call, ticket, is, url, &left);
        return ST_OK;
    }
    tracker->comment(
        call, ticket,
        lang_fill(a, N_("Linked to [{0}]({1})."), FILL(is->short_id, url)), &id,
        &left);
    return id.n > 0 ? ticket_comment_known(call->db, a, ticket, id) : ST_OK;
}


/* ---- alerts */

static enum status
linked_already(const struct integration_call *call, int64_t issue_id,
               bool *linked)
{
    struct ticket *list;
    enum status st;
    size_t n;

    *linked = false;
    st = ticket_list(call->db, call->a, call->i->organization_id, issue_id,
                     &list, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        *linked = *linked || list[i].integration_id == call->i->id;
    }
    return st;
}


/*
 * A sender died while it made the ticket: if there is one that is called by
 * the issue's short id, it is that.
 */
static enum status
adopt(const struct integration_call *call, const struct issue *is,
      struct str organization, bool *adopted, struct integration_result *out)
{
    struct tracker_options *found =
        arena_new_of(call->a, struct tracker_options);
    struct ticket ticket;

    *adopted = false;
    tracker_of(call)->search(call, is->short_id, found, out);
    for (size_t i = 0; out->result == OUTBOX_OK && i < found->n; i++) {
        if (str_find(found->v[i].label, is->short_id) != -1) {
            *adopted = true;
            return sync_link(call, found->v[i].id, organization, is, 0, &ticket,
                             out);
        }
    }
    return ST_OK;
}


static enum status
draft_of(const struct integration_call *call, const struct notice *n,
         const struct issue *is, struct tracker_draft *draft)
{
    struct json *event;
    enum status st;

    st = read_event(call, is, n->event_id.n > 0 ? n->event_id : STR("latest"),
                    &event);
    if (st == ST_OK) {
        *draft = (struct tracker_draft){
            .project = integration_setting(call, n, "project"),
            .type = integration_setting(call, n, "issuetype"),
        };
        describe(call->a, call->i, n->organization, is, event,
                 words_rules(call->a, n), draft);
    }
    return st;
}


static enum status
make_ticket(const struct integration_call *call, const struct notice *n,
            struct integration_result *out)
{
    int64_t org = call->i->organization_id;
    struct tracker_draft draft;
    bool mine, again, done;
    struct ticket ticket;
    struct issue is;
    enum status st;

    if ((st = find_issue(call, n->issue_id, &is)) != ST_OK
        || (st = linked_already(call, is.id, &done)) != ST_OK) {
        return st;
    }
    if (done) {
        nothing_to_do(out, "The issue has a ticket already.");
        return ST_OK;
    }
    st =
        ticket_claim(call->db, call->a, org, call->i->id, is.id, &mine, &again);
    if (st == ST_OK && !mine) {
        later(out, "Another sender is making the ticket.");
    }
    if (st != ST_OK || !mine) {
        return st;
    }
    if (again) {
        st = adopt(call, &is, n->organization, &done, out);
        if (st != ST_OK || done || out->result != OUTBOX_OK) {
            return st;
        }
    }
    if ((st = draft_of(call, n, &is, &draft)) != ST_OK) {
        return st;
    }
    st = sync_create(call, &draft, is.id, 0, &ticket, out);
    if (st == ST_OK && out->result != OUTBOX_OK && !out->maybe) {
        st = ticket_unclaim(call->db, call->a, call->i->id, is.id);
    }
    return st;
}


void
sync_alert(const struct integration_call *call, const struct notice *n,
           struct integration_result *out)
{
    enum status st;

    if (!str_is(n->cause, "issue") || n->issue_id == 0) {
        nothing_to_do(out, "Only issues become tickets.");
        return;
    }
    st = make_ticket(call, n, out);
    if (st == ST_NOT_FOUND) {
        nothing_to_do(out, "The issue is gone.");

    } else if (st != ST_OK) {
        later(out, "The database did not answer.");
    }
}
