/*
 * A YAML file with two levels, section and key; anything else is an error that
 * names its line.  Values are kept as text and checked by their kind when they
 * are set, so that a wrong setting stops the start and not a request.
 */

#include "util/conf.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <unistd.h>
#include <yaml.h>

#include "config.h"
#include "util/log.h"

#define DEFAULT_PATH VEDETTE_SYSCONFDIR "/config.yml"

enum kind { KIND_TEXT, KIND_PATH, KIND_URL, KIND_MAYBE_URL, KIND_NUMBER };

struct setting {
    const char *name;
    enum kind kind;
    const char *value; /* default, later the value in force */
    int64_t min, max;  /* KIND_NUMBER */
    const char *help;
    char *owned; /* value, once it is not the default */
};

/* In the order of enum conf_key, which is the order of the alphabet. */
static struct setting settings[CONF_COUNT] = {
    [CONF_ATTACHMENT_LIMIT] = { "attachment.limit", KIND_NUMBER, "1024", 0,
                                100000000,
                                "MiB of attachments that a project keeps, "
                                "unless it says otherwise." },
    [CONF_ATTACHMENT_PATH] = { "attachment.path", KIND_PATH,
                               "/var/lib/vedette/attachments", 0, 0,
                               "The folder of attachments, for worker and "
                               "web." },
    [CONF_DB_URL] = { "db.url", KIND_TEXT, "dbname=vedette", 0, 0,
                      "PostgreSQL, as a URL or as libpq's key=value words." },
    [CONF_DIGEST_USER_AGENTS] = { "digest.user-agents", KIND_PATH,
                                  "/usr/share/uap-core/regexes.yaml", 0, 0,
                                  "The rules of uap-core that read browser, "
                                  "system and device out of User-Agent." },
    [CONF_GEO_DATABASE] = { "geo.database", KIND_PATH,
                            VEDETTE_DATADIR "/country.mmdb", 0, 0,
                            "A file of countries by address in MaxMind's DB "
                            "format; empty: none." },
    [CONF_MAIL_CA_FILE] = { "mail.ca-file", KIND_PATH, "", 0, 0,
                            "Certificates that the mail server's is checked "
                            "against, if not those of the system." },
    [CONF_MAIL_FROM] = { "mail.from", KIND_TEXT, "Vedette <vedette@localhost>",
                         0, 0, "Who mails are from." },
    [CONF_MAIL_HOST] = { "mail.host", KIND_TEXT, "", 0, 0,
                         "The mail server; empty: no mails are sent." },
    [CONF_MAIL_LIST_NAMESPACE] = { "mail.list-namespace", KIND_TEXT,
                                   "localhost", 0, 0,
                                   "The end of List-Id, for filters." },
    [CONF_MAIL_PASSWORD] = { "mail.password", KIND_TEXT, "", 0, 0,
                             "Of mail.username." },
    [CONF_MAIL_PORT] = { "mail.port", KIND_NUMBER, "25", 1, 65535,
                         "Its port: 25, 587 with use-tls, 465 with "
                         "use-ssl." },
    [CONF_MAIL_SUBJECT_PREFIX] = { "mail.subject-prefix", KIND_TEXT,
                                   "[Vedette]", 0, 0,
                                   "What subjects begin with." },
    [CONF_MAIL_TIMEOUT] = { "mail.timeout", KIND_NUMBER, "15", 1, 30,
                            "Seconds that one mail may take." },
    [CONF_MAIL_USE_SSL] = { "mail.use-ssl", KIND_TEXT, "false", 0, 0,
                            "true: TLS from the first byte." },
    [CONF_MAIL_USE_TLS] = { "mail.use-tls", KIND_TEXT, "false", 0, 0,
                            "true: STARTTLS, or no mail at all." },
    [CONF_MAIL_USERNAME] = { "mail.username", KIND_TEXT, "", 0, 0,
                             "Signs in at the mail server; empty: not." },
    [CONF_MIGRATE_SQL] = { "migrate.sql", KIND_PATH, VEDETTE_DATADIR "/sql", 0,
                           0, "The folder of the numbered migrations." },
    [CONF_OUTBOUND_ALLOW] = { "outbound.allow", KIND_TEXT, "", 0, 0,
                              "Hosts, addresses and networks with commas "
                              "between, which integrations may reach though "
                              "they are private, also without TLS." },
    [CONF_OUTBOUND_CA] = { "outbound.ca", KIND_PATH, "", 0, 0,
                           "A file of certificates that integrations trust "
                           "beside those of the system." },
    [CONF_OUTBOUND_PROXY] = { "outbound.proxy", KIND_TEXT, "", 0, 0,
                              "The proxy that integrations use, as a URL; it "
                              "must refuse private addresses itself." },
    [CONF_OUTBOUND_TIMEOUT] = { "outbound.timeout", KIND_NUMBER, "10", 1, 30,
                                "Seconds that a request of an integration may "
                                "take; five at most while a page waits." },
    [CONF_PULSE_EVERY] = { "pulse.every", KIND_NUMBER, "60", 0, 3600,
                           "Seconds between two events that the worker itself "
                           "sends to the edge, to see them arrive; 0: none." },
    [CONF_PULSE_URL] = { "pulse.url", KIND_MAYBE_URL, "", 0, 0,
                         "Where the edge takes those, if the worker does not "
                         "reach system.url-prefix." },
    [CONF_REDIS_DB] = { "redis.db", KIND_NUMBER, "0", 0, 1023,
                        "The number of the Redis database." },
    [CONF_REDIS_HOST] = { "redis.host", KIND_TEXT, "127.0.0.1", 0, 0,
                          "Where Redis listens, if redis.socket is empty." },
    [CONF_REDIS_PASSWORD] = { "redis.password", KIND_TEXT, "", 0, 0,
                              "Sent by AUTH when not empty." },
    [CONF_REDIS_PORT] = { "redis.port", KIND_NUMBER, "6379", 1, 65535,
                          "Its TCP port, if redis.socket is empty." },
    [CONF_REDIS_SHARDS] = { "redis.shards", KIND_TEXT, "", 0, 0,
                            "More servers that take events, as host:port or "
                            "the path of a socket, with commas between; their "
                            "password and database are those of the first." },
    [CONF_REDIS_SOCKET] = { "redis.socket", KIND_PATH, "", 0, 0,
                            "The Unix socket of Redis." },
    [CONF_REDIS_USERS] = { "redis.users", KIND_PATH, "", 0, 0,
                           "The file of passwords that vedette redis users "
                           "prints: each part is a user of its own; empty: "
                           "redis.password alone." },
    [CONF_SPIKE_FLOOR] = { "spike.floor", KIND_NUMBER, "1000", 1, 1000000000,
                           "Spike protection caps no project below so many "
                           "errors in spike.window." },
    [CONF_SPIKE_WINDOW] = { "spike.window", KIND_NUMBER, "600", 1, 86400,
                            "Seconds in which a project may send as many "
                            "errors as in a busy hour of last week." },
    [CONF_SYSTEM_ERROR_DSN] = { "system.error-dsn", KIND_MAYBE_URL, "", 0, 0,
                                "The DSN of a project that takes the errors of "
                                "Vedette's own pages; empty: none does." },
    [CONF_SYSTEM_EVENT_RETENTION_DAYS] = { "system.event-retention-days",
                                           KIND_NUMBER, "90", 0, 36500,
                                           "Days that events are kept, unless "
                                           "organisation or project say "
                                           "otherwise; 0: for ever." },
    [CONF_SSO_PROXY_ADDRESSES] = { "sso.proxy-addresses", KIND_TEXT, "", 0, 0,
                                   "Networks and addresses with commas "
                                   "between, from which that header is "
                                   "believed." },
    [CONF_SSO_PROXY_HEADER] = { "sso.proxy-header", KIND_TEXT, "", 0, 0,
                                "The header in which a proxy in front of "
                                "nginx tells the mail address of who has "
                                "signed in there, as X-Forwarded-Email. "
                                "Empty: none is believed." },
    [CONF_SYSTEM_SECRET_FILE] = { "system.secret-file", KIND_PATH,
                                  VEDETTE_SYSCONFDIR "/secret.key", 0, 0,
                                  "A file of keys, one a line, that encrypt "
                                  "the secrets of integrations; the first is "
                                  "for new ones, the others still read." },
    [CONF_SYSTEM_SECRET_KEY] = { "system.secret-key", KIND_TEXT, "", 0, 0,
                                 "The same without a file: keys of 32 signs "
                                 "or more with commas between." },
    [CONF_SYSTEM_URL_PREFIX] = { "system.url-prefix", KIND_URL,
                                 "http://localhost:8000", 0, 0,
                                 "The address that people and SDKs use; DSNs "
                                 "and links begin with it." },
    [CONF_WEB_PATIENCE] = { "web.patience", KIND_NUMBER, "10", 1, 3600,
                            "Seconds that one statement of a page may take; "
                            "then the page says that it asks for too much." },
    [CONF_WEB_PROCESSES] = { "web.processes", KIND_NUMBER, "2", 1, 256,
                             "Each serves one request at a time." },
    [CONF_WEB_SOCKET] = { "web.socket", KIND_PATH, "/run/vedette/web.sock", 0,
                          0, "The FastCGI socket that nginx passes pages to." },
    [CONF_WEB_TEMPLATES] = { "web.templates", KIND_PATH,
                             VEDETTE_DATADIR "/templates", 0, 0,
                             "The folder of the pages; static/ stands beside "
                             "it." },
    [CONF_WORKER_BATCH] = { "worker.batch", KIND_NUMBER, "500", 1, 10000,
                            "Requests that one transaction stores, about." },
    [CONF_WORKER_DEAD_LETTERS] = { "worker.dead-letters", KIND_NUMBER, "1024",
                                   1, 1048576,
                                   "MiB that dead letters may take in each "
                                   "Redis; then the digest waits until there "
                                   "is room." },
    [CONF_WORKER_DEAD_LETTERS_DROP] = { "worker.dead-letters-drop", KIND_NUMBER,
                                        "0", 0, 1,
                                        "1: then the oldest go instead, though "
                                        "they were answered with 200." },
    [CONF_WORKER_NOTIFIERS] = { "worker.notifiers", KIND_NUMBER, "16", 1, 64,
                                "Each sends one notification at a time; two "
                                "are always there, so many while all are "
                                "busy." },
    [CONF_WORKER_PROCESSES] = { "worker.processes", KIND_NUMBER, "1", 1, 256,
                                "Each stores one batch at a time." },
};


