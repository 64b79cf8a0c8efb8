/*
 * DESIGN.  Measured on events of the Python SDK's shape, 8 KB, level 3: a
 * dictionary of 32 KB, trained on 100 of them in 0.05 s, leaves 0.15 of their
 * size instead of 0.29, in 16 instead of 30 us; 16 KB or 64 KB, or more
 * samples, change the third digit.  Packing 16 bodies together leaves 0.16,
 * but then a body can neither be read nor taken away alone.
 *
 * A prepared dictionary takes 430 KB, so a worker keeps READY_MAX; projects
 * beyond those that it met last do without one.
 */

#include "model/body.h"

#include <stdlib.h>

#include <zdict.h>
#include <zstd.h>

#include "util/buf.h"
#include "util/log.h"

/* Measured: more costs time and saves little. */
#define LEVEL 3

#define READY_MAX 12
#define READY_FRESH US_PER_SECOND /* used since then: not pushed out */

/* Training: among so many latest events, a project that has this many. */
#define WINDOW 20000
#define NEEDED 200
#define SAMPLES_MAX 300
#define PACKED_MAX (16 * 1024)
#define DICTIONARY_SIZE (32 * 1024)

/* It pays when it leaves no more than this of what is left without. */
#define PAYS 850 /* per mille */


/* dictionaries that are ready */

static struct ready {
    int32_t id; /* 0: free */
    int64_t used;
    char *p;
    size_t n;
    ZSTD_CDict *pack; /* made on first use, as is the next */
    ZSTD_DDict *unpack;
} ready[READY_MAX];

static ZSTD_CCtx *packer;
static ZSTD_DCtx *unpacker;


static void *
must(void *p)
{
    if (p == NULL) {
        abort(); /* out of memory: there is no other reason */
    }
    return p;
}


static struct ready *
find(int32_t id)
{
    for (size_t i = 0; id != 0 && i < READY_MAX; i++) {
        if (ready[i].id == id) {
            ready[i].used = time_monotonic();
            return &ready[i];
        }
    }
    return NULL;
}


static struct ready *
oldest(void)
{
    struct ready *r = &ready[0];

    for (size_t i = 1; i < READY_MAX; i++) {
        if (ready[i].used < r->used) {
            r = &ready[i];
        }
    }
    return r;
}


static enum status
fetch(struct db *db, struct arena *a, int32_t id)
{
    struct ready *r = oldest();
    struct db_rows rows;
    struct str bytes;
    enum status st =
        db_one(db, a, SQL_BODY_DICTIONARY, DB_ARGS(db_i64(id)), &rows);

    if (st != ST_OK) {
        return st;
    }
    bytes = db_get_bytes(a, &rows, 0, "dictionary");
    ZSTD_freeCDict(r->pack);
    ZSTD_freeDDict(r->unpack);
    free(r->p);
    *r = (struct ready){ .id = id,
                         .used = time_monotonic(),
                         .p = must(malloc(bytes.n)),
                         .n = bytes.n };
    memcpy(r->p, bytes.p, bytes.n);
    return ST_OK;
}


enum status
body_dictionaries(struct db *db, struct arena *a, const int64_t *projects,
                  size_t n, int32_t **out)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_BODY_DICTIONARIES,
                              DB_ARGS(db_i64_array(a, projects, n)), &rows);

    *out = arena_array(a, n, sizeof(**out));
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        int32_t id = (int32_t) db_get_i64(&rows, i, "id");

        (*out)[db_get_i64(&rows, i, "n") - 1] = id;
        if (find(id) == NULL
            && oldest()->used < time_monotonic() - READY_FRESH) {
            st = fetch(db, a, id);
            st = st == ST_NOT_FOUND ? ST_OK : st;
        }
    }
    return st;
}


/* packing */

struct str
body_pack(struct arena *a, int32_t dictionary, struct str text)
{
    struct ready *r = find(dictionary);
    size_t room = ZSTD_compressBound(text.n), n;
    char *p = arena_alloc(a, room);

    if (packer == NULL) {
        packer = must(ZSTD_createCCtx());
    }
    if (r == NULL) {
        n = ZSTD_compressCCtx(packer, p, room, text.p, text.n, LEVEL);

    } else {
        if (r->pack == NULL) {
            r->pack = must(ZSTD_createCDict(r->p, r->n, LEVEL));
        }
        n = ZSTD_compress_usingCDict(packer, p, room, text.p, text.n, r->pack);
    }
    if (ZSTD_isError(n)) {
        abort(); /* as in must() */
    }
    return str_make(p, n);
}


enum status
body_unpack(struct db *db, struct arena *a, struct str packed, struct str *out)
{
    unsigned long long size = ZSTD_getFrameContentSize(packed.p, packed.n);
    int32_t id = (int32_t) ZSTD_getDictID_fromFrame(packed.p, packed.n);
    struct ready *r = find(id);
    char *p;
    size_t n;

    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR
        || size > BODY_MAX) {
        return ST_INVALID;
    }
    if (id != 0 && r == NULL) {
        enum status st = db != NULL ? fetch(db, a, id) : ST_INVALID;

        if (st != ST_OK) {
            return st == ST_NOT_FOUND ? ST_INVALID : st;
        }
        r = find(id);
    }
    if (unpacker == NULL) {
        unpacker = must(ZSTD_createDCtx());
    }
    if (r != NULL && r->unpack == NULL) {
        r->unpack = must(ZSTD_createDDict(r->p, r->n));
    }
    p = arena_alloc(a, (size_t) size + 1);
    n = ZSTD_decompress_usingDDict(unpacker, p, (size_t) size, packed.p,
                                   packed.n, r != NULL ? r->unpack : NULL);
    if (ZSTD_isError(n)) {
        return ST_INVALID;
    }
    *out = str_make(p, n);
    return ST_OK;
}


