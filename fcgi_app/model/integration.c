#include "model/integration.h"

#include "util/crypt.h"
#include "util/log.h"
#include "util/seal.h"


/* ---- values */

struct str
integration_value(const struct integration *i, const char *name)
{
    struct str s = json_text_of(i->values, name);

    if (str_null(s)) {
        s = json_text_of(i->secrets, name);
    }
    return str_null(s) ? STR("") : s;
}


static struct json *
object_of(struct arena *a, struct str text)
{
    struct json *out;

    if (json_parse(a, text, NULL, &out, NULL) != ST_OK
        || !json_is(out, JSON_T_OBJECT)) {
        return json_new(a, JSON_T_OBJECT);
    }
    return out;
}


static struct str
text_of(struct arena *a, const struct json *object)
{
    struct buf b = buf_in(a);

    json_write(&b, object);
    return buf_view(&b);
}


static void
read_row(struct arena *a, const struct db_rows *rows, int i,
         struct integration *out)
{
    *out = (struct integration){
        .id = db_get_i64(rows, i, "id"),
        .organization_id = db_get_i64(rows, i, "organization_id"),
        .type = db_get_str(rows, i, "type"),
        .name = db_get_str(rows, i, "name"),
        .values = object_of(a, db_get_str(rows, i, "data")),
        .state = (enum integration_state) db_get_i64(rows, i, "state"),
        .failures = (int) db_get_i64(rows, i, "failures"),
        .error = db_get_str(rows, i, "error"),
        .checked_at = db_get_time(rows, i, "checked_at"),
        .took = db_get_i64(rows, i, "took"),
        .installed_by = db_get_str(rows, i, "installed_by"),
        .created_at = db_get_time(rows, i, "created_at"),
    };
}


/* A secret that does not open is as if it were not there: type it again. */
static void
read_secrets(struct arena *a, const struct db_rows *rows,
             struct integration *out)
{
    struct str text;

    out->secrets = seal_open(a, db_get_str(rows, 0, "sealed"), &text) == ST_OK
                       ? object_of(a, text)
                       : json_new(a, JSON_T_OBJECT);
}


/* ---- reading */

enum status
integration_list(struct db *db, struct arena *a, int64_t organization_id,
                 struct integration **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_INTEGRATION_LIST,
                  DB_ARGS(db_i64(organization_id), db_i64(INTEGRATIONS_MAX)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        read_row(a, &rows, i, &(*out)[i]);
    }
    return ST_OK;
}


enum status
integration_by_id(struct db *db, struct arena *a, int64_t organization_id,
                  int64_t id, struct integration *out)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_INTEGRATION_BY_ID,
                DB_ARGS(db_i64(organization_id), db_i64(id)), &rows);
    if (st == ST_OK) {
        read_row(a, &rows, 0, out);
        read_secrets(a, &rows, out);
    }
    return st;
}


enum status
integration_by_hook(struct db *db, struct arena *a, struct str token,
                    struct integration *out)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_INTEGRATION_BY_HOOK,
                DB_ARGS(db_str(secret_digest(a, token))), &rows);
    if (st == ST_OK) {
        read_row(a, &rows, 0, out);
        read_secrets(a, &rows, out);
    }
    return st;
}


/* ---- writing */

/* Of a secret only that it changed. */
static void
change_secrets(struct change *c, const struct json *before,
               const struct json *after)
{
    json_each(v, after)
    {
        struct json *old = json_get_str(before, v->key);

        if (old == NULL || !str_eq(json_text(old), json_text(v))) {
            struct arena *a = c->before.arena;

            change_str(c, str_dup(a, v->key),
                       old != NULL ? STR("the old secret") : STR_NULL,
                       STR("a new secret"));
        }
    }
}


static void
change_values(struct change *c, const struct json *before,
              const struct json *after)
{
    json_each(v, after)
    {
        struct json *old = json_get_str(before, v->key);

        change_str(c, str_dup(c->before.arena, v->key),
                   old != NULL ? json_text(old) : STR_NULL, json_text(v));
    }
}


/* before: NULL for a new one. */
static enum status
audit(struct db *db, struct arena *a, const struct actor *by,
      const struct integration *before, const struct integration *after)
{
    struct change c = change_new(a);
    bool was_off = before != NULL && before->state == INTEGRATION_OFF;

    change_str(&c, "name", before != NULL ? before->name : STR_NULL,
               after->name);
    change_str(&c, "state",
               before == NULL ? STR_NULL
               : was_off      ? STR("off")
                              : STR("on"),
               after->state == INTEGRATION_OFF ? STR("off") : STR("on"));
    change_values(&c, before != NULL ? before->values : NULL, after->values);
    change_secrets(&c, before != NULL ? before->secrets : NULL, after->secrets);
    return audit_add(
        db, a, after->organization_id, by,
        before != NULL ? "integration.edit" : "integration.add",
        str_printf(a, "%.*s, %.*s", STR_FMT(after->type), STR_FMT(after->name)),
        &c);
}


static enum status
insert(struct db *db, struct arena *a, const struct actor *by,
       struct integration *i)
{
    struct str token = secret_new(a), sealed;
    struct db_rows rows;
    enum status st;

