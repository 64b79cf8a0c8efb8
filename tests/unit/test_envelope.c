/*
 * envelope: framing exactly as protocol.md §2.1, codings within their bound,
 * bodies of old clients.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <lz4.h>
#include <zlib.h>
#include <zstd.h>

#include "envelope/encoding.h"
#include "envelope/envelope.h"
#include "envelope/store.h"

static struct arena *a;


static int
setup(void **state)
{
    (void) state;
    a = arena_new();
    return 0;
}


static int
teardown(void **state)
{
    (void) state;
    arena_free(a);
    return 0;
}


/* "type:payload|type:payload", or "!reason". */
static struct str
outline(struct str text)
{
    struct buf out = buf_in(a);
    struct envelope env;
    struct item it;
    enum status st = envelope_open(a, text, &env);

    while (st == ST_OK && (st = envelope_next(&env, &it)) == ST_OK) {
        buf_text(&out, out.n > 0 ? "|" : "");
        buf_addf(&out, "%.*s:", STR_FMT(it.type));
        buf_str(&out, it.payload);
    }
    if (st != ST_NOT_FOUND) {
        assert_int_equal(st, ST_INVALID);
        assert_non_null(env.reason);
        return str_printf(a, "!%s", env.reason);
    }
    return buf_view(&out);
}


#define NEWLINE "!missing newline after header or payload"
#define END "!unexpected end of file"

static const struct {
    const char *text;
    size_t n;
    const char *want;
} framings[] = {
#define ROW(in, out)                                                           \
    {                                                                          \
        in, sizeof(in) - 1, out                                                \
    }
    /* the shapes that SDKs send */
    ROW("{}\n{\"type\":\"a\"}\nxyz", "a:xyz"),
    ROW("{}\n{\"type\":\"a\",\"length\":3}\nxyz\n", "a:xyz"),
    ROW("{}\n{\"type\":\"a\",\"length\":3}\nx\nz\n{\"type\":\"b\"}\n1\n",
        "a:x\nz|b:1"),
    ROW("{\"event_id\":\"fc6d8c0c43fc4630ad850ee518f1b9d0\"}\n"
        "{\"type\":\"event\",\"length\":2}\n{}",
        "event:{}"),
    /* no items, no payloads */
    ROW("{}", ""),
    ROW("{}\n", ""),
    ROW("  {}\n", ""),
    ROW("{}\n{\"type\":\"a\"}", "a:"),
    ROW("{}\n{\"type\":\"a\",\"length\":0}", "a:"),
    ROW("{}\n{\"type\":\"a\",\"length\":0}\n", "a:"),
    ROW("{}\n{\"type\":\"a\",\"length\":0}\n\n{\"type\":\"b\"}\n", "a:|b:"),
    ROW("{}\n{\"type\":\"a\"}\n\n{\"type\":\"b\"}\n\n", "a:|b:"),
    ROW("{}\n{\"type\":\"a\",\"length\":null}\nx", "a:x"),
    /* blank lines between items, but not at the end */
    ROW("{}\n\n\n{\"type\":\"a\"}\nx\n\n{\"type\":\"b\"}\ny", "a:x|b:y"),
    ROW("{}\n{\"type\":\"a\"}\nx\n\n", END),
    ROW("{}\n\n", END),
    /* payloads are opaque */
    ROW("{}\n{\"type\":\"a\"}\nx\r\n{\"type\":\"b\"}\n", "a:x\r|b:"),
    ROW("{}\n{\"type\":\"a\",\"length\":4}\n\xef\xbb\n\xff",
        "a:\xef\xbb\n\xff"),
    /* unknown members are kept, a trace of any shape is no reason */
    ROW("{\"trace\":7,\"x\":[]}\n{\"type\":\"a\",\"y\":{}}\n", "a:"),
    ROW("{\"x\":1,\"x\":2}\n", ""),
    ROW("{\"sent_at\":\"yesterday\"}\n", ""),
    ROW("{\"event_id\":null}\n", ""),

    ROW("", "!missing envelope header"),
    ROW(" \n ", "!missing envelope header"),
    ROW("x", "!invalid envelope header"),
    ROW("[]\n", "!invalid envelope header"),
    ROW("{", "!invalid envelope header"),
    ROW("{\"event_id\":\"xyz\"}\n", "!invalid envelope header"),
    ROW("{\"event_id\":1}\n", "!invalid envelope header"),
    ROW("{\"sent_at\":\"a\",\"sent_at\":\"b\"}\n", "!invalid envelope header"),
    ROW("{\"a\":\"x\ny\"}\n", "!invalid envelope header"),
    ROW("{} \n", NEWLINE),
    ROW("{}\r\n", NEWLINE),
    ROW("{}{\"type\":\"a\"}", NEWLINE),
    ROW("{}\n{}\nx", "!invalid item header"),
    ROW("{}\n{\"type\":1}\nx", "!invalid item header"),
    ROW("{}\n{\"type\":\"a\",\"type\":\"b\"}\nx", "!invalid item header"),
    ROW("{}\n{\"type\":\"a\",\"length\":-1}\nx", "!invalid item header"),
    ROW("{}\n{\"type\":\"a\",\"length\":\"3\"}\nxyz", "!invalid item header"),
    ROW("{}\n{\"type\":\"a\",\"length\":1.5}\nxyz", "!invalid item header"),
    ROW("{}\n{\"type\":\"a\",\"length\":4294967296}\nx",
        "!invalid item header"),
    ROW("{}\n{\"type\":\"a\"\nx", "!invalid item header"),
    ROW("{}\nnonsense\n", "!invalid item header"),
    ROW("{}\n{\"type\":\"a\",\"length\":4294967295}\nx", END),
    ROW("{}\n{\"type\":\"a\",\"length\":1}", END),
    ROW("{}\n{\"type\":\"a\",\"length\":4}\nxyz", END),
    ROW("{}\n{\"type\":\"a\",\"length\":2}\nxyz\n", NEWLINE),
    ROW("{}\n{\"type\":\"a\"}\r\nxyz\n", NEWLINE),
#undef ROW
};


