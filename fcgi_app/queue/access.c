/*
 * A right is what Redis calls a selector: these commands on these keys, and
 * nothing across two rows.  A script needs EVAL on all of its keys, and each
 * command in it is looked at besides; so EVAL on the stream does not read it.
 * The edge, which strangers talk to, has its commands by name.  Rows of the
 * same part may say the same twice; a row that lacks is a part that fails.
 */

#include "queue/access.h"

#include <errno.h>
#include <string.h>

#include "queue/message.h"
#include "util/conf.h"
#include "util/crypt.h"
#include "util/log.h"

#define LINE_MAX_BYTES 512

/* All that data is read and written with; no other's code, no server's state */
#define DATA "+@all -@admin -@dangerous -@scripting +eval +evalsha"

/* Without a key; INFO and CONFIG GET tell whether Redis keeps what it takes. */
#define ANYBODY "+ping +select +time +multi +exec +discard +config|get"

/*
 * Nobody signs in as "default".  It keeps its rights, because Redis reads its
 * append-only file as this user: without them each MULTI in it, and what a
 * script wrote, is refused, and lost at the next start.
 */
#define DEFAULT_OFF "user default off ~* &* +@all"

struct right {
    const char *keys, *commands;
};

static const struct right edge[] = {
    { "", ANYBODY },
    /* an event goes in, and nothing of it comes out */
    { "%W~" VEDETTE_STREAM, "+xadd" },
    { "~" VEDETTE_STREAM " ~" VEDETTE_BODIES " ~" VEDETTE_BODY_PREFIX "*",
      "+eval" },
    { "~" VEDETTE_BODIES, "+hgetall +hset +hdel" },
    { "~" VEDETTE_BODY_PREFIX "*",
      "+exists +hset +expire +hlen +persist +rename +unlink" },
    /* who may send, and how much */
    { "%R~" VEDETTE_KEY_PREFIX "*", "+hmget" },
    { "%R~" VEDETTE_KEYS_VERSION " %R~" VEDETTE_BRAKE_EDGE, "+mget" },
    { "~" VEDETTE_QUOTA_PREFIX "*", "+eval +evalsha +get +incrby +expireat" },
    /* what it tells of itself, and of what it refused */
    { "~" VEDETTE_OUTCOMES " ~" VEDETTE_OUTCOMES_BATCH "*",
      "+eval +set +hincrby" },
    { "~" VEDETTE_PROC_PREFIX "edge:* ~" VEDETTE_EDGES,
      "+eval +hset +expire +del +zadd +zremrangebyscore +zcard" },
    { "~" VEDETTE_MISSES, "+eval +lpush +ltrim +expire" },
    { "~" VEDETTE_ENDED, "+eval +lpush +ltrim +expire" },
    /* live pages */
    { "%R~" VEDETTE_LIVE, "+xread +xrevrange" },
    { "%R~" VEDETTE_LIVE_TICKET "*", "+get" },
};

static const struct right spool[] = {
    { "", ANYBODY },
    { "%W~" VEDETTE_STREAM, "+xadd" },
    { "%R~" VEDETTE_STREAM, "+xlen +xinfo|groups" },
    { "~" VEDETTE_STREAM " ~" VEDETTE_BODIES " ~" VEDETTE_BODY_PREFIX "*",
      "+eval" },
    { "~" VEDETTE_BODIES, "+hgetall +hset +hdel" },
    { "~" VEDETTE_BODY_PREFIX "*",
      "+exists +hset +expire +hlen +persist +rename" },
    { "~" VEDETTE_PROC_PREFIX "spool:*", "+hset +expire" },
};

/* The queue and what it publishes; nothing of people who sign in. */
static const struct right worker[] = {
    { "", ANYBODY " +scan +info" },
    { "~" VEDETTE_STREAM " ~" VEDETTE_STREAM ":* ~" VEDETTE_BODIES
      " ~" VEDETTE_BODY_PREFIX "*",
      DATA },
    { "~" VEDETTE_OUTCOMES " ~" VEDETTE_OUTCOMES ":*", DATA },
    { "~" VEDETTE_ENDED, DATA },
    { "~" VEDETTE_KEY_PREFIX "* ~vedette:keys:*", DATA },
    { "~" VEDETTE_LIVE, "+xadd" },
    { "~" VEDETTE_USERS "*", "+pfadd +expire +set" },
    { "%R~" VEDETTE_BRAKE_DIGEST " %R~" VEDETTE_BRAKE_EDGE, "+mget" },
    { "~vedette:health", DATA },
    { "~" VEDETTE_PROC_PREFIX "* ~" VEDETTE_EDGES, DATA },
};

