#include "digest/grouping_preview.h"

#include <stdlib.h>

struct seen {
    int64_t issue;
    unsigned char now[16]; /* the first hash: it decides */
    unsigned char draft[16];
};

struct preview {
    struct arena *a;
    const struct grouping *now;
    const struct grouping *draft;
    size_t n;
    struct seen v[PREVIEW_EVENTS];
};


struct preview *
preview_new(struct arena *a, const struct grouping *now,
            const struct grouping *draft)
{
    struct preview *p = arena_new_of(a, struct preview);

    p->a = a;
    p->now = now;
    p->draft = draft;
    return p;
}


static void
first_hash(struct arena *a, struct json *doc, const struct grouping *g,
           unsigned char out[16])
{
    struct event ev = { .doc = doc };
    struct grouping alone = { 0 };

    if (g != NULL) {
        alone = *g;
        alone.before = NULL; /* how things stand when it is over */
        ev.grouping = &alone;
    }
    stacks_build(a, &ev);
    event_facts(a, &ev);
    fingerprint_event(a, &ev);
    memcpy(out, ev.hashes[0], 16);
}


void
preview_add(struct preview *p, struct arena *a, int64_t issue, struct json *doc)
{
    struct seen *s;

    if (p->n == PREVIEW_EVENTS) {
        return;
    }
    s = &p->v[p->n++];
    s->issue = issue;
    first_hash(a, doc, p->now, s->now);
    first_hash(a, doc, p->draft, s->draft);
}


/* ---- the result */

static int
compare_i64(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}


static int
by_draft(const void *left, const void *right)
{
    const struct seen *a = left, *b = right;
    int c = memcmp(a->draft, b->draft, 16);

    return c != 0 ? c : compare_i64(a->issue, b->issue);
}


static int
by_issue(const void *left, const void *right)
{
    const struct seen *a = left, *b = right;
    int c = compare_i64(a->issue, b->issue);

    return c != 0 ? c : memcmp(a->draft, b->draft, 16);
}


static int
largest_first(const void *left, const void *right)
{
    const size_t *a = left, *b = right;

    return (*a < *b) - (*a > *b);
}


static int
most_first(const void *left, const void *right)
{
    const struct preview_join *a = left, *b = right;

    return (a->events < b->events) - (a->events > b->events);
}


/* Events from..to have one hash by the draft; NULL when that joins nothing. */
static void
note_join(struct preview *p, size_t from, size_t to, struct preview_result *out)
{
    struct preview_join j = { .events = to - from };
    bool apart = false;

    j.issues = arena_array(p->a, to - from, sizeof(*j.issues));
    for (size_t i = from; i < to; i++) {
        if (j.n == 0 || j.issues[j.n - 1] != p->v[i].issue) {
            j.issues[j.n++] = p->v[i].issue;
        }
        apart = apart || memcmp(p->v[i].now, p->v[from].now, 16) != 0;
    }
    /* two issues with one hash have been parted by hand */
    if (j.n > 1 && apart) {
        out->joins[out->join_count++] = j;
    }
}


static size_t
hashes_now(const struct preview *p, size_t from, size_t to)
{
    size_t n = 0;

    for (size_t i = from; i < to; i++) {
        size_t k = from;

        while (k < i && memcmp(p->v[k].now, p->v[i].now, 16) != 0) {
            k++;
        }
        n += k == i;
    }
    return n;
}


/* Events from..to are of one issue. */
static void
note_split(struct preview *p, size_t from, size_t to,
           struct preview_result *out)
{
    struct preview_split s = { .issue = p->v[from].issue };

    s.events = arena_array(p->a, to - from, sizeof(*s.events));
    for (size_t i = from; i < to; i++) {
        if (i == from || memcmp(p->v[i].draft, p->v[i - 1].draft, 16) != 0) {
            s.n++;
        }
        s.events[s.n - 1]++;
    }
    if (s.n > hashes_now(p, from, to)) {
        qsort(s.events, s.n, sizeof(*s.events), largest_first);
        out->splits[out->split_count++] = s;
    }
}


struct preview_result
preview_result(struct preview *p)
{
    struct preview_result out = { .events = p->n };

    if (p->n == 0) {
        return out;
    }
    out.joins = arena_array(p->a, p->n, sizeof(*out.joins));
    out.splits = arena_array(p->a, p->n, sizeof(*out.splits));

    qsort(p->v, p->n, sizeof(*p->v), by_draft);
    for (size_t from = 0, i = 1; i <= p->n; i++) {
        out.moved += memcmp(p->v[i - 1].now, p->v[i - 1].draft, 16) != 0;
        if (i == p->n || memcmp(p->v[i].draft, p->v[from].draft, 16) != 0) {
            note_join(p, from, i, &out);
            from = i;
        }
    }

    qsort(p->v, p->n, sizeof(*p->v), by_issue);
    for (size_t from = 0, i = 1; i <= p->n; i++) {
        if (i == p->n || p->v[i].issue != p->v[from].issue) {
            note_split(p, from, i, &out);
            from = i;
        }
    }

    if (out.join_count > 1) {
        qsort(out.joins, out.join_count, sizeof(*out.joins), most_first);
    }
    out.njoins =
        out.join_count < PREVIEW_SHOWN ? out.join_count : PREVIEW_SHOWN;
    out.nsplits =
        out.split_count < PREVIEW_SHOWN ? out.split_count : PREVIEW_SHOWN;
    return out;
}
