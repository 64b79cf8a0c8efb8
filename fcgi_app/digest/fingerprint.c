/*
 * Which hashes an event has: grouping.md §1.1.
 *
 * A checksum decides alone; then a fingerprint, of a rule or of the client;
 * then the first strategy that finds something to group by.  Strategies with
 * stack traces give two variants, the application's frames and all frames, so
 * that an issue is found again after the rules about in-app frames change.
 */

#include "digest/component.h"
#include "digest/fingerprint.h"
#include "digest/grouping.h"
#include "util/crypt.h"
#include "util/hex.h"

#define RULE_MAX 300 /* bytes of a rule that an event keeps for the page */

struct variants {
    struct leaves app;
    struct leaves system;
    const char *by; /* the strategy */
};


/* ---- strategies: each fills both variants; false: nothing to group by */

static bool
by_exception(struct arena *a, const struct event *ev, struct variants *v)
{
    struct stacks *st = ev->stacks;
    bool any = false;

    (void) a;
    for (unsigned i = 0; i < st->ncounting; i++) {
        const struct exception *e = &st->exceptions[st->counting[i]];

        any |= exception_leaves(&v->app, e, true);
        any |= exception_leaves(&v->system, e, false);
    }
    return any;
}


static bool
by_stack(struct stack *s, struct variants *v)
{
    stack_leaves(&v->app, s, true);
    return stack_leaves(&v->system, s, false);
}


static bool
by_threads(struct arena *a, const struct event *ev, struct variants *v)
{
    (void) a;
    return by_stack(ev->stacks->thread, v);
}


static bool
by_bare_stack(struct arena *a, const struct event *ev, struct variants *v)
{
    (void) a;
    return by_stack(ev->stacks->bare, v);
}


static bool
by_csp(struct arena *a, const struct event *ev, struct variants *v)
{
    struct json *csp = json_get(ev->doc, "csp");
    struct str directive = csp_directive(csp);

    if (csp == NULL || directive.n == 0) {
        return false;
    }
    leaves_add(&v->system, LEAF_SALT, directive);
    leaves_add(&v->system, LEAF_LOCATION, csp_blocked(a, csp));
    return true;
}


/* Reports about a host's certificates and keys. */
static bool
by_host_report(struct arena *a, const struct event *ev, struct variants *v)
{
    static const char *const names[] = { "hpkp", "expectstaple", "expectct" };

    (void) a;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct str host = json_text_of(json_get(ev->doc, names[i]), "hostname");

        if (host.n > 0) {
            leaves_add(&v->system, LEAF_SALT, str_of(names[i]));
            leaves_add(&v->system, LEAF_LOCATION, host);
            return true;
        }
    }
    return false;
}


static bool
by_template(struct arena *a, const struct event *ev, struct variants *v)
{
    struct json *template = json_get(ev->doc, "template");
    struct str file = json_text_of(template, "filename");
    struct str line = str_trim(json_text_of(template, "context_line"));

    (void) a;
    if (file.n == 0 && line.n == 0) {
        return false;
    }
    leaves_add(&v->system, LEAF_FILENAME, file);
    leaves_add(&v->system, LEAF_CONTEXT, line);
    return true;
}


static bool
by_message(struct arena *a, const struct event *ev, struct variants *v)
{
    struct json *entry = json_get(ev->doc, "logentry");
    struct str s = str_trim(json_text_of(entry, "message"));

    if (s.n == 0) {
        s = str_trim(json_text_of(entry, "formatted"));
    }
    (void) a;
    if (s.n == 0) {
        return false;
    }
    leaves_add_message(&v->system, LEAF_MESSAGE, s);
    return true;
}


static const struct {
    const char *by;
    bool (*find)(struct arena *, const struct event *, struct variants *);
} strategies[] = {
    { "exception", by_exception },     { "threads", by_threads },
    { "stack trace", by_bare_stack },  { "CSP report", by_csp },
    { "host report", by_host_report }, { "template", by_template },
    { "message", by_message },
};


static struct variants
find_variants(struct arena *a, const struct event *ev, unsigned version)
{
    struct variants v;

    for (size_t i = 0; i < sizeof(strategies) / sizeof(strategies[0]); i++) {
        v.app = leaves_in(a, version);
        v.system = leaves_in(a, version);
        v.by = strategies[i].by;
        if (strategies[i].find(a, ev, &v)) {
            return v;
        }
    }
    v.app = leaves_in(a, version);
    v.system = leaves_in(a, version);
    v.by = "nothing";
    leaves_add(&v.system, LEAF_FALLBACK, STR(""));
    return v;
}


/* ---- from leaves to hashes */

static void
add_hash(struct event *ev, const unsigned char *hash)
{
    for (size_t i = 0; i < ev->nhashes; i++) {
        if (memcmp(ev->hashes[i], hash, 16) == 0) {
            return;
        }
    }
    memcpy(ev->hashes[ev->nhashes++], hash, 16);
}


/*
 * The hash of a variant, which stands where {{ default }} is in the entries of
 * the fingerprint; without entries it is the variant alone.
 */
static void
hash_variant(struct arena *a, struct event *ev, const struct leaves *l,
             const struct prints *prints)
{
    struct leaves salted;
    unsigned char hash[16];

    if (prints->n == 0) {
        leaves_hash(l, hash);
        add_hash(ev, hash);
        return;
    }
    salted = leaves_in(a, GROUPING_VERSION);
    for (size_t i = 0; i < prints->n; i++) {
        if (prints->entries[i].is_default) {
            leaves_hash(l, hash);
            buf_add(&salted.bytes, hash, sizeof(hash));

        } else {
            leaves_add(&salted, LEAF_FINGERPRINT, prints->entries[i].value);
        }
    }
    leaves_hash(&salted, hash);
    add_hash(ev, hash);
}


