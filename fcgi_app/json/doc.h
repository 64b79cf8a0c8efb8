/*
 * json/doc.h - JSON as a tree in an arena: reader, editor, writer.
 *
 * For event payloads, which are large, hostile and often slightly broken.  One
 * pass, no hashing, members in the order they came; of duplicate members the
 * last wins and stands where the first stood.  Numbers keep their text.
 * Broken UTF-8, lone surrogates and U+0000 become U+FFFD while reading, in
 * values and in member names, and the node is marked as repaired, so that any
 * string of a tree can be stored as PostgreSQL text.  Raw control characters
 * inside a string are kept and count as a repair.  Bare NaN, Infinity and
 * -Infinity (old Python SDKs) are read as null; a byte order mark is skipped.
 *
 * For small, trusted-size JSON at the rim (REST API, integrations) use
 * jansson.  No name here may be one of jansson's: both are in one program, and
 * the linker would give ours to the library.
 */

#ifndef VEDETTE_JSON_DOC_H
#define VEDETTE_JSON_DOC_H

#include <stdbool.h>
#include <stdint.h>

#include "util/arena.h"
#include "util/buf.h"
#include "util/str.h"

enum json_type {
    JSON_T_NULL,
    JSON_T_BOOL,
    JSON_T_NUMBER,
    JSON_T_STRING,
    JSON_T_ARRAY,
    JSON_T_OBJECT
};

struct json {
    enum json_type type;
    bool flag;          /* JSON_T_BOOL */
    bool repaired;      /* text or key was mended, or stood twice */
    unsigned n;         /* children */
    struct str text;    /* string: decoded UTF-8; number: as written */
    struct str key;     /* name, when this is a member of an object */
    struct json *first; /* children of an array or object, in order */
    struct json *last;
    struct json *next; /* sibling */
};

/* Bounds of one parse; zero means the default. */
struct json_limits {
    unsigned depth; /* nesting; default 128; deeper is an error */
    unsigned nodes; /* values in all; default 1,000,000 */
};

struct json_error {
    size_t at;        /* byte offset */
    const char *text; /* "unexpected end", …; static storage */
};

/*
 * Parses exactly one value with white space around it.  The tree points into
 * text where nothing had to be decoded, so text must live as long.  ST_INVALID
 * with *err filled; limits and err may be NULL.
 */
enum status json_parse(struct arena *a, struct str text,
                       const struct json_limits *limits, struct json **out,
                       struct json_error *err) MUST_CHECK;

/*
 * As json_parse, but stops after the value; *used is the number of bytes read,
 * leading white space included.  For envelope headers, which end at a newline:
 * a raw control character inside a string is an error here.
 */
enum status json_parse_prefix(struct arena *a, struct str text,
                              const struct json_limits *limits,
                              struct json **out, size_t *used,
                              struct json_error *err) MUST_CHECK;


/*
 * Reading.  All accept NULL and the wrong type and answer NULL, the null str,
 * 0 or false, so that a path can be walked without tests in between.
 */
struct json *json_get_str(const struct json *object, struct str key);

static inline struct json *
json_get(const struct json *object, const char *key)
{
    return json_get_str(object, str_of(key)); /* its length when compiled */
}

/* json_path(ev, "contexts", "trace", "trace_id", NULL) */
#define json_path(root, ...)                                                   \
    json_walk((root), (const char *const[]){ __VA_ARGS__ })

struct json *json_walk(const struct json *root, const char *const *keys);

struct json *json_at(const struct json *array, unsigned i);
bool json_is(const struct json *v, enum json_type type);

/* The text of a string; the null str for any other type. */
struct str json_text(const struct json *v);
struct str json_text_of(const struct json *object, const char *key);

bool json_i64(const struct json *v, int64_t *out);   /* integral: 3, 3.0 */
bool json_double(const struct json *v, double *out); /* numbers, finite */
bool json_yes(const struct json *v);

#define json_each(child, parent)                                               \
    for (struct json *child = (parent) != NULL ? (parent)->first : NULL;       \
         child != NULL; child = child->next)


/* Making and changing.  Strings are not copied and must be valid UTF-8. */
struct json *json_new(struct arena *a, enum json_type type);
struct json *json_new_str(struct arena *a, struct str s);
struct json *json_new_i64(struct arena *a, int64_t v);
struct json *json_new_double(struct arena *a, double v);
struct json *json_new_bool(struct arena *a, bool v);

/* Replaces or appends the member; v must not be in another tree. */
void json_set(struct json *object, struct str key, struct json *v);
void json_append(struct json *array, struct json *v);

/* Takes the member out and returns it, or NULL. */
struct json *json_remove(struct json *object, const char *key);

/* Turns a value into null in its place, keeping its key. */
void json_nullify(struct json *v);

/* A deep copy. */
struct json *json_clone(struct arena *a, const struct json *v);


/* Writing: compact, or indented by two spaces. */
void json_write(struct buf *out, const struct json *v);
void json_write_pretty(struct buf *out, const struct json *v);

/* One string with quotes and escapes. */
void json_write_str(struct buf *out, struct str s);

/*
 * The bytes with everything that PostgreSQL text cannot hold replaced by
 * U+FFFD: for text that does not come out of a tree.  Returns s itself when it
 * is fine.
 */
struct str utf8_mend(struct arena *a, struct str s);

#endif
