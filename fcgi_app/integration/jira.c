/*
 * Jira, Cloud (REST v3, ADF, an account's mail address and API token) and Data
 * Center (REST v2, wiki markup, a personal access token).  They differ in
 * their paths, in the shape of texts and in how a person is called; both
 * differences stand at the top.
 *
 * A transition's number is another one for each ticket: it is asked for each
 * time, and chosen by the status that it leads to.
 */

#include "integration/ask.h"
#include "json/make.h"
#include "integration/markup.h"
#include "integration/services.h"
#include "integration/sync.h"
#include "integration/tracker.h"
#include "integration/words.h"
#include "util/lang.h"

#define SUMMARY_MAX 250
#define PAGE 100

static const struct field_choice editions[] = {
    { "cloud", "Jira Cloud" },
    { "server", "Jira Data Center or Server" },
    { NULL, NULL },
};

static const struct integration_field fields[] = {
    { .name = "url",
      .label = "Site",
      .kind = FIELD_URL,
      .required = true,
      .placeholder = "https://acme.atlassian.net",
      .help = "With the path, if it has one. A private address has to be "
              "permitted by outbound.allow." },
    { .name = "edition",
      .label = "Edition",
      .kind = FIELD_CHOICE,
      .initial = "cloud",
      .choices = editions },
    { .name = "email",
      .label = "Account's address",
      .kind = FIELD_TEXT,
      .placeholder = "vedette@acme.example",
      .help = "For Cloud. With Data Center and a personal access token leave "
              "it empty." },
    { .name = "token",
      .label = "API token",
      .kind = FIELD_SECRET,
      .required = true },
    { .name = "project",
      .label = "Default project",
      .kind = FIELD_TEXT,
      .placeholder = "SHOP",
      .help = "Its key. Where alerts put tickets." },
    { .name = "issuetype",
      .label = "Default type",
      .kind = FIELD_TEXT,
      .placeholder = "Bug",
      .help = "Its name." },
    { .name = "resolved_status",
      .label = "Status when resolved",
      .kind = FIELD_TEXT,
      .placeholder = "Done",
      .help = "Empty: the first one that Jira counts as done." },
    { .name = "reopened_status",
      .label = "Status when reopened",
      .kind = FIELD_TEXT,
      .placeholder = "To Do",
      .help = "Empty: the first one that Jira does not count as done." },
    TRACKER_SYNC_FIELDS,
    { 0 },
};

static const struct integration_field target[] = {
    { .name = "project",
      .label = "Project",
      .kind = FIELD_TEXT,
      .help = "Its key. Empty: the connection's." },
    { .name = "issuetype",
      .label = "Type",
      .kind = FIELD_TEXT,
      .help = "Its name. Empty: the connection's." },
    { 0 },
};


/* ---- what differs */

static bool
is_cloud(const struct integration_call *call)
{
    return !str_is(integration_value(call->i, "edition"), "server");
}


static struct str
api(const struct integration_call *call, const char *path)
{
    return ask_url(call, "/rest/api/%s%s", is_cloud(call) ? "3" : "2", path);
}


static void
put_markup(const struct integration_call *call, struct json *in,
           const char *key, struct str text)
{
    if (is_cloud(call)) {
        make_put(in, key, markup_adf(call->a, text));

    } else {
        make_str(call->a, in, key, markup_wiki(call->a, text));
    }
}


static const char *
person_key(const struct integration_call *call)
{
    return is_cloud(call) ? "accountId" : "name";
}


/* ---- asking */

/* {"errorMessages": ["…"], "errors": {"customfield_1": "…"}}: for people. */
static void
read_errors(const struct integration_call *call, const struct json *v,
            struct integration_result *result)
{
    struct buf b = buf_in(call->a);

    json_each(line, json_get(v, "errorMessages"))
    {
        buf_addf(&b, "%.*s ", STR_FMT(json_text(line)));
    }
    result->wrong = json_get(v, "errors");
    json_each(line, result->wrong)
    {
        buf_addf(&b, "%.*s: %.*s ", STR_FMT(line->key),
                 STR_FMT(json_text(line)));
    }
    if (b.n > 0) {
        result->answer = integration_mask(call, str_trim(buf_view(&b)));
    }
}


