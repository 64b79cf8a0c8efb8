/*
 * The form that crash handlers post: the dump, files, and fields that say what
 * the event has besides, in one of four ways of writing.
 *
 *     sentry              the event as JSON
 *     sentry[a][b]        one text of it
 *     sentry__1, …__2     JSON in pieces, put together in order
 *     sentry___name[__1]  more JSON, of another layer
 *
 * Fields of other names are extra data.
 */

#include "digest/crash.h"

#include <stdlib.h>

#include "digest/event.h"
#include "envelope/multipart.h"
#include "envelope/unpack.h"

#define DEPTH_MAX 15
#define CHUNKS_MAX 1000
#define EXTRA_MAX 200

struct chunk {
    struct str name; /* of the layer; "" for sentry__N */
    int64_t number;  /* 0: the only one */
    struct str bytes;
};

struct form {
    struct arena *a;
    struct crash *crash;
    struct json *json;   /* sentry */
    struct json *nested; /* sentry[…] */
    struct json *extra;
    struct chunk *chunks;
    size_t nchunks;
};


/* ---- fields */

static struct json *
parse(struct form *f, struct str text)
{
    struct json *v;

    return json_parse(f->a, text, &event_limits, &v, NULL) == ST_OK
                   && v->type == JSON_T_OBJECT
               ? v
               : NULL;
}


/* "[a][b]" under nested; false when it is not written so. */
static bool
add_nested(struct form *f, struct str path, struct str value)
{
    struct json *at = f->nested;

    for (unsigned depth = 0; depth < DEPTH_MAX; depth++) {
        ptrdiff_t end = str_chr(path, ']');
        struct json *v;
        struct str key;

        if (path.n < 2 || path.p[0] != '[' || end < 2) {
            return false;
        }
        key = utf8_mend(f->a, str_sub(path, 1, (size_t) end));
        path = str_sub(path, (size_t) end + 1, path.n);
        v = json_get_str(at, key);
        if (path.n == 0) {
            if (v == NULL) {
                json_set(at, key, json_new_str(f->a, utf8_mend(f->a, value)));
            }
            return true;
        }
        if (!json_is(v, JSON_T_OBJECT)) {
            if (v != NULL) {
                return true; /* an earlier field has said otherwise */
            }
            v = json_new(f->a, JSON_T_OBJECT);
            json_set(at, key, v);
        }
        at = v;
    }
    return true;
}


static void
add_chunk(struct form *f, struct str name, int64_t number, struct str bytes)
{
    if (f->nchunks < CHUNKS_MAX) {
        if (f->chunks == NULL) {
            f->chunks = arena_array(f->a, CHUNKS_MAX, sizeof(*f->chunks));
        }
        f->chunks[f->nchunks++] = (struct chunk){ name, number, bytes };
    }
}


static void
add_field(struct form *f, const struct part *part)
{
    struct str rest;
    int64_t number = 0;
    ptrdiff_t at;

    if (str_is(part->name, "sentry")) {
        if (f->json == NULL) {
            f->json = parse(f, part->body);
        }
        return;
    }
    if (str_starts(part->name, STR("sentry["))
        && add_nested(f, str_sub(part->name, 6, part->name.n), part->body)) {
        return;
    }
    if (str_starts(part->name, STR("sentry___"))) {
        rest = str_sub(part->name, 9, part->name.n);
        at = str_find(rest, STR("__"));
        if (at > 0
            && str_i64(str_sub(rest, (size_t) at + 2, rest.n), &number)) {
            rest = str_sub(rest, 0, (size_t) at);
        }
        add_chunk(f, rest, number, part->body);
        return;
    }
    if (str_starts(part->name, STR("sentry__"))
        && str_i64(str_sub(part->name, 8, part->name.n), &number)) {
        add_chunk(f, STR(""), number, part->body);
        return;
    }
    if (part->name.n > 0 && f->extra->n < EXTRA_MAX) {
        json_set(f->extra, utf8_mend(f->a, part->name),
                 json_new_str(f->a, utf8_mend(f->a, part->body)));
    }
}


static int
by_name_and_number(const void *left, const void *right)
{
    const struct chunk *a = left, *b = right;
    int c = str_cmp(a->name, b->name);

    return c != 0 ? c : (a->number > b->number) - (a->number < b->number);
}


