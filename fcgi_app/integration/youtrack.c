/*
 * YouTrack, Cloud or Server.  Type, priority, state and assignee are fields
 * like any other there, known by their names; what they may be is asked of the
 * project.  A state is set by a command, as people type it, because a project
 * with a state machine knows no other way.
 */

#include "integration/ask.h"
#include "json/make.h"
#include "integration/services.h"
#include "integration/sync.h"
#include "integration/tracker.h"

#define ISSUE_FIELDS                                                           \
    "idReadable,summary,resolved,project(shortName),"                          \
    "customFields(name,value(name,login,fullName,email))"

static const struct integration_field fields[] = {
    { .name = "url",
      .label = "Address",
      .kind = FIELD_URL,
      .required = true,
      .placeholder = "https://acme.youtrack.cloud",
      .help = "With the path, if it has one. A private address has to be "
              "permitted by outbound.allow." },
    { .name = "token",
      .label = "Permanent token",
      .kind = FIELD_SECRET,
      .required = true },
    { .name = "project",
      .label = "Default project",
      .kind = FIELD_TEXT,
      .placeholder = "SHOP",
      .help = "Its ID. Where alerts put tickets." },
    { .name = "issuetype",
      .label = "Default type",
      .kind = FIELD_TEXT,
      .placeholder = "Bug",
      .help = "Its name." },
    { .name = "resolved_status",
      .label = "State when resolved",
      .kind = FIELD_TEXT,
      .initial = "Fixed" },
    { .name = "reopened_status",
      .label = "State when reopened",
      .kind = FIELD_TEXT,
      .initial = "Open" },
    TRACKER_SYNC_FIELDS,
    { 0 },
};

static const struct integration_field target[] = {
    { .name = "project",
      .label = "Project",
      .kind = FIELD_TEXT,
      .help = "Its ID. Empty: the connection's." },
    { .name = "issuetype",
      .label = "Type",
      .kind = FIELD_TEXT,
      .help = "Its name. Empty: the connection's." },
    { 0 },
};


/* ---- asking */

static struct json *
ask(const struct integration_call *call, struct str url,
    const struct json *body, struct integration_result *result)
{
    struct post_request rq = { .url = url };
    struct json *v;

    ask_token(call, &rq, "Bearer", integration_value(call->i, "token"));
    v = tracker_ask(call, &rq, body, NULL, result);
    return result->result == OUTBOX_OK ? v : NULL;
}


static void
check(const struct integration_call *call, struct integration_result *out)
{
    (void) ask(call, ask_url(call, "/api/users/me?fields=id,login"), NULL, out);
}


/* ---- the form */

static struct json *
read_projects(const struct integration_call *call, struct tracker_options *out,
              struct integration_result *result)
{
    struct json *v = ask(
        call,
        ask_url(call, "/api/admin/projects?fields=id,shortName,name&$top=200"),
        NULL, result);

    json_each(p, v)
    {
        struct str key = json_text_of(p, "shortName");

        tracker_option_add(out, key,
                           str_printf(call->a, "%.*s – %.*s", STR_FMT(key),
                                      STR_FMT(json_text_of(p, "name"))));
    }
    return v;
}


static void
add_values(struct tracker_options *out, const struct json *field)
{
    json_each(v, json_path(field, "bundle", "values", NULL))
    {
        if (!json_yes(json_get(v, "archived"))) {
            tracker_option_add(out, json_text_of(v, "name"), STR(""));
        }
    }
}


static void
form(const struct integration_call *call, struct str project, struct str type,
     struct tracker_form *out, struct integration_result *result)
{
    struct json *v;

    (void) type;
    (void) read_projects(call, &out->projects, result);
    if (result->result != OUTBOX_OK || project.n == 0) {
        return;
    }
    v = ask(call,
            ask_url(call,
                    "/api/admin/projects/%s/customFields?fields=field(name),"
                    "bundle(values(name,archived))&$top=100",
                    ask_part(call->a, project)),
            NULL, result);
    json_each(field, v)
    {
        struct str name = json_text(json_path(field, "field", "name", NULL));

        if (str_is(name, "Type")) {
            add_values(&out->types, field);

        } else if (str_is(name, "Priority")) {
            add_values(&out->priorities, field);
        }
    }
}


static void
people(const struct integration_call *call, struct str project, struct str text,
       struct tracker_options *out, struct integration_result *result)
{
    bool mail = str_chr(text, '@') > 0;
    struct json *v = ask(
        call,
        ask_url(call, "/api/users?fields=login,fullName,email&$top=50&query=%s",
                ask_part(call->a, text)),
        NULL, result);

