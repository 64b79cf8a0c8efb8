#include "model/assignee.h"


/* mine and rule are the caller's to read, where the statement tells them. */
static enum status
read_list(enum status st, struct arena *a, const struct db_rows *rows,
          struct assignee **out, size_t *n)
{
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows->n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows->n; i++) {
        (*out)[i] = (struct assignee){
            .id = db_get_i64(rows, i, "id"),
            .name = db_get_str(rows, i, "name"),
            .word = db_get_str(rows, i, "word"),
        };
    }
    return ST_OK;
}


enum status
assignee_list(struct db *db, struct arena *a, int64_t organization_id,
              int64_t account_id, int64_t issue_id, struct assignee **out,
              size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(
        db, a, SQL_ASSIGNEE_LIST,
        DB_ARGS(db_i64(organization_id), db_i64(account_id), db_i64(issue_id)),
        &rows);

    st = read_list(st, a, &rows, out, n);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        (*out)[i].mine = db_get_bool(&rows, i, "mine");
        (*out)[i].rule = db_get_str(&rows, i, "rule");
    }
    return st;
}


enum status
assignee_words(struct db *db, struct arena *a, int64_t organization_id,
               const struct str *words, size_t nwords, struct assignee **out,
               size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(
        db, a, SQL_ASSIGNEE_WORDS,
        DB_ARGS(db_i64(organization_id), db_str_array(a, words, nwords)),
        &rows);

    return read_list(st, a, &rows, out, n);
}


struct search_name *
assignee_names(struct arena *a, const struct assignee *people, size_t n)
{
    struct search_name *out = arena_array(a, n, sizeof(*out));

    for (size_t i = 0; i < n; i++) {
        out[i] = (struct search_name){ people[i].word, people[i].id,
                                       people[i].mine };
    }
    return out;
}


enum status
assignee_name(struct db *db, struct arena *a, int64_t organization_id,
              int64_t id, struct str *name)
{
    struct db_rows rows;
    enum status st =
        db_one(db, a, SQL_ASSIGNEE_NAME,
               DB_ARGS(db_i64(organization_id), db_i64(id)), &rows);

    if (st == ST_OK) {
        *name = db_get_str(&rows, 0, "name");
    }
    return st;
}


bool
assignee_read(struct str text, int64_t *id)
{
    bool team = str_starts(text, STR("team:"));

    if (!str_i64(team ? str_sub(text, 5, text.n) : text, id) || *id < 0
        || (team && *id == 0)) {
        return false;
    }
    *id = team ? -*id : *id;
    return true;
}
