#include "web/route.h"

#include "model/account.h"
#include "model/issue.h"
#include "model/member.h"
#include "model/organization.h"
#include "model/project.h"
#include "model/sso.h"
#include "model/team.h"
#include "util/lang.h"
#include "util/log.h"
#include "util/timeutil.h"
#include "web/form.h"
#include "web/login.h"
#include "web/render.h"

#define SEGMENTS_MAX 12

/*
 * What a scope asks for.  The higher role may what a lower one may.  The words
 * are for people (page/settings_roles.c), in the order of that page.
 */
const struct scope scopes[] = {
    { "public", false, ROLE_NONE, NULL },
    { "signed", false, ROLE_NONE, NULL }, /* by a program; no form */
    { "login", true, ROLE_NONE, NULL },
    { "org:read", true, ROLE_VIEWER,
      N_("See the projects and what they count") },
    { "project:read", true, ROLE_VIEWER,
      N_("See a project, its keys and set-up") },
    { "event:read", true, ROLE_VIEWER, N_("See issues and events") },
    { SCOPE_FEED, true, ROLE_VIEWER, N_("Read issues as a feed") },
    { "member:read", true, ROLE_VIEWER, N_("See who belongs to it") },
    { "team:read", true, ROLE_VIEWER, N_("See the teams, ask to join one") },
    { "event:write", true, ROLE_MEMBER,
      N_("Resolve, archive, assign, comment") },
    { "alerts:read", true, ROLE_VIEWER,
      N_("See alerts and what they have sent") },
    { "alerts:write", true, ROLE_MEMBER,
      N_("Change, silence and test alerts") },
    { "event:admin", true, ROLE_MEMBER, N_("Merge and delete issues") },
    { "project:write", true, ROLE_ADMIN,
      N_("Create projects, change their settings and keys") },
    { "project:admin", true, ROLE_ADMIN, N_("Delete projects") },
    { "team:admin", true, ROLE_ADMIN,
      N_("Change teams, their members and projects") },
    { "team:write", true, ROLE_MANAGER, N_("Create teams") },
    { "member:write", true, ROLE_MANAGER,
      N_("Invite, change roles up to the own one, remove") },
    { "org:write", true, ROLE_MANAGER,
      N_("Change the organisation, read the audit log") },
    { "org:admin", true, ROLE_OWNER,
      N_("Set up single sign-on, reset second factors") },
    /* by no role: of system administrators, see scope_system */
    { "system:read", true, ROLE_NONE,
      N_("See the state of the whole installation") },
    { "system:write", true, ROLE_NONE, NULL },
};
const size_t scopes_count = sizeof(scopes) / sizeof(scopes[0]);


bool
scope_system(const struct scope *scope)
{
    return str_starts(str_of(scope->name), STR("system:"));
}


bool
route_wants_sudo(const struct route *route)
{
    return str_ends(str_of(route->scope), STR(SCOPE_SUDO));
}


static const struct scope *
find_scope(const char *name)
{
    struct str s = str_of(name != NULL ? name : "");

    if (str_ends(s, STR(SCOPE_SUDO))) {
        s.n -= strlen(SCOPE_SUDO);
    }
    for (size_t i = 0; i < scopes_count; i++) {
        if (str_is(s, scopes[i].name)) {
            return &scopes[i];
        }
    }
    return NULL;
}


/* The parents of a path, in their order: each is looked for in the one before.
 */

/*
 * A password, or what leads to one.  A link of "vedette account link" is none:
 * it is the way in when the provider is away.
 */
static bool
by_password(const struct login *login)
{
    return str_is(login->via, "password") || str_is(login->via, "forgotten")
           || str_is(login->via, "invitation");
}


/*
 * What the organisation asks of those who come in (page/settings_security.c).
 * The reason is a word for templates/error.cs.
 */
static void
ask_guard(struct request *rq)
{
    const struct organization *org = rq->org;
    bool browser = rq->login != NULL;

    if (!org->address_ok) {
        rq->refused = "address";

    } else if (org->require_second && str_null(rq->account->totp)) {
        rq->refused = "second";

    } else if (browser && !org->local_passwords && by_password(rq->login)
               && rq->role != ROLE_OWNER) {
        rq->refused = "password";

    } else if (browser && login_confined(rq->login) != 0
               && login_confined(rq->login) != org->id) {
        rq->refused = "sso";

    } else if (browser && org->session_hours > 0
               && rq->now / US_PER_SECOND - rq->login->created
                      > org->session_hours * 3600) {
        rq->refused = "old";
        rq->sign_in_again = true;
    }
}


