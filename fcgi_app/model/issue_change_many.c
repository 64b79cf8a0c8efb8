/*
 * The jobs of model/issue_change.h: a change of all issues that match a
 * search, and what is left to do of a deletion.
 *
 * Which projects the account saw when it asked is part of what was asked for.
 *
 * The issues are collected first, the one seen longest ago at the beginning:
 * an event that comes meanwhile moves its issue to the end, where it is met
 * later, but never behind the walker.  Only then are they changed, because a
 * change takes them out of what the search finds.
 */

#include "model/issue_change.h"

#include "model/account.h"
#include "model/assignee.h"
#include "model/issue_merge.h"
#include "model/project.h"
#include "util/lang.h"
#include "util/log.h"

#define COLLECT 20  /* pages of a search in one step */
#define CHANGE 200  /* issues in one step */
#define EVENTS 2000 /* that are deleted in one step */
#define ISSUES 20

struct many {
    struct db *db;
    struct arena *a;
    struct job *job;
    struct json *params;
    struct issue_change change;
    struct actor by;
};


enum status
issue_change_matching(struct db *db, struct arena *a, int64_t organization_id,
                      struct str query, const struct id_set *projects,
                      const struct issue_change *c, const struct actor *by,
                      struct str back, int64_t *job_id)
{
    struct json *params = json_new(a, JSON_T_OBJECT);
    struct buf text = buf_in(a);
    struct job job = {
        .organization_id = organization_id,
        .account_id = by->account_id,
        .kind = STR("issues"),
        .title = issue_change_done(
            a, c, lang_keep(a, N_("All issues that match"), NULL, 0), 5),
        .total = -1,
        .back = back,
    };

    json_set(params, STR("query"), json_new_str(a, query));
    json_set(params, STR("do"), json_new_str(a, c->word));
    json_set(params, STR("value"), json_new_str(a, c->value));
    json_set(params, STR("address"), json_new_str(a, by->address));
    if (projects != NULL && projects->limited) {
        struct json *list = json_new(a, JSON_T_ARRAY);

        for (size_t i = 0; i < projects->n; i++) {
            json_append(list, json_new_i64(a, projects->ids[i]));
        }
        json_set(params, STR("projects"), list);
    }
    json_write(&text, params);
    job.params = buf_view(&text);
    return job_add(db, a, &job, job_id);
}


/* ---- collecting */

static enum status
read_names(struct many *m, struct search_names *names)
{
    struct search_name *pn;
    struct project *projects;
    struct assignee *people;
    enum status st;
    size_t np, nm;

    if ((st = project_list(m->db, m->a, m->job->organization_id, NULL,
                           &projects, &np))
            != ST_OK
        || (st = assignee_list(m->db, m->a, m->job->organization_id,
                               m->job->account_id, 0, &people, &nm))
               != ST_OK) {
        return st;
    }
    pn = arena_array(m->a, np, sizeof(*pn));
    for (size_t i = 0; i < np; i++) {
        pn[i] = (struct search_name){ projects[i].slug, projects[i].id, false };
    }
    *names = (struct search_names){ m->job->account_id, pn, np,
                                    assignee_names(m->a, people, nm), nm };
    return ST_OK;
}


/* Only these projects, and only those that the search lets pass. */
static void
limit(struct many *m, struct id_set *set)
{
    const struct json *list = json_get(m->params, "projects");
    struct id_set given = { .limited = true };
    int64_t id;

    if (!json_is(list, JSON_T_ARRAY)) {
        return;
    }
    given.ids = arena_array(m->a, list->n, sizeof(int64_t));
    json_each(v, list)
    {
        bool passes = !set->limited;

        if (!json_i64(v, &id)) {
            continue;
        }
        for (size_t i = 0; i < set->n && !passes; i++) {
            passes = set->ids[i] == id;
        }
        if (passes) {
            given.ids[given.n++] = id;
        }
    }
    *set = given;
}


static enum status
note(struct many *m, const struct issue_list *page)
{
    int64_t *ids = arena_array(m->a, (size_t) page->n, sizeof(int64_t));

    for (int i = 0; i < page->n; i++) {
        ids[i] = page->rows[i].id;
    }
    return db_query(
        m->db, m->a, SQL_ISSUE_MERGE_JOB_ISSUES,
        DB_ARGS(db_i64(m->job->id), db_i64_array(m->a, ids, (size_t) page->n)),
        NULL);
}


