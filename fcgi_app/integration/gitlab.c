/*
 * GitLab, its own or yours: issues of a project.  A ticket is "acme/shop#7";
 * people are numbers.
 */

#include "integration/ask.h"
#include "json/make.h"
#include "integration/services.h"
#include "integration/sync.h"
#include "integration/tracker.h"

static const struct integration_field fields[] = {
    { .name = "url",
      .label = "Address",
      .kind = FIELD_URL,
      .required = true,
      .initial = "https://gitlab.com",
      .help = "A private address has to be permitted by outbound.allow." },
    { .name = "token",
      .label = "Access token",
      .kind = FIELD_SECRET,
      .required = true,
      .help = "Of a project, a group or a person, with the scope api." },
    { .name = "project",
      .label = "Default project",
      .kind = FIELD_TEXT,
      .placeholder = "acme/shop" },
    { .name = "issuetype",
      .label = "Default type",
      .kind = FIELD_TEXT,
      .initial = "issue",
      .help = "Issue or incident." },
    TRACKER_SYNC_FIELDS,
    { 0 },
};

static const struct integration_field target[] = {
    { .name = "project",
      .label = "Project",
      .kind = FIELD_TEXT,
      .placeholder = "acme/shop",
      .help = "Empty: the connection's." },
    { .name = "issuetype",
      .label = "Type",
      .kind = FIELD_TEXT,
      .help = "Issue or incident. Empty: the connection's." },
    { 0 },
};


/* ---- asking */

