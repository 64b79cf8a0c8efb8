#include "alert/rule.h"

#include "util/fnv.h"
#include "util/lang.h"
#include "util/zone.h"

#define CAP_MAX 10000


static bool
logic_of(const struct json *data, const char *name, enum logic standard,
         enum logic *out, const char **fault)
{
    static const char *const names[] = { "all", "any", "none" };
    struct str text = json_text_of(data, name);

    *out = standard;
    if (text.n == 0) {
        return true;
    }
    for (int i = 0; i < 3; i++) {
        if (str_is(text, names[i])) {
            *out = (enum logic) i;
            return true;
        }
    }
    *fault = "A match is all, any or none.";
    return false;
}


static bool
read_nodes(struct arena *a, const struct json *list, bool filter,
           struct alert_node **out, size_t *n, const char **fault)
{
    *n = 0;
    *out = arena_array(a, RULE_NODES_MAX, sizeof(**out));
    json_each(v, list)
    {
        struct str id = json_text_of(v, "id");
        const struct condition *type = condition_find(id, filter);

        if (*n == RULE_NODES_MAX) {
            *fault = "A rule has 20 conditions, filters and actions at most, "
                     "of each.";
            return false;
        }
        if (type == NULL) {
            *fault = str_dup(
                a, lang_fill(a, N_("Invalid node. Could not find '{0}'"),
                             FILL(str_cut(id, 200))));
            return false;
        }
        if (!condition_read(a, type, v, &(*out)[*n], fault)) {
            return false;
        }
        (*n)++;
    }
    return true;
}


bool
rule_actions(struct arena *a, const struct json *list, struct rule_block *out,
             const char **fault)
{
    out->actions = arena_array(a, RULE_NODES_MAX, sizeof(*out->actions));
    json_each(v, list)
    {
        if (out->nactions == RULE_NODES_MAX) {
            *fault = "A rule has 20 actions at most.";
            return false;
        }
        if (!action_read(a, v, &out->actions[out->nactions], fault)) {
            return false;
        }
        out->nactions++;
    }
    return true;
}


static bool
read_actions(struct arena *a, const struct json *list, struct rule_block *out,
             const char **fault)
{
    if (!rule_actions(a, list, out, fault)) {
        return false;
    }
    if (out->nactions == 0) {
        *fault = "A rule needs at least one action.";
        return false;
    }
    return true;
}


static bool
read_block(struct arena *a, const struct json *data, struct rule *r,
           const char **fault)
{
    struct rule_block *b = &r->blocks[r->nblocks];

    if (r->nblocks == RULE_BLOCKS_MAX) {
        *fault = "A rule has 5 IF-THEN blocks at most.";
        return false;
    }
    r->nblocks++;
    return logic_of(data, "filterMatch", LOGIC_ALL, &b->where, fault)
           && read_nodes(a, json_get(data, "filters"), true, &b->filters,
                         &b->nfilters, fault)
           && read_actions(a, json_get(data, "actions"), b, fault);
}


static bool
read_blocks(struct arena *a, struct rule *r, const char **fault)
{
    if (!read_block(a, r->data, r, fault)) {
        return false;
    }
    json_each(v, json_get(r->data, "blocks"))
    {
        if (!read_block(a, v, r, fault)) {
            return false;
        }
    }
    return true;
}


/* What sets the rule off, and whether a changed counter alone can. */
static void
sum_up(struct rule *r)
{
    bool fast = false;

    for (size_t i = 0; i < r->nconditions; i++) {
        const struct condition *type = r->conditions[i].type;

        r->causes |= type->causes;
        r->counts = r->counts || type->counts;
        fast = fast || !type->counts;
    }
    if (r->nconditions == 0 || r->when == LOGIC_NONE) {
        r->causes |= CAUSE_EVENT;
    }
    r->counts_alone = r->counts && (r->when == LOGIC_ANY || !fast);
    r->light_filters = true;
    for (size_t k = 0; k < r->nblocks; k++) {
        const struct rule_block *b = &r->blocks[k];

        r->light_filters = r->light_filters && b->nfilters > 0;
        for (size_t i = 0; i < b->nfilters; i++) {
            condition_test test = b->filters[i].type->test;

            r->light_filters = r->light_filters
                               && (test == filter_tag || test == filter_level);
            r->looks_at_event = r->looks_at_event || b->filters[i].type->event;
        }
    }
}