/* The request's address with another value for a name in its pattern. */
static struct str
path_with(struct request *rq, const char *name, struct str value)
{
    struct str path = str_sub(rq->path, 1, rq->path.n), part, word;
    struct str pattern = str_of(rq->route->pattern + 1);
    struct buf b = buf_in(rq->a);

    while (str_split(&path, '/', &part)) {
        bool named = str_split(&pattern, '/', &word) && word.n > 0
                     && word.p[0] == ':'
                     && str_is(str_sub(word, 1, word.n), name);

        buf_char(&b, '/');
        buf_str(&b, named ? url_encode(rq->a, value) : part);
    }
    if (rq->query.n > 0) {
        buf_char(&b, '?');
        buf_str(&b, rq->query);
    }
    return buf_view(&b);
}


static enum status
enter_org(struct request *rq, struct str slug)
{
    struct organization *org = arena_new_of(rq->a, struct organization);
    enum role role;
    struct str now;
    enum status st;

    st = organization_enter(rq->db, rq->a, slug, rq->account->id,
                            rq->account->is_superuser, rq->addr, org, &role,
                            &rq->access);
    if (st == ST_OK) {
        rq->org = org;
        rq->role = role;
        ask_guard(rq);

    } else if (st == ST_NOT_FOUND
               && organization_moved(rq->db, rq->a, slug, rq->account->id,
                                     rq->account->is_superuser, &now)
                      == ST_OK) {
        rq->moved = path_with(rq, "org", now);
    }
    return st;
}


/*
 * The one place where access to a project is decided; false is answered like a
 * project that is not there.  Who leads a team of it is an admin inside.
 */
static bool
into_project(struct request *rq, int64_t project)
{
    if (!access_sees(&rq->access, project)) {
        return false;
    }
    rq->role = access_role(&rq->access, rq->role, project);
    return true;
}


static enum status
enter_project(struct request *rq, struct str slug)
{
    struct project *project = arena_new_of(rq->a, struct project);
    enum status st;

    st = project_by_slug(rq->db, rq->a, rq->org->id, slug, project);
    if (st == ST_OK && into_project(rq, project->id)) {
        rq->project = project;
        return ST_OK;
    }
    if (st == ST_NOT_FOUND
        && project_by_old_slug(rq->db, rq->a, rq->org->id, slug, project)
               == ST_OK
        && access_sees(&rq->access, project->id)) {
        rq->moved = path_with(rq, "project", project->slug);
    }
    return st == ST_OK ? ST_NOT_FOUND : st;
}


/* No such issue: its project has another name now, or it is gone. */
static void
look_back(struct request *rq, struct str ref)
{
    struct project project;
    struct str slug;
    int64_t number, id;
    bool deleted;

    if (issue_short_id_parse(rq->a, ref, &slug, &number) != ST_OK) {
        return;
    }
    if (project_had_issue(rq->db, rq->a, rq->org->id, slug, number,
                          issue_short_id(rq->a, slug, number), &id, &deleted)
        == ST_OK) {
        rq->gone = !access_sees(&rq->access, id) ? NULL
                   : deleted                     ? "deleted"
                                                 : "issue";

    } else if (project_by_old_slug(rq->db, rq->a, rq->org->id, slug, &project)
                   == ST_OK
               && access_sees(&rq->access, project.id)) {
        rq->moved =
            path_with(rq, "issue",
                      str_printf(rq->a, "%.*s-%lld",
                                 STR_FMT(str_upper(rq->a, project.slug)),
                                 (long long) number));
    }
}


static enum status
enter_issue(struct request *rq, struct str ref)
{
    struct issue *issue = arena_new_of(rq->a, struct issue);
    enum status st;

    st = issue_find(rq->db, rq->a, rq->org->id, ref, issue);
    if (st == ST_OK
        && (rq->project == NULL || rq->project->id == issue->project_id)
        && into_project(rq, issue->project_id)) {
        rq->issue = issue;
        return ST_OK;
    }
    if (st == ST_NOT_FOUND) {
        look_back(rq, ref);
    }
    return st == ST_OK ? ST_NOT_FOUND : st;
}


