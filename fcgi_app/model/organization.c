#include "model/organization.h"

_Static_assert(WAITING_CAP + 1 == 1000, "see organization.sql");

#define SLUG_MIN 2
#define SLUG_MAX 50

/* First words of paths that mean something else than a slug. */
static const char *const reserved[] = {
    "account",  "admin",   "alerts",   "api",     "auth",     "dashboards",
    "docs",     "explore", "feedback", "healthz", "hooks",    "invitation",
    "issues",   "login",   "logout",   "mail",    "metrics",  "new",
    "projects", "readyz",  "releases", "search",  "settings", "share",
    "static",   "stats",   "traces",   "vedette",
};


static bool
is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}


bool
slug_valid(struct str slug)
{
    bool letter = false;

    if (slug.n < SLUG_MIN || slug.n > SLUG_MAX || !is_alnum(slug.p[0])
        || !is_alnum(slug.p[slug.n - 1])) {
        return false;
    }
    for (size_t i = 0; i < slug.n; i++) {
        if (!is_alnum(slug.p[i]) && slug.p[i] != '-') {
            return false;
        }
        letter = letter || slug.p[i] > '9';
    }
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (str_is(slug, reserved[i])) {
            return false;
        }
    }
    return letter;
}


struct str
slug_from(struct arena *a, struct str name)
{
    struct str low = str_lower(a, name);
    char *out = arena_alloc(a, SLUG_MAX + 1);
    size_t n = 0;

    for (size_t i = 0; i < low.n && n < SLUG_MAX; i++) {
        if (is_alnum(low.p[i])) {
            out[n++] = low.p[i];

        } else if (n > 0 && out[n - 1] != '-') {
            out[n++] = '-';
        }
    }
    while (n > 0 && out[n - 1] == '-') {
        n--;
    }
    return str_make(out, n);
}


static void
read_row(const struct db_rows *rows, int i, struct organization *out)
{
    out->id = db_get_i64(rows, i, "id");
    out->slug = db_get_str(rows, i, "slug");
    out->name = db_get_str(rows, i, "name");
    out->open = db_get_bool(rows, i, "open_membership");
    out->default_role = role_of(db_get_str(rows, i, "default_role"));
    out->require_second = db_get_bool(rows, i, "require_second");
    out->local_passwords = db_get_bool(rows, i, "local_passwords");
    out->mail_domains = db_get_str(rows, i, "mail_domains");
    out->addresses = db_get_str(rows, i, "addresses");
    out->session_hours = db_get_i64(rows, i, "session_hours");
    out->language = db_get_str(rows, i, "language");
    out->delete_at = db_get_time(rows, i, "delete_at");
    out->address_ok = true;
}


enum status
organization_by_slug(struct db *db, struct arena *a, struct str slug,
                     struct organization *out)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_ORGANIZATION_BY_SLUG, DB_ARGS(db_str(slug)), &rows);
    if (st == ST_OK) {
        read_row(&rows, 0, out);
    }
    return st;
}


enum status
organization_by_id(struct db *db, struct arena *a, int64_t id,
                   struct organization *out)
{
    struct db_rows rows;
    enum status st =
        db_one(db, a, SQL_ORGANIZATION_BY_ID, DB_ARGS(db_i64(id)), &rows);

    if (st == ST_OK) {
        read_row(&rows, 0, out);
    }
    return st;
}


enum status
organization_enter(struct db *db, struct arena *a, struct str slug,
                   int64_t account_id, bool is_superuser, struct str address,
                   struct organization *out, enum role *role,
                   struct access *access)
{
    struct db_rows rows;
    enum status st;

