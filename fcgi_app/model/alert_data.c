#include "model/alert_data.h"

#include <stdlib.h>

#include "json/doc.h"
#include "model/body.h"
#include "model/issue.h"
#include "util/hex.h"
#include "util/timeutil.h"

/* Rows that one call of alert_forget removes of each table. */
#define FORGET_ROWS 20000


enum status
alert_issues(struct db *db, struct arena *a, const int64_t *ids, size_t n,
             struct alert_issue **out, size_t *nout)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_ALERT_ISSUES,
                              DB_ARGS(db_i64_array(a, ids, n)), &rows);

    if (st != ST_OK) {
        return st;
    }
    *nout = (size_t) rows.n;
    *out = arena_array(a, *nout, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct alert_issue){
            .id = db_get_i64(&rows, i, "id"),
            .organization_id = db_get_i64(&rows, i, "organization_id"),
            .project_id = db_get_i64(&rows, i, "project_id"),
            .level = (int) db_get_i64(&rows, i, "level"),
            .priority = (int) db_get_i64(&rows, i, "priority"),
            .status = (int) db_get_i64(&rows, i, "status"),
            .substatus = (int) db_get_i64(&rows, i, "substatus"),
            .assignee_id = db_get_i64(&rows, i, "assignee_id"),
            .owners = db_get_str(&rows, i, "owners"),
            .first_seen = db_get_time(&rows, i, "first_seen"),
            .times_seen = db_get_i64(&rows, i, "times_seen"),
            .users_seen = db_get_i64(&rows, i, "users_seen"),
            .first_release = db_get_str(&rows, i, "first_release"),
            .last_release = db_get_str(&rows, i, "last_release"),
        };
    }
    return ST_OK;
}


enum status
alert_priorities(struct db *db, struct arena *a, const struct alert_issue *is,
                 int64_t until, int *now, int *before)
{
    int by_level = is->level <= 20 ? 25 : is->level <= 30 ? 50 : 75;
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_ALERT_PRIORITIES,
                              DB_ARGS(db_i64(is->id), db_time(until)), &rows);

    *now = *before = by_level;
    if (st == ST_OK && rows.n > 0) {
        *now = (int) db_get_i64(&rows, 0, "priority");
    }
    if (st == ST_OK && rows.n > 1) {
        *before = (int) db_get_i64(&rows, 1, "priority");
    }
    return st;
}


/* events */

/* A list of [key, value]. */
static void
add_tags(struct arena *a, const struct json *tags, struct batch_event *ev)
{
    ev->tags = arena_array(a, tags != NULL ? tags->n : 0, sizeof(*ev->tags));
    json_each(pair, tags)
    {
        struct str value = json_text(json_at(pair, 1));

        if (!str_null(value)) {
            ev->tags[ev->ntags].key = json_text(json_at(pair, 0));
            ev->tags[ev->ntags++].value = value;
        }
    }
}


/* From the event's row; of one that was stored before it had them, its body. */
static void
read_tags(struct db *db, struct arena *a, struct str row,
          struct batch_event *ev)
{
    struct json *doc;
    struct str text;

    if (!str_null(row)) {
        if (json_parse(a, row, NULL, &doc, NULL) == ST_OK) {
            add_tags(a, doc, ev);
        }

    } else if (body_unpack(db, a, ev->body, &text) == ST_OK
               && json_parse(a, text, NULL, &doc, NULL) == ST_OK) {
        add_tags(a, json_get(doc, "tags"), ev);
    }
}


static void
read_event(struct db *db, struct arena *a, const struct db_rows *rows, int i,
           struct batch_event *ev)
{
    *ev = (struct batch_event){
        .organization_id = db_get_i64(rows, i, "organization_id"),
        .project_id = db_get_i64(rows, i, "project_id"),
        .received_at = db_get_time(rows, i, "received_at"),
        .occurred_at = db_get_time(rows, i, "occurred_at"),
        .level = (int) db_get_i64(rows, i, "level"),
        .platform = db_get_str(rows, i, "platform"),
        .title = db_get_str(rows, i, "title"),
        .release = db_get_str(rows, i, "release"),
        .environment = db_get_str(rows, i, "environment"),
        .transaction = db_get_str(rows, i, "transaction"),
        .server_name = db_get_str(rows, i, "server_name"),
        .user_tag = db_get_str(rows, i, "user_tag"),
        .body = db_get_bytes(a, rows, i, "body"),
    };
    if (!uuid_parse(db_get_str(rows, i, "event_id"), ev->id)) {
        memset(ev->id, 0, sizeof(ev->id));
    }
    read_tags(db, a, db_get_str(rows, i, "tags"), ev);
}


