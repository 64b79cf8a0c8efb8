/*
 * One request, in the order in which things are decided: is there such a page,
 * who asks, may they, did the form come from us, what does the page say, how
 * does it look.  Nothing is sent before all of it has succeeded, so that every
 * failure is a whole page with its own status.
 */

#include "web/serve.h"

#include "db/db.h"
#include "model/organization.h"
#include "util/lang.h"
#include "util/log.h"
#include "util/zone.h"
#include "web/csrf.h"
#include "web/fault.h"
#include "web/form.h"
#include "web/kept.h"
#include "web/layout.h"
#include "web/login.h"
#include "web/render.h"
#include "web/sudo.h"

#define CSP_REPORT "application/csp-report"
#define HTML "text/html; charset=utf-8"

#define POLICY                                                                 \
    "default-src 'none'; script-src 'self'; style-src 'self'; "                \
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; "              \
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "            \
    "require-trusted-types-for 'script'; report-uri /login/csp/"


static void
add_security(const struct request *rq, struct response *rs)
{
    response_header(rs, "Content-Security-Policy", STR(POLICY));
    response_header(rs, "X-Content-Type-Options", STR("nosniff"));
    response_header(rs, "X-Frame-Options", STR("DENY"));
    response_header(rs, "Referrer-Policy", STR("same-origin"));
    response_header(rs, "Cross-Origin-Opener-Policy", STR("same-origin"));
    response_header(rs, "Cross-Origin-Resource-Policy", STR("same-origin"));
    response_header(rs, "Cache-Control",
                    str_null(rs->cache) ? STR("no-store") : rs->cache);
    response_header(rs, "X-Request-Id", rq->id);
    if (rq->https) {
        response_header(rs, "Strict-Transport-Security",
                        STR("max-age=31536000"));
    }
}


/* A page for people who are signed in, asked for by somebody who is not. */
static void
ask_to_sign_in(struct request *rq, struct response *rs)
{
    struct str next = kept_return(rq); /* of a form: where it stood */

    if (rq->method == METHOD_GET) {
        next = rq->query.n > 0 ? str_printf(
                   rq->a, "%.*s?%.*s", STR_FMT(rq->path), STR_FMT(rq->query))
                               : rq->path;
    }
    if (str_is(next, "/")) {
        response_redirect(rs, STR("/login/"));
        return;
    }
    response_redirect(rs, str_printf(rq->a, "/login/?next=%.*s",
                                     STR_FMT(url_encode(rq->a, next))));
}


/* 0, or the status of the error. */
static int
read_form(struct request *rq)
{
    if (rq->too_large) {
        return 413;
    }
    if (str_is(rq->body_type, CSP_REPORT)
        && strcmp(rq->route->scope, "public") == 0) {
        return csrf_check(rq) == ST_OK ? 0 : 403;
    }
    if (rq->body.n > 0
        && !str_starts(str_lower(rq->a, rq->body_type),
                       STR("application/x-www-form-urlencoded"))) {
        return 415;
    }
    if (form_parse(rq->a, rq->body, &rq->form) != ST_OK) {
        rq->wrong = rq->form.wrong;
        return 400;
    }
    if (csrf_check(rq) != ST_OK) {
        rq->refused = "form"; /* a word for templates/error.cs */
        return 403;
    }
    return 0;
}


static void
finish(struct request *rq, struct response *rs)
{
    struct str body;
    enum status st = layout_fill(rq, rs);

    if (st == ST_OK) {
        st = render(rq->a, rs->template, rs->data, rq->now, rq->started, &body);
    }
    if (st != ST_OK) {
        fault_show(rq, rs, status_http(st));
        return;
    }
    response_raw(rs, HTML, body);
    if (rq->login != NULL && !str_null(rq->login->flash)) {
        login_flash_shown(rq);
    }
}


/*
 * Nobody is signed in.  Who has typed something into one of our pages finds it
 * again (web/kept.h).
 */
static void
meet_stranger(struct request *rq, struct response *rs)
{
    if (rq->method == METHOD_POST && !rq->too_large
        && form_parse(rq->a, rq->body, &rq->form) == ST_OK
        && kept_ask(rq, rs)) {
        finish(rq, rs);
        return;
    }
    ask_to_sign_in(rq, rs);
}


/* The address has a name of before, which the reader may know. */
static void
lead_on(struct request *rq, struct response *rs)
{
    rs->status = 308;
    response_header(rs, "Location", rq->moved);
    response_raw(rs, "text/plain; charset=utf-8", STR(""));
}


/*
 * A request with an API token: no cookie counts, and no form, so that there is
 * nothing to forge.  Tokens read what is data: rows without a template.
 */
