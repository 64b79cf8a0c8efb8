/*
 * page/settings_members.c - who belongs to an organisation, as what, and who
 * is invited to.
 */

#include "model/account.h"
#include "model/invitation.h"
#include "model/organization.h"
#include "model/second.h"
#include "model/sso.h"
#include "model/team.h"
#include "page/pages.h"
#include "page/settings_requests.h"
#include "util/timeutil.h"
#include "web/login.h"
#include "web/pager.h"
#include "web/route.h"

#define TEXT_MAX 200
#define DAY_US (86400 * US_PER_SECOND)


/* The roles that this person may give, the least first. */
static void
fill_roles(const struct request *rq, struct data *list, enum role chosen)
{
    for (int i = ROLE_VIEWER; i <= (int) rq->role; i++) {
        struct data *row = data_row(list);

        data_text(row, "name", role_name((enum role) i));
        data_bool(row, "chosen", i == (int) chosen);
    }
}


static void
fill_member(const struct request *rq, struct data *row, const struct member *m,
            int64_t seen, bool may)
{
    int64_t seen_at = seen * US_PER_SECOND;

    data_i64(row, "id", m->account_id);
    data_i64(row, "avatar", m->account_id % 6 + 1);
    data_str(row, "name", m->name);
    data_str(row, "email", m->email);
    data_text(row, "role", role_name(m->role));
    data_time(row, "seen",
              seen_at > m->last_login_at ? seen_at : m->last_login_at);
    data_bool(row, "second", m->has_second);
    data_bool(row, "me", m->account_id == rq->account->id);
    if (may && m->role <= rq->role) {
        fill_roles(rq, data_child(row, "Roles"), m->role);
    }
}


static enum status
fill_members(struct request *rq, struct response *rs,
             const struct member *members, size_t n, bool may)
{
    int64_t *ids = arena_array(rq->a, n, sizeof(*ids));
    int64_t *seen = arena_array(rq->a, n, sizeof(*seen));
    struct str *teams;
    enum status st;

    for (size_t i = 0; i < n; i++) {
        ids[i] = members[i].account_id;
    }
    st = team_names(rq->db, rq->a, rq->org->id, ids, n, &teams);
    if (st == ST_OK) {
        st = login_seen(rq, ids, n, seen);
    }
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row = data_row(data_child(rs->data, "Members"));

        fill_member(rq, row, &members[i], seen[i], may);
        data_str(row, "teams", teams[i]);
    }
    return st;
}


/* The teams to invite into. */
static enum status
fill_teams(struct request *rq, struct response *rs)
{
    struct team *teams;
    enum status st;
    size_t n;

    st = team_list(rq->db, rq->a, rq->org->id, rq->account->id, &teams, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row = data_row(data_child(rs->data, "Teams"));

        data_i64(row, "id", teams[i].id);
        data_str(row, "name", teams[i].name);
    }
    return st;
}


static void
fill_invitation(const struct request *rq, struct data *row,
                const struct invitation *v)
{
    int64_t left = v->expires_at - rq->now;

    data_i64(row, "id", v->id);
    data_str(row, "email", v->email);
    data_text(row, "role", role_name(v->role));
    data_str(row, "teams", v->teams);
    data_str(row, "inviter", v->inviter);
    data_time(row, "created", v->created_at);
    data_bool(row, "expired", left <= 0);
    data_i64(row, "days", left > 0 ? (left + DAY_US - 1) / DAY_US : 0);
    data_bool(row, "renew", v->role <= rq->role);
}


/* Who was invited and has not come yet; with the form that invites. */
static enum status
fill_invitations(struct request *rq, struct response *rs)
{
    struct invitation *invitations;
    enum status st;
    size_t n;

    data_bool(data_child(rs->data, "May"), "write_members", true);
    data_bool(rs->data, "mails", invitation_mails());
    fill_roles(rq, data_child(rs->data, "Roles"), rq->org->default_role);
    st = fill_teams(rq, rs);
    if (st != ST_OK) {
        return st;
    }
    st = invitation_list(rq->db, rq->a, rq->org->id, &invitations, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        fill_invitation(rq, data_row(data_child(rs->data, "Invitations")),
                        &invitations[i]);
    }
    return st;
}