/*
 * A hash of the first IF's tag filters: rules that have the same count users
 * together.
 */
static bool
read_match(struct rule *r, const char **fault)
{
    const struct rule_block *b = &r->blocks[0];
    uint64_t h = FNV_START + (uint64_t) b->where;
    bool counted = false, tags = false;

    for (size_t i = 0; i < r->nconditions; i++) {
        counted = counted || r->conditions[i].type->test == cond_count_matching;
    }
    for (size_t i = 0; counted && i < b->nfilters; i++) {
        const struct alert_node *n = &b->filters[i];

        if (n->type->test == filter_tag) {
            tags = true;
            h = fnv_text(fnv_text(h, n->key), n->value);
            h = (h ^ (uint64_t) n->match) * FNV_PRIME;
        }
    }
    if (counted && !tags) {
        *fault = "Users of events that match are counted by the tag filters of "
                 "the first IF: add one.";
        return false;
    }
    r->match = counted ? (int64_t) (h | 1) : 0;
    return true;
}


bool
rule_escalation(struct arena *a, const struct json *data, int64_t *minutes,
                struct rule_block *second, const char **fault)
{
    const struct json *in = json_get(data, "escalate");

    if (!json_is(in, JSON_T_OBJECT)) {
        return true;
    }
    if (!json_i64(json_get(in, "minutes"), minutes) || *minutes < 1
        || *minutes > 10080) {
        *fault = "The second step comes after 1 to 10080 minutes.";
        return false;
    }
    return read_actions(a, json_get(in, "actions"), second, fault);
}


static bool
read_escalation(struct arena *a, struct rule *r, const char **fault)
{
    if (!rule_escalation(a, r->data, &r->escalate, &r->second, fault)) {
        return false;
    }
    if (r->escalate != 0 && (r->causes & CAUSE_PROJECT) != 0) {
        *fault = "A rule about a project has no issue that somebody could act "
                 "on: it has no second step.";
        return false;
    }
    return true;
}


static bool
read_bounds(struct rule *r, const char **fault)
{
    const struct json *cap = json_get(r->data, "cap");
    const struct json *quiet = json_get(r->data, "quiet");

    if (json_is(cap, JSON_T_OBJECT)) {
        if (!json_i64(json_get(cap, "count"), &r->cap) || r->cap < 1
            || r->cap > CAP_MAX
            || !json_i64(json_get(cap, "minutes"), &r->cap_minutes)
            || r->cap_minutes < 1 || r->cap_minutes > 43200) {
            *fault = "A cap is a number of notifications and of minutes.";
            return false;
        }
    }
    if (json_is(quiet, JSON_T_OBJECT)) {
        if (!zone_known(json_text_of(quiet, "zone"))) {
            *fault = "Quiet hours need a time zone, like Europe/Riga.";
            return false;
        }
        r->quiet = quiet;
    }
    return true;
}


bool
rule_read(struct arena *a, const struct alert_rule *row, struct rule *out,
          const char **fault)
{
    *out = (struct rule){ .row = row };
    if (json_parse(a, row->data, NULL, &out->data, NULL) != ST_OK
        || !json_is(out->data, JSON_T_OBJECT)) {
        *fault = "The rule cannot be read: it is no JSON object.";
        return false;
    }
    if (!logic_of(out->data, "actionMatch", LOGIC_ALL, &out->when, fault)
        || !read_nodes(a, json_get(out->data, "conditions"), false,
                       &out->conditions, &out->nconditions, fault)
        || !read_blocks(a, out, fault) || !read_bounds(out, fault)) {
        return false;
    }
    sum_up(out);
    if (!read_match(out, fault) || !read_escalation(a, out, fault)) {
        return false;
    }
    /* the clock of alerts has minutes, so "every time" is every minute */
    out->interval = (row->frequency > 0 ? row->frequency : 1) * US_PER_MINUTE;
    return true;
}


bool
rule_wants(const struct rule *r, struct str environment)
{
    if (r->row->nenvironments == 0) {
        return true;
    }
    for (size_t i = 0; i < r->row->nenvironments; i++) {
        if (str_eq(r->row->environments[i], environment)) {
            return true;
        }
    }
    return false;
}


