#include "model/issue_change.h"

#include "model/activity.h"
#include "model/assignee.h"
#include "model/issue_merge.h"
#include "model/undo.h"
#include "util/buf.h"
#include "util/lang.h"

#define COUNT_MAX 1000000000 /* of a snooze */
#define MINUTES_MAX (366 * 24 * 60)

static const struct {
    const char *word;
    enum issue_change_kind kind;
    const char *done; /* what, and its number for the verb */
    bool undo;        /* can be taken back */
} changes[] = {
    { "resolve", CHANGE_RESOLVE, N_("{0} {1|is|are} resolved."), true },
    { "archive", CHANGE_ARCHIVE, N_("{0} {1|is|are} archived."), true },
    { "unresolve", CHANGE_UNRESOLVE, N_("{0} {1|is|are} reopened."), true },
    { "review", CHANGE_REVIEW, N_("{0} {1|is|are} marked as reviewed."), true },
    { "assign", CHANGE_ASSIGN, N_("{0} {1|is|are} assigned."), true },
    { "priority", CHANGE_PRIORITY, N_("{0} {1|is|are} given another priority."),
      true },
    { "bookmark", CHANGE_BOOKMARK, N_("{0} {1|is|are} bookmarked."), false },
    { "unbookmark", CHANGE_UNBOOKMARK,
      N_("{0} {1|is|are} no longer bookmarked."), false },
    { "subscribe", CHANGE_SUBSCRIBE, N_("{0} {1|is|are} followed by you."),
      false },
    { "unsubscribe", CHANGE_UNSUBSCRIBE,
      N_("{0} {1|is|are} no longer followed by you."), false },
    { "merge", CHANGE_MERGE, N_("{0} {1|is|are} merged."), true },
    { "delete", CHANGE_DELETE, N_("{0} {1|is|are} deleted."), true },
    { "discard", CHANGE_DISCARD,
      N_("{0} {1|is|are} deleted, and new events are discarded."), false },
};

#define CHANGES (sizeof(changes) / sizeof(changes[0]))


/* ---- reading */

/* "events 100 within 60" */
static enum status
read_wake(struct str value, struct issue_wake *wake)
{
    struct str word, number, rest = value;
    int64_t n;

    if (value.n == 0) {
        return ST_OK;
    }
    if (str_is(value, "forever")) {
        wake->forever = true;
        return ST_OK;
    }
    if (!str_split(&rest, ' ', &word) || !str_split(&rest, ' ', &number)
        || !str_i64(number, &n) || n < 1 || n > COUNT_MAX) {
        return ST_INVALID;
    }
    if (str_is(word, "minutes") && n <= MINUTES_MAX) {
        wake->minutes = n;

    } else if (str_is(word, "users")) {
        wake->users = n;

    } else if (str_is(word, "events")) {
        wake->events = n;
        if (str_split(&rest, ' ', &word) && str_is(word, "within")
            && (!str_i64(rest, &wake->window) || wake->window < 1
                || wake->window > 7 * 24 * 60)) {
            return ST_INVALID;
        }

    } else {
        return ST_INVALID;
    }
    return ST_OK;
}


/* The beginning of a revision, as git shortens it, or all of it. */
static bool
is_revision(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (memchr("0123456789abcdef", s.p[i], 16) == NULL) {
            return false;
        }
    }
    return s.n >= 7 && s.n <= 64;
}