enum status
page_settings_members(struct request *rq, struct response *rs)
{
    struct str text = str_trim(str_cut(request_arg(rq, "q"), TEXT_MAX));
    struct pager pager = pager_read(rq), first = { 0 }, last = { 0 };
    bool may = request_may(rq, "member:write"), more;
    struct member *members;
    enum status st;
    size_t n;

    st = member_page(rq->db, rq->a, rq->org->id,
                     text.n > 0 ? str_lower(rq->a, text) : STR_NULL,
                     pager.set ? pager.id : 0, pager.set && pager.backward,
                     &members, &n, &more);
    if (st == ST_OK) {
        st = fill_members(rq, rs, members, n, may);
    }
    if (st != ST_OK) {
        return st;
    }
    data_str(rs->data, "q", text);
    data_i64(rs->data, "n", (int64_t) n);
    if (n > 0) {
        first.id = members[0].account_id;
        last.id = members[n - 1].account_id;
    }
    pager_show(rs->data, rq, &pager, n, more, first, last);
    st = may ? fill_invitations(rq, rs) : ST_OK;
    return st == ST_OK && may ? settings_requests_fill(rq, rs) : st;
}


/* Back to the list after a change. */
static enum status
done(struct request *rq, struct response *rs, const char *text)
{
    login_flash(rq, str_of(text));
    response_redirect(rs, str_printf(rq->a, "/%.*s/settings/members/",
                                     STR_FMT(rq->org->slug)));
    return ST_OK;
}


/* The page again, with one sentence and what was typed. */
static enum status
refuse(struct request *rq, struct response *rs, int status, const char *why)
{
    rs->status = status;
    data_tr(data_child(rs->data, "Wrong"), "why", why);
    data_str(data_child(rs->data, "Wrong"), "email",
             str_cut(request_field(rq, "email"), 254));
    return page_settings_members(rq, rs);
}


/*
 * The page with the link: it is shown now and never again, so it goes through
 * no redirect, where it would have to be kept.
 */
static enum status
show_link(struct request *rq, struct response *rs, struct str email,
          struct str url)
{
    data_str(data_child(rs->data, "Link"), "email", email);
    data_str(data_child(rs->data, "Link"), "url", url);
    return page_settings_members(rq, rs);
}


enum status
page_settings_invite(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    enum role role = role_of(request_field(rq, "role"));
    int64_t teams[INVITATION_TEAMS_MAX];
    struct str email, url, value;
    size_t n = 0, at = 0;
    enum status st;

    while (n < INVITATION_TEAMS_MAX
           && field_next(&rq->form, "team", &at, &value)) {
        n += str_i64(value, &teams[n]);
    }
    if (!account_email(rq->a, request_field(rq, "email"), &email)) {
        return refuse(rq, rs, 422, "This is no mail address.");
    }
    if (role == ROLE_NONE) {
        return refuse(rq, rs, 422, "Choose a role.");
    }
    if (!organization_mail_ok(rq->org, email)) {
        return refuse(rq, rs, 422,
                      "This organisation takes mail addresses of other domains "
                      "only; see Security.");
    }
    st = invitation_create(rq->db, rq->a, &by, rq->org->id, email, role, teams,
                           n, &url);
    switch (st) {
    case ST_OK:
        return show_link(rq, rs, email, url);
    case ST_CONFLICT:
        return refuse(rq, rs, 409,
                      "This address is a member or invited already.");
    case ST_DENIED:
        return refuse(rq, rs, 403, "You cannot give a role above your own.");
    case ST_LIMITED:
        return refuse(rq, rs, 429,
                      "200 invitations wait. Revoke some of them first.");
    default:
        return st;
    }
}


