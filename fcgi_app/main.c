/*
 * vedette - one program, its sub-commands in one table.
 */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "cmd/cmd.h"
#include "queue/access.h"
#include "util/conf.h"
#include "util/crypt.h"
#include "util/log.h"

enum needs {
    NEEDS_NOTHING = 0,
    NEEDS_CONF = 1 << 0,
    NEEDS_DB = 1 << 1,      /* a connection, opened and answering */
    NEEDS_REDIS = 1 << 2,   /* an object that connects on first use */
    NEEDS_CHILDREN = 1 << 3 /* makes its own connections after forking */
};

static const struct command {
    const char *name;
    int (*run)(struct app *app, int argc, char **argv);
    unsigned needs;
    const char *help;
} commands[] = {
    { "account", cmd_account, NEEDS_CONF | NEEDS_DB | NEEDS_REDIS,
      "create people, make one-time sign-in links" },
    { "config", cmd_config, NEEDS_NOTHING,
      "print the settings with their defaults" },
    { "event", cmd_event, NEEDS_CONF | NEEDS_DB | NEEDS_REDIS,
      "what became of an event id" },
    { "import", cmd_import, NEEDS_CONF | NEEDS_DB | NEEDS_REDIS,
      "projects of another server with their numbers and keys" },
    { "key", cmd_key, NEEDS_CONF | NEEDS_DB | NEEDS_REDIS,
      "list, add, switch, limit client keys" },
    { "limit", cmd_limit, NEEDS_CONF | NEEDS_DB | NEEDS_REDIS,
      "limits of organisations, projects and keys, by category" },
    { "lang", cmd_lang, NEEDS_CONF,
      "the texts of the pages, to translate them" },
    { "migrate", cmd_migrate, NEEDS_CONF | NEEDS_DB,
      "bring the database to this version" },
    { "project", cmd_project, NEEDS_CONF | NEEDS_DB | NEEDS_REDIS,
      "create projects, show their DSN" },
    { "queue", cmd_queue, NEEDS_CONF | NEEDS_DB | NEEDS_REDIS,
      "list, show, replay, purge what could not be digested" },
    { "reach", cmd_reach, NEEDS_CONF, "ask for a URL as an integration would" },
    { "redis", cmd_redis, NEEDS_CONF,
      "a user of Redis for each part, with the rights it needs" },
    { "release", cmd_release, NEEDS_CONF | NEEDS_DB,
      "name releases, their commits and deploys" },
    { "report", cmd_report, NEEDS_CONF | NEEDS_DB,
      "mail the report of the last week now" },
    { "retention", cmd_retention, NEEDS_CONF | NEEDS_DB,
      "what is kept for how long, what was taken out, take out now" },
    { "spool", cmd_spool, NEEDS_CONF | NEEDS_REDIS,
      "list, verify, replay what an edge kept on its disk" },
    { "status", cmd_status, NEEDS_CONF | NEEDS_REDIS,
      "one line a part; exit 1 when the line is broken" },
    { "web", cmd_web, NEEDS_CONF | NEEDS_CHILDREN,
      "serve the pages over FastCGI" },
    { "worker", cmd_worker, NEEDS_CONF | NEEDS_CHILDREN,
      "take events out of the queue into the database" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))


static void
usage(FILE *out)
{
    fputs("usage: vedette [-c FILE] COMMAND [ARGUMENT ...]\n\n", out);
    for (size_t i = 0; i < COMMANDS; i++) {
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
    }
    fputs("\n  -c FILE    settings (else $VEDETTE_CONFIG, "
          "else " VEDETTE_SYSCONFDIR "/config.yml)\n"
          "  -V         version\n"
          "\"vedette COMMAND --help\" tells more.\n",
          out);
}


static const struct command *
find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}


static bool
asks_for_help(int argc, char **argv)
{
    return argc > 1
           && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
}


static int
run(const struct command *cmd, const char *conf, int argc, char **argv)
{
    struct app app = { 0 };
    unsigned needs = cmd->needs;
    int rc = 1;

    if (asks_for_help(argc, argv)) {
        /* needs nothing to be up */
        needs = NEEDS_NOTHING;
    }
    if ((needs & NEEDS_CONF) && conf_load(conf) != ST_OK) {
        return 1;
    }

    app.arena = arena_new();
    if (needs & NEEDS_DB) {
        app.db = db_new(conf_str(CONF_DB_URL));
    }
    if (needs & NEEDS_REDIS) {
        app.redis = redis_new();
    }
    if (app.db == NULL || db_connect(app.db) == ST_OK) {
        rc = cmd->run(&app, argc, argv);
    }

    arena_free(app.arena);
    redis_free(app.redis);
    db_free(app.db);
    return rc;
}


int
main(int argc, char **argv)
{
    const struct command *cmd;
    const char *conf = NULL;
    int c;

    while ((c = getopt(argc, argv, "+c:Vh-:")) != -1) {
        switch (c) {
        case 'c':
            conf = optarg;
            break;
        case 'V':
            puts("vedette " VEDETTE_VERSION);
            return 0;
        case 'h':
            usage(stdout);
            return 0;
        case '-':
            if (strcmp(optarg, "help") == 0) {
                usage(stdout);
                return 0;
            }
            if (strcmp(optarg, "version") == 0) {
                puts("vedette " VEDETTE_VERSION);
                return 0;
            }
            /* fall through */
        default:
            usage(stderr);
            return 2;
        }
    }

    if (optind == argc) {
        usage(stderr);
        return 2;
    }

    cmd = find(argv[optind]);
    if (cmd == NULL) {
        fprintf(stderr, "vedette: there is no command \"%s\"\n\n",
                argv[optind]);
        usage(stderr);
        return 2;
    }

    crypt_init();
    log_name(cmd->name);
    redis_part_set(cmd->name);
    argc -= optind;
    argv += optind;
    optind = 1;
    return run(cmd, conf, argc, argv);
}
