/*
 * alert/condition.h - the table of conditions and filters.
 *
 * A row is all there is about one: its name in rules, the sentence that people
 * read with its fields in braces, what the fields may hold, what sets it off,
 * and the function that decides.  The editor's form, the checks of a saved or
 * imported rule and the words in a notice are made of it.  One row and one
 * function add one; related ones share a file cond_*.c.
 */

#ifndef VEDETTE_ALERT_CONDITION_H
#define VEDETTE_ALERT_CONDITION_H

#include "alert/facts.h"

#define ALERT_FIELDS_MAX 12
#define ALERT_TEXT_MAX 1000 /* bytes of a field */

enum input_kind {
    INPUT_TEXT,
    INPUT_NUMBER,      /* from min to max */
    INPUT_CHOICE,      /* one of choices */
    INPUT_PATH,        /* the same, or what goes on from one with a last dot */
    INPUT_ACCOUNT,     /* an account id of the organisation */
    INPUT_TEAM,        /* a team id */
    INPUT_INTEGRATION, /* an id of the action's type */
    INPUT_ZONE,        /* a time zone's name */
    INPUT_CLOCK        /* 22:00 */
};

struct alert_choice {
    const char *id;
    const char *words;
};

struct alert_field {
    const char *name;
    const char *label;
    enum input_kind kind;
    const struct alert_choice *choices; /* ended by an id NULL */
    const char *value;                  /* when nothing is given */
    double min, max;
    bool optional;
};

enum verdict { NO, YES, LATER }; /* later: it needs counters */

struct alert_node;

typedef enum verdict (*condition_test)(const struct alert_node *node,
                                       struct facts *f);

struct condition {
    const char *id;
    bool filter;       /* IF; else WHEN */
    const char *words; /* "An issue is seen more than {value} times in …" */
    const char *icon;
    struct alert_field fields[ALERT_FIELDS_MAX]; /* ended by a name NULL */
    unsigned causes;   /* of a WHEN: one of them must have happened */
    bool counts;       /* it needs counters */
    bool event;        /* it looks at the event that came */
    bool hidden;       /* taken when it is imported, not offered */
    int offered;       /* choices of its first field; 0: all of them */
    bool no_rehearsal; /* what it looks at is not known of the past */
    condition_test test;
};

/* One condition, filter or action of a rule, read. */
struct alert_node {
    const struct condition *type;
    const struct json *json; /* its object in the rule */
    int match;               /* enum match_kind, of a field "match" */
    struct str key;          /* fields that many have, read once */
    struct str value;        /* lower case */
    double number;           /* "value" as a number */
    int64_t window;          /* "interval", seconds */
    int64_t compare;         /* "comparisonInterval", seconds; 0: none */
};

extern const struct condition conditions[];
extern const size_t conditions_count;

/* NULL when there is none of that name. */
const struct condition *condition_find(struct str id, bool filter);

/*
 * Reads a node's fields; false with *fault, a whole sentence, when one is
 * missing or wrong.
 */
bool condition_read(struct arena *a, const struct condition *type,
                    const struct json *json, struct alert_node *out,
                    const char **fault);

/* The checks of fields alone: for actions too. */
bool alert_fields_check(struct arena *a, const struct alert_field *fields,
                        const struct json *json, const char **fault);

/*
 * The sentence with its values: words has {name} where a field stands; a
 * choice is shown by its words.
 */
struct str alert_sentence(struct arena *a, const char *words,
                          const struct alert_field *fields,
                          const struct json *json);

/* The text of a field: of the rule, or the field's own value. */
struct str alert_field_text(struct arena *a, const struct alert_field *field,
                            const struct json *json);


/* matching of texts (alerts_integrations.md 1.3) */
enum match_kind {
    MATCH_EQ,
    MATCH_NE,
    MATCH_SW,
    MATCH_NSW,
    MATCH_EW,
    MATCH_NEW,
    MATCH_CO,
    MATCH_NC,
    MATCH_IS,
    MATCH_NS,
    MATCH_IN,
    MATCH_NIN,
    MATCH_GTE,
    MATCH_LTE
};

extern const struct alert_choice match_choices[];
extern const struct alert_choice level_choices[];

/* value is in lower case already. */
bool match_values(enum match_kind kind, struct str value,
                  const struct str *have, size_t n);


/* What follows is kept: lang_say() says it. */

/* "15 minutes" */
struct str alert_duration(struct arena *a, int64_t seconds);

/* The sentence of a condition that counts, and what it has measured. */
struct str alert_count_words(struct arena *a, const struct alert_node *n);
struct str alert_measured_words(struct arena *a, const struct measured *m);

/* The same of the one that compares with what is usual. */
struct str unusual_words(struct arena *a, const struct alert_node *n);
struct str unusual_measured(struct arena *a, const struct measured *m);

/* How often an issue must be seen, and how far back is looked, µs; 0: not. */
int64_t unusual_least(const struct alert_node *n);
int64_t unusual_reach(const struct alert_node *n);

/* The words of a condition or filter as it is set. */
struct str condition_words(struct arena *a, const struct alert_node *n);

/* The tag that a condition for new values waits for. */
struct str alert_tag_key(const struct alert_node *n);

/* {"from", "to", "days", "zone"}: true when the time lies inside. */
bool alert_clock_inside(const struct json *json, int64_t us);


/* cond_*.c */
enum verdict cond_cause(const struct alert_node *n, struct facts *f);
enum verdict cond_high_priority_new(const struct alert_node *n,
                                    struct facts *f);
enum verdict cond_high_priority_existing(const struct alert_node *n,
                                         struct facts *f);
enum verdict cond_deescalated(const struct alert_node *n, struct facts *f);
enum verdict cond_mention(const struct alert_node *n, struct facts *f);
enum verdict cond_new_tag(const struct alert_node *n, struct facts *f);
enum verdict cond_count_events(const struct alert_node *n, struct facts *f);
enum verdict cond_count_users(const struct alert_node *n, struct facts *f);
enum verdict cond_count_matching(const struct alert_node *n, struct facts *f);
enum verdict cond_count_share(const struct alert_node *n, struct facts *f);
enum verdict cond_unusual(const struct alert_node *n, struct facts *f);
enum verdict cond_silence(const struct alert_node *n, struct facts *f);
enum verdict cond_delay(const struct alert_node *n, struct facts *f);
enum verdict cond_quota(const struct alert_node *n, struct facts *f);
enum verdict filter_age(const struct alert_node *n, struct facts *f);
enum verdict filter_occurrences(const struct alert_node *n, struct facts *f);
enum verdict filter_users(const struct alert_node *n, struct facts *f);
enum verdict filter_assigned(const struct alert_node *n, struct facts *f);
enum verdict filter_owned(const struct alert_node *n, struct facts *f);
enum verdict filter_priority(const struct alert_node *n, struct facts *f);
enum verdict filter_deescalated(const struct alert_node *n, struct facts *f);
enum verdict filter_latest_release(const struct alert_node *n, struct facts *f);
enum verdict filter_adopted_release(const struct alert_node *n,
                                    struct facts *f);
enum verdict filter_deploy(const struct alert_node *n, struct facts *f);
enum verdict filter_type(const struct alert_node *n, struct facts *f);
enum verdict filter_category(const struct alert_node *n, struct facts *f);
enum verdict filter_tag(const struct alert_node *n, struct facts *f);
enum verdict filter_level(const struct alert_node *n, struct facts *f);
enum verdict filter_attribute(const struct alert_node *n, struct facts *f);
enum verdict filter_time(const struct alert_node *n, struct facts *f);

#endif