static void
answer_token(struct request *rq, struct response *rs, enum status st)
{
    if (st == ST_OK
        && (rq->method != METHOD_GET || rq->route->template != NULL)) {
        fault_tell(rq, rs, 403, "This address takes no token.");
        return;
    }
    if (st == ST_NOT_FOUND) {
        response_header(rs, "WWW-Authenticate", STR("Bearer"));
        fault_tell(rq, rs, 401,
                   "Authentication credentials were not provided.");
        return;
    }
    if (st == ST_OK) {
        st = route_enter(rq);
    }
    if (st == ST_OK) {
        st = rq->route->page(rq, rs);
    }
    if (st == ST_NOT_FOUND && !str_null(rq->moved)) {
        lead_on(rq, rs);
        return;
    }
    if (st != ST_OK) {
        fault_tell(rq, rs, status_http(st), NULL);
    }
}


/*
 * A program outside, without a sign-in: no cookie counts and no form is read.
 * The page looks whether the body is signed.
 */
static void
answer_program(struct request *rq, struct response *rs)
{
    enum status st = rq->too_large ? ST_INVALID : rq->route->page(rq, rs);

    if (st != ST_OK) {
        fault_show(rq, rs, rq->too_large ? 413 : status_http(st));
    }
}


/* A reader of feeds sends no header: its address holds the token. */
static void
take_feed_token(struct request *rq)
{
    struct str token = request_arg(rq, "token");

    if (strcmp(rq->route->scope, SCOPE_FEED) == 0 && !str_null(token)) {
        rq->authorization = str_printf(rq->a, "Bearer %.*s", STR_FMT(token));
    }
}


static void
answer(const struct routes *routes, struct request *rq, struct response *rs)
{
    struct str allow;
    enum status st;
    bool slash, public, asked;
    int wrong;

    st = route_find(routes, rq, &allow, &slash);
    /* a browser reads "/\host" as "//host", which is somebody else's */
    if (slash && rq->method == METHOD_GET
        && str_eq(login_next(rq->path), rq->path)) {
        rs->status = 308;
        response_header(rs, "Location",
                        str_printf(rq->a, "%.*s/%s%.*s", STR_FMT(rq->path),
                                   rq->query.n > 0 ? "?" : "",
                                   STR_FMT(rq->query)));
        response_raw(rs, "text/plain; charset=utf-8", STR(""));
        return;
    }
    if (st == ST_INVALID) {
        response_header(rs, "Allow", allow);
        fault_show(rq, rs, 405);
        return;
    }
    if (st != ST_OK) {
        fault_show(rq, rs, 404);
        return;
    }
    if (form_parse(rq->a, rq->query, &rq->args) != ST_OK) {
        rq->wrong = rq->args.wrong;
        fault_show(rq, rs, 400);
        return;
    }

    if (strcmp(rq->route->scope, "signed") == 0) {
        answer_program(rq, rs);
        return;
    }
    public = strcmp(rq->route->scope, "public") == 0;
    take_feed_token(rq);
    st = login_bearer(rq);
    if (st != ST_DENIED) {
        answer_token(rq, rs, st);
        return;
    }
    st = login_find(rq);
    if (!public && st == ST_NOT_FOUND) {
        meet_stranger(rq, rs);
        return;
    }
    if (!public && st != ST_OK) {
        fault_show(rq, rs, status_http(st));
        return;
    }
    if (rq->method == METHOD_POST) {
        wrong = read_form(rq);
        if (wrong == 403 && !public && kept_ask(rq, rs)) {
            finish(rq, rs);
            return;
        }
        if (wrong != 0) {
            fault_show(rq, rs, wrong);
            return;
        }
    }
    st = route_enter(rq);
    if (st == ST_DENIED && rq->sign_in_again) {
        st = login_end(rq, rs);
        if (st == ST_OK) {
            rq->login = NULL;
            rq->account = NULL;
            rq->org = NULL;
            meet_stranger(rq, rs);
            return;
        }
    }
    if (st == ST_OK) {
        rs->template = rq->route->template;
        st = sudo_check(rq, rs, &asked);
    }
    if (st == ST_OK && !asked) {
        st = rq->route->page(rq, rs);
    }
    if (st == ST_NOT_FOUND && !str_null(rq->moved)) {
        lead_on(rq, rs);
        return;
    }
    if (st != ST_OK) {
        fault_show(rq, rs, status_http(st));
        return;
    }
    if (!rs->raw) {
        finish(rq, rs);
    }
}


struct str
serve(const struct routes *routes, struct request *rq)
{
    unsigned before = db_statements(rq->db);
    struct response rs = {
        .a = rq->a,
        .status = 200,
        .data = data_new(rq->a),
        .headers = buf_in(rq->a),
    };

    log_begin();
    /* until it is known who is asking, see web/login.c */
    lang_use(lang_accept(rq->languages));
    zone_use(STR_NULL);
    answer(routes, rq, &rs);
    if (rs.status >= 500) {
        log_error("request %.*s: %d for %.*s", STR_FMT(rq->id), rs.status,
                  STR_FMT(rq->path));
    }
    add_security(rq, &rs);
    if (rq->account != NULL) {
        /* strangers learn nothing about the work that sign-in makes */
        response_header(
            &rs, "Server-Timing",
            str_printf(rq->a, "db;desc=\"%u\", total;dur=%.1f",
                       db_statements(rq->db) - before,
                       (double) (time_monotonic() - rq->started) / 1e3));
    }
    return response_bytes(rq, &rs);
}