static struct setting *
find(struct str name)
{
    for (size_t i = 0; i < CONF_COUNT; i++) {
        if (str_is(name, settings[i].name)) {
            return &settings[i];
        }
    }
    return NULL;
}


/* Checks and sets; where: "config.yml:3" or a variable's name. */
static enum status
set(struct setting *s, const char *value, const char *where)
{
    int64_t number;
    char *copy;

    switch (s->kind) {
    case KIND_NUMBER:
        if (!str_i64(str_of(value), &number) || number < s->min
            || number > s->max) {
            log_error("%s: %s is a number from %lld to %lld, not \"%s\"", where,
                      s->name, (long long) s->min, (long long) s->max, value);
            return ST_INVALID;
        }
        break;

    case KIND_URL:
    case KIND_MAYBE_URL:
        if (!(s->kind == KIND_MAYBE_URL && value[0] == '\0')
            && !str_starts(str_of(value), STR("http://"))
            && !str_starts(str_of(value), STR("https://"))) {
            log_error("%s: %s begins with http:// or https://, not \"%s\"",
                      where, s->name, value);
            return ST_INVALID;
        }
        break;

    case KIND_TEXT:
    case KIND_PATH:
        break;
    }

    copy = strdup(value);
    if (copy == NULL) {
        abort();
    }
    if ((s->kind == KIND_URL || s->kind == KIND_MAYBE_URL)
        && str_ends(str_of(copy), STR("/"))) {
        copy[strlen(copy) - 1] = '\0';
    }
    free(s->owned);
    s->owned = copy;
    s->value = copy;
    return ST_OK;
}


