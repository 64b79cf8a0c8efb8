/*
 * The reader of spool segments, against everything that a disk can do: flipped
 * bits, lost sectors, cut files, garbage; and against a body that looks like a
 * record.  The writer here follows message.h, section 6, on its own.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "queue/message.h"
#include "queue/spool.h"
#include "util/crc32c.h"
#include "util/log.h"

#define NONCE UINT64_C(0x1122334455667788)
#define RECORDS 40
#define IMAGE_MAX (512 * 1024)

struct image {
    unsigned char p[IMAGE_MAX];
    size_t n;
    size_t starts[RECORDS + 1]; /* of the records, and of what follows */
};

struct tally {
    uint32_t records, lost, damaged, torn;
    bool seen[RECORDS];
    uint64_t last_project;
};

static struct image image;


static void
put(unsigned char *p, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        p[i] = (unsigned char) (v >> 8 * i);
    }
}


static void
segment_head(unsigned char *p, unsigned version)
{
    memset(p, 0, VEDETTE_SPOOL_HEAD);
    memcpy(p, VEDETTE_SPOOL_MAGIC, 8);
    put(p + VEDETTE_SPOOL_S_VERSION, version, 2);
    put(p + VEDETTE_SPOOL_S_SIZE, IMAGE_MAX, 8);
    put(p + VEDETTE_SPOOL_S_NONCE, NONCE, 8);
    put(p + VEDETTE_SPOOL_S_CREATED, 1700000000000000, 8);
    put(p + VEDETTE_SPOOL_CRC, crc32c(0, p, VEDETTE_SPOOL_CRC), 4);
}


/* A record at p; returns its bytes. */
static size_t
record(unsigned char *p, uint64_t nonce, uint32_t number, unsigned flags,
       const unsigned char *payload, size_t n)
{
    memset(p, 0, VEDETTE_SPOOL_HEAD);
    memcpy(p, VEDETTE_SPOOL_RECORD_MAGIC, 4);
    put(p + VEDETTE_SPOOL_R_VERSION, VEDETTE_SPOOL_VERSION, 2);
    put(p + VEDETTE_SPOOL_R_FLAGS, flags, 2);
    put(p + VEDETTE_SPOOL_R_NONCE, nonce, 8);
    put(p + VEDETTE_SPOOL_R_NUMBER, number, 4);
    put(p + VEDETTE_SPOOL_R_LENGTH, n, 4);
    put(p + VEDETTE_SPOOL_R_RECEIVED, 1700000000000000 + number, 8);
    put(p + VEDETTE_SPOOL_R_PROJECT, number + 1000, 8);
    memset(p + VEDETTE_SPOOL_R_EVENT_ID, (int) number, 16);
    put(p + VEDETTE_SPOOL_R_PAYLOAD_CRC, crc32c(0, payload, n), 4);
    put(p + VEDETTE_SPOOL_CRC, crc32c(0, p, VEDETTE_SPOOL_CRC), 4);
    if (n > 0) {
        memcpy(p + VEDETTE_SPOOL_HEAD, payload, n);
    }
    return VEDETTE_SPOOL_HEAD
           + (n + VEDETTE_SPOOL_ALIGN - 1) / VEDETTE_SPOOL_ALIGN
                 * VEDETTE_SPOOL_ALIGN;
}


static size_t
word(unsigned char *p, const void *s, size_t n)
{
    put(p, n, 4);
    memcpy(p + 4, s, n);
    return 4 + n;
}


/* p: the project, 1000 + number; d: a body whose size depends on number */
static size_t
payload_of(unsigned char *p, uint32_t number)
{
    static unsigned char body[4096];
    char project[16];
    size_t n = 4, size = number * 97 % 1500;
    int digits = snprintf(project, sizeof(project), "%u", 1000 + number);

    memset(body, 'a' + (int) (number % 26), size);
    put(p, 4, 4);
    n += word(p + n, "p", 1);
    n += word(p + n, project, (size_t) digits);
    n += word(p + n, "d", 1);
    n += word(p + n, body, size);
    return n;
}