static enum status
enter_team(struct request *rq, struct str slug)
{
    struct team *team = arena_new_of(rq->a, struct team);
    enum status st;

    st = team_by_slug(rq->db, rq->a, rq->org->id, rq->account->id, slug, team);
    if (st == ST_OK) {
        rq->team = team;
        rq->role = team_role(team, rq->role, rq->org->open);
    }
    return st;
}


static const struct {
    const char *name;
    enum status (*enter)(struct request *rq, struct str value);
} parents[] = {
    { "org", enter_org },
    { "project", enter_project },
    { "issue", enter_issue },
    { "team", enter_team },
};


/*
 * Other names in patterns, each with the parent that its page looks it up in:
 * a pattern that has the one and not the other is refused.
 */
static const struct {
    const char *name;
    const char *parent; /* NULL: none, it is a secret, or a word of ours */
} leaves[] = {
    { "apitoken", NULL },    { "attachment", "project" },
    { "comment", "issue" },  { "event", "issue" },
    { "feedback", "org" },   { "integration", "org" },
    { "invitation", "org" }, { "job", "org" },
    { "key", "project" },    { "member", "org" },
    { "question", "org" },   { "rule", "org" },
    { "search", "org" },     { "ticket", "issue" },
    { "provider", NULL },    { "slug", NULL },
    { "token", NULL },       { "transfer", "org" },
    { "type", NULL },        { "undo", "org" },
    { "version", "org" },    { "letter", NULL },
};


/* The table */

static bool
has_segment(const char *pattern, const char *name)
{
    struct str rest = str_of(pattern), part;

    while (str_split(&rest, '/', &part)) {
        if (part.n > 0 && part.p[0] == ':'
            && str_is(str_sub(part, 1, part.n), name)) {
            return true;
        }
    }
    return false;
}


/* The null str when it is a name. */
static struct str
first_segment(const char *pattern)
{
    struct str rest = str_of(pattern + 1), part = STR_NULL;

    return str_split(&rest, '/', &part) && part.n > 0 && part.p[0] != ':'
               ? part
               : STR_NULL;
}


static bool
known(const char *pattern, struct str name)
{
    for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
        if (str_is(name, parents[i].name)) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
        if (str_is(name, leaves[i].name)) {
            return leaves[i].parent == NULL
                   || has_segment(pattern, leaves[i].parent);
        }
    }
    return false;
}


/* Each name is a parent, or stands in leaves and below its own. */
static bool
all_known(const char *pattern)
{
    struct str rest = str_of(pattern), part;

    while (str_split(&rest, '/', &part)) {
        if (part.n > 0 && part.p[0] == ':'
            && !known(pattern, str_sub(part, 1, part.n))) {
            return false;
        }
    }
    return true;
}


enum status
routes_check(const struct routes *routes)
{
    enum status st = ST_OK;

    for (size_t i = 0; i < routes->n; i++) {
        const struct route *r = &routes->v[i];
        const struct scope *scope = find_scope(r->scope);

        if (scope == NULL) {
            log_error("route %s: %s is no scope", r->pattern,
                      r->scope != NULL ? r->scope : "(none)");
            st = ST_INVALID;
            continue;
        }
        if (r->pattern[0] != '/' || r->page == NULL || r->method == METHOD_OTHER
            || (r->template != NULL && !render_knows(r->template))) {
            log_error("route %s: it needs a method, a page and a template",
                      r->pattern);
            st = ST_INVALID;
        }
        if (slug_valid(first_segment(r->pattern))) {
            log_error("route %s: an organisation could have this name, see "
                      "model/organization.c",
                      r->pattern);
            st = ST_INVALID;
        }
        if ((scope->role != ROLE_NONE) != has_segment(r->pattern, "org")) {
            log_error("route %s: scope %s and \":org\" go together", r->pattern,
                      r->scope);
            st = ST_INVALID;
        }
        if ((has_segment(r->pattern, "project")
             || has_segment(r->pattern, "issue")
             || has_segment(r->pattern, "team"))
            && !has_segment(r->pattern, "org")) {
            log_error("route %s: \":org\" is missing", r->pattern);
            st = ST_INVALID;
        }
        if (!all_known(r->pattern)) {
            log_error("route %s: a name in it has no parent, see leaves in "
                      "web/route.c",
                      r->pattern);
            st = ST_INVALID;
        }
    }
    return st;
}


