/*
 * GitHub, and GitHub Enterprise by its own address: issues of a repository.
 * A ticket is "acme/shop#7".  An account's mail address is seldom public, so a
 * person is also found by name.
 */

#include "integration/ask.h"
#include "json/make.h"
#include "integration/services.h"
#include "integration/sync.h"
#include "integration/tracker.h"
#include "util/timeutil.h"

static const struct integration_field fields[] = {
    { .name = "url",
      .label = "API address",
      .kind = FIELD_URL,
      .required = true,
      .initial = "https://api.github.com",
      .help = "Of a GitHub Enterprise Server: https://its.name/api/v3" },
    { .name = "token",
      .label = "Access token",
      .kind = FIELD_SECRET,
      .required = true,
      .help = "Fine-grained, with read and write of issues." },
    { .name = "project",
      .label = "Default repository",
      .kind = FIELD_TEXT,
      .placeholder = "acme/shop" },
    TRACKER_SYNC_FIELDS,
    { 0 },
};

static const struct integration_field target[] = {
    { .name = "project",
      .label = "Repository",
      .kind = FIELD_TEXT,
      .placeholder = "acme/shop",
      .help = "Empty: the connection's." },
    { 0 },
};


/* ---- asking */

/* Without requests left it says 403, and when there will be some again. */
static void
read_limit(const struct post_reply *reply, struct integration_result *result)
{
    int64_t reset;

    if ((result->code == 403 || result->code == 429)
        && str_is(post_header(reply, "X-RateLimit-Remaining"), "0")) {
        result->result = OUTBOX_RETRY;
        if (str_i64(post_header(reply, "X-RateLimit-Reset"), &reset)) {
            int64_t wait = reset * US_PER_SECOND - time_now();

            result->retry_after = wait > 0 ? wait : US_PER_SECOND;
        }
    }
}


static struct json *
ask(const struct integration_call *call, const char *method, struct str url,
    const struct json *body, struct integration_result *result)
{
    struct post_request rq = { .method = method, .url = url };
    struct post_reply reply;
    struct json *v;

    ask_token(call, &rq, "Bearer", integration_value(call->i, "token"));
    post_header_add(&rq, call->a, "X-GitHub-Api-Version", STR("2022-11-28"));
    v = tracker_ask(call, &rq, body, &reply, result);
    read_limit(&reply, result);
    return result->result == OUTBOX_OK ? v : NULL;
}


static struct json *
get(const struct integration_call *call, struct str url,
    struct integration_result *result)
{
    return ask(call, NULL, url, NULL, result);
}


/* "/repos/acme/shop" and what follows; the null str when it is no repository.
 */
static struct str
repo_url(const struct integration_call *call, struct str repo, const char *rest)
{
    ptrdiff_t slash = str_chr(repo, '/');

    if (slash <= 0) {
        return STR_NULL;
    }
    return ask_url(call, "/repos/%s/%s%s",
                   ask_part(call->a, str_sub(repo, 0, (size_t) slash)),
                   ask_part(call->a, str_sub(repo, (size_t) slash + 1, repo.n)),
                   rest);
}


/* The same of a ticket; result says so when its key is none. */
static struct str
issue_url(const struct integration_call *call, struct str key, const char *rest,
          struct integration_result *result)
{
    struct str repo, number, url = STR_NULL;

    if (tracker_key(key, &repo, &number)) {
        url = repo_url(call, repo,
                       arena_printf(call->a, "/issues/%s%s",
                                    ask_part(call->a, number), rest));
    }
    if (str_null(url)) {
        integration_refuse(result, STR("A ticket of GitHub is called "
                                       "\"owner/repository#7\"."));
    }
    return url;
}


static void
check(const struct integration_call *call, struct integration_result *out)
{
    (void) get(call, ask_url(call, "/user"), out);
}


/* ---- the form */

static void
form(const struct integration_call *call, struct str project, struct str type,
     struct tracker_form *out, struct integration_result *result)
{
    struct json *v = get(
        call, ask_url(call, "/user/repos?per_page=100&sort=pushed"), result);

    (void) project;
    (void) type;
    out->labels = true;
    json_each(repo, v)
    {
        if (json_yes(json_get(repo, "has_issues"))) {
            tracker_option_add(&out->projects, json_text_of(repo, "full_name"),
                               STR(""));
        }
    }
}


static void
people(const struct integration_call *call, struct str project, struct str text,
       struct tracker_options *out, struct integration_result *result)
{
    bool mail = str_chr(text, '@') > 0;
    struct str url =
        mail ? ask_url(call, "/search/users?q=%s+in%%3Aemail&per_page=5",
                       ask_part(call->a, text))
             : repo_url(call, project, "/assignees?per_page=100");
    struct json *v;

    if (str_null(url)) {
        integration_refuse(result, STR("Which repository is not said."));
        return;
    }
    v = get(call, url, result);
    json_each(p, mail ? json_get(v, "items") : v)
    {
        tracker_option_match(out, json_text_of(p, "login"), STR(""),
                             mail ? STR("") : text);
    }
}


/* ---- tickets */