    json_set(i->secrets, STR("hook_token"), json_new_str(a, token));
    json_set(i->secrets, STR("hook_secret"), json_new_str(a, secret_new(a)));
    if ((st = seal(a, text_of(a, i->secrets), &sealed)) != ST_OK) {
        return st;
    }
    st = db_one(db, a, SQL_INTEGRATION_COUNT,
                DB_ARGS(db_i64(i->organization_id)), &rows);
    if (st == ST_OK && db_get_i64(&rows, 0, "n") >= INTEGRATIONS_MAX) {
        return ST_LIMITED;
    }
    if (st == ST_OK) {
        st = db_one(db, a, SQL_INTEGRATION_INSERT,
                    DB_ARGS(db_i64(i->organization_id), db_str(i->type),
                            db_str(i->name), db_str(text_of(a, i->values)),
                            db_str(sealed), db_str(secret_digest(a, token)),
                            db_i64(by->account_id)),
                    &rows);
    }
    if (st != ST_OK) {
        return st;
    }
    i->id = db_get_i64(&rows, 0, "id");
    return audit(db, a, by, NULL, i);
}


static enum status
update(struct db *db, struct arena *a, const struct actor *by,
       struct integration *i)
{
    struct integration before;
    struct db_rows rows;
    struct str sealed;
    enum status st;

    st = db_one(db, a, SQL_INTEGRATION_LOCK,
                DB_ARGS(db_i64(i->organization_id), db_i64(i->id)), &rows);
    if (st != ST_OK) {
        return st;
    }
    read_row(a, &rows, 0, &before);
    read_secrets(a, &rows, &before);
    if ((st = seal(a, text_of(a, i->secrets), &sealed)) != ST_OK) {
        return st;
    }
    st = db_query(db, a, SQL_INTEGRATION_UPDATE,
                  DB_ARGS(db_i64(i->organization_id), db_i64(i->id),
                          db_str(i->name), db_str(text_of(a, i->values)),
                          db_str(sealed), db_i64(i->state)),
                  NULL);
    return st == ST_OK ? audit(db, a, by, &before, i) : st;
}


enum status
integration_save(struct db *db, struct arena *a, const struct actor *by,
                 struct integration *i)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = i->id == 0 ? insert(db, a, by, i) : update(db, a, by, i);
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


static enum status
remove_row(struct db *db, struct arena *a, const struct actor *by,
           int64_t organization_id, int64_t id)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_INTEGRATION_DELETE,
                DB_ARGS(db_i64(organization_id), db_i64(id)), &rows);
    if (st != ST_OK) {
        return st;
    }
    return audit_add(db, a, organization_id, by, "integration.remove",
                     str_printf(a, "%.*s, %.*s",
                                STR_FMT(db_get_str(&rows, 0, "type")),
                                STR_FMT(db_get_str(&rows, 0, "name"))),
                     NULL);
}


enum status
integration_remove(struct db *db, struct arena *a, const struct actor *by,
                   int64_t organization_id, int64_t id)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = remove_row(db, a, by, organization_id, id);
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


/* ---- how it works out */

static const struct actor by_itself = { .name = { "Vedette", 7 },
                                        .email = { "", 0 },
                                        .address = { "", 0 } };


/* Switching off by failures is a change of access that somebody looks for. */
static enum status
note(struct db *db, struct arena *a, const struct integration *i, bool worked,
     bool permanent, struct str error, int64_t took)
{
    struct change c = change_new(a);
    struct db_rows rows;
    enum status st;

    error =
        worked ? STR("") : utf8_mend(a, str_cut(error, INTEGRATION_ERROR_MAX));
    st = db_one(db, a, SQL_INTEGRATION_NOTE,
                DB_ARGS(db_i64(i->organization_id), db_i64(i->id),
                        db_bool(worked), db_bool(permanent), db_str(error),
                        db_i64(took), db_i64(INTEGRATION_FAILURES_MAX)),
                &rows);
    if (st != ST_OK || i->state == INTEGRATION_OFF
        || db_get_i64(&rows, 0, "state") != INTEGRATION_OFF) {
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    log_warning("integration %lld is switched off: it failed too often",
                (long long) i->id);
    change_str(&c, "state", STR("on"), STR("off"));
    change_str(&c, "error", STR_NULL, error);
    return audit_add(
        db, a, i->organization_id, &by_itself, "integration.edit",
        str_printf(a, "%.*s, %.*s", STR_FMT(i->type), STR_FMT(i->name)), &c);
}


enum status
integration_note(struct db *db, struct arena *a, const struct integration *i,
                 bool worked, bool permanent, struct str error, int64_t took)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = note(db, a, i, worked, permanent, error, took);
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


static enum status
reseal(struct db *db, struct arena *a, bool *more)
{
    struct str text, sealed;
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_INTEGRATION_SEALED_OTHERWISE,
                  DB_ARGS(db_str(seal_prefix(a))), &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        if (seal_open(a, db_get_str(&rows, i, "sealed"), &text) != ST_OK) {
            continue; /* its key is gone; whoever has it may bring it back */
        }
        st = seal(a, text, &sealed);
        if (st == ST_OK) {
            st = db_query(
                db, a, SQL_INTEGRATION_SET_SEALED,
                DB_ARGS(db_i64(db_get_i64(&rows, i, "organization_id")),
                        db_i64(db_get_i64(&rows, i, "id")), db_str(sealed)),
                NULL);
            *more = true;
        }
    }
    return st;
}


enum status
integration_reseal(struct db *db, struct arena *a, bool *more)
{
    enum status st;

    *more = false;
    if (!seal_ready()) {
        return ST_OK;
    }
    if ((st = db_begin(db)) != ST_OK) {
        return st;
    }
    st = reseal(db, a, more);
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}
