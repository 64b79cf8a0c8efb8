/*
 * model/incident.h - metric rules at work: what they last measured, and the
 * incidents that they open and close.
 */

#ifndef VEDETTE_MODEL_INCIDENT_H
#define VEDETTE_MODEL_INCIDENT_H

#include "db/db.h"
#include "model/audit.h"

enum incident_status { INCIDENT_OPEN, INCIDENT_ACKNOWLEDGED, INCIDENT_CLOSED };

enum { SEVERITY_NONE = 0, SEVERITY_WARNING = 10, SEVERITY_CRITICAL = 20 };

struct incident {
    int64_t id;
    int64_t organization_id;
    int64_t number; /* of the organisation */
    int64_t rule_id;
    int64_t project_id;
    struct str title;
    int severity; /* now */
    int worst;
    enum incident_status status;
    double value;
    double threshold;
    int64_t started_at;
    int64_t acknowledged_at;
    struct str acknowledged_by;
    int64_t closed_at;
    struct str closed_by; /* null: the rule itself */
    /* for lists */
    struct str project;
    struct str rule_name;
};

/* Of a rule in a project, between two looks. */
struct metric_state {
    int64_t checked_at; /* minute; 0: never */
    int warnings;       /* hits in a row */
    int criticals;
    int64_t incident_id; /* 0: none is open */
    int severity;        /* of that */
    int64_t closed_at;   /* of the latest closed one; 0: none */
};

/* When rules looked at projects, of looks since then; by rule and project. */
struct metric_checked {
    int64_t rule_id;
    int64_t project_id;
    int64_t at;
};

enum status metric_checked(struct db *db, struct arena *a, int64_t since,
                           struct metric_checked **out, size_t *n) MUST_CHECK;

/* Locks the row, made when it is not there; inside a transaction. */
enum status metric_state_lock(struct db *db, struct arena *a, int64_t org,
                              int64_t rule_id, int64_t project_id,
                              struct metric_state *out) MUST_CHECK;
enum status metric_state_save(struct db *db, struct arena *a, int64_t rule_id,
                              int64_t project_id, const struct metric_state *s,
                              bool measured, double value) MUST_CHECK;

/* i: its rule, project, title, severity, value, threshold, started_at. */
enum status incident_open(struct db *db, struct arena *a,
                          struct incident *i) MUST_CHECK;

/* at: of the measuring; severity 0 closes it. */
enum status incident_change(struct db *db, struct arena *a, int64_t id,
                            int severity, double value, double threshold,
                            int64_t at) MUST_CHECK;

enum status incident_by_id(struct db *db, struct arena *a, int64_t org,
                           int64_t id, struct incident *out) MUST_CHECK;

/*
 * The second step tells of it; *first: nobody looks after it, it is not worse
 * than this severity, and of that it was not told yet.
 */
enum status incident_escalate(struct db *db, struct arena *a, int64_t org,
                              int64_t id, int severity, bool *first) MUST_CHECK;

#define INCIDENT_PAGE 50

/* Open ones first, then the latest; before an id of closed ones. */
enum status incident_list(struct db *db, struct arena *a, int64_t org,
                          int64_t before, struct incident **out, size_t *n,
                          bool *more) MUST_CHECK;

/* A person acknowledges or closes one. */
enum status incident_act(struct db *db, struct arena *a, const struct actor *by,
                         int64_t org, int64_t id, bool close) MUST_CHECK;


/* what is measured, over [from, to) */

enum metric {
    METRIC_EVENTS,
    METRIC_USERS,
    METRIC_CRASH_FREE_SESSIONS,
    METRIC_CRASH_FREE_USERS,
    METRIC_DELAY
};

struct metric_scope {
    enum metric metric;
    int64_t project_id;
    const struct str *environments; /* none: all */
    size_t nenvironments;
    int level;          /* events of it and above */
    struct str release; /* of sessions: "latest", a version; "": all */
    int64_t least;      /* of sessions or their users: fewer tell nothing */
};

/*
 * *some false: there is nothing to measure.  "latest" is the newest release
 * that has sessions in the window, by version, else by date.
 */
enum status metric_value(struct db *db, struct arena *a,
                         const struct metric_scope *s, int64_t from, int64_t to,
                         double *value, bool *some) MUST_CHECK;

/* The share without a crash, in percent; false: there were none.  One may crash
 * in a later window than it began in. */
bool metric_crash_free(int64_t all, int64_t bad, double *value);

#endif
