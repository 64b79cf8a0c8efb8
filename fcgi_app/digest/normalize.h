/*
 * digest/normalize.h - what the parts of the normaliser share.
 *
 * Inside: normalize.c holds the order of steps, schema.c walks an object by a
 * table of fields, attributes.c holds the tables, rules.c the value rules that
 * the tables name, note.c writes _meta, normalize_*.c one interface each.
 * Outside, include digest/event.h instead.
 */

#ifndef VEDETTE_DIGEST_NORMALIZE_H
#define VEDETTE_DIGEST_NORMALIZE_H

#include "digest/event.h"

/* Where a value stands: a list on the C stack from the value to the root. */
struct at {
    const struct at *up; /* NULL: a member of the event itself */
    struct str key;      /* the null str: an element of an array */
    unsigned index;
};

/* One run over one event. */
struct norm {
    struct arena *a;
    struct event *ev;
    struct json *doc;
    struct str platform; /* as sent, wherever it stands among the attributes */
    struct json *meta;   /* root of _meta; NULL until the first note */
    unsigned notes;      /* made or, past NOTES_MAX, only counted */
    struct json **times; /* every timestamp that a clock drift shifts */
    size_t ntimes;
    size_t times_size;
};

struct field;
struct schema;

/* Puts the value at v in order, in place; what is hopeless becomes null. */
typedef void (*rule_fn)(struct norm *n, const struct field *f, struct json *v,
                        const struct at *at);

/* One attribute.  What max, allow and depth mean is up to the rule. */
struct field {
    struct str name;
    rule_fn rule;
    unsigned max;   /* characters of a text, bytes of a bag, elements */
    unsigned allow; /* a text is cut only when longer than max + allow */
    unsigned depth; /* levels of containers in a bag */
    struct schema *of;
    const char *alias_of; /* an older name of that attribute */
};

enum unknown { UNKNOWN_KEEP, UNKNOWN_DROP, UNKNOWN_TO_DATA };

#define SCHEMA_SLOTS 128 /* a power of two, above twice the largest table */

struct schema {
    const struct field *fields;
    unsigned n;
    enum unknown unknown;

    /* after the fields, to look at several of them together; or NULL */
    void (*finish)(struct norm *n, struct json *object, const struct at *at);

    bool ready; /* slots are filled, at first use */
    unsigned char slots[SCHEMA_SLOTS];
};

#define SCHEMA_FIELDS(table) (table), sizeof(table) / sizeof((table)[0])

/* schema.c: all members of an object by their table. */
void schema_walk(struct norm *n, struct schema *s, struct json *object,
                 const struct at *at);


/* note.c: protocol.md §7.1.  Bounded: NOTES_MAX notes an event. */
#define NOTES_MAX 200

void notes_begin(struct norm *n);
void notes_end(struct norm *n);

/* {"err":[[kind,{"reason":reason}]]}, or only kind when reason is NULL */
void note_error(struct norm *n, const struct at *at, const char *kind,
                const char *reason);

/* As note_error, with the value itself, which then becomes null. */
void note_invalid(struct norm *n, const struct at *at, struct json *v,
                  const char *reason);

/* {"rem":[[rule,type,from,to]],"len":was}; to 0: without the range */
void note_remark(struct norm *n, const struct at *at, const char *rule,
                 const char *type, size_t from, size_t to, size_t was);

/* What the SDK noted below a list whose elements get other places now. */
void note_forget(struct norm *n, const struct at *at);

/*
 * The element of a list at index goes, with what was noted about it (true when
 * something was); notes about those behind it follow them.
 */
bool note_drop(struct norm *n, const struct at *list, unsigned index);

/* {"len":was}: a container lost elements */
void note_length(struct norm *n, const struct at *at, size_t was);

/* {"err":[["clock_drift",{"sdk_time":…,"server_time":…}]]} */
void note_times(struct norm *n, const struct at *at, const char *kind,
                int64_t sdk_time, int64_t server_time);


/* rules.c: the value rules. */
void rule_keep(struct norm *, const struct field *, struct json *,
               const struct at *);
void rule_string(struct norm *, const struct field *, struct json *,
                 const struct at *);
void rule_lenient(struct norm *, const struct field *, struct json *,
                  const struct at *);
void rule_trimmed(struct norm *, const struct field *, struct json *,
                  const struct at *);
void rule_json_text(struct norm *, const struct field *, struct json *,
                    const struct at *);
void rule_bool(struct norm *, const struct field *, struct json *,
               const struct at *);
void rule_int(struct norm *, const struct field *, struct json *,
              const struct at *);
void rule_number(struct norm *, const struct field *, struct json *,
                 const struct at *);
void rule_time(struct norm *, const struct field *, struct json *,
               const struct at *);
void rule_level(struct norm *, const struct field *, struct json *,
                const struct at *);
void rule_address(struct norm *, const struct field *, struct json *,
                  const struct at *);
void rule_uuid(struct norm *, const struct field *, struct json *,
               const struct at *);
