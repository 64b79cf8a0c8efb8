/* The rules of a process, which of them a project has, and which are silent. */

#include "alert/alert_work.h"

#include <stdlib.h>

#include "util/log.h"

#define REFRESH_US (2 * US_PER_SECOND)

/* Snoozes end by themselves: rules are read again after so long. */
#define RELOAD_US US_PER_MINUTE


struct alerts *
alerts_new(void)
{
    struct alerts *al = calloc(1, sizeof(*al));

    if (al == NULL) {
        abort();
    }
    al->arena = arena_new();
    al->silent = calloc(SILENT_SIZE, sizeof(*al->silent));
    al->environments = calloc(SILENT_SIZE, sizeof(*al->environments));
    if (al->silent == NULL || al->environments == NULL) {
        abort();
    }
    return al;
}


void
alerts_free(struct alerts *al)
{
    if (al == NULL) {
        return;
    }
    arena_free(al->arena);
    free(al->silent);
    free(al->environments);
    free(al);
}


/* the rules */

static int
by_place(const void *left, const void *right)
{
    const struct place *a = left, *b = right;

    if (a->project_id != b->project_id) {
        return a->project_id < b->project_id ? -1 : 1;
    }
    if (a->organization_id != b->organization_id) {
        return a->organization_id < b->organization_id ? -1 : 1;
    }
    return (a->rule > b->rule) - (a->rule < b->rule);
}


static void
place_rules(struct alerts *al)
{
    size_t n = 0;

    for (size_t i = 0; i < al->nrules; i++) {
        const struct alert_rule *row = al->rules[i].row;

        n += row->all_projects ? 1 : row->nprojects;
    }
    al->places = arena_array(al->arena, n, sizeof(*al->places));
    al->nplaces = 0;
    for (size_t i = 0; i < al->nrules; i++) {
        struct rule *r = &al->rules[i];

        if (r->row->all_projects) {
            al->places[al->nplaces++] =
                (struct place){ 0, r->row->organization_id, r };
            continue;
        }
        for (size_t k = 0; k < r->row->nprojects; k++) {
            al->places[al->nplaces++] =
                (struct place){ r->row->projects[k], 0, r };
        }
    }
    if (al->nplaces > 0) {
        qsort(al->places, al->nplaces, sizeof(*al->places), by_place);
    }
}


static enum status
load(struct alerts *al, struct db *db)
{
    struct arena *a = arena_new();
    struct alert_rule *rows;
    const char *fault;
    enum status st;
    size_t n;

    if ((st = alert_rules_active(db, a, time_now(), &rows, &n)) != ST_OK) {
        arena_free(a);
        return st;
    }
    arena_free(al->arena);
    al->arena = a;
    al->rules = arena_array(a, n, sizeof(*al->rules));
    al->nrules = 0;
    for (size_t i = 0; i < n; i++) {
        if (rows[i].metric) {
            continue;
        }
        if (rule_read(a, &rows[i], &al->rules[al->nrules], &fault)) {
            al->nrules++;

        } else {
            log_warning("alert rule %lld is left out: %s",
                        (long long) rows[i].id, fault);
        }
    }
    place_rules(al);
    al->causes = 0;
    al->wants_environments = false;
    for (size_t i = 0; i < al->nrules; i++) {
        al->causes |= al->rules[i].causes;
        al->wants_environments = al->wants_environments
                                 || (al->rules[i].row->nenvironments > 0
                                     && (al->rules[i].causes & CAUSE_NEW) != 0);
    }
    return ST_OK;
}


enum status
alerts_refresh(struct alerts *al, struct db *db)
{
    int64_t now = time_monotonic(), version;
    struct arena *a;
    enum status st;

    if (al->looked_at != 0 && now - al->looked_at < REFRESH_US) {
        return ST_OK;
    }
    a = arena_new();
    st = alert_version(db, a, &version);
    arena_free(a);
    if (st != ST_OK) {
        return st;
    }
    if (al->looked_at == 0 || version != al->version
        || now - al->loaded_at > RELOAD_US) {
        if ((st = load(al, db)) != ST_OK) {
            return st;
        }
        al->version = version;
        al->loaded_at = now;
    }
    al->looked_at = now;
    return ST_OK;
}


const struct rule *
alerts_rule(const struct alerts *al, int64_t id)
{
    size_t low = 0, high = al->nrules;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (al->rules[middle].row->id == id) {
            return &al->rules[middle];
        }
        if (al->rules[middle].row->id < id) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }
    return NULL;
}


/* The first place not before this one. */
static size_t
first_place(const struct alerts *al, int64_t project, int64_t organization)
{
    struct place key = { project, organization, NULL };
    size_t low = 0, high = al->nplaces;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (by_place(&al->places[middle], &key) < 0) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }
    return low;
}


static void
add_rules(const struct alerts *al, int64_t project, int64_t organization,
          struct ruleset *out)
{
    for (size_t i = first_place(al, project, organization);
         i < al->nplaces && al->places[i].project_id == project
         && al->places[i].organization_id == organization;
         i++) {
        const struct rule *r = al->places[i].rule;

        out->v[out->n++] = r;
        out->causes |= r->causes;
        out->plain_counts =
            out->plain_counts || (r->counts_alone && !r->looks_at_event);
    }
}


struct ruleset
alerts_of(const struct alerts *al, struct arena *a, int64_t organization,
          int64_t project)
{
    struct ruleset out = { .n = 0 };

    out.v = arena_array(a, al->nplaces, sizeof(*out.v));
    add_rules(al, project, 0, &out);
    add_rules(al, 0, organization, &out);
    return out;
}


/* silence */

struct silence *
alerts_silence(const struct alerts *al, int64_t rule_id, int64_t issue_id)
{
    uint64_t h = ((uint64_t) rule_id * UINT64_C(0x9E3779B97F4A7C15))
                 ^ ((uint64_t) issue_id * UINT64_C(0xC2B2AE3D27D4EB4F));

    return &al->silent[(h ^ h >> 32) & (SILENT_SIZE - 1)];
}


unsigned
alerts_awake(const struct alerts *al, int64_t rule_id, int64_t issue_id,
             int64_t at, unsigned blocks)
{
    const struct silence *s = alerts_silence(al, rule_id, issue_id);
    bool silent =
        s->rule_id == rule_id && s->issue_id == issue_id && at < s->until;

    return silent ? blocks & ~s->blocks : blocks;
}