static enum status
read_value(struct issue_change *c)
{
    struct str rest = c->value, word;

    switch (c->kind) {
    case CHANGE_RESOLVE:
        if (c->value.n == 0) {
            return ST_OK;
        }
        if (str_is(c->value, "next")) {
            c->next = true;
            return ST_OK;
        }
        if (str_is(c->value, "current")) {
            c->current = true;
            return ST_OK;
        }
        if (!str_split(&rest, ' ', &word)) {
            return ST_INVALID;
        }
        rest = str_trim(rest);
        if (str_is(word, "commit")) {
            c->commit = rest;
            return is_revision(rest) ? ST_OK : ST_INVALID;
        }
        c->release = rest;
        return str_is(word, "release") && rest.n > 0 && rest.n <= 250
                   ? ST_OK
                   : ST_INVALID;

    case CHANGE_ARCHIVE:
        return read_wake(c->value, &c->wake);

    case CHANGE_ASSIGN:
        return assignee_read(c->value, &c->number) ? ST_OK : ST_INVALID;

    case CHANGE_PRIORITY:
        return str_i64(c->value, &c->number)
                       && (c->number == 25 || c->number == 50
                           || c->number == 75)
                   ? ST_OK
                   : ST_INVALID;

    default:
        return c->value.n == 0 ? ST_OK : ST_INVALID;
    }
}


enum status
issue_change_read(struct str word, struct str value, struct issue_change *out)
{
    for (size_t i = 0; i < CHANGES; i++) {
        if (str_is(word, changes[i].word)) {
            *out = (struct issue_change){ .kind = changes[i].kind,
                                          .word = word,
                                          .value = str_null(value)
                                                       ? STR("")
                                                       : str_trim(value) };
            return read_value(out);
        }
    }
    return ST_INVALID;
}


struct str
issue_change_done(struct arena *a, const struct issue_change *c,
                  struct str what, size_t n)
{
    return lang_keep(a,
                     c->kind == CHANGE_ASSIGN && c->number == 0
                         ? N_("{0} {1|is|are} no longer assigned.")
                         : changes[c->kind].done,
                     FILL(what, str_printf(a, "%zu", n)));
}


struct str
issue_change_done_many(struct arena *a, const struct issue_change *c, size_t n)
{
    struct str number = lang_keep_number(a, str_printf(a, "%zu", n));

    return issue_change_done(
        a, c, lang_keep(a, N_("{0} {0|issue|issues}"), FILL(number)), n);
}


/* ---- changing */

struct work {
    struct db *db;
    struct arena *a;
    int64_t organization_id;
    const struct issue_change *c;
    const struct actor *by;
    int64_t *ids; /* locked, ascending */
    size_t n;
    int64_t *hit; /* those that were not so already */
    size_t nhit;
    int64_t undo_id;
};


static enum status
lock(struct work *w, const int64_t *ids, size_t n, bool lenient)
{
    struct db_rows rows;
    enum status st = db_query(
        w->db, w->a, SQL_ISSUE_CHANGE_LOCK,
        DB_ARGS(db_i64(w->organization_id), db_i64_array(w->a, ids, n)), &rows);

    if (st != ST_OK) {
        return st;
    }
    if ((size_t) rows.n != n && !lenient) {
        return ST_NOT_FOUND;
    }
    w->n = (size_t) rows.n;
    w->ids = arena_array(w->a, w->n, sizeof(int64_t));
    for (int i = 0; i < rows.n; i++) {
        w->ids[i] = db_get_i64(&rows, i, "id");
    }
    return ST_OK;
}


/* A statement with $1 organisation and $2 ids that says which it has changed.
 */
static enum status
hit(struct work *w, enum sql stmt, const struct db_arg *more, size_t nmore)
{
    struct db_arg args[8] = { db_i64(w->organization_id),
                              db_i64_array(w->a, w->ids, w->n) };
    struct db_rows rows;
    enum status st;

    for (size_t i = 0; i < nmore; i++) {
        args[2 + i] = more[i];
    }
    st = db_query(w->db, w->a, stmt, args, 2 + nmore, &rows);
    if (st != ST_OK) {
        return st;
    }
    w->nhit = (size_t) rows.n;
    w->hit = arena_array(w->a, w->nhit, sizeof(int64_t));
    for (int i = 0; i < rows.n; i++) {
        w->hit[i] = db_get_i64(&rows, i, "id");
    }
    return ST_OK;
}


