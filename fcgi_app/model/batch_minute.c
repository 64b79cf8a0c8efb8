/*
 * What alerts count by: events and their users, by minute of their arrival and
 * by environment, of each issue and of each project; sessions likewise, and by
 * their release.
 *
 * By arrival, not by the time that the client tells: its clock may be wrong,
 * and an alert is about what comes in.  A user is 32 bits of a hash; a row
 * keeps USERS_MAX of them, written behind each other without a look at what is
 * there, so that the digest asks nothing: whoever counts takes each once.
 */

#include "model/batch_work.h"

#include <stdlib.h>

#include "util/buf.h"
#include "util/crypt.h"
#include "util/timeutil.h"

/* Of one row; a minute with more users than this counts as so many. */
#define USERS_MAX 1024

struct minute {
    int64_t owner; /* issue or project */
    int64_t organization_id;
    int64_t at;
    struct str environment;
    int level; /* of a project's row; of sessions: whether they crashed */
    int64_t release_id; /* of sessions */
    int64_t count;
    uint32_t user;
    bool has_user;
};

struct total {
    const struct minute *first;
    int64_t n;
    struct buf users;
};


static int
by_row(const struct minute *a, const struct minute *b)
{
    int c = compare_i64(a->owner, b->owner);

    if (c == 0 && (c = compare_i64(a->at, b->at)) == 0
        && (c = str_cmp(a->environment, b->environment)) == 0) {
        c = compare_i64(a->level, b->level);
    }
    return c != 0 ? c : compare_i64(a->release_id, b->release_id);
}


static int
by_row_and_user(const void *left, const void *right)
{
    const struct minute *a = left, *b = right;
    int c = by_row(a, b);

    return c != 0 ? c : compare_i64(a->user, b->user);
}


static uint32_t
user_of(const struct batch_event *ev)
{
    unsigned char hash[DIGEST_BYTES];
    uint32_t user;

    digest16(ev->user_tag, hash);
    memcpy(&user, hash, sizeof(user));
    return user;
}


/* Sorts them and adds up what goes into one row. */
static size_t
sum_up(struct arena *a, struct minute *list, size_t n, struct total **out)
{
    struct total *totals = arena_array(a, n, sizeof(*totals));
    size_t kept = 0;

    qsort(list, n, sizeof(*list), by_row_and_user);
    for (size_t i = 0; i < n; i++) {
        const struct minute *m = &list[i];

        if (kept == 0 || by_row(totals[kept - 1].first, m) != 0) {
            totals[kept++] = (struct total){ .first = m, .users = buf_in(a) };
        }
        totals[kept - 1].n += m->count;
        if (m->has_user
            && (i == 0 || by_row_and_user(&list[i - 1], m) != 0
                || !list[i - 1].has_user)
            && totals[kept - 1].users.n < USERS_MAX * sizeof(m->user)) {
            buf_add(&totals[kept - 1].users, &m->user, sizeof(m->user));
        }
    }
    *out = totals;
    return kept;
}


/* The columns that both tables have. */
struct columns {
    int64_t *owners;
    int64_t *organizations;
    int64_t *at;
    struct str *environments;
    int64_t *levels;
    int64_t *releases;
    int64_t *n;
    struct str *users;
};


static struct columns
columns_of(struct arena *a, const struct total *totals, size_t n)
{
    struct columns c = {
        .owners = arena_array(a, n, sizeof(int64_t)),
        .organizations = arena_array(a, n, sizeof(int64_t)),
        .at = arena_array(a, n, sizeof(int64_t)),
        .environments = arena_array(a, n, sizeof(struct str)),
        .levels = arena_array(a, n, sizeof(int64_t)),
        .releases = arena_array(a, n, sizeof(int64_t)),
        .n = arena_array(a, n, sizeof(int64_t)),
        .users = arena_array(a, n, sizeof(struct str)),
    };

    for (size_t i = 0; i < n; i++) {
        const struct minute *m = totals[i].first;

        c.owners[i] = m->owner;
        c.organizations[i] = m->organization_id;
        c.at[i] = m->at;
        c.environments[i] = m->environment;
        c.levels[i] = m->level;
        c.releases[i] = m->release_id;
        c.n[i] = totals[i].n;
        c.users[i] = buf_view(&totals[i].users);
    }
    return c;
}