static enum status
after_change(struct request *rq, struct response *rs, enum status st,
             const char *text)
{
    switch (st) {
    case ST_OK:
        return done(rq, rs, text);
    case ST_CONFLICT:
        return refuse(rq, rs, 409,
                      "This is the last owner. Make somebody else an owner "
                      "first.");
    case ST_DENIED:
        return refuse(rq, rs, 403,
                      "You cannot give, change or take a role above your own.");
    default:
        return st;
    }
}


/* The id of a member or an invitation in the path. */
static enum status
read_id(const struct request *rq, const char *name, int64_t *id)
{
    return str_i64(request_param(rq, name), id) ? ST_OK : ST_NOT_FOUND;
}


enum status
page_settings_member_role(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    enum role role = role_of(request_field(rq, "role"));
    int64_t id;
    enum status st = read_id(rq, "member", &id);

    if (st == ST_OK && role == ROLE_NONE) {
        return refuse(rq, rs, 422, "Choose a role.");
    }
    if (st == ST_OK) {
        st = member_change(rq->db, rq->a, &by, rq->org->id, id, role);
    }
    return after_change(rq, rs, st, "Saved. The new role holds at once.");
}


enum status
page_settings_member_remove(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    int64_t id;
    enum status st = read_id(rq, "member", &id);

    if (st == ST_OK) {
        st = member_change(rq->db, rq->a, &by, rq->org->id, id, ROLE_NONE);
    }
    if (st == ST_OK && id == rq->account->id) {
        response_redirect(rs, STR("/"));
        return ST_OK;
    }
    return after_change(rq, rs, st,
                        "Removed. Issues assigned to this person are free "
                        "again.");
}


/*
 * A telephone that is gone takes the recovery codes with it more often than
 * not.  Owners take the second factor away, but only of an account that is
 * theirs alone: others' organisations rely on it, too.
 */
enum status
page_settings_member_second(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    const char *done = "The second factor is gone. Signing in asks for the "
                       "password only, until a new one is set up.";
    struct account account;
    enum role role;
    int64_t id;
    enum status st = read_id(rq, "member", &id);

    if (st == ST_OK) {
        st = member_role(rq->db, rq->a, rq->org->id, id, &role);
    }
    if (st == ST_OK) {
        st = account_by_id(rq->db, rq->a, id, &account);
    }
    if (st != ST_OK) {
        return st;
    }
    st = sso_elsewhere(rq->db, rq->a, rq->org->id, id);
    if (st == ST_OK || account.is_superuser) {
        done = "This person belongs to other organisations, too: whoever runs "
               "this Vedette has to do it.";
        st = ST_OK;

    } else if (st == ST_NOT_FOUND) {
        st = str_null(account.totp)
                 ? ST_OK
                 : second_disable(rq->db, rq->a, &by, &account);
    }
    return after_change(rq, rs, st, done);
}


enum status
page_settings_leave(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    enum status st;

    st = member_change(rq->db, rq->a, &by, rq->org->id, rq->account->id,
                       ROLE_NONE);
    if (st == ST_OK) {
        response_redirect(rs, STR("/"));
        return ST_OK;
    }
    return after_change(rq, rs, st, "");
}


enum status
page_settings_invitation_renew(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    struct str email, url;
    int64_t id;
    enum status st = read_id(rq, "invitation", &id);

    if (st == ST_OK) {
        st =
            invitation_renew(rq->db, rq->a, &by, rq->org->id, id, &email, &url);
    }
    return st == ST_OK ? show_link(rq, rs, email, url)
                       : after_change(rq, rs, st, "");
}


enum status
page_settings_invitation_revoke(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    int64_t id;
    enum status st = read_id(rq, "invitation", &id);

    if (st == ST_OK) {
        st = invitation_revoke(rq->db, rq->a, &by, rq->org->id, id);
    }
    return after_change(rq, rs, st, "The link is worth nothing any more.");
}
