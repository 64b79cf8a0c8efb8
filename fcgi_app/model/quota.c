#include "model/quota.h"

#include "model/project_key.h"
#include "util/buf.h"

/* What the edge counts (ngx_http_vedette_limit.c), in its order. */
const char *const quota_categories[] = {
    "default",       "error",
    "transaction",   "security",
    "attachment",    "attachment_item",
    "session",       "profile",
    "profile_chunk", "profile_chunk_ui",
    "replay",        "monitor",
    "span",          "feedback",
    "metric_bucket", "log_item",
    "log_byte",      "trace_metric",
};
const size_t quota_categories_count =
    sizeof(quota_categories) / sizeof(quota_categories[0]);


/* The next word; false at the end. */
static bool
next_word(struct str *rest, struct str *word)
{
    size_t n = 0;

    while (rest->n > 0 && strchr(";, ", rest->p[0]) != NULL) {
        *rest = str_sub(*rest, 1, rest->n);
    }
    while (n < rest->n && strchr(";, ", rest->p[n]) == NULL) {
        n++;
    }
    *word = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, n, rest->n);
    return n > 0;
}


bool
quota_categories_read(struct arena *a, struct str text, struct str *out)
{
    uint32_t found = 0;
    struct str word;
    struct buf b = buf_in(a);

    if (str_is(str_trim(text), "*")) {
        *out = STR("*");
        return true;
    }
    while (next_word(&text, &word)) {
        size_t i = 0;

        while (i < quota_categories_count
               && !str_is(word, quota_categories[i])) {
            i++;
        }
        if (i == quota_categories_count) {
            return false;
        }
        found |= (uint32_t) 1 << i;
    }
    for (size_t i = 0; i < quota_categories_count; i++) {
        if (found & (uint32_t) 1 << i) {
            buf_text(&b, b.n > 0 ? ";" : "");
            buf_text(&b, quota_categories[i]);
        }
    }
    *out = buf_view(&b);
    return found != 0;
}


static struct db_arg
id_or_null(int64_t id)
{
    return id != 0 ? db_i64(id) : db_null();
}


enum status
quota_list(struct db *db, struct arena *a, int64_t org, int64_t project_id,
           int64_t key_id, struct quota **out, size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(
        db, a, SQL_QUOTA_LIST,
        DB_ARGS(db_i64(org), id_or_null(project_id), id_or_null(key_id)),
        &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct quota){
            .id = db_get_i64(&rows, i, "id"),
            .organization_id = db_get_i64(&rows, i, "organization_id"),
            .project_id = db_get_i64(&rows, i, "project_id"),
            .key_id = db_get_i64(&rows, i, "key_id"),
            .categories = db_get_str(&rows, i, "categories"),
            .count = db_get_i64(&rows, i, "count"),
            .seconds = db_get_i64(&rows, i, "seconds"),
            .created_at = db_get_time(&rows, i, "created_at"),
        };
    }
    return ST_OK;
}


/* What the audit log tells of: the action, and the owner in words. */
struct owner {
    const char *action;
    struct str name;
};


static enum status
find_owner(struct db *db, struct arena *a, const struct quota *q,
           struct owner *out)
{
    struct db_rows rows;
    enum status st =
        db_one(db, a, SQL_QUOTA_OWNER,
               DB_ARGS(db_i64(q->organization_id), id_or_null(q->project_id),
                       id_or_null(q->key_id)),
               &rows);

    if (st != ST_OK) {
        return st;
    }
    if (q->key_id != 0) {
        out->action = "projectkey.edit";
        out->name = str_printf(a, "%.*s, %.*s",
                               STR_FMT(db_get_str(&rows, 0, "project")),
                               STR_FMT(db_get_str(&rows, 0, "key")));

    } else if (q->project_id != 0) {
        out->action = "project.edit";
        out->name = db_get_str(&rows, 0, "project");

    } else {
        out->action = "org.edit";
        out->name = db_get_str(&rows, 0, "organization");
    }
    return ST_OK;
}


/* A count of less than 0: there is none. */
static enum status
audit(struct db *db, struct arena *a, const struct actor *by,
      const struct owner *owner, const struct quota *q, int64_t before,
      int64_t after)
{
    struct change c = change_new(a);
    char *name = arena_printf(a, "limit of %.*s in %lld s",
                              STR_FMT(q->categories), (long long) q->seconds);

    change_str(&c, name,
               before < 0 ? STR_NULL
                          : str_printf(a, "%lld", (long long) before),
               after < 0 ? STR_NULL : str_printf(a, "%lld", (long long) after));
    return audit_add(db, a, q->organization_id, by, owner->action, owner->name,
                     &c);
}


static enum status
publish(struct db *db, struct redis *r, struct arena *a, const struct quota *q)
{
    return q->project_id != 0
               ? project_key_publish_project(db, r, a, q->organization_id,
                                             q->project_id)
               : project_key_publish_organization(db, r, q->organization_id);
}


static enum status
set_row(struct db *db, struct arena *a, const struct actor *by,
        const struct quota *q)
{
    struct owner owner;
    struct db_rows rows;
    enum status st = find_owner(db, a, q, &owner);

    if (st != ST_OK) {
        return st;
    }
    st =
        db_one(db, a, SQL_QUOTA_SET,
               DB_ARGS(db_i64(q->organization_id), id_or_null(q->project_id),
                       id_or_null(q->key_id), db_str(q->categories),
                       db_i64(q->count), db_i64(q->seconds), db_i64(QUOTA_MAX)),
               &rows);
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_CONFLICT : st;
    }
    return audit(
        db, a, by, &owner, q,
        db_is_null(&rows, 0, "before") ? -1 : db_get_i64(&rows, 0, "before"),
        q->count);
}


enum status
quota_set(struct db *db, struct redis *r, struct arena *a,
          const struct actor *by, const struct quota *quota)
{
    struct quota q = *quota;
    enum status st;

    if (!quota_categories_read(a, quota->categories, &q.categories)
        || q.count < 0 || q.count > QUOTA_COUNT_MAX || q.seconds < 1
        || q.seconds > QUOTA_SECONDS_MAX) {
        return ST_INVALID;
    }
    if ((st = db_begin(db)) != ST_OK) {
        return st;
    }
    if ((st = set_row(db, a, by, &q)) != ST_OK) {
        db_rollback(db);
        return st;
    }
    st = db_commit(db);
    return st == ST_OK ? publish(db, r, a, &q) : st;
}


static enum status
remove_row(struct db *db, struct arena *a, const struct actor *by,
           struct quota *q)
{
    struct owner owner;
    struct db_rows rows;
    enum status st = find_owner(db, a, q, &owner);

    if (st != ST_OK) {
        return st;
    }
    st = db_one(db, a, SQL_QUOTA_REMOVE,
                DB_ARGS(db_i64(q->organization_id), id_or_null(q->project_id),
                        id_or_null(q->key_id), db_i64(q->id)),
                &rows);
    if (st != ST_OK) {
        return st;
    }
    q->categories = db_get_str(&rows, 0, "categories");
    q->seconds = db_get_i64(&rows, 0, "seconds");
    return audit(db, a, by, &owner, q, db_get_i64(&rows, 0, "count"), -1);
}


enum status
quota_remove(struct db *db, struct redis *r, struct arena *a,
             const struct actor *by, const struct quota *quota)
{
    struct quota q = *quota;
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    if ((st = remove_row(db, a, by, &q)) != ST_OK) {
        db_rollback(db);
        return st;
    }
    st = db_commit(db);
    return st == ST_OK ? publish(db, r, a, &q) : st;
}
