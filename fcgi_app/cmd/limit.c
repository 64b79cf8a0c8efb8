#include "cmd/cmd.h"

#include <stdio.h>

#include "cmd/usage.h"
#include "model/organization.h"
#include "model/project.h"
#include "model/project_key.h"
#include "model/quota.h"

static const char help[] =
    "usage: vedette limit list ORG [PROJECT [KEY]]\n"
    "       vedette limit set ORG [PROJECT [KEY]] CATEGORIES COUNT SECONDS\n"
    "       vedette limit remove ORG [PROJECT [KEY]] ID\n\n"
    "Limits of an organisation, of a project, or of a client key (its id, as\n"
    "\"vedette key list\" prints it).  They hold at the edge within 2 "
    "seconds,\n"
    "all at once: an item is taken when each has room.\n\n"
    "list      prints id, categories, count and seconds of each\n"
    "set       so much in so many seconds, then 429; 0 refuses all\n\n"
    "CATEGORIES are names separated by commas (error,transaction), or * for\n"
    "all: default error transaction security attachment attachment_item\n"
    "session profile profile_chunk profile_chunk_ui replay monitor span\n"
    "feedback metric_bucket log_item log_byte trace_metric.  Attachments and\n"
    "log_byte count in bytes.\n";


static int
failed(const char *what, enum status st)
{
    fprintf(stderr, "vedette: %s: %s\n", what, status_text(st));
    return 1;
}


/* Whose limits: 1 to 3 words. */
static enum status
find_owner(struct app *app, int n, char **words, struct quota *out)
{
    struct organization org;
    struct project project;
    struct project_key key;
    int64_t id = 0;
    enum status st =
        organization_by_slug(app->db, app->arena, str_of(words[0]), &org);

    if (st != ST_OK) {
        return st;
    }
    out->organization_id = org.id;
    if (n > 1) {
        st = project_by_slug(app->db, app->arena, org.id, str_of(words[1]),
                             &project);
        if (st != ST_OK) {
            return st;
        }
        out->project_id = project.id;
    }
    if (n > 2) {
        if (!str_i64(str_of(words[2]), &id)) {
            return ST_NOT_FOUND;
        }
        st = project_key_by_id(app->db, app->arena, org.id, out->project_id, id,
                               &key);
        out->key_id = id;
    }
    return st;
}


static int
list(struct app *app, struct quota *owner, char **words)
{
    struct quota *quotas;
    size_t n;
    enum status st = quota_list(app->db, app->arena, owner->organization_id,
                                owner->project_id, owner->key_id, &quotas, &n);

    (void) words;
    if (st != ST_OK) {
        return failed("the limits were not read", st);
    }
    for (size_t i = 0; i < n; i++) {
        printf("%lld\t%.*s\t%lld\t%lld\n", (long long) quotas[i].id,
               STR_FMT(quotas[i].categories), (long long) quotas[i].count,
               (long long) quotas[i].seconds);
    }
    return 0;
}


static int
set(struct app *app, struct quota *quota, char **words)
{
    enum status st;

    if (!quota_categories_read(app->arena, str_of(words[0]),
                               &quota->categories)) {
        return usage_wrong(help, "\"%s\" are no categories", words[0]);
    }
    if (!str_i64(str_of(words[1]), &quota->count)
        || !str_i64(str_of(words[2]), &quota->seconds)) {
        return usage_wrong(help, "a limit is a count and seconds");
    }
    st = quota_set(app->db, app->redis, app->arena, &actor_command, quota);
    if (st == ST_INVALID) {
        return usage_wrong(help, "a limit is a count and 1 to %d seconds",
                           QUOTA_SECONDS_MAX);
    }
    if (st == ST_CONFLICT) {
        fprintf(stderr, "vedette: there are %d limits already\n", QUOTA_MAX);
        return 1;
    }
    return st == ST_OK
               ? 0
               : failed("the limit was not stored or not published", st);
}


static int
take_away(struct app *app, struct quota *quota, char **words)
{
    enum status st;

    if (!str_i64(str_of(words[0]), &quota->id)) {
        return usage_wrong(help, "\"%s\" is no id of a limit", words[0]);
    }
    st = quota_remove(app->db, app->redis, app->arena, &actor_command, quota);
    return st == ST_OK
               ? 0
               : failed("the limit was not removed or not published", st);
}


/* The actions, with the number of words behind the owner's. */
static const struct action {
    const char *name;
    int words;
    int (*run)(struct app *app, struct quota *quota, char **words);
} actions[] = {
    { "list", 0, list },
    { "set", 3, set },
    { "remove", 1, take_away },
};


int
cmd_limit(struct app *app, int argc, char **argv)
{
    int rc = usage_check(argc, argv, 2, help);
    const struct action *action = NULL;
    struct quota quota = { 0 };
    enum status st;
    int owner;

    if (rc != -1) {
        return rc;
    }
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(actions[i].name, argv[1]) == 0) {
            action = &actions[i];
        }
    }
    owner = action != NULL ? argc - 2 - action->words : 0;
    if (owner < 1 || owner > 3) {
        return usage_wrong(help, "these words make no sense together");
    }

    st = find_owner(app, owner, argv + 2, &quota);
    if (st != ST_OK) {
        return failed("organisation, project or key", st);
    }
    return action->run(app, &quota, argv + 2 + owner);
}
