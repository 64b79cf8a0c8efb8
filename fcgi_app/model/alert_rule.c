#include "model/alert_rule.h"

#include "util/timeutil.h"


/*
 * The elements of PostgreSQL's text form of an array, "{1,2}" or "{a,\"b c\"}".
 */
static size_t
split_array(struct arena *a, struct str text, struct str **out)
{
    struct str *v = arena_array(a, text.n + 1, sizeof(struct str));
    size_t n = 0, i = 1;

    *out = v;
    while (i + 1 < text.n) {
        struct buf b = buf_in(a);
        bool quoted = text.p[i] == '"';

        i += quoted;
        while (i + 1 < text.n
               && (quoted ? text.p[i] != '"' : text.p[i] != ',')) {
            if (text.p[i] == '\\' && i + 2 < text.n) {
                i++;
            }
            buf_char(&b, text.p[i++]);
        }
        i += quoted;
        v[n++] = buf_view(&b);
        i++; /* the comma */
    }
    return n;
}


static void
read_row(struct arena *a, const struct db_rows *rows, int i,
         struct alert_rule *out)
{
    struct str *v;

    *out = (struct alert_rule){
        .id = db_get_i64(rows, i, "id"),
        .organization_id = db_get_i64(rows, i, "organization_id"),
        .metric = str_is(db_get_str(rows, i, "kind"), "metric"),
        .name = db_get_str(rows, i, "name"),
        .data = db_get_str(rows, i, "data"),
        .all_projects = db_get_bool(rows, i, "all_projects"),
        .frequency = (int) db_get_i64(rows, i, "frequency"),
        .owner_account = db_get_i64(rows, i, "owner_account"),
        .owner_team = db_get_i64(rows, i, "owner_team"),
        .on = db_get_bool(rows, i, "is_on"),
        .snoozed_until = db_get_time(rows, i, "snoozed_until"),
        .created_at = db_get_time(rows, i, "created_at"),
        .updated_at = db_get_time(rows, i, "updated_at"),
        .owner = db_get_str(rows, i, "owner"),
        .last_fired_at = db_get_time(rows, i, "last_fired_at"),
        .muted_until = db_get_time(rows, i, "muted_until"),
        .open_incident = (int) db_get_i64(rows, i, "open_incident"),
    };
    out->nprojects = split_array(a, db_get_str(rows, i, "projects"), &v);
    out->projects = arena_array(a, out->nprojects, sizeof(int64_t));
    for (size_t k = 0; k < out->nprojects; k++) {
        if (!str_i64(v[k], &out->projects[k])) {
            out->projects[k] = 0;
        }
    }
    out->nenvironments =
        split_array(a, db_get_str(rows, i, "environments"), &v);
    out->environments = v;
}


static struct alert_rule *
read_rows(struct arena *a, const struct db_rows *rows, size_t n)
{
    struct alert_rule *v = arena_array(a, n, sizeof(*v));

    for (size_t i = 0; i < n; i++) {
        read_row(a, rows, (int) i, &v[i]);
    }
    return v;
}


enum status
alert_version(struct db *db, struct arena *a, int64_t *version)
{
    struct db_rows rows;
    enum status st = db_one(db, a, SQL_ALERT_VERSION, DB_NO_ARGS, &rows);

    if (st == ST_OK) {
        *version = db_get_i64(&rows, 0, "n");
    }
    return st;
}


enum status
alert_rules_active(struct db *db, struct arena *a, int64_t now,
                   struct alert_rule **out, size_t *n)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_ALERT_RULES_ACTIVE,
                 DB_ARGS(db_time(now), db_i64(ALERT_RULES_MAX)), &rows);

    if (st == ST_OK) {
        *n = (size_t) rows.n;
        *out = read_rows(a, &rows, *n);
    }
    return st;
}


enum status
alert_rule_list(struct db *db, struct arena *a, int64_t org, int64_t account_id,
                const struct alert_rule_filter *filter, struct alert_rule **out,
                size_t *n, bool *more)
{
    struct db_rows rows;
    enum status st;

    st =
        db_query(db, a, SQL_ALERT_RULE_LIST,
                 DB_ARGS(db_i64(org), db_i64(account_id), db_str(filter->text),
                         db_i64(filter->project_id), db_str(filter->after_name),
                         db_i64(filter->after_id), db_i64(ALERT_RULE_PAGE + 1)),
                 &rows);
    if (st == ST_OK) {
        *more = rows.n > ALERT_RULE_PAGE;
        *n = *more ? ALERT_RULE_PAGE : (size_t) rows.n;
        *out = read_rows(a, &rows, *n);
    }
    return st;
}


enum status
alert_rule_by_id(struct db *db, struct arena *a, int64_t org, int64_t id,
                 int64_t account_id, struct alert_rule *out)
{
    struct db_rows rows;
    enum status st =
        db_one(db, a, SQL_ALERT_RULE_BY_ID,
               DB_ARGS(db_i64(org), db_i64(id), db_i64(account_id)), &rows);

    if (st == ST_OK) {
        read_row(a, &rows, 0, out);
    }
    return st;
}


/* Changing: these inside a transaction. */