/* The usual image: RECORDS records, an end record if sealed, zeros. */
static void
make(bool sealed, uint32_t records)
{
    static unsigned char payload[8192];

    memset(&image, 0, sizeof(image));
    segment_head(image.p, VEDETTE_SPOOL_VERSION);
    segment_head(image.p + VEDETTE_SPOOL_COPY, VEDETTE_SPOOL_VERSION);
    image.n = VEDETTE_SPOOL_FIRST;
    for (uint32_t i = 0; i < records; i++) {
        image.starts[i] = image.n;
        image.n += record(image.p + image.n, NONCE, i, 0, payload,
                          payload_of(payload, i));
    }
    image.starts[records] = image.n;
    if (sealed) {
        image.n += record(image.p + image.n, NONCE, records, VEDETTE_SPOOL_END,
                          NULL, 0);
    }
}


static int
file_of(const unsigned char *p, size_t n)
{
    int fd = memfd_create("segment", 0);

    assert_int_not_equal(fd, -1);
    assert_int_equal(write(fd, p, n), n);
    return fd;
}


/* Every record that comes out must be one that went in. */
static void
check_record(const struct spool_record *rec, struct tally *t)
{
    static unsigned char expected[8192];
    uint32_t i = rec->number - 1;
    struct arena *a = arena_new();
    struct str *words;
    size_t n;

    assert_true(i < RECORDS);
    assert_false(t->seen[i]);
    t->seen[i] = true;
    n = payload_of(expected, i);
    assert_true(str_eq(rec->payload, str_make((const char *) expected, n)));
    assert_int_equal(rec->project, 1000 + i);
    assert_int_equal(rec->received_at, 1700000000000000 + i);
    assert_int_equal(spool_words(a, rec->payload, &words, &n), ST_OK);
    assert_int_equal(n, 4);
    assert_true(str_is(words[0], "p"));
    arena_free(a);
}


/* Reads a file to its end, which must come after a sane number of steps. */
static struct tally
read_all(int fd)
{
    struct spool_reader *r;
    struct spool_record rec;
    struct tally t = { 0 };
    uint64_t place = 0;

    if (spool_open(fd, "test", &r) != ST_OK) {
        return t;
    }
    for (int steps = 0;; steps++) {
        assert_true(steps < 4 * RECORDS);
        assert_int_equal(spool_next(r, false, &rec), ST_OK);
        assert_true(rec.next >= place);
        place = rec.next;
        if (rec.kind == SPOOL_END) {
            break;
        }
        switch (rec.kind) {
        case SPOOL_RECORD:
            check_record(&rec, &t);
            t.records++;
            break;
        case SPOOL_DAMAGED:
            assert_true(rec.lost > 0);
            t.lost += rec.lost;
            t.damaged++;
            t.last_project = rec.known ? rec.project : 0;
            break;
        case SPOOL_TORN:
            t.torn++;
            break;
        default:
            fail_msg("kind %d", (int) rec.kind);
        }
    }
    spool_close(r);
    return t;
}


static struct tally
read_image(size_t n)
{
    int fd = file_of(image.p, n);
    struct tally t = read_all(fd);

    close(fd);
    return t;
}


static void
crc32c_has_the_values_of_the_rfc(void **state)
{
    unsigned char bytes[32];

    (void) state;
    assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
    memset(bytes, 0, sizeof(bytes));
    assert_int_equal(crc32c(0, bytes, 32), 0x8a9136aa);
    memset(bytes, 0xff, sizeof(bytes));
    assert_int_equal(crc32c(0, bytes, 32), 0x62a8ab43);
    assert_int_equal(crc32c(crc32c(0, "1234", 4), "56789", 5), 0xe3069283);
}


static void
reads_back_what_was_written(void **state)
{
    struct tally t;

    (void) state;
    for (int sealed = 0; sealed < 2; sealed++) {
        make(sealed, RECORDS);
        t = read_image(IMAGE_MAX);
        assert_int_equal(t.records, RECORDS);
        assert_int_equal(t.lost + t.torn, 0);

        make(sealed, 0);
        t = read_image(IMAGE_MAX);
        assert_int_equal(t.records + t.lost + t.torn, 0);
    }
}


