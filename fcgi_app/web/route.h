/*
 * web/route.h - from a request to a page, through the wall.
 *
 * A row says everything that is decided before a page is called: who may
 * (scope), through which parents the path leads, which template shows it.  A
 * server whose table has a row without a scope, or with one that is unknown,
 * refuses to start.
 *
 * Pattern: segments between slashes, ":name" stands for any one of them; a
 * literal segment wins over a name.  ":org", ":project" and ":issue" are found
 * in that order, each through the one before it, and what a person may not see
 * is answered like what does not exist.  A scope that ends in SCOPE_SUDO wants
 * a fresh sign-in besides (web/sudo.h).
 */

#ifndef VEDETTE_WEB_ROUTE_H
#define VEDETTE_WEB_ROUTE_H

#include "web/http.h"

struct route {
    enum method method;
    const char *pattern;
    const char *scope;
    enum status (*page)(struct request *rq, struct response *rs);
    const char *template; /* NULL: the page never renders */
    const char *nav;      /* what is current in the navigation; may be NULL */
};

/* What the scope of a row stands for. */
struct scope {
    const char *name;
    bool login;
    enum role role;    /* the least, in the organisation of the path */
    const char *words; /* what it lets one do; NULL: not by a role */
};

/* Of feeds, and of nothing else: what its token's address is passed on for. */
#define SCOPE_FEED "feed:read"

/* Behind the scope of a row. */
#define SCOPE_SUDO " + sudo"

extern const struct scope scopes[];
extern const size_t scopes_count;

/* For system administrators, whatever their role is. */
bool scope_system(const struct scope *scope);

struct routes {
    const struct route *v;
    size_t n;
};

/* ST_INVALID after a message for each wrong row; templates are read before. */
enum status routes_check(const struct routes *routes) MUST_CHECK;

/*
 * Finds the row and sets rq->route and rq->params.  ST_NOT_FOUND: no pattern
 * fits.  *allow: the methods that the path knows, "GET, HEAD"; with
 * ST_INVALID: this one is not among them (405).  *slash: true when the path
 * would fit with a slash at its end.
 */
enum status route_find(const struct routes *routes, struct request *rq,
                       struct str *allow, bool *slash) MUST_CHECK;

/*
 * Finds org, project, … of the path and checks the scope.  ST_NOT_FOUND,
 * ST_DENIED (known to this account, but its role is too low: rq->need names the
 * lowest role that would do).  rq->account is set before, but for "public".
 */
enum status route_enter(struct request *rq) MUST_CHECK;

/* Whether the row's scope ends in SCOPE_SUDO. */
bool route_wants_sudo(const struct route *route);

/* True when the account's role in rq->org grants the scope: to show a button.
 */
bool request_may(const struct request *rq, const char *scope);

/* ST_DENIED, and the error page says which role has the scope. */
enum status request_denied(struct request *rq, const char *scope) MUST_CHECK;

#endif
