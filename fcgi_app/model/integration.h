/*
 * model/integration.h - the connections of an organisation to services outside:
 * what was typed in, whether it works, who set it up.
 *
 * What a connection may be is a row of integration/integration.c; here it is a
 * type's name and values by the names of its fields.  Values of secret fields
 * are sealed (util/seal.h) and never leave by a list.
 */

#ifndef VEDETTE_MODEL_INTEGRATION_H
#define VEDETTE_MODEL_INTEGRATION_H

#include "json/doc.h"
#include "model/audit.h"

#define INTEGRATIONS_MAX 100 /* of an organisation */
#define INTEGRATION_NAME_MAX 60
#define INTEGRATION_ERROR_MAX 500

/* So many permanent failures in a row, and it is switched off. */
#define INTEGRATION_FAILURES_MAX 20

enum integration_state {
    INTEGRATION_ON = 0,
    INTEGRATION_TROUBLE = 1, /* the latest attempt failed */
    INTEGRATION_OFF = 2      /* switched off: by a person, or by failures */
};

struct integration {
    int64_t id;
    int64_t organization_id;
    struct str type;
    struct str name;
    struct json *values;  /* an object of strings */
    struct json *secrets; /* the same, opened; NULL in lists */
    enum integration_state state;
    int failures; /* permanent ones in a row */
    struct str error;
    int64_t checked_at; /* µs, of the latest attempt; 0: none */
    int64_t took;       /* µs, of that */
    struct str installed_by;
    int64_t created_at;
};

/* A value by its field's name, secret or not; "" when it is not there. */
struct str integration_value(const struct integration *i, const char *name);

/* By type and name, INTEGRATIONS_MAX at most, without secrets. */
enum status integration_list(struct db *db, struct arena *a,
                             int64_t organization_id, struct integration **out,
                             size_t *n) MUST_CHECK;

/* With secrets. */
enum status integration_by_id(struct db *db, struct arena *a,
                              int64_t organization_id, int64_t id,
                              struct integration *out) MUST_CHECK;

/* By the token of its inbound address; ST_NOT_FOUND also when it is off. */
enum status integration_by_hook(struct db *db, struct arena *a,
                                struct str token,
                                struct integration *out) MUST_CHECK;

/*
 * Writes i (id 0: a new one, whose id is set) with its audit row.  A new one
 * gets the secrets "hook_token" and "hook_secret" for what comes in.
 * ST_INVALID when no key is there to seal with; ST_LIMITED over
 * INTEGRATIONS_MAX; ST_CONFLICT when the name is taken.
 */
enum status integration_save(struct db *db, struct arena *a,
                             const struct actor *by,
                             struct integration *i) MUST_CHECK;

/* Disconnects: nothing is sent there any more. */
enum status integration_remove(struct db *db, struct arena *a,
                               const struct actor *by, int64_t organization_id,
                               int64_t id) MUST_CHECK;

/* Notes how an attempt went; permanent failures in a row switch it off. */
enum status integration_note(struct db *db, struct arena *a,
                             const struct integration *i, bool worked,
                             bool permanent, struct str error,
                             int64_t took) MUST_CHECK;

/*
 * Seals again what an older key has sealed, some at a time; *more: there is
 * still more.
 */
enum status integration_reseal(struct db *db, struct arena *a,
                               bool *more) MUST_CHECK;

#endif
