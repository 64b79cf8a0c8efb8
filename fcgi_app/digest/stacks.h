/*
 * digest/stacks.h - the exceptions and stack traces of an event, as arrays.
 *
 * Made once, at the end of normalize_event; culprit, title, search text and
 * grouping read them instead of walking the tree again.  Strings point into
 * the tree.
 */

#ifndef VEDETTE_DIGEST_STACKS_H
#define VEDETTE_DIGEST_STACKS_H

#include "digest/event.h"

enum family { FAMILY_OTHER = 1, FAMILY_JAVASCRIPT = 2, FAMILY_NATIVE = 4 };

/* A frame's platform, for rules about one language. */
enum platform {
    PLATFORM_OTHER,
    PLATFORM_C,
    PLATFORM_COCOA,
    PLATFORM_CSHARP,
    PLATFORM_GO,
    PLATFORM_JAVA,
    PLATFORM_JAVASCRIPT,
    PLATFORM_NATIVE,
    PLATFORM_NODE,
    PLATFORM_OBJC,
    PLATFORM_PHP,
    PLATFORM_PYTHON,
    PLATFORM_RUBY
};

struct frame {
    struct json *node;
    struct str function; /* trimmed as its platform wants it; or null */
    struct str given;    /* … as the client sent it */
    struct str raw_function;
    struct str module;
    struct str package;
    struct str filename;
    struct str abs_path;
    struct str context_line;
    struct str lineno; /* as text: only compared */
    struct str colno;
    enum platform platform;
    enum family family;
    bool source_mapped;
    signed char client_in_app; /* 1, 0, or -1: not told */
    signed char told_in_app;   /* what the tree says now, likewise */

    /* decided by the stack-trace rules */
    bool in_app;
    signed char group;   /* 1: +group, -1: -group, 0: not told */
    struct str category; /* or null */

    /* component.c: what of it counts, where it is not null */
    struct str leaf_module;
    struct str leaf_filename;
    struct str leaf_function;
    struct str leaf_context;
};

struct exception;

struct stack {
    struct frame *frames; /* oldest call first */
    unsigned n;
    const struct exception *owner; /* or NULL */
    unsigned max_frames;           /* 0: all; newest ones that count */
    unsigned min_frames;
    unsigned leaves_version; /* of the leaves of its frames; 0: none yet */
    bool leaves_differ;      /* component.c */
};

struct exception {
    struct json *node;
    struct str type;
    struct str value;
    struct str module;
    struct str mechanism; /* its type */
    struct str ns_domain;
    struct str ns_code;
    bool synthetic;
    bool unhandled; /* told to be */
    bool handled;
    bool is_group;
    bool has_id;
    bool has_parent;
    int64_t id;
    int64_t parent;
    struct stack *stack; /* NULL: none */
};

struct stacks {
    enum platform platform; /* of the event */
    enum family family;
    struct exception *exceptions; /* the cause first */
    unsigned n;
    unsigned main; /* the one that gives the title; meaningless when n is 0 */

    /* those that count for grouping: indexes, in order */
    unsigned *counting;
    unsigned ncounting;

    struct stack *thread; /* grouping.md §1.5; NULL: none */
    struct stack *bare;   /* the event's own */
};

/* Fills ev->stacks, and in_app of the frames in the tree. */
void stacks_build(struct arena *a, struct event *ev);

/* The stack that the event is about, or NULL: grouping.md §1.2. */
struct stack *stacks_crashed(const struct stacks *st);

/* Its newest in-app frame, else its newest frame; or NULL. */
struct frame *stacks_crash_frame(const struct stacks *st);

/* exception_group.c: sets counting and main; grouping.md §1.4. */
void exception_groups(struct arena *a, struct stacks *st);

/* function_name.c: grouping.md §1.6.4; the null str when it says nothing. */
struct str function_trim(struct arena *a, const struct frame *f);

#endif