/* evaluating */

/* What the answers so far come to; *known: the next ones change nothing. */
static enum verdict
combine(enum logic logic, const enum verdict *answers, size_t n)
{
    enum verdict stop = logic == LOGIC_ALL ? NO : YES;
    bool later = false;

    for (size_t i = 0; i < n; i++) {
        if (answers[i] == stop) {
            return logic == LOGIC_ANY ? YES : NO;
        }
        later = later || answers[i] == LATER;
    }
    return later ? LATER : logic == LOGIC_ANY && n > 0 ? NO : YES;
}


unsigned
rule_blocks(const struct rule *r)
{
    return (1u << r->nblocks) - 1;
}


static bool
block_passes(const struct rule_block *b, struct facts *f)
{
    enum verdict answers[RULE_NODES_MAX];

    for (size_t i = 0; i < b->nfilters; i++) {
        answers[i] = b->filters[i].type->test(&b->filters[i], f);
        if (b->where == LOGIC_ALL && answers[i] == NO) {
            return false;
        }
    }
    return combine(b->where, answers, b->nfilters) == YES;
}


bool
rule_matches(const struct rule *r, struct facts *f)
{
    const struct rule_block *b = &r->blocks[0];
    enum verdict answers[RULE_NODES_MAX];
    size_t n = 0;

    for (size_t i = 0; i < b->nfilters; i++) {
        if (b->filters[i].type->test == filter_tag) {
            answers[n++] = filter_tag(&b->filters[i], f);
        }
    }
    return combine(b->where, answers, n) == YES;
}


unsigned
rule_passes(const struct rule *r, struct facts *f, unsigned blocks)
{
    unsigned out = 0;

    for (size_t i = 0; i < r->nblocks; i++) {
        if ((blocks & 1u << i) != 0 && block_passes(&r->blocks[i], f)) {
            out |= 1u << i;
        }
    }
    return out;
}


enum verdict
rule_fires(const struct rule *r, struct facts *f)
{
    enum verdict answers[RULE_NODES_MAX];
    size_t n = 0;

    f->environments = r->row->environments;
    f->nenvironments = r->row->nenvironments;
    f->match = r->match;
    f->measured = (struct measured){ .node = NULL };
    for (size_t i = 0; i < r->nconditions; i++) {
        const struct alert_node *node = &r->conditions[i];

        if (f->count == NULL || node->type->counts) {
            answers[n++] = node->type->test(node, f);
            if (r->when == LOGIC_ALL && answers[n - 1] == NO) {
                return NO;
            }
        }
    }
    return combine(r->when, answers, n);
}


static const char *const between[] = { N_(", and "), N_(", or "),
                                       N_(", nor ") };


static void
put(struct arena *a, struct buf *out, const char *words)
{
    if (words != NULL) {
        buf_str(out, lang_keep(a, words, NULL, 0));
    }
}


static void
add_block_words(struct arena *a, struct buf *out, const struct rule_block *b,
                bool first)
{
    if (b->nfilters == 0) {
        put(a, out, first ? NULL : N_("; and always"));
        return;
    }
    if (b->where == LOGIC_NONE) {
        put(a, out, first ? N_("; unless: ") : N_("; and unless: "));

    } else {
        put(a, out, first ? N_("; if: ") : N_("; and if: "));
    }
    for (size_t i = 0; i < b->nfilters; i++) {
        put(a, out, i > 0 ? between[b->where == LOGIC_ALL ? 0 : 1] : NULL);
        buf_str(out, condition_words(a, &b->filters[i]));
    }
}


struct str
rule_words(struct arena *a, const struct rule *r)
{
    struct buf out = buf_in(a);

    if (r->nconditions == 0) {
        return lang_keep(a, N_("Every event"), NULL, 0);
    }
    if (r->when == LOGIC_NONE) {
        put(a, &out, N_("None of: "));
    }
    for (size_t i = 0; i < r->nconditions; i++) {
        put(a, &out, i > 0 ? between[r->when] : NULL);
        buf_str(&out, condition_words(a, &r->conditions[i]));
    }
    for (size_t i = 0; i < r->nblocks; i++) {
        add_block_words(a, &out, &r->blocks[i], i == 0);
    }
    return buf_view(&out);
}
