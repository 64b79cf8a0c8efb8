#include "envelope/multipart.h"

/* RFC 2046 allows 70; senders are not so strict. */
#define BOUNDARY_MAX 200

#define HEADERS_MAX 20


/* The value of name="…" or name=… among the parameters of a header. */
static struct str
parameter(struct arena *a, struct str header, const char *name)
{
    struct str rest = header, part;

    (void) str_split(&rest, ';', &part); /* the value itself */
    while (str_split(&rest, ';', &part)) {
        ptrdiff_t at = str_chr(part, '=');
        struct str value;

        if (at == -1
            || !str_ieq(str_trim(str_sub(part, 0, (size_t) at)),
                        str_of(name))) {
            continue;
        }
        value = str_trim(str_sub(part, (size_t) at + 1, part.n));
        if (value.n > 0 && value.p[0] == '"') {
            /* a quoted text may hold a semicolon: read on in the header */
            const char *p = value.p + 1;
            const char *end = header.p + header.n;
            char *out = arena_alloc(a, (size_t) (end - p) + 1);
            size_t n = 0;

            while (p < end && *p != '"') {
                if (*p == '\\' && p + 1 < end && p[1] == '"') {
                    p++;
                }
                out[n++] = *p++;
            }
            return str_make(out, n);
        }
        return value;
    }
    return STR_NULL;
}


struct str
base_name(struct str path)
{
    for (size_t i = path.n; i > 0; i--) {
        if (path.p[i - 1] == '/' || path.p[i - 1] == '\\') {
            return str_sub(path, i, path.n);
        }
    }
    return path;
}


enum status
multipart_open(struct arena *a, struct str type, struct str body,
               struct multipart *out)
{
    struct str boundary = parameter(a, type, "boundary");
    ptrdiff_t at;

    *out = (struct multipart){ .arena = a };
    if (boundary.n == 0 && str_starts(body, STR("--"))) {
        at = str_chr(str_cut(body, BOUNDARY_MAX), '\n');
        boundary = at != -1 ? str_trim(str_sub(body, 2, (size_t) at)) : STR("");
    }
    if (boundary.n == 0 || boundary.n > BOUNDARY_MAX) {
        return ST_INVALID;
    }
    out->delimiter = str_printf(a, "\n--%.*s", STR_FMT(boundary));
    boundary = str_sub(out->delimiter, 1, out->delimiter.n);
    if (str_starts(body, boundary)) {
        out->rest = str_sub(body, boundary.n, body.n);
        return ST_OK;
    }
    at = str_find(body, out->delimiter);
    if (at == -1) {
        return ST_INVALID;
    }
    out->rest = str_sub(body, (size_t) at + out->delimiter.n, body.n);
    return ST_OK;
}


/* Takes a line off, without its end; false at the end of the text. */
static bool
take_line(struct str *rest, struct str *line)
{
    if (rest->n == 0 || !str_split(rest, '\n', line)) {
        return false;
    }
    if (str_ends(*line, STR("\r"))) {
        line->n--;
    }
    return true;
}


static void
read_header(struct multipart *form, struct str line, struct part *out)
{
    ptrdiff_t colon = str_chr(line, ':');
    struct str name, value;

    if (colon == -1) {
        return;
    }
    name = str_trim(str_sub(line, 0, (size_t) colon));
    value = str_trim(str_sub(line, (size_t) colon + 1, line.n));
    if (str_ieq(name, STR("content-type"))) {
        out->type = value;

    } else if (str_ieq(name, STR("content-disposition"))) {
        struct str field = parameter(form->arena, value, "name");

        out->filename = parameter(form->arena, value, "filename");
        if (!str_null(out->filename)) {
            out->filename = base_name(out->filename);
        }
        out->name = str_null(field) ? STR("") : field;
    }
}


bool
multipart_next(struct multipart *form, struct part *out)
{
    struct str line, rest = form->rest;
    unsigned headers = 0;
    ptrdiff_t at;

    *out = (struct part){ .position = form->position++,
                          .name = STR(""),
                          .type = STR("") };
    if (str_null(rest) || str_starts(rest, STR("--"))
        || !take_line(&rest, &line)) {
        form->rest = STR_NULL;
        return false;
    }
    while (take_line(&rest, &line) && line.n > 0) {
        if (headers++ < HEADERS_MAX) {
            read_header(form, line, out);
        }
    }
    if (str_null(rest)) {
        rest = STR("");
    }

    /* an empty body may begin with its end: step back over the line's end */
    if (rest.n > 0
        && str_starts(rest, str_sub(form->delimiter, 1, form->delimiter.n))) {
        out->body = STR("");
        form->rest = str_sub(rest, form->delimiter.n - 1, rest.n);
        return true;
    }
    at = str_find(rest, form->delimiter);
    if (at == -1) {
        out->body = rest;
        form->rest = STR_NULL;
        return true;
    }
    out->body = str_sub(rest, 0, (size_t) at);
    if (str_ends(out->body, STR("\r"))) {
        out->body.n--;
    }
    form->rest = str_sub(rest, (size_t) at + form->delimiter.n, rest.n);
    return true;
}
