/*
 * model/recipient.h - who hears of something, and what people want to hear of.
 *
 * Nobody hears of a project that the account may not see, whatever a rule or a
 * subscription says.
 */

#ifndef VEDETTE_MODEL_RECIPIENT_H
#define VEDETTE_MODEL_RECIPIENT_H

#include "db/db.h"
#include "model/audit.h"

#define RECIPIENTS_MAX 1000 /* of one notice */
#define RECIPIENTS_ACTIVE 20

struct recipient {
    int64_t account_id;
    struct str email;
    struct str name;
    struct str reason;  /* why: "assigned", "comment", "owner", … */
    struct str setting; /* of the kind that was asked for; null: none */
};

/* What one can want to hear of; a row of the matrix in the account's pages. */
struct notification_kind {
    const char *name;
    const char *words;
    const char *help;
    bool subscribe; /* "what I follow" is a choice, and the default */
};

extern const struct notification_kind notification_kinds[];
extern const size_t notification_kinds_count;

/* True when a value is one of the kind's: always, subscribe_only, never. */
bool notification_value_ok(const struct notification_kind *kind,
                           struct str value);

enum recipient_group {
    RECIPIENT_MEMBERS,   /* all who see the project */
    RECIPIENT_ACTIVE,    /* RECIPIENTS_ACTIVE of them: who signed in last */
    RECIPIENT_ACCOUNT,   /* one, by id */
    RECIPIENT_TEAM,      /* by id */
    RECIPIENT_ASSIGNEE,  /* or the team that has it */
    RECIPIENT_FOLLOWERS, /* assignee, who took part, who subscribed */
    RECIPIENT_OWNERS     /* assignee, and the owners by ownership rules */
};

/*
 * Those of the group that see the project, with their setting of the kind
 * ("alerts", "assigned", …) for it.  issue_id 0: no issue; id: of an account or
 * team.
 */
enum status recipient_find(struct db *db, struct arena *a, int64_t org,
                           int64_t project_id, int64_t issue_id,
                           enum recipient_group group, int64_t id,
                           const char *kind, struct recipient **out,
                           size_t *n) MUST_CHECK;

/* Owners and managers of an organisation. */
enum status recipient_managers(struct db *db, struct arena *a, int64_t org,
                               struct recipient **out, size_t *n) MUST_CHECK;

/* Members whose address, or its part before the @, is one of the words. */
enum status recipient_mentioned(struct db *db, struct arena *a, int64_t org,
                                int64_t project_id, const struct str *words,
                                size_t nwords, struct recipient **out,
                                size_t *n) MUST_CHECK;

/* For the account's page: what is set, by organisation and project. */
struct notification_setting {
    int64_t organization_id;
    int64_t project_id; /* 0: the whole organisation */
    struct str project; /* slug */
    struct str kind;
    struct str value;
};

enum status notification_list(struct db *db, struct arena *a,
                              int64_t account_id,
                              struct notification_setting **out,
                              size_t *n) MUST_CHECK;

/* A null value takes the row away: the more general one holds again. */
enum status notification_set(struct db *db, struct arena *a, int64_t account_id,
                             int64_t org, int64_t project_id, const char *kind,
                             struct str value) MUST_CHECK;

/* Follow an issue, or do not hear of it any more. */
enum status issue_subscribe(struct db *db, struct arena *a, int64_t org,
                            int64_t issue_id, int64_t account_id,
                            bool muted) MUST_CHECK;

/*
 * The first Message-ID that an address got about an issue: *first is that of
 * this mail when there was none.
 */
enum status mail_thread(struct db *db, struct arena *a, int64_t org,
                        int64_t issue_id, struct str address,
                        struct str message_id, struct str *first) MUST_CHECK;

/* The key that signs links of mails. */
enum status signing_key(struct db *db, struct arena *a,
                        struct str *out) MUST_CHECK;

#endif
