#include "model/saved_search.h"


void
saved_search_read(struct arena *a, const struct db_rows *rows,
                  enum saved_place place, struct saved_search **out, size_t *n)
{
    *n = 0;
    *out = arena_array(a, (size_t) rows->n, sizeof(**out));
    for (int i = 0; i < rows->n && !db_is_null(rows, i, "id"); i++) {
        (*out)[(*n)++] = (struct saved_search){
            .id = db_get_i64(rows, i, "id"),
            .place = place,
            .name = db_get_str(rows, i, "name"),
            .query = db_get_str(rows, i, "query"),
            .sort = db_get_str(rows, i, "sort"),
            .shared = db_get_bool(rows, i, "shared"),
            .chosen = db_get_bool(rows, i, "chosen"),
        };
    }
}


/* id 0: all of them. */
static enum status
find(struct db *db, struct arena *a, int64_t org, int64_t account_id,
     enum saved_place place, int64_t id, struct saved_search **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_SAVED_SEARCH_LIST,
                  DB_ARGS(db_i64(org), db_i64(account_id),
                          id != 0 ? db_i64(id) : db_null(), db_i64(place)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    saved_search_read(a, &rows, place, out, n);
    return ST_OK;
}


enum status
saved_search_list(struct db *db, struct arena *a, int64_t org,
                  int64_t account_id, enum saved_place place,
                  struct saved_search **out, size_t *n)
{
    return find(db, a, org, account_id, place, 0, out, n);
}


enum status
saved_search_find(struct db *db, struct arena *a, int64_t org,
                  int64_t account_id, enum saved_place place, int64_t id,
                  struct saved_search *out)
{
    struct saved_search *found;
    enum status st;
    size_t n;

    st = id > 0 ? find(db, a, org, account_id, place, id, &found, &n)
                : ST_NOT_FOUND;
    if (st == ST_OK && n == 0) {
        return ST_NOT_FOUND;
    }
    if (st == ST_OK) {
        *out = found[0];
    }
    return st;
}


/* Inside a transaction */

static enum status
tell(struct db *db, struct arena *a, const struct actor *by, int64_t org,
     const char *action, const struct saved_search *before,
     const struct saved_search *after)
{
    static const struct saved_search none = { 0 };
    struct change c = change_new(a);

    if (!(before != NULL ? before : after)->shared) {
        return ST_OK;
    }
    before = before != NULL ? before : &none;
    change_str(&c, "name", before->name, after->name);
    change_str(&c, "query", before->query, after->query);
    change_str(&c, "sort", before->sort, after->sort);
    return audit_add(db, a, org, by, action,
                     str_null(after->name) ? before->name : after->name, &c);
}


static enum status
add(struct db *db, struct arena *a, const struct actor *by, int64_t org,
    struct saved_search *s)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_SAVED_SEARCH_ADD,
                DB_ARGS(db_i64(org),
                        s->shared ? db_null() : db_i64(by->account_id),
                        db_str(s->name), db_str(s->query), db_str(s->sort),
                        db_i64(s->place)),
                &rows);
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_LIMITED : st;
    }
    s->id = db_get_i64(&rows, 0, "id");
    return tell(db, a, by, org, "search.create", NULL, s);
}


static enum status
edit(struct db *db, struct arena *a, const struct actor *by, int64_t org,
     const struct saved_search *s)
{
    struct saved_search before = *s;
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_SAVED_SEARCH_EDIT,
                DB_ARGS(db_i64(org), db_i64(s->id), db_str(s->name),
                        db_str(s->query), db_str(s->sort)),
                &rows);
    if (st != ST_OK) {
        return st;
    }
    before.name = db_get_str(&rows, 0, "name");
    before.query = db_get_str(&rows, 0, "query");
    before.sort = db_get_str(&rows, 0, "sort");
    return tell(db, a, by, org, "search.edit", &before, s);
}


static enum status
remove_it(struct db *db, struct arena *a, const struct actor *by, int64_t org,
          const struct saved_search *s)
{
    static const struct saved_search none = { 0 };
    enum status st = db_query(db, a, SQL_SAVED_SEARCH_REMOVE,
                              DB_ARGS(db_i64(org), db_i64(s->id)), NULL);

    return st == ST_OK ? tell(db, a, by, org, "search.remove", s, &none) : st;
}


/* And what others call */

enum status
saved_search_save(struct db *db, struct arena *a, const struct actor *by,
                  int64_t org, struct saved_search *s)
{
    enum status st = db_begin(db);

    return st == ST_OK ? db_finish(db, s->id == 0 ? add(db, a, by, org, s)
                                                  : edit(db, a, by, org, s))
                       : st;
}


enum status
saved_search_remove(struct db *db, struct arena *a, const struct actor *by,
                    int64_t org, const struct saved_search *s)
{
    enum status st = db_begin(db);

    return st == ST_OK ? db_finish(db, remove_it(db, a, by, org, s)) : st;
}


enum status
saved_search_choose(struct db *db, struct arena *a, int64_t org,
                    int64_t account_id, int64_t id)
{
    return id == 0
               ? db_query(db, a, SQL_SAVED_SEARCH_UNCHOOSE,
                          DB_ARGS(db_i64(org), db_i64(account_id)), NULL)
               : db_query(db, a, SQL_SAVED_SEARCH_CHOOSE,
                          DB_ARGS(db_i64(org), db_i64(account_id), db_i64(id)),
                          NULL);
}
