/*
 * model/audit.h - who changed what.
 *
 * Every function of the model that changes access, a key or a setting takes a
 * struct actor and calls audit_add inside its own transaction:
 *
 *     struct change c = change_new(a);
 *
 *     change_str(&c, "role", STR("member"), STR("admin"));
 *     st = audit_add(db, a, org, by, "member.edit", email, &c);
 *
 * Only what differs is kept; a change of nothing writes nothing.  Secrets are
 * never passed here: a changed password has no fields.
 */

#ifndef VEDETTE_MODEL_AUDIT_H
#define VEDETTE_MODEL_AUDIT_H

#include "db/db.h"
#include "util/buf.h"

/* Who asks for a change. */
struct actor {
    int64_t account_id; /* 0: somebody with a shell, by a command */
    struct str name;
    struct str email;
    struct str address; /* of the browser */
    bool is_superuser;  /* an owner everywhere */
};

extern const struct actor actor_command;

/* The fields of one change, before and after. */
struct change {
    struct buf before; /* JSON members, without the braces */
    struct buf after;
};

struct change change_new(struct arena *a);

/* A null str is "not there": before a creation, after a removal. */
void change_str(struct change *c, const char *name, struct str before,
                struct str after);
void change_bool(struct change *c, const char *name, bool before, bool after);

/* µs; 0: never */
void change_time(struct change *c, const char *name, int64_t before,
                 int64_t after);

/*
 * The actions by the names that other tools know them by, each with words for
 * people: "member.edit", "changed the member".
 */
struct audit_action {
    const char *name;
    const char *words;
};

extern const struct audit_action audit_actions[];
extern const size_t audit_actions_count;

/*
 * Writes one row; action must be one of the table, and org 0 is the
 * installation.  change NULL: there are no fields to tell of; a change without
 * any field is no change and is not written.
 */
enum status audit_add(struct db *db, struct arena *a, int64_t org,
                      const struct actor *by, const char *action,
                      struct str object,
                      const struct change *change) MUST_CHECK;

/* The same, in every organisation that the account belongs to. */
enum status audit_add_account(struct db *db, struct arena *a,
                              int64_t account_id, const struct actor *by,
                              const char *action, struct str object) MUST_CHECK;

struct audit {
    int64_t id;
    int64_t account_id;
    struct str actor;
    struct str actor_email;
    struct str address;
    struct str action;
    struct str object;
    struct str before; /* JSON objects */
    struct str after;
    int64_t at;
};

#define AUDIT_PAGE 50

/*
 * One page, newest first: rows before (or, newer, after) the id at; at 0 is
 * the beginning.  action: the null str for all.  text: part of a name or
 * address, lower case; the null str for all.  *more: there are rows beyond.
 */
enum status audit_list(struct db *db, struct arena *a, int64_t org, int64_t at,
                       bool newer, struct str action, struct str text,
                       struct audit **out, size_t *n, bool *more) MUST_CHECK;

/* The same of the installation, without a filter. */
enum status audit_system(struct db *db, struct arena *a, int64_t at, bool newer,
                         struct audit **out, size_t *n, bool *more) MUST_CHECK;

#endif
