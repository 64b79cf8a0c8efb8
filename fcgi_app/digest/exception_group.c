/*
 * Which exceptions count, and which one is the main one: grouping.md §1.4.
 *
 * Normally all count and the last is main.  When several were raised together
 * (ExceptionGroup, AggregateError) and say so with ids, equal ones count once:
 * otherwise a group of three would be another issue than a group of five.
 */

#include "digest/component.h"
#include "digest/grouping.h"

#include <stdlib.h>

struct distinct {
    unsigned index;
    struct str type;
    unsigned char hash[16];
};


/* The index of the exception with this id, or n. */
static unsigned
by_id(const struct stacks *st, int64_t id)
{
    for (unsigned i = 0; i < st->n; i++) {
        if (st->exceptions[i].id == id) {
            return i;
        }
    }
    return st->n;
}


/* Ids on all, unique, none its own parent, parents before children. */
static bool
is_tree(const struct stacks *st)
{
    for (unsigned i = 0; i < st->n; i++) {
        const struct exception *e = &st->exceptions[i];

        if (!e->has_id || by_id(st, e->id) != i
            || (e->has_parent && e->parent >= e->id)) {
            return false;
        }
    }
    return by_id(st, 0) < st->n;
}


/* Walks down through groups; the first that are none are the top ones. */
static unsigned
top_level(const struct stacks *st, unsigned from, unsigned *out, unsigned n)
{
    const struct exception *group = &st->exceptions[from];

    for (unsigned i = 0; i < st->n; i++) {
        const struct exception *e = &st->exceptions[i];

        if (i == from || !e->has_parent || e->parent != group->id) {
            continue;
        }
        if (e->is_group) {
            n = top_level(st, i, out, n);

        } else {
            out[n++] = i;
        }
    }
    return n;
}


static int
by_index(const void *a, const void *b)
{
    unsigned x = *(const unsigned *) a, y = *(const unsigned *) b;

    return (x > y) - (x < y);
}


/* An exception with its first children; §1.4's "first child chain". */
static void
take_chain(struct stacks *st, unsigned index)
{
    while (index < st->n && st->ncounting < st->n) {
        unsigned child = st->n;

        st->counting[st->ncounting++] = index;
        for (unsigned i = 0; i < st->n && child == st->n; i++) {
            const struct exception *e = &st->exceptions[i];

            if (i != index && e->has_parent
                && e->parent == st->exceptions[index].id) {
                child = i;
            }
        }
        index = child;
    }
}


/* By type, so that the order in which they were raised does not matter. */
static int
by_type(const void *a, const void *b)
{
    const struct distinct *x = a, *y = b;
    int order = str_cmp(y->type, x->type);

    return order != 0 ? order : memcmp(x->hash, y->hash, sizeof(x->hash));
}


static bool
is_new(const struct distinct *seen, unsigned n, const unsigned char *hash)
{
    for (unsigned i = 0; i < n; i++) {
        if (memcmp(seen[i].hash, hash, 16) == 0) {
            return false;
        }
    }
    return true;
}


static bool
groups(struct arena *a, struct stacks *st)
{
    unsigned *top, ntop, root, ndistinct = 0;
    struct distinct *distinct;

    if (st->n < 2 || !is_tree(st)) {
        return false;
    }
    root = by_id(st, 0);
    if (!st->exceptions[root].is_group) {
        return false;
    }

    top = arena_array(a, st->n, sizeof(*top));
    ntop = top_level(st, root, top, 0);
    if (ntop == 0) {
        return false;
    }

    distinct = arena_array(a, ntop, sizeof(*distinct));
    for (unsigned i = 0; i < ntop; i++) {
        struct leaves l = leaves_in(a, GROUPING_VERSION);
        struct distinct *d = &distinct[ndistinct];

        exception_leaves(&l, &st->exceptions[top[i]], false);
        leaves_hash(&l, d->hash);
        if (is_new(distinct, ndistinct, d->hash)) {
            d->index = top[i];
            d->type = st->exceptions[top[i]].type;
            ndistinct++;
        }
    }

    st->ncounting = 0;
    if (ndistinct == 1) {
        st->main = distinct[0].index;
        take_chain(st, distinct[0].index);
        qsort(st->counting, st->ncounting, sizeof(*st->counting), by_index);

    } else {
        qsort(distinct, ndistinct, sizeof(*distinct), by_type);
        for (unsigned i = 0; i < ndistinct; i++) {
            st->counting[st->ncounting++] = distinct[i].index;
        }
        st->counting[st->ncounting++] = root;
    }
    return true;
}


/* Wrappers that say nothing: the title is that of what they wrap. */
static const struct {
    const char *type; /* or NULL: any */
    const char *module;
    const char *value; /* the beginning of it, or NULL */
} wrappers[] = {
    { "OnErrorNotImplementedException", "io.reactivex.rxjava3.exceptions",
      NULL },
    { "CompositeException", "io.reactivex.rxjava3.exceptions", NULL },
    { "UndeliverableException", "io.reactivex.rxjava3.exceptions", NULL },
    { "Error", NULL,
      "There was an error during concurrent rendering but "
      "React was able to recover" },
    { "Error", NULL, "There was an error while hydrating" },
};


static bool
is_wrapper(const struct exception *e)
{
    for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
        if (str_is(e->type, wrappers[i].type)
            && (wrappers[i].module == NULL
                || str_is(e->module, wrappers[i].module))
            && (wrappers[i].value == NULL
                || str_starts(e->value, str_of(wrappers[i].value)))) {
            return true;
        }
    }
    return false;
}


void
exception_groups(struct arena *a, struct stacks *st)
{
    if (st->n == 0) {
        return;
    }
    st->main = st->n - 1;
    st->counting = arena_array(a, st->n, sizeof(*st->counting));
    if (groups(a, st)) {
        return;
    }

    for (unsigned i = 0; i < st->n; i++) {
        st->counting[st->ncounting++] = i;
    }
    while (st->main > 0 && is_wrapper(&st->exceptions[st->main])) {
        st->main--;
    }
}
