/*
 * page/mail_link.c - what a link in a mail does: asked once more by a page,
 * or at once when a mail program posts it (RFC 8058).  Whoever holds the mail
 * may do it, as the person it was sent to, who must still be allowed to.
 */

#include "alert/link.h"
#include "model/account.h"
#include "model/alert_rule.h"
#include "model/issue_change.h"
#include "model/recipient.h"
#include "page/pages.h"

#define MUTE_DAYS 7

struct asked {
    struct mail_link link;
    struct account account;
    struct issue issue; /* of those that are about one */
    bool about_issue;
};


static enum status
read_link(struct request *rq, struct asked *out)
{
    struct mail_link *l = &out->link;
    struct str key;
    enum role role;
    enum status st;

    if ((st = signing_key(rq->db, rq->a, &key)) != ST_OK
        || (st = link_read(rq->a, key, request_param(rq, "token"), l)) != ST_OK
        || (st = account_by_id(rq->db, rq->a, l->account_id, &out->account))
               != ST_OK
        || (st = member_role(rq->db, rq->a, l->organization_id, l->account_id,
                             &role))
               != ST_OK) {
        return st;
    }
    out->about_issue = !str_is(l->action, "mute")
                       && !str_is(l->action, "silence")
                       && !str_is(l->action, "unreport");
    if (out->about_issue) {
        struct recipient *sees;
        size_t n;

        st = issue_find(rq->db, rq->a, l->organization_id,
                        str_printf(rq->a, "%lld", (long long) l->object),
                        &out->issue);
        if (st == ST_OK) {
            st = recipient_find(rq->db, rq->a, l->organization_id,
                                out->issue.project_id, 0, RECIPIENT_ACCOUNT,
                                l->account_id, "alerts", &sees, &n);
        }
        if (st == ST_OK && n == 0) {
            st = ST_NOT_FOUND;
        }
        if (st == ST_OK && !str_is(l->action, "unfollow")
            && role < ROLE_MEMBER) {
            st = ST_DENIED;
        }
    }
    return st;
}


/* Of the issue as it was found: it may have been merged since the mail. */
static enum status
change(struct request *rq, const struct asked *v, const struct actor *by,
       struct str word, struct str value)
{
    struct issue_change c;
    enum status st = issue_change_read(word, value, &c);

    return st == ST_OK
               ? issue_change(rq->db, rq->a, v->link.organization_id,
                              &v->issue.id, 1, &c, by, false, NULL, NULL)
               : st;
}


static enum status
act(struct request *rq, const struct asked *v)
{
    const struct mail_link *l = &v->link;
    struct actor by = { .account_id = v->account.id,
                        .name = v->account.name,
                        .email = v->account.email,
                        .address = rq->addr };

    if (str_is(l->action, "resolve")) {
        return change(rq, v, &by, STR("resolve"), STR(""));
    }
    if (str_is(l->action, "archive")) {
        return change(rq, v, &by, STR("archive"), STR("forever"));
    }
    if (str_is(l->action, "assign")) {
        return change(rq, v, &by, STR("assign"),
                      str_printf(rq->a, "%lld", (long long) l->account_id));
    }
    if (str_is(l->action, "unfollow")) {
        return issue_subscribe(rq->db, rq->a, l->organization_id, l->object,
                               l->account_id, true);
    }
    if (str_is(l->action, "mute")) {
        return alert_rule_mute(rq->db, rq->a, &by, l->organization_id,
                               l->object, rq->now + MUTE_DAYS * US_PER_DAY);
    }
    if (str_is(l->action, "unreport")) {
        return notification_set(rq->db, rq->a, l->account_id,
                                l->organization_id, 0, "reports", STR("never"));
    }
    return notification_set(rq->db, rq->a, l->account_id, l->organization_id,
                            l->object, "alerts", STR("never"));
}


static void
fill(struct response *rs, const struct asked *v, bool done)
{
    struct data *d = data_child(rs->data, "Link");

    data_str(d, "action", v->link.action);
    data_str(d, "name", v->account.name);
    data_bool(d, "known", true);
    data_bool(d, "done", done);
    if (v->about_issue) {
        data_str(d, "short_id", v->issue.short_id);
        data_str(d, "title", v->issue.title);
    }
}


enum status
page_mail_link(struct request *rq, struct response *rs)
{
    struct asked v;
    enum status st = read_link(rq, &v);

    if (st == ST_OK) {
        fill(rs, &v, false);
    }
    return st;
}


enum status
page_mail_link_submit(struct request *rq, struct response *rs)
{
    struct asked v;
    enum status st = read_link(rq, &v);

    if (st == ST_OK && (st = act(rq, &v)) == ST_OK) {
        fill(rs, &v, true);
    }
    return st;
}
