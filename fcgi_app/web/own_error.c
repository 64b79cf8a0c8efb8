#include "web/own_error.h"

#include <unistd.h>

#include "config.h"
#include "json/doc.h"
#include "model/account.h"
#include "outbound/edge.h"
#include "util/conf.h"
#include "util/log.h"
#include "util/timeutil.h"
#include "web/route.h"

/* Of a process: a fault of every page must not become a flood. */
#define EACH_MINUTE 10

static struct {
    int64_t since; /* monotonic */
    int n;
} sent;


static bool
may_send(int64_t now)
{
    if (sent.since == 0 || now - sent.since >= 60 * US_PER_SECOND) {
        sent.since = now;
        sent.n = 0;
    }
    return sent.n < EACH_MINUTE;
}


static void
set(struct arena *a, struct json *o, const char *name, struct str value)
{
    json_set(o, str_of(name), json_new_str(a, value));
}


/* "GET /:org/issues/": what the page is, and not whose. */
static struct str
page_of(const struct request *rq)
{
    return rq->route == NULL
               ? STR("no page")
               : str_printf(rq->a, "%s %s",
                            rq->method == METHOD_POST ? "POST" : "GET",
                            rq->route->pattern);
}


static struct json *
exception(struct request *rq, int status)
{
    struct json *list = json_new(rq->a, JSON_T_ARRAY);
    struct json *one = json_new(rq->a, JSON_T_OBJECT);
    struct json *o = json_new(rq->a, JSON_T_OBJECT);
    struct str why = str_of(log_last());

    set(rq->a, one, "type", str_of(http_reason(status)));
    set(rq->a, one, "value", why.n > 0 ? why : STR("not logged"));
    json_append(list, one);
    json_set(o, STR("values"), list);
    return o;
}


static struct str
event_of(struct request *rq, int status)
{
    struct json *o = json_new(rq->a, JSON_T_OBJECT);
    struct json *tags = json_new(rq->a, JSON_T_OBJECT);
    struct buf b = buf_in(rq->a);
    char host[256] = "";

    if (gethostname(host, sizeof(host) - 1) == -1) {
        host[0] = '\0';
    }
    set(rq->a, o, "event_id", rq->id);
    json_set(o, STR("timestamp"), json_new_i64(rq->a, rq->now / US_PER_SECOND));
    set(rq->a, o, "level", STR("error"));
    set(rq->a, o, "platform", STR("other"));
    set(rq->a, o, "logger", STR("vedette.web"));
    set(rq->a, o, "release", STR("vedette@" VEDETTE_VERSION));
    set(rq->a, o, "server_name", str_of(host));
    set(rq->a, o, "transaction", page_of(rq));
    set(rq->a, tags, "status", str_printf(rq->a, "%d", status));
    json_set(o, STR("tags"), tags);
    if (rq->account != NULL) {
        struct json *user = json_new(rq->a, JSON_T_OBJECT);

        set(rq->a, user, "id",
            str_printf(rq->a, "%lld", (long long) rq->account->id));
        json_set(o, STR("user"), user);
    }
    json_set(o, STR("exception"), exception(rq, status));
    json_write(&b, o);
    return buf_view(&b);
}


/* "https://KEY@host/some/path/3" */
static bool
read_dsn(struct arena *a, struct str dsn, const char **base, struct str *key,
         struct str *project)
{
    ptrdiff_t scheme = str_find(dsn, STR("://")), at = str_chr(dsn, '@');
    ptrdiff_t last = str_rchr(dsn, '/');

    if (scheme == -1 || at <= scheme + 3 || last < at) {
        return false;
    }
    *key = str_sub(dsn, (size_t) scheme + 3, (size_t) at);
    *project = str_sub(dsn, (size_t) last + 1, dsn.n);
    *base = arena_printf(a, "%.*s%.*s",
                         STR_FMT(str_sub(dsn, 0, (size_t) scheme + 3)),
                         STR_FMT(str_sub(dsn, (size_t) at + 1, (size_t) last)));
    return project->n > 0;
}


static void
send(struct request *rq)
{
    const char *base;
    struct str key, project;
    struct edge_reply reply;

    if (!read_dsn(rq->a, str_of(conf_str(CONF_SYSTEM_ERROR_DSN)), &base, &key,
                  &project)) {
        log_warning("system.error-dsn is no DSN");
        return;
    }
    edge_send(rq->a, base, project, key, rq->own_error, &reply);
    if (reply.code != 200) {
        log_warning("system.error-dsn: the event of request %.*s is not taken: "
                    "%d %.*s",
                    STR_FMT(rq->id), reply.code, STR_FMT(reply.why));
        sent.n = EACH_MINUTE; /* each try may take 3 s: not before a minute */
    }
}


bool
own_error(struct request *rq, int status)
{
    if (conf_str(CONF_SYSTEM_ERROR_DSN)[0] == '\0' || rq->after != NULL
        || !may_send(time_monotonic())) {
        return false;
    }
    sent.n++;
    rq->own_error = event_of(rq, status);
    rq->after = send;
    return true;
}