/* People, keys, and how the line is; an event only as a sample. */
static const struct right web[] = {
    { "", ANYBODY " +scan +info" },
    { "~vedette:login:* ~vedette:logins:* ~vedette:seen ~vedette:signin:*"
      " ~vedette:link:* ~vedette:first ~vedette:flow:* ~vedette:second:*"
      " ~vedette:device:*",
      DATA },
    { "~" VEDETTE_KEY_PREFIX "* ~vedette:keys:*", DATA },
    { "~" VEDETTE_LIVE_TICKET "*", "+set" },
    { "%W~" VEDETTE_STREAM, "+xadd" },
    { "~" VEDETTE_STREAM " ~" VEDETTE_STREAM_DEAD,
      "+eval +xlen +xrange +xrevrange +xpending +xinfo|groups" },
    /* dead letters: sent again, thrown away */
    { "~" VEDETTE_STREAM_DEAD, "+xdel" },
    { "~" VEDETTE_STREAM " ~" VEDETTE_STREAM_DEAD " ~" VEDETTE_BODIES
      " ~" VEDETTE_BODY_PREFIX "* ~" VEDETTE_DEAD_SUMS,
      "+eval" },
    { "~" VEDETTE_DEAD_SUMS, "+hmget +hincrby +hset +hdel +del" },
    { "~" VEDETTE_BODIES " ~" VEDETTE_BODY_PREFIX "*",
      "+exists +hset +rename +unlink" },
    { "%R~" VEDETTE_MISSES, "+lrange" },
    { "%R~" VEDETTE_USERS_SINCE, "+get" },
    { "~" VEDETTE_USERS "*", "+pfcount" }, /* which keeps what it has counted */
    { "%R~" VEDETTE_QUOTA_PREFIX "*", "+mget" },
    { "%R~vedette:health", "+get" },
    { "~" VEDETTE_BRAKE_DIGEST " ~" VEDETTE_BRAKE_EDGE, "+mget +set +del" },
    { "~" VEDETTE_PROC_PREFIX "*", "+hset +expire +hgetall" },
};

static const struct right admin[] = {
    { "~vedette:*", DATA " +info +config|get" },
};

static const struct part {
    const char *name;
    const struct right *rights;
    size_t n;
} parts[] = {
    { "edge", edge, sizeof(edge) / sizeof(edge[0]) },
    { "spool", spool, sizeof(spool) / sizeof(spool[0]) },
    { "worker", worker, sizeof(worker) / sizeof(worker[0]) },
    { "web", web, sizeof(web) / sizeof(web[0]) },
    { "admin", admin, sizeof(admin) / sizeof(admin[0]) },
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

static const char *this_part = "admin";


void
redis_part_set(const char *command)
{
    this_part = "admin";
    for (size_t i = 0; i < PARTS; i++) {
        if (strcmp(parts[i].name, command) == 0) {
            this_part = parts[i].name;
        }
    }
}


/* The password in the file's line of a part; the null str when it has none. */
static enum status
password_of(struct arena *a, const char *part, struct str *out)
{
    const char *path = conf_str(CONF_REDIS_USERS);
    char line[LINE_MAX_BYTES];
    FILE *f = fopen(path, "re");

    *out = STR_NULL;
    if (f == NULL) {
        log_error("redis.users: %s: %s", path, strerror(errno));
        return ST_FAILED;
    }
    while (fgets(line, sizeof(line), f) != NULL) {
        struct str rest = str_trim(str_of(line)), name;

        if (str_split(&rest, ' ', &name) && str_is(name, part)) {
            *out = str_of(str_dup(a, str_trim(rest)));
        }
    }
    fclose(f);
    return ST_OK;
}


enum status
redis_user(struct arena *a, bool *any, struct str *user, struct str *password)
{
    enum status st;

    *any = conf_str(CONF_REDIS_USERS)[0] != '\0';
    if (!*any) {
        return ST_OK;
    }
    *user = str_printf(a, REDIS_USER_PREFIX "%s", this_part);
    st = password_of(a, this_part, password);
    if (st == ST_OK && str_null(*password)) {
        log_error("redis.users: %s has no line for \"%s\"",
                  conf_str(CONF_REDIS_USERS), this_part);
        return ST_FAILED;
    }
    return st;
}


void
redis_users_print(FILE *out, struct arena *a)
{
    for (size_t i = 0; i < PARTS; i++) {
        fprintf(out, "%s %.*s\n", parts[i].name, STR_FMT(secret_new(a)));
    }
}


/* The first right is the user's own, the others stand in brackets. */
static void
print_user(FILE *out, struct arena *a, const struct part *part,
           struct str password)
{
    fprintf(out, "user " REDIS_USER_PREFIX "%s on #%.*s", part->name,
            STR_FMT(sha256_hex(a, password)));
    for (size_t i = 0; i < part->n; i++) {
        const struct right *right = &part->rights[i];

        fprintf(out, i > 0 ? " (%s %s)" : " %s %s", right->keys,
                right->commands);
    }
    fputc('\n', out);
}


enum status
redis_acl_print(FILE *out, struct arena *a)
{
    enum status st = ST_OK;

    fputs(DEFAULT_OFF "\n", out);
    for (size_t i = 0; st == ST_OK && i < PARTS; i++) {
        struct str password;

        st = password_of(a, parts[i].name, &password);
        if (st == ST_OK && !str_null(password)) {
            print_user(out, a, &parts[i], password);
        }
    }
    return st;
}
