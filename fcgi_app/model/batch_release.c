/*
 * The releases and environments that a batch names, and their hours.
 *
 * Names are looked up in one statement each and made when they are new; their
 * rows are written again only when last_seen is a minute old, so that workers
 * do not queue for the row of the one release that everybody runs.  The hours
 * are shared by everybody like the ledger, and are written just before it.
 */

#include "model/batch_work.h"

#include <stdlib.h>

#include "model/refused.h"
#include "model/version.h"
#include "util/timeutil.h"

/* Names of one project; those beyond are not counted. */
#define RELEASES_MAX 100000
#define ENVIRONMENTS_MAX 500

/* How late last_seen may be. */
#define SEEN_US US_PER_MINUTE


struct name {
    int64_t organization_id;
    int64_t project_id;
    struct str text;
    int64_t first_at;
    int64_t last_at;
    int64_t id; /* 0: not kept */
    int64_t seen;
};

struct names {
    struct name *v; /* by project and text */
    size_t n;
};

static const struct {
    enum sql find;
    enum sql make;
    enum sql seen;
    int64_t max;
} kinds[] = {
    { SQL_BATCH_RELEASES, SQL_BATCH_NEW_RELEASES, SQL_BATCH_RELEASES_SEEN,
      RELEASES_MAX },
    { SQL_BATCH_ENVIRONMENTS, SQL_BATCH_NEW_ENVIRONMENTS,
      SQL_BATCH_ENVIRONMENTS_SEEN, ENVIRONMENTS_MAX },
};


/* collecting */

static int
by_name(const void *left, const void *right)
{
    const struct name *a = left, *b = right;
    int c = compare_i64(a->project_id, b->project_id);

    return c != 0 ? c : str_cmp(a->text, b->text);
}


static void
add_name(struct names *list, int64_t organization_id, int64_t project_id,
         struct str text, int64_t at)
{
    if (text.n > 0) {
        list->v[list->n++] = (struct name){ .organization_id = organization_id,
                                            .project_id = project_id,
                                            .text = text,
                                            .first_at = at,
                                            .last_at = at };
    }
}


static void
merge_names(struct names *list)
{
    size_t kept = 0;

    if (list->n > 0) {
        qsort(list->v, list->n, sizeof(*list->v), by_name);
    }
    for (size_t i = 0; i < list->n; i++) {
        struct name *last = kept > 0 ? &list->v[kept - 1] : NULL;

        if (last == NULL || by_name(last, &list->v[i]) != 0) {
            list->v[kept++] = list->v[i];
            continue;
        }
        if (list->v[i].first_at < last->first_at) {
            last->first_at = list->v[i].first_at;
        }
        if (list->v[i].last_at > last->last_at) {
            last->last_at = list->v[i].last_at;
        }
    }
    list->n = kept;
}


static struct names *
collect(struct work *w, bool environments)
{
    const struct batch_items *items = &w->batch->items;
    struct names *list = arena_new_of(w->a, struct names);

    list->v = arena_array(w->a, w->nrows + items->nsessions, sizeof(*list->v));
    for (size_t i = 0; i < w->nrows; i++) {
        const struct batch_event *ev = w->rows[i].ev;

        if (w->rows[i].issue != NULL) {
            add_name(list, ev->organization_id, ev->project_id,
                     environments ? ev->environment : ev->release,
                     ev->received_at);
        }
    }
    for (size_t i = 0; i < items->nsessions; i++) {
        const struct batch_session *s = &items->sessions[i];

        add_name(list, s->organization_id, s->project_id,
                 environments ? s->environment : s->release, s->received_at);
    }
    merge_names(list);
    return list;
}


/* ids */

/* The arrays of a statement: those that have no id, or all. */
struct columns {
    int64_t *organizations;
    int64_t *projects;
    struct str *texts;
    struct str *keys;
    int64_t *first;
    int64_t *last;
    size_t *at;
    size_t n;
};


static struct columns
columns_of(struct arena *a, const struct names *list, bool missing)
{
    struct columns c = { 0 };

    c.organizations = arena_array(a, list->n, sizeof(int64_t));
    c.projects = arena_array(a, list->n, sizeof(int64_t));
    c.texts = arena_array(a, list->n, sizeof(struct str));
    c.keys = arena_array(a, list->n, sizeof(struct str));
    c.first = arena_array(a, list->n, sizeof(int64_t));
    c.last = arena_array(a, list->n, sizeof(int64_t));
    c.at = arena_array(a, list->n, sizeof(size_t));
    for (size_t i = 0; i < list->n; i++) {
        const struct name *name = &list->v[i];

        if (missing && name->id != 0) {
            continue;
        }
        c.organizations[c.n] = name->organization_id;
        c.projects[c.n] = name->project_id;
        c.texts[c.n] = name->text;
        c.keys[c.n] = missing ? version_sort_key(a, name->text) : STR_NULL;
        c.first[c.n] = name->first_at;
        c.last[c.n] = name->last_at;
        c.at[c.n++] = i;
    }
    return c;
}


