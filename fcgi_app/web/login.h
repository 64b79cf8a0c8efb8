/*
 * web/login.h - who is asking: sign-in, and the logins that it makes.
 *
 * A login is 256 random bits in a cookie; Redis holds its digest only, with
 * the account, until it was idle for 7 days or is 30 days old:
 *
 *     vedette:login:<digest>   hash account, created (s), seen (s), flash
 *     vedette:logins:<account> set of digests, to end them all
 *
 * One-time links are made by account_link (model/account.h), attempts and
 * their waits are counted under
 *
 *     vedette:signin:…         digests of what was typed and of addresses
 */

#ifndef VEDETTE_WEB_LOGIN_H
#define VEDETTE_WEB_LOGIN_H

#include "web/http.h"

struct login {
    struct str secret; /* of the cookie */
    struct str digest;
    int64_t account;
    int64_t created;  /* seconds */
    struct str flash; /* one line left by the page before; null: none */
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

/* Uses up a one-time link.  ST_NOT_FOUND: used, expired, or never there. */
enum status login_link_take(struct request *rq, struct str token,
                            int64_t *account) MUST_CHECK;

/* True when such a link is waiting; changes nothing. */
enum status login_link_known(struct request *rq, struct str token) MUST_CHECK;

/* A new login, with its cookie; the one before ends.  keep: past the browser.
 */
enum status login_start(struct request *rq, struct response *rs,
                        int64_t account, bool keep) MUST_CHECK;

/* Ends this login. */
enum status login_end(struct request *rq, struct response *rs) MUST_CHECK;

/* Ends the account's other logins: its password has changed. */
enum status login_end_others(struct request *rq) MUST_CHECK;

/* One line for the next page: "Saved." */
void login_flash(struct request *rq, struct str text);
void login_flash_shown(struct request *rq);

/* Where to go after sign-in: a path of ours, or "/". */
struct str login_next(struct str next);

#endif