enum status
alert_events(struct db *db, struct arena *a, int64_t issue_id, int64_t at,
             int64_t until, int max, struct batch_event **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(
        db, a, SQL_ALERT_EVENTS,
        DB_ARGS(db_i64(issue_id), db_time(at), db_time(until), db_i64(max)),
        &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        read_event(db, a, &rows, i, &(*out)[i]);
    }
    return ST_OK;
}


/* counting */

static int
by_user(const void *left, const void *right)
{
    return memcmp(left, right, 4);
}


int64_t
alert_distinct(struct arena *a, struct str users)
{
    size_t n = users.n / 4;
    char *v = arena_strndup(a, users.p != NULL ? users.p : "", n * 4);
    int64_t count = 0;

    qsort(v, n, 4, by_user);
    for (size_t i = 0; i < n; i++) {
        count += i == 0 || memcmp(v + 4 * i, v + 4 * (i - 1), 4) != 0;
    }
    return count;
}


enum status
alert_count(struct db *db, struct arena *a, int64_t issue_id,
            enum alert_unit unit, const struct str *environments,
            size_t nenvironments, int64_t from, int64_t to, int64_t *out)
{
    bool users = unit == ALERT_USERS;
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, users ? SQL_ALERT_COUNT_USERS : SQL_ALERT_COUNT_EVENTS,
                DB_ARGS(db_i64(issue_id), db_time(from), db_time(to),
                        db_str_array(a, environments, nenvironments)),
                &rows);
    if (st == ST_OK) {
        *out = users ? alert_distinct(a, db_get_bytes(a, &rows, 0, "users"))
                     : db_get_i64(&rows, 0, "n");
    }
    return st;
}


enum status
alert_sample(struct db *db, struct arena *a, int64_t org,
             const int64_t *projects, size_t n, int64_t *issue_id)
{
    struct db_rows rows;
    enum status st =
        db_one(db, a, SQL_ALERT_SAMPLE,
               DB_ARGS(db_i64(org), db_i64_array(a, projects, n)), &rows);

    if (st == ST_OK) {
        *issue_id = db_get_i64(&rows, 0, "id");
    }
    return st;
}


enum status
alert_projects(struct db *db, struct arena *a, int64_t org, const int64_t **out,
               size_t *n)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_ALERT_PROJECTS, DB_ARGS(db_i64(org)), &rows);
    int64_t *ids;

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    ids = arena_array(a, *n, sizeof(*ids));
    for (int i = 0; i < rows.n; i++) {
        ids[i] = db_get_i64(&rows, i, "id");
    }
    *out = ids;
    return ST_OK;
}


enum status
alert_project_last(struct db *db, struct arena *a, int64_t project_id,
                   const struct str *environments, size_t nenvironments,
                   int64_t at, int64_t *out)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_ALERT_PROJECT_LAST,
                  DB_ARGS(db_i64(project_id),
                          db_str_array(a, environments, nenvironments),
                          db_time(at)),
                  &rows);
    *out = st == ST_OK && rows.n > 0 ? db_get_time(&rows, 0, "minute") : 0;
    return st;
}


enum status
alert_project_delay(struct db *db, struct arena *a, int64_t project_id,
                    int64_t at, double *seconds)
{
    struct db_rows rows;
    enum status st = db_one(db, a, SQL_ALERT_PROJECT_DELAY,
                            DB_ARGS(db_i64(project_id), db_time(at)), &rows);

    *seconds = st == ST_OK ? db_get_double(&rows, 0, "seconds") : 0;
    return st;
}


enum status
alert_project_quota(struct db *db, struct arena *a, int64_t project_id,
                    int64_t at, double *share, int64_t *window)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_ALERT_PROJECT_QUOTA,
                              DB_ARGS(db_i64(project_id), db_time(at)), &rows);
    bool some = st == ST_OK && rows.n > 0;

    *share = some ? db_get_double(&rows, 0, "share") : 0;
    *window = some ? db_get_i64(&rows, 0, "limit_window") : 0;
    return st;
}