    (void) project;
    json_each(p, v)
    {
        if (!mail || str_ieq(json_text_of(p, "email"), text)) {
            tracker_option_add(out, json_text_of(p, "login"),
                               json_text_of(p, "fullName"));
        }
    }
}


/* ---- tickets */

static const struct json *
field_value(const struct json *v, const char *name)
{
    json_each(field, json_get(v, "customFields"))
    {
        if (str_is(json_text_of(field, "name"), name)) {
            return json_get(field, "value");
        }
    }
    return NULL;
}


static void
read_ticket(const struct integration_call *call, const struct json *v,
            struct ticket *out)
{
    const struct json *who = field_value(v, "Assignee");
    struct str name = json_text_of(who, "fullName");
    struct json *resolved = json_get(v, "resolved");

    *out = (struct ticket){
        .key = json_text_of(v, "idReadable"),
        .title = json_text_of(v, "summary"),
        .status = json_text_of(field_value(v, "State"), "name"),
        .done = resolved != NULL && !json_is(resolved, JSON_T_NULL),
        .assignee_id = json_text_of(who, "login"),
        .assignee_mail = json_text_of(who, "email"),
        .data = json_new(call->a, JSON_T_OBJECT),
    };
    out->assignee = name.n > 0 ? name : out->assignee_id;
    out->url = ask_url(call, "/issue/%s", ask_part(call->a, out->key));
    make_some(call->a, out->data, "project",
              json_text(json_path(v, "project", "shortName", NULL)));
    make_some(call->a, out->data, "type",
              json_text_of(field_value(v, "Type"), "name"));
}


static struct str
issue_url(const struct integration_call *call, struct str key, const char *rest)
{
    return ask_url(call, "/api/issues/%s%s", ask_part(call->a, key), rest);
}


static void
find(const struct integration_call *call, struct str key, struct ticket *out,
     struct integration_result *result)
{
    struct json *v =
        ask(call, issue_url(call, key, "?fields=" ISSUE_FIELDS), NULL, result);

    if (result->result != OUTBOX_OK) {
        return;
    }
    read_ticket(call, v, out);
    if (out->key.n == 0) {
        tracker_unread(result);
    }
}


static void
search(const struct integration_call *call, struct str text,
       struct tracker_options *out, struct integration_result *result)
{
    struct arena *a = call->a;
    struct json *v = ask(
        call,
        ask_url(call, "/api/issues?fields=" ISSUE_FIELDS "&$top=20&query=%s",
                ask_part(a, text)),
        NULL, result);

    json_each(i, v)
    {
        struct ticket t;

        read_ticket(call, i, &t);
        tracker_option_add(out, t.key,
                           str_printf(a, "%.*s %.*s (%.*s)", STR_FMT(t.key),
                                      STR_FMT(t.title), STR_FMT(t.status)));
    }
}


/* A field of one of many values, in the words of its kind. */
static void
put_field(struct arena *a, struct json *list, const char *name,
          const char *kind, const char *by, struct str value)
{
    struct json *field = make_object(a, list, NULL);

    make_text(a, field, "name", name);
    make_text(a, field, "$type", kind);
    if (value.n > 0) {
        make_str(a, make_object(a, field, "value"), by, value);

    } else {
        make_put(field, "value", json_new(a, JSON_T_NULL));
    }
}


/* The number that stands behind a project's ID. */
static struct str
project_id(const struct json *projects, struct str key)
{
    json_each(p, projects)
    {
        if (str_ieq(json_text_of(p, "shortName"), key)) {
            return json_text_of(p, "id");
        }
    }
    return STR("");
}


static void
create(const struct integration_call *call, const struct tracker_draft *draft,
       struct ticket *out, struct integration_result *result)
{
    struct tracker_options *projects =
        arena_new_of(call->a, struct tracker_options);
    struct arena *a = call->a;
    struct json *body = json_new(a, JSON_T_OBJECT), *list, *v;
    struct str id;

    id = project_id(read_projects(call, projects, result), draft->project);
    if (result->result != OUTBOX_OK) {
        return;
    }
    if (id.n == 0) {
        integration_refuse(result, STR("There is no such project."));
        return;
    }
    make_str(a, make_object(a, body, "project"), "id", id);
    make_str(a, body, "summary", draft->title);
    make_str(a, body, "description", draft->text);
    list = make_array(a, body, "customFields");
    if (draft->type.n > 0) {
        put_field(a, list, "Type", "SingleEnumIssueCustomField", "name",
                  draft->type);
    }
    if (draft->priority.n > 0) {
        put_field(a, list, "Priority", "SingleEnumIssueCustomField", "name",
                  draft->priority);
    }
    if (draft->assignee.n > 0) {
        put_field(a, list, "Assignee", "SingleUserIssueCustomField", "login",
                  draft->assignee);
    }
    v = ask(call, ask_url(call, "/api/issues?fields=" ISSUE_FIELDS), body,
            result);
    if (result->result != OUTBOX_OK) {
        return;
    }
    read_ticket(call, v, out);
    if (out->key.n == 0) {
        tracker_unread(result);
    }
}


