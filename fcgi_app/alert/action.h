/*
 * alert/action.h - the table of what a rule can do.
 *
 * A row is a name in rules, words with fields, and either a channel that a
 * notice goes out by or a function that does something to the issue itself.
 * Every type of integration/integration.h that can send is an action as well:
 * its id is "vedette.integration." and the type; those of Sentry's own names
 * are aliases of them.
 */

#ifndef VEDETTE_ALERT_ACTION_H
#define VEDETTE_ALERT_ACTION_H

#include "alert/condition.h"

struct alert_act;

struct action {
    const char *id;
    const char *words; /* "Mail {targetType} …" */
    const char *icon;
    struct alert_field fields[ALERT_FIELDS_MAX];
    const char *channel; /* "mail"; an integration's type; NULL: see run */
    /* does it to the issue, as Vedette itself, inside a transaction */
    enum status (*run)(struct db *db, struct arena *a,
                       const struct alert_act *act, int64_t organization_id,
                       int64_t issue_id);
};

struct alert_act {
    const struct action *type;
    const struct json *json;
    int64_t integration_id; /* 0: none */
};

extern const struct action actions[];
extern const size_t actions_count;

#define ACTION_MAIL "sentry.mail.actions.NotifyEmailAction"
#define ACTION_INTEGRATION "vedette.integration."

/* Of the table or of an integration's type; NULL when unknown. */
const struct action *action_find(struct str id);

/* All rows, those of integrations behind the others. */
size_t action_all(const struct action **out, size_t max);

/* The action of another tool, in our words; of ours itself. */
const struct json *action_own(struct arena *a, const struct json *json);

bool action_read(struct arena *a, const struct json *json,
                 struct alert_act *out, const char **fault);

/* The words of an action as it is set, kept. */
struct str action_words(struct arena *a, const struct alert_act *act);

#endif