/* what is new */

static void
positions(struct arena *a, const struct db_rows *rows, size_t **out, size_t *n)
{
    *n = (size_t) rows->n;
    *out = arena_array(a, *n, sizeof(size_t));
    for (int i = 0; i < rows->n; i++) {
        (*out)[i] = (size_t) db_get_i64(rows, i, "n") - 1;
    }
}


enum status
alert_new_environments(struct db *db, struct arena *a, const int64_t *issues,
                       const struct str *environments, const int64_t *minutes,
                       size_t n, size_t **fresh, size_t *nfresh)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_ALERT_NEW_ENVIRONMENTS,
                  DB_ARGS(db_i64_array(a, issues, n),
                          db_str_array(a, environments, n),
                          db_time_array(a, minutes, n)),
                  &rows);
    if (st == ST_OK) {
        positions(a, &rows, fresh, nfresh);
    }
    return st;
}


enum status
alert_new_tags(struct db *db, struct arena *a, const struct alert_tag *tags,
               size_t n, size_t **fresh, size_t *nfresh)
{
    int64_t *organizations = arena_array(a, n, sizeof(int64_t));
    int64_t *projects = arena_array(a, n, sizeof(int64_t));
    struct str *keys = arena_array(a, n, sizeof(struct str));
    struct str *values = arena_array(a, n, sizeof(struct str));
    int64_t *at = arena_array(a, n, sizeof(int64_t));
    struct db_rows rows;
    enum status st;

    for (size_t i = 0; i < n; i++) {
        organizations[i] = tags[i].organization_id;
        projects[i] = tags[i].project_id;
        keys[i] = tags[i].key;
        values[i] = tags[i].value;
        at[i] = tags[i].at;
    }
    st =
        db_query(db, a, SQL_ALERT_NEW_TAGS,
                 DB_ARGS(db_i64_array(a, organizations, n),
                         db_i64_array(a, projects, n), db_str_array(a, keys, n),
                         db_str_array(a, values, n), db_time_array(a, at, n)),
                 &rows);
    if (st == ST_OK) {
        positions(a, &rows, fresh, nfresh);
    }
    return st;
}


enum status
alert_seed_tags(struct db *db, struct arena *a, int64_t org,
                const int64_t *projects, size_t n, const struct str *keys,
                size_t nkeys)
{
    return db_query(db, a, SQL_ALERT_SEED_TAGS,
                    DB_ARGS(db_i64(org), db_i64_array(a, projects, n),
                            db_str_array(a, keys, nkeys)),
                    NULL);
}


/* due */

static struct str
ids_text(struct arena *a, const int64_t *v, size_t n)
{
    struct buf b = buf_in(a);

    buf_char(&b, '{');
    for (size_t i = 0; i < n; i++) {
        buf_addf(&b, "%s%lld", i > 0 ? "," : "", (long long) v[i]);
    }
    buf_char(&b, '}');
    return buf_view(&b);
}


enum status
alert_due_add(struct db *db, struct arena *a, const struct alert_due *due,
              size_t n)
{
    int64_t *organizations = arena_array(a, n, sizeof(int64_t));
    int64_t *projects = arena_array(a, n, sizeof(int64_t));
    int64_t *issues = arena_array(a, n, sizeof(int64_t));
    int64_t *minutes = arena_array(a, n, sizeof(int64_t));
    struct str *events = arena_array(a, n, sizeof(struct str));
    struct str *rules = arena_array(a, n, sizeof(struct str));

    if (n == 0) {
        return ST_OK;
    }
    for (size_t i = 0; i < n; i++) {
        organizations[i] = due[i].organization_id;
        projects[i] = due[i].project_id;
        issues[i] = due[i].issue_id;
        minutes[i] = due[i].minute;
        events[i] = due[i].event_id;
        rules[i] = due[i].nrules > 0 ? ids_text(a, due[i].rules, due[i].nrules)
                                     : STR_NULL;
    }
    return db_query(
        db, a, SQL_ALERT_DUE_ADD,
        DB_ARGS(db_i64_array(a, organizations, n), db_i64_array(a, projects, n),
                db_i64_array(a, issues, n), db_time_array(a, minutes, n),
                db_str_array(a, events, n), db_str_array(a, rules, n)),
        NULL);
}


