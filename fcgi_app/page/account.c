/*
 * page/account.c - a person's own name, address, password, and how the pages
 * look; closing the account.
 */

#include "model/account.h"
#include "model/outbox.h"

#include "page/pages.h"
#include "page/password.h"
#include "util/crypt.h"
#include "util/lang.h"
#include "util/utf8.h"
#include "web/login.h"

#define NAME_MAX_CHARS 100
#define YEAR_SECONDS 31536000


static void
fill(const struct request *rq, struct response *rs, struct str name)
{
    struct data *account = data_child(rs->data, "Account");

    data_str(account, "name", name);
    data_str(account, "time_zone", rq->account->time_zone);
    data_bool(account, "newest_first", rq->account->newest_first);
    for (size_t i = 0; i < nlangs; i++) {
        struct data *row = data_row(data_child(account, "Languages"));

        data_text(row, "code", langs[i].code);
        data_text(row, "name", langs[i].name);
        data_bool(row, "chosen", str_is(rq->account->language, langs[i].code));
    }
    data_str(account, "pending", rq->account->pending_email);
    data_bool(account, "no_password", str_null(rq->account->password_hash));
}


enum status
page_account(struct request *rq, struct response *rs)
{
    fill(rq, rs, rq->account->name);
    return ST_OK;
}


enum status
page_account_save(struct request *rq, struct response *rs)
{
    struct account changed = *rq->account;
    struct str name = request_field(rq, "name");
    const char *field = "name", *wrong = NULL;
    enum status st = ST_OK;

    if (!str_null(request_field(rq, "time_zone"))) {
        /* the whole form, and not the name alone */
        changed.time_zone = str_cut(request_field(rq, "time_zone"), 64);
        changed.newest_first = !str_is(request_field(rq, "stack"), "oldest");
        changed.language = lang_code(request_field(rq, "language"));
    }
    changed.name = name;
    if (name.n == 0) {
        wrong = "A name is needed: others see it beside what you do.";
    } else if (utf8_length(name) > NAME_MAX_CHARS) {
        wrong = "100 characters at most.";
    }
    if (wrong == NULL) {
        st = account_set_profile(rq->db, rq->a, &changed);
    }
    if (st == ST_INVALID) {
        field = "time_zone";
        wrong = "There is no such time zone: Europe/Prague, or UTC.";
    }
    if (wrong != NULL) {
        rs->status = 422;
        fill(rq, rs, str_cut(name, 4 * NAME_MAX_CHARS));
        data_tr(data_child(rs->data, "Wrong"), field, wrong);
        return ST_OK;
    }
    if (st == ST_OK) {
        if (!str_null(changed.language)) {
            lang_use(lang_find(changed.language)); /* what follows, too */
        }
        login_flash(rq, STR("Saved. Others see the new name from now on."));
        response_redirect(rs, STR("/account/"));
    }
    return st;
}


/* Names the first field that is wrong, or returns false. */
static bool
find_fault(const struct request *rq, struct data *wrong)
{
    struct str new = field_get(&rq->form, "new");
    const char *fault = password_fault(new, rq->account->email);

    if (fault != NULL) {
        data_tr(wrong, "new", fault);
        return true;
    }
    if (!str_eq(new, field_get(&rq->form, "again"))) {
        data_tr(wrong, "again", "The two are not the same.");
        return true;
    }
    if (!password_again(rq)) {
        data_tr(wrong, "current", "This is not your current password.");
        return true;
    }
    return false;
}


enum status
page_account_password(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    struct str hash;
    enum status st;

    if (find_fault(rq, data_child(rs->data, "Wrong"))) {
        rs->status = 422;
        fill(rq, rs, rq->account->name);
        return ST_OK;
    }
    st = password_hash(rq->a, field_get(&rq->form, "new"), &hash);
    if (st == ST_OK) {
        st = account_set_password(rq->db, rq->a, &by, rq->account, hash);
    }
    if (st == ST_OK) {
        st = login_end_others(rq);
    }
    if (st == ST_OK) {
        /* a new secret, should the old one have been seen */
        st = login_start(rq, rs, rq->account->id, true, rq->login->via);
    }
    if (st == ST_OK) {
        login_flash(rq, STR("The new password holds. Every other browser of "
                            "yours was signed out."));
        response_redirect(rs, STR("/account/"));
    }
    return st;
}


