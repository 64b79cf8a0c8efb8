/*
 * util/crc32c.h - the checksum of the spool (Castagnoli, as in iSCSI, ext4).
 */

#ifndef VEDETTE_UTIL_CRC32C_H
#define VEDETTE_UTIL_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/*
 * Of n bytes; crc is 0, or the result for the bytes before them.  The nine
 * characters "123456789" have 0xe3069283 (RFC 3720, B.4, has more).
 */
uint32_t crc32c(uint32_t crc, const void *p, size_t n);

#endif