static struct json *
ask(const struct integration_call *call, const char *method, struct str url,
    const struct json *body, struct integration_result *result)
{
    struct post_request rq = { .method = method, .url = url };
    struct json *v;

    post_header_add(&rq, call->a, "PRIVATE-TOKEN",
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


/* A project's path is one part of the address: its slashes are encoded. */
static struct str
project_url(const struct integration_call *call, struct str project,
            const char *rest)
{
    return ask_url(call, "/api/v4/projects/%s%s", ask_part(call->a, project),
                   rest);
}


/* The null str, and result says so, when the key is none. */
static struct str
issue_url(const struct integration_call *call, struct str key, const char *rest,
          struct integration_result *result)
{
    struct str project, number;

    if (!tracker_key(key, &project, &number)) {
        integration_refuse(result, STR("A ticket of GitLab is called "
                                       "\"group/project#7\"."));
        return STR_NULL;
    }
    return project_url(
        call, project,
        arena_printf(call->a, "/issues/%s%s", ask_part(call->a, number), rest));
}


static void
check(const struct integration_call *call, struct integration_result *out)
{
    (void) get(call, ask_url(call, "/api/v4/user"), out);
}


/* ---- the form */

static void
form(const struct integration_call *call, struct str project, struct str type,
     struct tracker_form *out, struct integration_result *result)
{
    struct json *v =
        get(call,
            ask_url(call, "/api/v4/projects?membership=true&simple=true"
                          "&per_page=100&order_by=last_activity_at"),
            result);

    (void) project;
    (void) type;
    out->labels = true;
    tracker_option_add(&out->types, STR("issue"), STR("Issue"));
    tracker_option_add(&out->types, STR("incident"), STR("Incident"));
    json_each(p, v)
    {
        tracker_option_add(&out->projects,
                           json_text_of(p, "path_with_namespace"), STR(""));
    }
}


/* By a mail address among all people, who may have made it known, else among
 * the project's. */
static void
people(const struct integration_call *call, struct str project, struct str text,
       struct tracker_options *out, struct integration_result *result)
{
    const char *part = ask_part(call->a, text);
    struct str url =
        str_chr(text, '@') > 0
            ? ask_url(call, "/api/v4/users?per_page=5&search=%s", part)
            : project_url(
                call, project,
                arena_printf(call->a, "/users?per_page=100&search=%s", part));

    json_each(p, get(call, url, result))
    {
        tracker_option_add(out, tracker_id(p, "id"), json_text_of(p, "name"));
    }
}


/* ---- tickets */

static void
read_ticket(const struct integration_call *call, struct str project,
            const struct json *v, struct ticket *out)
{
    struct arena *a = call->a;
    struct json *who = json_at(json_get(v, "assignees"), 0);
    struct str state = json_text_of(v, "state");

    *out = (struct ticket){
        .key = str_printf(a, "%.*s#%.*s", STR_FMT(project),
                          STR_FMT(tracker_id(v, "iid"))),
        .url = json_text_of(v, "web_url"),
        .title = json_text_of(v, "title"),
        .status = str_is(state, "opened") ? STR("open") : state,
        .done = str_is(state, "closed"),
        .assignee = json_text_of(who, "name"),
        .assignee_id = tracker_id(who, "id"),
        .data = json_new(a, JSON_T_OBJECT),
    };
    make_str(a, out->data, "project", project);
    make_some(a, out->data, "type", json_text_of(v, "issue_type"));
}


static void
find(const struct integration_call *call, struct str key, struct ticket *out,
     struct integration_result *result)
{
    struct str url = issue_url(call, key, "", result), project, number;
    struct json *v;

    if (str_null(url)) {
        return;
    }
    v = get(call, url, result);
    if (result->result != OUTBOX_OK) {
        return;
    }
    if (json_get(v, "iid") == NULL || !tracker_key(key, &project, &number)) {
        tracker_unread(result);
        return;
    }
    read_ticket(call, project, v, out);
}


/* "acme/shop#7" of the reference that a list of all projects gives. */
static struct str
project_of(const struct json *v)
{
    struct str full = json_text(json_path(v, "references", "full", NULL)),
               project, number;

    return tracker_key(full, &project, &number) ? project : STR("");
}


static void
search(const struct integration_call *call, struct str text,
       struct tracker_options *out, struct integration_result *result)
{
    struct arena *a = call->a;
    struct str project, number;
    struct ticket t;

    if (tracker_key(text, &project, &number)) {
        find(call, text, &t, result);
        if (result->result == OUTBOX_OK) {
            tracker_option_add(out, t.key, t.title);
        }
        return;
    }
    project = integration_value(call->i, "project");
    json_each(i,
              get(call,
                  project.n > 0 ? project_url(
                      call, project,
                      arena_printf(a, "/issues?per_page=20&search=%s",
                                   ask_part(a, text)))
                                : ask_url(call,
                                          "/api/v4/issues?scope=all&per_page=20"
                                          "&search=%s",
                                          ask_part(a, text)),
                  result))
    {
        read_ticket(call, project_of(i), i, &t);
        tracker_option_add(out, t.key,
                           str_printf(a, "%.*s %.*s (%.*s)", STR_FMT(t.key),
                                      STR_FMT(t.title), STR_FMT(t.status)));
    }
}


/* Nobody is 0. */
static void
put_assignee(struct arena *a, struct json *in, struct str id)
{
    struct json *list = make_array(a, in, "assignee_ids");
    int64_t number;

    json_append(
        list, json_new_i64(a, str_i64(id, &number) && number > 0 ? number : 0));
}


static void
create(const struct integration_call *call, const struct tracker_draft *draft,
       struct ticket *out, struct integration_result *result)
{
    struct arena *a = call->a;
    struct json *body = json_new(a, JSON_T_OBJECT), *v;

    if (draft->project.n == 0) {
        integration_refuse(result, STR("Which project is not said."));
        return;
    }
    make_str(a, body, "title", draft->title);
    make_str(a, body, "description", draft->text);
    make_some(a, body, "issue_type", str_lower(a, draft->type));
    make_some(a, body, "labels", draft->labels);
    if (draft->assignee.n > 0) {
        put_assignee(a, body, draft->assignee);
    }
    v = ask(call, NULL, project_url(call, draft->project, "/issues"), body,
            result);
    if (result->result != OUTBOX_OK) {
        return;
    }
    if (json_get(v, "iid") == NULL) {
        tracker_unread(result);
        return;
    }
    read_ticket(call, draft->project, v, out);
}


/* ---- changing */

static void
change(const struct integration_call *call, const struct ticket *ticket,
       const struct json *body, struct integration_result *result)
{
    struct str url = issue_url(call, ticket->key, "", result);

    if (!str_null(url)) {
        (void) ask(call, "PUT", url, body, result);
    }
}


static void
move(const struct integration_call *call, const struct ticket *ticket,
     bool done, struct integration_result *result)
{
    struct json *body = json_new(call->a, JSON_T_OBJECT);

    make_text(call->a, body, "state_event", done ? "close" : "reopen");
    change(call, ticket, body, result);
}


static void
assign(const struct integration_call *call, const struct ticket *ticket,
       struct str id, struct integration_result *result)
{
    struct json *body = json_new(call->a, JSON_T_OBJECT);

    put_assignee(call->a, body, id);
    change(call, ticket, body, result);
}


static void
comment(const struct integration_call *call, const struct ticket *ticket,
        struct str text, struct str *id, struct integration_result *result)
{
    struct str url = issue_url(call, ticket->key, "/notes", result);
    struct json *body = json_new(call->a, JSON_T_OBJECT);

    if (!str_null(url)) {
        make_str(call->a, body, "body", text);
        *id = tracker_id(ask(call, NULL, url, body, result), "id");
    }
}


/* ---- what comes in */

static bool
genuine(const struct integration_call *call, const struct tracker_hook *hook)
{
    return tracker_token(call, hook, "X-Gitlab-Token");
}


static bool
read(const struct integration_call *call, const struct tracker_hook *hook,
     struct tracker_event *out)
{
    struct str kind = json_text_of(hook->json, "object_kind");
    struct json *v = json_get(hook->json, "object_attributes");
    bool note = str_is(kind, "note");

    if (!note && !str_is(kind, "issue")) {
        return false;
    }
    out->key = str_printf(
        call->a, "%.*s#%.*s",
        STR_FMT(json_text(
            json_path(hook->json, "project", "path_with_namespace", NULL))),
        STR_FMT(note ? tracker_id(json_get(hook->json, "issue"), "iid")
                     : tracker_id(v, "iid")));
    if (!note) {
        out->changed = true;
        return true;
    }
    if (!str_is(json_text_of(v, "noteable_type"), "Issue")
        || json_yes(json_get(v, "system"))
        || str_is(json_text_of(v, "action"), "update")) {
        return false;
    }
    out->comment_id = tracker_id(v, "id");
    out->comment = json_text_of(v, "note");
    out->author = json_text(json_path(hook->json, "user", "name", NULL));
    return true;
}


static void
said(const struct integration_call *call, struct str key,
     struct tracker_event *comment, struct integration_result *result)
{
    struct str url =
        issue_url(call, key,
                  arena_printf(call->a, "/notes/%s",
                               ask_part(call->a, comment->comment_id)),
                  result);
    struct json *v = str_null(url) ? NULL : get(call, url, result);

    comment->comment =
        json_yes(json_get(v, "internal")) || json_yes(json_get(v, "system"))
            ? STR("")
            : json_text_of(v, "body");
    comment->author = json_text(json_path(v, "author", "name", NULL));
}


static const struct tracker tracker = {
    .hook_help = "In the project, Settings, Webhooks: add one with this "
                 "address and secret token, for issues events and comments.",
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


const struct integration_type service_gitlab = {
    .type = "gitlab",
    .label = "GitLab",
    .icon = "git",
    .does = "Create and sync issues, both directions",
    .can = CAN_TICKET,
    .fields = fields,
    .target = target,
    .check = check,
    .send = sync_alert,
    .tracker = &tracker,
};
