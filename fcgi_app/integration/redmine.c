/*
 * Redmine.  What it calls a tracker is a type here.  A ticket is "#7".  A
 * comment is the note of a change, whose number is not told: it is read back.
 */

#include "integration/ask.h"
#include "json/make.h"
#include "integration/markup.h"
#include "integration/services.h"
#include "integration/sync.h"
#include "integration/tracker.h"
#include "integration/words.h"

static const struct field_choice formats[] = {
    { "markdown", "Markdown" },
    { "textile", "Textile" },
    { NULL, NULL },
};

static const struct integration_field fields[] = {
    { .name = "url",
      .label = "Address",
      .kind = FIELD_URL,
      .required = true,
      .placeholder = "https://redmine.acme.example",
      .help = "A private address has to be permitted by outbound.allow." },
    { .name = "token",
      .label = "API access key",
      .kind = FIELD_SECRET,
      .required = true,
      .help = "Stands in My account; the REST API has to be switched on." },
    { .name = "format",
      .label = "Text formatting",
      .kind = FIELD_CHOICE,
      .initial = "markdown",
      .choices = formats,
      .help = "As in Administration, Settings, General." },
    { .name = "project",
      .label = "Default project",
      .kind = FIELD_TEXT,
      .placeholder = "shop",
      .help = "Its identifier." },
    { .name = "issuetype",
      .label = "Default tracker",
      .kind = FIELD_TEXT,
      .placeholder = "Bug",
      .help = "Its name." },
    { .name = "resolved_status",
      .label = "Status when resolved",
      .kind = FIELD_TEXT,
      .help = "Empty: the first one that is closed." },
    { .name = "reopened_status",
      .label = "Status when reopened",
      .kind = FIELD_TEXT,
      .help = "Empty: the first one that is open." },
    TRACKER_SYNC_FIELDS,
    { 0 },
};

static const struct integration_field target[] = {
    { .name = "project",
      .label = "Project",
      .kind = FIELD_TEXT,
      .help = "Its identifier. Empty: the connection's." },
    { .name = "issuetype",
      .label = "Tracker",
      .kind = FIELD_TEXT,
      .help = "Its name. Empty: the connection's." },
    { 0 },
};


/* ---- asking */

static struct json *
ask(const struct integration_call *call, const char *method, struct str url,
    const struct json *body, struct integration_result *result)
{
    struct post_request rq = { .method = method, .url = url };
    struct json *v;

    post_header_add(&rq, call->a, "X-Redmine-API-Key",
                    integration_value(call->i, "token"));
    v = tracker_ask(call, &rq, body, NULL, result);
    return result->result == OUTBOX_OK ? v : NULL;
}


static struct json *
get(const struct integration_call *call, struct str url,
    struct integration_result *result)
{
    return ask(call, NULL, url, NULL, result);
}


static struct str
markup(const struct integration_call *call, struct str text)
{
    return str_is(integration_value(call->i, "format"), "textile")
               ? markup_textile(call->a, text)
               : text;
}


static void
check(const struct integration_call *call, struct integration_result *out)
{
    (void) get(call, ask_url(call, "/users/current.json"), out);
}


/* ---- the form */

static void
add_all(struct tracker_options *out, const struct json *list, const char *id)
{
    json_each(v, list)
    {
        tracker_option_add(out, tracker_id(v, id), json_text_of(v, "name"));
    }
}


/* The project with its trackers; NULL when it is not to be had. */
static struct json *
read_project(const struct integration_call *call, struct str project,
             struct integration_result *result)
{
    return json_get(get(call,
                        ask_url(call, "/projects/%s.json?include=trackers",
                                ask_part(call->a, project)),
                        result),
                    "project");
}


static void
form(const struct integration_call *call, struct str project, struct str type,
     struct tracker_form *out, struct integration_result *result)
{
    struct json *v =
        get(call, ask_url(call, "/projects.json?limit=100"), result);

