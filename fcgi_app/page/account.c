/*
 * page/account.c - a person's own name, password and theme.
 */

#include "model/account.h"

#include "page/pages.h"
#include "page/password.h"
#include "util/crypt.h"
#include "util/utf8.h"
#include "web/login.h"

#define NAME_MAX_CHARS 100
#define YEAR_SECONDS 31536000


static void
fill(const struct request *rq, struct response *rs, struct str name)
{
    struct data *account = data_child(rs->data, "Account");

    data_str(account, "name", name);
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
    struct str name = request_field(rq, "name");
    const char *wrong = NULL;
    enum status st;

    if (name.n == 0) {
        wrong = "A name is needed: others see it beside what you do.";
    } else if (utf8_length(name) > NAME_MAX_CHARS) {
        wrong = "100 characters at most.";
    }
    if (wrong != NULL) {
        rs->status = 422;
        fill(rq, rs, str_cut(name, 4 * NAME_MAX_CHARS));
        data_text(data_child(rs->data, "Wrong"), "name", wrong);
        return ST_OK;
    }
    st = account_set_name(rq->db, rq->a, rq->account->id, name);
    if (st == ST_OK) {
        login_flash(rq, STR("Saved. Others see the new name from now on."));
        response_redirect(rs, STR("/account/"));
    }
    return st;
}


/* Names the first field that is wrong, or returns false. */
static bool
find_fault(const struct request *rq, struct data *wrong)
{
    struct str hash = rq->account->password_hash;
    struct str current = field_get(&rq->form, "current");
    struct str new = field_get(&rq->form, "new");
    const char *fault = password_fault(new, rq->account->email);

    if (fault != NULL) {
        data_text(wrong, "new", fault);
        return true;
    }
    if (!str_eq(new, field_get(&rq->form, "again"))) {
        data_text(wrong, "again", "The two are not the same.");
        return true;
    }
    if (!str_null(hash)
        && (current.n > PASSWORD_MAX || !password_matches(hash, current))) {
        data_text(wrong, "current", "This is not your current password.");
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
        st = login_start(rq, rs, rq->account->id, true);
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
