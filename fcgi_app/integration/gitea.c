/*
 * Gitea and Forgejo: issues of a repository.  A ticket is "acme/shop#7".  Its
 * labels are known by number, so those that the repository has are looked up,
 * and others are left out.
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
      .placeholder = "https://git.acme.example",
      .help = "A private address has to be permitted by outbound.allow." },
    { .name = "token",
      .label = "Access token",
      .kind = FIELD_SECRET,
      .required = true,
      .help = "With read and write of issues, read of repositories and the "
              "user." },
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

static struct json *
ask(const struct integration_call *call, const char *method, struct str url,
    const struct json *body, struct integration_result *result)
{
    struct post_request rq = { .method = method, .url = url };
    struct json *v;

    ask_token(call, &rq, "token", integration_value(call->i, "token"));
    v = tracker_ask(call, &rq, body, NULL, result);
    return result->result == OUTBOX_OK ? v : NULL;
}


static struct json *
get(const struct integration_call *call, struct str url,
    struct integration_result *result)
{
    return ask(call, NULL, url, NULL, result);
}


/* The null str, and result says so, when it is no repository. */
static struct str
repo_url(const struct integration_call *call, struct str repo, const char *rest,
         struct integration_result *result)
{
    ptrdiff_t slash = str_chr(repo, '/');

    if (slash <= 0) {
        integration_refuse(result, STR("A repository is called "
                                       "\"owner/name\", a ticket "
                                       "\"owner/name#7\"."));
        return STR_NULL;
    }
    return ask_url(call, "/api/v1/repos/%s/%s%s",
                   ask_part(call->a, str_sub(repo, 0, (size_t) slash)),
                   ask_part(call->a, str_sub(repo, (size_t) slash + 1, repo.n)),
                   rest);
}


static struct str
issue_url(const struct integration_call *call, struct str key, const char *rest,
          struct integration_result *result)
{
    struct str repo, number;

    if (!tracker_key(key, &repo, &number)) {
        repo = number = STR("");
    }
    return repo_url(
        call, repo,
        arena_printf(call->a, "/issues/%s%s", ask_part(call->a, number), rest),
        result);
}


static void
check(const struct integration_call *call, struct integration_result *out)
{
    (void) get(call, ask_url(call, "/api/v1/user"), out);
}


/* ---- the form */

static void
form(const struct integration_call *call, struct str project, struct str type,
     struct tracker_form *out, struct integration_result *result)
{
    struct json *v =
        get(call, ask_url(call, "/api/v1/user/repos?limit=50"), result);

    (void) project;
    (void) type;
    out->labels = true;
    json_each(repo, v)
    {
        tracker_option_add(&out->projects, json_text_of(repo, "full_name"),
                           STR(""));
    }
}


static void
people(const struct integration_call *call, struct str project, struct str text,
       struct tracker_options *out, struct integration_result *result)
{
    struct str url = repo_url(call, project, "/assignees", result);
    bool mail = str_chr(text, '@') > 0;

    if (str_null(url)) {
        return;
    }
    json_each(p, get(call, url, result))
    {
        struct str name = json_text_of(p, "full_name");

        if (!mail || str_ieq(json_text_of(p, "email"), text)) {
            tracker_option_match(out, json_text_of(p, "login"), name,
                                 mail ? STR("") : text);
        }
    }
}


/* ---- tickets */

static void
read_ticket(const struct integration_call *call, struct str repo,
            const struct json *v, struct ticket *out)
{
    struct arena *a = call->a;
    struct json *who = json_get(v, "assignee");
    struct str name = json_text_of(who, "full_name"),
               login = json_text_of(who, "login");

    *out = (struct ticket){
        .key = str_printf(a, "%.*s#%.*s", STR_FMT(repo),
                          STR_FMT(tracker_id(v, "number"))),
        .url = json_text_of(v, "html_url"),
        .title = json_text_of(v, "title"),
        .status = json_text_of(v, "state"),
        .done = str_is(json_text_of(v, "state"), "closed"),
        .assignee = name.n > 0 ? name : login,
        .assignee_id = login,
        .assignee_mail = json_text_of(who, "email"),
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
    if (json_get(v, "number") == NULL || !tracker_key(key, &repo, &number)) {
        tracker_unread(result);
        return;
    }
    read_ticket(call, repo, v, out);
}


static void
search(const struct integration_call *call, struct str text,
       struct tracker_options *out, struct integration_result *result)
{
    struct arena *a = call->a;
    struct str repo, number;
    struct ticket t;
    struct json *v;

    if (tracker_key(text, &repo, &number)) {
        find(call, text, &t, result);
        if (result->result == OUTBOX_OK) {
            tracker_option_add(out, t.key, t.title);
        }
        return;
    }
    v = get(call,
            ask_url(call,
                    "/api/v1/repos/issues/search?type=issues&state=all"
                    "&limit=20&q=%s",
                    ask_part(a, text)),
            result);
    json_each(i, v)
    {
        read_ticket(call,
                    json_text(json_path(i, "repository", "full_name", NULL)), i,
                    &t);
        tracker_option_add(out, t.key,
                           str_printf(a, "%.*s %.*s (%.*s)", STR_FMT(t.key),
                                      STR_FMT(t.title), STR_FMT(t.status)));
    }
}


/* Numbers of those words that are labels of the repository. */
static void
put_labels(const struct integration_call *call, struct json *in,
           const struct tracker_draft *draft, struct integration_result *result)
{
    struct json *list = make_array(call->a, in, "labels"), *known;
    struct str rest = draft->labels, part;
    int64_t id;

    if (draft->labels.n == 0) {
        return;
    }
    known =
        get(call, repo_url(call, draft->project, "/labels?limit=50", result),
            result);
    while (str_split(&rest, ',', &part)) {
        json_each(label, known)
        {
            if (str_ieq(json_text_of(label, "name"), str_trim(part))
                && json_i64(json_get(label, "id"), &id)) {
                json_append(list, json_new_i64(call->a, id));
            }
        }
    }
}


static void
create(const struct integration_call *call, const struct tracker_draft *draft,
       struct ticket *out, struct integration_result *result)
{
    struct arena *a = call->a;
    struct str url = repo_url(call, draft->project, "/issues", result);
    struct json *body = json_new(a, JSON_T_OBJECT), *v;

    if (str_null(url)) {
        return;
    }
    make_str(a, body, "title", draft->title);
    make_str(a, body, "body", draft->text);
    put_labels(call, body, draft, result);
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
    return tracker_signed(call, hook, "X-Gitea-Signature", "");
}


/* A change of the assignee is an event of its own, of the same shape. */
static bool
read(const struct integration_call *call, const struct tracker_hook *hook,
     struct tracker_event *out)
{
    struct str event = hook->header(hook->request, "X-Gitea-Event");

    return tracker_read_forge(
        call, hook, str_is(event, "issue_assign") ? STR("issues") : event, out);
}


static const struct tracker tracker = {
    .hook_help = "In the repository, Settings, Webhooks: add one of the type "
                 "Gitea with this address and secret, for the events issues, "
                 "issue assigned and issue comment.",
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


const struct integration_type service_gitea = {
    .type = "gitea",
    .label = "Gitea and Forgejo",
    .icon = "git",
    .does = "Create and sync issues, both directions",
    .can = CAN_TICKET,
    .fields = fields,
    .target = target,
    .check = check,
    .send = sync_alert,
    .tracker = &tracker,
};