static void
take_ids(struct names *list, const struct columns *c,
         const struct db_rows *rows)
{
    for (int i = 0; i < rows->n; i++) {
        size_t n = (size_t) db_get_i64(rows, i, "n") - 1;

        if (n < c->n) {
            struct name *name = &list->v[c->at[n]];

            name->id = db_get_i64(rows, i, "id");
            name->seen = db_get_time(rows, i, "last_seen");
        }
    }
}


static enum status
find_names(struct work *w, size_t kind, struct names *list, bool missing)
{
    struct columns c = columns_of(w->a, list, missing);
    struct db_rows rows;
    enum status st;

    if (c.n == 0) {
        return ST_OK;
    }
    st = db_query(w->db, w->a, kinds[kind].find,
                  DB_ARGS(db_i64_array(w->a, c.organizations, c.n),
                          db_i64_array(w->a, c.projects, c.n),
                          db_str_array(w->a, c.texts, c.n)),
                  &rows);
    if (st == ST_OK) {
        take_ids(list, &c, &rows);
    }
    return st;
}


static enum status
make_names(struct work *w, size_t kind, const struct names *list)
{
    struct columns c = columns_of(w->a, list, true);

    if (c.n == 0) {
        return ST_OK;
    }
    return db_query(w->db, w->a, kinds[kind].make,
                    DB_ARGS(db_i64_array(w->a, c.organizations, c.n),
                            db_i64_array(w->a, c.projects, c.n),
                            db_str_array(w->a, c.texts, c.n),
                            db_bytes_array(w->a, c.keys, c.n),
                            db_time_array(w->a, c.first, c.n),
                            db_time_array(w->a, c.last, c.n),
                            db_i64(kinds[kind].max)),
                    NULL);
}


static enum status
see_names(struct work *w, size_t kind, const struct names *list)
{
    int64_t *ids = arena_array(w->a, list->n, sizeof(int64_t));
    int64_t *at = arena_array(w->a, list->n, sizeof(int64_t));
    size_t n = 0;

    for (size_t i = 0; i < list->n; i++) {
        if (list->v[i].id != 0
            && list->v[i].seen < list->v[i].last_at - SEEN_US) {
            ids[n] = list->v[i].id;
            at[n++] = list->v[i].last_at;
        }
    }
    if (n == 0) {
        return ST_OK;
    }
    return db_query(
        w->db, w->a, kinds[kind].seen,
        DB_ARGS(db_i64_array(w->a, ids, n), db_time_array(w->a, at, n)), NULL);
}


static enum status
resolve(struct work *w, size_t kind, struct names *list)
{
    enum status st = find_names(w, kind, list, false);
    bool missing = false;

    for (size_t i = 0; i < list->n; i++) {
        missing = missing || list->v[i].id == 0;
    }
    if (st == ST_OK && missing && (st = make_names(w, kind, list)) == ST_OK) {
        st = find_names(w, kind, list, true);
    }
    return st == ST_OK ? see_names(w, kind, list) : st;
}


static int64_t
id_of(const struct names *list, int64_t project_id, struct str text)
{
    struct name key = { .project_id = project_id, .text = text };
    const struct name *found = NULL;

    if (text.n > 0) {
        found = bsearch(&key, list->v, list->n, sizeof(key), by_name);
    }
    return found != NULL ? found->id : 0;
}


int64_t
work_release_id(const struct work *w, int64_t project_id, struct str release)
{
    return id_of(w->releases, project_id, release);
}


int64_t
work_environment_id(const struct work *w, int64_t project_id,
                    struct str environment)
{
    return id_of(w->environments, project_id, environment);
}


/* hours */

