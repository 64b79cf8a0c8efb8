/*
 * alert/rule.h - a rule, read: WHEN, IF, THEN as they can be evaluated.
 *
 * A rule's data is the JSON that people export and import and that Sentry's
 * API speaks:
 *
 *     {"actionMatch": "any", "conditions": [{"id", fields …}],
 *      "filterMatch": "all", "filters": [{"id", …}], "actions": [{"id", …}],
 *      "blocks": [{"filterMatch", "filters", "actions"}, …],
 *      "escalate": {"minutes": 15, "actions": [{"id", …}]},
 *      "cap": {"count": 10, "minutes": 60},
 *      "quiet": {"from": "22:00", "to": "07:00", "days", "zone"}}
 *
 * "blocks" are further IF-THEN, each for itself; the first one has Sentry's
 * names.  A metric rule's data is in alert/metric.h.
 */

#ifndef VEDETTE_ALERT_RULE_H
#define VEDETTE_ALERT_RULE_H

#include "alert/action.h"
#include "alert/condition.h"
#include "model/alert_rule.h"

#define RULE_NODES_MAX 20 /* of conditions, of filters, of actions */
#define RULE_BLOCKS_MAX 5

enum logic { LOGIC_ALL, LOGIC_ANY, LOGIC_NONE };

/* IF these filters match THEN do that. */
struct rule_block {
    enum logic where;
    struct alert_node *filters;
    size_t nfilters;
    struct alert_act *actions;
    size_t nactions;
};

struct rule {
    const struct alert_rule *row;
    struct json *data;
    enum logic when;
    struct alert_node *conditions;
    size_t nconditions;
    struct rule_block blocks[RULE_BLOCKS_MAX];
    size_t nblocks;
    unsigned causes;     /* what can set it off */
    bool counts;         /* some condition needs counters */
    bool counts_alone;   /* a changed counter alone can make it fire */
    bool looks_at_event; /* a filter needs the event that came */
    bool light_filters;  /* they only look at the event's columns */
    int64_t match;       /* of the first IF's tag filters, if users of events
                            that match are counted; else 0 */
    int64_t interval;    /* µs of silence for an issue after firing */
    int64_t escalate;    /* minutes until the second step; 0: there is none */
    struct rule_block second; /* its actions */
    int64_t cap;              /* so many in cap_minutes; 0: no cap */
    int64_t cap_minutes;
    const struct json *quiet; /* NULL: no quiet hours */
};

/*
 * Reads an issue rule; false with *fault, a whole sentence, when it cannot
 * work.  row and its texts must live as long as the result.
 */
bool rule_read(struct arena *a, const struct alert_rule *row, struct rule *out,
               const char **fault);

/* What both kinds of rules have: a list of actions, and a second step. */
bool rule_actions(struct arena *a, const struct json *list,
                  struct rule_block *out, const char **fault);
bool rule_escalation(struct arena *a, const struct json *data, int64_t *minutes,
                     struct rule_block *second, const char **fault);

/* True when the event's environment is one of the rule's. */
bool rule_wants(const struct rule *r, struct str environment);

/* Sets of blocks are bits: 1 is the first. */
unsigned rule_blocks(const struct rule *r);

/*
 * IF: which of these blocks let it through.  A filter that could not be
 * answered is NO; see f->st.
 */
unsigned rule_passes(const struct rule *r, struct facts *f, unsigned blocks);

/* The tag filters of the first IF let the event through. */
bool rule_matches(const struct rule *r, struct facts *f);

/*
 * WHEN.  LATER: it depends on counters and f->count is NULL.  With counters
 * only those conditions are asked that count: the others have been before.
 */
enum verdict rule_fires(const struct rule *r, struct facts *f);

/* "A new issue is created, or an issue is seen …": kept (lang_keep). */
struct str rule_words(struct arena *a, const struct rule *r);

#endif