static enum status
tell(struct work *w, const char *kind, struct str data)
{
    if (w->nhit == 0) {
        return ST_OK;
    }
    return db_query(
        w->db, w->a, SQL_ISSUE_CHANGE_LOG,
        DB_ARGS(db_i64(w->organization_id), db_i64_array(w->a, w->hit, w->nhit),
                w->by->account_id != 0 ? db_i64(w->by->account_id) : db_null(),
                db_text(kind), db_str(data)),
        NULL);
}


/* Who does something to an issue hears of it from then on. */
static enum status
follow(struct work *w, int64_t account_id, const char *reason)
{
    if (account_id == 0 || w->nhit == 0) {
        return ST_OK;
    }
    return db_query(
        w->db, w->a, SQL_ISSUE_CHANGE_SUBSCRIBE,
        DB_ARGS(db_i64(w->organization_id), db_i64_array(w->a, w->hit, w->nhit),
                db_i64(account_id), db_text(reason), db_bool(false)),
        NULL);
}


static enum status
set_status(struct work *w, enum issue_status status,
           enum issue_substatus substatus, bool anyway)
{
    enum status st =
        hit(w, SQL_ISSUE_CHANGE_STATUS,
            DB_ARGS(db_i64(status), db_i64(substatus), db_bool(anyway)));

    return st == ST_OK
               ? db_query(w->db, w->a, SQL_ISSUE_CHANGE_CLEAR,
                          DB_ARGS(db_i64_array(w->a, w->hit, w->nhit)), NULL)
               : st;
}


static struct str
object(struct arena *a, struct json *o)
{
    struct buf b = buf_in(a);

    json_write(&b, o);
    return buf_view(&b);
}


static enum status
resolve(struct work *w)
{
    struct json *data = json_new(w->a, JSON_T_OBJECT);
    bool commit = !str_null(w->c->commit);
    bool special =
        w->c->next || w->c->current || commit || !str_null(w->c->release);
    enum status st = set_status(w, ISSUE_RESOLVED, ISSUE_NO_SUBSTATUS, special);

    if (st != ST_OK) {
        return st;
    }
    if (special) {
        st = db_query(w->db, w->a, SQL_ISSUE_CHANGE_RESOLUTION,
                      DB_ARGS(db_i64_array(w->a, w->hit, w->nhit),
                              db_i64(w->c->next      ? 2
                                     : commit        ? 3
                                     : w->c->current ? 4
                                                     : 1),
                              db_str(commit ? w->c->commit : w->c->release)),
                      NULL);
        if (st != ST_OK) {
            return st;
        }
    }
    if (w->c->next) {
        json_set(data, STR("next"), json_new_bool(w->a, true));

    } else if (commit) {
        json_set(data, STR("commit"), json_new_str(w->a, w->c->commit));

    } else if (special && !w->c->current) {
        json_set(data, STR("release"), json_new_str(w->a, w->c->release));
    }
    if ((st = follow(w, w->by->account_id, "status")) != ST_OK) {
        return st;
    }
    if (w->c->current) {
        return db_query(
            w->db, w->a, SQL_ISSUE_CHANGE_LOG_CURRENT,
            DB_ARGS(
                db_i64(w->organization_id), db_i64_array(w->a, w->hit, w->nhit),
                w->by->account_id != 0 ? db_i64(w->by->account_id) : db_null()),
            NULL);
    }
    return tell(w, "resolved", object(w->a, data));
}


