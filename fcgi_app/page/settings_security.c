/*
 * page/settings_security.c - what an organisation asks of those who come in.
 * It is asked where an organisation is entered (ask_guard in web/route.c), and
 * holds from the next page on.
 */

#include "model/account.h"
#include "model/organization.h"
#include "page/pages.h"
#include "web/login.h"

#define LIST_MAX 2000
#define HOURS_MAX 720


static void
fill(const struct request *rq, struct response *rs,
     const struct organization *org)
{
    struct data *form = data_child(rs->data, "Form");

    data_bool(form, "require_second", org->require_second);
    data_bool(form, "local_passwords", org->local_passwords);
    data_str(form, "mail_domains", org->mail_domains);
    data_str(form, "addresses", org->addresses);
    data_i64(form, "session_hours", org->session_hours);
    data_str(form, "here", rq->addr);
    data_bool(form, "mine", !str_null(rq->account->totp));
}


enum status
page_settings_security(struct request *rq, struct response *rs)
{
    fill(rq, rs, rq->org);
    return ST_OK;
}


/* Words between single spaces, whatever stood between them. */
static struct str
words_of(struct arena *a, struct str text)
{
    char *out = arena_alloc(a, text.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        bool gap = strchr(" \t\r\n,;", text.p[i]) != NULL;

        if (!gap) {
            out[n++] = text.p[i];
        } else if (n > 0 && out[n - 1] != ' ') {
            out[n++] = ' ';
        }
    }
    return str_trim(str_lower(a, str_make(out, n)));
}


static enum status
refuse(const struct request *rq, struct response *rs,
       const struct organization *typed, const char *field, const char *why)
{
    rs->status = 422;
    fill(rq, rs, typed);
    data_tr(data_child(rs->data, "Wrong"), field, why);
    return ST_OK;
}


enum status
page_settings_security_save(struct request *rq, struct response *rs)
{
    struct str hours = request_field(rq, "session_hours");
    struct actor by = request_actor(rq);
    struct organization org = *rq->org;
    enum status st;

    org.require_second = !str_null(request_field(rq, "require_second"));
    org.local_passwords = !str_null(request_field(rq, "local_passwords"));
    org.mail_domains =
        words_of(rq->a, str_cut(request_field(rq, "mail_domains"), LIST_MAX));
    org.addresses =
        words_of(rq->a, str_cut(request_field(rq, "addresses"), LIST_MAX));
    org.session_hours = 0;
    if (hours.n > 0
        && (!str_i64(hours, &org.session_hours) || org.session_hours < 0
            || org.session_hours > HOURS_MAX)) {
        return refuse(rq, rs, &org, "session_hours",
                      "A number of hours, 720 at most.");
    }
    if (org.require_second && str_null(rq->account->totp)) {
        return refuse(rq, rs, &org, "require_second",
                      "Set up a second factor for yourself first, or this "
                      "would shut you out.");
    }
    st = organization_secure(rq->db, rq->a, &by, &org, rq->addr);
    switch (st) {
    case ST_OK:
        login_flash(rq, STR("Saved. It holds from the next page on, for "
                            "everybody."));
        response_redirect(rs, str_printf(rq->a, "/%.*s/settings/security/",
                                         STR_FMT(rq->org->slug)));
        return ST_OK;
    case ST_INVALID:
        return refuse(rq, rs, &org, "addresses",
                      "One of these is no address: 10.0.0.0/8, 2001:db8::/32.");
    case ST_DENIED:
        return refuse(rq, rs, &org, "addresses",
                      "Your own address is not among them: this would shut "
                      "you out.");
    default:
        return st;
    }
}
