/*
 * Names are resolved here and not by curl: all addresses of a name are looked
 * at before one is used, and those that were looked at are pinned, so that a
 * name server that answers differently the next time changes nothing.  What
 * curl then connects to is looked at once more, in case it should know a way
 * around the pin.
 *
 * One handle a process keeps connections open: many messages to one service
 * cost one TLS handshake.
 */

#include "outbound/post.h"

#include <curl/curl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "config.h"
#include "outbound/guard.h"
#include "util/conf.h"
#include "util/timeutil.h"

#define HEADERS_MAX (16 * 1024)
#define ADDRESSES_MAX 16


struct sending {
    struct arena *arena;
    const struct post_request *rq;
    struct guard_url url;
    struct buf body;
    struct buf headers;
    size_t reply_max;
    bool cut;
    bool proxied;
    const char *refused; /* by the look at what is connected to */
};


/* ---- asking the resolver */

static const char *
resolve(struct arena *a, const struct guard_url *url, struct addrinfo **out)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    int rc = getaddrinfo(str_dup(a, url->host), NULL, &hints, out);

    if (rc != 0) {
        *out = NULL;
        return arena_printf(a, "The name %.*s cannot be resolved: %s.",
                            STR_FMT(url->host), gai_strerror(rc));
    }
    return NULL;
}


/* One bad address spoils the name. */
static const char *
check_all(struct arena *a, const struct guard_url *url,
          const struct addrinfo *list)
{
    for (; list != NULL; list = list->ai_next) {
        const char *why = guard_address(a, url->host, list->ai_addr);

        if (why != NULL) {
            return why;
        }
    }
    return NULL;
}


/* "host:443:192.0.32.7,192.0.32.8" */
static struct str
pin(struct arena *a, const struct guard_url *url, const struct addrinfo *list)
{
    struct buf b = buf_in(a);
    bool v6 = str_chr(url->host, ':') != -1;

    buf_addf(&b, "+%s%.*s%s:%d:", v6 ? "[" : "", STR_FMT(url->host),
             v6 ? "]" : "", url->port);
    for (int i = 0; list != NULL && i < ADDRESSES_MAX;
         list = list->ai_next, i++) {
        v6 = list->ai_family == AF_INET6;
        buf_addf(&b, "%s%s%.*s%s", i > 0 ? "," : "", v6 ? "[" : "",
                 STR_FMT(guard_text(a, list->ai_addr)), v6 ? "]" : "");
    }
    return buf_view(&b);
}


/* ---- what curl calls */

static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct sending *s = arg;

    (void) purpose;
    if (!s->proxied) {
        const char *why = guard_address(s->arena, s->url.host, &address->addr);

        if (why != NULL) {
            s->refused = why;
            return CURL_SOCKET_BAD;
        }
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC,
                  address->protocol);
}


static size_t
keep_body(char *p, size_t size, size_t n, void *arg)
{
    struct sending *s = arg;
    size_t room = s->reply_max - s->body.n;

    n *= size;
    if (n > room) {
        buf_add(&s->body, p, room);
        s->cut = true;
        return 0;
    }
    buf_add(&s->body, p, n);
    return n;
}


static size_t
keep_header(char *p, size_t size, size_t n, void *arg)
{
    struct sending *s = arg;

    n *= size;
    if (s->headers.n + n > HEADERS_MAX) {
        return 0;
    }
    buf_add(&s->headers, p, n);
    return n;
}


/* ---- sending */

static CURL *
handle(void)
{
    static CURL *curl;
    static pid_t owner;

    if (curl != NULL && owner == getpid()) {
        curl_easy_reset(curl);
        return curl;
    }
    /* a child must not speak on its parent's connections: it forgets them */
    if (curl == NULL) {
        /* bounds what the resolver may take, unless somebody has said more */
        setenv("RES_OPTIONS", "timeout:2 attempts:2", 0);
        curl_global_init(CURL_GLOBAL_DEFAULT);
    }
    owner = getpid();
    curl = curl_easy_init();
    if (curl == NULL) {
        abort();
    }
    return curl;
}


static void
free_list(void *list)
{
    curl_slist_free_all(list);
}


static struct curl_slist *
append(struct curl_slist *list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(list, line);

    if (longer == NULL) {
        abort();
    }
    return longer;
}


static struct curl_slist *
header_list(struct arena *a, const struct post_request *rq)
{
    struct str rest = buf_view(&rq->headers), line;
    struct curl_slist *list = append(NULL, "Expect:");

    if (!str_null(rq->body)) {
        list = append(list, arena_printf(a, "Content-Type: %.*s",
                                         STR_FMT(str_null(rq->type)
                                                     ? STR("application/json")
                                                     : rq->type)));
    }
    while (str_split(&rest, '\n', &line)) {
        if (line.n > 0) {
            list = append(list, str_dup(a, line));
        }
    }
    arena_cleanup(a, free_list, list);
    return list;
}


static long
timeout_of(const struct post_request *rq)
{
    long most = (long) conf_int(CONF_OUTBOUND_TIMEOUT) * 1000;

    return rq->timeout_ms > 0 && rq->timeout_ms < most ? rq->timeout_ms : most;
}