static void
goes_on_from_a_place(void **state)
{
    struct spool_reader *r;
    struct spool_record rec;
    int fd;

    (void) state;
    make(true, RECORDS);
    fd = file_of(image.p, IMAGE_MAX);
    assert_int_equal(spool_open(fd, "test", &r), ST_OK);
    spool_seek(r, image.starts[7], 7);
    assert_int_equal(spool_next(r, false, &rec), ST_OK);
    assert_int_equal(rec.kind, SPOOL_RECORD);
    assert_int_equal(rec.project, 1007);
    assert_int_equal(rec.next, image.starts[8]);
    assert_int_equal(rec.number, 8);

    /* a place behind the file is its end */
    spool_seek(r, UINT64_C(1) << 40, 7);
    assert_int_equal(spool_next(r, false, &rec), ST_OK);
    assert_int_equal(rec.kind, SPOOL_END);
    spool_close(r);
    close(fd);
}


static void
waits_at_the_tail_of_a_live_segment(void **state)
{
    static unsigned char payload[8192];
    struct spool_reader *r;
    struct spool_record rec;
    size_t n, bytes = payload_of(payload, 1), before;
    int fd;

    (void) state;
    make(false, 1);
    fd = file_of(image.p, IMAGE_MAX);
    assert_int_equal(spool_open(fd, "test", &r), ST_OK);
    assert_int_equal(spool_next(r, true, &rec), ST_OK);
    assert_int_equal(rec.kind, SPOOL_RECORD);
    assert_int_equal(spool_next(r, true, &rec), ST_OK);
    assert_int_equal(rec.kind, SPOOL_WAIT);

    /* half of a record is on the disk */
    before = image.n;
    n = record(image.p + image.n, NONCE, 1, 0, payload, bytes);
    assert_int_equal(pwrite(fd, image.p + before, 70, (off_t) before), 70);
    assert_int_equal(spool_next(r, true, &rec), ST_OK);
    assert_int_equal(rec.kind, SPOOL_WAIT);

    /* all of it */
    assert_int_equal(pwrite(fd, image.p + before, n, (off_t) before), n);
    assert_int_equal(spool_next(r, true, &rec), ST_OK);
    assert_int_equal(rec.kind, SPOOL_RECORD);
    assert_int_equal(rec.project, 1001);

    /* one more, and then its writer dies before anybody has looked */
    before += n;
    n = record(image.p + before, NONCE, 2, 0, payload, payload_of(payload, 2));
    assert_int_equal(pwrite(fd, image.p + before, n, (off_t) before), n);
    assert_int_equal(spool_next(r, false, &rec), ST_OK);
    assert_int_equal(rec.kind, SPOOL_RECORD);
    assert_int_equal(spool_next(r, false, &rec), ST_OK);
    assert_int_equal(rec.kind, SPOOL_END);
    spool_close(r);
    close(fd);
}


static void
a_flipped_bit_costs_one_record_at_most(void **state)
{
    uint32_t reported = 0;

    (void) state;
    srand(4711);
    make(true, RECORDS);
    for (int i = 0; i < 1000; i++) {
        size_t at = (size_t) rand() % image.n;
        unsigned char bit = (unsigned char) (1 << rand() % 8);
        struct tally t;

        image.p[at] ^= bit;
        t = read_image(IMAGE_MAX);
        image.p[at] ^= bit;

        assert_true(t.records >= RECORDS - 1);
        assert_int_equal(t.records + t.lost, RECORDS);
        /* the end record itself may be what was hit */
        assert_true(
            t.torn
            == (at >= image.starts[RECORDS] ? (uint32_t) 1 : (uint32_t) 0));
        reported += t.lost;
    }
    assert_true(reported > 500);
}


