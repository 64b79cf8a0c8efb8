/*
 * Tags as numbers.  An event's row has an array of them (tag_value.id); what
 * is counted of it is counted later, many events at a time (model/fold.c).
 *
 * The numbers that a worker has met it remembers, so that a batch asks only
 * for what is new to it.  New ones are written before the batch's own
 * transaction and stay when that fails: a number that no event has harms
 * nobody, and workers never wait for each other's batches because of one.
 */

#include "model/batch_work.h"

#include <stdlib.h>

#include "util/fnv.h"

/* Remembered; when there is no more room all of them are forgotten. */
#define KNOWN_SIZE 32768 /* a power of two */
#define KNOWN_BYTES ((size_t) 3 << 20)

/* Values of a key that are counted each; of a wide key, that have a number. */
#define WIDE 10000
#define FULL 1000000

/* One in so many new values has the values of its key counted. */
#define WIDE_CHANCE 500
#define FULL_CHANCE 20000

struct tag {
    int64_t project_id;
    struct str key;
    struct str value;
    int32_t id;
};

static struct {
    struct arena *arena;
    struct tag *slots[KNOWN_SIZE];
    size_t n;
} known;


/* Where it stands, or where it would. */
static struct tag **
slot_of(const struct tag *tag)
{
    uint64_t h = FNV_START ^ (uint64_t) tag->project_id;
    size_t i;

    h = fnv_text(fnv_text(h, tag->key), tag->value);
    i = (h ^ h >> 32) % KNOWN_SIZE;
    while (known.slots[i] != NULL
           && (known.slots[i]->project_id != tag->project_id
               || !str_eq(known.slots[i]->key, tag->key)
               || !str_eq(known.slots[i]->value, tag->value))) {
        i = (i + 1) % KNOWN_SIZE;
    }
    return &known.slots[i];
}


static void
forget_all(void)
{
    if (known.arena != NULL) {
        arena_free(known.arena);
    }
    known.arena = arena_new();
    memset(known.slots, 0, sizeof(known.slots));
    known.n = 0;
}


static void
remember(const struct tag *tag)
{
    struct tag **slot = slot_of(tag);
    struct tag *copy;

    if (*slot != NULL) {
        (*slot)->id = tag->id;
        return;
    }
    copy = arena_new_of(known.arena, struct tag);
    *copy = (struct tag){ tag->project_id, str_copy(known.arena, tag->key),
                          str_copy(known.arena, tag->value), tag->id };
    *slot = copy;
    known.n++;
}


static int
by_tag(const void *left, const void *right)
{
    const struct tag *a = left, *b = right;
    int c = compare_i64(a->project_id, b->project_id);

    if (c == 0) {
        c = str_cmp(a->key, b->key);
    }
    return c != 0 ? c : str_cmp(a->value, b->value);
}


/* The tag i of an event; how many it has, with what it is also counted by. */
static size_t
tags_of(const struct batch_event *ev, size_t i, struct tag *out)
{
    *out = (struct tag){ .project_id = ev->project_id };
    if (i < ev->ntags) {
        out->key = ev->tags[i].key;
        out->value = ev->tags[i].value;

    } else if (ev->type.n > 0) {
        /* no tag of the event, but people want numbers by it as by one */
        out->key = STR("error.type");
        out->value = str_cut(ev->type, BATCH_TAG_MAX);
    }
    return ev->ntags + (ev->type.n > 0);
}


/* What the batch has and we do not know: sorted, each once. */
static struct tag *
unknown_of(struct arena *a, const struct batch *b, size_t *out)
{
    struct tag *list, tag;
    size_t n = 0, kept = 0;

    for (size_t i = 0; i < b->nevents; i++) {
        n += b->events[i]->ntags + 1;
    }
    list = arena_array(a, n, sizeof(*list));
    n = 0;
    for (size_t i = 0; i < b->nevents; i++) {
        for (size_t k = 0; k < tags_of(b->events[i], k, &tag); k++) {
            if (*slot_of(&tag) == NULL) {
                list[n++] = tag;
            }
        }
    }
    qsort(list, n, sizeof(*list), by_tag);
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || by_tag(&list[kept - 1], &list[i]) != 0) {
            list[kept++] = list[i];
        }
    }
    *out = kept;
    return list;
}


/* Those of a list that have no number yet, as columns for unnest(). */
struct columns {
    size_t *at; /* in the list */
    size_t n;
    struct db_arg projects;
    struct db_arg keys;
    struct db_arg values;
};


