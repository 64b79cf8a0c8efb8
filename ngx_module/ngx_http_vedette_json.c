
/*
 * A push reader of JSON: it takes bytes as they come, keeps nothing but the
 * member of the outermost object that it is in, and calls a handler for each
 * of those.  So the edge finds an event's id in a body of any size, and knows
 * where the header lines of an envelope end, in constant memory.
 *
 * It accepts more than RFC 8259, because what it refuses is lost and the
 * worker repairs: control characters and any bytes in strings, NaN, Infinity
 * and -Infinity (old Python clients), any digits in numbers.  It refuses what
 * has no structure, and a nesting deeper than NGX_HTTP_VEDETTE_JSON_DEPTH.
 */


#include "ngx_http_vedette_module.h"

#if (__SSE2__)
#include <emmintrin.h>
#endif


enum {
    sw_start = 0,
    sw_value,
    sw_first_value,    /* a value or "]" */
    sw_first_name,     /* a name or "}" */
    sw_name,
    sw_colon,
    sw_next,           /* "," or the end of the object or array */
    sw_string,
    sw_escape,
    sw_unicode,
    sw_number,
    sw_literal,
    sw_done
};


/* bytes that are looked at together */
#define NGX_HTTP_VEDETTE_JSON_PIECE  128


#define ngx_http_vedette_json_is_object(json)                                 \
    ((json)->levels[((json)->depth - 1) / 8]                                  \
     & (1 << (((json)->depth - 1) % 8)))


static ngx_int_t ngx_http_vedette_json_value(ngx_http_vedette_json_t *json,
    u_char ch);
static ngx_int_t ngx_http_vedette_json_open(ngx_http_vedette_json_t *json,
    ngx_uint_t object);
static ngx_int_t ngx_http_vedette_json_plain(ngx_http_vedette_json_t *json,
    u_char **pos, u_char *last);
static u_char *ngx_http_vedette_json_text_end(u_char *p, u_char *last);
static void ngx_http_vedette_json_text(ngx_http_vedette_json_t *json,
    u_char *p, size_t len);
static void ngx_http_vedette_json_character(ngx_http_vedette_json_t *json);
static ngx_int_t ngx_http_vedette_json_member(ngx_http_vedette_json_t *json);
static ngx_int_t ngx_http_vedette_json_literal(ngx_http_vedette_json_t *json);


void
ngx_http_vedette_json_init(ngx_http_vedette_json_t *json,
    ngx_http_vedette_json_pt handler, void *data)
{
    ngx_memzero(json, offsetof(ngx_http_vedette_json_t, name));

    json->handler = handler;
    json->data = data;
}


/* has anything but white space been seen? */

ngx_uint_t
ngx_http_vedette_json_begun(ngx_http_vedette_json_t *json)
{
    return json->state != sw_start;
}


/*
 * NGX_OK: the object ends before *pos.  NGX_AGAIN: all was taken, more is
 * needed.  NGX_ERROR: json->error says why.  NGX_ABORT: the handler's word.
 */