static struct json *
ask(const struct integration_call *call, const char *method, struct str url,
    const struct json *body, struct integration_result *result)
{
    struct post_request rq = { .method = method, .url = url };
    struct str email = integration_value(call->i, "email"),
               token = integration_value(call->i, "token");
    struct json *v;

    if (email.n > 0) {
        ask_basic(call, &rq, email, token);

    } else {
        ask_token(call, &rq, "Bearer", token);
    }
    v = tracker_ask(call, &rq, body, NULL, result);
    if (result->result == OUTBOX_OK) {
        return v;
    }
    read_errors(call, v, result);
    return NULL;
}


static struct json *
get(const struct integration_call *call, const char *path,
    struct integration_result *result)
{
    return ask(call, NULL, api(call, path), NULL, result);
}


static void
check(const struct integration_call *call, struct integration_result *out)
{
    (void) get(call, "/myself", out);
}


/* ---- the form */

/* Lists stand in an array, or under a name that differs by edition and age. */
static struct json *
list_of(struct json *v, const char *name)
{
    struct json *list = json_is(v, JSON_T_ARRAY) ? v : json_get(v, name);

    return list != NULL ? list : json_get(v, "values");
}


static void
read_projects(const struct integration_call *call, struct tracker_options *out,
              struct integration_result *result)
{
    struct json *v = is_cloud(call)
                         ? get(call, "/project/search?maxResults=100", result)
                         : get(call, "/project", result);

    json_each(p, list_of(v, "values"))
    {
        struct str key = json_text_of(p, "key"), name = json_text_of(p, "name");

        tracker_option_add(
            out, key,
            str_printf(call->a, "%.*s – %.*s", STR_FMT(key), STR_FMT(name)));
    }
}


static void
read_types(const struct integration_call *call, struct str project,
           struct tracker_options *out, struct integration_result *result)
{
    struct json *v = get(
        call,
        arena_printf(call->a, "/issue/createmeta/%s/issuetypes?maxResults=%d",
                     ask_part(call->a, project), PAGE),
        result);

    json_each(t, list_of(v, "issueTypes"))
    {
        if (!json_yes(json_get(t, "subtask"))) {
            tracker_option_add(out, json_text_of(t, "id"),
                               json_text_of(t, "name"));
        }
    }
}


/* What the form has places of its own for, or what no form can ask. */
static bool
is_usual(struct str id)
{
    static const char *const usual[] = {
        "project",          "issuetype",  "summary",  "description",
        "labels",           "priority",   "assignee", "reporter",
        "attachment",       "issuelinks", "worklog",  "timetracking",
        "issuerestriction",
    };

    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        if (str_is(id, usual[i])) {
            return true;
        }
    }
    return false;
}


static struct tracker_options *
allowed_values(struct arena *a, const struct json *field)
{
    struct tracker_options *out;
    struct json *list = json_get(field, "allowedValues");

    if (list == NULL || list->n == 0) {
        return NULL;
    }
    out = arena_new_of(a, struct tracker_options);
    json_each(v, list)
    {
        struct str label = json_text_of(v, "value");

        tracker_option_add(out, json_text_of(v, "id"),
                           label.n > 0 ? label : json_text_of(v, "name"));
    }
    return out;
}


/*
 * shape: "option", "user", "number", … of the field's schema, with "[" in
 * front for a list: how its value is written.
 */
