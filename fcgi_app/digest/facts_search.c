/*
 * The text that bare words of a search are looked up in: one line a piece,
 * lower case (ASCII; what searches must fold its words the same way), each
 * piece once, the most telling ones first, until it is full.
 */

#include "digest/facts.h"

#include "digest/stacks.h"

#define SEARCH_MAX 2048
#define PIECE_MAX 512
#define SLOTS 512 /* of pieces that stand already; a power of two */

struct text {
    char *p;
    size_t n;
    uint32_t seen[SLOTS];
    unsigned nseen;
};


/* FNV-1a of the lower-cased piece, never 0. */
static uint32_t
hash(struct str s)
{
    uint32_t h = 2166136261U;

    for (size_t i = 0; i < s.n; i++) {
        h = (h ^ (unsigned char) s.p[i]) * 16777619U;
    }
    return h != 0 ? h : 1;
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


static void
add(struct text *t, struct str s)
{
    size_t start = t->n;

    s = str_cut(str_trim(s), PIECE_MAX);
    s = str_cut(s, t->n < SEARCH_MAX ? SEARCH_MAX - 1 - t->n : 0);
    if (s.n == 0) {
        return;
    }
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (c >= 'A' && c <= 'Z') {
            c = (char) (c + ('a' - 'A'));

        } else if ((unsigned char) c < ' ') {
            c = ' ';
        }
        t->p[t->n++] = c;
    }
    if (!is_new(t, hash(str_make(t->p + start, s.n)))) {
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

        if (t->n >= SEARCH_MAX - 1) {
            return;
        }
        if (f->in_app) {
            add(t, f->family == FAMILY_NATIVE ? f->function : f->given);
            add(t, f->module);
            add(t, f->filename);
        }
    }
}


void
facts_search(struct arena *a, struct event *ev)
{
    const struct stacks *st = ev->stacks;
    struct json *entry = json_get(ev->doc, "logentry");
    struct text *t = arena_new_of(a, struct text);

    t->p = arena_alloc(a, SEARCH_MAX + 1);
    add(t, ev->title);
    for (unsigned i = st->n; i > 0; i--) {
        const struct exception *e = &st->exceptions[i - 1];

        /* the title says most of the main one's */
        if (i - 1 != st->main || !str_eq(e->type, ev->type)) {
            add(t, e->type);
        }
        if (!str_ends(ev->title, e->value)) {
            add(t, e->value);
        }
    }
    add(t, ev->culprit);
    add(t, json_text_of(entry, "formatted"));
    add(t, json_text_of(entry, "message"));
    add(t, ev->transaction);
    add(t, json_text(json_path(ev->doc, "request", "url", NULL)));
    for (unsigned i = st->n; i > 0; i--) {
        add_frames(t, st->exceptions[i - 1].stack);
    }
    add_frames(t, st->thread);
    add_frames(t, st->bare);

    ev->search = str_make(t->p, t->n > 0 ? t->n - 1 : 0);
}