static void
a_flipped_bit_is_reported_without_an_end_record_too(void **state)
{
    (void) state;
    srand(4712);
    make(false, RECORDS);
    for (int i = 0; i < 200; i++) {
        size_t at = VEDETTE_SPOOL_FIRST
                    + (size_t) rand() % (image.n - VEDETTE_SPOOL_FIRST);
        struct tally t;

        image.p[at] ^= 0x10;
        t = read_image(IMAGE_MAX);
        image.p[at] ^= 0x10;
        assert_true(t.records >= RECORDS - 1);
        assert_true(t.records == RECORDS || t.lost + t.torn == 1);
    }
}


static void
a_damaged_payload_says_whose_it_was(void **state)
{
    struct tally t;

    (void) state;
    make(true, RECORDS);
    image.p[image.starts[3] + VEDETTE_SPOOL_HEAD + 9] ^= 1;
    t = read_image(IMAGE_MAX);
    assert_int_equal(t.lost, 1);
    assert_int_equal(t.last_project, 1003);
}


static void
a_lost_sector_costs_the_records_in_it(void **state)
{
    (void) state;
    for (size_t at = 0; at + 512 < image.n; at += 512) {
        struct tally t;
        uint32_t hit = 0;

        make(true, RECORDS);
        for (size_t i = 0; i < RECORDS; i++) {
            if (image.starts[i] < at + 512 && at < image.starts[i + 1]) {
                hit++;
            }
        }
        memset(image.p + at, 0, 512);
        t = read_image(IMAGE_MAX);
        assert_true(t.records >= RECORDS - hit);
        if (image.starts[RECORDS] >= at + 512 || image.n <= at) {
            assert_int_equal(t.records + t.lost, RECORDS);
        }
    }
}


static void
a_file_may_be_cut_at_each_byte(void **state)
{
    uint32_t whole = 0;

    (void) state;
    make(false, 12);
    for (size_t n = 0; n <= image.n; n++) {
        struct tally t = read_image(n);

        /* the padding of a record need not be there */
        while (whole < 12 && n + VEDETTE_SPOOL_ALIGN > image.starts[whole + 1]
               && t.records == whole + 1) {
            whole++;
        }
        assert_int_equal(t.records, n < VEDETTE_SPOOL_HEAD ? 0 : whole);
        assert_int_equal(t.lost, 0);
    }
    assert_int_equal(whole, 12);
}


static void
the_copy_of_the_head_serves(void **state)
{
    (void) state;
    make(true, RECORDS);
    memset(image.p, 0xff, 4096);
    assert_int_equal(read_image(IMAGE_MAX).records, RECORDS);

    make(true, RECORDS);
    memset(image.p + 4096, 0xff, 4096);
    assert_int_equal(read_image(IMAGE_MAX).records, RECORDS);

    /* without either, the first record still knows the nonce */
    memset(image.p, 0xff, VEDETTE_SPOOL_FIRST);
    assert_int_equal(read_image(IMAGE_MAX).records, RECORDS);
}


static void
garbage_is_no_segment(void **state)
{
    static unsigned char garbage[100000];
    struct spool_reader *r;
    bool newer;
    struct spool_head head;
    int fd;

    (void) state;
    srand(4713);
    for (int i = 0; i < 20; i++) {
        for (size_t k = 0; k < sizeof(garbage); k++) {
            garbage[k] = (unsigned char) rand();
        }
        fd = file_of(garbage, (size_t) rand() % sizeof(garbage));
        assert_int_equal(spool_open(fd, "test", &r), ST_INVALID);
        close(fd);
    }

    /* with a good head: torn, and nothing that never was in it */
    segment_head(garbage, VEDETTE_SPOOL_VERSION);
    fd = file_of(garbage, sizeof(garbage));
    assert_int_equal(read_all(fd).torn, 1);
    close(fd);

    segment_head(garbage, VEDETTE_SPOOL_VERSION + 1);
    fd = file_of(garbage, sizeof(garbage));
    assert_int_equal(spool_read_head(fd, "test", &head, &newer), ST_INVALID);
    assert_true(newer);
    close(fd);
}


