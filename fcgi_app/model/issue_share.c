#include "model/issue_share.h"

#include "util/crypt.h"


static enum status
set(struct db *db, struct arena *a, int64_t organization_id,
    const struct issue *is, bool on, const struct actor *by)
{
    struct change c = change_new(a);
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_ISSUE_SHARE_SET,
                DB_ARGS(db_i64(organization_id), db_i64(is->id),
                        db_str(on ? secret_new(a) : STR_NULL),
                        db_i64(by->account_id)),
                &rows);
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    change_str(&c, "shared", on ? STR("no") : STR("yes"),
               on ? STR("yes") : STR("no"));
    return audit_add(db, a, organization_id, by, "issue.share", is->short_id,
                     &c);
}


enum status
issue_share(struct db *db, struct arena *a, int64_t organization_id,
            const struct issue *is, bool on, const struct actor *by)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    if ((st = set(db, a, organization_id, is, on, by)) != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


enum status
issue_share_find(struct db *db, struct arena *a, struct str token,
                 struct issue *out)
{
    struct db_rows rows;
    enum status st;

    if (token.n < 20 || token.n > 100) {
        return ST_NOT_FOUND;
    }
    st = db_one(db, a, SQL_ISSUE_SHARE_FIND, DB_ARGS(db_str(token)), &rows);
    return st == ST_OK ? issue_find(
               db, a, db_get_i64(&rows, 0, "organization_id"),
               str_printf(a, "%lld", (long long) db_get_i64(&rows, 0, "id")),
               out)
                       : st;
}