    db_entering(db);
    st = db_one(db, a, SQL_ORGANIZATION_ENTER,
                DB_ARGS(db_str(slug), db_i64(account_id), db_bool(is_superuser),
                        db_str(address)),
                &rows);
    if (st == ST_OK) {
        read_row(&rows, 0, out);
        out->projects_version = db_get_i64(&rows, 0, "projects_version");
        out->address_ok = db_get_bool(&rows, 0, "address_ok");
        *role = role_of(db_get_str(&rows, 0, "role"));
        access->all = out->open || *role >= ROLE_MANAGER;
        access->projects =
            access_ids(a, db_get_str(&rows, 0, "projects"), &access->n);
        access->led = access_ids(a, db_get_str(&rows, 0, "led"), &access->nled);
        access->starred =
            access_ids(a, db_get_str(&rows, 0, "starred"), &access->nstarred);
    }
    return st;
}


enum status
organization_create(struct db *db, struct arena *a, const struct actor *by,
                    struct str slug, struct str name, int64_t *id)
{
    struct change c = change_new(a);
    struct db_rows rows;
    enum status st;

    change_str(&c, "name", STR_NULL, name);
    change_str(&c, "slug", STR_NULL, slug);

    st = db_begin(db);
    if (st != ST_OK) {
        return st;
    }
    st = db_one(db, a, SQL_ORGANIZATION_CREATE,
                DB_ARGS(db_str(slug), db_str(name)), &rows);
    if (st == ST_OK) {
        *id = db_get_i64(&rows, 0, "id");
        st = audit_add(db, a, *id, by, "org.create", slug, &c);
    }
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


/* Inside a transaction. */
static enum status
update(struct db *db, struct arena *a, const struct actor *by,
       const struct organization *org)
{
    struct change c = change_new(a);
    struct organization before;
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_ORGANIZATION_LOCK, DB_ARGS(db_i64(org->id)), &rows);
    if (st != ST_OK) {
        return st;
    }
    read_row(&rows, 0, &before);
    change_str(&c, "name", before.name, org->name);
    change_str(&c, "slug", before.slug, org->slug);
    change_bool(&c, "open", before.open, org->open);
    change_str(&c, "default role", str_of(role_name(before.default_role)),
               str_of(role_name(org->default_role)));
    change_str(&c, "language", before.language, org->language);
    st = db_query(db, a, SQL_ORGANIZATION_UPDATE,
                  DB_ARGS(db_i64(org->id), db_str(org->name), db_str(org->slug),
                          db_bool(org->open),
                          db_text(role_name(org->default_role)),
                          db_str(org->language)),
                  NULL);
    return st == ST_OK
               ? audit_add(db, a, org->id, by, "org.edit", org->slug, &c)
               : st;
}


enum status
organization_update(struct db *db, struct arena *a, const struct actor *by,
                    const struct organization *org)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = update(db, a, by, org);
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


/* Inside a transaction. */
static enum status
secure(struct db *db, struct arena *a, const struct actor *by,
       const struct organization *org, struct str here)
{
    struct str *words =
        arena_array(a, org->addresses.n / 2 + 1, sizeof(*words));
    struct str rest = org->addresses, word, addresses;
    struct change c = change_new(a);
    struct organization before;
    struct db_rows rows, list;
    size_t n = 0;
    enum status st;

    while (str_split(&rest, ' ', &word)) {
        if (word.n > 0) {
            words[n++] = word;
        }
    }
    st = db_one(db, a, SQL_ORGANIZATION_ADDRESSES,
                DB_ARGS(db_str_array(a, words, n), db_str(here)), &list);
    if (st == ST_OK && !db_get_bool(&list, 0, "here")) {
        return ST_DENIED;
    }
    if (st == ST_OK) {
        st = db_one(db, a, SQL_ORGANIZATION_LOCK, DB_ARGS(db_i64(org->id)),
                    &rows);
    }
    if (st != ST_OK) {
        return st;
    }
    addresses = n > 0 ? db_get_str(&list, 0, "addresses") : STR("");
    read_row(&rows, 0, &before);
    change_bool(&c, "second factor", before.require_second,
                org->require_second);
    change_bool(&c, "passwords", before.local_passwords, org->local_passwords);
    change_str(&c, "mail domains", before.mail_domains, org->mail_domains);
    change_str(&c, "addresses", before.addresses, addresses);
    change_str(&c, "session hours",
               str_printf(a, "%lld", (long long) before.session_hours),
               str_printf(a, "%lld", (long long) org->session_hours));
    st = db_query(db, a, SQL_ORGANIZATION_SECURE,
                  DB_ARGS(db_i64(org->id), db_bool(org->require_second),
                          db_bool(org->local_passwords),
                          db_str(org->mail_domains), db_str(addresses),
                          org->session_hours > 0 ? db_i64(org->session_hours)
                                                 : db_null()),
                  NULL);
    return st == ST_OK
               ? audit_add(db, a, org->id, by, "org.security", before.slug, &c)
               : st;
}