ngx_int_t
ngx_http_vedette_json_feed(ngx_http_vedette_json_t *json, u_char **pos,
    u_char *last)
{
    u_char      ch, *p, *start;
    ngx_int_t   rc;
    static u_char  escapes[] = "\"\"\\\\//b\bf\fn\nr\rt\t";

    for (p = *pos; p < last; p++) {

        ch = *p;

        switch (json->state) {

        case sw_string:

            start = p;
            p = ngx_http_vedette_json_text_end(p, last);

            if (json->capture && p > start) {
                ngx_http_vedette_json_text(json, start, p - start);
            }

            if (p == last) {
                goto again;
            }

            if (*p == '\\') {
                json->state = sw_escape;
                break;
            }

            if (json->in_name) {
                json->in_name = 0;
                json->state = sw_colon;
                break;
            }

            rc = ngx_http_vedette_json_member(json);
            if (rc != NGX_OK) {
                goto done;
            }

            break;

        case sw_escape:

            json->state = sw_string;

            if (ch == 'u') {
                json->unicode = 0;
                json->digits = 0;
                json->state = sw_unicode;
                break;
            }

            for (start = escapes; *start; start += 2) {
                if (*start == ch) {
                    break;
                }
            }

            if (*start == '\0') {
                json->error = "invalid escape";
                goto error;
            }

            if (json->capture) {
                ngx_http_vedette_json_text(json, start + 1, 1);
            }

            break;

        case sw_unicode:

            if (ch >= '0' && ch <= '9') {
                ch -= '0';

            } else {
                ch |= 0x20;

                if (ch < 'a' || ch > 'f') {
                    json->error = "invalid escape";
                    goto error;
                }

                ch -= 'a' - 10;
            }

            json->unicode = json->unicode * 16 + ch;

            if (++json->digits == 4) {
                ngx_http_vedette_json_character(json);
                json->state = sw_string;
            }

            break;

        case sw_number:

            if ((ch >= '0' && ch <= '9') || ch == '.' || ch == 'e'
                || ch == 'E' || ch == '+' || ch == '-')
            {
                ngx_http_vedette_json_text(json, &ch, 1);
                break;
            }

            if (ch == 'I' && json->value_len == 1 && json->value[0] == '-') {
                ngx_http_vedette_json_text(json, &ch, 1);
                json->state = sw_literal;
                break;
            }

            rc = ngx_http_vedette_json_member(json);
            if (rc != NGX_OK) {
                goto done;
            }

            /* the byte belongs to what follows */
            p--;
            break;

        case sw_literal:

            if ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z') {
                ngx_http_vedette_json_text(json, &ch, 1);
                break;
            }

            rc = ngx_http_vedette_json_literal(json);
            if (rc != NGX_OK) {
                goto done;
            }

            p--;
            break;

        default:

            if (ch == ' ' || ch == '\t' || ch == CR || ch == LF) {
                break;
            }

            switch (json->state) {

            case sw_start:

                if (ch != '{') {
                    json->error = "not an object";
                    goto error;
                }

                rc = ngx_http_vedette_json_open(json, 1);
                break;

            case sw_first_name:
            case sw_first_value:

                if (ch == (json->state == sw_first_name ? '}' : ']')) {
                    json->state = sw_next;
                    json->depth--;
                    rc = NGX_OK;
                    break;
                }

                if (json->state == sw_first_value) {
                    rc = ngx_http_vedette_json_value(json, ch);
                    break;
                }

                /* fall through */

            case sw_name:

                if (ch != '"') {
                    json->error = "a name is expected";
                    goto error;
                }

                if (json->depth == 1) {
                    rc = ngx_http_vedette_json_plain(json, &p, last);

                    if (rc != NGX_DECLINED) {
                        break;
                    }
                }

                json->in_name = 1;
                json->capture = (json->depth == 1);
                json->name_len = 0;
                json->state = sw_string;
                rc = NGX_OK;
                break;

            case sw_colon:

                if (ch != ':') {
                    json->error = "a colon is expected";
                    goto error;
                }

                json->state = sw_value;
                rc = NGX_OK;
                break;

            case sw_value:

                rc = ngx_http_vedette_json_value(json, ch);
                break;

            default: /* sw_next */

                if (ch == ',') {
                    json->state = ngx_http_vedette_json_is_object(json)
                                  ? sw_name : sw_value;
                    rc = NGX_OK;
                    break;
                }

                if (ch != (ngx_http_vedette_json_is_object(json) ? '}' : ']')) {
                    json->error = "a comma or an end is expected";
                    goto error;
                }

                json->depth--;
                rc = NGX_OK;
            }

            if (rc != NGX_OK) {
                goto done;
            }

            if (json->depth == 0) {
                json->state = sw_done;
                *pos = p + 1;
                return NGX_OK;
            }
        }
    }

again:

    *pos = last;

    return NGX_AGAIN;

error:

    rc = NGX_ERROR;

done:

    *pos = p;

    return rc;
}