static int
by_minute(const void *left, const void *right)
{
    const struct alert_due *a = left, *b = right;

    if (a->minute != b->minute) {
        return a->minute < b->minute ? -1 : 1;
    }
    return (a->issue_id > b->issue_id) - (a->issue_id < b->issue_id);
}


static void
read_ids(struct arena *a, struct str text, int64_t **out, size_t *n)
{
    struct str rest = str_sub(text, 1, text.n > 0 ? text.n - 1 : 0), part;

    *out = arena_array(a, text.n, sizeof(int64_t));
    *n = 0;
    while (str_split(&rest, ',', &part)) {
        *n += str_i64(part, &(*out)[*n]);
    }
}


enum status
alert_due_take(struct db *db, struct arena *a, int max, struct alert_due **out,
               size_t *n)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_ALERT_DUE_TAKE, DB_ARGS(db_i64(max)), &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        struct alert_due *d = &(*out)[i];

        d->organization_id = db_get_i64(&rows, i, "organization_id");
        d->project_id = db_get_i64(&rows, i, "project_id");
        d->issue_id = db_get_i64(&rows, i, "issue_id");
        d->minute = db_get_time(&rows, i, "minute");
        d->event_id = db_get_str(&rows, i, "event_id");
        read_ids(a, db_get_str(&rows, i, "rules"), &d->rules, &d->nrules);
    }
    if (*n > 0) {
        qsort(*out, *n, sizeof(**out), by_minute);
    }
    return ST_OK;
}


/* firing */

static struct str
number_text(struct arena *a, double v)
{
    return str_printf(a, "%.17g", v);
}


enum status
alert_fire_add(struct db *db, struct arena *a, struct alert_fire *fires,
               size_t n)
{
    int64_t *ids[6], *at[2];
    struct str *texts[5];
    struct db_rows rows;
    enum status st;

    if (n == 0) {
        return ST_OK;
    }
    for (size_t k = 0; k < 6; k++) {
        ids[k] = arena_array(a, n, sizeof(int64_t));
    }
    for (size_t k = 0; k < 5; k++) {
        texts[k] = arena_array(a, n, sizeof(struct str));
    }
    at[0] = arena_array(a, n, sizeof(int64_t));
    at[1] = arena_array(a, n, sizeof(int64_t));
    for (size_t i = 0; i < n; i++) {
        const struct alert_fire *f = &fires[i];

        ids[0][i] = f->organization_id;
        ids[1][i] = f->rule_id;
        ids[2][i] = f->project_id;
        ids[3][i] = f->issue_id;
        ids[4][i] = f->window;
        ids[5][i] = f->blocks;
        /* until it is known that it fires: ask again in a minute */
        fires[i].silent = f->blocks;
        fires[i].silent_until = f->at + US_PER_MINUTE;
        at[0][i] = f->at;
        at[1][i] = f->at + f->interval;
        texts[0][i] = f->event_id;
        texts[1][i] = f->cause;
        texts[2][i] = number_text(a, f->value);
        texts[3][i] = number_text(a, f->threshold);
        texts[4][i] = f->environment;
    }
    st = db_query(
        db, a, SQL_ALERT_FIRE_ADD,
        DB_ARGS(db_i64_array(a, ids[0], n), db_i64_array(a, ids[1], n),
                db_i64_array(a, ids[2], n), db_i64_array(a, ids[3], n),
                db_str_array(a, texts[0], n), db_time_array(a, at[0], n),
                db_time_array(a, at[1], n), db_str_array(a, texts[1], n),
                db_str_array(a, texts[2], n), db_str_array(a, texts[3], n),
                db_i64_array(a, ids[4], n), db_str_array(a, texts[4], n),
                db_i64_array(a, ids[5], n)),
        &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        struct alert_fire *f = &fires[db_get_i64(&rows, i, "n") - 1];

        f->id = db_get_i64(&rows, i, "id");
        f->blocks = (unsigned) db_get_i64(&rows, i, "latest");
        f->silent = (unsigned) db_get_i64(&rows, i, "silent");
        f->silent_until = db_get_time(&rows, i, "next_at");
    }
    return st;
}