/* What counted, for the page: the client's own words first. */
static void
explain(struct arena *a, struct event *ev, const char *by,
        const struct prints *prints, const struct leaves *l, unsigned version)
{
    size_t n = l != NULL ? l->n : 0;
    struct json *grouping, *parts;

    if (version < GROUPING_VERSION) {
        return; /* only asked for its hashes */
    }
    grouping = json_new(a, JSON_T_OBJECT);
    parts = json_new(a, JSON_T_ARRAY);
    ev->components = arena_array(a, prints->n + n + 1, sizeof(*ev->components));
    for (size_t i = 0; i < prints->n; i++) {
        if (!prints->entries[i].is_default) {
            struct event_component *c = &ev->components[ev->ncomponents++];

            c->name = "fingerprint";
            c->value = prints->entries[i].value;
        }
    }
    for (size_t i = 0; i < n; i++) {
        ev->components[ev->ncomponents++] = l->list[i];
    }

    for (size_t i = 0; i < ev->ncomponents; i++) {
        struct json *part = json_new(a, JSON_T_ARRAY);

        json_append(part, json_new_str(a, str_of(ev->components[i].name)));
        json_append(part,
                    json_new_str(a, str_cut(ev->components[i].value, 300)));
        json_append(parts, part);
    }
    json_set(grouping, STR("by"), json_new_str(a, str_of(by)));
    if (prints->rule.n > 0) {
        json_set(grouping, STR("rule"),
                 json_new_str(a, str_cut(prints->rule, RULE_MAX)));
    }
    json_set(grouping, STR("parts"), parts);
    json_set(ev->doc, STR("_grouping"), grouping);
}


static bool
by_checksum(struct arena *a, struct event *ev)
{
    struct str checksum = json_text_of(ev->doc, "checksum");
    struct leaves l = leaves_in(a, GROUPING_VERSION);
    unsigned char hash[16];

    if (checksum.n == 0) {
        return false;
    }
    leaves_add(&l, LEAF_CHECKSUM, checksum);
    if (checksum.n != 32 || !hex_decode(checksum, hash, 16)) {
        leaves_hash(&l, hash);
    }
    add_hash(ev, hash);
    explain(a, ev, "checksum", &(struct prints){ 0 }, &l, GROUPING_VERSION);
    return true;
}


static void
by_fingerprint_alone(struct arena *a, struct event *ev,
                     const struct prints *prints, unsigned version)
{
    struct leaves l = leaves_in(a, GROUPING_VERSION);
    unsigned char hash[16];

    for (size_t i = 0; i < prints->n; i++) {
        leaves_add(&l, LEAF_FINGERPRINT, prints->entries[i].value);
    }
    leaves_hash(&l, hash);
    add_hash(ev, hash);
    explain(a, ev, prints->by, prints, NULL, version);
}


/* Returns whether an earlier version would have found other leaves. */
static bool
by_strategy(struct arena *a, struct event *ev, const struct prints *prints,
            unsigned version)
{
    struct variants v = find_variants(a, ev, version);
    bool app = v.app.n > 0, system = v.system.n > 0;
    const char *by = v.by;

    /* one with a stack trace beats one without */
    if (app && system && (v.app.stacks > 0) != (v.system.stacks > 0)) {
        app = v.app.stacks > 0;
        system = !app;
    }
    if (app) {
        hash_variant(a, ev, &v.app, prints);
    }
    if (system) {
        hash_variant(a, ev, &v.system, prints);
    }
    if (app && v.app.stacks > 0) {
        by = arena_printf(a, "%s, frames of the application", v.by);

    } else if (v.system.stacks > 0) {
        by = arena_printf(a, "%s, all frames", v.by);
    }
    explain(a, ev, by, prints, app ? &v.app : &v.system, version);
    return v.app.differs || v.system.differs;
}


/* Returns whether an earlier version would have made other hashes. */
static bool
group(struct arena *a, struct event *ev, unsigned version)
{
    struct prints prints;

    ev->nhashes = 0;
    ev->ncomponents = 0;
    prints = prints_of(a, ev, version);

    if (by_checksum(a, ev)) {
        return false;
    }
    if (prints.n > 0 && !prints.has_default) {
        by_fingerprint_alone(a, ev, &prints, version);
        return prints.differs;
    }
    return by_strategy(a, ev, &prints, version) || prints.differs;
}


/*
 * The hashes of ev, and in *older those that the version before would have
 * made in their place: none when they are the same.
 */
static void
group_both(struct arena *a, struct event *ev, struct event *older)
{
    bool differs = group(a, ev, GROUPING_VERSION);

    *older = *ev;
    older->nhashes = 0;
    if (differs) {
        group(a, older, GROUPING_VERSION - 1);
    }
}


static void
add_hashes(struct event *ev, const struct event *of)
{
    for (size_t i = 0; i < of->nhashes; i++) {
        add_hash(ev, of->hashes[i]);
    }
}


void
fingerprint_event(struct arena *a, struct event *ev)
{
    bool changed = ev->grouping != NULL && ev->grouping->before != NULL;
    struct event earlier = *ev, older, older_earlier;

    if (changed) {
        earlier.grouping = ev->grouping->before;
        stacks_build(a, &earlier);
        group_both(a, &earlier, &older_earlier);
        stacks_build(a, ev); /* the tree says again what holds now */
    }
    group_both(a, ev, &older);
    if (changed) {
        add_hashes(ev, &earlier);
    }
    ev->nbound = ev->nhashes;
    add_hashes(ev, &older);
    if (changed) {
        add_hashes(ev, &older_earlier);
    }
}