/* training */

struct samples {
    char *p; /* one behind the other */
    size_t sizes[SAMPLES_MAX];
    size_t n;
    size_t bytes;
};


static enum status
read_samples(struct db *db, struct arena *a, int64_t project_id, int64_t last,
             struct samples *s)
{
    struct buf all = buf_in(a);
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_BODY_SAMPLES,
                 DB_ARGS(db_i64(project_id), db_i64(last), db_i64(WINDOW),
                         db_i64(PACKED_MAX), db_i64(SAMPLES_MAX)),
                 &rows);

    *s = (struct samples){ 0 };
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        struct str text;

        if (body_unpack(db, a, db_get_bytes(a, &rows, i, "body"), &text)
            != ST_OK) {
            continue;
        }
        text = str_cut(text, PACKED_MAX);
        buf_str(&all, text);
        s->sizes[s->n++] = text.n;
        s->bytes += text.n;
    }
    s->p = s->n > 0 ? arena_strndup(a, buf_view(&all).p, s->bytes) : NULL;
    return st;
}


/* Per mille of the plain size, of the samples from first on. */
static int64_t
part_of_plain(struct arena *a, const struct samples *s, size_t first,
              size_t offset, const ZSTD_CDict *dictionary)
{
    size_t room = ZSTD_compressBound(PACKED_MAX), plain = 0, with = 0;
    char *p = arena_alloc(a, room);

    if (packer == NULL) {
        packer = must(ZSTD_createCCtx());
    }
    for (size_t i = first; i < s->n; i++) {
        const char *text = s->p + offset;

        plain += ZSTD_compressCCtx(packer, p, room, text, s->sizes[i], LEVEL);
        with += ZSTD_compress_usingCDict(packer, p, room, text, s->sizes[i],
                                         dictionary);
        offset += s->sizes[i];
    }
    return plain > 0 ? (int64_t) (with * 1000 / plain) : 1000;
}


/* The id is where zstd looks for it: behind the magic number. */
static void
write_id(char *dictionary, int32_t id)
{
    for (int i = 0; i < 4; i++) {
        dictionary[4 + i] = (char) ((uint32_t) id >> 8 * i & 0xff);
    }
}


static enum status
train(struct db *db, struct arena *a, int64_t organization_id,
      int64_t project_id, const struct samples *s)
{
    size_t first = s->n * 3 / 4, offset = 0, size;
    char *p = arena_alloc(a, DICTIONARY_SIZE);
    int64_t part = 1000;
    struct db_rows rows;
    ZSTD_CDict *made;
    enum status st;
    int32_t id;

    if ((st = db_one(db, a, SQL_BODY_DICTIONARY_RESERVE, DB_NO_ARGS, &rows))
        != ST_OK) {
        return st;
    }
    id = (int32_t) db_get_i64(&rows, 0, "id");

    /* tested on those that it was not trained on */
    for (size_t i = 0; i < first; i++) {
        offset += s->sizes[i];
    }
    size = ZDICT_trainFromBuffer(p, DICTIONARY_SIZE, s->p, s->sizes,
                                 (unsigned) first);
    if (s->n > 0 && !ZDICT_isError(size)) {
        write_id(p, id);
        made = must(ZSTD_createCDict(p, size, LEVEL));
        part = part_of_plain(a, s, first, offset, made);
        ZSTD_freeCDict(made);
    }
    log_info("project %lld: its dictionary leaves %lld per mille",
             (long long) project_id, (long long) part);
    return db_query(
        db, a, SQL_BODY_DICTIONARY_ADD,
        DB_ARGS(db_i64(id), db_i64(organization_id), db_i64(project_id),
                part <= PAYS ? db_bytes(str_make(p, size)) : db_null(),
                db_i64(part)),
        NULL);
}


enum status
body_train(struct db *db, struct arena *a, bool *more)
{
    static int64_t looked_at;
    struct db_rows rows;
    struct samples s;
    int64_t last, project_id, organization_id;
    enum status st = db_one(db, a, SQL_BODY_LAST_ID, DB_NO_ARGS, &rows);

    if (st != ST_OK) {
        return st;
    }
    last = db_get_i64(&rows, 0, "id");
    *more = false;
    if (last - looked_at < NEEDED) {
        return ST_OK;
    }
    st = db_one(db, a, SQL_BODY_TRAIN_NEXT,
                DB_ARGS(db_i64(last), db_i64(WINDOW), db_i64(NEEDED)), &rows);
    if (st == ST_NOT_FOUND) {
        looked_at = last;
        return ST_OK;
    }
    if (st != ST_OK) {
        return st;
    }
    project_id = db_get_i64(&rows, 0, "project_id");
    organization_id = db_get_i64(&rows, 0, "organization_id");
    st = read_samples(db, a, project_id, last, &s);
    if (st != ST_OK) {
        looked_at = last;
        return st;
    }
    /* without any sample, too: then this project is tried again in a week */
    *more = true;
    return train(db, a, organization_id, project_id, &s);
}