static enum status
end(struct db *db, struct arena *a, enum status st)
{
    if (st == ST_OK) {
        st = db_query(db, a, SQL_ALERT_VERSION_UP, DB_NO_ARGS, NULL);
    }
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


static enum status
save(struct db *db, struct arena *a, const struct actor *by,
     struct alert_rule *r)
{
    bool fresh = r->id == 0;
    struct alert_rule old = { .name = STR_NULL, .data = STR_NULL };
    struct change c = change_new(a);
    struct db_rows rows;
    enum status st;

    if (!fresh
        && (st = alert_rule_by_id(db, a, r->organization_id, r->id, 0, &old))
               != ST_OK) {
        return st;
    }
    st = db_one(
        db, a, fresh ? SQL_ALERT_RULE_ADD : SQL_ALERT_RULE_UPDATE,
        DB_ARGS(db_i64(r->organization_id),
                fresh ? db_text(r->metric ? "metric" : "issue") : db_i64(r->id),
                db_str(r->name), db_str(r->data), db_bool(r->all_projects),
                db_str_array(a, r->environments, r->nenvironments),
                db_i64(r->frequency), db_i64(r->owner_account),
                db_i64(r->owner_team), db_bool(r->on), db_i64(by->account_id)),
        &rows);
    if (st != ST_OK) {
        return st;
    }
    r->id = db_get_i64(&rows, 0, "id");

    st = db_one(db, a, SQL_ALERT_RULE_PROJECTS,
                DB_ARGS(db_i64(r->organization_id), db_i64(r->id),
                        db_i64_array(a, r->projects,
                                     r->all_projects ? 0 : r->nprojects)),
                &rows);
    if (st == ST_OK && !r->all_projects
        && db_get_i64(&rows, 0, "n") != (int64_t) r->nprojects) {
        st = ST_NOT_FOUND;
    }
    if (st != ST_OK) {
        return st;
    }
    change_str(&c, "name", old.name, r->name);
    change_str(&c, "data", old.data, r->data);
    return audit_add(db, a, r->organization_id, by,
                     fresh ? "rule.create" : "rule.edit", r->name,
                     fresh ? NULL : &c);
}


enum status
alert_rule_save(struct db *db, struct arena *a, const struct actor *by,
                struct alert_rule *rule)
{
    enum status st = db_begin(db);

    return st == ST_OK ? end(db, a, save(db, a, by, rule)) : st;
}


enum status
alert_rule_save_all(struct db *db, struct arena *a, const struct actor *by,
                    struct alert_rule *rules, size_t n)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        st = save(db, a, by, &rules[i]);
    }
    return end(db, a, st);
}


enum status
alert_rule_delete(struct db *db, struct arena *a, const struct actor *by,
                  int64_t org, int64_t id)
{
    enum status st = db_begin(db);
    struct db_rows rows;

    if (st != ST_OK) {
        return st;
    }
    st = db_one(db, a, SQL_ALERT_RULE_DELETE, DB_ARGS(db_i64(org), db_i64(id)),
                &rows);
    if (st == ST_OK) {
        st = audit_add(db, a, org, by, "rule.remove",
                       db_get_str(&rows, 0, "name"), NULL);
    }
    return end(db, a, st);
}


static struct str
on_off(bool on)
{
    return on ? STR("on") : STR("off");
}


enum status
alert_rule_switch(struct db *db, struct arena *a, const struct actor *by,
                  int64_t org, int64_t id, bool on)
{
    enum status st = db_begin(db);
    struct change c = change_new(a);
    struct db_rows rows;

    if (st != ST_OK) {
        return st;
    }
    st = db_one(db, a, SQL_ALERT_RULE_SWITCH,
                DB_ARGS(db_i64(org), db_i64(id), db_bool(on)), &rows);
    if (st == ST_OK) {
        change_str(&c, "state", on_off(db_get_bool(&rows, 0, "before")),
                   on_off(on));
        st = audit_add(db, a, org, by, "rule.edit",
                       db_get_str(&rows, 0, "name"), &c);
    }
    return end(db, a, st);
}


static enum status
snooze(struct db *db, struct arena *a, const struct actor *by, int64_t org,
       int64_t id, int64_t until, bool everybody)
{
    enum status st = db_begin(db);
    struct change c = change_new(a);
    struct db_rows rows;

    if (st != ST_OK) {
        return st;
    }
    st = everybody
             ? db_one(db, a, SQL_ALERT_RULE_SNOOZE,
                      DB_ARGS(db_i64(org), db_i64(id), db_time(until)), &rows)
             : db_one(db, a, SQL_ALERT_RULE_MUTE,
                      DB_ARGS(db_i64(org), db_i64(id), db_time(until),
                              db_i64(by->account_id)),
                      &rows);
    if (st == ST_OK) {
        change_str(&c, everybody ? "snoozed for all until" : "muted until",
                   STR_NULL,
                   until == 0 ? STR("now") : time_format_iso(a, until, false));
        st = audit_add(db, a, org, by, "rule.mute",
                       db_get_str(&rows, 0, "name"), &c);
    }
    return end(db, a, st);
}


enum status
alert_rule_snooze(struct db *db, struct arena *a, const struct actor *by,
                  int64_t org, int64_t id, int64_t until)
{
    return snooze(db, a, by, org, id, until, true);
}


enum status
alert_rule_mute(struct db *db, struct arena *a, const struct actor *by,
                int64_t org, int64_t id, int64_t until)
{
    return snooze(db, a, by, org, id, until, false);
}


enum status
alert_rule_muted(struct db *db, struct arena *a, int64_t org,
                 const int64_t *rules, size_t nrules, int64_t **accounts,
                 size_t *n)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_ALERT_RULE_MUTED,
                 DB_ARGS(db_i64(org), db_i64_array(a, rules, nrules)), &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *accounts = arena_array(a, *n, sizeof(int64_t));
    for (int i = 0; i < rows.n; i++) {
        (*accounts)[i] = db_get_i64(&rows, i, "account_id");
    }
    return ST_OK;
}
