
/*
 * A push reader of MessagePack that looks for one thing: a string member of
 * the outermost map.  Old crash reporters put the event beside the minidump in
 * this form, and its id is the one that their users see.
 *
 * It counts what is still to come on each level, skips what it does not want,
 * and gives up on anything odd: then there is no such member.
 */


#include "ngx_http_vedette_module.h"


enum {
    sw_type = 0,
    sw_length,
    sw_bytes
};


static void ngx_http_vedette_msgpack_type(ngx_http_vedette_msgpack_t *mp,
    u_char ch);
static void ngx_http_vedette_msgpack_length(ngx_http_vedette_msgpack_t *mp);
static void ngx_http_vedette_msgpack_bytes(ngx_http_vedette_msgpack_t *mp,
    uint64_t n);
static void ngx_http_vedette_msgpack_open(ngx_http_vedette_msgpack_t *mp,
    uint64_t n);
static void ngx_http_vedette_msgpack_next(ngx_http_vedette_msgpack_t *mp);


void
ngx_http_vedette_msgpack_init(ngx_http_vedette_msgpack_t *mp, char *wanted)
{
    ngx_memzero(mp, sizeof(ngx_http_vedette_msgpack_t));

    mp->wanted.data = (u_char *) wanted;
    mp->wanted.len = ngx_strlen(wanted);
}


void
ngx_http_vedette_msgpack_feed(ngx_http_vedette_msgpack_t *mp, u_char *p,
    u_char *last)
{
    size_t  n, room;

    while (p < last && !mp->done) {

        switch (mp->state) {

        case sw_type:
            ngx_http_vedette_msgpack_type(mp, *p++);
            break;

        case sw_length:
            mp->length = mp->length << 8 | *p++;

            if (--mp->digits == 0) {
                ngx_http_vedette_msgpack_length(mp);
            }

            break;

        default: /* sw_bytes */

            n = (size_t) ngx_min((uint64_t) (last - p), mp->rest);

            if (mp->capture) {
                room = sizeof(mp->text) - mp->text_len;

                ngx_memcpy(mp->text + mp->text_len, p, ngx_min(n, room));
                mp->text_len += ngx_min(n, room);
            }

            p += n;
            mp->rest -= n;

            if (mp->rest == 0) {
                mp->state = sw_type;
                ngx_http_vedette_msgpack_next(mp);
            }
        }
    }
}


/* the first byte of a value: what it is, and its length, or that of this */

static void
ngx_http_vedette_msgpack_type(ngx_http_vedette_msgpack_t *mp, u_char ch)
{
    /* bytes of the value, or of its length, for 0xc0 to 0xdf */

    static u_char  sizes[32] = {
        0, 0, 0, 0, 1, 2, 4, 1, 2, 4, 4, 8, 1, 2, 4, 8,
        1, 2, 4, 8, 2, 3, 5, 9, 17, 1, 2, 4, 2, 4, 2, 4
    };

    mp->type = ch;
    mp->capture = 0;

    if (mp->depth == 0 && (ch & 0xf0) != 0x80 && ch != 0xde && ch != 0xdf) {
        /* not a map */
        mp->done = 1;
        return;
    }

    if (ch < 0x80 || ch >= 0xe0) {
        ngx_http_vedette_msgpack_next(mp);

    } else if (ch < 0x90) {
        ngx_http_vedette_msgpack_open(mp, 2 * (uint64_t) (ch & 0x0f));

    } else if (ch < 0xa0) {
        ngx_http_vedette_msgpack_open(mp, ch & 0x0f);

    } else if (ch < 0xc0) {
        mp->capture = 1;
        ngx_http_vedette_msgpack_bytes(mp, ch & 0x1f);

    } else if ((ch >= 0xc4 && ch <= 0xc9) || (ch >= 0xd9 && ch <= 0xdf)) {
        mp->length = 0;
        mp->digits = sizes[ch - 0xc0];
        mp->state = sw_length;

    } else {
        ngx_http_vedette_msgpack_bytes(mp, sizes[ch - 0xc0]);
    }
}


static void
ngx_http_vedette_msgpack_length(ngx_http_vedette_msgpack_t *mp)
{
    mp->state = sw_type;

    if (mp->type >= 0xd9 && mp->type <= 0xdb) {
        mp->capture = 1;
    }

    if (mp->type >= 0xde) {
        ngx_http_vedette_msgpack_open(mp, 2 * mp->length);

    } else if (mp->type >= 0xdc) {
        ngx_http_vedette_msgpack_open(mp, mp->length);

    } else if (mp->type >= 0xc7 && mp->type <= 0xc9) {
        /* an extension has a byte for its type */
        ngx_http_vedette_msgpack_bytes(mp, mp->length + 1);

    } else {
        ngx_http_vedette_msgpack_bytes(mp, mp->length);
    }
}


static void
ngx_http_vedette_msgpack_bytes(ngx_http_vedette_msgpack_t *mp, uint64_t n)
{
    mp->text_len = 0;
    mp->rest = n;

    if (mp->depth != 1) {
        mp->capture = 0;
    }

    if (n) {
        mp->state = sw_bytes;

    } else {
        ngx_http_vedette_msgpack_next(mp);
    }
}


static void
ngx_http_vedette_msgpack_open(ngx_http_vedette_msgpack_t *mp, uint64_t n)
{
    if (mp->depth == NGX_HTTP_VEDETTE_MSGPACK_DEPTH) {
        mp->done = 1;
        return;
    }

    mp->left[mp->depth++] = n;

    if (n == 0) {
        mp->depth--;
        mp->capture = 0;
        ngx_http_vedette_msgpack_next(mp);
    }
}


/* a value is complete: of the outermost map, names and values take turns */

static void
ngx_http_vedette_msgpack_next(ngx_http_vedette_msgpack_t *mp)
{
    ngx_uint_t  is_name;

    for ( ;; ) {

        if (mp->depth == 0) {
            mp->done = 1;
            return;
        }

        if (mp->depth == 1) {

            is_name = (mp->left[0] % 2 == 0);

            if (!is_name && mp->named && mp->capture) {
                mp->found = 1;
                mp->done = 1;
                return;
            }

            mp->named = is_name && mp->capture
                        && mp->text_len == mp->wanted.len
                        && ngx_memcmp(mp->text, mp->wanted.data, mp->text_len)
                           == 0;
        }

        if (--mp->left[mp->depth - 1]) {
            return;
        }

        /* the container is complete, and a value itself */

        mp->depth--;
        mp->capture = 0;
    }
}
