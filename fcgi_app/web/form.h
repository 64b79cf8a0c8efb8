/*
 * web/form.h - names and values: queries, urlencoded bodies, cookies.
 */

#ifndef VEDETTE_WEB_FORM_H
#define VEDETTE_WEB_FORM_H

#include "util/hex.h"

#define FORM_BYTES_MAX (1024 * 1024)
#define FORM_FIELDS_MAX 1000

struct field {
    struct str name;
    struct str value;
};

struct fields {
    struct field *v;
    size_t n;
    struct str wrong; /* the name of one that is no text, as sent; or null */
};

/*
 * "a=1&b=x+y%20z".  ST_INVALID for a broken escape, text that is not UTF-8, a
 * NUL, or too many fields.
 */
enum status form_parse(struct arena *a, struct str text,
                       struct fields *out) MUST_CHECK;

/* "a=1; b=2", values as they stand; what cannot be read is left out. */
void cookies_parse(struct arena *a, struct str text, struct fields *out);

/* The first of that name; the null str: none. */
struct str field_get(const struct fields *f, const char *name);

/*
 * Every value of a repeated name: start with *at = 0; false after the last.
 */
bool field_next(const struct fields *f, const char *name, size_t *at,
                struct str *value);

/* Undoes it; ST_INVALID as form_parse. */
enum status url_decode(struct arena *a, struct str s,
                       struct str *out) MUST_CHECK;

/*
 * The query with one name set to value, or without it when value is null, as
 * "?a=1&b=2" or "?" when nothing is left: the links of filters and pagers.
 */
struct str query_with(struct arena *a, const struct fields *args,
                      const char *name, struct str value);

#endif