/* For browsers without JavaScript; app.js sends the same form on its own. */
enum status
page_account_theme(struct request *rq, struct response *rs)
{
    struct str theme = request_field(rq, "theme");

    if (str_is(theme, "light") || str_is(theme, "dark")) {
        response_cookie(rs, rq, "theme", theme, YEAR_SECONDS);
    } else {
        response_cookie(rs, rq, "theme", STR(""), -1);
    }
    response_redirect(rs, login_next(request_field(rq, "next")));
    return ST_OK;
}


/* Another mail address: a link goes there, and holds once it was followed. */
enum status
page_account_email(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    const char *wrong = NULL;
    struct str email, url;
    enum status st = ST_OK;

    if (!account_email(rq->a, request_field(rq, "email"), &email)) {
        wrong = "This is no mail address.";
    } else if (!password_again(rq)) {
        wrong = "This is not your current password.";
    }
    if (wrong == NULL) {
        st =
            account_email_ask(rq->db, rq->a, &by, rq->account->id, email, &url);
        if (st == ST_OK) {
            st = outbox_mail(
                rq->db, rq->a, 0, email, STR_N("Confirm your mail address"),
                STR("Somebody, most likely you, wants to sign in "
                    "to Vedette with this address. It holds once "
                    "you have followed the link, within a day."),
                STR_N("Confirm the address"), url, secret_digest(rq->a, url));
        }
    }
    if (wrong != NULL) {
        rs->status = 422;
        fill(rq, rs, rq->account->name);
        data_tr(data_child(rs->data, "Wrong"), "email", wrong);
        return ST_OK;
    }
    if (st == ST_OK || st == ST_CONFLICT) {
        /* whether an address is taken is nobody's business */
        login_flash(rq, STR("A link was sent there. The new address holds once "
                            "you have followed it."));
        response_redirect(rs, STR("/account/"));
        return ST_OK;
    }
    return st;
}


/* The link: only looks, as mail scanners do, too. */
enum status
page_account_email_link(struct request *rq, struct response *rs)
{
    struct data *link = data_child(rs->data, "Link");
    struct str email;
    enum status st;

    st = account_email_waiting(rq->db, rq->a, request_param(rq, "token"),
                               &email);
    if (st == ST_NOT_FOUND) {
        rs->status = 404;
        return ST_OK;
    }
    if (st == ST_OK) {
        data_str(link, "email", email);
    }
    return st;
}


enum status
page_account_email_confirm(struct request *rq, struct response *rs)
{
    int64_t id;
    enum status st;

    st = account_email_take(rq->db, rq->a, rq->addr, request_param(rq, "token"),
                            &id);
    if (st == ST_NOT_FOUND || st == ST_CONFLICT) {
        rs->status = 404;
        return ST_OK;
    }
    if (st == ST_OK) {
        login_flash(rq, STR("The new address holds."));
        response_redirect(rs, STR("/account/"));
    }
    return st;
}


enum status
page_account_close(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    struct str email = str_lower(rq->a, request_field(rq, "email"));
    const char *wrong = NULL;
    struct str org = STR_NULL;
    enum status st = ST_OK;

    if (!str_eq(email, rq->account->email)) {
        wrong = "Type your mail address, to be sure.";
    } else if (!password_again(rq)) {
        wrong = "This is not your current password.";
    } else {
        st = account_close(rq->db, rq->a, &by, rq->account, &org);
    }
    if (st == ST_CONFLICT) {
        wrong = "You are the last owner of an organisation. Make somebody else "
                "an owner first.";
    }
    if (wrong != NULL) {
        rs->status = st == ST_CONFLICT ? 409 : 422;
        fill(rq, rs, rq->account->name);
        data_tr(data_child(rs->data, "Wrong"), "close", wrong);
        return ST_OK;
    }
    if (st == ST_OK) {
        st = login_end_others(rq);
    }
    if (st == ST_OK) {
        st = login_end(rq, rs);
    }
    if (st == ST_OK) {
        response_redirect(rs, STR("/login/?out=1"));
    }
    return st;
}
