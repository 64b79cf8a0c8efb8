/*
 * web/login.h - who is asking: sign-in, and the logins that it makes.
 *
 * A login is 256 random bits in a cookie; Redis holds its digest only, with
 * the account, until it was idle for 7 days or is 30 days old:
 *
 *     vedette:login:<digest>   hash account, created (s), seen (s),
 *                              confirmed (s), flash
 *     vedette:logins:<account> set of digests, to end them all
 *     vedette:seen             hash account -> seen (s), of whichever login
 *
 * One-time links are made by account_link (model/account.h), attempts and
 * their waits are counted under
 *
 *     vedette:signin:…         digests of what was typed and of addresses
 */

#ifndef VEDETTE_WEB_LOGIN_H
#define VEDETTE_WEB_LOGIN_H

#include "web/http.h"

/*
 * Behind it the id of the organisation whose provider has vouched for the
 * person: such a login leads into that one only, and makes nobody a superuser.
 */
#define LOGIN_VIA_SSO "sso:"

struct login {
    struct str secret; /* of the cookie */
    struct str digest;
    int64_t account;
    int64_t created;   /* seconds */
    int64_t seen;      /* seconds */
    int64_t confirmed; /* seconds: by a sign-in, or a password again */
    struct str via;    /* password, link, invitation, …: how it began */
    struct str addr;   /* where it began */
    struct str agent;  /* in what */
    struct str flash;  /* one line left by the page before; null: none */
    int64_t undo;      /* what its Undo takes back (model/undo.h); 0: nothing */
};

/*
 * Looks up the cookie and the account behind it: sets rq->login and
 * rq->account.  ST_NOT_FOUND: not signed in.  ST_RETRY: cannot be known now.
 */
enum status login_find(struct request *rq) MUST_CHECK;

/*
 * Checks an address and a password.  ST_OK with the account's id; ST_DENIED
 * for every other pair, known or not, after the same work; ST_LIMITED when
 * there were too many attempts: *wait in seconds.
 */
enum status login_attempt(struct request *rq, struct str email,
                          struct str password, int64_t *account,
                          int64_t *wait) MUST_CHECK;

/*
 * Uses up a one-time link; *forgot: it is for who has forgotten the password.
 * ST_NOT_FOUND: used, expired, or never there.
 */
enum status login_link_take(struct request *rq, struct str token,
                            int64_t *account, bool *forgot) MUST_CHECK;

/* True when such a link is waiting; changes nothing. */
enum status login_link_known(struct request *rq, struct str token) MUST_CHECK;

/*
 * A new login, with its cookie; the one before ends.  keep: past the browser.
 * Pages call second_enter (web/second.h), which asks for the second factor.
 */
enum status login_start(struct request *rq, struct response *rs,
                        int64_t account, bool keep, struct str via) MUST_CHECK;

/*
 * Counts an attempt of a kind, by whom (STR_NULL: nobody known) and by address,
 * and lets it pass; ST_LIMITED: there were too many, *wait in seconds.  What
 * was right is taken back.
 */
enum status login_brake(struct request *rq, const char *kind, struct str who,
                        int64_t *wait) MUST_CHECK;
enum status login_forgive(struct request *rq, const char *kind,
                          struct str who) MUST_CHECK;

/*
 * The secret of a second factor that is being set up; made when there is none,
 * kept sealed with the login, and gone with it.
 */
enum status login_setup_secret(struct request *rq,
                               struct str *secret) MUST_CHECK;

/* The organisation that the login is confined to; 0: to none. */
int64_t login_confined(const struct login *login);

#define LOGINS_MAX 50 /* that are shown */

/* The account's logins, the newest first. */
enum status login_list(struct request *rq, struct login **out,
                       size_t *n) MUST_CHECK;

/* When each of these accounts was here last, in seconds; 0: not known. */
enum status login_seen(struct request *rq, const int64_t *accounts, size_t n,
                       int64_t *seen) MUST_CHECK;

/* Ends one of them, by its digest.  ST_NOT_FOUND: it is none of this account.
 */
enum status login_revoke(struct request *rq, struct str digest) MUST_CHECK;

/*
 * "Authorization: Bearer …": sets rq->account and rq->token_scopes.
 * ST_NOT_FOUND: no such token; ST_DENIED: that is no bearer's header.
 */
enum status login_bearer(struct request *rq) MUST_CHECK;

/* It was the person, just now; see web/sudo.h. */
enum status login_confirm(struct request *rq) MUST_CHECK;

/* Ends this login. */
enum status login_end(struct request *rq, struct response *rs) MUST_CHECK;

/* Ends the account's other logins: its password has changed, or its address. */
enum status login_end_others(struct request *rq) MUST_CHECK;

/* One line for the next page: "Saved.", in the reader's language. */
void login_flash(struct request *rq, struct str text);
void login_flash_shown(struct request *rq);

/* The same with a button that takes it back; undo 0: without. */
void login_flash_undo(struct request *rq, struct str text, int64_t undo);

/* Where to go after sign-in: a path of ours, or "/". */
struct str login_next(struct str next);

#endif