static void
frames_as_the_protocol_says(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(framings) / sizeof(framings[0]); i++) {
        struct str text = str_make(framings[i].text, framings[i].n);
        struct str got = outline(text);

        if (!str_is(got, framings[i].want)) {
            fail_msg("%.*s: got %.*s, want %s", STR_FMT(text), STR_FMT(got),
                     framings[i].want);
        }
    }
}


static void
reads_the_envelope_header(void **state)
{
    struct envelope env;

    (void) state;
    assert_int_equal(
        envelope_open(a,
                      STR("{\"event_id\":\"fc6d8c0c-43fc-4630-ad85-0ee518f1b9d0"
                          "\",\"sent_at\":\"2020-01-01T00:00:01.5Z\"}\n"),
                      &env),
        ST_OK);
    assert_true(str_is(env.event_id, "fc6d8c0c-43fc-4630-ad85-0ee518f1b9d0"));
    assert_int_equal(env.sent_at, INT64_C(1577836801500000));
}


/* Any mutilation of a good envelope ends in items inside it or an error. */
static void
survives_mutilated_envelopes(void **state)
{
    static const char good[] = "{\"event_id\":\"fc6d8c0c43fc4630ad850ee518f1b9"
                               "d0\"}\n{\"type\":\"a\",\"length\":5}\nhello\n"
                               "{\"type\":\"b\"}\nworld\n";
    char text[sizeof(good)];

    (void) state;
    srand(3);
    for (int i = 0; i < 20000; i++) {
        struct envelope env;
        struct item it;
        struct str all;
        enum status st;

        memcpy(text, good, sizeof(good));
        for (int j = rand() % 3; j >= 0; j--) {
            text[(size_t) rand() % sizeof(good)] = (char) (rand() % 256);
        }
        all = str_make(text, (size_t) rand() % sizeof(good));
        st = envelope_open(a, all, &env);
        while (st == ST_OK && (st = envelope_next(&env, &it)) == ST_OK) {
            assert_true(it.payload.p >= text
                        && it.payload.p + it.payload.n <= text + all.n);
        }
        assert_true(st == ST_NOT_FOUND || env.reason != NULL);
        arena_reset(a);
    }
}


/* Packing, with the libraries themselves. */

static struct str
deflated(struct str s, int window_bits)
{
    size_t room = compressBound(s.n) + 64;
    char *p = arena_alloc(a, room);
    z_stream z = { .next_in = (unsigned char *) (uintptr_t) s.p,
                   .avail_in = (uInt) s.n,
                   .next_out = (unsigned char *) p,
                   .avail_out = (uInt) room };

    assert_int_equal(
        deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY),
        Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return str_make(p, room - z.avail_out);
}


static struct str
gzipped(struct str s)
{
    return deflated(s, 15 + 16);
}


static struct str
zstded(struct str s)
{
    size_t room = ZSTD_compressBound(s.n);
    char *p = arena_alloc(a, room);

    return str_make(p, ZSTD_compress(p, room, s.p, s.n, 3));
}


/* as the edge packs it (queue/message.h) */
static struct str
lz4ed(struct str s)
{
    int room = LZ4_compressBound((int) s.n);
    char *p = arena_alloc(a, 4 + (size_t) room);

    for (size_t i = 0; i < 4; i++) {
        p[i] = (char) (s.n >> (8 * i));
    }
    return str_make(
        p, 4 + (size_t) LZ4_compress_default(s.p, p + 4, (int) s.n, room));
}


static struct str
long_text(size_t n)
{
    struct buf b = buf_in(a);

    while (b.n < n) {
        buf_addf(&b, "line %zu of the payload\n", b.n);
    }
    return buf_view(&b);
}


static enum status
unpack(const char *coding, struct str body, size_t limit, struct str *out)
{
    return encoding_decode(a, str_of(coding), body, limit, out);
}


