/*
 * digest/fingerprint.h - inside the fingerprint: the words that a client or a
 * rule wants an event grouped by.
 */

#ifndef VEDETTE_DIGEST_FINGERPRINT_H
#define VEDETTE_DIGEST_FINGERPRINT_H

#include "digest/event.h"

struct print {
    struct str value; /* resolved */
    bool is_default;  /* {{ default }} */
};

struct prints {
    struct print *entries;
    size_t n; /* 0: none, or nothing but {{ default }} */
    bool has_default;
    struct str rule; /* that said so; the null str: none did */
    bool differs;    /* an earlier version of the grouping would have others */
    const char *by;  /* "client fingerprint", … */
};

/*
 * prints.c: a rule's fingerprint or else the client's, with its variables
 * resolved (grouping.md §1.2).  A rule's title is set on the way.
 */
struct prints prints_of(struct arena *a, struct event *ev, unsigned version);

/* The text with {{ variables }} in it replaced, for titles. */
struct str prints_expand(struct arena *a, const struct event *ev,
                         struct str text);

/* csp.c: grouping.md §1.7; the null str when there is none. */
struct str csp_directive(const struct json *csp);
struct str csp_blocked(struct arena *a, const struct json *csp);

#endif
