/*
 * The processor's own instruction where there is one, else a table: a spool of
 * 20 GB is read through in the time that its disk takes, not longer.
 */

#include "util/crc32c.h"

#include <string.h>

#define POLYNOMIAL 0x82f63b78u /* reflected */

static uint32_t table[256];
static uint32_t (*best)(uint32_t crc, const unsigned char *p, size_t n);


static void
fill_table(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;

        for (int bit = 0; bit < 8; bit++) {
            c = (c & 1) != 0 ? (c >> 1) ^ POLYNOMIAL : c >> 1;
        }
        table[i] = c;
    }
}


static uint32_t
by_table(uint32_t crc, const unsigned char *p, size_t n)
{
    while (n-- > 0) {
        crc = table[(crc ^ *p++) & 0xff] ^ (crc >> 8);
    }
    return crc;
}


#if defined(__x86_64__)

__attribute__((target("sse4.2"))) static uint32_t
by_instruction(uint32_t crc, const unsigned char *p, size_t n)
{
    uint64_t c = crc, eight;

    for (; n >= 8; n -= 8, p += 8) {
        memcpy(&eight, p, 8);
        c = __builtin_ia32_crc32di(c, eight);
    }
    crc = (uint32_t) c;
    while (n-- > 0) {
        crc = __builtin_ia32_crc32qi(crc, *p++);
    }
    return crc;
}

#endif


uint32_t
crc32c(uint32_t crc, const void *p, size_t n)
{
    if (best == NULL) {
        fill_table();
        best = by_table;
#if defined(__x86_64__)
        if (__builtin_cpu_supports("sse4.2")) {
            best = by_instruction;
        }
#endif
    }
    return ~best(~crc, p, n);
}