static bool
read_field(struct arena *a, const struct json *field, struct tracker_field *out)
{
    struct json *schema = json_get(field, "schema");
    struct str type = json_text_of(schema, "type"),
               items = json_text_of(schema, "items"),
               custom = json_text_of(schema, "custom");
    bool many = str_is(type, "array");

    *out = (struct tracker_field){
        .id = json_text_of(field, "fieldId"),
        .label = json_text_of(field, "name"),
        .required = json_yes(json_get(field, "required"))
                    && !json_yes(json_get(field, "hasDefaultValue")),
        .options = allowed_values(a, field),
    };
    if (out->id.n == 0) {
        out->id = json_text_of(field, "key");
    }
    out->shape = many ? str_printf(a, "[%.*s", STR_FMT(items)) : type;
    if (out->options != NULL) {
        out->kind = many ? TRACKER_CHOICES : TRACKER_CHOICE;
        return true;
    }
    if (str_is(type, "number")) {
        out->kind = TRACKER_NUMBER;

    } else if (str_is(type, "date")) {
        out->kind = TRACKER_DATE;

    } else if (str_is(type, "user")) {
        out->kind = TRACKER_PERSON;

    } else if (str_is(type, "string")) {
        out->kind =
            str_ends(custom, STR(":textarea")) ? TRACKER_LINES : TRACKER_TEXT;
        if (out->kind == TRACKER_LINES) {
            out->shape = STR("text");
        }

    } else {
        /* lists of words can be typed; anything else only if it must be */
        out->kind = TRACKER_TEXT;
        return (many && str_is(items, "string")) || out->required;
    }
    return true;
}


static void
read_fields(const struct integration_call *call, struct str project,
            struct str type, struct tracker_form *out,
            struct integration_result *result)
{
    struct json *v =
        get(call,
            arena_printf(
                call->a, "/issue/createmeta/%s/issuetypes/%s?maxResults=%d",
                ask_part(call->a, project), ask_part(call->a, type), PAGE),
            result);

    json_each(field, list_of(v, "fields"))
    {
        struct str id = json_text_of(field, "fieldId");

        if (str_is(id, "labels")) {
            out->labels = true;
        }
        if (str_is(id, "priority")) {
            struct tracker_options *list = allowed_values(call->a, field);

            out->priorities = list != NULL ? *list : out->priorities;
        }
        if (!is_usual(id) && out->nfields < TRACKER_FIELDS_MAX
            && read_field(call->a, field, &out->fields[out->nfields])) {
            out->nfields++;
        }
    }
}


static bool
has_option(const struct tracker_options *list, struct str id)
{
    for (size_t i = 0; i < list->n; i++) {
        if (str_eq(list->v[i].id, id)) {
            return true;
        }
    }
    return false;
}


static void
form(const struct integration_call *call, struct str project, struct str type,
     struct tracker_form *out, struct integration_result *result)
{
    read_projects(call, &out->projects, result);
    if (result->result != OUTBOX_OK || project.n == 0) {
        return;
    }
    read_types(call, project, &out->types, result);
    if (result->result == OUTBOX_OK && has_option(&out->types, type)) {
        read_fields(call, project, type, out, result);
    }
}


static void
people(const struct integration_call *call, struct str project, struct str text,
       struct tracker_options *out, struct integration_result *result)
{
    struct json *v =
        get(call,
            arena_printf(call->a, "/user/assignable/search?project=%s&%s=%s",
                         ask_part(call->a, project),
                         is_cloud(call) ? "query" : "username",
                         ask_part(call->a, text)),
            result);

    json_each(p, v)
    {
        tracker_option_add(out, json_text_of(p, person_key(call)),
                           json_text_of(p, "displayName"));
    }
}


/* ---- tickets */

static struct str
browse_url(const struct integration_call *call, struct str key)
{
    return ask_url(call, "/browse/%s", ask_part(call->a, key));
}


static void
read_ticket(const struct integration_call *call, const struct json *v,
            struct ticket *out)
{
    struct json *f = json_get(v, "fields"), *who = json_get(f, "assignee");
    struct str done = integration_value(call->i, "resolved_status");

    *out = (struct ticket){
        .key = json_text_of(v, "key"),
        .title = json_text_of(f, "summary"),
        .status = json_text(json_path(f, "status", "name", NULL)),
        .done = str_is(
            json_text(json_path(f, "status", "statusCategory", "key", NULL)),
            "done"),
        .assignee = json_text_of(who, "displayName"),
        .assignee_id = json_text_of(who, person_key(call)),
        .assignee_mail = json_text_of(who, "emailAddress"),
    };
    out->done = out->done || (done.n > 0 && str_ieq(out->status, done));
    out->url = browse_url(call, out->key);
    out->data = json_new(call->a, JSON_T_OBJECT);
    make_some(call->a, out->data, "project",
              json_text(json_path(f, "project", "key", NULL)));
    make_some(call->a, out->data, "type",
              json_text(json_path(f, "issuetype", "name", NULL)));
}