static void
set_options(CURL *curl, struct sending *s, const char *pinned)
{
    const struct post_request *rq = s->rq;
    const char *ca = conf_str(CONF_OUTBOUND_CA);
    struct curl_slist *pins;

#define SET(option, value) curl_easy_setopt(curl, CURLOPT_##option, value)
    SET(URL, str_dup(s->arena, rq->url));
    SET(PROTOCOLS_STR, s->url.tls ? "https" : "http");
    SET(FOLLOWLOCATION, 0L);
    SET(NOSIGNAL, 1L);
    SET(USERAGENT, "Vedette/" VEDETTE_VERSION);
    SET(CONNECTTIMEOUT_MS, (long) POST_CONNECT_MS);
    SET(TIMEOUT_MS, timeout_of(rq));
    SET(PROXY, conf_str(CONF_OUTBOUND_PROXY));
    SET(NOPROXY, "");
    SET(HTTPHEADER, header_list(s->arena, rq));
    SET(WRITEFUNCTION, keep_body);
    SET(WRITEDATA, s);
    SET(HEADERFUNCTION, keep_header);
    SET(HEADERDATA, s);
    SET(OPENSOCKETFUNCTION, open_socket);
    SET(OPENSOCKETDATA, s);
    if (ca[0] != '\0') {
        SET(CAINFO, ca);
    }
    if (pinned != NULL) {
        pins = append(NULL, pinned);
        arena_cleanup(s->arena, free_list, pins);
        SET(RESOLVE, pins);
    }
    if (!str_null(rq->body)) {
        SET(POSTFIELDS, rq->body.p);
        SET(POSTFIELDSIZE_LARGE, (curl_off_t) rq->body.n);
    }
    if (rq->method != NULL) {
        SET(CUSTOMREQUEST, rq->method);
    }
#undef SET
}


static void
read_reply(CURL *curl, struct sending *s, CURLcode rc, struct post_reply *out)
{
    curl_off_t after = 0, took = 0;
    const char *type = NULL;
    long code = 0, size = 0;

    curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &size);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
    curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &after);
    curl_easy_getinfo(curl, CURLINFO_TOTAL_TIME_T, &took);
    out->took = took;
    if (rc == CURLE_OK || (rc == CURLE_WRITE_ERROR && s->cut)) {
        out->end = POST_ANSWERED;
        out->code = (int) code;
        out->type = type != NULL ? str_copy(s->arena, str_of(type)) : STR("");
        out->body = buf_view(&s->body);
        out->cut = s->cut;
        out->headers = buf_view(&s->headers);
        out->retry_after = after * US_PER_SECOND;
        return;
    }
    if (s->refused != NULL) {
        out->end = POST_REFUSED;
        out->why = str_of(s->refused);
        return;
    }
    out->end = POST_UNREACHABLE;
    out->sent = size > 0;
    out->why = str_printf(s->arena, "%s.", curl_easy_strerror(rc));
}


static void
perform(struct sending *s, const char *pinned, struct post_reply *out)
{
    CURL *curl = handle();

    set_options(curl, s, pinned);
    read_reply(curl, s, curl_easy_perform(curl), out);
    /* nothing of this arena may stay in the handle */
    curl_easy_reset(curl);
}


static void
refuse(struct post_reply *out, enum post_end end, const char *why)
{
    out->end = end;
    out->why = str_of(why);
}


void
post_send(struct arena *a, const struct post_request *rq,
          struct post_reply *out)
{
    struct sending s = {
        .arena = a,
        .rq = rq,
        .body = buf_in(a),
        .headers = buf_in(a),
        .reply_max = rq->reply_max > 0 ? rq->reply_max : POST_REPLY_MAX,
        .proxied = conf_str(CONF_OUTBOUND_PROXY)[0] != '\0',
    };
    struct addrinfo *list = NULL;
    const char *why = guard_url(a, rq->url, &s.url);

    *out = (struct post_reply){ .end = POST_REFUSED };
    if (why != NULL) {
        refuse(out, POST_REFUSED, why);
        return;
    }
    if (s.proxied) {
        /* the proxy resolves names, and has to keep the same rules */
        perform(&s, NULL, out);
        return;
    }
    if ((why = resolve(a, &s.url, &list)) != NULL) {
        refuse(out, POST_UNREACHABLE, why);

    } else if ((why = check_all(a, &s.url, list)) != NULL) {
        refuse(out, POST_REFUSED, why);

    } else {
        perform(&s, str_dup(a, pin(a, &s.url, list)), out);
    }
    if (list != NULL) {
        freeaddrinfo(list);
    }
}


const char *
post_check(struct arena *a, struct str url)
{
    struct addrinfo *list = NULL;
    struct guard_url parts;
    const char *why = guard_url(a, url, &parts);

    if (why != NULL || conf_str(CONF_OUTBOUND_PROXY)[0] != '\0'
        || resolve(a, &parts, &list) != NULL) {
        return why;
    }
    why = check_all(a, &parts, list);
    freeaddrinfo(list);
    return why;
}


/* ---- headers */

void
post_header_add(struct post_request *rq, struct arena *a, const char *name,
                struct str value)
{
    if (rq->headers.arena == NULL) {
        rq->headers = buf_in(a);
    }
    buf_addf(&rq->headers, "%s: ", name);
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char) value.p[i];

        buf_char(&rq->headers, c < ' ' || c == 127 ? ' ' : (char) c);
    }
    buf_char(&rq->headers, '\n');
}


struct str
post_header(const struct post_reply *reply, const char *name)
{
    struct str rest = reply->headers, line;
    size_t n = strlen(name);

    while (str_split(&rest, '\n', &line)) {
        if (line.n > n && line.p[n] == ':'
            && str_ieq(str_sub(line, 0, n), str_of(name))) {
            return str_trim(str_sub(line, n + 1, line.n));
        }
    }
    return STR_NULL;
}