/*
 * Members as nearly all programs write them: whole, without escapes, and their
 * values texts or integers.  Nothing of them is kept, the handler sees them
 * where they are.  From the quote of a name to the last byte of a value;
 * NGX_DECLINED: from this quote on it is for those who look at each byte.
 */

static ngx_int_t
ngx_http_vedette_json_plain(ngx_http_vedette_json_t *json, u_char **pos,
    u_char *last)
{
    u_char                        *p, *end;
    ngx_int_t                      rc;
    ngx_str_t                      name, value;
    ngx_http_vedette_json_type_e   type;

    for ( ;; ) {

        name.data = *pos + 1;
        end = ngx_http_vedette_json_text_end(name.data, last);

        /* at least a colon, a digit, and what shows that it was the last */

        if (last - end < 4 || *end != '"' || end[1] != ':') {
            return NGX_DECLINED;
        }

        name.len = end - name.data;
        p = end + 2;

        if (*p == ' ') {
            p++;
        }

        value.data = p;

        if (*p == '"') {
            value.data++;
            p = ngx_http_vedette_json_text_end(value.data, last);

            if (p == last || *p != '"') {
                return NGX_DECLINED;
            }

            value.len = p - value.data;
            type = NGX_HTTP_VEDETTE_JSON_STRING;

        } else {

            while (p < last && *p >= '0' && *p <= '9') {
                p++;
            }

            if (p == value.data || p == last
                || (*p != ',' && *p != '}'))
            {
                return NGX_DECLINED;
            }

            value.len = p - value.data;
            type = NGX_HTTP_VEDETTE_JSON_NUMBER;
            p--;
        }

        /* cut as the others are */

        name.len = ngx_min(name.len, NGX_HTTP_VEDETTE_JSON_NAME);
        value.len = ngx_min(value.len, NGX_HTTP_VEDETTE_JSON_VALUE);

        *pos = p;
        json->state = sw_next;

        if (json->handler) {
            rc = json->handler(json->data, &name, type, &value);

            if (rc != NGX_OK) {
                return rc;
            }
        }

        if (last - p < 3 || p[1] != ',' || p[2] != '"') {
            return NGX_OK;
        }

        *pos = p + 2;
        json->state = sw_name;
    }
}


static ngx_int_t
ngx_http_vedette_json_value(ngx_http_vedette_json_t *json, u_char ch)
{
    ngx_int_t  rc;

    /* only what a member of the outermost object consists of is kept */

    json->capture = (json->depth == 1);
    json->value_len = 0;

    switch (ch) {

    case '"':
        json->type = NGX_HTTP_VEDETTE_JSON_STRING;
        json->state = sw_string;
        return NGX_OK;

    case '{':
    case '[':

        if (json->capture) {
            json->type = (ch == '{') ? NGX_HTTP_VEDETTE_JSON_OBJECT
                                     : NGX_HTTP_VEDETTE_JSON_ARRAY;

            rc = ngx_http_vedette_json_member(json);
            if (rc != NGX_OK) {
                return rc;
            }
        }

        return ngx_http_vedette_json_open(json, ch == '{');

    default:
        break;
    }

    if (ch == '-' || (ch >= '0' && ch <= '9')) {
        json->type = NGX_HTTP_VEDETTE_JSON_NUMBER;
        json->state = sw_number;

    } else if ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z') {
        json->type = NGX_HTTP_VEDETTE_JSON_LITERAL;
        json->state = sw_literal;

    } else {
        json->error = "a value is expected";
        return NGX_ERROR;
    }

    ngx_http_vedette_json_text(json, &ch, 1);

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_json_open(ngx_http_vedette_json_t *json, ngx_uint_t object)
{
    u_char  bit;

    if (json->depth == NGX_HTTP_VEDETTE_JSON_DEPTH) {
        json->error = "nested too deeply";
        return NGX_ERROR;
    }

    bit = (u_char) (1 << (json->depth % 8));

    if (object) {
        json->levels[json->depth / 8] |= bit;

    } else {
        json->levels[json->depth / 8] &= ~bit;
    }

    json->depth++;
    json->state = object ? sw_first_name : sw_first_value;

    return NGX_OK;
}


