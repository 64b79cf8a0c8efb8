#include "web/fcgi.h"

#include <stdlib.h>

#include "outbound/guard.h"
#include "util/conf.h"
#include "util/hex.h"
#include "util/timeutil.h"
#include "web/form.h"

#define ID_CHARS 32


static struct str
param(const FCGX_Request *fcgi, struct arena *a, const char *name)
{
    const char *value = FCGX_GetParam(name, fcgi->envp);

    return value != NULL ? str_of(arena_strdup(a, value)) : STR("");
}


static enum method
method_of(struct str name, bool *head)
{
    *head = str_is(name, "HEAD");
    if (*head || str_is(name, "GET")) {
        return METHOD_GET;
    }
    return str_is(name, "POST") ? METHOD_POST : METHOD_OTHER;
}


/* nginx's $request_id, when it passes one, so that the logs can be joined. */
static struct str
request_id(const FCGX_Request *fcgi, struct arena *a)
{
    struct str id = param(fcgi, a, "REQUEST_ID");
    unsigned char bytes[16];

    if (id.n == ID_CHARS && hex_decode(id, bytes, sizeof(bytes))) {
        return id;
    }
    uuid_random(bytes);
    return uuid_hex(a, bytes);
}


/* Signatures of programs, and what they call their messages. */
static void
read_extra(const FCGX_Request *fcgi, struct arena *a, struct fields *out)
{
    static const char prefix[] = "HTTP_X_";
    size_t n = 0;

    for (char **p = fcgi->envp; *p != NULL; p++) {
        n += strncmp(*p, prefix, sizeof(prefix) - 1) == 0;
    }
    out->v = arena_array(a, n, sizeof(*out->v));
    for (char **p = fcgi->envp; *p != NULL; p++) {
        struct str line = str_of(*p), name;

        if (strncmp(*p, prefix, sizeof(prefix) - 1) == 0
            && str_split(&line, '=', &name)) {
            out->v[out->n++] =
                (struct field){ str_copy(a, name), str_copy(a, line) };
        }
    }
}


static void
read_body(FCGX_Request *fcgi, struct request *rq)
{
    struct str length = param(fcgi, rq->a, "CONTENT_LENGTH");
    int64_t n = 0;
    char *p;
    int got;

    rq->body = STR("");
    if (length.n == 0 || rq->method != METHOD_POST) {
        return;
    }
    if (!str_i64(length, &n) || n < 0 || n > FORM_BYTES_MAX) {
        rq->too_large = true;
        return;
    }
    p = arena_alloc(rq->a, (size_t) n + 1);
    got = FCGX_GetStr(p, (int) n, fcgi->in);
    rq->body = str_make(p, got > 0 ? (size_t) got : 0);
}


/*
 * Whom a proxy of sso.proxy-addresses vouches for.  rq->addr is what nginx was
 * connected from, or what its own real_ip has made of that.
 */
static struct str
vouched(const FCGX_Request *fcgi, const struct request *rq)
{
    struct str header = str_of(conf_str(CONF_SSO_PROXY_HEADER));
    struct str trusted = str_of(conf_str(CONF_SSO_PROXY_ADDRESSES)), value;
    char *name;

    if (header.n == 0 || !guard_listed(trusted, rq->addr)) {
        return STR_NULL;
    }
    name = arena_printf(rq->a, "HTTP_%s",
                        str_dup(rq->a, str_upper(rq->a, header)));
    for (char *p = name; *p != '\0'; p++) {
        *p = *p == '-' ? '_' : *p;
    }
    value = str_trim(param(fcgi, rq->a, name));
    return value.n > 0 ? value : STR_NULL;
}


void
fcgi_read(FCGX_Request *fcgi, struct request *rq)
{
    struct arena *a = rq->a;
    struct str uri = param(fcgi, a, "REQUEST_URI");
    ptrdiff_t mark = str_chr(uri, '?');
    size_t end = mark == -1 ? uri.n : (size_t) mark;

    rq->started = time_monotonic();
    rq->now = time_now();
    rq->method = method_of(param(fcgi, a, "REQUEST_METHOD"), &rq->head);
    rq->path = str_sub(uri, 0, end);
    rq->query = str_sub(uri, end + 1, uri.n);
    rq->addr = param(fcgi, a, "REMOTE_ADDR");
    rq->vouched = vouched(fcgi, rq);
    rq->agent = param(fcgi, a, "HTTP_USER_AGENT");
    rq->authorization = param(fcgi, a, "HTTP_AUTHORIZATION");
    rq->host = param(fcgi, a, "HTTP_HOST");
    rq->origin = param(fcgi, a, "HTTP_ORIGIN");
    rq->fetch_site = param(fcgi, a, "HTTP_SEC_FETCH_SITE");
    rq->referer = param(fcgi, a, "HTTP_REFERER");
    rq->known = param(fcgi, a, "HTTP_IF_NONE_MATCH");
    rq->accept = param(fcgi, a, "HTTP_ACCEPT");
    rq->languages = param(fcgi, a, "HTTP_ACCEPT_LANGUAGE");
    rq->body_type = param(fcgi, a, "CONTENT_TYPE");
    rq->id = request_id(fcgi, a);
    rq->https =
        str_starts(str_of(conf_str(CONF_SYSTEM_URL_PREFIX)), STR("https://"));
    cookies_parse(a, param(fcgi, a, "HTTP_COOKIE"), &rq->cookies);
    if (rq->method == METHOD_POST) {
        read_extra(fcgi, a, &rq->extra);
    }
    read_body(fcgi, rq);
}


bool
fcgi_write(FCGX_Request *fcgi, struct str bytes)
{
    while (bytes.n > 0) {
        int n = bytes.n > 1 << 20 ? 1 << 20 : (int) bytes.n;
        int put = FCGX_PutStr(bytes.p, n, fcgi->out);

        if (put <= 0) {
            return false;
        }
        bytes = str_sub(bytes, (size_t) put, bytes.n);
    }
    return true;
}