enum status
alert_fire_add_each(struct db *db, struct arena *a, struct alert_fire *fires,
                    size_t n)
{
    enum status st = ST_OK;

    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct alert_fire *f = &fires[i];
        struct db_rows rows;

        st = db_query(db, a, SQL_ALERT_FIRE_ADD_EACH,
                      DB_ARGS(db_i64(f->organization_id), db_i64(f->rule_id),
                              db_i64(f->project_id),
                              f->issue_id > 0 ? db_i64(f->issue_id) : db_null(),
                              db_i64(f->feedback_id), db_str(f->event_id),
                              db_time(f->at), db_str(f->cause),
                              str_null(f->environment) ? db_text("")
                                                       : db_str(f->environment),
                              db_i64(f->blocks)),
                      &rows);
        f->id = st == ST_OK && rows.n > 0 ? db_get_i64(&rows, 0, "id") : 0;
    }
    return st;
}


enum status
alert_fire_hold(struct db *db, struct arena *a, int64_t id, const char *held)
{
    return db_query(db, a, SQL_ALERT_FIRE_HOLD,
                    DB_ARGS(db_i64(id), db_text(held)), NULL);
}


enum status
alert_fire_escalated(struct db *db, struct arena *a, int64_t id,
                     const char *state)
{
    return db_query(db, a, SQL_ALERT_FIRE_ESCALATED,
                    DB_ARGS(db_i64(id), db_text(state)), NULL);
}


enum status
alert_acted(struct db *db, struct arena *a, int64_t org, int64_t fire_id,
            bool *out)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_ALERT_ACTED,
                              DB_ARGS(db_i64(org), db_i64(fire_id)), &rows);

    if (st == ST_OK) {
        *out = rows.n == 0 || db_get_bool(&rows, 0, "acted");
    }
    return st;
}


enum status
alert_fire_count(struct db *db, struct arena *a, int64_t rule_id, int64_t since,
                 int64_t *out)
{
    struct db_rows rows;
    enum status st = db_one(db, a, SQL_ALERT_FIRE_COUNT,
                            DB_ARGS(db_i64(rule_id), db_time(since)), &rows);

    if (st == ST_OK) {
        *out = db_get_i64(&rows, 0, "n");
    }
    return st;
}


static struct alert_fire *
read_fires(struct arena *a, const struct db_rows *rows, size_t n)
{
    struct alert_fire *v = arena_array(a, n, sizeof(*v));

    for (size_t k = 0; k < n; k++) {
        int i = (int) k;

        v[k] = (struct alert_fire){
            .id = db_get_i64(rows, i, "id"),
            .organization_id = db_get_i64(rows, i, "organization_id"),
            .rule_id = db_get_i64(rows, i, "rule_id"),
            .project_id = db_get_i64(rows, i, "project_id"),
            .issue_id = db_get_i64(rows, i, "issue_id"),
            .feedback_id = db_get_i64(rows, i, "feedback_id"),
            .event_id = db_get_str(rows, i, "event_id"),
            .at = db_get_time(rows, i, "at"),
            .fired_at = db_get_time(rows, i, "fired_at"),
            .cause = db_get_str(rows, i, "cause"),
            .value = db_get_double(rows, i, "value"),
            .threshold = db_get_double(rows, i, "threshold"),
            .window = db_get_i64(rows, i, "window_s"),
            .environment = db_get_str(rows, i, "environment"),
            .held = db_get_str(rows, i, "held"),
            .escalated = db_get_str(rows, i, "escalated"),
            .blocks = (unsigned) db_get_i64(rows, i, "blocks"),
            .issue_title = db_get_str(rows, i, "issue_title"),
            .rule_name = db_get_str(rows, i, "rule_name"),
        };
        if (v[k].issue_id != 0) {
            v[k].issue_short_id =
                issue_short_id(a, db_get_str(rows, i, "project_slug"),
                               db_get_i64(rows, i, "issue_number"));
        }
    }
    return v;
}


