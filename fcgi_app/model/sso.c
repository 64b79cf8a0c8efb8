#include "model/sso.h"

#include "model/account.h"


/* ---- finding */

enum status
sso_doors(struct db *db, struct arena *a, struct str org, struct sso_door **out,
          size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_SSO_DOORS,
                  DB_ARGS(db_str(org), db_i64(SSO_LISTED_MAX)), &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct sso_door){
            .org = db_get_str(&rows, i, "slug"),
            .type = db_get_str(&rows, i, "type"),
            .name = db_get_str(&rows, i, "name"),
            .listed = db_get_bool(&rows, i, "listed"),
        };
    }
    return ST_OK;
}


enum status
sso_find(struct db *db, struct arena *a, struct str org, struct str type,
         int64_t *org_id, int64_t *id)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_SSO_FIND, DB_ARGS(db_str(org), db_str(type)), &rows);
    if (st == ST_OK) {
        *org_id = db_get_i64(&rows, 0, "organization_id");
        *id = db_get_i64(&rows, 0, "id");
    }
    return st;
}


enum status
sso_provider(struct db *db, struct arena *a, int64_t org, struct str type,
             struct integration *out)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_SSO_PROVIDER, DB_ARGS(db_i64(org), db_str(type)),
                &rows);
    return st == ST_OK
               ? integration_by_id(db, a, org, db_get_i64(&rows, 0, "id"), out)
               : st;
}


enum status
sso_elsewhere(struct db *db, struct arena *a, int64_t org, int64_t account_id)
{
    return db_one(db, a, SQL_SSO_ELSEWHERE,
                  DB_ARGS(db_i64(org), db_i64(account_id)), NULL);
}


/* ---- letting in: inside one transaction */

struct admission {
    struct db *db;
    struct arena *a;
    const struct integration *provider;
    const struct sso_person *person;
    const struct sso_wanted *wanted;
    struct organization org;
    struct account account;
    struct actor by; /* the person, who does it by signing in */
    const char *why;
};


static enum status
deny(struct admission *ad, const char *why)
{
    ad->why = why;
    return ST_DENIED;
}


static enum status
take_account(struct admission *ad, int64_t id)
{
    enum status st = account_by_id(ad->db, ad->a, id, &ad->account);

    if (st == ST_OK && !ad->account.is_active) {
        return deny(ad, "This account is closed.");
    }
    return st;
}


/* Connects the account with what the provider calls the person. */
static enum status
connect(struct admission *ad)
{
    enum status st;

    st = db_query(ad->db, ad->a, SQL_SSO_IDENTITY_SET,
                  DB_ARGS(db_i64(ad->org.id), db_i64(ad->provider->id),
                          db_str(ad->person->subject), db_i64(ad->account.id)),
                  NULL);
    if (st == ST_CONFLICT) {
        return deny(ad, "This person of the provider is connected with another "
                        "account.");
    }
    return st == ST_OK ? audit_add(ad->db, ad->a, ad->org.id, &ad->by,
                                   "sso.link", ad->account.email, NULL)
                       : st;
}


/* May the provider's word for a mail address be the word for this account? */
static enum status
may_take(struct admission *ad)
{
    enum status st;

    st = sso_elsewhere(ad->db, ad->a, ad->org.id, ad->account.id);
    if (st == ST_OK || (st == ST_NOT_FOUND && ad->account.is_superuser)) {
        return deny(ad, "There is an account of this address that is more than "
                        "a member here. Sign in as you did before, and connect "
                        "it under Account, Second factor and logins.");
    }
    return st == ST_NOT_FOUND ? ST_OK : st;
}


static enum status
by_email(struct admission *ad)
{
    const struct sso_person *p = ad->person;
    struct str email;
    int64_t id;
    enum status st;

    if (!p->email_ok || !account_email(ad->a, p->email, &email)) {
        return deny(ad, "The provider tells no confirmed mail address.");
    }
    if (!organization_mail_ok(&ad->org, email)) {
        return deny(ad, "The organisation does not take mail addresses of this "
                        "domain.");
    }
    st = account_by_email(ad->db, ad->a, email, &ad->account);
    if (st == ST_OK) {
        return ad->account.is_active ? may_take(ad)
                                     : deny(ad, "This account is closed.");
    }
    if (st == ST_NOT_FOUND) {
        struct str name = str_cut(str_trim(p->name), 100);

        ad->by = (struct actor){ .name = name.n > 0 ? name : email,
                                 .email = email,
                                 .address = ad->by.address };
        st = account_create(ad->db, ad->a, &ad->by, email, ad->by.name, false,
                            &id);
        if (st == ST_OK) {
            st = take_account(ad, id);
        }
    }
    return st;
}


static enum status
find_account(struct admission *ad, int64_t link)
{
    struct db_rows rows;
    int64_t id;
    enum status st;

    st = db_one(ad->db, ad->a, SQL_SSO_IDENTITY_ACCOUNT,
                DB_ARGS(db_i64(ad->org.id), db_i64(ad->provider->id),
                        db_str(ad->person->subject)),
                &rows);
    if (st != ST_OK && st != ST_NOT_FOUND) {
        return st;
    }
    if (st == ST_OK) {
        id = db_get_i64(&rows, 0, "account_id");
        if (link != 0 && link != id) {
            return deny(ad, "This person of the provider is connected with "
                            "another account.");
        }
        st = take_account(ad, id);
        return st == ST_OK ? db_query(ad->db, ad->a, SQL_SSO_IDENTITY_USED,
                                      DB_ARGS(db_i64(ad->org.id),
                                              db_i64(ad->provider->id),
                                              db_str(ad->person->subject)),
                                      NULL)
                           : st;
    }
    st = link != 0 ? take_account(ad, link) : by_email(ad);
    if (st != ST_OK) {
        return st;
    }
    ad->by = (struct actor){
        .account_id = ad->account.id,
        .name = ad->account.name,
        .email = ad->account.email,
        .address = ad->by.address,
    };
    return connect(ad);
}