static enum status
archive(struct work *w)
{
    const struct issue_wake *wake = &w->c->wake;
    struct json *data = json_new(w->a, JSON_T_OBJECT);
    bool condition = wake->minutes > 0 || wake->events > 0 || wake->users > 0;
    enum issue_substatus substatus = wake->forever ? ISSUE_FOREVER
                                     : condition   ? ISSUE_UNTIL_CONDITION
                                                   : ISSUE_UNTIL_ESCALATING;
    enum status st = set_status(w, ISSUE_ARCHIVED, substatus, condition);

    if (st == ST_OK && condition) {
        st = db_query(
            w->db, w->a, SQL_ISSUE_CHANGE_SNOOZE,
            DB_ARGS(db_i64_array(w->a, w->hit, w->nhit),
                    wake->minutes > 0 ? db_i64(wake->minutes) : db_null(),
                    wake->events > 0 ? db_i64(wake->events) : db_null(),
                    wake->window > 0 ? db_i64(wake->window) : db_null(),
                    wake->users > 0 ? db_i64(wake->users) : db_null()),
            NULL);
    }
    if (st == ST_OK && substatus == ISSUE_UNTIL_ESCALATING) {
        /* a chore makes the forecast from what has come until now */
        st = db_query(w->db, w->a, SQL_BATCH_CHECK,
                      DB_ARGS(db_i64_array(w->a, w->hit, w->nhit)), NULL);
    }
    if (st != ST_OK) {
        return st;
    }
    json_set(data, STR("until"),
             json_new_str(w->a, str_of(wake->forever ? "forever"
                                       : condition   ? "condition"
                                                     : "escalating")));
    if (wake->minutes > 0) {
        json_set(data, STR("minutes"), json_new_i64(w->a, wake->minutes));
    }
    if (wake->events > 0) {
        json_set(data, STR("events"), json_new_i64(w->a, wake->events));
    }
    if (wake->window > 0) {
        json_set(data, STR("window"), json_new_i64(w->a, wake->window));
    }
    if (wake->users > 0) {
        json_set(data, STR("users"), json_new_i64(w->a, wake->users));
    }
    if ((st = follow(w, w->by->account_id, "status")) != ST_OK) {
        return st;
    }
    return tell(w, "archived", object(w->a, data));
}


static enum status
unresolve(struct work *w)
{
    enum status st = set_status(w, ISSUE_UNRESOLVED, ISSUE_ONGOING, false);

    if (st == ST_OK) {
        st = follow(w, w->by->account_id, "status");
    }
    return st == ST_OK ? tell(w, "unresolved", STR("{}")) : st;
}


static enum status
review(struct work *w)
{
    enum status st = hit(w, SQL_ISSUE_CHANGE_REVIEW, DB_NO_ARGS);

    return st == ST_OK ? tell(w, "reviewed", STR("{}")) : st;
}


static enum status
assign(struct work *w)
{
    struct json *data = json_new(w->a, JSON_T_OBJECT);
    int64_t id = w->c->number;
    struct str name;
    enum status st;

    if (id == 0) {
        st = hit(w, SQL_ISSUE_CHANGE_ASSIGNEE, DB_ARGS(db_i64(0)));
        return st == ST_OK ? tell(w, "unassigned", STR("{}")) : st;
    }
    st = assignee_name(w->db, w->a, w->organization_id, id, &name);
    if (st != ST_OK) {
        return st;
    }
    json_set(data, id > 0 ? STR("account_id") : STR("team_id"),
             json_new_i64(w->a, id > 0 ? id : -id));
    json_set(data, STR("name"), json_new_str(w->a, name));
    st = hit(w, SQL_ISSUE_CHANGE_ASSIGNEE, DB_ARGS(db_i64(id)));
    if (st == ST_OK && id > 0) {
        st = follow(w, id, "assigned");
    }
    return st == ST_OK ? tell(w, "assigned", object(w->a, data)) : st;
}


static enum status
set_priority(struct work *w)
{
    enum status st =
        hit(w, SQL_ISSUE_CHANGE_PRIORITY,
            DB_ARGS(db_i64(w->c->number), db_bool(w->by->account_id != 0)));

    return st == ST_OK ? tell(w, "priority",
                              str_printf(w->a, "{\"priority\":%lld}",
                                         (long long) w->c->number))
                       : st;
}


static enum status
subscribe(struct work *w, bool on)
{
    return hit(
        w, SQL_ISSUE_CHANGE_SUBSCRIBE,
        DB_ARGS(db_i64(w->by->account_id), db_text("chosen"), db_bool(!on)));
}


