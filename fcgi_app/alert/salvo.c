/* What fires and what is due is written down, many rows at once. */

#include "alert/alert_work.h"

#include <stdlib.h>

#include "model/outbox.h"
#include "util/hex.h"


/* firing */

void
salvo_add(struct salvo *s, const struct rule *r, const struct facts *f,
          unsigned blocks)
{
    const struct alert_node *node = f->measured.node;
    struct alert_fire *fire;

    if (s->n == s->size) {
        size_t size = s->size == 0 ? 16 : s->size * 2;

        s->v = arena_grow(s->a, s->v, s->size * sizeof(*s->v),
                          size * sizeof(*s->v));
        s->size = size;
    }
    fire = &s->v[s->n++];
    *fire = (struct alert_fire){
        .organization_id = f->organization_id,
        .rule_id = r->row->id,
        .project_id = f->project_id,
        .issue_id = f->issue_id,
        .event_id = f->ev != NULL ? hex_encode(s->a, f->ev->id, 16) : STR_NULL,
        .at = f->at,
        .interval = r->interval,
        .blocks = blocks,
        .cause = node != NULL ? alert_measured_words(s->a, &f->measured)
                              : rule_words(s->a, r),
        .value = f->measured.value,
        .threshold = f->measured.threshold,
        .window = f->measured.window,
        .environment = f->ev != NULL ? f->ev->environment : STR_NULL,
    };
}


/* Earliest first of each rule and issue. */
static int
by_pair(const void *left, const void *right)
{
    const struct alert_fire *a = left, *b = right;

    if (a->rule_id != b->rule_id) {
        return a->rule_id < b->rule_id ? -1 : 1;
    }
    if (a->issue_id != b->issue_id) {
        return a->issue_id < b->issue_id ? -1 : 1;
    }
    return (a->at > b->at) - (a->at < b->at);
}


static int
by_issue(const void *left, const void *right)
{
    const struct alert_fire *a = left, *b = right;

    if (a->issue_id != b->issue_id) {
        return a->issue_id < b->issue_id ? -1 : 1;
    }
    return (a->id > b->id) - (a->id < b->id);
}


static struct outbox_row
route_of(struct arena *a, const struct alert_fire *fires, size_t n)
{
    struct buf data = buf_in(a);

    buf_text(&data, "{\"fires\":[");
    for (size_t i = 0; i < n; i++) {
        buf_addf(&data, "%s%lld", i > 0 ? "," : "", (long long) fires[i].id);
    }
    buf_text(&data, "]}");
    return (struct outbox_row){
        .organization_id = fires[0].organization_id,
        .project_id = fires[0].project_id,
        .issue_id = fires[0].issue_id > 0 ? fires[0].issue_id : 0,
        .rule_id = fires[0].rule_id,
        .fire_id = fires[0].id,
        .cause = STR("issue"),
        .channel = STR("route"),
        .data = buf_view(&data),
        .key = str_printf(a, "fires:%lld", (long long) fires[0].id),
    };
}


/* One row of the outbox an issue: the receivers of several rules get one. */
static enum status
post(struct db *db, struct arena *a, struct alert_fire *fires, size_t n)
{
    struct outbox_row *rows = arena_array(a, n, sizeof(*rows));
    size_t fired = 0, nrows = 0;

    for (size_t i = 0; i < n; i++) {
        if (fires[i].id != 0) {
            fires[fired++] = fires[i];
        }
    }
    if (fired > 0) {
        qsort(fires, fired, sizeof(*fires), by_issue);
    }
    for (size_t i = 0, from = 0; i < fired; i++) {
        if (i + 1 == fired || fires[i + 1].issue_id != fires[i].issue_id) {
            rows[nrows++] = route_of(a, fires + from, i + 1 - from);
            from = i + 1;
        }
    }
    return outbox_add(db, a, rows, nrows);
}


static bool
same_pair(const struct alert_fire *a, const struct alert_fire *b)
{
    return a->rule_id == b->rule_id && a->issue_id == b->issue_id;
}


/* Leaves of the rest what the round, in the same order, has not made silent. */
static size_t
drop_silent(struct alert_fire *rest, size_t n, const struct alert_fire *round)
{
    size_t left = 0;

    for (size_t i = 0; i < n; i++) {
        while (!same_pair(round, &rest[i])) {
            round++;
        }
        if (rest[i].at >= round->silent_until
            || (rest[i].blocks & ~round->silent) != 0) {
            rest[left++] = rest[i];
        }
    }
    return left;
}


/*
 * Fires what is not silent.  Of one rule and issue the earliest first; what
 * comes after its silence, or sets off other blocks, in the same salvo gets a
 * round of its own.
 */
