
/*
 * A push reader of multipart/form-data (RFC 7578).  It tells of each part its
 * name, whether it is a file, and its bytes as they come; it keeps only the
 * header lines of the part, which are bounded.
 *
 * The delimiter is CRLF, two dashes and the boundary.  A boundary holds no CR,
 * so when a match fails in the middle it can only start again at the byte
 * that broke it.
 */


#include "ngx_http_vedette_module.h"


enum {
    sw_delimiter = 0,      /* before the first part, or in the bytes of one */
    sw_after,
    sw_after_dash,
    sw_after_cr,
    sw_header,
    sw_epilogue
};


static ngx_int_t ngx_http_vedette_multipart_bytes(
    ngx_http_vedette_multipart_t *mp, u_char *p, u_char *last);
static ngx_int_t ngx_http_vedette_multipart_line(
    ngx_http_vedette_multipart_t *mp);
static ngx_uint_t ngx_http_vedette_multipart_param(ngx_str_t *line, char *name,
    ngx_str_t *value);


/* NGX_DECLINED: the content type has no usable boundary */

ngx_int_t
ngx_http_vedette_multipart_init(ngx_http_vedette_multipart_t *mp,
    ngx_str_t *content_type)
{
    u_char     *p;
    ngx_str_t   boundary;

    if (!ngx_http_vedette_starts(content_type, "multipart/")
        || !ngx_http_vedette_multipart_param(content_type, "boundary",
                                             &boundary)
        || boundary.len == 0
        || boundary.len > NGX_HTTP_VEDETTE_MULTIPART_BOUNDARY
        || ngx_strlchr(boundary.data, boundary.data + boundary.len, CR))
    {
        return NGX_DECLINED;
    }

    p = mp->delimiter;
    *p++ = CR; *p++ = LF; *p++ = '-'; *p++ = '-';
    p = ngx_cpymem(p, boundary.data, boundary.len);

    mp->delimiter_len = p - mp->delimiter;

    /* the first delimiter may stand at the very beginning */
    mp->matched = 2;
    mp->state = sw_delimiter;
    mp->in_part = 0;
    mp->parts = 0;

    return NGX_OK;
}


/* NGX_OK, NGX_DECLINED: not multipart, or what a handler returned */

ngx_int_t
ngx_http_vedette_multipart_feed(ngx_http_vedette_multipart_t *mp, u_char *p,
    u_char *last)
{
    u_char     ch, *start;
    ngx_int_t  rc;

    while (p < last) {

        switch (mp->state) {

        case sw_delimiter:

            if (mp->matched == 0) {
                start = p;
                p = ngx_strlchr(p, last, CR);

                if (p == NULL) {
                    p = last;
                }

                rc = ngx_http_vedette_multipart_bytes(mp, start, p);
                if (rc != NGX_OK) {
                    return rc;
                }

                if (p == last) {
                    return NGX_OK;
                }
            }

            if (*p == mp->delimiter[mp->matched]) {
                p++;

                if (++mp->matched == mp->delimiter_len) {
                    mp->state = sw_after;
                }

                break;
            }

            /* what seemed to be a delimiter belongs to the part */

            if (mp->parts) {
                rc = ngx_http_vedette_multipart_bytes(mp, mp->delimiter,
                                              mp->delimiter + mp->matched);
                if (rc != NGX_OK) {
                    return rc;
                }
            }

            mp->matched = 0;
            break;

        case sw_after:

            if (mp->in_part) {
                mp->in_part = 0;

                rc = mp->end(mp->data);
                if (rc != NGX_OK) {
                    return rc;
                }
            }

            ch = *p++;

            if (ch == '-') {
                mp->state = sw_after_dash;

            } else if (ch == CR) {
                mp->state = sw_after_cr;

            } else if (ch != ' ' && ch != '\t') {
                return NGX_DECLINED;
            }

            break;

        case sw_after_dash:

            if (*p++ != '-') {
                return NGX_DECLINED;
            }

            mp->state = sw_epilogue;
            break;

        case sw_after_cr:

            if (*p++ != LF) {
                return NGX_DECLINED;
            }

            mp->line_len = 0;
            mp->name.len = 0;
            mp->file = 0;
            mp->parts++;
            mp->state = sw_header;
            break;

        case sw_header:

            ch = *p++;

            if (ch != LF) {

                if (mp->line_len == sizeof(mp->line)) {
                    return NGX_DECLINED;
                }

                mp->line[mp->line_len++] = ch;
                break;
            }

            if (mp->line_len == 0 || mp->line[--mp->line_len] != CR) {
                return NGX_DECLINED;
            }

            if (mp->line_len) {
                rc = ngx_http_vedette_multipart_line(mp);

                if (rc != NGX_OK) {
                    return rc;
                }

                mp->line_len = 0;
                break;
            }

            mp->in_part = 1;
            mp->matched = 0;
            mp->state = sw_delimiter;

            rc = mp->begin(mp->data, &mp->name, mp->file);
            if (rc != NGX_OK) {
                return rc;
            }

            break;

        default: /* sw_epilogue */
            return NGX_OK;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_vedette_multipart_done(ngx_http_vedette_multipart_t *mp)
{
    return mp->state == sw_epilogue ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_vedette_multipart_bytes(ngx_http_vedette_multipart_t *mp, u_char *p,
    u_char *last)
{
    if (!mp->in_part || p == last) {
        return NGX_OK;
    }

    return mp->bytes(mp->data, p, last);
}


/* a header line of a part: only Content-Disposition says something to us */

static ngx_int_t
ngx_http_vedette_multipart_line(ngx_http_vedette_multipart_t *mp)
{
    ngx_str_t  line, name, file;

    line.data = mp->line;
    line.len = mp->line_len;

    if (!ngx_http_vedette_starts(&line, "content-disposition:")) {
        return NGX_OK;
    }

    if (ngx_http_vedette_multipart_param(&line, "name", &name)) {

        mp->name.len = ngx_min(name.len, sizeof(mp->name_text));
        mp->name.data = mp->name_text;
        ngx_memcpy(mp->name_text, name.data, mp->name.len);
    }

    mp->file = ngx_http_vedette_multipart_param(&line, "filename", &file)
               || ngx_http_vedette_multipart_param(&line, "filename*", &file);

    return NGX_OK;
}


/* ; name=value or ; name="value" */

static ngx_uint_t
ngx_http_vedette_multipart_param(ngx_str_t *line, char *name,
    ngx_str_t *value)
{
    u_char  *p, *last, *start;
    size_t   len;

    len = ngx_strlen(name);

    p = line->data;
    last = p + line->len;

    while (p < last) {

        /* to the next parameter, past what stands in quotes */

        while (p < last && *p != ';') {

            if (*p++ != '"') {
                continue;
            }

            while (p < last && *p != '"') {
                p += (*p == '\\') ? 2 : 1;
            }

            p++;
        }

        if (p >= last) {
            return 0;
        }

        p++;

        while (p < last && (*p == ' ' || *p == '\t')) {
            p++;
        }

        if ((size_t) (last - p) <= len
            || ngx_strncasecmp(p, (u_char *) name, len) != 0 || p[len] != '=')
        {
            continue;
        }

        p += len + 1;

        if (p < last && *p == '"') {
            start = ++p;

            while (p < last && *p != '"') {
                p += (*p == '\\') ? 2 : 1;
            }

            p = ngx_min(p, last);

        } else {
            start = p;

            while (p < last && *p != ';' && *p != ' ') {
                p++;
            }
        }

        value->data = start;
        value->len = p - start;

        return 1;
    }

    return 0;
}