void rule_thread_id(struct norm *, const struct field *, struct json *,
                    const struct at *);
void rule_object(struct norm *, const struct field *, struct json *,
                 const struct at *);
void rule_list(struct norm *, const struct field *, struct json *,
               const struct at *);
void rule_values(struct norm *, const struct field *, struct json *,
                 const struct at *);
void rule_strings(struct norm *, const struct field *, struct json *,
                  const struct at *);
void rule_bag(struct norm *, const struct field *, struct json *,
              const struct at *);
void rule_bag_object(struct norm *, const struct field *, struct json *,
                     const struct at *);
void rule_extra(struct norm *, const struct field *, struct json *,
                const struct at *);
void rule_vars(struct norm *, const struct field *, struct json *,
               const struct at *);

/* Cuts v, a string, to max characters when it has more than max + allow. */
void text_limit(struct norm *n, struct json *v, const struct at *at,
                unsigned max, unsigned allow);

/*
 * The lenient string of v (protocol.md §7.1) without changing v; false when v
 * has none.
 */
bool lenient_text(struct norm *n, const struct json *v, struct str *out);

/* Keeps *left bytes of v and depth levels of containers below it. */
void bag_limit(struct norm *n, struct json *v, const struct at *at,
               size_t *left, unsigned depth);

/* Seconds as number, or ISO 8601, to microseconds. */
bool time_of(const struct json *v, int64_t *us);

/* Makes v the number of seconds that us is. */
void time_set(struct norm *n, struct json *v, int64_t us);


/* Changing a tree in place. */
void node_link(struct json *parent, struct json *child); /* last, no search */
void node_string(struct json *v, struct str text);
void node_become(struct json *v,
                 const struct json *other); /* keeps key, next */

/* Empties a container and returns its former children. */
struct json *node_take_all(struct json *parent);

/* [key, value] at the end of a pair list */
struct json *pair_add(struct arena *a, struct json *list, struct str key,
                      struct json *value);


/* normalize_names.c: what an environment may be called. */
#define ENVIRONMENT_MAX 64
bool environment_is_valid(struct str s);

/* attributes.c */
extern struct schema event_schema;

/* normalize_*.c: rules and steps of one interface each. */
void rule_tags(struct norm *, const struct field *, struct json *,
               const struct at *);
void rule_logentry(struct norm *, const struct field *, struct json *,
                   const struct at *);
void rule_contexts(struct norm *, const struct field *, struct json *,
                   const struct at *);
void rule_query(struct norm *, const struct field *, struct json *,
                const struct at *);
void rule_headers(struct norm *, const struct field *, struct json *,
                  const struct at *);
void rule_cookies(struct norm *, const struct field *, struct json *,
                  const struct at *);
void rule_method(struct norm *, const struct field *, struct json *,
                 const struct at *);
void rule_body(struct norm *, const struct field *, struct json *,
               const struct at *);
void rule_platform(struct norm *, const struct field *, struct json *,
                   const struct at *);
void rule_release(struct norm *, const struct field *, struct json *,
                  const struct at *);
void rule_dist(struct norm *, const struct field *, struct json *,
               const struct at *);
void rule_environment(struct norm *, const struct field *, struct json *,
                      const struct at *);
void rule_logger(struct norm *, const struct field *, struct json *,
                 const struct at *);
void rule_help_link(struct norm *, const struct field *, struct json *,
                    const struct at *);
void rule_ip(struct norm *, const struct field *, struct json *,
             const struct at *);
void rule_source(struct norm *, const struct field *, struct json *,
                 const struct at *);
void rule_registers(struct norm *, const struct field *, struct json *,
                    const struct at *);
void rule_measurements(struct norm *, const struct field *, struct json *,
                       const struct at *);
void rule_adjustment(struct norm *, const struct field *, struct json *,
                     const struct at *);

void frame_finish(struct norm *n, struct json *frame, const struct at *at);
void stacktrace_finish(struct norm *n, struct json *trace, const struct at *at);
void exception_finish(struct norm *n, struct json *exception,
                      const struct at *at);
void mechanism_finish(struct norm *n, struct json *mechanism,
                      const struct at *at);
void breadcrumb_finish(struct norm *n, struct json *crumb, const struct at *at);
void request_finish(struct norm *n, struct json *request, const struct at *at);
void response_finish(struct norm *n, struct json *response,
                     const struct at *at);
void described_finish(struct norm *n, struct json *context, bool is_os);
void image_finish(struct norm *n, struct json *image, const struct at *at);

void normalize_traces(struct norm *n);  /* legacy stacktrace, threads' stacks */
void normalize_tags(struct norm *n);    /* what moves between tags and fields */
void normalize_user(struct norm *n);    /* the IP rules */
void normalize_country(struct norm *n); /* of the user's address */
void normalize_agent(struct norm *n);   /* contexts from headers */
void normalize_times(struct norm *n);   /* drift, past, future */
void normalize_type(struct norm *n);

bool is_ip(struct str s);

#endif