/* yaml: one scalar pair below a section */

struct reader {
    const char *path;
    char section[64];
    char key[128]; /* "section.key", or "" between pairs */
    int depth;
};


static enum status
scalar(struct reader *r, const yaml_event_t *event)
{
    const char *text = (const char *) event->data.scalar.value;
    size_t line = event->start_mark.line + 1;
    struct setting *s;
    char where[512];

    snprintf(where, sizeof(where), "%s:%zu", r->path, line);

    if (r->depth == 1 && r->section[0] == '\0') {
        snprintf(r->section, sizeof(r->section), "%s", text);
        return ST_OK;
    }
    if (r->depth == 1 && text[0] == '\0') {
        /* a section without keys */
        r->section[0] = '\0';
        return ST_OK;
    }
    if (r->depth != 2) {
        log_error("%s: a setting is \"section:\" with \"key: value\" lines "
                  "below it",
                  where);
        return ST_INVALID;
    }
    if (r->key[0] == '\0') {
        snprintf(r->key, sizeof(r->key), "%s.%s", r->section, text);
        return ST_OK;
    }

    s = find(str_of(r->key));
    if (s == NULL) {
        log_error("%s: there is no setting %s; \"vedette config\" lists them",
                  where, r->key);
        return ST_INVALID;
    }
    r->key[0] = '\0';
    return set(s, text, where);
}


