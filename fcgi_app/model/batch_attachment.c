/*
 * Attachments and feedback of a batch: rows that belong to an event which is
 * in the same request, came before, or may never come.
 *
 * What hangs on an event that is not stored shares its fate.  Whether there is
 * room for an attachment is decided under the lock of its project's usage, so
 * the bound holds however many workers there are.
 */

#include "model/batch_work.h"

#include <stdlib.h>

#include "util/hex.h"


/* Room for one more in a list that grows by doubling. */
#define GROW(a, list, n)                                                       \
    (((n) & ((n) -1)) == 0                                                     \
         ? arena_grow(a, list, (n) * sizeof(*(list)),                          \
                      ((n) == 0 ? 1 : (n) *2) * sizeof(*(list)))               \
         : (list))


struct batch_session *
batch_session_new(struct batch *b)
{
    struct batch_items *i = &b->items;

    i->sessions = GROW(b->arena, i->sessions, i->nsessions);
    i->sessions[i->nsessions] = (struct batch_session){ .duration_ms = -1 };
    return &i->sessions[i->nsessions++];
}


struct batch_attachment *
batch_attachment_new(struct batch *b)
{
    struct batch_items *i = &b->items;

    i->attachments = GROW(b->arena, i->attachments, i->nattachments);
    i->attachments[i->nattachments] = (struct batch_attachment){ 0 };
    return &i->attachments[i->nattachments++];
}


struct batch_feedback *
batch_feedback_new(struct batch *b)
{
    struct batch_items *i = &b->items;

    i->feedback = GROW(b->arena, i->feedback, i->nfeedback);
    i->feedback[i->nfeedback] = (struct batch_feedback){ 0 };
    return &i->feedback[i->nfeedback++];
}


static void
add_outcome(struct work *w, const struct outcome *o)
{
    w->outcomes = GROW(w->a, w->outcomes, w->noutcomes);
    w->outcomes[w->noutcomes++] = *o;
}


/* Why what hangs on this event is not stored either; the null str: it is. */
static struct str
fate_of(const struct work *w, const struct batch_event *event)
{
    for (size_t i = 0; event != NULL && i < w->nrows; i++) {
        const struct work_row *row = &w->rows[i];

        if (row->ev == event && row->issue == NULL) {
            return row->duplicate ? STR("duplicate") : STR("project_id");
        }
    }
    return STR_NULL;
}


/* attachments */

/* A project that gets some. */
struct usage {
    int64_t project_id;
    int64_t bytes; /* -1: there is no such project */
};


static int
by_project(const void *left, const void *right)
{
    return compare_i64(((const struct usage *) left)->project_id,
                       ((const struct usage *) right)->project_id);
}


static enum status
lock_usage(struct work *w, struct usage **out, size_t *nout)
{
    const struct batch_items *items = &w->batch->items;
    size_t n = items->nattachments, kept = 0;
    struct usage *list = arena_array(w->a, n, sizeof(*list));
    int64_t *organizations = arena_array(w->a, n, sizeof(int64_t));
    int64_t *projects = arena_array(w->a, n, sizeof(int64_t));
    struct db_rows rows;
    enum status st;

    for (size_t i = 0; i < n; i++) {
        organizations[i] = items->attachments[i].organization_id;
        projects[i] = items->attachments[i].project_id;
        list[i] = (struct usage){ .project_id = projects[i], .bytes = -1 };
    }
    qsort(list, n, sizeof(*list), by_project);
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || by_project(&list[kept - 1], &list[i]) != 0) {
            list[kept++] = list[i];
        }
    }
    st = db_query(w->db, w->a, SQL_BATCH_NEW_USAGE,
                  DB_ARGS(db_i64_array(w->a, organizations, n),
                          db_i64_array(w->a, projects, n)),
                  NULL);
    if (st == ST_OK) {
        st = db_query(w->db, w->a, SQL_BATCH_LOCK_USAGE,
                      DB_ARGS(db_i64_array(w->a, organizations, n),
                              db_i64_array(w->a, projects, n)),
                      &rows);
    }
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        struct usage key = { .project_id = db_get_i64(&rows, i, "project_id") };
        struct usage *u = bsearch(&key, list, kept, sizeof(key), by_project);

        if (u != NULL) {
            u->bytes = db_get_i64(&rows, i, "bytes");
        }
    }
    *out = list;
    *nout = kept;
    return st;
}


static void
settle(struct work *w, const struct batch_attachment *at, struct str outcome,
       struct str reason)
{
    struct outcome o = { .organization_id = at->organization_id,
                         .project_id = at->project_id,
                         .key_id = at->key_id,
                         .hour = outcome_hour(at->received_at),
                         .category = STR("attachment"),
                         .outcome = outcome,
                         .reason = reason,
                         .quantity = at->size > 0 ? at->size : 1 };

    add_outcome(w, &o);
    o.category = STR("attachment_item");
    o.quantity = 1;
    add_outcome(w, &o);
}


