/*
 * Several filters of which one must hold, as one.  Those that differ in one
 * thing alone become one that lets both pass, as level:error OR level:fatal;
 * what is left is a filter that lets all of them pass, by which the walk along
 * an index goes, and of each way what it asks for besides.
 */

#include "model/issue_search_work.h"

struct set {
    size_t at; /* of struct issue_filter */
    size_t n;
};

static const struct set flags[] = {
    { offsetof(struct issue_filter, statuses), 3 },
    { offsetof(struct issue_filter, substatuses), 8 },
    { offsetof(struct issue_filter, levels), 6 },
    { offsetof(struct issue_filter, priorities), 4 },
};
static const size_t id_sets[] = { offsetof(struct issue_filter, projects),
                                  offsetof(struct issue_filter, assignees) };
static const size_t range_sets[] = {
    offsetof(struct issue_filter, event_time),
    offsetof(struct issue_filter, last_seen),
    offsetof(struct issue_filter, first_seen),
    offsetof(struct issue_filter, events),
    offsetof(struct issue_filter, users),
};

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))
#define AT(type, f, offset)                                                    \
    ((const type *) (const void *) ((const char *) (f) + (offset)))
#define AT_OF(type, f, offset) ((type *) (void *) ((char *) (f) + (offset)))


/* Equality */