static void
find(const struct integration_call *call, struct str key, struct ticket *out,
     struct integration_result *result)
{
    struct json *v = get(call,
                         arena_printf(call->a,
                                      "/issue/%s?fields=summary,status,"
                                      "assignee,project,issuetype",
                                      ask_part(call->a, key)),
                         result);

    if (result->result == OUTBOX_OK) {
        read_ticket(call, v, out);
        if (out->key.n == 0) {
            tracker_unread(result);
        }
    }
}


/* A quotation of JQL. */
static struct str
quoted(struct arena *a, struct str s)
{
    struct buf b = buf_in(a);

    buf_char(&b, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\') {
            buf_char(&b, '\\');
        }
        buf_char(&b, (unsigned char) s.p[i] < ' ' ? ' ' : s.p[i]);
    }
    buf_char(&b, '"');
    return buf_view(&b);
}


/* "SHOP-5" */
static bool
is_key(struct str s)
{
    ptrdiff_t dash = str_rchr(s, '-');
    int64_t n;

    return dash > 0 && str_i64(str_sub(s, (size_t) dash + 1, s.n), &n) && n > 0
           && str_chr(s, ' ') == -1;
}


static void
search(const struct integration_call *call, struct str text,
       struct tracker_options *out, struct integration_result *result)
{
    struct arena *a = call->a;
    struct json *body = json_new(a, JSON_T_OBJECT), *names, *v;
    struct str jql = is_key(text)
                         ? str_printf(a, "key = %.*s", STR_FMT(quoted(a, text)))
                         : str_printf(a, "text ~ %.*s ORDER BY updated DESC",
                                      STR_FMT(quoted(a, text)));

    make_str(a, body, "jql", jql);
    make_i64(a, body, "maxResults", 20);
    names = make_array(a, body, "fields");
    make_text(a, names, NULL, "summary");
    make_text(a, names, NULL, "status");
    v = ask(call, NULL, api(call, is_cloud(call) ? "/search/jql" : "/search"),
            body, result);
    json_each(i, json_get(v, "issues"))
    {
        struct ticket t;

        read_ticket(call, i, &t);
        tracker_option_add(out, t.key,
                           str_printf(a, "%.*s %.*s (%.*s)", STR_FMT(t.key),
                                      STR_FMT(t.title), STR_FMT(t.status)));
    }
}


/* ---- creating */

/* One value in the shape of its field. */
static struct json *
shaped(const struct integration_call *call, struct str shape, struct str value)
{
    struct arena *a = call->a;
    struct json *v;
    double number;

    if (str_is(shape, "number")) {
        return str_double(value, &number) ? json_new_double(a, number) : NULL;
    }
    if (str_is(shape, "text")) {
        return is_cloud(call) ? markup_adf(a, value) : json_new_str(a, value);
    }
    if (str_is(shape, "string") || str_is(shape, "date")
        || str_is(shape, "datetime") || str_is(shape, "any")) {
        return json_new_str(a, value);
    }
    v = json_new(a, JSON_T_OBJECT);
    if (str_is(shape, "user")) {
        make_str(a, v, person_key(call), value);

    } else if (str_is(shape, "issuelink")) {
        make_str(a, v, "key", value);

    } else {
        /* option, priority, version, component, securitylevel, … */
        make_str(a, v, "id", value);
    }
    return v;
}


static void
put_field(const struct integration_call *call, struct json *in, struct str id,
          struct str shape, struct str value)
{
    struct json *list, *v;
    struct str part;

    if (!str_starts(shape, STR("["))) {
        v = shaped(call, shape, value);
        if (v != NULL) {
            json_set(in, id, v);
        }
        return;
    }
    list = json_new(call->a, JSON_T_ARRAY);
    while (str_split(&value, ',', &part)) {
        part = str_trim(part);
        v = part.n > 0 ? shaped(call, str_sub(shape, 1, shape.n), part) : NULL;
        if (v != NULL) {
            json_append(list, v);
        }
    }
    json_set(in, id, list);
}