static struct columns
columns_of(struct arena *a, const struct tag *list, size_t n)
{
    int64_t *projects = arena_array(a, n, sizeof(int64_t));
    struct str *keys = arena_array(a, n, sizeof(struct str));
    struct str *values = arena_array(a, n, sizeof(struct str));
    struct columns c = { .at = arena_array(a, n, sizeof(size_t)) };

    for (size_t i = 0; i < n; i++) {
        if (list[i].id == 0) {
            c.at[c.n] = i;
            projects[c.n] = list[i].project_id;
            keys[c.n] = list[i].key;
            values[c.n++] = list[i].value;
        }
    }
    c.projects = db_i64_array(a, projects, c.n);
    c.keys = db_str_array(a, keys, c.n);
    c.values = db_str_array(a, values, c.n);
    return c;
}


static void
number(struct tag *tag, const struct db_rows *rows, int row)
{
    tag->id = (int32_t) db_get_i64(rows, row, "id");
    if (known.n < KNOWN_SIZE / 2) {
        remember(tag);
    }
}


/* Gives those their number that have one in the database. */
static enum status
find(struct db *db, struct arena *a, struct tag *list, const struct columns *c)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_BATCH_TAGS_FIND,
                  DB_ARGS(c->projects, c->keys, c->values), &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        number(&list[c->at[db_get_i64(&rows, i, "n") - 1]], &rows, i);
    }
    return st;
}


/* Of a key that has got n values more: is it wide now, or full? */
static enum status
count(struct db *db, struct arena *a, int64_t key_id, bool is_wide, int64_t n)
{
    if (rand() % (is_wide ? FULL_CHANCE : WIDE_CHANCE) >= n) {
        return ST_OK;
    }
    return db_query(db, a, SQL_BATCH_TAGS_COUNT,
                    DB_ARGS(db_i64(key_id), db_i64(WIDE), db_i64(FULL)), NULL);
}


/* Others may have added some since; a key that is full takes none. */
static enum status
add(struct db *db, struct arena *a, struct tag *list, size_t nlist,
    const struct columns *c)
{
    struct db_rows rows;
    enum status st;
    int64_t key, n = 0;

    st = db_query(db, a, SQL_BATCH_TAG_KEYS_ADD, DB_ARGS(c->projects, c->keys),
                  NULL);
    if (st != ST_OK) {
        return st;
    }
    st = db_query(db, a, SQL_BATCH_TAGS_ADD,
                  DB_ARGS(c->projects, c->keys, c->values), &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        struct tag tag = { db_get_i64(&rows, i, "project_id"),
                           db_get_str(&rows, i, "key"),
                           db_get_str(&rows, i, "value"), 0 };
        struct tag *added = bsearch(&tag, list, nlist, sizeof(tag), by_tag);

        if (added != NULL) {
            number(added, &rows, i);
        }
        key = db_get_i64(&rows, i, "key_id");
        n++;
        if (i + 1 == rows.n || db_get_i64(&rows, i + 1, "key_id") != key) {
            st = count(db, a, key, db_get_bool(&rows, i, "is_wide"), n);
            n = 0;
        }
    }
    return st;
}


static int32_t
number_of(const struct tag *tag, const struct tag *list, size_t n)
{
    const struct tag *found = *slot_of(tag);

    if (found == NULL) {
        found = bsearch(tag, list, n, sizeof(*list), by_tag);
    }
    return found != NULL ? found->id : 0;
}


static void
give_numbers(const struct batch *b, const struct tag *list, size_t n)
{
    for (size_t i = 0; i < b->nevents; i++) {
        struct batch_event *ev = b->events[i];
        struct tag tag;

        ev->tag_ids = arena_array(b->arena, ev->ntags + 1, sizeof(int32_t));
        ev->ntag_ids = 0;
        for (size_t k = 0; k < tags_of(ev, k, &tag); k++) {
            int32_t id = number_of(&tag, list, n);

            if (id != 0) {
                ev->tag_ids[ev->ntag_ids++] = id;
            }
        }
    }
}


enum status
work_number_tags(struct db *db, struct arena *a, const struct batch *b)
{
    struct columns c;
    struct tag *list;
    enum status st;
    size_t n;

    if (known.arena == NULL || known.n >= KNOWN_SIZE / 2
        || arena_used(known.arena) > KNOWN_BYTES) {
        forget_all();
    }
    list = unknown_of(a, b, &n);
    if (n > 0) {
        c = columns_of(a, list, n);
        if ((st = find(db, a, list, &c)) != ST_OK) {
            return st;
        }
        c = columns_of(a, list, n);
        if (c.n > 0 && (st = add(db, a, list, n, &c)) != ST_OK) {
            return st;
        }
        c = columns_of(a, list, n);
        if (c.n > 0 && (st = find(db, a, list, &c)) != ST_OK) {
            return st;
        }
    }
    give_numbers(b, list, n);
    return ST_OK;
}