/* Each layer's pieces, put together, below what is said already. */
static void
merge_chunks(struct form *f)
{
    if (f->nchunks > 1) {
        qsort(f->chunks, f->nchunks, sizeof(*f->chunks), by_name_and_number);
    }
    for (size_t i = 0, k; i < f->nchunks; i = k) {
        struct buf text = buf_in(f->a);
        struct json *layer;

        for (k = i;
             k < f->nchunks && str_eq(f->chunks[k].name, f->chunks[i].name);
             k++) {
            buf_str(&text, f->chunks[k].bytes);
        }
        if ((layer = parse(f, buf_view(&text))) != NULL) {
            json_remove(layer, "event_id"); /* the client was told another */
            crash_merge(f->crash->doc, layer);
        }
    }
}


/* ---- files */

/* Those with a meaning of their own; others are files of the event. */
static const struct {
    const char *field;
    const char *type;
} special[] = {
    { "__sentry-event", "event.payload" },
    { "__sentry-breadcrumb1", "event.breadcrumbs" },
    { "__sentry-breadcrumb2", "event.breadcrumbs" },
};


static void
add_file(struct form *f, const struct part *part)
{
    struct crash_file file = { part->filename, part->type, STR_NULL, part->body,
                               part->position };
    bool keep;

    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
        if (str_is(part->name, special[i].field)
            || str_is(part->filename, special[i].field)) {
            (void) crash_note(f->a, f->crash, str_of(special[i].type),
                              part->body, &keep);
            return;
        }
    }
    if (str_is(part->filename, "view-hierarchy.json")) {
        file.type = STR("event.view_hierarchy");
    }
    crash_add_file(f->a, f->crash, file);
}


static enum status
add_dump(struct form *f, const struct part *part, const char **reason)
{
    struct str name = part->filename, bytes = part->body;
    struct multipart inner;
    struct part first;
    bool keep;

    /* an old Electron wraps it once more */
    if (str_starts(bytes, STR("--"))
        && multipart_open(f->a, STR(""), bytes, &inner) == ST_OK) {
        while (multipart_next(&inner, &first)) {
            if (str_is(first.name, "upload_file_minidump")) {
                bytes = first.body;
                name = first.filename;
                break;
            }
        }
    }
    if (unpack(f->a, bytes, CRASH_FILE_MAX, &name, &bytes) != ST_OK) {
        *reason = "invalid_compression";
        return ST_INVALID;
    }
    if (!str_starts(bytes, STR("MDMP")) && !str_starts(bytes, STR("PMDM"))) {
        *reason = "invalid_minidump";
        return ST_INVALID;
    }
    (void) crash_note(f->a, f->crash, STR("event.minidump"), bytes, &keep);
    crash_add_file(f->a, f->crash,
                   (struct crash_file){ name.n > 0 ? name : STR("minidump.dmp"),
                                        STR("application/x-dmp"),
                                        STR("event.minidump"), bytes,
                                        part->position });
    return ST_OK;
}


/* ---- the whole */

static bool
is_raw(struct str type)
{
    static const char *const raw[] = { "application/octet-stream",
                                       "application/x-dmp" };
    ptrdiff_t semicolon = str_chr(type, ';');

    type =
        str_trim(semicolon == -1 ? type : str_sub(type, 0, (size_t) semicolon));
    return str_ieq(type, str_of(raw[0])) || str_ieq(type, str_of(raw[1]));
}


enum status
crash_of_form(struct arena *a, struct str type, struct str body,
              struct crash *c, const char **reason)
{
    struct form f = { .a = a, .crash = c };
    struct part part = { .name = STR("upload_file_minidump"), .body = body };
    struct multipart form;
    enum status st = ST_NOT_FOUND;

    if (is_raw(type)) {
        return add_dump(&f, &part, reason);
    }
    *reason = "missing_minidump_upload";
    if (multipart_open(a, type, body, &form) != ST_OK) {
        *reason = "invalid_multipart";
        return ST_INVALID;
    }
    f.nested = json_new(a, JSON_T_OBJECT);
    f.extra = json_new(a, JSON_T_OBJECT);
    while (multipart_next(&form, &part) && part.position < CRASH_FILES_MAX) {
        if (str_is(part.name, "upload_file_minidump")) {
            st = st == ST_OK ? st : add_dump(&f, &part, reason);

        } else if (!str_null(part.filename)
                   || str_starts(part.name, STR("__sentry-"))) {
            add_file(&f, &part);

        } else {
            add_field(&f, &part);
        }
    }

    /* __sentry-event is in the crash's doc already, and the strongest */
    if (f.json != NULL) {
        crash_merge(c->doc, f.json);
    }
    crash_merge(c->doc, f.nested);
    merge_chunks(&f);
    if (f.extra->n > 0) {
        struct json *layer = json_new(a, JSON_T_OBJECT);

        json_set(layer, STR("extra"), f.extra);
        crash_merge(c->doc, layer);
    }
    return st;
}