enum status
salvo_fire(struct alerts *al, struct db *db, struct salvo *s)
{
    struct alert_fire *round = arena_array(s->a, s->n, sizeof(*round));
    struct alert_fire *rest = s->v;
    size_t nrest = s->n;
    enum status st = ST_OK;

    if (nrest > 0) {
        qsort(rest, nrest, sizeof(*rest), by_pair);
    }
    while (st == ST_OK && nrest > 0) {
        size_t n = 0, left = 0;

        for (size_t i = 0; i < nrest; i++) {
            struct alert_fire *last = n > 0 ? &round[n - 1] : NULL;

            if (last != NULL && same_pair(last, &rest[i])) {
                rest[left++] = rest[i];

            } else {
                round[n++] = rest[i];
            }
        }
        st = alert_fire_add(db, s->a, round, n);
        left = drop_silent(rest, left, round);
        for (size_t i = 0; st == ST_OK && i < n; i++) {
            *alerts_silence(al, round[i].rule_id, round[i].issue_id) =
                (struct silence){ round[i].rule_id, round[i].issue_id,
                                  round[i].silent_until, round[i].silent };
        }
        if (st == ST_OK) {
            st = post(db, s->a, round, n);
        }
        nrest = left;
    }
    return st;
}


enum status
salvo_fire_each(struct db *db, struct salvo *s)
{
    enum status st = alert_fire_add_each(db, s->a, s->v, s->n);

    return st == ST_OK ? post(db, s->a, s->v, s->n) : st;
}


/* due */

/* The entry of an issue and minute; those of a batch are few. */
static struct alert_due *
due_of(struct dues *d, const struct facts *f)
{
    struct alert_due *due;

    for (size_t i = d->n; i-- > 0;) {
        if (d->v[i].issue_id == f->issue_id && d->v[i].minute == f->at) {
            return &d->v[i];
        }
        if (d->n - i > 64) {
            break; /* a second entry is merged below */
        }
    }
    if (d->n == d->size) {
        size_t size = d->size == 0 ? 64 : d->size * 2;

        d->v = arena_grow(d->a, d->v, d->size * sizeof(*d->v),
                          size * sizeof(*d->v));
        d->size = size;
    }
    due = &d->v[d->n++];
    *due = (struct alert_due){
        .organization_id = f->organization_id,
        .project_id = f->project_id,
        .issue_id = f->issue_id,
        .minute = f->at,
    };
    return due;
}


/* A rule's block as one number; the first is the rule's own. */
static int64_t
name_of(int64_t rule_id, size_t block)
{
    return rule_id | (int64_t) block << 56;
}


static void
add_name(struct dues *d, struct alert_due *due, int64_t name)
{
    for (size_t i = 0; i < due->nrules; i++) {
        if (due->rules[i] == name) {
            return;
        }
    }
    due->rules = arena_grow(d->a, due->rules, due->nrules * sizeof(*due->rules),
                            (due->nrules + 1) * sizeof(*due->rules));
    due->rules[due->nrules++] = name;
}


unsigned
dues_named(const struct alert_due *due, int64_t rule_id)
{
    unsigned blocks = 0;

    for (size_t i = 0; i < due->nrules; i++) {
        for (size_t k = 0; k < RULE_BLOCKS_MAX; k++) {
            blocks |= due->rules[i] == name_of(rule_id, k) ? 1u << k : 0;
        }
    }
    return blocks;
}


void
dues_add(struct dues *d, const struct facts *f, const struct rule *r,
         unsigned blocks)
{
    struct alert_due *due = due_of(d, f);

    if (f->ev != NULL) {
        due->event_id = hex_encode(d->a, f->ev->id, 16);
    }
    for (size_t k = 0; k < RULE_BLOCKS_MAX; k++) {
        if ((blocks & 1u << k) != 0) {
            add_name(d, due, name_of(r->row->id, k));
        }
    }
}


static int
by_due(const void *left, const void *right)
{
    const struct alert_due *a = left, *b = right;

    if (a->issue_id != b->issue_id) {
        return a->issue_id < b->issue_id ? -1 : 1;
    }
    return (a->minute > b->minute) - (a->minute < b->minute);
}


enum status
dues_write(struct db *db, struct dues *d)
{
    size_t n = 0;

    if (d->n == 0) {
        return ST_OK;
    }
    if (d->n > 0) {
        qsort(d->v, d->n, sizeof(*d->v), by_due);
    }
    for (size_t i = 0; i < d->n; i++) {
        struct alert_due *last = n > 0 ? &d->v[n - 1] : NULL;
        struct alert_due *due = &d->v[i];

        if (last == NULL || by_due(last, due) != 0) {
            d->v[n++] = *due;
            continue;
        }
        last->rules =
            arena_grow(d->a, last->rules, last->nrules * sizeof(*last->rules),
                       (last->nrules + due->nrules) * sizeof(*last->rules));
        for (size_t k = 0; k < due->nrules; k++) {
            last->rules[last->nrules++] = due->rules[k];
        }
    }
    return alert_due_add(db, d->a, d->v, n);
}
