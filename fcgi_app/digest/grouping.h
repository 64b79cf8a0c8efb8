/*
 * digest/grouping.h - the rules by which a project groups its events.
 *
 * Both kinds are parsed once from text and then only read.  The built-in ones
 * always run; those of a project run after them (stack-trace rules) or before
 * them (fingerprint rules).
 */

#ifndef VEDETTE_DIGEST_GROUPING_H
#define VEDETTE_DIGEST_GROUPING_H

#include "digest/stacks.h"

struct stack_rules;       /* stack_rule.c: grouping.md §1.8 */
struct fingerprint_rules; /* fingerprint_rule.c: grouping.md §1.3 */

struct grouping {
    const struct stack_rules *stack;
    const struct fingerprint_rules *fingerprint;
};

/* What is wrong with a line of rules, for the settings page. */
struct rule_error {
    unsigned line;    /* from 1 */
    const char *text; /* static storage */
};

/*
 * Parse text, one rule a line, '#' begins a comment.  The rules live in a and
 * point into text.  ST_INVALID with *err filled at the first line that is
 * none; err may be NULL.  At most RULES_MAX rules.
 */
#define RULES_MAX 1000

enum status stack_rules_parse(struct arena *a, struct str text,
                              struct stack_rules **out,
                              struct rule_error *err) MUST_CHECK;

enum status fingerprint_rules_parse(struct arena *a, struct str text,
                                    struct fingerprint_rules **out,
                                    struct rule_error *err) MUST_CHECK;

/*
 * Decides in_app, category and group of each frame by the built-in rules and
 * then by own, which may be NULL.
 */
void stack_rules_apply(struct arena *a, struct stack *s,
                       const struct stack_rules *own);

/* What the first matching rule says; false when none matches. */
struct fingerprint_verdict {
    const struct str *values;
    size_t n;
    struct str title; /* with its variables; null: the event's own */
    bool builtin;
};

bool fingerprint_rules_match(struct arena *a, const struct event *ev,
                             const struct fingerprint_rules *own,
                             struct fingerprint_verdict *out);

#endif
