#include "model/project_transfer.h"

#include "model/project_key.h"
#include "util/log.h"

#define PIECE 2000 /* rows of a table at once */


static void
read_row(const struct db_rows *rows, int i, struct project_transfer *out)
{
    *out = (struct project_transfer){
        .id = db_get_i64(rows, i, "id"),
        .project_id = db_get_i64(rows, i, "project_id"),
        .address = db_get_str(rows, i, "address"),
        .asked_by = db_get_str(rows, i, "asked_name"),
        .asked_at = db_get_time(rows, i, "asked_at"),
        .expires_at = db_get_time(rows, i, "expires_at"),
        .accepted_at = db_get_time(rows, i, "accepted_at"),
        .declined_at = db_get_time(rows, i, "declined_at"),
    };
}


/* Asking */

enum status
project_transfer_find(struct db *db, struct arena *a, int64_t org,
                      int64_t project_id, struct project_transfer *out)
{
    struct db_rows row;
    enum status st = db_one(db, a, SQL_PROJECT_TRANSFER_FIND,
                            DB_ARGS(db_i64(org), db_i64(project_id)), &row);

    if (st == ST_OK) {
        read_row(&row, 0, out);
    }
    return st;
}


/* Inside a transaction. */
static enum status
ask(struct db *db, struct arena *a, const struct actor *by,
    const struct project *project, struct str address, bool alone, bool known,
    bool *accepted)
{
    struct change c = change_new(a);
    struct db_rows row;
    int64_t target = 0;
    enum status st;

    st = db_query(
        db, a, SQL_PROJECT_TRANSFER_CLEAR,
        DB_ARGS(db_i64(project->organization_id), db_i64(project->id)), NULL);
    if (st != ST_OK) {
        return st;
    }
    st = db_one(db, a, SQL_PROJECT_TRANSFER_TARGET,
                DB_ARGS(db_str(address),
                        known ? db_i64(by->account_id) : db_null(),
                        db_bool(alone)),
                &row);
    if (st == ST_OK) {
        target = db_get_i64(&row, 0, "id");
        *accepted = db_get_bool(&row, 0, "is_owner");
        if (target == project->organization_id) {
            return ST_CONFLICT;
        }

    } else if (st != ST_NOT_FOUND) {
        return st;
    }
    st = db_query(db, a, SQL_PROJECT_TRANSFER_ASK,
                  DB_ARGS(db_i64(project->organization_id),
                          target != 0 ? db_i64(target) : db_null(),
                          db_i64(project->id), db_str(address),
                          db_i64(by->account_id), db_str(by->name),
                          db_str(by->email), db_i64(PROJECT_TRANSFER_DAYS),
                          db_bool(*accepted)),
                  NULL);
    if (st != ST_OK) {
        return st;
    }
    change_str(&c, "organization", STR_NULL, address);
    return audit_add(db, a, project->organization_id, by,
                     "project.request-transfer", project->slug, &c);
}


enum status
project_transfer_ask(struct db *db, struct arena *a, const struct actor *by,
                     const struct project *project, struct str address,
                     bool alone, bool known, bool *accepted)
{
    enum status st = db_begin(db);

    *accepted = false;
    return st == ST_OK ? db_finish(
               db, ask(db, a, by, project, address, alone, known, accepted))
                       : st;
}


enum status
project_transfer_withdraw(struct db *db, struct arena *a,
                          const struct actor *by, const struct project *project)
{
    struct change c = change_new(a);
    struct db_rows row;
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = db_one(db, a, SQL_PROJECT_TRANSFER_CLEAR,
                DB_ARGS(db_i64(project->organization_id), db_i64(project->id)),
                &row);
    if (st == ST_OK) {
        change_str(&c, "organization", db_get_str(&row, 0, "address"),
                   STR_NULL);
        st = audit_add(db, a, project->organization_id, by,
                       "project.request-transfer", project->slug, &c);
    }
    return db_finish(db, st);
}


/* Answering */

enum status
project_transfer_offers(struct db *db, struct arena *a, int64_t org,
                        struct project_transfer **out, size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_PROJECT_TRANSFER_OFFERS,
                              DB_ARGS(db_i64(org)), &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        struct project_transfer *t = &(*out)[i];

        read_row(&rows, i, t);
        t->organization = db_get_str(&rows, i, "organization");
        t->project = db_get_str(&rows, i, "project");
        t->slug = db_get_str(&rows, i, "slug");
        t->platform = db_get_str(&rows, i, "platform");
    }
    return ST_OK;
}