    (void) type;
    add_all(&out->projects, json_get(v, "projects"), "identifier");
    if (result->result != OUTBOX_OK || project.n == 0) {
        return;
    }
    add_all(&out->types,
            json_get(read_project(call, project, result), "trackers"), "id");
    if (result->result == OUTBOX_OK) {
        v = get(call, ask_url(call, "/enumerations/issue_priorities.json"),
                result);
        add_all(&out->priorities, json_get(v, "issue_priorities"), "id");
    }
}


/* Only administrators may look for people by address: others find nobody. */
static void
by_mail(const struct integration_call *call, struct str mail,
        struct tracker_options *out, struct integration_result *result)
{
    struct json *v = get(
        call,
        ask_url(call, "/users.json?limit=10&name=%s", ask_part(call->a, mail)),
        result);

    json_each(p, json_get(v, "users"))
    {
        if (str_ieq(json_text_of(p, "mail"), mail)) {
            tracker_option_add(
                out, tracker_id(p, "id"),
                str_printf(call->a, "%.*s %.*s",
                           STR_FMT(json_text_of(p, "firstname")),
                           STR_FMT(json_text_of(p, "lastname"))));
        }
    }
    if (result->code == 403) {
        result->result = OUTBOX_OK;
    }
}


static void
people(const struct integration_call *call, struct str project, struct str text,
       struct tracker_options *out, struct integration_result *result)
{
    struct json *v;

    if (str_chr(text, '@') > 0) {
        by_mail(call, text, out, result);
        return;
    }
    v = get(call,
            ask_url(call, "/projects/%s/memberships.json?limit=100",
                    ask_part(call->a, project)),
            result);
    json_each(m, json_get(v, "memberships"))
    {
        struct json *p = json_get(m, "user");

        tracker_option_match(out, tracker_id(p, "id"), json_text_of(p, "name"),
                             text);
    }
}


/* ---- tickets */

/* "#7" or "7"; nothing when it is none. */
static const char *
number_of(const struct integration_call *call, struct str key)
{
    int64_t n;

    if (str_starts(key, STR("#"))) {
        key = str_sub(key, 1, key.n);
    }
    return str_i64(key, &n) && n > 0
               ? arena_printf(call->a, "%lld", (long long) n)
               : NULL;
}


static struct str
issue_url(const struct integration_call *call, struct str key, const char *rest,
          struct integration_result *result)
{
    const char *number = number_of(call, key);

    if (number == NULL) {
        integration_refuse(result, STR("A ticket of Redmine is a number."));
        return STR_NULL;
    }
    return ask_url(call, "/issues/%s.json%s", number, rest);
}


/* Older ones do not say in the ticket whether its status is a closed one. */
static bool
is_closed(const struct integration_call *call, const struct json *status,
          struct integration_result *result)
{
    struct json *closed = json_get(status, "is_closed"), *v;

    if (closed != NULL) {
        return json_yes(closed);
    }
    v = get(call, ask_url(call, "/issue_statuses.json"), result);
    json_each(s, json_get(v, "issue_statuses"))
    {
        if (str_eq(tracker_id(s, "id"), tracker_id(status, "id"))) {
            return json_yes(json_get(s, "is_closed"));
        }
    }
    return false;
}


static void
read_ticket(const struct integration_call *call, const struct json *v,
            struct ticket *out, struct integration_result *result)
{
    struct arena *a = call->a;
    struct json *who = json_get(v, "assigned_to");
    struct str id = tracker_id(v, "id");

    *out = (struct ticket){
        .key = str_printf(a, "#%.*s", STR_FMT(id)),
        .url = ask_url(call, "/issues/%s", ask_part(a, id)),
        .title = json_text_of(v, "subject"),
        .status = json_text(json_path(v, "status", "name", NULL)),
        .assignee = json_text_of(who, "name"),
        .assignee_id = tracker_id(who, "id"),
        .data = json_new(a, JSON_T_OBJECT),
    };
    out->done = is_closed(call, json_get(v, "status"), result);
    make_some(a, out->data, "project",
              tracker_id(json_get(v, "project"), "id"));
    make_some(a, out->data, "type",
              json_text(json_path(v, "tracker", "name", NULL)));
}