static bool
same_ids(const struct id_set *a, const struct id_set *b)
{
    if (!a->limited || !b->limited) {
        return a->limited == b->limited;
    }
    for (size_t i = 0; i < a->n; i++) {
        if (!search_has_id(b, a->ids[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < b->n; i++) {
        if (!search_has_id(a, b->ids[i])) {
            return false;
        }
    }
    return true;
}


static bool
same_texts(const struct str *a, size_t na, const struct str *b, size_t nb)
{
    for (size_t i = 0; i < na && na == nb; i++) {
        if (!str_eq(a[i], b[i])) {
            return false;
        }
    }
    return na == nb;
}


/* Alike but for their values. */
static bool
tags_of_a_kind(const struct tag_filter *a, const struct tag_filter *b)
{
    return str_eq(a->key, b->key) && a->negated == b->negated
           && str_eq(a->order, b->order) && str_eq(a->user, b->user);
}


static bool
same_tag(const struct tag_filter *a, const struct tag_filter *b)
{
    return tags_of_a_kind(a, b)
           && same_texts(a->patterns, a->n, b->patterns, b->n);
}


static bool
same_test(const struct issue_test *a, const struct issue_test *b)
{
    return a->kind == b->kind && a->negated == b->negated
           && str_eq(a->key, b->key)
           && same_texts(a->patterns, a->n, b->patterns, b->n);
}


/* Two ways that differ in one thing */

struct difference {
    size_t flags, ids, tags; /* the last one of each */
    size_t n;
};


static size_t
compare(const struct issue_filter *a, const struct issue_filter *b,
        struct difference *d)
{
    d->n = 0;
    d->flags = COUNT(flags);
    d->ids = COUNT(id_sets);
    d->tags = a->ntags;
    for (size_t i = 0; i < COUNT(flags); i++) {
        if (memcmp(AT(bool, a, flags[i].at), AT(bool, b, flags[i].at),
                   flags[i].n * sizeof(bool))
            != 0) {
            d->flags = i;
            d->n++;
        }
    }
    for (size_t i = 0; i < COUNT(id_sets); i++) {
        if (!same_ids(AT(struct id_set, a, id_sets[i]),
                      AT(struct id_set, b, id_sets[i]))) {
            d->ids = i;
            d->n++;
        }
    }
    for (size_t i = 0; i < a->ntags && a->ntags == b->ntags; i++) {
        if (!same_tag(&a->tags[i], &b->tags[i])) {
            d->tags = i;
            d->n++;
        }
    }
    for (size_t i = 0; i < COUNT(range_sets); i++) {
        const struct search_range *x =
            AT(struct search_range, a, range_sets[i]);
        const struct search_range *y =
            AT(struct search_range, b, range_sets[i]);

        d->n += x->low != y->low || x->high != y->high ? 2 : 0;
    }
    for (size_t i = 0; i < a->ntests && a->ntests == b->ntests; i++) {
        d->n += same_test(&a->tests[i], &b->tests[i]) ? 0 : 2;
    }
    d->n += same_texts(a->words, a->nwords, b->words, b->nwords) ? 0 : 2;
    d->n += a->ntests == b->ntests && a->ntags == b->ntags ? 0 : 2;
    d->n += a->unhandled == b->unhandled ? 0 : 2;
    return d->n;
}


static void
add_ids(struct arena *a, struct id_set *to, const struct id_set *from)
{
    struct id_set out = { .limited = to->limited && from->limited };

    if (out.limited) {
        out.ids = arena_array(a, to->n + from->n + 1, sizeof(int64_t));
        memcpy(out.ids, to->ids, to->n * sizeof(int64_t));
        out.n = to->n;
        for (size_t i = 0; i < from->n; i++) {
            if (!search_has_id(to, from->ids[i])) {
                out.ids[out.n++] = from->ids[i];
            }
        }
    }
    *to = out;
}


static void
add_flags(struct issue_filter *to, const struct issue_filter *from, size_t i)
{
    bool *have = AT_OF(bool, to, flags[i].at);
    const bool *more = AT(bool, from, flags[i].at);

    for (size_t k = 0; k < flags[i].n; k++) {
        have[k] = have[k] || more[k];
    }
}


/* Whether b is in a now. */
static bool
merge(struct arena *arena, struct issue_filter *a, const struct issue_filter *b)
{
    struct difference d;
    struct tag_filter *t;
    const struct tag_filter *u;
    struct str *patterns;

    if (compare(a, b, &d) > 1) {
        return false;
    }
    if (d.n == 0) {
        return true;
    }
    if (d.flags < COUNT(flags)) {
        add_flags(a, b, d.flags);
        return true;
    }
    if (d.ids < COUNT(id_sets)) {
        add_ids(arena, AT_OF(struct id_set, a, id_sets[d.ids]),
                AT(struct id_set, b, id_sets[d.ids]));
        return true;
    }
    t = &a->tags[d.tags];
    u = &b->tags[d.tags];
    if (t->negated || !str_null(t->order) || !tags_of_a_kind(t, u)) {
        return false;
    }
    patterns = arena_array(arena, t->n + u->n, sizeof(struct str));
    memcpy(patterns, t->patterns, t->n * sizeof(struct str));
    memcpy(patterns + t->n, u->patterns, u->n * sizeof(struct str));
    t->patterns = patterns;
    t->n += u->n;
    return true;
}


/* What all let pass */

static void
widen_range(struct search_range *to, const struct search_range *from)
{
    to->low = from->low < to->low ? from->low : to->low;
    to->high = to->high == 0 || from->high == 0 ? 0
               : from->high > to->high          ? from->high
                                                : to->high;
}


/* The tags, tests and words of a that b has, too; without: the others. */
static void
keep_common(struct issue_filter *a, const struct issue_filter *b, bool without)
{
    size_t n = 0;

    for (size_t i = 0; i < a->ntags; i++) {
        bool has = false;

        for (size_t k = 0; k < b->ntags; k++) {
            has = has || same_tag(&a->tags[i], &b->tags[k]);
        }
        if (has != without) {
            a->tags[n++] = a->tags[i];
        }
    }
    a->ntags = n;
    n = 0;
    for (size_t i = 0; i < a->ntests; i++) {
        bool has = false;

        for (size_t k = 0; k < b->ntests; k++) {
            has = has || same_test(&a->tests[i], &b->tests[k]);
        }
        if (has != without) {
            a->tests[n++] = a->tests[i];
        }
    }
    a->ntests = n;
    n = 0;
    for (size_t i = 0; i < a->nwords; i++) {
        bool has = false;

        for (size_t k = 0; k < b->nwords; k++) {
            has = has || str_eq(a->words[i], b->words[k]);
        }
        if (has != without) {
            a->words[n++] = a->words[i];
        }
    }
    a->nwords = n;
}


static void
widen(struct arena *a, struct issue_filter *to, const struct issue_filter *from)
{
    for (size_t i = 0; i < COUNT(flags); i++) {
        add_flags(to, from, i);
    }
    for (size_t i = 0; i < COUNT(id_sets); i++) {
        add_ids(a, AT_OF(struct id_set, to, id_sets[i]),
                AT(struct id_set, from, id_sets[i]));
    }
    for (size_t i = 0; i < COUNT(range_sets); i++) {
        widen_range(AT_OF(struct search_range, to, range_sets[i]),
                    AT(struct search_range, from, range_sets[i]));
    }
    to->unhandled = to->unhandled == from->unhandled ? to->unhandled : -1;
    keep_common(to, from, false);
}


/* Whether the way asks for nothing that the whole does not. */
static bool
adds_nothing(const struct issue_filter *way, const struct issue_filter *all)
{
    struct difference d;
    struct issue_filter own = *way;

    own.tags = all->tags;
    own.ntags = all->ntags;
    own.tests = all->tests;
    own.ntests = all->ntests;
    own.words = all->words;
    own.nwords = all->nwords;
    return way->ntags == 0 && way->ntests == 0 && way->nwords == 0
           && compare(&own, all, &d) == 0;
}


static void
copy(struct arena *a, const struct issue_filter *from, struct issue_filter *to)
{
    struct issue_filter own;

    search_filter_open(a, &own);
    memcpy(own.tags, from->tags, from->ntags * sizeof(*own.tags));
    memcpy(own.tests, from->tests, from->ntests * sizeof(*own.tests));
    memcpy(own.words, from->words, from->nwords * sizeof(*own.words));
    *to = *from;
    to->tags = own.tags;
    to->tests = own.tests;
    to->words = own.words;
}


void
search_any(struct arena *a, struct issue_filter *ways, size_t n,
           struct issue_filter *out)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = i + 1; k < n; k++) {
            if (merge(a, &ways[i], &ways[k])) {
                ways[k] = ways[--n];
                k = i; /* it may be like one that was passed over */
            }
        }
    }
    copy(a, &ways[0], out);
    if (n == 1) {
        return;
    }
    for (size_t i = 1; i < n; i++) {
        widen(a, out, &ways[i]);
    }
    for (size_t i = 0; i < n; i++) {
        keep_common(&ways[i], out, true);
        if (adds_nothing(&ways[i], out)) {
            return;
        }
    }
    out->any = ways;
    out->nany = n;
}