static void
a_record_inside_a_body_is_never_taken(void **state)
{
    static unsigned char inner[512], payload[1024], forged[512];
    struct tally t;
    size_t n, k;

    (void) state;
    make(false, 2);
    /* an attacker knows all but the nonce */
    n = payload_of(inner, 5);
    k = record(forged, NONCE + 1, 3, 0, inner, n < 300 ? n : 300);
    put(payload, 2, 4);
    n = 4 + word(payload + 4, "d", 1);
    n += word(payload + n, forged, k);
    image.n += record(image.p + image.n, NONCE, 2, 0, payload, n);
    image.n += record(image.p + image.n, NONCE, 3, VEDETTE_SPOOL_END, NULL, 0);

    image.p[image.starts[2] + VEDETTE_SPOOL_R_LENGTH] ^= 1;
    t = read_image(IMAGE_MAX);
    assert_int_equal(t.records, 2);
    assert_int_equal(t.lost, 1);
}


static void
records_of_a_newer_version_are_kept(void **state)
{
    struct spool_reader *r;
    struct spool_record rec;
    unsigned char *p;
    int fd;

    (void) state;
    make(false, 1);
    p = image.p + image.starts[0];
    put(p + VEDETTE_SPOOL_R_VERSION, VEDETTE_SPOOL_VERSION + 1, 2);
    put(p + VEDETTE_SPOOL_CRC, crc32c(0, p, VEDETTE_SPOOL_CRC), 4);
    fd = file_of(image.p, IMAGE_MAX);
    assert_int_equal(spool_open(fd, "test", &r), ST_OK);
    assert_int_equal(spool_next(r, false, &rec), ST_INVALID);
    assert_int_equal(spool_next(r, false, &rec), ST_INVALID);
    spool_close(r);
    close(fd);
}


static void
words_are_bounded(void **state)
{
    static const struct {
        const char *p;
        size_t n;
    } wrong[] = {
        { "", 0 },
        { "\0\0\0", 3 },
        { "\0\0\0\0", 4 },
        { "\1\0\0\0\1\0\0\0p", 9 },                   /* odd */
        { "\2\0\0\0\1\0\0\0p\xff\xff\xff\xff", 13 },  /* long */
        { "\2\0\0\0\1\0\0\0p\1\0\0\0", 13 },          /* cut */
        { "\2\0\0\0\0\0\0\0\1\0\0\0x", 13 },          /* no name */
        { "\2\0\0\0\1\0\0\0p\1\0\0\0xy", 15 },        /* too much */
        { "\xfe\xff\xff\xff\1\0\0\0p\1\0\0\0x", 14 }, /* many */
    };
    struct arena *a = arena_new();
    struct str *words;
    size_t n;

    (void) state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(
            spool_words(a, str_make(wrong[i].p, wrong[i].n), &words, &n),
            ST_INVALID);
    }
    assert_int_equal(
        spool_words(a, STR("\2\0\0\0\1\0\0\0p\0\0\0\0"), &words, &n), ST_OK);
    arena_free(a);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc32c_has_the_values_of_the_rfc),
        cmocka_unit_test(reads_back_what_was_written),
        cmocka_unit_test(goes_on_from_a_place),
        cmocka_unit_test(waits_at_the_tail_of_a_live_segment),
        cmocka_unit_test(a_flipped_bit_costs_one_record_at_most),
        cmocka_unit_test(a_flipped_bit_is_reported_without_an_end_record_too),
        cmocka_unit_test(a_damaged_payload_says_whose_it_was),
        cmocka_unit_test(a_lost_sector_costs_the_records_in_it),
        cmocka_unit_test(a_file_may_be_cut_at_each_byte),
        cmocka_unit_test(the_copy_of_the_head_serves),
        cmocka_unit_test(garbage_is_no_segment),
        cmocka_unit_test(a_record_inside_a_body_is_never_taken),
        cmocka_unit_test(records_of_a_newer_version_are_kept),
        cmocka_unit_test(words_are_bounded),
    };

    log_threshold(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
