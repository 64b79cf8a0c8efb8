#include "queue/find.h"

#include "queue/message.h"

#define PIECE 100


/* What of a message outlives the piece that it was read with. */
static struct message
keep(struct arena *a, const struct message *m)
{
    struct message out = *m;

    out.id = str_copy(a, m->id);
    out.event_id = str_copy(a, m->event_id);
    out.endpoint = str_copy(a, m->endpoint);
    out.version = out.encoding = out.type = out.client = STR_NULL;
    out.addr = out.agent = out.query = out.headers = STR_NULL;
    out.drop = out.body = out.packed = STR_NULL;
    out.fields = NULL;
    out.nfields = 0;
    return out;
}


/* Who has it, if anybody: XPENDING id id 1. */
static enum status
read_pending(struct redis *r, struct arena *a, struct found_entry *out)
{
    redisReply *reply, *row;
    enum status st = redis_command(
        r, a, &reply,
        REDIS_WORDS(STR("XPENDING"), STR(VEDETTE_STREAM), STR(VEDETTE_GROUP),
                    out->message.id, out->message.id, STR("1")));

    if (st == ST_FAILED) {
        return ST_OK; /* no worker has ever been there: no group */
    }
    if (st != ST_OK || reply == NULL || reply->type != REDIS_REPLY_ARRAY
        || reply->elements == 0) {
        return st;
    }
    row = reply->element[0];
    if (row->type == REDIS_REPLY_ARRAY && row->elements == 4) {
        out->consumer = redis_text(row->element[1]);
        out->idle_ms = redis_i64(row->element[2]);
        out->deliveries = redis_i64(row->element[3]);
    }
    return ST_OK;
}


/* The one of n requests with this event id, or NULL. */
static const struct message *
pick(const struct message *room, size_t n, struct str event_id)
{
    for (size_t i = 0; i < n; i++) {
        if (str_ieq(room[i].event_id, event_id)) {
            return &room[i];
        }
    }
    return NULL;
}


/* One piece of the stream; *after moves on, *n is how many there were. */
static enum status
look(struct redis *r, struct arena *a, struct arena *piece, struct str event_id,
     struct str *after, size_t *n, struct found_entry *out)
{
    struct str from =
        after->n == 0 ? STR("-") : str_printf(piece, "(%.*s", STR_FMT(*after));
    struct message *room =
        arena_array(piece, VEDETTE_SEVERAL_MAX, sizeof(*room));
    redisReply *reply;
    enum status st = redis_command(
        r, piece, &reply,
        REDIS_WORDS(STR("XRANGE"), STR(VEDETTE_STREAM), from, STR("+"),
                    STR("COUNT"), str_printf(piece, "%d", PIECE)));

    *n = 0;
    if (st != ST_OK || reply == NULL || reply->type != REDIS_REPLY_ARRAY) {
        return st == ST_OK ? ST_NOT_FOUND : st;
    }
    *n = reply->elements;
    for (size_t i = 0; i < *n; i++) {
        const struct message *m =
            pick(room, messages_read(piece, reply->element[i], room), event_id);

        if (m != NULL) {
            *out = (struct found_entry){ .message = keep(a, m) };
            return ST_OK;
        }
        *after = redis_text(reply->element[i]->element[0]);
    }
    *after = str_copy(a, *after);
    return ST_NOT_FOUND;
}


static enum status
find_on(struct redis *r, struct arena *a, struct str event_id, size_t max,
        struct found_entry *out, bool *all)
{
    struct arena *piece = arena_new();
    struct str after = STR("");
    enum status st = ST_NOT_FOUND;
    size_t n = PIECE, seen = 0;

    while (st == ST_NOT_FOUND && n == PIECE && seen < max) {
        st = look(r, a, piece, event_id, &after, &n, out);
        seen += n;
        arena_reset(piece);
    }
    arena_free(piece);
    *all = n < PIECE;
    return st == ST_OK ? read_pending(r, a, out) : st;
}


enum status
queue_find(struct redis *r, struct arena *a, struct str event_id, size_t max,
           struct found_entry *out, bool *all)
{
    enum status st = ST_NOT_FOUND;
    bool whole = true;

    for (size_t i = 0; st == ST_NOT_FOUND && i < redis_servers(); i++) {
        st = find_on(redis_server(r, i), a, event_id, max, out, all);
        whole = whole && *all;
    }
    *all = whole;
    return st;
}


static enum status
find_dead_on(struct redis *r, struct arena *a, struct str event_id, size_t max,
             struct dead_letter *out, bool *all)
{
    struct arena *piece = arena_new();
    struct str after = STR(""), letter = STR_NULL;
    struct message found = { 0 };
    enum status st = ST_OK;
    size_t n = PIECE, seen = 0;

    while (st == ST_OK && letter.n == 0 && n == PIECE && seen < max) {
        struct dead_letter *letters =
            arena_array(piece, PIECE, sizeof(*letters));
        struct message *room =
            arena_array(piece, VEDETTE_SEVERAL_MAX, sizeof(*room));

        st = dead_list(r, piece, after, PIECE, letters, &n);
        for (size_t i = 0; st == ST_OK && i < n && letter.n == 0; i++) {
            const struct message *m = &letters[i].message;

            /* a worker of before may have put a shared one aside */
            m = pick(room, messages_of(piece, m, room), event_id);
            if (m != NULL) {
                letter = str_copy(a, m->id);
                found = *m;
            }
        }
        after = st == ST_OK && n > 0 ? str_copy(a, letters[n - 1].message.id)
                                     : after;
        seen += n;
        arena_reset(piece);
    }
    arena_free(piece);
    *all = n < PIECE;
    if (st != ST_OK) {
        return st;
    }
    if (letter.n == 0) {
        return ST_NOT_FOUND;
    }
    st = dead_find(r, a, letter, out);
    out->message.id = redis_entry(a, r, out->message.id);
    out->message.organization_id = found.organization_id;
    out->message.project_id = found.project_id;
    out->message.received_at = found.received_at;
    return st;
}


enum status
queue_find_dead(struct redis *r, struct arena *a, struct str event_id,
                size_t max, struct dead_letter *out, bool *all)
{
    enum status st = ST_NOT_FOUND;
    bool whole = true;

    for (size_t i = 0; st == ST_NOT_FOUND && i < redis_servers(); i++) {
        st = find_dead_on(redis_server(r, i), a, event_id, max, out, all);
        whole = whole && *all;
    }
    *all = whole;
    return st;
}
