/*
 * Whole requests written by an attacker: real ones of every kind, with bytes
 * changed, cut out, repeated, spliced into each other, packed and broken once
 * more.  They go the way that the worker takes them: unpack, items, normalise,
 * filter, scrub by a project's own rules, group, pack.  Whatever comes, each
 * ends as an event that can be stored or as an outcome.
 *
 * The sequence is the same each time; HOSTILE_SEED and HOSTILE_ROUNDS in the
 * environment make it another one, or longer.
 */

#include "digest_case.h"

#include <zlib.h>
#include <zstd.h>

#include "digest/crash.h"
#include "digest/filter.h"
#include "digest/item.h"
#include "digest/scrub.h"
#include "envelope/encoding.h"
#include "envelope/store.h"
#include "util/crypt.h"
#include "util/hex.h"

#define ROUNDS 4000
#define BODY_MAX ((size_t) 1 << 20)

enum kind { ENVELOPE, STORE, FORM, UNREAL, SECURITY, NETWORK, KINDS };

static const struct {
    const char *item; /* NULL: an envelope */
    const char *type; /* Content-Type */
} kinds[KINDS] = {
    [ENVELOPE] = { NULL, "application/x-sentry-envelope" },
    [STORE] = { "event", "application/json" },
    [FORM] = { "minidump", "multipart/form-data; boundary=b0" },
    [UNREAL] = { "unreal_report", "application/octet-stream" },
    [SECURITY] = { "raw_security", "application/csp-report" },
    [NETWORK] = { "nel", "application/reports+json" },
};

static const char *const originals[] = {
    "python_message.json", "python_chained.json", "python_group.json",
    "node_error.json",     "node_chained.json",   "java_http.json",
    "native_crash.json",   "legacy_browser.json",
};

#define NFILES (sizeof(originals) / sizeof(originals[0]))

static struct arena *files; /* bodies, and what a project wants */
static struct arena *a;     /* one round */
static struct arena *scratch;
static uint64_t seed = 0x9e3779b97f4a7c15U;
static struct str bodies[KINDS][NFILES];
static size_t nbodies[KINDS];
static struct filters *filters;
static struct scrub_settings wish;


/* xorshift */
static unsigned
below(size_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned) ((seed >> 33) % (n > 0 ? n : 1));
}


/* ---- the originals */

static void
add(enum kind kind, const struct buf *b)
{
    bodies[kind][nbodies[kind]++] = buf_view(b);
}


static void
u32(struct buf *b, uint32_t v)
{
    for (int i = 0; i < 4; i++) {
        buf_char(b, (char) (v >> 8 * i));
    }
}


/* System and exception, as far as the worker looks. */
static struct str
minidump(void)
{
    struct buf b = buf_in(files);

    buf_text(&b, "MDMP");
    u32(&b, 0xa793);
    u32(&b, 2);
    u32(&b, 32);
    for (int i = 0; i < 4; i++) {
        u32(&b, 0);
    }
    u32(&b, 7);
    u32(&b, 56);
    u32(&b, 56);
    u32(&b, 6);
    u32(&b, 168);
    u32(&b, 112);
    for (int i = 0; i < 14; i++) {
        u32(&b, i == 5 ? 2 : 10);
    }
    for (int i = 0; i < 42; i++) {
        u32(&b, i == 2 ? 0xc0000005 : i == 6 ? 0x401234 : 0);
    }
    buf_text(&b, "ann@x.example");
    return buf_view(&b);
}


static void
add_item(struct buf *b, const char *header, struct str payload)
{
    buf_addf(b, "{%s,\"length\":%zu}\n", header, payload.n);
    buf_str(b, payload);
    buf_char(b, '\n');
}