/* Only fields that the form of this project and type knows are sent. */
static void
put_fields(const struct integration_call *call, struct json *in,
           const struct tracker_draft *draft, const struct tracker_form *f)
{
    for (size_t i = 0; i < f->nfields; i++) {
        struct str value =
            json_text(json_get_str(draft->fields, f->fields[i].id));

        if (value.n > 0) {
            put_field(call, in, f->fields[i].id, f->fields[i].shape, value);
        }
    }
}


/* By number, or by name as it is typed into a rule. */
static struct str
type_id(const struct tracker_options *types, struct str type)
{
    for (size_t i = 0; i < types->n; i++) {
        if (str_eq(types->v[i].id, type) || str_ieq(types->v[i].label, type)) {
            return types->v[i].id;
        }
    }
    return STR("");
}


static struct json *
fields_of(const struct integration_call *call,
          const struct tracker_draft *draft, struct str type,
          const struct tracker_form *f)
{
    struct arena *a = call->a;
    struct json *body = json_new(a, JSON_T_OBJECT);
    struct json *in = make_object(a, body, "fields");

    make_str(a, make_object(a, in, "project"), "key", draft->project);
    make_str(a, make_object(a, in, "issuetype"), "id", type);
    make_str(a, in, "summary", words_line(a, draft->title, SUMMARY_MAX));
    put_markup(call, in, "description", draft->text);
    if (f->labels && draft->labels.n > 0) {
        tracker_words(a, make_array(a, in, "labels"), draft->labels);
    }
    if (draft->priority.n > 0 && has_option(&f->priorities, draft->priority)) {
        make_str(a, make_object(a, in, "priority"), "id", draft->priority);
    }
    if (draft->assignee.n > 0) {
        make_str(a, make_object(a, in, "assignee"), person_key(call),
                 draft->assignee);
    }
    put_fields(call, in, draft, f);
    return body;
}


static void
create(const struct integration_call *call, const struct tracker_draft *draft,
       struct ticket *out, struct integration_result *result)
{
    struct tracker_form *f = arena_new_of(call->a, struct tracker_form);
    struct integration_result again;
    struct str type, key;
    struct json *v;

    if (draft->project.n == 0) {
        integration_refuse(result, STR("Which project is not said."));
        return;
    }
    read_types(call, draft->project, &f->types, result);
    if (result->result != OUTBOX_OK) {
        return;
    }
    type = type_id(&f->types, draft->type);
    if (type.n == 0) {
        integration_refuse(result,
                           STR("The project has no such type of ticket."));
        return;
    }
    read_fields(call, draft->project, type, f, result);
    if (result->result != OUTBOX_OK) {
        return;
    }
    v = ask(call, NULL, api(call, "/issue"), fields_of(call, draft, type, f),
            result);
    key = json_text_of(v, "key");
    if (result->result != OUTBOX_OK) {
        return;
    }
    if (key.n == 0) {
        tracker_unread(result);
        return;
    }
    /* it is there now: not to see it again is no failure */
    find(call, key, out, &again);
    if (again.result != OUTBOX_OK) {
        *out = (struct ticket){ .key = key,
                                .title = draft->title,
                                .url = browse_url(call, key) };
    }
}


/* ---- changing */

static bool
leads_to(const struct json *transition, struct str wanted, bool done)
{
    struct json *to = json_get(transition, "to");
    bool is_done =
        str_is(json_text(json_path(to, "statusCategory", "key", NULL)), "done");

    return wanted.n > 0 ? str_ieq(json_text_of(to, "name"), wanted)
                        : is_done == done;
}


static void
move(const struct integration_call *call, const struct ticket *ticket,
     bool done, struct integration_result *result)
{
    struct str wanted = integration_value(call->i, done ? "resolved_status"
                                                        : "reopened_status");
    struct arena *a = call->a;
    const char *path =
        arena_printf(a, "/issue/%s/transitions", ask_part(a, ticket->key));
    struct json *v = get(call, path, result), *body;

    if (result->result != OUTBOX_OK) {
        return;
    }
    json_each(t, json_get(v, "transitions"))
    {
        if (leads_to(t, wanted, done)) {
            body = json_new(a, JSON_T_OBJECT);
            make_str(a, make_object(a, body, "transition"), "id",
                     json_text_of(t, "id"));
            (void) ask(call, NULL, api(call, path), body, result);
            return;
        }
    }
    integration_refuse(
        result, wanted.n > 0
                    ? lang_fill(a,
                                N_("From its present status nothing leads to "
                                   "\"{0}\"."),
                                FILL(wanted))
                    : STR("From its present status nothing leads there."));
}