static void
read_ticket(const struct integration_call *call, struct str repo,
            const struct json *v, struct ticket *out)
{
    struct arena *a = call->a;
    struct json *who = json_get(v, "assignee");

    *out = (struct ticket){
        .key = str_printf(a, "%.*s#%.*s", STR_FMT(repo),
                          STR_FMT(tracker_id(v, "number"))),
        .url = json_text_of(v, "html_url"),
        .title = json_text_of(v, "title"),
        .status = json_text_of(v, "state"),
        .done = str_is(json_text_of(v, "state"), "closed"),
        .assignee = json_text_of(who, "login"),
        .assignee_id = json_text_of(who, "login"),
        .data = json_new(a, JSON_T_OBJECT),
    };
    make_str(a, out->data, "project", repo);
}


static void
find(const struct integration_call *call, struct str key, struct ticket *out,
     struct integration_result *result)
{
    struct str url = issue_url(call, key, "", result), repo, number;
    struct json *v;

    if (str_null(url)) {
        return;
    }
    v = get(call, url, result);
    if (result->result != OUTBOX_OK) {
        return;
    }
    if (json_get(v, "number") == NULL) {
        tracker_unread(result);
        return;
    }
    (void) tracker_key(key, &repo, &number);
    read_ticket(call, repo, v, out);
}


/* "https://api.github.com/repos/acme/shop": its name. */
static struct str
repo_of(const struct json *v)
{
    struct str url = json_text_of(v, "repository_url");
    ptrdiff_t at = str_find(url, STR("/repos/"));

    return at == -1 ? STR("") : str_sub(url, (size_t) at + 7, url.n);
}


static void
search(const struct integration_call *call, struct str text,
       struct tracker_options *out, struct integration_result *result)
{
    struct arena *a = call->a;
    struct str repo = integration_value(call->i, "project"), number;
    struct ticket t;
    struct json *v;

    if (tracker_key(text, &repo, &number)) {
        find(call, text, &t, result);
        if (result->result == OUTBOX_OK) {
            tracker_option_add(out, t.key, t.title);
        }
        return;
    }
    v = get(
        call,
        ask_url(
            call, "/search/issues?per_page=20&q=%s",
            ask_part(a, str_printf(a, "%.*s is:issue%s%.*s", STR_FMT(text),
                                   repo.n > 0 ? " repo:" : "", STR_FMT(repo)))),
        result);
    json_each(i, json_get(v, "items"))
    {
        read_ticket(call, repo_of(i), i, &t);
        tracker_option_add(out, t.key,
                           str_printf(a, "%.*s %.*s (%.*s)", STR_FMT(t.key),
                                      STR_FMT(t.title), STR_FMT(t.status)));
    }
}


static void
create(const struct integration_call *call, const struct tracker_draft *draft,
       struct ticket *out, struct integration_result *result)
{
    struct arena *a = call->a;
    struct str url = repo_url(call, draft->project, "/issues");
    struct json *body = json_new(a, JSON_T_OBJECT), *v;

    if (str_null(url)) {
        integration_refuse(result, STR("Which repository is not said."));
        return;
    }
    make_str(a, body, "title", draft->title);
    make_str(a, body, "body", draft->text);
    tracker_words(a, make_array(a, body, "labels"), draft->labels);
    tracker_words(a, make_array(a, body, "assignees"), draft->assignee);
    v = ask(call, NULL, url, body, result);
    if (result->result != OUTBOX_OK) {
        return;
    }
    if (json_get(v, "number") == NULL) {
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
        (void) ask(call, "PATCH", url, body, result);
    }
}


static void
move(const struct integration_call *call, const struct ticket *ticket,
     bool done, struct integration_result *result)
{
    struct json *body = json_new(call->a, JSON_T_OBJECT);

    make_text(call->a, body, "state", done ? "closed" : "open");
    make_text(call->a, body, "state_reason", done ? "completed" : "reopened");
    change(call, ticket, body, result);
}


static void
assign(const struct integration_call *call, const struct ticket *ticket,
       struct str id, struct integration_result *result)
{
    struct json *body = json_new(call->a, JSON_T_OBJECT);

    tracker_words(call->a, make_array(call->a, body, "assignees"), id);
    change(call, ticket, body, result);
}


static void
comment(const struct integration_call *call, const struct ticket *ticket,
        struct str text, struct str *id, struct integration_result *result)
{
    struct str url = issue_url(call, ticket->key, "/comments", result);
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
    return tracker_signed(call, hook, "X-Hub-Signature-256", "sha256=");
}


static bool
read(const struct integration_call *call, const struct tracker_hook *hook,
     struct tracker_event *out)
{
    struct str event = hook->header(hook->request, "X-GitHub-Event");

    return tracker_read_forge(call, hook, event, out);
}


static const struct tracker tracker = {
    .hook_help = "In the repository, Settings, Webhooks: add one with this "
                 "address and secret, content type application/json, for the "
                 "events issues and issue comments.",
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
};


const struct integration_type service_github = {
    .type = "github",
    .label = "GitHub",
    .icon = "git",
    .does = "Create and sync issues, both directions",
    .can = CAN_TICKET,
    .fields = fields,
    .target = target,
    .check = check,
    .send = sync_alert,
    .tracker = &tracker,
};