enum status
organization_secure(struct db *db, struct arena *a, const struct actor *by,
                    const struct organization *org, struct str here)
{
    enum status st = db_begin(db);

    return st == ST_OK ? db_finish(db, secure(db, a, by, org, here)) : st;
}


bool
organization_mail_ok(const struct organization *org, struct str email)
{
    struct str rest = org->mail_domains, word;
    ptrdiff_t at = str_rchr(email, '@');
    struct str domain = str_sub(email, (size_t) (at + 1), email.n);

    while (str_split(&rest, ' ', &word)) {
        if (word.n > 0 && str_ieq(word, domain)) {
            return true;
        }
    }
    return org->mail_domains.n == 0;
}


static enum status
list(struct db *db, struct arena *a, int64_t account_id, bool is_superuser,
     struct db_arg org, struct db_arg projects, struct organization **out,
     size_t *n, struct db_rows *rows)
{
    enum status st = db_query(
        db, a, SQL_ORGANIZATION_LIST,
        DB_ARGS(db_i64(account_id), db_bool(is_superuser), org, projects),
        rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows->n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows->n; i++) {
        read_row(rows, i, &(*out)[i]);
    }
    return ST_OK;
}


enum status
organization_list(struct db *db, struct arena *a, int64_t account_id,
                  bool is_superuser, struct organization **out, size_t *n)
{
    struct db_rows rows;

    return list(db, a, account_id, is_superuser, db_null(), db_null(), out, n,
                &rows);
}


static void
read_waiting(const struct db_rows *rows, int64_t org, struct waiting *out)
{
    *out = (struct waiting){ 0 };
    for (int i = 0; i < rows->n; i++) {
        if (db_get_i64(rows, i, "id") == org) {
            out->issues = db_get_i64(rows, i, "issues");
            out->feedback = db_get_i64(rows, i, "feedback");
            out->incidents = db_get_i64(rows, i, "incidents");
        }
    }
}


enum status
organization_list_waiting(struct db *db, struct arena *a, int64_t account_id,
                          bool is_superuser, int64_t org,
                          const struct access *access,
                          struct organization **out, size_t *n,
                          struct waiting *waiting)
{
    const struct db_arg key[] = { db_i64(org), access_arg(a, access) };
    struct db_rows rows;
    enum status st;

    if (db_kept(db, a, SQL_ORGANIZATION_LIST, key, 2, &rows)) {
        read_waiting(&rows, org, waiting);
        return organization_list(db, a, account_id, is_superuser, out, n);
    }
    st = list(db, a, account_id, is_superuser, key[0], key[1], out, n, &rows);
    if (st == ST_OK) {
        read_waiting(&rows, org, waiting);
        if (waiting->issues > WAITING_CAP || waiting->feedback > WAITING_CAP) {
            db_keep(db, a, SQL_ORGANIZATION_LIST, key, 2, WAITING_KEPT, &rows);
        }
    }
    return st;
}


enum status
organization_moved(struct db *db, struct arena *a, struct str slug,
                   int64_t account, bool everywhere, struct str *out)
{
    struct db_rows rows;
    enum status st = db_one(
        db, a, SQL_ORGANIZATION_MOVED,
        DB_ARGS(db_str(slug), db_i64(account), db_bool(everywhere)), &rows);

    if (st == ST_OK) {
        *out = db_get_str(&rows, 0, "slug");
    }
    return st;
}
