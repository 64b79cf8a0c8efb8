#include "cmd/cmd.h"

#include <stdio.h>

#include "cmd/usage.h"
#include "model/organization.h"
#include "model/project.h"
#include "model/project_key.h"

static const char help[] =
    "usage: vedette key list ORG PROJECT\n"
    "       vedette key add ORG PROJECT LABEL\n"
    "       vedette key on|off ORG PROJECT ID\n"
    "       vedette key limit ORG PROJECT ID COUNT SECONDS\n"
    "       vedette key limit ORG PROJECT ID none\n"
    "       vedette key publish\n\n"
    "list      prints id, state, limit, label and DSN of each key\n"
    "add       adds a key and prints its DSN\n"
    "on, off   a key that is off is refused at the edge within 2 seconds\n"
    "limit     so many events in so many seconds, then 429\n"
    "publish   writes every key to Redis anew, for the edges\n";

#define WINDOW_MAX 2592000 /* 30 days */


static int
failed(const char *what, enum status st)
{
    fprintf(stderr, "vedette: %s: %s\n", what, status_text(st));
    return 1;
}


static void
print_key(struct app *app, const struct project_key *key)
{
    char limit[64] = "no limit";

    if (key->limit_window > 0) {
        snprintf(limit, sizeof(limit), "%lld in %lld s",
                 (long long) key->limit_count, (long long) key->limit_window);
    }
    printf("%lld\t%s\t%s\t%.*s\t%.*s\n", (long long) key->id,
           key->is_active ? "on" : "off", limit, STR_FMT(key->label),
           STR_FMT(project_key_dsn(app->arena, key)));
}


static int
list(struct app *app, const struct project *project, int argc, char **argv)
{
    struct project_key *keys;
    size_t n;
    enum status st;

    (void) argc;
    (void) argv;
    st = project_key_list(app->db, app->arena, project->organization_id,
                          project->id, &keys, &n);
    if (st != ST_OK) {
        return failed("the keys were not read", st);
    }
    for (size_t i = 0; i < n; i++) {
        print_key(app, &keys[i]);
    }
    return 0;
}


static int
add(struct app *app, const struct project *project, int argc, char **argv)
{
    struct project_key key;
    enum status st;

    (void) argc;
    st = project_key_create(app->db, app->redis, app->arena, &actor_command,
                            project->organization_id, project->id,
                            str_of(argv[4]), &key);
    if (st != ST_OK) {
        return failed("the key was not created or not published", st);
    }
    printf("%.*s\n", STR_FMT(project_key_dsn(app->arena, &key)));
    return 0;
}


/* The limit's words into *key; false when they are none. */
static bool
read_limit(int n, char **words, struct project_key *key)
{
    if (n == 1 && str_is(str_of(words[0]), "none")) {
        key->limit_window = 0;
        return true;
    }
    return n == 2 && str_i64(str_of(words[0]), &key->limit_count)
           && str_i64(str_of(words[1]), &key->limit_window)
           && key->limit_count >= 0 && key->limit_window >= 1
           && key->limit_window <= WINDOW_MAX;
}


static int
change(struct app *app, const struct project *project, int argc, char **argv)
{
    struct str action = str_of(argv[1]);
    struct project_key key;
    int64_t id = 0;
    enum status st;

    if (!str_i64(str_of(argv[4]), &id)) {
        return usage_wrong(help, "\"%s\" is no id of a key", argv[4]);
    }
    st = project_key_by_id(app->db, app->arena, project->organization_id,
                           project->id, id, &key);
    if (st != ST_OK) {
        return failed("key", st);
    }

    if (str_is(action, "limit")) {
        if (!read_limit(argc - 5, argv + 5, &key)) {
            return usage_wrong(help, "a limit is a count and 1 to %d seconds",
                               WINDOW_MAX);
        }

    } else {
        key.is_active = str_is(action, "on");
    }

    st = project_key_update(app->db, app->redis, app->arena, &actor_command,
                            &key);
    if (st != ST_OK) {
        return failed("the change was not stored or not published", st);
    }
    print_key(app, &key);
    return 0;
}


static int
publish(struct app *app)
{
    enum status st = project_key_publish_all(app->db, app->redis);

    return st == ST_OK ? 0 : failed("the keys were not published", st);
}


/* The actions on a project, with the number of words that they take. */
static const struct action {
    const char *name;
    int min, max;
    int (*run)(struct app *app, const struct project *project, int argc,
               char **argv);
} actions[] = {
    { "list", 4, 4, list },  { "add", 5, 5, add },      { "on", 5, 5, change },
    { "off", 5, 5, change }, { "limit", 6, 7, change },
};


static const struct action *
find_action(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(actions[i].name, argv[1]) == 0 && argc >= actions[i].min
            && argc <= actions[i].max) {
            return &actions[i];
        }
    }
    return NULL;
}


int
cmd_key(struct app *app, int argc, char **argv)
{
    int rc = usage_check(argc, argv, 1, help);
    const struct action *action;
    struct organization org;
    struct project project;
    enum status st;

    if (rc != -1) {
        return rc;
    }
    if (strcmp(argv[1], "publish") == 0 && argc == 2) {
        return publish(app);
    }
    action = find_action(argc, argv);
    if (action == NULL) {
        return usage_wrong(help, "these words make no sense together");
    }

    st = organization_by_slug(app->db, app->arena, str_of(argv[2]), &org);
    if (st == ST_OK) {
        st = project_by_slug(app->db, app->arena, org.id, str_of(argv[3]),
                             &project);
    }
    if (st != ST_OK) {
        return failed(arena_printf(app->arena, "%s/%s", argv[2], argv[3]), st);
    }
    return action->run(app, &project, argc, argv);
}
