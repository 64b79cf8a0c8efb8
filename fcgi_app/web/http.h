/*
 * web/http.h - one request and its answer.
 *
 * A page is a function
 *
 *     enum status page_thing(struct request *rq, struct response *rs);
 *
 * and a row of page/routes.c.  When it is called, everything that its route
 * names is there: account for every scope but "public", org, project and issue
 * when the pattern has them, seen through their parents.  It fills rs->data and
 * returns ST_OK, and the row's template is rendered; or it redirects; or it
 * answers with raw bytes; or it returns another status, and an error page with
 * status_http(st) is sent.  GET changes nothing.
 */

#ifndef VEDETTE_WEB_HTTP_H
#define VEDETTE_WEB_HTTP_H

#include "model/access.h"
#include "model/audit.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/str.h"
#include "web/data.h"
#include "web/form.h"

struct account;
struct db;
struct id_set;
struct issue;
struct login;
struct organization;
struct project;
struct redis;
struct route;
struct team;

enum method { METHOD_GET, METHOD_POST, METHOD_OTHER };

#define PARAMS_MAX 8

/* Where a body goes that is written piece by piece. */
struct sink {
    bool (*put)(void *to, struct str bytes); /* false: the reader has gone */
    void *to;
};

struct request {
    struct arena *a;
    struct db *db;
    struct redis *redis;

    enum method method; /* HEAD is GET; see head */
    bool head;
    struct str path;    /* as sent, before "?" */
    struct str query;   /* as sent, after it */
    struct fields args; /* of the query */
    struct fields form; /* of a POST body */
    struct fields cookies;
    struct fields extra; /* of a POST: headers X-…, as CGI names them */
    struct str addr;     /* of the client */
    struct str agent;
    struct str authorization; /* Authorization */
    struct str host;          /* Host */
    struct str origin;        /* Origin */
    struct str fetch_site;    /* Sec-Fetch-Site */
    struct str referer;       /* Referer */
    struct str accept;        /* Accept */
    struct str languages;     /* Accept-Language */
    struct str known;         /* If-None-Match */
    struct str vouched;       /* by a trusted proxy: a mail address; or null */
    struct str body;          /* of a POST */
    struct str body_type;
    bool too_large;       /* the body was not read */
    struct str id;        /* for logs and error pages; X-Request-Id */
    bool https;           /* what people see: system.url-prefix */
    struct str own_error; /* the event of web/own_error.h */
    void (*after)(struct request *rq); /* runs once the answer is out; NULL */
    void (*stream)(struct request *rq, const struct sink *sink); /* or NULL */
    void *streamed;  /* the stream's own; see response_stream */
    int64_t now;     /* µs, the time of all that this page shows */
    int64_t started; /* time_monotonic() */

    /* what the route has resolved; NULL when it names none */
    const struct route *route;
    struct login *login;
    struct account *account;
    struct organization *org;
    const char *refused; /* why org lets this sign-in not pass; see route.c */
    const char *need;    /* the role that is missing, see request_denied */
    struct str wrong;    /* a field, see request_wrong */
    struct str moved;    /* where to: the path has a name of before */
    const char *gone;    /* "issue": it was there once */
    bool sign_in_again;  /* it is too old for org */
    struct str token_scopes; /* of an API token; null: a browser's login */
    enum role role; /* of the account in org, or in project, issue, team */
    struct access access; /* to the projects of org */
    struct project *project;
    struct issue *issue;
    struct team *team;
    struct project *projects; /* of org; see request_projects */
    size_t nprojects;

    /* segments of the path that a pattern has named, decoded */
    struct {
        struct str name;
        struct str value;
    } params[PARAMS_MAX];
    size_t nparams;
};

struct response {
    struct arena *a;
    int status;           /* 200 unless set */
    const char *template; /* the row's unless set */
    struct data *data;    /* what the template shows */
    struct buf headers;   /* lines "Name: value\r\n" */
    bool raw;             /* body is set, no template */
    struct str cache;     /* Cache-Control; null: nothing keeps it */
    struct str type;      /* of a raw body */
    struct str body;
};

/* The value of ":name" in the route's pattern; the null str: none. */
struct str request_param(const struct request *rq, const char *name);

/* An argument of the query; the null str: none. */
struct str request_arg(const struct request *rq, const char *name);

/* A field of the form, with white space at its ends removed. */
struct str request_field(const struct request *rq, const char *name);

/* ST_INVALID, and the error page says which field or argument is to blame. */
enum status request_wrong(struct request *rq, const char *name) MUST_CHECK;

/* A header "X-…" of a POST; the null str: none. */
struct str request_header(const struct request *rq, const char *name);

/* Who changes something, for the audit log; somebody is signed in. */
struct actor request_actor(const struct request *rq);

/* The projects of rq->org that the account sees, its favourites first, by name,
 * at most 500; asked for once a request. */
enum status request_projects(struct request *rq, struct project **out,
                             size_t *n) MUST_CHECK;

/* The projects of rq->org that the account sees; valid with the request. */
struct id_set request_sees(const struct request *rq);

/* ST_NOT_FOUND unless the account sees all these issues of rq->org. */
enum status request_issues(struct request *rq, const int64_t *ids,
                           size_t n) MUST_CHECK;

/* Adds a header; value must not hold control characters: they become spaces. */
void response_header(struct response *rs, const char *name, struct str value);

/* 303 to a path of our own, "/acme/issues/". */
void response_redirect(struct response *rs, struct str path);

/* Answers with bytes instead of a template. */
void response_raw(struct response *rs, const char *type, struct str body);

/*
 * Answers with what the function puts into the sink once the headers are out;
 * it finds state in rq->streamed.  What fails there can only end the body.
 */
void response_stream(struct request *rq, struct response *rs, const char *type,
                     void (*stream)(struct request *rq,
                                    const struct sink *sink),
                     void *state);

/*
 * Set-Cookie with the path /, HttpOnly, SameSite=Lax, and Secure
 * under https.  max_age in seconds; 0 until the browser closes, < 0 deletes.
 */
void response_cookie(struct response *rs, const struct request *rq,
                     const char *name, struct str value, int64_t max_age);

/* The bytes of status line, headers and body for FastCGI. */
struct str response_bytes(const struct request *rq, struct response *rs);

/* "Not Found" */
const char *http_reason(int status);

#endif
