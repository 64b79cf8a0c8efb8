/*
 * libFuzzer over the reader of spool segments: it must come to an end, moving
 * forward, whatever the records are.  Checksums and nonces are set right where
 * a record's magic stands, or else the fuzzer would never get behind them.
 *
 * Needs clang and libclang-rt-14-dev; from the top of the checkout:
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE \
 *         -I fcgi_app -I build/gen -I build -o build/fuzz_spool \
 *         tests/fuzz/fuzz_spool.c fcgi_app/queue/spool.c \
 *         fcgi_app/util/crc32c.c fcgi_app/util/log.c fcgi_app/util/arena.c \
 *         fcgi_app/util/str.c fcgi_app/util/status.c \
 *         fcgi_app/util/timeutil.c fcgi_app/util/buf.c
 *     build/fuzz_spool -max_total_time=60
 */

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "queue/message.h"
#include "queue/spool.h"
#include "util/crc32c.h"
#include "util/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned char image[256 * 1024];


static void
put32(unsigned char *p, uint32_t v)
{
    memcpy(p, &v, 4); /* fuzzed on little-endian machines */
}


static void
mend(unsigned char *p, size_t left)
{
    uint32_t length;

    if (left < VEDETTE_SPOOL_HEAD
        || memcmp(p, VEDETTE_SPOOL_RECORD_MAGIC, 4) != 0) {
        return;
    }
    memset(p + VEDETTE_SPOOL_R_NONCE, 0, 8);
    memcpy(&length, p + VEDETTE_SPOOL_R_LENGTH, 4);
    /* some stay wrong */
    if (length % 8 != 7 && length <= left - VEDETTE_SPOOL_HEAD) {
        put32(p + VEDETTE_SPOOL_R_PAYLOAD_CRC,
              crc32c(0, p + VEDETTE_SPOOL_HEAD, length));
    }
    put32(p + VEDETTE_SPOOL_CRC, crc32c(0, p, VEDETTE_SPOOL_CRC));
}


static void
read_all(int fd, bool live)
{
    struct arena *a = arena_new();
    struct spool_reader *r;
    struct spool_record rec;
    struct str *words;
    uint64_t place = 0;
    size_t n;

    if (spool_open(fd, "fuzz", &r) == ST_OK) {
        while (spool_next(r, live, &rec) == ST_OK) {
            if (rec.next < place) {
                abort();
            }
            place = rec.next;
            if (rec.kind == SPOOL_RECORD
                && spool_words(a, rec.payload, &words, &n) == ST_OK
                && n % 2 != 0) {
                abort();
            }
            if (rec.kind == SPOOL_END || rec.kind == SPOOL_WAIT) {
                break;
            }
        }
        spool_close(r);
    }
    arena_free(a);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("segment", 0);
    size_t n;

    log_threshold(LOG_LEVEL_ERROR);
    if (size > sizeof(image) - VEDETTE_SPOOL_FIRST) {
        size = sizeof(image) - VEDETTE_SPOOL_FIRST;
    }
    n = VEDETTE_SPOOL_FIRST + size;
    memset(image, 0, VEDETTE_SPOOL_FIRST);
    memcpy(image, VEDETTE_SPOOL_MAGIC, 8);
    image[VEDETTE_SPOOL_S_VERSION] = VEDETTE_SPOOL_VERSION;
    put32(image + VEDETTE_SPOOL_CRC, crc32c(0, image, VEDETTE_SPOOL_CRC));
    if (size > 0) {
        memcpy(image + VEDETTE_SPOOL_FIRST, data, size);
    }
    for (size_t at = VEDETTE_SPOOL_FIRST; at < n; at += VEDETTE_SPOOL_ALIGN) {
        mend(image + at, n - at);
    }

    if (fd == -1 || write(fd, image, n) != (ssize_t) n) {
        abort();
    }
    read_all(fd, false);
    read_all(fd, true);
    close(fd);
    return 0;
}
