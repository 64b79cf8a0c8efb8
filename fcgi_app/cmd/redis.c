#include "cmd/cmd.h"

#include <string.h>

#include "cmd/usage.h"
#include "queue/access.h"
#include "util/conf.h"

static const char help[] =
    "usage: vedette redis users\n"
    "       vedette redis acl\n\n"
    "Redis with a user for each part, who may do what the part needs.\n\n"
    "users   prints a new password for each part: the file of redis.users, "
    "for\n"
    "        its owner and the parts alone; a machine needs the lines of the\n"
    "        parts that run on it\n"
    "acl     prints these users for the aclfile of Redis, version 7 or later,\n"
    "        with hashes instead of passwords; the user \"default\" is off\n";


int
cmd_redis(struct app *app, int argc, char **argv)
{
    int rc = usage_check(argc, argv, 1, help);

    if (rc != -1) {
        return rc;
    }
    if (strcmp(argv[1], "users") == 0 && argc == 2) {
        redis_users_print(stdout, app->arena);
        return 0;
    }
    if (strcmp(argv[1], "acl") != 0 || argc != 2) {
        return usage_wrong(help, "\"users\" or \"acl\", and nothing more");
    }
    if (conf_str(CONF_REDIS_USERS)[0] == '\0') {
        fputs("vedette: redis.users is not set: it names the file that "
              "\"vedette redis users\" prints\n",
              stderr);
        return 1;
    }
    return redis_acl_print(stdout, app->arena) == ST_OK ? 0 : 1;
}
