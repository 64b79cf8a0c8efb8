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
    const struct stack_rules *stack;             /* NULL: none of its own */
    const struct fingerprint_rules *fingerprint; /* as above */

    /* the rules that held earlier, while issues of theirs are kept together */
    const struct grouping *before;
};

/*
 * What a project has set (model/project_setting.h).  GROUPING_UNTIL, seconds
 * since 1970: so long an event stays in the issue to which the earlier rules
 * lead, if the new ones lead to none.  So a change joins, but splits nothing.
 */
#define GROUPING_STACK "grouping.stack"
#define GROUPING_FINGERPRINT "grouping.fingerprint"
#define GROUPING_EARLIER_STACK "grouping.earlier.stack"
#define GROUPING_EARLIER_FINGERPRINT "grouping.earlier.fingerprint"
#define GROUPING_UNTIL "grouping.earlier.until"

/*
 * The version of what counts of a frame and of a message.  Whatever would
 * change a hash comes with a new one, and holds beside the earlier: where they
 * differ an event is also looked for by its earlier hashes, so that an issue
 * keeps its events, but these are never bound, so that new issues are made by
 * the new rules alone.
 */
#define GROUPING_VERSION 2

struct grouping_texts {
    struct str stack;
    struct str fingerprint;
    struct str earlier_stack;
    struct str earlier_fingerprint;
    struct str until;
};

/* Takes a copy of the value when the setting is one of these. */
void grouping_text_set(struct arena *a, struct grouping_texts *t,
                       struct str name, struct str value);

/*
 * The rules that hold at now (µs), in the arena, pointing into the texts; NULL
 * when the project has none.  A text that cannot be read counts as empty.
 */
const struct grouping *
grouping_read(struct arena *a, const struct grouping_texts *t, int64_t now);

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
    struct str rule;         /* the line that matched */
    const struct str *older; /* as version 1 read them; NULL: the same */
    size_t nolder;
    struct str title; /* with its variables; null: the event's own */
    bool builtin;
};

bool fingerprint_rules_match(struct arena *a, const struct event *ev,
                             const struct fingerprint_rules *own,
                             struct fingerprint_verdict *out);

#endif
