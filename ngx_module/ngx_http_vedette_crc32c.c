
/*
 * CRC32C, the checksum of the spool (message.h, 6): the processor's own
 * instruction where there is one, else a table.
 */


#include "ngx_http_vedette_module.h"


#define NGX_HTTP_VEDETTE_CRC32C  0x82f63b78    /* reflected */


static uint32_t ngx_http_vedette_crc32c_table(uint32_t crc, u_char *p,
    size_t len);
#if defined(__x86_64__)
static uint32_t ngx_http_vedette_crc32c_sse42(uint32_t crc, u_char *p,
    size_t len);
#endif


static uint32_t  ngx_http_vedette_crc32c_bytes[256];
static uint32_t  (*ngx_http_vedette_crc32c_best)(uint32_t crc, u_char *p,
    size_t len);


/* before the first use, and before there are threads */

void
ngx_http_vedette_crc32c_init(void)
{
    uint32_t    c;
    ngx_uint_t  i, bit;

    for (i = 0; i < 256; i++) {
        c = i;

        for (bit = 0; bit < 8; bit++) {
            c = (c & 1) ? (c >> 1) ^ NGX_HTTP_VEDETTE_CRC32C : c >> 1;
        }

        ngx_http_vedette_crc32c_bytes[i] = c;
    }

    ngx_http_vedette_crc32c_best = ngx_http_vedette_crc32c_table;

#if defined(__x86_64__)

    if (__builtin_cpu_supports("sse4.2")) {
        ngx_http_vedette_crc32c_best = ngx_http_vedette_crc32c_sse42;
    }

#endif
}


/* of what crc is the sum of, and these bytes; the sum of nothing is 0 */

uint32_t
ngx_http_vedette_crc32c(uint32_t crc, u_char *p, size_t len)
{
    return ~ngx_http_vedette_crc32c_best(~crc, p, len);
}


static uint32_t
ngx_http_vedette_crc32c_table(uint32_t crc, u_char *p, size_t len)
{
    while (len--) {
        crc = ngx_http_vedette_crc32c_bytes[(crc ^ *p++) & 0xff] ^ (crc >> 8);
    }

    return crc;
}


#if defined(__x86_64__)

__attribute__((target("sse4.2")))
static uint32_t
ngx_http_vedette_crc32c_sse42(uint32_t crc, u_char *p, size_t len)
{
    uint64_t  c, eight;

    c = crc;

    while (len >= 8) {
        ngx_memcpy(&eight, p, 8);
        c = __builtin_ia32_crc32di(c, eight);
        p += 8;
        len -= 8;
    }

    crc = (uint32_t) c;

    while (len--) {
        crc = __builtin_ia32_crc32qi(crc, *p++);
    }

    return crc;
}

#endif