/*
 * The next quote or backslash.  Most strings are short: 16 bytes at once find
 * the end of a name with the first look.  Else by memchr(), in pieces, because
 * a string of backslashes asks for each of them anew.
 */

static u_char *
ngx_http_vedette_json_text_end(u_char *p, u_char *last)
{
    size_t   n;
    u_char  *quote, *escape;

#if (__SSE2__)
    {
    unsigned  found;
    __m128i   bytes;

    while (last - p >= 16) {
        bytes = _mm_loadu_si128((const __m128i *) p);

        found = (unsigned) _mm_movemask_epi8(_mm_or_si128(
                                _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));

        if (found) {
            return p + __builtin_ctz(found);
        }

        p += 16;
    }
    }
#endif

    while (p < last) {
        n = ngx_min(last - p, NGX_HTTP_VEDETTE_JSON_PIECE);

        quote = memchr(p, '"', n);

        if (quote) {
            n = quote - p;
        }

        escape = memchr(p, '\\', n);

        if (escape) {
            return escape;
        }

        p += n;

        if (quote) {
            break;
        }
    }

    return p;
}


/* a name that is cut never equals one that somebody looks for */

static void
ngx_http_vedette_json_text(ngx_http_vedette_json_t *json, u_char *p,
    size_t len)
{
    if (json->in_name) {
        len = ngx_min(len, NGX_HTTP_VEDETTE_JSON_NAME - json->name_len);

        ngx_memcpy(json->name + json->name_len, p, len);
        json->name_len += len;

    } else {
        len = ngx_min(len, NGX_HTTP_VEDETTE_JSON_VALUE - json->value_len);

        ngx_memcpy(json->value + json->value_len, p, len);
        json->value_len += len;
    }
}


/* a surrogate becomes "?": nothing that the edge looks for has any */

static void
ngx_http_vedette_json_character(ngx_http_vedette_json_t *json)
{
    size_t    len;
    u_char    utf8[3];
    uint32_t  ch;

    if (!json->capture) {
        return;
    }

    ch = json->unicode;

    if (ch < 0x80) {
        utf8[0] = (u_char) ch;
        len = 1;

    } else if (ch < 0x800) {
        utf8[0] = (u_char) (0xc0 | (ch >> 6));
        utf8[1] = (u_char) (0x80 | (ch & 0x3f));
        len = 2;

    } else if (ch >= 0xd800 && ch < 0xe000) {
        utf8[0] = '?';
        len = 1;

    } else {
        utf8[0] = (u_char) (0xe0 | (ch >> 12));
        utf8[1] = (u_char) (0x80 | ((ch >> 6) & 0x3f));
        utf8[2] = (u_char) (0x80 | (ch & 0x3f));
        len = 3;
    }

    ngx_http_vedette_json_text(json, utf8, len);
}


static ngx_int_t
ngx_http_vedette_json_member(ngx_http_vedette_json_t *json)
{
    ngx_str_t  name, value;

    json->state = sw_next;

    if (json->depth != 1 || json->handler == NULL) {
        return NGX_OK;
    }

    name.data = json->name;
    name.len = json->name_len;

    value.data = json->value;
    value.len = json->value_len;

    return json->handler(json->data, &name, json->type, &value);
}


static ngx_int_t
ngx_http_vedette_json_literal(ngx_http_vedette_json_t *json)
{
    ngx_uint_t  i;

    static ngx_str_t  literals[] = {
        ngx_string("null"),
        ngx_string("true"),
        ngx_string("false"),
        ngx_string("NaN"),
        ngx_string("Infinity"),
        ngx_string("-Infinity"),
        ngx_null_string
    };

    for (i = 0; literals[i].len; i++) {
        if (json->value_len == literals[i].len
            && ngx_memcmp(json->value, literals[i].data, json->value_len) == 0)
        {
            return ngx_http_vedette_json_member(json);
        }
    }

    json->error = "an unknown literal";

    return NGX_ERROR;
}