/* Decides on each; those that are kept come first in the list. */
static struct batch_attachment **
choose(struct work *w, struct usage *usage, size_t nusage, size_t *n)
{
    const struct batch_items *items = &w->batch->items;
    struct batch_attachment **list =
        arena_array(w->a, items->nattachments, sizeof(*list));

    *n = 0;
    for (size_t i = 0; i < items->nattachments; i++) {
        struct batch_attachment *at = &items->attachments[i];
        struct usage key = { .project_id = at->project_id };
        struct usage *u = bsearch(&key, usage, nusage, sizeof(key), by_project);
        struct str fate = fate_of(w, at->event);

        if (str_null(fate) && (u == NULL || u->bytes == -1)) {
            fate = STR("project_id");
        }
        if (!str_null(fate)) {
            settle(w, at, OUTCOME_INVALID, fate);

        } else if (u->bytes + at->size > at->room) {
            settle(w, at, STR("rate_limited"), STR("attachment_storage"));

        } else {
            u->bytes += at->size;
            settle(w, at, OUTCOME_ACCEPTED, STR(""));
            list[(*n)++] = at;
        }
    }
    return list;
}


static enum status
write_attachments(struct work *w, struct batch_attachment *const *list,
                  size_t n)
{
    int64_t *numbers[4];
    struct str *texts[5];

    for (size_t k = 0; k < 4; k++) {
        numbers[k] = arena_array(w->a, n, sizeof(int64_t));
    }
    for (size_t k = 0; k < 5; k++) {
        texts[k] = arena_array(w->a, n, sizeof(struct str));
    }
    for (size_t i = 0; i < n; i++) {
        numbers[0][i] = list[i]->organization_id;
        numbers[1][i] = list[i]->project_id;
        numbers[2][i] = list[i]->size;
        numbers[3][i] = list[i]->received_at;
        texts[0][i] = hex_encode(w->a, list[i]->event_id, 16);
        texts[1][i] = list[i]->name;
        texts[2][i] = list[i]->content_type;
        texts[3][i] = list[i]->type;
        texts[4][i] = str_make((const char *) list[i]->hash, 32);
    }
    return db_query(
        w->db, w->a, SQL_BATCH_ATTACHMENTS,
        DB_ARGS(
            db_i64_array(w->a, numbers[0], n),
            db_i64_array(w->a, numbers[1], n), db_str_array(w->a, texts[0], n),
            db_str_array(w->a, texts[1], n), db_str_array(w->a, texts[2], n),
            db_str_array(w->a, texts[3], n), db_i64_array(w->a, numbers[2], n),
            db_bytes_array(w->a, texts[4], n),
            db_time_array(w->a, numbers[3], n)),
        NULL);
}


enum status
work_store_attachments(struct work *w)
{
    struct batch_attachment **list;
    struct usage *usage;
    enum status st;
    size_t n, nusage;

    if (w->batch->items.nattachments == 0) {
        return ST_OK;
    }
    if ((st = lock_usage(w, &usage, &nusage)) != ST_OK) {
        return st;
    }
    list = choose(w, usage, nusage, &n);
    return n > 0 ? write_attachments(w, list, n) : ST_OK;
}


/* feedback */

static void
tell(struct work *w, const struct batch_feedback *f, struct str outcome,
     struct str reason)
{
    add_outcome(w, &(struct outcome){ .organization_id = f->organization_id,
                                      .project_id = f->project_id,
                                      .key_id = f->key_id,
                                      .hour = outcome_hour(f->received_at),
                                      .category = STR("feedback"),
                                      .outcome = outcome,
                                      .reason = reason,
                                      .quantity = 1 });
}


/* The issue of an event that this very batch stores; 0: not one of those. */
static int64_t
issue_here(const struct work *w, const struct batch_feedback *f)
{
    for (size_t i = 0; f->has_subject && i < w->nrows; i++) {
        const struct work_row *row = &w->rows[i];

        if (row->issue != NULL && row->ev->project_id == f->project_id
            && memcmp(row->ev->id, f->subject, 16) == 0) {
            return row->issue->id;
        }
    }
    return 0;
}


/*
 * One by one: they are rare, and a person wrote each.  A second report on an
 * event takes the place of the first; a message that is here already is not
 * made again.
 */
static enum status
write_feedback(struct work *w, const struct batch_feedback *f)
{
    int64_t issue = issue_here(w, f);
    struct db_rows row;
    enum status st;

    st = db_one(
        w->db, w->a, SQL_BATCH_FEEDBACK,
        DB_ARGS(db_i64(f->organization_id), db_i64(f->project_id),
                db_str(hex_encode(w->a, f->event_id, 16)),
                db_bool(f->is_report),
                f->has_subject ? db_str(hex_encode(w->a, f->subject, 16))
                               : db_null(),
                issue != 0 ? db_i64(issue) : db_null(), db_str(f->name),
                db_str(f->email), db_str(f->message), db_str(f->url),
                db_str(f->source), db_str(f->replay), db_str(f->release),
                db_str(f->environment), db_str(f->browser), db_str(f->os),
                db_str(f->country), db_time(f->received_at)),
        &row);
    if (st == ST_OK) {
        tell(w, f, OUTCOME_ACCEPTED, STR(""));

    } else if (st == ST_NOT_FOUND) {
        tell(w, f, OUTCOME_INVALID, STR("duplicate"));
        st = ST_OK;
    }
    return st;
}


enum status
work_store_feedback(struct work *w)
{
    const struct batch_items *items = &w->batch->items;
    enum status st = ST_OK;

    for (size_t i = 0; st == ST_OK && i < items->nfeedback; i++) {
        struct str fate = fate_of(w, items->feedback[i].event);

        if (str_null(fate)) {
            st = write_feedback(w, &items->feedback[i]);

        } else {
            tell(w, &items->feedback[i], OUTCOME_INVALID, fate);
        }
    }
    return st;
}
