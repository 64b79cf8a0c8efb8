/*
 * model/event_trail.h - what the database knows of an event id.  organization
 * 0 is for the administrator of an installation, at a terminal: all of them.
 */

#ifndef VEDETTE_MODEL_EVENT_TRAIL_H
#define VEDETTE_MODEL_EVENT_TRAIL_H

#include "db/db.h"
#include "queue/find.h"

struct stored_event {
    int64_t project_id;
    struct str organization; /* slugs */
    struct str project;
    struct str issue; /* short id; the null str: it has been deleted */
    struct str title;
    int64_t occurred_at; /* µs */
    int64_t received_at;
    int64_t digested_at;
    int64_t key_id; /* 0: not known */
    bool has_body;
};

/*
 * An event that ended without being stored, by its id (sql/0059, 0068), or that
 * was "deleted" with its issue.
 */
struct ended_event {
    int64_t project_id;
    struct str organization;
    struct str project;
    struct str category;
    struct str outcome;
    struct str reason;
    int64_t received_at; /* µs */
    int64_t ended_at;
    int64_t status; /* what the edge answered; 0: it took the request */
};

/* Items that ended without being stored, as the ledger has them. */
struct event_end {
    int64_t project_id;
    struct str organization;
    struct str project;
    struct str category;
    struct str outcome;
    struct str reason;
    int64_t quantity;
    int64_t latest; /* µs, start of an hour */
};

/* A project that no longer holds all that it was sent. */
struct event_gone {
    int64_t project_id;
    struct str organization;
    struct str project;
    int64_t days;   /* for which events stay; 0: for ever */
    int64_t oldest; /* µs: the day from which on there are any; 0: none */
    int64_t events; /* that went by age or size, in the last 90 days */
};

/* Ids are unique in a project only; at most 20. */
enum status event_trail_stored(struct db *db, struct arena *a,
                               int64_t organization, const unsigned char id[16],
                               struct stored_event **out, size_t *n) MUST_CHECK;

/* The newest first, at most 20. */
enum status event_trail_ended(struct db *db, struct arena *a,
                              int64_t organization, const unsigned char id[16],
                              struct ended_event **out, size_t *n) MUST_CHECK;

/*
 * Of an organisation's events, by 32 digits: one that waits, one that was put
 * aside.  ST_NOT_FOUND; *all is made false when there were too many to look at.
 */
enum status event_trail_waiting(struct redis *r, struct arena *a,
                                int64_t organization, struct str event_id,
                                struct found_entry *out, bool *all) MUST_CHECK;
enum status event_trail_dead(struct redis *r, struct arena *a,
                             int64_t organization, struct str event_id,
                             struct dead_letter *out, bool *all) MUST_CHECK;

/* "organization/project"; ST_NOT_FOUND. */
enum status event_trail_project(struct db *db, struct arena *a,
                                int64_t organization, int64_t project,
                                struct str *out) MUST_CHECK;

/* The newest first, at most 20 kinds. */
enum status event_trail_ends(struct db *db, struct arena *a,
                             int64_t organization, int64_t since,
                             struct event_end **out, size_t *n) MUST_CHECK;

/* Those that lost most first, at most 20. */
enum status event_trail_gone(struct db *db, struct arena *a,
                             int64_t organization, struct event_gone **out,
                             size_t *n) MUST_CHECK;

#endif