static size_t
collect(const struct work *w, bool of_issues, struct minute *list)
{
    size_t n = 0;

    for (size_t i = 0; i < w->nrows; i++) {
        const struct work_row *row = &w->rows[i];
        const struct batch_event *ev = row->ev;

        if (row->issue == NULL) {
            continue;
        }
        list[n++] = (struct minute){
            .owner = of_issues ? row->issue->id : row->project->id,
            .organization_id = row->project->organization_id,
            .at = ev->received_at - ev->received_at % US_PER_MINUTE,
            .environment =
                str_null(ev->environment) ? STR("") : ev->environment,
            .level = of_issues ? 0 : ev->level,
            .count = 1,
            .user = ev->user_tag.n > 0 ? user_of(ev) : 0,
            .has_user = ev->user_tag.n > 0,
        };
    }
    return n;
}


enum status
work_count_issue_minutes(struct work *w)
{
    struct minute *list = arena_array(w->a, w->nrows, sizeof(*list));
    struct total *totals;
    size_t n = sum_up(w->a, list, collect(w, true, list), &totals);
    struct columns c = columns_of(w->a, totals, n);

    if (n == 0) {
        return ST_OK;
    }
    return db_query(w->db, w->a, SQL_BATCH_ISSUE_MINUTES,
                    DB_ARGS(db_i64_array(w->a, c.owners, n),
                            db_str_array(w->a, c.environments, n),
                            db_time_array(w->a, c.at, n),
                            db_i64_array(w->a, c.n, n),
                            db_bytes_array(w->a, c.users, n)),
                    NULL);
}


/* Adds them to rows of projects. */
static enum status
add_of_projects(struct work *w, bool of_sessions, struct minute *list,
                size_t nlist)
{
    struct total *totals;
    size_t n = sum_up(w->a, list, nlist, &totals);
    struct columns c = columns_of(w->a, totals, n);
    const struct db_arg args[] = {
        db_i64_array(w->a, c.organizations, n),
        db_i64_array(w->a, c.owners, n),
        db_str_array(w->a, c.environments, n),
        db_i64_array(w->a, c.levels, n),
        db_time_array(w->a, c.at, n),
        db_i64_array(w->a, c.n, n),
        db_bytes_array(w->a, c.users, n),
        db_i64_array(w->a, c.releases, n),
    };

    if (n == 0) {
        return ST_OK;
    }
    return of_sessions
               ? db_query(w->db, w->a, SQL_BATCH_SESSION_MINUTES, args, 8, NULL)
               : db_query(w->db, w->a, SQL_BATCH_PROJECT_MINUTES, args, 7,
                          NULL);
}


enum status
work_count_project_minutes(struct work *w)
{
    struct minute *list = arena_array(w->a, w->nrows, sizeof(*list));

    return add_of_projects(w, false, list, collect(w, false, list));
}


enum status
work_count_session_minutes(struct work *w, const struct work_told *told,
                           size_t n)
{
    struct minute *list = arena_array(w->a, 2 * n, sizeof(*list));
    size_t nlist = 0;

    for (size_t i = 0; i < n; i++) {
        const struct batch_session *s = told[i].session;
        struct minute m = {
            .owner = s->project_id,
            .organization_id = s->organization_id,
            .at = s->received_at - s->received_at % US_PER_MINUTE,
            .environment = str_null(s->environment) ? STR("") : s->environment,
            .count = told[i].began,
            .user = (uint32_t) s->user_hash,
            .has_user = s->has_user,
            .release_id = told[i].release_id,
        };

        if (m.count > 0 || m.has_user) {
            list[nlist++] = m;
        }
        m.level = 1;
        m.count = told[i].crashed;
        m.has_user = m.has_user && told[i].crashed > 0;
        if (m.count > 0) {
            list[nlist++] = m;
        }
    }
    return add_of_projects(w, true, list, nlist);
}
