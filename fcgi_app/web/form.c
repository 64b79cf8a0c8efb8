#include "web/form.h"

#include "util/buf.h"
#include "util/utf8.h"

#define WRONG_MAX 64 /* bytes of a name to tell */

/* Undoes "%20" and, as a space, plus; 0: none. */
static enum status
decode(struct arena *a, struct str s, char plus, struct str *out)
{
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char) s.p[i];

        if (c == '\0') {
            return ST_INVALID;
        }
        if (c == (unsigned char) plus) {
            c = ' ';
        } else if (c == '%') {
            if (i + 2 >= s.n || !hex_decode(str_make(s.p + i + 1, 2), &c, 1)) {
                return ST_INVALID;
            }
            i += 2;
        }
        if (c == '\0') {
            return ST_INVALID;
        }
        p[n++] = (char) c;
    }
    *out = str_make(p, n);
    return utf8_valid(*out) ? ST_OK : ST_INVALID;
}


enum status
url_decode(struct arena *a, struct str s, struct str *out)
{
    return decode(a, s, '\0', out);
}


static size_t
count(struct str text, char sep)
{
    size_t n = 1;

    for (size_t i = 0; i < text.n; i++) {
        n += text.p[i] == sep;
    }
    return n;
}


enum status
form_parse(struct arena *a, struct str text, struct fields *out)
{
    struct str rest = text, part;
    size_t max = count(text, '&');

    *out = (struct fields){ 0 };
    if (max > FORM_FIELDS_MAX) {
        return ST_INVALID;
    }
    out->v = arena_array(a, max, sizeof(struct field));
    while (str_split(&rest, '&', &part)) {
        struct field *f = &out->v[out->n];
        ptrdiff_t eq = str_chr(part, '=');
        size_t name = eq == -1 ? part.n : (size_t) eq;

        if (part.n == 0) {
            continue;
        }
        if (decode(a, str_sub(part, 0, name), '+', &f->name) != ST_OK
            || decode(a, str_sub(part, name + 1, part.n), '+', &f->value)
                   != ST_OK) {
            out->wrong = str_cut(str_sub(part, 0, name), WRONG_MAX);
            return ST_INVALID;
        }
        out->n++;
    }
    return ST_OK;
}


void
cookies_parse(struct arena *a, struct str text, struct fields *out)
{
    struct str rest = text, part;
    size_t max = count(text, ';');

    *out = (struct fields){ 0 };
    if (max > FORM_FIELDS_MAX) {
        return;
    }
    out->v = arena_array(a, max, sizeof(struct field));
    while (str_split(&rest, ';', &part)) {
        ptrdiff_t eq = str_chr(part, '=');

        if (eq == -1 || !utf8_valid(part)) {
            continue;
        }
        out->v[out->n].name = str_trim(str_sub(part, 0, (size_t) eq));
        out->v[out->n].value = str_trim(str_sub(part, (size_t) eq + 1, part.n));
        out->n++;
    }
}


bool
field_next(const struct fields *f, const char *name, size_t *at,
           struct str *value)
{
    while (*at < f->n) {
        const struct field *field = &f->v[(*at)++];

        if (str_is(field->name, name)) {
            *value = field->value;
            return true;
        }
    }
    return false;
}


struct str
field_get(const struct fields *f, const char *name)
{
    struct str value = STR_NULL;
    size_t at = 0;

    return field_next(f, name, &at, &value) ? value : STR_NULL;
}


static void
pair(struct arena *a, struct buf *b, struct str name, struct str value)
{
    buf_char(b, b->n == 0 ? '?' : '&');
    buf_str(b, url_encode(a, name));
    buf_char(b, '=');
    buf_str(b, url_encode(a, value));
}


struct str
query_with(struct arena *a, const struct fields *args, const char *name,
           struct str value)
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < args->n; i++) {
        if (!str_is(args->v[i].name, name)) {
            pair(a, &b, args->v[i].name, args->v[i].value);
        }
    }
    if (!str_null(value)) {
        pair(a, &b, str_of(name), value);
    }
    return b.n == 0 ? STR("?") : buf_view(&b);
}