static enum status
merge(struct work *w)
{
    int64_t into;

    w->hit = w->ids;
    w->nhit = w->n;
    return issue_merge(w->db, w->a, w->organization_id, w->ids, w->n,
                       w->by->account_id, w->undo_id, &into);
}


/* What was deleted, for the audit log. */
static enum status
audit_deletion(struct work *w)
{
    struct buf names = buf_in(w->a);
    struct change change = change_new(w->a);
    struct db_rows rows;
    enum status st =
        db_query(w->db, w->a, SQL_ISSUE_DELETE_AUDIT,
                 DB_ARGS(db_i64_array(w->a, w->hit, w->nhit)), &rows);

    if (st != ST_OK) {
        return st;
    }
    for (int i = 0; i < rows.n; i++) {
        struct str id = issue_short_id(w->a, db_get_str(&rows, i, "slug"),
                                       db_get_i64(&rows, i, "number"));

        buf_text(&names, i > 0 ? ", " : "");
        buf_str(&names, id);
        change_str(&change, arena_printf(w->a, "%.*s", STR_FMT(id)),
                   db_get_str(&rows, i, "title"), STR_NULL);
    }
    if (w->nhit > (size_t) rows.n) {
        buf_addf(&names, " and %zu more", w->nhit - (size_t) rows.n);
    }
    return audit_add(w->db, w->a, w->organization_id, w->by,
                     w->c->kind == CHANGE_DISCARD ? "issue.discard"
                                                  : "issue.delete",
                     buf_view(&names), &change);
}


/* Gone from sight at once; the rest is a job, when it can be undone later. */
static enum status
take_away(struct work *w)
{
    bool discard = w->c->kind == CHANGE_DISCARD;
    struct job job = {
        .organization_id = w->organization_id,
        .account_id = w->by->account_id,
        .kind = STR("delete"),
        .title = STR("Deleted issues and their events are removed."),
        .total = -1,
    };
    struct db_arg ids = db_i64_array(w->a, w->ids, w->n);
    enum status st;
    int64_t job_id;

    if (discard) {
        st = db_query(w->db, w->a, SQL_ISSUE_DELETE_DISCARD,
                      DB_ARGS(ids, db_i64(w->by->account_id)), NULL);

    } else {
        job.due_at = time_now() + UNDO_MINUTES * US_PER_MINUTE;
        st = db_query(w->db, w->a, SQL_ISSUE_DELETE_HASHES, DB_ARGS(ids), NULL);
    }
    if (st != ST_OK
        || (st = db_query(w->db, w->a, SQL_ISSUE_DELETE_GONE, DB_ARGS(ids),
                          NULL))
               != ST_OK) {
        return st;
    }
    w->hit = w->ids;
    w->nhit = w->n;
    if ((st = audit_deletion(w)) != ST_OK
        || (st = job_add(w->db, w->a, &job, &job_id)) != ST_OK) {
        return st;
    }
    return db_query(w->db, w->a, SQL_ISSUE_MERGE_JOB_ISSUES,
                    DB_ARGS(db_i64(job_id), ids), NULL);
}


static enum status
apply(struct work *w)
{
    switch (w->c->kind) {
    case CHANGE_RESOLVE:
        return resolve(w);
    case CHANGE_ARCHIVE:
        return archive(w);
    case CHANGE_UNRESOLVE:
        return unresolve(w);
    case CHANGE_REVIEW:
        return review(w);
    case CHANGE_ASSIGN:
        return assign(w);
    case CHANGE_PRIORITY:
        return set_priority(w);
    case CHANGE_BOOKMARK:
        return hit(w, SQL_ISSUE_CHANGE_BOOKMARK,
                   DB_ARGS(db_i64(w->by->account_id)));
    case CHANGE_UNBOOKMARK:
        return hit(w, SQL_ISSUE_CHANGE_UNBOOKMARK,
                   DB_ARGS(db_i64(w->by->account_id)));
    case CHANGE_SUBSCRIBE:
        return subscribe(w, true);
    case CHANGE_UNSUBSCRIBE:
        return subscribe(w, false);
    case CHANGE_MERGE:
        return merge(w);
    case CHANGE_DELETE:
    case CHANGE_DISCARD:
        return take_away(w);
    }
    return ST_INVALID;
}


