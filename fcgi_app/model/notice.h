/*
 * model/notice.h - what is told to somebody outside: all that a channel needs
 * to render a mail, a chat message, a page or a ticket.
 *
 * It is put together once, when it is clear who will get it, and kept as JSON
 * in the outbox: what was sent can be seen later as it was.  A null str is
 * "not known" or "does not apply"; a channel leaves such a line out.  All text
 * comes from events and people: whoever renders it escapes it.  What Vedette
 * says itself is kept (lang_keep) and said when it is sent, in the language of
 * whoever gets it.
 */

#ifndef VEDETTE_MODEL_NOTICE_H
#define VEDETTE_MODEL_NOTICE_H

#include "json/doc.h"

#define NOTICE_RULES_MAX 10
#define NOTICE_TAGS_MAX 40
#define NOTICE_ACTIONS_MAX 6

/* A rule that fired, or something to click. */
struct notice_link {
    int64_t id;
    struct str words;
    struct str url;
};

struct notice_tag {
    struct str key;
    struct str value;
};

struct notice {
    /*
     * cause        action
     * issue        triggered: an issue alert fired
     * metric       critical, warning, resolved
     * workflow     assigned, unassigned, comment, mention, regressed, resolved,
     *              unresolved, archived, escalating
     * digest       several issues of a project: items
     * report       the weekly report
     * account      mail about an account: reset, invitation, confirm
     * test         somebody presses "Send test": nothing has happened
     */
    struct str cause;
    struct str action;
    struct str key; /* of the delivery: Idempotency-Key, dedup, Message-ID */
    int64_t at;     /* µs, when it happened */

    struct str title; /* "TypeError: x is undefined", or the incident's */
    struct str url;   /* to look at it */
    struct str culprit;
    struct str short_id; /* "SHOP-API-3F7" */
    int64_t issue_id;    /* 0: none */
    int64_t incident;    /* number of the incident; 0: none */
    struct str event_id; /* 32 hex digits */
    int level;           /* 10 debug … 50 fatal; 0: none */
    int priority;        /* 25, 50, 75; 0: none */
    struct str state;    /* "new", "regressed", "ongoing", … */
    bool unhandled;
    int64_t first_seen; /* µs; 0: not known */
    int64_t last_seen;
    int64_t times_seen;
    int64_t users_seen;
    struct str assignee;

    int64_t organization_id;
    struct str organization; /* slug */
    struct str organization_name;
    int64_t project_id;
    struct str project; /* slug */
    struct str project_name;
    struct str platform;
    struct str environment;
    struct str release;

    /* why now */
    struct str measured;  /* "214 events in 10 min", a whole phrase */
    struct str threshold; /* "more than 200" */
    double value;
    double limit;
    int64_t window;       /* seconds; 0: none */
    struct str query_url; /* the very query: a page with its filter and span */

    struct notice_link rules[NOTICE_RULES_MAX];
    size_t nrules;
    struct str frame;  /* "app/views.js in render, line 42": top in-app frame */
    struct str source; /* its line */
    struct notice_tag tags[NOTICE_TAGS_MAX];
    size_t ntags;

    struct str actor; /* who did it; null: Vedette itself */
    struct str text;  /* a comment; the text of an account mail */
    struct str notes; /* the rule's own words for the receiver */

    /* links to click, words as on a button: "Resolve", "Archive", … */
    struct notice_link actions[NOTICE_ACTIONS_MAX];
    size_t nactions;

    /* the action's own fields (channel, project, severity, …); may be NULL */
    struct json *settings;

    /* more for one cause: items of a digest, numbers of a report; NULL */
    struct json *more;
};

/* As JSON for the outbox. */
struct str notice_write(struct arena *a, const struct notice *n);

/* ST_INVALID when it is no object; text must live as long. */
enum status notice_read(struct arena *a, struct str text,
                        struct notice *out) MUST_CHECK;

/* Whatever is kept in it is said in the language in use. */
void notice_say(struct arena *a, struct notice *n);

/* "fatal", "error", … of a level; "" of 0. */
const char *notice_level(int level);

#endif