/* Splits "/a/b/" into a, b; false when there are too many. */
static bool
segments(struct str path, struct str *out, size_t *n)
{
    struct str rest = str_sub(path, 1, path.n), part;

    *n = 0;
    while (str_split(&rest, '/', &part)) {
        if (*n == SEGMENTS_MAX) {
            return false;
        }
        out[(*n)++] = part;
    }
    if (*n > 0 && out[*n - 1].n == 0) {
        (*n)--; /* behind the last slash */
    }
    return true;
}


/*
 * Does the pattern fit?  *literals: of its segments those that are no name, as
 * bits from the left, so that the larger number is the better fit.
 */
static bool
fits(const char *pattern, const struct str *path, size_t n, unsigned *literals)
{
    struct str want[SEGMENTS_MAX];
    size_t nwant;

    if (!segments(str_of(pattern), want, &nwant) || nwant != n) {
        return false;
    }
    *literals = 0;
    for (size_t i = 0; i < n; i++) {
        *literals <<= 1;
        if (want[i].p[0] == ':') {
            if (path[i].n == 0) {
                return false;
            }
        } else if (str_eq(want[i], path[i])) {
            *literals |= 1;
        } else {
            return false;
        }
    }
    return true;
}


/* Decodes the named segments into rq->params. */
static enum status
take_params(struct request *rq, const char *pattern, const struct str *path,
            size_t n)
{
    struct str want[SEGMENTS_MAX], value;

    if (!segments(str_of(pattern), want, &n)) {
        return ST_NOT_FOUND;
    }
    rq->nparams = 0;
    for (size_t i = 0; i < n && rq->nparams < PARAMS_MAX; i++) {
        if (want[i].p[0] != ':') {
            continue;
        }
        if (url_decode(rq->a, path[i], &value) != ST_OK) {
            return ST_NOT_FOUND;
        }
        rq->params[rq->nparams].name = str_sub(want[i], 1, want[i].n);
        rq->params[rq->nparams].value = value;
        rq->nparams++;
    }
    return ST_OK;
}


enum status
route_find(const struct routes *routes, struct request *rq, struct str *allow,
           bool *slash)
{
    struct str path[SEGMENTS_MAX];
    const struct route *best = NULL;
    unsigned literals, most = 0;
    bool get = false, post = false, ends;
    size_t n;

    *slash = false;
    if (rq->path.n == 0 || rq->path.p[0] != '/'
        || !segments(rq->path, path, &n)) {
        return ST_NOT_FOUND;
    }
    ends = str_ends(rq->path, STR("/"));

    for (size_t i = 0; i < routes->n; i++) {
        const struct route *r = &routes->v[i];

        if (!fits(r->pattern, path, n, &literals)) {
            continue;
        }
        if (best == NULL || literals > most) {
            /* a better pattern: methods of the others do not count */
            most = literals;
            get = post = false;
            best = r;
        } else if (literals < most) {
            continue;
        }
        get |= r->method == METHOD_GET;
        post |= r->method == METHOD_POST;
        if (r->method == rq->method) {
            best = r;
        }
    }
    if (best == NULL) {
        return ST_NOT_FOUND;
    }
    if (!ends && str_ends(str_of(best->pattern), STR("/"))) {
        *slash = true;
        return ST_NOT_FOUND;
    }
    if (ends && !str_ends(str_of(best->pattern), STR("/"))) {
        return ST_NOT_FOUND;
    }
    *allow = get && post ? STR("GET, HEAD, POST")
             : get       ? STR("GET, HEAD")
                         : STR("POST");
    if (best->method != rq->method) {
        return ST_INVALID;
    }
    rq->route = best;
    return take_params(rq, best->pattern, path, n);
}


/* The wall */

/* A token may what is written on it; a browser's login all that the role may.
 */
