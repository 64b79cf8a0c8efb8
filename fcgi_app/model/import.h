/*
 * model/import.h - projects of another server with their numbers and keys, so
 * that its DSNs go on working when its name in the DNS leads here.
 *
 * Read is what Django writes: a list of {"model", "pk", "fields"}, as "sentry
 * export" makes it, and "manage.py dumpdata" of GlitchTip and Bugsink.  Nothing
 * of it is believed: what cannot be is left out and told, or stops it all.
 */

#ifndef VEDETTE_MODEL_IMPORT_H
#define VEDETTE_MODEL_IMPORT_H

#include "model/organization.h"
#include "queue/redis.h"

#define IMPORT_PROJECTS_MAX 500
#define IMPORT_KEYS_MAX 5000
#define IMPORT_TEAMS_MAX 200
#define IMPORT_REMARKS_MAX 50

struct import_key {
    struct str public_key; /* 32 hex digits */
    struct str label;
    bool active;
    int64_t limit_count;
    int64_t limit_window; /* 0: no limit */
};

struct import_project {
    int64_t id;
    int64_t organization; /* its number there */
    struct str name;
    struct str slug;
    struct str platform;
    struct import_key *keys;
    size_t nkeys;
    bool there; /* it is ours already */
};

struct import_team {
    int64_t id; /* its number there */
    int64_t organization;
    struct str name;
    struct str slug;
    int64_t *projects; /* ids */
    size_t nprojects;
};

struct import {
    struct str from; /* the name of the organisation; may be "" */
    struct import_project *projects;
    size_t nprojects;
    struct import_team *teams;
    size_t nteams;
    size_t nkeys;
    size_t members;      /* that are named there, and are to be invited */
    struct str *remarks; /* what was left out, a sentence each */
    size_t nremarks;
};

/*
 * slug: of the organisation in the file that is meant; the null str when there
 * is only one.  ST_INVALID: *why is a sentence.
 */
enum status import_read(struct arena *a, struct str text, struct str slug,
                        struct import *out, struct str *why) MUST_CHECK;

/*
 * All of it into an organisation, or nothing.  What is there already, from an
 * earlier time, stays as it is.  ST_CONFLICT: *why names the number or the key
 * that is taken.  ST_RETRY: also when it stands but is not published yet.
 */
enum status import_apply(struct db *db, struct redis *r, struct arena *a,
                         const struct actor *by, int64_t org,
                         struct import *import, struct str *why) MUST_CHECK;

#endif