static void
assign(const struct integration_call *call, const struct ticket *ticket,
       struct str id, struct integration_result *result)
{
    struct json *body = json_new(call->a, JSON_T_OBJECT);

    make_put(body, person_key(call),
             id.n > 0 ? json_new_str(call->a, id)
                      : json_new(call->a, JSON_T_NULL));
    (void) ask(call, "PUT",
               api(call, arena_printf(call->a, "/issue/%s/assignee",
                                      ask_part(call->a, ticket->key))),
               body, result);
}


static void
comment(const struct integration_call *call, const struct ticket *ticket,
        struct str text, struct str *id, struct integration_result *result)
{
    struct json *body = json_new(call->a, JSON_T_OBJECT), *v;

    put_markup(call, body, "body", text);
    v = ask(call, NULL,
            api(call, arena_printf(call->a, "/issue/%s/comment",
                                   ask_part(call->a, ticket->key))),
            body, result);
    *id = json_text_of(v, "id");
}


/* globalId: the same once more changes it. */
static void
remember(const struct integration_call *call, const struct ticket *ticket,
         const struct issue *is, struct str url,
         struct integration_result *result)
{
    struct arena *a = call->a;
    struct json *body = json_new(a, JSON_T_OBJECT), *object;

    make_str(a, body, "globalId",
             str_printf(a, "system=vedette&id=%lld", (long long) is->id));
    make_text(a, make_object(a, body, "application"), "name", "Vedette");
    object = make_object(a, body, "object");
    make_str(a, object, "url", url);
    make_str(a, object, "title", is->short_id);
    make_str(a, object, "summary", words_line(a, is->title, SUMMARY_MAX));
    (void) ask(call, NULL,
               api(call, arena_printf(a, "/issue/%s/remotelink",
                                      ask_part(a, ticket->key))),
               body, result);
}


/* ---- what comes in */

static bool
genuine(const struct integration_call *call, const struct tracker_hook *hook)
{
    return tracker_signed(call, hook, "X-Hub-Signature", "sha256=");
}


static bool
read(const struct integration_call *call, const struct tracker_hook *hook,
     struct tracker_event *out)
{
    struct str event = json_text_of(hook->json, "webhookEvent");
    struct json *c = json_get(hook->json, "comment"),
                *text = json_get(c, "body");

    out->key = json_text(json_path(hook->json, "issue", "key", NULL));
    out->removed = str_is(event, "jira:issue_deleted");
    if (str_is(event, "comment_created")) {
        out->comment_id = json_text_of(c, "id");
        out->author = json_text(json_path(c, "author", "displayName", NULL));
        out->comment = json_is(text, JSON_T_OBJECT)
                           ? markup_of_adf(call->a, text)
                           : json_text(text);
    }
    json_each(item, json_path(hook->json, "changelog", "items", NULL))
    {
        struct str field = json_text_of(item, "field");

        out->changed = out->changed || str_is(field, "status")
                       || str_is(field, "assignee");
    }
    return out->removed || out->changed || out->comment_id.n > 0;
}


static const struct tracker tracker = {
    .hook_help = "In Jira, System, WebHooks: create one with this address and "
                 "secret, for the events issue updated, issue deleted and "
                 "comment created.",
    .form = form,
    .people = people,
    .search = search,
    .create = create,
    .find = find,
    .move = move,
    .assign = assign,
    .comment = comment,
    .remember = remember,
    .genuine = genuine,
    .read = read,
};


const struct integration_type service_jira = {
    .type = "jira",
    .label = "Jira",
    .icon = "ticket",
    .does = "Create and sync tickets, both directions",
    .can = CAN_TICKET,
    .fields = fields,
    .target = target,
    .check = check,
    .send = sync_alert,
    .tracker = &tracker,
};
