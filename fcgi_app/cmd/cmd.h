/*
 * cmd/cmd.h - what a sub-command is.
 *
 * A row of the table in main.c and a file here.  What the row needs is ready
 * when run is called; run returns the exit status (0 done, 1 failed after a
 * message, 2 wrong usage).  argv[0] is the sub-command's name.
 */

#ifndef VEDETTE_CMD_CMD_H
#define VEDETTE_CMD_CMD_H

#include "db/db.h"
#include "queue/redis.h"
#include "util/arena.h"

struct app {
    struct arena *arena; /* of the whole run */
    struct db *db;
    struct redis *redis;
};

int cmd_account(struct app *app, int argc, char **argv);
int cmd_config(struct app *app, int argc, char **argv);
int cmd_event(struct app *app, int argc, char **argv);
int cmd_import(struct app *app, int argc, char **argv);
int cmd_key(struct app *app, int argc, char **argv);
int cmd_limit(struct app *app, int argc, char **argv);
int cmd_lang(struct app *app, int argc, char **argv);
int cmd_migrate(struct app *app, int argc, char **argv);
int cmd_project(struct app *app, int argc, char **argv);
int cmd_queue(struct app *app, int argc, char **argv);
int cmd_reach(struct app *app, int argc, char **argv);
int cmd_redis(struct app *app, int argc, char **argv);
int cmd_release(struct app *app, int argc, char **argv);
int cmd_report(struct app *app, int argc, char **argv);
int cmd_retention(struct app *app, int argc, char **argv);
int cmd_spool(struct app *app, int argc, char **argv);
int cmd_status(struct app *app, int argc, char **argv);
int cmd_web(struct app *app, int argc, char **argv);
int cmd_worker(struct app *app, int argc, char **argv);

#endif