struct work_health *
work_health_add(struct work *w, int64_t organization_id, int64_t project_id,
                int64_t release_id, int64_t environment_id, int64_t at)
{
    struct work_health *h;

    if (w->nhealth == w->health_size) {
        size_t size = w->health_size == 0 ? 64 : w->health_size * 2;

        w->health = arena_grow(w->a, w->health, w->nhealth * sizeof(*h),
                               size * sizeof(*h));
        w->health_size = size;
    }
    h = &w->health[w->nhealth++];
    *h = (struct work_health){ .organization_id = organization_id,
                               .project_id = project_id,
                               .release_id = release_id,
                               .environment_id = environment_id,
                               .hour = outcome_hour(at) };
    return h;
}


static void
count_events(struct work *w)
{
    for (size_t i = 0; i < w->nrows; i++) {
        const struct batch_event *ev = w->rows[i].ev;
        int64_t release;

        if (w->rows[i].issue == NULL
            || (release = work_release_id(w, ev->project_id, ev->release))
                   == 0) {
            continue;
        }
        work_health_add(w, ev->organization_id, ev->project_id, release,
                        work_environment_id(w, ev->project_id, ev->environment),
                        ev->received_at)
            ->n[HEALTH_EVENTS] = 1;
    }
}


static int
by_cell(const void *left, const void *right)
{
    const struct work_health *a = left, *b = right;
    int c = compare_i64(a->release_id, b->release_id);

    if (c == 0) {
        c = compare_i64(a->hour, b->hour);
    }
    return c != 0 ? c : compare_i64(a->environment_id, b->environment_id);
}


static bool
is_empty(const struct work_health *h)
{
    for (size_t k = 0; k < HEALTH_COUNTERS; k++) {
        if (h->n[k] != 0) {
            return false;
        }
    }
    return true;
}


static void
merge_health(struct work *w)
{
    size_t kept = 0;

    if (w->nhealth > 0) {
        qsort(w->health, w->nhealth, sizeof(*w->health), by_cell);
    }
    for (size_t i = 0; i < w->nhealth; i++) {
        if (is_empty(&w->health[i])) {
            continue;
        }
        if (kept == 0 || by_cell(&w->health[kept - 1], &w->health[i]) != 0) {
            w->health[kept++] = w->health[i];
            continue;
        }
        for (size_t k = 0; k < HEALTH_COUNTERS; k++) {
            w->health[kept - 1].n[k] += w->health[i].n[k];
        }
    }
    w->nhealth = kept;
}


static enum status
write_health(struct work *w)
{
    int64_t *v[5 + HEALTH_COUNTERS];
    size_t n;

    merge_health(w);
    n = w->nhealth;
    if (n == 0) {
        return ST_OK;
    }
    for (size_t k = 0; k < 5 + HEALTH_COUNTERS; k++) {
        v[k] = arena_array(w->a, n, sizeof(int64_t));
    }
    for (size_t i = 0; i < n; i++) {
        const struct work_health *h = &w->health[i];

        v[0][i] = h->organization_id;
        v[1][i] = h->project_id;
        v[2][i] = h->release_id;
        v[3][i] = h->environment_id;
        v[4][i] = h->hour;
        for (size_t k = 0; k < HEALTH_COUNTERS; k++) {
            v[5 + k][i] = h->n[k];
        }
    }
    return db_query(
        w->db, w->a, SQL_BATCH_HEALTH,
        DB_ARGS(db_i64_array(w->a, v[0], n), db_i64_array(w->a, v[1], n),
                db_i64_array(w->a, v[2], n), db_i64_array(w->a, v[3], n),
                db_time_array(w->a, v[4], n), db_i64_array(w->a, v[5], n),
                db_i64_array(w->a, v[6], n), db_i64_array(w->a, v[7], n),
                db_i64_array(w->a, v[8], n), db_i64_array(w->a, v[9], n),
                db_i64_array(w->a, v[10], n), db_i64_array(w->a, v[11], n),
                db_i64_array(w->a, v[12], n), db_i64_array(w->a, v[13], n),
                db_i64_array(w->a, v[14], n), db_i64_array(w->a, v[15], n)),
        NULL);
}


enum status
work_store_items(struct work *w)
{
    struct names *releases = collect(w, false);
    struct names *environments = collect(w, true);
    enum status st;

    w->releases = releases;
    w->environments = environments;
    if ((st = resolve(w, 0, releases)) != ST_OK
        || (st = resolve(w, 1, environments)) != ST_OK
        || (st = work_count_sessions(w)) != ST_OK
        || (st = work_store_attachments(w)) != ST_OK
        || (st = work_store_feedback(w)) != ST_OK
        || (st = work_store_ended(w)) != ST_OK
        || (st = refused_store(w->db, w->a, w->batch)) != ST_OK) {
        return st;
    }
    count_events(w);
    return write_health(w);
}