static enum status
read_event(struct reader *r, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return scalar(r, event);

    case YAML_MAPPING_START_EVENT:
        r->depth++;
        if (r->depth <= 2 && r->key[0] == '\0') {
            return ST_OK;
        }
        break;

    case YAML_MAPPING_END_EVENT:
        r->depth--;
        r->section[0] = '\0';
        return ST_OK;

    case YAML_SEQUENCE_START_EVENT:
    case YAML_ALIAS_EVENT:
        break;

    default:
        return ST_OK;
    }

    log_error("%s:%zu: a setting has one plain value", r->path,
              event->start_mark.line + 1);
    return ST_INVALID;
}


static enum status
read_file(const char *path)
{
    struct reader r = { .path = path };
    yaml_parser_t parser;
    yaml_event_t event;
    enum status st = ST_OK;
    bool end = false;
    FILE *f;

    f = fopen(path, "r");
    if (f == NULL) {
        log_error("%s: %s", path, strerror(errno));
        return ST_INVALID;
    }
    if (!yaml_parser_initialize(&parser)) {
        abort();
    }
    yaml_parser_set_input_file(&parser, f);

    while (st == ST_OK && !end) {
        if (!yaml_parser_parse(&parser, &event)) {
            log_error("%s:%zu: %s", path, parser.problem_mark.line + 1,
                      parser.problem != NULL ? parser.problem : "no YAML");
            st = ST_INVALID;
            break;
        }
        end = event.type == YAML_STREAM_END_EVENT;
        st = read_event(&r, &event);
        yaml_event_delete(&event);
    }

    yaml_parser_delete(&parser);
    fclose(f);
    return st;
}


/* config.d beside the main file; glob sorts. */
static enum status
read_extra(const char *path)
{
    const char *slash = strrchr(path, '/');
    int folder = slash != NULL ? (int) (slash - path + 1) : 0;
    enum status st = ST_OK;
    char pattern[4096];
    glob_t found;

    snprintf(pattern, sizeof(pattern), "%.*sconfig.d/*.yml", folder, path);
    if (glob(pattern, 0, NULL, &found) != 0) {
        return ST_OK;
    }
    for (size_t i = 0; i < found.gl_pathc && st == ST_OK; i++) {
        st = read_file(found.gl_pathv[i]);
    }
    globfree(&found);
    return st;
}


static enum status
read_environment(void)
{
    enum status st = ST_OK;

    for (size_t i = 0; i < CONF_COUNT && st == ST_OK; i++) {
        char variable[128] = "VEDETTE_";
        const char *value;
        size_t n = strlen(variable);

        for (const char *p = settings[i].name; *p != '\0'; p++) {
            variable[n++] = isalnum((unsigned char) *p)
                                ? (char) toupper((unsigned char) *p)
                                : '_';
        }
        variable[n] = '\0';

        value = getenv(variable);
        if (value != NULL) {
            st = set(&settings[i], value, variable);
        }
    }
    return st;
}


enum status
conf_load(const char *path)
{
    enum status st;

    if (path == NULL) {
        path = getenv("VEDETTE_CONFIG");
    }
    if (path == NULL && access(DEFAULT_PATH, R_OK) == 0) {
        path = DEFAULT_PATH;
    }

    if (path != NULL
        && ((st = read_file(path)) != ST_OK
            || (st = read_extra(path)) != ST_OK)) {
        return st;
    }
    return read_environment();
}


const char *
conf_str(enum conf_key key)
{
    return settings[key].value;
}


void
conf_tell(enum conf_key key, const char **name, const char **told)
{
    const struct setting *s = &settings[key];

    *name = s->name;
    *told = s->kind == KIND_NUMBER ? s->value
            : s->owned == NULL     ? "default"
                                   : "set";
}


int64_t
conf_int(enum conf_key key)
{
    int64_t v = 0;

    return str_i64(str_of(settings[key].value), &v) ? v : 0;
}


void
conf_print(FILE *out)
{
    char section[64] = "";

    fputs("# Vedette's settings with their defaults.  Each can also be given "
          "as an\n# environment variable: db.url is VEDETTE_DB_URL.  Files "
          "config.d/*.yml\n# beside this one are read after it and win.\n",
          out);

    for (size_t i = 0; i < CONF_COUNT; i++) {
        const struct setting *s = &settings[i];
        int n = (int) (strchr(s->name, '.') - s->name);

        if (strlen(section) != (size_t) n
            || strncmp(section, s->name, (size_t) n) != 0) {
            snprintf(section, sizeof(section), "%.*s", n, s->name);
            fprintf(out, "\n%s:\n", section);
        }
        if (s->help[0] != '\0') {
            fprintf(out, "  # %s\n", s->help);
        }
        fprintf(out, "  #%s: \"%s\"\n", s->name + n + 1, s->value);
    }
}
