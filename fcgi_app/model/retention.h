/*
 * model/retention.h - what is kept for how long, and what was taken out.
 *
 * LIMITS.  Days of age: of a project (KEEP_DAYS of model/keep.h), else of its
 * organisation, else of the installation (system.event-retention-days); 0 is
 * for ever.  Bytes: of a project (KEEP_BYTES), and of an organisation together.
 *
 * A RUN goes through the steps of retention.c, each bounded and committed by
 * itself, in the chores of the worker; who dies in the middle leaves a run that
 * the next one goes on with.  One begins every hour, and when somebody asks.
 *
 *   issues       whose last event is past the age limit, unless somebody has
 *                done something with them: assigned, commented, archived,
 *                resolved, linked to a ticket, told people to follow it
 *   days         whole partitions, once no project keeps anything of the day
 *   age          events of the other projects, and of projects that are gone
 *   size         the oldest events of projects and organisations that hold too
 *                much
 *   attachments  by KEEP_ATTACHMENT_DAYS, else as events
 *   reports      what people told, as events
 *   counters     by the hour, where there are days; nothing else is taken from
 *                what pages show as numbers
 *
 * Sessions are not here: what tells them apart goes after six days
 * (model/session.h), their counters stay.
 */

#ifndef VEDETTE_MODEL_RETENTION_H
#define VEDETTE_MODEL_RETENTION_H

#include "model/audit.h"

/* Settings and columns are within these. */
#define RETENTION_DAYS_MAX 36500
#define RETENTION_BYTES_MAX (INT64_C(1) << 50)

/* "Says nothing": the next one up decides. */
#define RETENTION_UNSET (-1)

/* Seconds from the beginning of a run to that of the next. */
#define RETENTION_EVERY 3600

/* A chore: one step of the run that is due; *more: it has others. */
enum status retention_step(struct db *db, struct arena *a,
                           bool *more) MUST_CHECK;


/* What went, of one project, of one organisation or of all. */
struct retention_freed {
    int64_t events;
    int64_t bytes; /* of events, about, and of attachments */
    int64_t attachments;
    int64_t reports;
    int64_t issues;
};

struct retention_run {
    int64_t id;
    int64_t started_at;
    int64_t finished_at; /* 0: it is under way */
    bool asked;          /* by a person */
    int64_t partitions;  /* whole days, of all organisations together */
    struct retention_freed freed;
};

/* For "Data & retention"; org 0: of the installation. */
struct retention_state {
    struct retention_run last; /* finished; id 0: there was none */
    struct retention_run now;  /* under way; id 0: there is none */
    bool asked;                /* one will begin within seconds */
    int64_t next_at;           /* the next one that nobody has to ask for */
};

enum status retention_state(struct db *db, struct arena *a, int64_t org,
                            struct retention_state *out) MUST_CHECK;

/* The latest runs that freed anything of this organisation, newest first. */
#define RETENTION_RUNS_MAX 20

enum status retention_runs(struct db *db, struct arena *a, int64_t org,
                           struct retention_run **out, size_t *n) MUST_CHECK;

/*
 * Run now, for org 0 also when there is no worker to begin it; it is in the
 * audit log.  Asking twice is asking once.
 */
enum status retention_ask(struct db *db, struct arena *a, int64_t org,
                          const struct actor *by) MUST_CHECK;


/* Limits of an organisation; RETENTION_UNSET: none of its own. */
struct retention_limits {
    int64_t days;  /* 0: for ever */
    int64_t bytes; /* 0: no bound */
};

enum status retention_limits(struct db *db, struct arena *a, int64_t org,
                             struct retention_limits *out) MUST_CHECK;

/* Writes the audit log, too.  ST_INVALID: out of range. */
enum status retention_limit(struct db *db, struct arena *a, int64_t org,
                            const struct actor *by,
                            const struct retention_limits *limits) MUST_CHECK;


/* What a project keeps. */
struct retention_project {
    int64_t project_id;
    struct str slug;
    struct str name;
    int64_t own_days;            /* RETENTION_UNSET: as its organisation */
    int64_t own_attachment_days; /* RETENTION_UNSET: as events */
    int64_t own_bytes;           /* RETENTION_UNSET: no bound */
    int64_t days;                /* in force; 0: for ever */
    int64_t attachment_days;
    int64_t events; /* held now; bytes about */
    int64_t bytes;
    int64_t attachments; /* bytes */
    int64_t oldest;      /* µs: the day of the oldest event; 0: none */
};

#define RETENTION_PROJECTS_MAX 200

/*
 * Projects of an organisation, those that hold most first: these, or all of
 * them if projects is NULL.
 */
enum status retention_projects(struct db *db, struct arena *a, int64_t org,
                               const int64_t *projects, size_t nprojects,
                               struct retention_project **out,
                               size_t *n) MUST_CHECK;

/* What a project holds, and how fast that grows. */
struct retention_growth {
    struct str slug;
    int64_t days;   /* of age, in force; 0: for ever */
    int64_t limit;  /* bytes, its own; 0: no bound */
    int64_t events; /* held now; bytes about */
    int64_t bytes;
    int64_t attachments; /* bytes, besides */
    int64_t grown; /* bytes of the last RETENTION_GROWTH_DAYS whole days */
};

#define RETENTION_GROWTH_DAYS 14
#define RETENTION_GROWTH_MAX 10

/* Of these projects of an organisation, those that hold most first. */
enum status retention_growth(struct db *db, struct arena *a, int64_t org,
                             const int64_t *projects, size_t nprojects,
                             struct retention_growth **out,
                             size_t *n) MUST_CHECK;

#endif
