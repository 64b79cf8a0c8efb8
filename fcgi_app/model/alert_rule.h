/*
 * model/alert_rule.h - alert rules as they are stored: whose, where, on or off,
 * and what they say as JSON (alert/rule.h understands it).
 */

#ifndef VEDETTE_MODEL_ALERT_RULE_H
#define VEDETTE_MODEL_ALERT_RULE_H

#include "db/db.h"
#include "model/audit.h"

#define ALERT_RULES_MAX 10000 /* on at the same time, in an installation */
#define ALERT_RULE_PAGE 50
#define ALERT_RULE_PROJECTS_MAX 200
#define ALERT_NAME_MAX 256 /* characters */

struct alert_rule {
    int64_t id;
    int64_t organization_id;
    bool metric; /* else an issue alert */
    struct str name;
    struct str data; /* JSON */
    bool all_projects;
    int64_t *projects; /* ascending, when not all */
    size_t nprojects;
    struct str *environments; /* none: any */
    size_t nenvironments;
    int frequency;         /* minutes; 0: every time */
    int64_t owner_account; /* 0: none */
    int64_t owner_team;
    bool on;
    int64_t snoozed_until; /* µs; 0: not */
    int64_t created_at;
    int64_t updated_at;
    /* for lists */
    struct str owner;      /* the account's name */
    int64_t last_fired_at; /* 0: never */
    int64_t muted_until;   /* for the account that asks */
    int open_incident;     /* severity of an open one: 10, 20; 0: none */
};

/* Goes up with every change of any rule. */
enum status alert_version(struct db *db, struct arena *a,
                          int64_t *version) MUST_CHECK;

/* All that are on and not snoozed, of every organisation, by id. */
enum status alert_rules_active(struct db *db, struct arena *a, int64_t now,
                               struct alert_rule **out, size_t *n) MUST_CHECK;

/*
 * An organisation's rules by name: text is part of a name (null: all),
 * project_id 0: of all projects; after the name and id given (null: from the
 * start).  ALERT_RULE_PAGE at most.
 */
struct alert_rule_filter {
    struct str text;
    int64_t project_id;
    struct str after_name;
    int64_t after_id;
};

enum status alert_rule_list(struct db *db, struct arena *a, int64_t org,
                            int64_t account_id,
                            const struct alert_rule_filter *filter,
                            struct alert_rule **out, size_t *n,
                            bool *more) MUST_CHECK;

enum status alert_rule_by_id(struct db *db, struct arena *a, int64_t org,
                             int64_t id, int64_t account_id,
                             struct alert_rule *out) MUST_CHECK;

/*
 * Stores a rule: a new one when its id is 0, and sets the id.  ST_NOT_FOUND:
 * it is gone, or one of its projects is not the organisation's.
 */
enum status alert_rule_save(struct db *db, struct arena *a,
                            const struct actor *by,
                            struct alert_rule *rule) MUST_CHECK;

/* All of them or none. */
enum status alert_rule_save_all(struct db *db, struct arena *a,
                                const struct actor *by,
                                struct alert_rule *rules, size_t n) MUST_CHECK;

enum status alert_rule_delete(struct db *db, struct arena *a,
                              const struct actor *by, int64_t org,
                              int64_t id) MUST_CHECK;

enum status alert_rule_switch(struct db *db, struct arena *a,
                              const struct actor *by, int64_t org, int64_t id,
                              bool on) MUST_CHECK;

/* For everybody; until 0 ends it. */
enum status alert_rule_snooze(struct db *db, struct arena *a,
                              const struct actor *by, int64_t org, int64_t id,
                              int64_t until) MUST_CHECK;

/* For the actor alone. */
enum status alert_rule_mute(struct db *db, struct arena *a,
                            const struct actor *by, int64_t org, int64_t id,
                            int64_t until) MUST_CHECK;

/* Which of these accounts have muted one of these rules, all of them. */
enum status alert_rule_muted(struct db *db, struct arena *a, int64_t org,
                             const int64_t *rules, size_t nrules,
                             int64_t **accounts, size_t *n) MUST_CHECK;

#endif