/* Inside the transaction. */
static enum status
change(struct work *w, const int64_t *ids, size_t n, bool lenient,
       int64_t *undo_id)
{
    bool undo =
        undo_id != NULL && changes[w->c->kind].undo && w->by->account_id != 0;
    enum status st = lock(w, ids, n, lenient);

    if (st != ST_OK || w->n == 0) {
        return st;
    }
    if (undo) {
        w->undo_id = *undo_id;
        if (w->undo_id == 0
            && (st = undo_open(
                    w->db, w->a, w->organization_id, w->by->account_id,
                    issue_change_done_many(w->a, w->c, w->n), &w->undo_id))
                   != ST_OK) {
            return st;
        }
        if (w->c->kind != CHANGE_MERGE
            && (st = undo_keep(w->db, w->a, w->undo_id, w->ids, w->n))
                   != ST_OK) {
            return st;
        }
    }
    st = apply(w);
    if (st == ST_OK && undo) {
        *undo_id = w->undo_id;
    }
    return st;
}


enum status
issue_change(struct db *db, struct arena *a, int64_t organization_id,
             const int64_t *ids, size_t n, const struct issue_change *c,
             const struct actor *by, bool lenient, int64_t *undo_id,
             int64_t *changed)
{
    struct work w = {
        .db = db,
        .a = a,
        .organization_id = organization_id,
        .c = c,
        .by = by,
    };
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    if ((st = change(&w, ids, n, lenient, undo_id)) != ST_OK) {
        db_rollback(db);
        return st;
    }
    if (changed != NULL) {
        *changed = (int64_t) w.nhit;
    }
    return db_commit(db);
}


enum status
issue_change_itself(struct db *db, struct arena *a, int64_t organization_id,
                    const int64_t *ids, size_t n, struct str word,
                    struct str value)
{
    const struct actor by = { .name = STR_NULL };
    struct issue_change c;
    enum status st = issue_change_read(word, value, &c);

    return st == ST_OK ? issue_change(db, a, organization_id, ids, n, &c, &by,
                                      true, NULL, NULL)
                       : st;
}


/* ---- reading the state */

enum status
issue_state(struct db *db, struct arena *a, const struct issue *is,
            int64_t account_id, struct issue_state *out)
{
    struct db_rows rows;
    enum status st = db_one(db, a, SQL_ISSUE_STATE,
                            DB_ARGS(db_i64(is->id), db_i64(account_id)), &rows);

    if (st == ST_OK) {
        out->resolution = (int) db_get_i64(&rows, 0, "resolution");
        out->release = db_get_str(&rows, 0, "release");
        if (!str_null(db_get_str(&rows, 0, "next"))) {
            out->resolution = 1;
            out->release = db_get_str(&rows, 0, "next");
        }
        out->until = db_get_time(&rows, 0, "until");
        out->events = db_get_i64(&rows, 0, "events");
        out->window = db_get_i64(&rows, 0, "events_window");
        out->users = db_get_i64(&rows, 0, "users");
        out->events_so_far = db_get_i64(&rows, 0, "events_so_far");
        out->users_so_far = db_get_i64(&rows, 0, "users_so_far");
        out->bookmarked = db_get_bool(&rows, 0, "bookmarked");
        out->subscribed = db_get_bool(&rows, 0, "subscribed");
        out->ticketed = db_get_bool(&rows, 0, "ticketed");
        out->share_token = db_get_str(&rows, 0, "share_token");
    }
    return st;
}
