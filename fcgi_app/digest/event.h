/*
 * digest/event.h - one event on its way through the digest.
 *
 * Filled from left to right: item_event.c takes the first part from the
 * message and the envelope, normalize.c puts doc in order, facts.c reads the
 * columns out of it, fingerprint.c adds the hashes; model/batch.c stores it.
 * All text is valid UTF-8 without NUL, bounded, in the batch's arena.
 */

#ifndef VEDETTE_DIGEST_EVENT_H
#define VEDETTE_DIGEST_EVENT_H

#include "json/doc.h"
#include "util/arena.h"
#include "util/str.h"

enum level {
    LEVEL_DEBUG = 10,
    LEVEL_INFO = 20,
    LEVEL_WARNING = 30,
    LEVEL_ERROR = 40,
    LEVEL_FATAL = 50
};

struct event_tag {
    struct str key;
    struct str value;
};

/* Values of one; at the largest size of an event, a tree of 20 MB. */
extern const struct json_limits event_limits;

struct stacks;   /* digest/stacks.h */
struct grouping; /* digest/grouping.h */

/*
 * Two variants by the rules of now, two by those that held before, and as many
 * by the earlier version of the grouping (digest/grouping.h).
 */
#define EVENT_HASHES 8

/* One leaf that counted for a hash: so that the page can say why. */
struct event_component {
    const char *name; /* "exception type", "module", "function", … */
    struct str value;
};

struct event {
    /* who sent it, from the message */
    int64_t organization_id;
    int64_t project_id;
    int64_t key_id;
    int64_t received_at;      /* µs */
    int64_t sent_at;          /* µs, envelope header; 0: not told */
    struct str remote_addr;   /* of the client, textual */
    struct str user_agent;    /* of the request */
    struct str sentry_client; /* "sentry.python/2.1" */
    unsigned char id[16];

    /* the project's own rules; NULL: only the built-in ones */
    const struct grouping *grouping;

    /* the payload; normalised in place, later written as the body */
    struct json *doc;

    /* its exceptions and stack traces, as normalize_event saw them */
    struct stacks *stacks;

    /* the columns */
    int64_t occurred_at; /* µs */
    enum level level;
    struct str platform;
    struct str title; /* "Type: value" or the message's first line */
    struct str type;  /* of the main exception */
    struct str value;
    struct str culprit;
    struct str release; /* the null str when there is none, as below */
    struct str environment;
    struct str transaction;
    struct str server_name;
    struct str user_tag; /* "id:42", "username:…", "email:…", "ip:…" */
    struct str search;   /* lower case, for bare words */
    struct str trace;    /* the id of its trace: 16 bytes */
    bool unhandled;
    struct event_tag *tags; /* the promoted ones included */
    size_t ntags;

    /* grouping.md §1.1: looked up in this order, the first owned one wins */
    unsigned char hashes[EVENT_HASHES][16];
    size_t nhashes;
    size_t
        nbound; /* so many of them become the issue's; the rest only finds it */
    struct event_component *components;
    size_t ncomponents;
};

/*
 * normalize.c: protocol.md §7, and which frames are the application's
 * (grouping.md §1.8).  Never fails: what is wrong becomes null and is noted in
 * _meta.  Needs doc, id, received_at, sent_at, remote_addr, sentry_client and
 * grouping; sets stacks and occurred_at.  Forms that readers of the body can
 * rely on: exception, threads and breadcrumbs are {"values": [objects]}; tags,
 * request.headers, .cookies and .query_string are lists of [name, value];
 * logentry is an object with "formatted"; timestamps are seconds.
 */
void normalize_event(struct arena *a, struct event *ev);

/*
 * facts.c: title, culprit and columns (grouping.md §2.1), tags (§4).  The
 * promoted tags are added to the body's tags too.
 */
void event_facts(struct arena *a, struct event *ev);

/*
 * fingerprint.c: hashes and components (grouping.md §1), which the body keeps
 * too: "_grouping": {"by": "app stack trace", "rule": text, "parts": [[name,
 * value], …]}. A fingerprint rule may set the title.  The hashes by
 * grouping->before come last; for them the stacks are built anew, and once more
 * afterwards.
 */
void fingerprint_event(struct arena *a, struct event *ev);

#endif