static void
make_envelope(struct str event)
{
    struct buf b = buf_in(files);

    buf_text(&b, "{\"event_id\":\"0123456789abcdef0123456789abcdef\","
                 "\"sent_at\":\"2025-11-23T00:00:00Z\"}\n"
                 "{\"type\":\"event\"}\n");
    json_write(&b, case_parse(files, event)); /* on one line */
    buf_char(&b, '\n');
    add_item(&b, "\"type\":\"session\"",
             STR("{\"sid\":\"0123456789abcdef0123456789abcdef\",\"init\":true,"
                 "\"started\":\"2025-11-23T00:00:00Z\",\"status\":\"crashed\","
                 "\"attrs\":{\"release\":\"a@1\"}}"));
    add_item(&b, "\"type\":\"sessions\"",
             STR("{\"aggregates\":[{\"started\":\"2025-11-23T00:00:00Z\","
                 "\"exited\":2}],\"attrs\":{\"release\":\"a@1\"}}"));
    add_item(&b, "\"type\":\"user_report\"",
             STR("{\"event_id\":\"0123456789abcdef0123456789abcdef\","
                 "\"comments\":\"it broke\",\"email\":\"ann@x.example\"}"));
    add_item(&b, "\"type\":\"feedback\"",
             STR("{\"contexts\":{\"feedback\":{\"message\":\"m\"}}}"));
    add_item(&b, "\"type\":\"client_report\"",
             STR("{\"discarded_events\":[{\"reason\":\"r\",\"category\":"
                 "\"error\",\"quantity\":2}]}"));
    add_item(&b,
             "\"type\":\"attachment\",\"attachment_type\":\"event.payload\"",
             STR("\x82\xa5level\xa4info\xa4tags\x81\xa1k\xa1v"));
    add_item(&b,
             "\"type\":\"attachment\",\"filename\":\"a.dmp\","
             "\"attachment_type\":\"event.minidump\"",
             minidump());
    add(ENVELOPE, &b);
}


static void
make_form(struct str event)
{
    static const char head[] =
        "--b0\r\nContent-Disposition: form-data; name=\"";
    struct buf b = buf_in(files);

    buf_addf(&b, "%supload_file_minidump\"; filename=\"a.dmp\"\r\n\r\n", head);
    buf_str(&b, minidump());
    buf_addf(&b, "\r\n%ssentry\"\r\n\r\n", head);
    buf_str(&b, str_cut(event, 3000));
    buf_addf(&b,
             "\r\n%ssentry[user][id]\"\r\n\r\n7\r\n%s__sentry-breadcrumb1\";"
             " filename=\"c\"\r\n\r\n\x91\x81\xa7message\xa1m\r\n--b0--\r\n",
             head, head);
    add(FORM, &b);
}


static void
pack(struct buf *out, struct str text, int window)
{
    z_stream z = { 0 };
    size_t room = text.n + 1000;
    char *p = arena_alloc(files, room);

    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, window, 8, 0), Z_OK);
    z.next_in = (unsigned char *) (uintptr_t) text.p;
    z.avail_in = (unsigned) text.n;
    z.next_out = (unsigned char *) p;
    z.avail_out = (unsigned) room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    buf_add(out, p, room - z.avail_out);
    deflateEnd(&z);
}


static void
make_unreal(void)
{
    static const char xml[] =
        "<?xml version=\"1.0\"?><FGenericCrashContext><RuntimeProperties>"
        "<ErrorMessage>it broke</ErrorMessage><UserName>ann</UserName>"
        "</RuntimeProperties><GameData><__sentry>{\"release\":\"a@1\"}"
        "</__sentry></GameData></FGenericCrashContext>";
    struct buf plain = buf_in(files), packed = buf_in(files);

    for (int times = 0; times < 2; times++) {
        u32(&plain, 1);
        buf_char(&plain, 'x');
        u32(&plain, 1);
        buf_char(&plain, 'y');
        u32(&plain, 1);
        u32(&plain, times == 0 ? 0 : 1);
        if (times == 0) {
            u32(&plain, 0);
            u32(&plain, 24);
            buf_text(&plain, "CrashContext.runtime-xml");
            u32(&plain, sizeof(xml) - 1);
            buf_text(&plain, xml);
        }
    }
    pack(&packed, buf_view(&plain), 15);
    add(UNREAL, &packed);
}


