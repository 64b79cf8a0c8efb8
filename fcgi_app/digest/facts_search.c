/*
 * The text that bare words of a search are looked up in (model/issue_words.h):
 * lower case (ASCII; what searches must fold its words the same way), each
 * piece once, the most telling ones first, until it is full.
 */

#include "digest/facts.h"

#include "digest/stacks.h"
#include "model/issue_words.h"
#include "util/fnv.h"
#include "util/word.h"

#define SEARCH_MAX 2048
#define BESIDE_MIN                                                             \
    256 /* of them for tags and the user, whatever the stacks are */
#define PIECE_MAX 512

#define SLOTS 512 /* of pieces that stand already; a power of two */

struct text {
    char *p;
    size_t n;
    size_t most;
    uint32_t seen[SLOTS];
    unsigned nseen;
};


static uint64_t
mix(uint64_t h, uint64_t word)
{
    h = (h ^ word) * FNV_PRIME;
    return h ^ h >> 32;
}


/* Of the lower-cased piece, eight bytes a step; never 0. */
static uint32_t
hash(struct str s)
{
    uint64_t h = FNV_START ^ s.n;
    size_t i = 0;

    for (; s.n - i >= sizeof(h); i += sizeof(h)) {
        h = mix(h, word_at(s.p + i));
    }
    for (; i < s.n; i++) {
        h = mix(h, (unsigned char) s.p[i]);
    }
    return (uint32_t) h != 0 ? (uint32_t) h : 1;
}


/* In lower case (ASCII), and without what would end a line. */
static void
copy_folded(char *to, struct str s)
{
    size_t i = 0;

    for (; s.n - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
        uint64_t w = word_at(s.p + i);

        if (word_below(w, ' ') != 0) {
            break; /* a control character, maybe */
        }
        w = word_lower(w);
        memcpy(to + i, &w, sizeof(w));
    }
    for (; i < s.n; i++) {
        unsigned char c = (unsigned char) s.p[i];

        c = c < ' ' ? ' ' : c;
        to[i] = (char) (c + (c >= 'A' && c <= 'Z' ? 'a' - 'A' : 0));
    }
}


/* False when it stands already, or nothing more can be remembered. */
static bool
is_new(struct text *t, uint32_t h)
{
    unsigned at = h % SLOTS;

    for (; t->seen[at] != 0; at = (at + 1) % SLOTS) {
        if (t->seen[at] == h) {
            return false;
        }
    }
    if (t->nseen >= SLOTS / 2) {
        return false;
    }
    t->seen[at] = h;
    t->nseen++;
    return true;
}


/* A line is a byte, the piece and its end. */
static size_t
room(const struct text *t)
{
    return t->n + 2 < t->most ? t->most - t->n - 2 : 0;
}


static void
add(struct text *t, enum issue_piece piece, struct str s)
{
    size_t start = t->n;

    s = str_cut(str_cut(str_trim(s), PIECE_MAX), room(t));
    if (s.n == 0) {
        return;
    }
    t->p[t->n++] = (char) piece;
    copy_folded(t->p + t->n, s);
    t->n += s.n;
    if (!is_new(t, hash(str_make(t->p + start + 1, s.n)))) {
        t->n = start;
        return;
    }
    t->p[t->n++] = '\n';
}


static void
add_frames(struct text *t, const struct stack *s)
{
    for (unsigned i = s != NULL ? s->n : 0; i > 0; i--) {
        const struct frame *f = &s->frames[i - 1];

        if (room(t) == 0) {
            return;
        }
        if (f->in_app) {
            add(t, PIECE_FUNCTION,
                f->family == FAMILY_NATIVE ? f->function : f->given);
            add(t, PIECE_MODULE, f->module);
            add(t, PIECE_MODULE, f->package);
            add(t, PIECE_FILE, f->filename);
        }
    }
}


/* But for those that another piece says, or every other event has. */
static void
add_tags(struct arena *a, struct text *t, const struct event *ev)
{
    static const char *const said[] = { "level",    "handled",     "url",
                                        "user",     "transaction", "sdk",
                                        "sdk.name", "http.method" };

    for (size_t i = 0; i < ev->ntags && room(t) > 0; i++) {
        bool is_said = false;

        for (size_t k = 0; k < sizeof(said) / sizeof(said[0]); k++) {
            is_said = is_said || str_is(ev->tags[i].key, said[k]);
        }
        if (!is_said) {
            add(t, PIECE_TAG,
                str_pair(a, ev->tags[i].key, ": ", ev->tags[i].value));
        }
    }
}