/* Position: "c<key>.<id>" of the latest row; "a0" when all are collected. */
static enum status
collect(struct many *m)
{
    struct str rest = m->job->position, key;
    struct issue_cursor cursor = { .key = 1, .id = 1, .back = true };
    const struct access all = { .all = true };
    struct search_names names;
    struct issue_query query;
    struct issue_list page = { .earlier = true };
    enum status st;

    if (rest.n > 1) {
        rest = str_sub(rest, 1, rest.n);
        if (!str_split(&rest, '.', &key) || !str_i64(key, &cursor.key)
            || !str_i64(rest, &cursor.id)) {
            return ST_INVALID;
        }
    }
    if ((st = read_names(m, &names)) != ST_OK) {
        return st;
    }
    issue_query_parse(m->a, json_text_of(m->params, "query"), &names, &query);
    if (query.nerrors > 0) {
        m->job->error = STR("The search has a mistake in it, so nothing was "
                            "changed.");
        return ST_INVALID;
    }
    limit(m, &query.filter.projects);

    for (int i = 0; i < COLLECT && page.earlier; i++) {
        st = issue_list(m->db, m->a, m->job->organization_id, &all,
                        &query.filter, ISSUE_BY_LAST_SEEN, &cursor, &page);
        if (st != ST_OK || page.n == 0 || (st = note(m, &page)) != ST_OK) {
            break;
        }
        cursor.key = page.rows[0].key;
        cursor.id = page.rows[0].id;
        m->job->total = (m->job->total < 0 ? 0 : m->job->total) + page.n;
    }
    m->job->position =
        page.earlier && page.n > 0 ? str_printf(
            m->a, "c%lld.%lld", (long long) cursor.key, (long long) cursor.id)
                                   : STR("a0");
    return st;
}


/* ---- changing */

/* No more than this many are left to change: a merge takes all at once. */
static enum status
change_some(struct many *m)
{
    bool merge = m->change.kind == CHANGE_MERGE;
    struct db_rows rows;
    int64_t after = 0, changed = 0, *ids;
    enum status st;

    (void) str_i64(str_sub(m->job->position, 1, m->job->position.n), &after);
    st = db_query(m->db, m->a, SQL_ISSUE_CHANGE_JOB_ISSUES,
                  DB_ARGS(db_i64(m->job->id), db_i64(after),
                          db_i64(merge ? ISSUE_MERGE_MAX + 1 : CHANGE)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    if (merge && (rows.n > ISSUE_MERGE_MAX || rows.n < 2)) {
        m->job->error = rows.n < 2
                            ? STR("A merge needs two issues at least.")
                            : STR("No more than 1,000 issues can be merged at "
                                  "once.");
        return ST_INVALID;
    }
    ids = arena_array(m->a, (size_t) rows.n, sizeof(int64_t));
    for (int i = 0; i < rows.n; i++) {
        ids[i] = after = db_get_i64(&rows, i, "id");
    }
    if (rows.n > 0) {
        st = issue_change(m->db, m->a, m->job->organization_id, ids,
                          (size_t) rows.n, &m->change, &m->by, true,
                          &m->job->undo_id, &changed);
        if (st == ST_INVALID && merge) {
            m->job->error =
                STR("Issues of different projects cannot be merged.");
        }
    }
    if (st != ST_OK) {
        return st;
    }
    m->job->done += rows.n;
    m->job->position = str_printf(m->a, "a%lld", (long long) after);
    if (merge || rows.n < CHANGE) {
        m->job->state = JOB_DONE;
    }
    return ST_OK;
}


enum status
issue_change_step(struct db *db, struct arena *a, struct job *job)
{
    struct many m = { .db = db, .a = a, .job = job };
    struct account account;
    enum status st;

    m.params = job_params(a, job);
    if (issue_change_read(json_text_of(m.params, "do"),
                          json_text_of(m.params, "value"), &m.change)
        != ST_OK) {
        return ST_INVALID;
    }
    if ((st = account_of_worker(db, a, job->account_id, &account)) != ST_OK) {
        job->error = STR("Whoever asked for it has no account any more.");
        return st == ST_NOT_FOUND ? ST_INVALID : st;
    }
    m.by = (struct actor){
        .account_id = account.id,
        .name = account.name,
        .email = account.email,
        .address = json_text_of(m.params, "address"),
    };
    return job->position.n == 0 || job->position.p[0] == 'c' ? collect(&m)
                                                             : change_some(&m);
}


/* ---- deleting */

enum status
issue_delete_step(struct db *db, struct arena *a, struct job *job)
{
    struct db_rows rows;
    enum status st = db_one(
        db, a, SQL_ISSUE_DELETE_EVENTS,
        DB_ARGS(db_i64(job->id), db_i64(EVENTS), db_i64(ISSUE_DELETE_TOLD)),
        &rows);
    int64_t n;

    if (st != ST_OK) {
        return st;
    }
    if ((n = db_get_i64(&rows, 0, "n")) > 0) {
        job->done += n;
        return ST_OK;
    }
    st = db_one(db, a, SQL_ISSUE_DELETE_ISSUES,
                DB_ARGS(db_i64(job->id), db_i64(ISSUES)), &rows);
    if (st == ST_OK && db_get_i64(&rows, 0, "n") == 0) {
        job->state = JOB_DONE;
    }
    return st;
}