static void
make_reports(void)
{
    static const char *const texts[] = {
        "{\"csp-report\":{\"document-uri\":\"https://h.example/\","
        "\"violated-directive\":\"script-src 'self'\",\"blocked-uri\":"
        "\"https://evil.example/a.js?token=x\",\"line-number\":\"3\"}}",
        "[{\"type\":\"csp-violation\",\"body\":{\"documentURL\":\"https://h/\","
        "\"effectiveDirective\":\"img-src\",\"blockedURL\":\"data\"}},"
        "{\"type\":\"deprecation\",\"body\":{}}]",
        "{\"expect-ct-report\":{\"hostname\":\"h.example\",\"port\":443}}",
    };
    struct buf nel = buf_in(files);

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct buf b = buf_in(files);

        buf_text(&b, texts[i]);
        add(SECURITY, &b);
    }
    buf_text(&nel, "[{\"type\":\"network-error\",\"age\":1,\"url\":"
                   "\"https://h.example/a\",\"body\":{\"type\":\"dns.address\","
                   "\"server_ip\":\"192.0.2.1\",\"phase\":\"dns\"}}]");
    add(NETWORK, &nel);
}


static void
make_wish(void)
{
    scrub_setting(files, &wish, STR(SCRUB_SETTING_IP), STR("drop"));
    scrub_setting(files, &wish, STR(SCRUB_SETTING_SENSITIVE), STR("name\nid"));
    scrub_setting(files, &wish, STR(SCRUB_SETTING_RULES),
                  STR("mask email,uuid,userpath\n"
                      "alias number /[0-9]{3,}/\n"
                      "replace number with \"#\" from extra.** **.vars\n"
                      "remove pair /^(sdk|a)/ from ** !contexts.*\n"
                      "hash anything from $user.*\n"
                      "mask email,pair /token/ from $attachments"));
    assert_int_equal(wish.nrules, 5);
    filters = filters_new(files);
    for (size_t i = 0; i < filter_count; i++) {
        filters_set(files, filters,
                    str_printf(files, "filter.%s", filter_rows[i].key),
                    STR("*unlikely*"));
    }
}


static int
setup(void **state)
{
    (void) state;
    crypt_init();
    files = arena_new();
    a = arena_new();
    scratch = arena_new();
    if (getenv("HOSTILE_SEED") != NULL) {
        seed +=
            strtoull(getenv("HOSTILE_SEED"), NULL, 10) * 2862933555777941757U;
    }
    for (size_t i = 0; i < NFILES; i++) {
        struct str event = case_read(
            files, arena_printf(files, "tests/data/events/%s", originals[i]));
        struct buf store = buf_in(files);

        make_envelope(event);
        make_form(event);
        buf_str(&store, event);
        add(STORE, &store);
    }
    make_unreal();
    make_reports();
    make_wish();
    return 0;
}


static int
teardown(void **state)
{
    (void) state;
    arena_free(files);
    arena_free(a);
    arena_free(scratch);
    return 0;
}


/* ---- breaking */

static const char *const pieces[] = {
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    "\n",
    "\r\n--b0",
    "\\u0000",
    "\\ud800",
    "\xff",
    "\xc0\x80",
    ",",
    ":",
    "null",
    "-1",
    "1e999",
    "9999999999999999999",
    "{{auto}}",
    "\"length\":0,",
    "\"length\":99999999,",
    "\xef\xbb\xbf",
    "\xde\xff\xff",
    "\xdd\xff\xff\xff\xff",
    "ann@x.example",
    "password=hunter2&",
    "<!ENTITY x \"y\">",
};