enum status
project_transfer_answer(struct db *db, struct arena *a, const struct actor *by,
                        int64_t org, int64_t id, bool accept)
{
    struct db_rows row;
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = db_one(db, a, SQL_PROJECT_TRANSFER_ANSWER,
                DB_ARGS(db_i64(org), db_i64(id), db_bool(accept),
                        db_i64(by->account_id), db_str(by->name),
                        db_str(by->email)),
                &row);
    if (st == ST_OK) {
        st = audit_add(db, a, org, by,
                       accept ? "project.accept-transfer"
                              : "project.decline-transfer",
                       db_get_str(&row, 0, "slug"), NULL);
    }
    return db_finish(db, st);
}


/* Moving */

struct move {
    int64_t id;
    int64_t project_id;
    int64_t from;
    int64_t to;
    struct str from_slug;
    struct str to_slug;
    struct str slug;
    struct actor by; /* who has accepted */
    bool gone;       /* the project itself is there */
    bool settled;    /* nobody writes into the old organisation any more */
};


static enum status
find_due(struct db *db, struct arena *a, struct move *m)
{
    struct db_rows row;
    enum status st = db_one(db, a, SQL_PROJECT_TRANSFER_DUE, DB_NO_ARGS, &row);

    if (st != ST_OK) {
        return st;
    }
    *m = (struct move){
        .id = db_get_i64(&row, 0, "id"),
        .project_id = db_get_i64(&row, 0, "project_id"),
        .from = db_get_i64(&row, 0, "from_organization"),
        .to = db_get_i64(&row, 0, "organization_id"),
        .from_slug = db_get_str(&row, 0, "from_slug"),
        .to_slug = db_get_str(&row, 0, "to_slug"),
        .slug = db_get_str(&row, 0, "slug"),
        .by = { .account_id = db_get_i64(&row, 0, "accepted_by"),
                .name = db_get_str(&row, 0, "accepted_name"),
                .email = db_get_str(&row, 0, "accepted_email"),
                .address = STR("") },
        .gone = db_get_bool(&row, 0, "gone"),
        .settled = db_get_bool(&row, 0, "settled"),
    };
    return ST_OK;
}


/* Inside a transaction: the project itself. */
static enum status
go(struct db *db, struct arena *a, const struct move *m)
{
    struct change c = change_new(a);
    struct db_rows row;
    struct str slug;
    enum status st;

    st = db_one(db, a, SQL_PROJECT_TRANSFER_GO,
                DB_ARGS(db_i64(m->project_id), db_i64(m->from), db_i64(m->to)),
                &row);
    if (st != ST_OK) {
        return st;
    }
    st = db_query(db, a, SQL_PROJECT_TRANSFER_OWNERS,
                  DB_ARGS(db_i64(m->project_id)), NULL);
    if (st == ST_OK) {
        st = db_query(db, a, SQL_PROJECT_TRANSFER_MESSAGES,
                      DB_ARGS(db_i64(m->project_id), db_i64(m->from)), NULL);
    }
    if (st != ST_OK) {
        return st;
    }
    slug = db_get_str(&row, 0, "slug");
    change_str(&c, "organization", m->from_slug, m->to_slug);
    change_str(&c, "slug", m->slug, slug);
    st = audit_add(db, a, m->from, &m->by, "project.transfer", m->slug, &c);
    if (st == ST_OK) {
        st = audit_add(db, a, m->to, &m->by, "project.transfer", slug, &c);
    }
    return st == ST_OK ? db_query(db, a, SQL_PROJECT_TRANSFER_GONE,
                                  DB_ARGS(db_i64(m->id)), NULL)
                       : st;
}


/* Inside a transaction: some of its rows. */
static enum status
carry(struct db *db, struct arena *a, const struct move *m, bool *more)
{
    struct db_rows row;
    enum status st;

    st = db_one(db, a, SQL_PROJECT_TRANSFER_PIECE,
                DB_ARGS(db_i64(m->project_id), db_i64(m->from), db_i64(m->to),
                        db_i64(PIECE)),
                &row);
    if (st != ST_OK || db_get_i64(&row, 0, "n") > 0) {
        *more = st == ST_OK;
        return st;
    }
    /* what a batch has begun before the project went is yet to come */
    return m->settled ? db_query(db, a, SQL_PROJECT_TRANSFER_END,
                                 DB_ARGS(db_i64(m->id)), NULL)
                      : ST_OK;
}


enum status
project_transfer_run(struct db *db, struct redis *r, struct arena *a,
                     bool *more)
{
    struct move m;
    enum status st = find_due(db, a, &m);

    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    if ((st = db_begin(db)) != ST_OK) {
        return st;
    }
    if (m.gone) {
        st = carry(db, a, &m, more);
    } else {
        st = go(db, a, &m);
        *more = st == ST_OK;
    }
    st = db_finish(db, st);
    if (st != ST_OK) {
        return st;
    }
    if (!m.gone) {
        log_info("project %lld goes from %.*s to %.*s",
                 (long long) m.project_id, STR_FMT(m.from_slug),
                 STR_FMT(m.to_slug));
    }
    return project_key_publish_project(db, r, a, m.to, m.project_id);
}