/* Where files lie, behind all else: their names were the better words. */
static void
add_paths(struct text *t, const struct stack *s)
{
    for (unsigned i = s != NULL ? s->n : 0; i > 0 && room(t) > 0; i--) {
        if (s->frames[i - 1].in_app) {
            add(t, PIECE_FILE, s->frames[i - 1].abs_path);
        }
    }
}


/*
 * What is no tag of ours, and yet a key of searches: as a tag's line, of keys
 * that issue_search_key.c calls SAID.
 */
static void
add_said(struct arena *a, struct text *t, const struct event *ev)
{
    static const struct {
        const char *key, *in, *of, *name;
    } said[] = {
        { "app.in_foreground", "contexts", "app", "in_foreground" },
        { "device.arch", "contexts", "device", "arch" },
        { "device.brand", "contexts", "device", "brand" },
        { "device.model_id", "contexts", "device", "model_id" },
        { "device.name", "contexts", "device", "name" },
        { "device.orientation", "contexts", "device", "orientation" },
        { "os.version", "contexts", "os", "version" },
        { "os.kernel_version", "contexts", "os", "kernel_version" },
        { "geo.city", "user", "geo", "city" },
        { "geo.region", "user", "geo", "region" },
        { "geo.subdivision", "user", "geo", "subdivision" },
        { "sdk.version", "sdk", "version", NULL },
        { "event.type", "type", NULL, NULL },
    };

    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        const struct json *v =
            json_path(ev->doc, said[i].in, said[i].of, said[i].name, NULL);
        struct str s = json_is(v, JSON_T_BOOL)
                           ? (v->flag ? STR("true") : STR("false"))
                           : json_text(v);

        /* "error", as nearly all are, would be found by the bare word, too */
        if (s.n > 0 && !str_is(s, "error")) {
            add(t, PIECE_TAG, str_pair(a, str_of(said[i].key), ": ", s));
        }
    }
    json_each(pair, json_path(ev->doc, "request", "headers", NULL))
    {
        if (str_is(json_text(pair->first), "Referer")) {
            add(t, PIECE_TAG,
                str_pair(a, STR("http.referer"), ": ", json_text(pair->last)));
        }
    }
    json_each(thread, json_path(ev->doc, "threads", "values", NULL))
    {
        const struct json *main = json_get(thread, "main");
        const struct json *crashed = json_get(thread, "crashed");

        if (json_is(main, JSON_T_BOOL) && json_is(crashed, JSON_T_BOOL)
            && crashed->flag) {
            add(t, PIECE_TAG,
                main->flag ? STR("error.main_thread: true")
                           : STR("error.main_thread: false"));
        }
    }
}


static void
add_user(struct text *t, const struct event *ev)
{
    static const char *const keys[] = { "id", "email", "username", "name" };
    struct json *user = json_get(ev->doc, "user");

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        add(t, PIECE_USER, json_text_of(user, keys[i]));
    }
}


void
facts_search(struct arena *a, struct event *ev)
{
    const struct stacks *st = ev->stacks;
    struct json *entry = json_get(ev->doc, "logentry");
    struct text *t = arena_new_of(a, struct text);

    t->p = arena_alloc(a, SEARCH_MAX);
    t->most = SEARCH_MAX - BESIDE_MIN;
    add(t, PIECE_TITLE, ev->title);
    for (unsigned i = st->n; i > 0; i--) {
        const struct exception *e = &st->exceptions[i - 1];

        /* the title says most of the main one's */
        if (i - 1 != st->main || !str_eq(e->type, ev->type)) {
            add(t, PIECE_EXCEPTION, e->type);
        }
        if (!str_ends(ev->title, e->value)) {
            add(t, PIECE_EXCEPTION, e->value);
        }
    }
    add(t, PIECE_CULPRIT, ev->culprit);
    add(t, PIECE_MESSAGE, json_text_of(entry, "formatted"));
    add(t, PIECE_MESSAGE, json_text_of(entry, "message"));
    add(t, PIECE_TRANSACTION, ev->transaction);
    add(t, PIECE_URL, json_text(json_path(ev->doc, "request", "url", NULL)));
    for (unsigned i = st->n; i > 0; i--) {
        add_frames(t, st->exceptions[i - 1].stack);
    }
    add_frames(t, st->thread);
    add_frames(t, st->bare);
    t->most = SEARCH_MAX;
    add_user(t, ev);
    add_tags(a, t, ev);
    add_said(a, t, ev);
    for (unsigned i = st->n; i > 0; i--) {
        add_paths(t, st->exceptions[i - 1].stack);
    }
    add_paths(t, st->thread);
    add_paths(t, st->bare);

    ev->search = str_make(t->p, t->n > 0 ? t->n - 1 : 0);
}