static struct str
broken(struct str s)
{
    unsigned times = 1 + below(6);

    while (times-- > 0) {
        struct buf out = buf_in(a);
        size_t at = below(s.n + 1), n = below(below(4) == 0 ? 2000 : 12);
        struct str other = bodies[ENVELOPE][below(NFILES)];
        size_t from = below(other.n);

        buf_str(&out, str_sub(s, 0, at));
        switch (below(7)) {
        case 0:
            buf_char(&out, (char) below(256));
            at += 1;
            break;
        case 1: /* cut out */
            at += n;
            break;
        case 2: /* twice */
            buf_str(&out, str_sub(s, at, at + n));
            break;
        case 3:
        case 4:
            buf_text(&out, pieces[below(sizeof(pieces) / sizeof(*pieces))]);
            break;
        case 5:
            buf_str(&out, str_sub(other, from, from + n));
            break;
        default: /* the end is missing */
            if (below(4) == 0) {
                s.n = at;
            }
            break;
        }
        buf_str(&out, str_sub(s, at, s.n));
        s = out.n < BODY_MAX ? buf_view(&out) : s;
    }
    return s.n > 0 ? s : STR("");
}


/* In one of the codings, which is told. */
static struct str
packed(struct str body, struct str *coding)
{
    struct buf out = buf_in(a);

    switch (below(6)) {
    case 0:
        *coding = STR("gzip");
        pack(&out, body, 15 + 16);
        return buf_view(&out);

    case 1:
        *coding = STR("deflate");
        pack(&out, body, 15);
        return buf_view(&out);

    case 2: {
        size_t room = ZSTD_compressBound(body.n);
        char *p = arena_alloc(a, room);

        *coding = STR("zstd");
        return str_make(p, ZSTD_compress(p, room, body.p, body.n, 1));
    }
    default:
        *coding = STR("");
        return body;
    }
}


/* ---- the worker's way */

static void
is_storable(struct str s, const char *what)
{
    if (!str_eq(utf8_mend(a, s), s)
        || (s.n > 0 && memchr(s.p, '\0', s.n) != NULL)) {
        fail_msg("%s cannot be stored", what);
    }
}


static void
is_fine(const struct batch_event *ev)
{
    assert_true(ev->nhashes > 0 && ev->title.n > 0 && ev->body.n > 0);
    is_storable(ev->title, "title");
    is_storable(ev->value, "value");
    is_storable(ev->culprit, "culprit");
    is_storable(ev->release, "release");
    is_storable(ev->environment, "environment");
    is_storable(ev->transaction, "transaction");
    is_storable(ev->server_name, "server name");
    is_storable(ev->user_tag, "user");
    is_storable(ev->search, "search");
    for (size_t i = 0; i < ev->ntags; i++) {
        is_storable(ev->tags[i].key, "key of a tag");
        is_storable(ev->tags[i].value, "value of a tag");
    }
}


static void
digest_one(struct item_context *it, const struct item *item)
{
    it->item = item;
    item_digest(it);
    assert_int_equal(it->st, ST_OK);
    arena_reset(scratch);
}


/* Twice through, as the worker does. */
static unsigned
digest_items(struct item_context *it, struct str text)
{
    struct envelope env, again;
    enum status st = envelope_open(a, text, &env);
    struct item item;
    unsigned n = 0;
    bool keep;

    if (st != ST_OK) {
        return 0;
    }
    it->envelope = &env;
    again = env;
    it->crash = crash_new(a);
    while (envelope_next(&again, &item) == ST_OK) {
        if (str_is(item.type, "attachment")) {
            (void) crash_note(a, it->crash,
                              json_text_of(item.header, "attachment_type"),
                              item.payload, &keep);
        }
    }
    for (int hangs = 0; hangs <= 1; hangs++) {
        again = env;
        while (envelope_next(&again, &item) == ST_OK) {
            if (item_type_find(item.type)->hangs == (hangs == 1)) {
                digest_one(it, &item);
                n++;
            }
        }
    }
    return n;
}