/* The last owner stays one, whatever the provider says. */
static enum status
bring_role(struct admission *ad)
{
    const struct sso_wanted *w = ad->wanted;
    enum role before = ROLE_NONE, role;
    struct actor lord = ad->by;
    enum status st;

    /* one change of members at a time; the provider may give any role */
    lord.is_superuser = true;
    st = member_lock(ad->db, ad->a, ad->org.id, &lord, &role);
    if (st == ST_OK) {
        st = member_role(ad->db, ad->a, ad->org.id, ad->account.id, &before);
        st = st == ST_NOT_FOUND ? ST_OK : st;
    }
    if (st != ST_OK) {
        return st;
    }
    if (!w->matched && w->refuse_outsiders) {
        return deny(ad, "You are in none of the groups that may come in.");
    }
    role = w->role;
    if (role == ROLE_NONE && (w->rules_roles || before == ROLE_NONE)) {
        role = ad->org.default_role;
    }
    if (role == ROLE_NONE || role == before) {
        return ST_OK;
    }
    if (before == ROLE_NONE) {
        return member_set(ad->db, ad->a, &ad->by, ad->org.id, ad->account.id,
                          ad->account.email, role);
    }
    st = member_change(ad->db, ad->a, &lord, ad->org.id, ad->account.id, role);
    return st == ST_CONFLICT ? ST_OK : st;
}


static const struct sso_team *
wanted_team(const struct sso_wanted *w, struct str slug)
{
    for (size_t i = 0; i < w->nteams; i++) {
        if (str_eq(w->teams[i].slug, slug)) {
            return &w->teams[i];
        }
    }
    return NULL;
}


/* Only teams that some rule names: the others are for people to fill. */
static enum status
bring_teams(struct admission *ad)
{
    const struct sso_wanted *w = ad->wanted;
    struct str *slugs = arena_array(ad->a, w->nteams, sizeof(*slugs));
    struct db_rows rows;
    enum status st;

    if (w->nteams == 0) {
        return ST_OK;
    }
    for (size_t i = 0; i < w->nteams; i++) {
        slugs[i] = w->teams[i].slug;
    }
    st = db_query(ad->db, ad->a, SQL_SSO_TEAMS,
                  DB_ARGS(db_i64(ad->org.id), db_i64(ad->account.id),
                          db_str_array(ad->a, slugs, w->nteams)),
                  &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        struct team team = {
            .id = db_get_i64(&rows, i, "id"),
            .slug = db_get_str(&rows, i, "slug"),
            .name = db_get_str(&rows, i, "name"),
        };
        const struct sso_team *want = wanted_team(w, team.slug);

        if (want != NULL
            && want->role != team_role_of(db_get_str(&rows, i, "role"))) {
            st = team_member_set(ad->db, ad->a, &ad->by, ad->org.id, &team,
                                 ad->account.id, want->role);
        }
    }
    return st;
}


enum status
sso_admit(struct db *db, struct arena *a, const struct integration *provider,
          const struct sso_person *person, const struct sso_wanted *wanted,
          struct str address, int64_t link, int64_t *account, const char **why)
{
    struct admission ad = {
        .db = db,
        .a = a,
        .provider = provider,
        .person = person,
        .wanted = wanted,
        .by = { .address = address },
    };
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = organization_by_id(db, a, provider->organization_id, &ad.org);
    if (st == ST_OK) {
        st = find_account(&ad, link);
    }
    if (st == ST_OK) {
        ad.by.account_id = ad.account.id;
        ad.by.name = ad.account.name;
        ad.by.email = ad.account.email;
        st = bring_role(&ad);
    }
    if (st == ST_OK) {
        st = bring_teams(&ad);
    }
    *account = ad.account.id;
    *why = ad.why;
    return db_finish(db, st);
}


/* ---- the account's own view */

enum status
sso_identities(struct db *db, struct arena *a, int64_t account_id,
               struct sso_identity **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st =
        db_query(db, a, SQL_SSO_IDENTITIES, DB_ARGS(db_i64(account_id)), &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct sso_identity){
            .integration_id = db_get_i64(&rows, i, "id"),
            .org = db_get_str(&rows, i, "slug"),
            .org_name = db_get_str(&rows, i, "org_name"),
            .type = db_get_str(&rows, i, "type"),
            .name = db_get_str(&rows, i, "name"),
            .linked_at = db_get_time(&rows, i, "linked_at"),
            .used_at = db_get_time(&rows, i, "used_at"),
        };
    }
    return ST_OK;
}


enum status
sso_unlink(struct db *db, struct arena *a, const struct actor *by,
           int64_t integration_id)
{
    struct db_rows rows;
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = db_one(db, a, SQL_SSO_UNLINK,
                DB_ARGS(db_i64(by->account_id), db_i64(integration_id)), &rows);
    if (st == ST_OK) {
        st = audit_add(db, a, db_get_i64(&rows, 0, "organization_id"), by,
                       "sso.unlink", by->email, NULL);
    }
    return db_finish(db, st);
}