static void
find(const struct integration_call *call, struct str key, struct ticket *out,
     struct integration_result *result)
{
    struct str url = issue_url(call, key, "", result);
    struct json *v;

    if (str_null(url)) {
        return;
    }
    v = json_get(get(call, url, result), "issue");
    if (result->result != OUTBOX_OK) {
        return;
    }
    if (json_get(v, "id") == NULL) {
        tracker_unread(result);
        return;
    }
    read_ticket(call, v, out, result);
}


static void
search(const struct integration_call *call, struct str text,
       struct tracker_options *out, struct integration_result *result)
{
    struct ticket t;
    struct json *v;

    if (number_of(call, text) != NULL) {
        find(call, text, &t, result);
        if (result->result == OUTBOX_OK) {
            tracker_option_add(out, t.key, t.title);
        }
        return;
    }
    v = get(call,
            ask_url(call, "/search.json?issues=1&limit=20&q=%s",
                    ask_part(call->a, text)),
            result);
    json_each(i, json_get(v, "results"))
    {
        tracker_option_add(
            out, str_printf(call->a, "#%.*s", STR_FMT(tracker_id(i, "id"))),
            json_text_of(i, "title"));
    }
}


static void
put_number(struct arena *a, struct json *in, const char *name, struct str value)
{
    int64_t n;

    if (str_i64(value, &n)) {
        make_i64(a, in, name, n);
    }
}


/* By number, or by name as it is typed into a rule. */
static struct str
type_id(const struct json *project, struct str type)
{
    json_each(t, json_get(project, "trackers"))
    {
        if (str_eq(tracker_id(t, "id"), type)
            || str_ieq(json_text_of(t, "name"), type)) {
            return tracker_id(t, "id");
        }
    }
    return STR("");
}


static void
create(const struct integration_call *call, const struct tracker_draft *draft,
       struct ticket *out, struct integration_result *result)
{
    struct arena *a = call->a;
    struct json *body = json_new(a, JSON_T_OBJECT), *in, *project, *v;

    if (draft->project.n == 0) {
        integration_refuse(result, STR("Which project is not said."));
        return;
    }
    project = read_project(call, draft->project, result);
    if (result->result != OUTBOX_OK) {
        return;
    }
    in = make_object(a, body, "issue");
    put_number(a, in, "project_id", tracker_id(project, "id"));
    put_number(a, in, "tracker_id", type_id(project, draft->type));
    make_str(a, in, "subject", words_line(a, draft->title, 255));
    make_str(a, in, "description", markup(call, draft->text));
    put_number(a, in, "priority_id", draft->priority);
    put_number(a, in, "assigned_to_id", draft->assignee);
    v = json_get(ask(call, NULL, ask_url(call, "/issues.json"), body, result),
                 "issue");
    if (result->result != OUTBOX_OK) {
        return;
    }
    if (json_get(v, "id") == NULL) {
        tracker_unread(result);
        return;
    }
    read_ticket(call, v, out, result);
    result->result = OUTBOX_OK; /* it is there, whatever its status is called */
}


/* ---- changing */

static void
change(const struct integration_call *call, const struct ticket *ticket,
       const char *name, struct json *value, struct integration_result *result)
{
    struct str url = issue_url(call, ticket->key, "", result);
    struct json *body = json_new(call->a, JSON_T_OBJECT);

    if (!str_null(url)) {
        json_set(make_object(call->a, body, "issue"), str_of(name), value);
        (void) ask(call, "PUT", url, body, result);
    }
}