/* What the body becomes. */
static struct batch
digest(enum kind kind, struct str body, unsigned *items)
{
    struct message m = { .id = STR("1-0"),
                         .project_id = 1,
                         .type = str_of(kinds[kind].type),
                         .addr = STR("192.0.2.7"),
                         .query = STR("sentry_release=a&UserID=x|y|z") };
    struct batch batch = { .arena = a };
    struct item_context it = { .scratch = scratch,
                               .batch = &batch,
                               .message = &m,
                               .filters = filters,
                               .scrub = &wish,
                               .attachments = { .off = true },
                               .received_at = CASE_RECEIVED };
    struct item item = { .type = str_of(kinds[kind].item), .payload = body };
    struct str text;

    if (kind == ENVELOPE) {
        *items = digest_items(&it, body);
        return batch;
    }
    *items = 0;
    if (kind != STORE
        || store_body(a, body, STR(""), BODY_MAX, &text) == ST_OK) {
        item.payload = kind == STORE ? text : body;
        digest_one(&it, &item);
        *items = 1;
    }
    return batch;
}


static void
whatever_comes_ends_as_an_event_or_an_outcome(void **state)
{
    const char *s = getenv("HOSTILE_ROUNDS");
    unsigned rounds = s != NULL ? (unsigned) strtoul(s, NULL, 10) : ROUNDS;
    unsigned events = 0, outcomes = 0, unread = 0;

    (void) state;
    for (unsigned i = 0; i < rounds; i++) {
        enum kind kind = below(2) == 0 ? ENVELOPE : (enum kind) below(KINDS);
        struct str body, coding;
        struct batch batch, same;
        unsigned items, again;

        arena_reset(a);
        body = packed(broken(bodies[kind][below(nbodies[kind])]), &coding);
        if (coding.n > 0 && below(4) == 0) {
            body = broken(body);
        }
        if (encoding_decode(a, coding, body, BODY_MAX, &body) != ST_OK) {
            unread++;
            continue;
        }
        batch = digest(kind, body, &items);
        if (items > 0
            && batch.nevents + batch.noutcomes + batch.items.nsessions
                       + batch.items.nfeedback
                   == 0) {
            fail_msg("round %u: nothing is told of %u items", i, items);
        }
        for (size_t k = 0; k < batch.nevents; k++) {
            is_fine(batch.events[k]);
        }
        events += (unsigned) batch.nevents;
        outcomes += (unsigned) batch.noutcomes;
        if (i % 8 > 0) {
            continue;
        }
        same = digest(kind, body, &again); /* as after a death in between */
        assert_int_equal(items, again);
        assert_int_equal(batch.nevents, same.nevents);
        for (size_t k = 0; k < batch.nevents; k++) {
            assert_memory_equal(batch.events[k]->id, same.events[k]->id, 16);
            assert_memory_equal(batch.events[k]->hashes[0],
                                same.events[k]->hashes[0], 16);
        }
    }
    /* they are broken, but not so much that nothing is looked at */
    assert_true(events > rounds / 4 && outcomes > rounds / 4
                && unread < rounds / 4);
}


/* A file keeps its length, and none of what a rule is about. */
static void
files_are_looked_through_whatever_they_hold(void **state)
{
    (void) state;
    for (unsigned i = 0; i < ROUNDS / 8; i++) {
        struct str bytes, was;
        enum scrub_file what;

        arena_reset(a);
        was = bytes = broken(bodies[FORM][below(NFILES)]);
        what = scrub_file(a, wish.rules, wish.nrules, STR("a.dmp"), &bytes);
        assert_true(what == SCRUB_FILE_AS_IT_IS || what == SCRUB_FILE_CHANGED);
        assert_int_equal(bytes.n, was.n);
        assert_int_equal(str_find(bytes, STR("ann@x.example")), -1);
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_comes_ends_as_an_event_or_an_outcome),
        cmocka_unit_test(files_are_looked_through_whatever_they_hold),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
