/*
 * alert/alert_work.h - between the files of evaluation: roster.c has the
 * rules, stored.c looks at events, alert.c at counters, projects and history,
 * and salvo.c writes down what comes of it.
 */

#ifndef VEDETTE_ALERT_WORK_H
#define VEDETTE_ALERT_WORK_H

#include "alert/alert.h"

/* (rule, issue) pairs that are known to be silent; a power of two. */
#define SILENT_SIZE 65536

struct place {
    int64_t project_id;      /* or, of rules for all projects, 0 */
    int64_t organization_id; /* of rules for all projects */
    struct rule *rule;
};

struct silence {
    int64_t rule_id;
    int64_t issue_id;
    int64_t until;   /* minute */
    unsigned blocks; /* those that have fired and are silent */
};

struct alerts {
    struct arena *arena;
    int64_t version;
    int64_t looked_at; /* monotonic; 0: never */
    int64_t loaded_at;
    struct rule *rules; /* by id */
    size_t nrules;
    struct place *places; /* by project, then organisation */
    size_t nplaces;
    unsigned causes;         /* of all rules */
    bool wants_environments; /* one asks what is new in its environment */
    struct silence *silent;
    uint64_t
        *environments; /* hashes of (issue, environment) seen; SILENT_SIZE */
};

/* The rules of a project: its own, then those for all projects. */
struct ruleset {
    const struct rule **v;
    size_t n;
    unsigned causes;
    bool plain_counts; /* one counts without looking at the event */
};

struct ruleset alerts_of(const struct alerts *al, struct arena *a,
                         int64_t organization, int64_t project);

struct silence *alerts_silence(const struct alerts *al, int64_t rule_id,
                               int64_t issue_id);

/* Those of the blocks that are not known to be silent. */
unsigned alerts_awake(const struct alerts *al, int64_t rule_id,
                      int64_t issue_id, int64_t at, unsigned blocks);

/* What fires, until it is written down together. */
struct salvo {
    struct arena *a;
    struct alert_fire *v;
    size_t n;
    size_t size;
};

void salvo_add(struct salvo *s, const struct rule *r, const struct facts *f,
               unsigned blocks);
enum status salvo_fire(struct alerts *al, struct db *db,
                       struct salvo *s) MUST_CHECK;

/* Of what is told each time: no rule is silent for it. */
enum status salvo_fire_each(struct db *db, struct salvo *s) MUST_CHECK;

/* Minutes of issues that have to be counted. */
struct dues {
    struct arena *a;
    struct alert_due *v;
    size_t n;
    size_t size;
};

/* blocks of r have let the event through; NULL: rules without filters. */
void dues_add(struct dues *d, const struct facts *f, const struct rule *r,
              unsigned blocks);

/* Those of the rule's blocks that were named. */
unsigned dues_named(const struct alert_due *due, int64_t rule_id);
enum status dues_write(struct db *db, struct dues *d) MUST_CHECK;

#endif
