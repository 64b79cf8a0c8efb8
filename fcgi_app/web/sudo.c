#include "web/sudo.h"

#include "model/account.h"
#include "util/crypt.h"
#include "util/timeutil.h"
#include "web/form.h"
#include "web/login.h"
#include "web/route.h"


/* What was sent, but for what is of this question. */
static void
carry(struct request *rq, struct data *form)
{
    for (size_t i = 0; i < rq->form.n; i++) {
        const struct field *f = &rq->form.v[i];
        struct data *row;

        if (str_is(f->name, SUDO_FIELD) || str_is(f->name, "csrf")) {
            continue;
        }
        row = data_row(data_child(form, "Fields"));
        data_str(row, "name", f->name);
        data_str(row, "value", f->value);
    }
}


static void
ask(struct request *rq, struct response *rs, int status)
{
    struct data *form = data_child(rs->data, "Sudo");

    rs->status = status;
    rs->template = "sudo.cs";
    data_str(form, "path", rq->path);
    data_str(form, "email", rq->account->email);
    data_bool(form, "password", !str_null(rq->account->password_hash));
    data_i64(form, "minutes", SUDO_SECONDS / 60);
    carry(rq, form);
}


/* The account's id is what is counted: its address can change. */
static enum status
judge(struct request *rq, struct response *rs, struct str password, bool *right)
{
    struct str who = str_printf(rq->a, "%lld", (long long) rq->account->id);
    int64_t wait;
    enum status st = login_brake(rq, "sudo", who, &wait);

    *right = false;
    if (st == ST_LIMITED) {
        ask(rq, rs, 429);
        data_i64(data_child(rs->data, "Sudo"), "wait", wait);
        response_header(rs, "Retry-After",
                        str_printf(rq->a, "%lld", (long long) wait));
        return ST_OK;
    }
    if (st != ST_OK) {
        return st;
    }
    *right = password.n <= PASSWORD_MAX
             && password_matches(rq->account->password_hash, password);
    if (!*right) {
        ask(rq, rs, 403);
        data_bool(data_child(rs->data, "Sudo"), "wrong", true);
        return ST_OK;
    }
    st = login_forgive(rq, "sudo", who);
    return st == ST_OK ? login_confirm(rq) : st;
}


enum status
sudo_check(struct request *rq, struct response *rs, bool *asked)
{
    struct str password = field_get(&rq->form, SUDO_FIELD);
    bool right;
    enum status st;

    *asked = false;
    if (!route_wants_sudo(rq->route) || rq->login == NULL
        || rq->now / US_PER_SECOND - rq->login->confirmed < SUDO_SECONDS) {
        return ST_OK;
    }
    if (str_null(password)) {
        ask(rq, rs, 403);
        *asked = true;
        return ST_OK;
    }
    st = judge(rq, rs, password, &right);
    *asked = !right;
    return st;
}