/* ---- changing */

/* "State {To be discussed}": braces hold together what has spaces. */
static void
move(const struct integration_call *call, const struct ticket *ticket,
     bool done, struct integration_result *result)
{
    struct str state = integration_value(call->i, done ? "resolved_status"
                                                       : "reopened_status");
    struct arena *a = call->a;
    struct json *body = json_new(a, JSON_T_OBJECT);

    if (state.n == 0) {
        state = done ? STR("Fixed") : STR("Open");
    }
    make_str(a, body, "query", str_printf(a, "State {%.*s}", STR_FMT(state)));
    make_str(a, make_object(a, make_array(a, body, "issues"), NULL),
             "idReadable", ticket->key);
    (void) ask(call, ask_url(call, "/api/commands"), body, result);
}


static void
assign(const struct integration_call *call, const struct ticket *ticket,
       struct str id, struct integration_result *result)
{
    struct json *body = json_new(call->a, JSON_T_OBJECT);

    put_field(call->a, make_array(call->a, body, "customFields"), "Assignee",
              "SingleUserIssueCustomField", "login", id);
    (void) ask(call, issue_url(call, ticket->key, "?fields=idReadable"), body,
               result);
}


static void
comment(const struct integration_call *call, const struct ticket *ticket,
        struct str text, struct str *id, struct integration_result *result)
{
    struct json *body = json_new(call->a, JSON_T_OBJECT);

    make_str(call->a, body, "text", text);
    *id = json_text_of(ask(call,
                           issue_url(call, ticket->key, "/comments?fields=id"),
                           body, result),
                       "id");
}


/* ---- what comes in */

static bool
genuine(const struct integration_call *call, const struct tracker_hook *hook)
{
    return tracker_token(call, hook, "X-YouTrack-Token");
}


/* What the app "Webhook Triggers" sends names the issue, or has it inside. */
static bool
read(const struct integration_call *call, const struct tracker_hook *hook,
     struct tracker_event *out)
{
    struct json *issue = json_get(hook->json, "issue"),
                *c = json_get(hook->json, "comment");
    struct str author = json_text(json_path(c, "author", "fullName", NULL));

    (void) call;
    out->key = json_text_of(issue != NULL ? issue : hook->json, "idReadable");
    if (out->key.n == 0) {
        out->key = json_text_of(issue != NULL ? issue : hook->json, "id");
    }
    out->changed = true;
    if (c != NULL) {
        out->comment_id = json_text_of(c, "id");
        out->comment = json_text_of(c, "text");
        out->author = author.n > 0
                          ? author
                          : json_text(json_path(c, "author", "login", NULL));
    }
    return true;
}


static void
said(const struct integration_call *call, struct str key,
     struct tracker_event *comment, struct integration_result *result)
{
    struct arena *a = call->a;
    struct json *v =
        ask(call,
            ask_url(call,
                    "/api/issues/%s/comments/%s?fields=text,deleted,"
                    "visibility($type),author(login,fullName)",
                    ask_part(a, key), ask_part(a, comment->comment_id)),
            NULL, result);
    struct str name = json_text(json_path(v, "author", "fullName", NULL));

    comment->comment =
        json_yes(json_get(v, "deleted"))
                || str_is(json_text(json_path(v, "visibility", "$type", NULL)),
                          "LimitedVisibility")
            ? STR("")
            : json_text_of(v, "text");
    comment->author =
        name.n > 0 ? name : json_text(json_path(v, "author", "login", NULL));
}


static const struct tracker tracker = {
    .hook_help = "Install the app Webhook Triggers for the project; in its "
                 "settings give this address for updated issues and added "
                 "comments, the header X-YouTrack-Token and this secret as "
                 "the token.",
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


const struct integration_type service_youtrack = {
    .type = "youtrack",
    .label = "YouTrack",
    .icon = "ticket",
    .does = "Create and sync tickets, both directions",
    .can = CAN_TICKET,
    .fields = fields,
    .target = target,
    .check = check,
    .send = sync_alert,
    .tracker = &tracker,
};