static void
move(const struct integration_call *call, const struct ticket *ticket,
     bool done, struct integration_result *result)
{
    struct str wanted = integration_value(call->i, done ? "resolved_status"
                                                        : "reopened_status");
    struct json *v = get(call, ask_url(call, "/issue_statuses.json"), result);
    int64_t id;

    if (result->result != OUTBOX_OK) {
        return;
    }
    json_each(s, json_get(v, "issue_statuses"))
    {
        if (wanted.n > 0 ? str_ieq(json_text_of(s, "name"), wanted)
                         : json_yes(json_get(s, "is_closed")) == done) {
            if (json_i64(json_get(s, "id"), &id)) {
                change(call, ticket, "status_id", json_new_i64(call->a, id),
                       result);
                return;
            }
        }
    }
    integration_refuse(result, STR("There is no such status."));
}


static void
assign(const struct integration_call *call, const struct ticket *ticket,
       struct str id, struct integration_result *result)
{
    int64_t n;

    change(call, ticket, "assigned_to_id",
           str_i64(id, &n) ? json_new_i64(call->a, n)
                           : json_new(call->a, JSON_T_NULL),
           result);
}


static void
comment(const struct integration_call *call, const struct ticket *ticket,
        struct str text, struct str *id, struct integration_result *result)
{
    struct integration_result again;
    struct json *v;

    change(call, ticket, "notes", json_new_str(call->a, markup(call, text)),
           result);
    if (result->result != OUTBOX_OK) {
        return;
    }
    v = get(call, issue_url(call, ticket->key, "?include=journals", &again),
            &again);
    json_each(j, json_path(v, "issue", "journals", NULL))
    {
        if (json_text_of(j, "notes").n > 0) {
            *id = tracker_id(j, "id");
        }
    }
}


/* ---- what comes in */

static bool
genuine(const struct integration_call *call, const struct tracker_hook *hook)
{
    return tracker_signed(call, hook, "X-Redmine-Signature-256", "sha256=");
}


static bool
read(const struct integration_call *call, const struct tracker_hook *hook,
     struct tracker_event *out)
{
    struct str type = json_text_of(hook->json, "type");
    struct json *data = json_get(hook->json, "data"),
                *journal = json_get(data, "journal");
    struct str id = tracker_id(json_get(data, "issue"), "id");

    if (!str_starts(type, STR("issue.")) || id.n == 0) {
        return false;
    }
    out->key = str_printf(call->a, "#%.*s", STR_FMT(id));
    out->removed = str_is(type, "issue.deleted");
    out->changed = !out->removed;
    if (json_text_of(journal, "notes").n > 0
        && !json_yes(json_get(journal, "private_notes"))) {
        out->comment_id = tracker_id(journal, "id");
        out->comment = json_text_of(journal, "notes");
        out->author = json_text(json_path(journal, "user", "name", NULL));
    }
    return true;
}


static void
said(const struct integration_call *call, struct str key,
     struct tracker_event *comment, struct integration_result *result)
{
    struct str url = issue_url(call, key, "?include=journals", result);
    struct json *v = str_null(url) ? NULL : get(call, url, result);

    comment->comment = STR("");
    json_each(j, json_path(v, "issue", "journals", NULL))
    {
        if (str_eq(tracker_id(j, "id"), comment->comment_id)
            && !json_yes(json_get(j, "private_notes"))) {
            comment->comment = json_text_of(j, "notes");
            comment->author = json_text(json_path(j, "user", "name", NULL));
        }
    }
}


static const struct tracker tracker = {
    .hook_help = "In Redmine 7 and later, My account, Webhooks: add one with "
                 "this address and secret for the issues of the project. An "
                 "older one has none that are signed: its tickets are only "
                 "read again now and then.",
    .form = form,
    .people = people,
    .search = search,
    .create = create,
    .find = find,
    .move = move,
    .assign = assign,
    .comment = comment,
    .genuine = genuine,
    .read = read,
    .said = said,
};


const struct integration_type service_redmine = {
    .type = "redmine",
    .label = "Redmine",
    .icon = "ticket",
    .does = "Create and sync tickets, both directions",
    .can = CAN_TICKET,
    .fields = fields,
    .target = target,
    .check = check,
    .send = sync_alert,
    .tracker = &tracker,
};