static bool
token_grants(const struct request *rq, const struct scope *scope)
{
    struct str rest = rq->token_scopes, word;

    if (str_null(rq->token_scopes)) {
        return true;
    }
    while (str_split(&rest, ' ', &word)) {
        if (str_is(word, scope->name)) {
            return true;
        }
    }
    return false;
}


/*
 * A provider vouches for its own organisation.  Of somebody who belongs to
 * others, too, its word must not change the account: no token, no password,
 * nothing that would lead there.
 */
static enum status
ask_account(struct request *rq)
{
    enum status st;

    if (rq->method != METHOD_POST || rq->login == NULL
        || login_confined(rq->login) == 0
        || strncmp(rq->route->pattern, "/account/", 9) != 0) {
        return ST_OK;
    }
    st = sso_elsewhere(rq->db, rq->a, login_confined(rq->login),
                       rq->account->id);
    if (st == ST_OK) {
        rq->refused = "sso";
        return ST_DENIED;
    }
    return st == ST_NOT_FOUND ? ST_OK : st;
}


enum status
route_enter(struct request *rq)
{
    const struct scope *scope = find_scope(rq->route->scope);
    enum status st;

    if (scope == NULL) {
        return ST_FAILED; /* routes_check has made sure that it is known */
    }
    if (!scope->login) {
        return ST_OK;
    }
    if (rq->account == NULL) {
        return ST_DENIED;
    }
    st = ask_account(rq);
    if (st != ST_OK) {
        return st;
    }
    if (scope_system(scope) && !rq->account->is_superuser) {
        rq->refused = "system"; /* a word for templates/error.cs */
    }
    for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
        struct str value = request_param(rq, parents[i].name);

        if (str_null(value)) {
            continue;
        }
        st = parents[i].enter(rq, value);
        if (st != ST_OK) {
            return st;
        }
    }
    if (rq->refused != NULL || !token_grants(rq, scope)) {
        return ST_DENIED;
    }
    if (rq->role < scope->role) {
        rq->need = role_name(scope->role);
        return ST_DENIED;
    }
    return ST_OK;
}


bool
request_may(const struct request *rq, const char *name)
{
    const struct scope *scope = find_scope(name);

    return scope != NULL && rq->org != NULL && rq->role >= scope->role
           && token_grants(rq, scope);
}


enum status
request_denied(struct request *rq, const char *name)
{
    const struct scope *scope = find_scope(name);

    if (scope != NULL && rq->role < scope->role) {
        rq->need = role_name(scope->role);
    }
    return ST_DENIED;
}


struct id_set
request_sees(const struct request *rq)
{
    return (struct id_set){ .limited = !rq->access.all,
                            .ids = rq->access.projects,
                            .n = rq->access.n };
}


enum status
request_issues(struct request *rq, const int64_t *ids, size_t n)
{
    if (rq->access.all) {
        return ST_OK; /* the statements that follow ask for the organisation */
    }
    return issue_all_in(rq->db, rq->a, rq->org->id, ids, n, rq->access.projects,
                        rq->access.n);
}


/* Favourites stand first; otherwise the order stays. */
static void
put_stars_first(struct request *rq)
{
    struct project *sorted = arena_array(rq->a, rq->nprojects, sizeof(*sorted));
    size_t n = 0;

    for (size_t i = 0; i < rq->nprojects; i++) {
        rq->projects[i].starred =
            access_starred(&rq->access, rq->projects[i].id);
        if (rq->projects[i].starred) {
            sorted[n++] = rq->projects[i];
        }
    }
    for (size_t i = 0; i < rq->nprojects; i++) {
        if (!rq->projects[i].starred) {
            sorted[n++] = rq->projects[i];
        }
    }
    rq->projects = sorted;
}


enum status
request_projects(struct request *rq, struct project **out, size_t *n)
{
    enum status st = ST_OK;

    if (rq->projects == NULL) {
        st = project_list_kept(rq->db, rq->a, rq->org->id,
                               rq->org->projects_version, &rq->access,
                               &rq->projects, &rq->nprojects);
        if (st == ST_OK && rq->access.nstarred > 0) {
            put_stars_first(rq);
        }
    }
    *out = rq->projects;
    *n = rq->nprojects;
    return st;
}