/* 100,000 times x; the library to pack it is not needed for anything else. */
static const char brotlied[] =
    "\x57\x9f\x86\x01\x40\x02\x2f\x1e\x0b\x24\xcb\x2f\x00";


static void
unpacks_every_coding(void **state)
{
    struct str text = long_text(200000), out;
    char *same = arena_alloc(a, 100000);
    struct {
        const char *coding;
        struct str body;
        struct str want;
    } rows[] = {
        { "gzip", gzipped(text), text },
        { "GZip", gzipped(text), text },
        { "deflate", deflated(text, 15), text },
        { "deflate", deflated(text, -15), text },
        { "br", str_make(brotlied, sizeof(brotlied) - 1),
          str_make(same, 100000) },
        { "zstd", zstded(text), text },
        { "lz4", lz4ed(text), text },
        { "identity", text, text },
        { "", text, text },
        { "UTF-8", text, text },
    };

    (void) state;
    memset(same, 'x', 100000);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct str body = rows[i].body, want = rows[i].want;

        assert_int_equal(unpack(rows[i].coding, body, want.n, &out), ST_OK);
        assert_true(str_eq(out, want));

        /* a byte over the limit, a cut stream, no stream at all */
        assert_int_equal(unpack(rows[i].coding, body, want.n - 1, &out),
                         ST_LIMITED);
        if (body.p != text.p) {
            assert_int_equal(unpack(rows[i].coding,
                                    str_sub(body, 0, body.n / 2), want.n, &out),
                             ST_INVALID);
            assert_int_equal(unpack(rows[i].coding, STR(""), want.n, &out),
                             ST_INVALID);
            assert_int_equal(unpack(rows[i].coding, STR("{\"no\":\"stream\"}"),
                                    want.n, &out),
                             ST_INVALID);
        }
    }
    assert_int_equal(unpack("foo", text, text.n, &out), ST_INVALID);
}


static void
reads_gzip_members_and_ignores_a_tail(void **state)
{
    struct buf b = buf_in(a);
    struct str out;

    (void) state;
    buf_str(&b, gzipped(STR("one ")));
    buf_str(&b, gzipped(STR("two")));
    buf_text(&b, "\0\0\0");
    assert_int_equal(unpack("gzip", buf_view(&b), 100, &out), ST_OK);
    assert_true(str_is(out, "one two"));
}


static void
stops_a_bomb_at_the_limit(void **state)
{
    size_t n = (size_t) 64 << 20;
    char *zeros = calloc(1, n);
    struct str bomb = gzipped(str_make(zeros, n)), out;

    (void) state;
    free(zeros);
    assert_true(bomb.n < 100000);
    assert_int_equal(unpack("gzip", bomb, 1 << 20, &out), ST_LIMITED);
}


static void
reads_bodies_of_old_clients(void **state)
{
    struct str none = STR_NULL, out;
    struct str packed = STR("eJyrVspNLS5OTE9VslLKyFSqBQAwSwVx");

    (void) state;
    assert_int_equal(store_body(a, STR(" {\"a\":1}"), none, 100, &out), ST_OK);
    assert_true(str_is(out, "{\"a\":1}"));
    assert_int_equal(store_body(a, STR("eyJhIjoxfQ=="), none, 100, &out),
                     ST_OK);
    assert_true(str_is(out, "{\"a\":1}"));
    assert_int_equal(store_body(a, STR("eyJhIjoxfQ"), none, 100, &out), ST_OK);

    assert_int_equal(store_body(a, packed, none, 100, &out), ST_OK);
    assert_true(str_is(out, "{\"message\":\"hi\"}"));
    assert_int_equal(store_body(a, packed, none, 5, &out), ST_LIMITED);
    assert_int_equal(store_body(a, STR(""),
                                STR("x=1&sentry_data=eyJhIjoxfQ%3D%3d&y"), 100,
                                &out),
                     ST_OK);
    assert_true(str_is(out, "{\"a\":1}"));

    assert_int_equal(store_body(a, STR(""), none, 100, &out), ST_INVALID);
    assert_int_equal(store_body(a, STR("!!!"), none, 100, &out), ST_INVALID);
    assert_int_equal(store_body(a, STR("AAAA"), none, 100, &out), ST_INVALID);
    assert_int_equal(store_body(a, STR(""), STR("sentry_data=%"), 9, &out),
                     ST_INVALID);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_as_the_protocol_says),
        cmocka_unit_test(reads_the_envelope_header),
        cmocka_unit_test(survives_mutilated_envelopes),
        cmocka_unit_test(unpacks_every_coding),
        cmocka_unit_test(reads_gzip_members_and_ignores_a_tail),
        cmocka_unit_test(stops_a_bomb_at_the_limit),
        cmocka_unit_test(reads_bodies_of_old_clients),
    };

    return cmocka_run_group_tests_name("envelope", tests, setup, teardown);
}