enum status
alert_fire_list(struct db *db, struct arena *a, int64_t org, int64_t rule_id,
                int64_t project_id, int64_t before, struct alert_fire **out,
                size_t *n, bool *more)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_ALERT_FIRE_LIST,
                  DB_ARGS(db_i64(org), db_i64(rule_id), db_i64(project_id),
                          db_i64(before > 0 ? before : INT64_MAX),
                          db_i64(ALERT_FIRE_PAGE + 1)),
                  &rows);
    if (st == ST_OK) {
        *more = rows.n > ALERT_FIRE_PAGE;
        *n = *more ? ALERT_FIRE_PAGE : (size_t) rows.n;
        *out = read_fires(a, &rows, *n);
    }
    return st;
}


enum status
alert_fire_titles(struct db *db, struct arena *a, int64_t org,
                  struct alert_fire *fires, size_t n)
{
    int64_t *ids = arena_array(a, n, sizeof(int64_t));
    struct db_rows rows;
    enum status st;

    for (size_t i = 0; i < n; i++) {
        ids[i] = fires[i].issue_id;
    }
    st = db_query(db, a, SQL_ALERT_FIRE_TITLES,
                  DB_ARGS(db_i64(org), db_i64_array(a, ids, n)), &rows);
    for (int r = 0; st == ST_OK && r < rows.n; r++) {
        for (size_t i = 0; i < n; i++) {
            if (ids[i] == db_get_i64(&rows, r, "id")) {
                fires[i].issue_title = db_get_str(&rows, r, "title");
                fires[i].issue_short_id =
                    issue_short_id(a, db_get_str(&rows, r, "slug"),
                                   db_get_i64(&rows, r, "number"));
            }
        }
    }
    return st;
}


enum status
alert_fires(struct db *db, struct arena *a, int64_t org, const int64_t *ids,
            size_t n, struct alert_fire **out, size_t *nout)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_ALERT_FIRES,
                 DB_ARGS(db_i64(org), db_i64_array(a, ids, n)), &rows);

    if (st == ST_OK) {
        *nout = (size_t) rows.n;
        *out = read_fires(a, &rows, *nout);
    }
    return st;
}


enum status
alert_fires_held(struct db *db, struct arena *a, int64_t org, int64_t rule_id,
                 int64_t since, int max, struct alert_fire **out, size_t *nout)
{
    struct db_rows rows;
    enum status st = db_query(
        db, a, SQL_ALERT_FIRES_HELD,
        DB_ARGS(db_i64(org), db_i64(rule_id), db_time(since), db_i64(max)),
        &rows);

    if (st == ST_OK) {
        *nout = (size_t) rows.n;
        *out = read_fires(a, &rows, *nout);
    }
    return st;
}


enum status
alert_fire_days(struct db *db, struct arena *a, int64_t org,
                const int64_t *rules, size_t n, int64_t from, int days,
                int64_t **out)
{
    struct db_rows rows;
    enum status st;

    *out = arena_array(a, n * (size_t) days, sizeof(int64_t));
    st = db_query(
        db, a, SQL_ALERT_FIRE_DAYS,
        DB_ARGS(db_i64(org), db_i64_array(a, rules, n), db_time(from)), &rows);
    for (int r = 0; st == ST_OK && r < rows.n; r++) {
        int64_t day = db_get_i64(&rows, r, "day");

        for (size_t i = 0; i < n; i++) {
            if (rules[i] == db_get_i64(&rows, r, "rule_id") && day >= 0
                && day < days) {
                (*out)[i * (size_t) days + (size_t) day] =
                    db_get_i64(&rows, r, "n");
            }
        }
    }
    return st;
}


enum status
alert_forget(struct db *db, struct arena *a, bool *more)
{
    static const enum sql statements[] = { SQL_ALERT_FORGET_ISSUE_MINUTES,
                                           SQL_ALERT_FORGET_MATCHES,
                                           SQL_ALERT_FORGET_PROJECT_MINUTES,
                                           SQL_ALERT_FORGET_SESSION_MINUTES,
                                           SQL_ALERT_FORGET_FIRES };
    enum status st = ST_OK;

    *more = false;
    for (size_t i = 0;
         st == ST_OK && i < sizeof(statements) / sizeof(statements[0]); i++) {
        struct db_rows rows;

        st =
            db_query(db, a, statements[i], DB_ARGS(db_i64(FORGET_ROWS)), &rows);
        if (st == ST_OK && atoll(PQcmdTuples(rows.res)) == FORGET_ROWS) {
            *more = true;
        }
    }
    return st;
}
