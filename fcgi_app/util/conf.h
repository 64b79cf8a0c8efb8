/*
 * util/conf.h - the settings: one table, config.yml, environment.
 *
 * A setting is a row of the table in conf.c; "vedette config" prints the table
 * as a commented file.  Later wins: the default, the main file, the files of
 * config.d beside it (*.yml in the order of their names), the environment:
 * db.url is VEDETTE_DB_URL, system.url-prefix VEDETTE_SYSTEM_URL_PREFIX.
 */

#ifndef VEDETTE_UTIL_CONF_H
#define VEDETTE_UTIL_CONF_H

#include <stdio.h>

#include "util/arena.h"
#include "util/str.h"

enum conf_key {
    CONF_ATTACHMENT_LIMIT,
    CONF_ATTACHMENT_PATH,
    CONF_DB_URL,
    CONF_DIGEST_USER_AGENTS,
    CONF_GEO_DATABASE,
    CONF_MAIL_CA_FILE,
    CONF_MAIL_FROM,
    CONF_MAIL_HOST,
    CONF_MAIL_LIST_NAMESPACE,
    CONF_MAIL_PASSWORD,
    CONF_MAIL_PORT,
    CONF_MAIL_SUBJECT_PREFIX,
    CONF_MAIL_TIMEOUT,
    CONF_MAIL_USE_SSL,
    CONF_MAIL_USE_TLS,
    CONF_MAIL_USERNAME,
    CONF_MIGRATE_SQL,
    CONF_OUTBOUND_ALLOW,
    CONF_OUTBOUND_CA,
    CONF_OUTBOUND_PROXY,
    CONF_OUTBOUND_TIMEOUT,
    CONF_PULSE_EVERY,
    CONF_PULSE_URL,
    CONF_REDIS_DB,
    CONF_REDIS_HOST,
    CONF_REDIS_PASSWORD,
    CONF_REDIS_PORT,
    CONF_REDIS_SHARDS,
    CONF_REDIS_SOCKET,
    CONF_REDIS_USERS,
    CONF_SPIKE_FLOOR,
    CONF_SPIKE_WINDOW,
    CONF_SYSTEM_ERROR_DSN,
    CONF_SYSTEM_EVENT_RETENTION_DAYS,
    CONF_SSO_PROXY_ADDRESSES,
    CONF_SSO_PROXY_HEADER,
    CONF_SYSTEM_SECRET_FILE,
    CONF_SYSTEM_SECRET_KEY,
    CONF_SYSTEM_URL_PREFIX,
    CONF_WEB_PATIENCE,
    CONF_WEB_PROCESSES,
    CONF_WEB_SOCKET,
    CONF_WEB_TEMPLATES,
    CONF_WORKER_BATCH,
    CONF_WORKER_DEAD_LETTERS,
    CONF_WORKER_DEAD_LETTERS_DROP,
    CONF_WORKER_NOTIFIERS,
    CONF_WORKER_PROCESSES,
    CONF_COUNT
};

/*
 * Reads everything; path NULL: VEDETTE_CONFIG, else /etc/vedette/config.yml if
 * that exists.  ST_INVALID after a message that names file, line and key.
 */
enum status conf_load(const char *path) MUST_CHECK;

/* Never NULL: "" when unset.  Lives as long as the process. */
const char *conf_str(enum conf_key key);
int64_t conf_int(enum conf_key key);

/*
 * What may be told of a setting to anybody: a number as it is; of a text, which
 * may be a secret or an address, "default" or "set".
 */
void conf_tell(enum conf_key key, const char **name, const char **told);

/* The commented default file. */
void conf_print(FILE *out);

#endif
