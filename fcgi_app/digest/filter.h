/*
 * digest/filter.h - inbound filters: events that a project does not want
 * (protocol.md §6).
 *
 * A filter is a row of the table in filter.c.  It runs on the normalised event,
 * before anything of it is stored; the first that matches drops the event, and
 * its key is the reason of the outcome.
 */

#ifndef VEDETTE_DIGEST_FILTER_H
#define VEDETTE_DIGEST_FILTER_H

#include "digest/event.h"

/* A project's setting has this in front of the filter's key. */
#define FILTER_SETTING "filter."

/* Of a list: entries that are read, bytes of an entry. */
#define FILTER_ENTRIES_MAX 500
#define FILTER_ENTRY_MAX 1000

enum filter_kind {
    FILTER_SWITCH,  /* "on" or "off" */
    FILTER_CHOICES, /* names of the filter's own choices, a line each */
    FILTER_LINES    /* what the user likes, a line each */
};

struct filter_setting {
    bool on; /* the switch; a list that has entries is on */
    struct str *lines;
    size_t n;
    const void **parsed; /* of each line; NULL: it cannot be read */
};

struct filter_choice {
    const char *id; /* NULL ends a list */
    const char *name;
};

struct filter {
    const char *key;
    enum filter_kind kind;
    const char *value; /* of a project that has not said anything */
    const char *name;  /* for people: a title and a sentence */
    const char *help;
    const struct filter_choice *choices;
    bool unkept; /* what it looks at is not kept with events */

    /* one line into what matches needs; NULL: it cannot be understood */
    const void *(*parse)(struct arena *a, struct str line);
    bool (*matches)(const struct event *ev, const struct filter_setting *s);
};

/* The table, in the order in which filters run. */
extern const struct filter filter_rows[];
extern const size_t filter_count;

/* What a project wants; everything in the arena. */
struct filters;

struct filters *filters_new(struct arena *a);

/*
 * Sets the filter that the setting's name ("filter.localhost") is of; names of
 * other settings and values that cannot be read are ignored.
 */
void filters_set(struct arena *a, struct filters *f, struct str name,
                 struct str value);

/*
 * Reads a setting's value; s in the arena.  False with *bad, the first line
 * that cannot be understood, or a switch that is neither on nor off.
 */
bool filter_read(struct arena *a, const struct filter *row, struct str value,
                 struct filter_setting *s, struct str *bad);

/* The key of the filter that the event runs into, or NULL. */
const char *filters_match(const struct filters *f, const struct event *ev);


/* ---- inside: filter_browser.c, filter_noise.c */

#define FILTER_CHECK(name)                                                     \
    bool name(const struct event *ev, const struct filter_setting *s)

FILTER_CHECK(filter_chunk_load);
FILTER_CHECK(filter_hydration);
FILTER_CHECK(filter_health_checks);
FILTER_CHECK(filter_extensions);
FILTER_CHECK(filter_legacy_browsers);
FILTER_CHECK(filter_crawlers);
FILTER_CHECK(filter_localhost);

extern const struct filter_choice filter_legacy_choices[];

/* A header of the event's request, or the null str. */
struct str filter_header(const struct event *ev, const char *name);

#endif
