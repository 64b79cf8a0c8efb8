#include "web/http.h"

#include "model/account.h"
#include "web/route.h"

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    { 200, "OK" },
    { 303, "See Other" },
    { 308, "Permanent Redirect" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 409, "Conflict" },
    { 413, "Content Too Large" },
    { 415, "Unsupported Media Type" },
    { 422, "Unprocessable Content" },
    { 429, "Too Many Requests" },
    { 500, "Internal Server Error" },
    { 503, "Service Unavailable" },
};


const char *
http_reason(int status)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status) {
            return reasons[i].reason;
        }
    }
    return "Unknown";
}


struct str
request_param(const struct request *rq, const char *name)
{
    for (size_t i = 0; i < rq->nparams; i++) {
        if (str_is(rq->params[i].name, name)) {
            return rq->params[i].value;
        }
    }
    return STR_NULL;
}


struct str
request_arg(const struct request *rq, const char *name)
{
    return field_get(&rq->args, name);
}


enum status
request_wrong(struct request *rq, const char *name)
{
    rq->wrong = str_of(name);
    return ST_INVALID;
}


struct str
request_header(const struct request *rq, const char *name)
{
    struct buf b = buf_in(rq->a);

    buf_text(&b, "HTTP_");
    buf_str(&b, str_upper(rq->a, str_of(name)));
    for (size_t i = 0; i < b.n; i++) {
        if (b.p[i] == '-') {
            b.p[i] = '_';
        }
    }
    return field_get(&rq->extra, str_dup(rq->a, buf_view(&b)));
}


struct str
request_field(const struct request *rq, const char *name)
{
    return str_trim(field_get(&rq->form, name));
}


struct actor
request_actor(const struct request *rq)
{
    return (struct actor){
        .account_id = rq->account->id,
        .name = rq->account->name,
        .email = rq->account->email,
        .address = rq->addr,
        .is_superuser = rq->account->is_superuser,
    };
}


void
response_header(struct response *rs, const char *name, struct str value)
{
    buf_text(&rs->headers, name);
    buf_text(&rs->headers, ": ");
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char) value.p[i];

        buf_char(&rs->headers, c < 0x20 || c == 0x7F ? ' ' : (char) c);
    }
    buf_text(&rs->headers, "\r\n");
}


void
response_redirect(struct response *rs, struct str path)
{
    rs->status = 303;
    response_header(rs, "Location", path);
    response_raw(rs, "text/plain; charset=utf-8", STR(""));
}


void
response_raw(struct response *rs, const char *type, struct str body)
{
    rs->raw = true;
    rs->type = str_of(type);
    rs->body = body;
}


void
response_stream(struct request *rq, struct response *rs, const char *type,
                void (*stream)(struct request *rq, const struct sink *sink),
                void *state)
{
    response_raw(rs, type, STR(""));
    rq->stream = stream;
    rq->streamed = state;
}


void
response_cookie(struct response *rs, const struct request *rq, const char *name,
                struct str value, int64_t max_age)
{
    struct buf b = buf_in(rs->a);

    buf_text(&b, name);
    buf_char(&b, '=');
    buf_str(&b, value);
    buf_text(&b, "; Path=/; HttpOnly; SameSite=Lax");
    if (max_age > 0) {
        buf_addf(&b, "; Max-Age=%lld", (long long) max_age);
    } else if (max_age < 0) {
        buf_text(&b, "; Max-Age=0");
    }
    if (rq->https) {
        buf_text(&b, "; Secure");
    }
    response_header(rs, "Set-Cookie", buf_view(&b));
}


struct str
response_bytes(const struct request *rq, struct response *rs)
{
    struct buf b = buf_in(rs->a);

    buf_addf(&b, "Status: %d %s\r\n", rs->status, http_reason(rs->status));
    buf_text(&b, "Content-Type: ");
    buf_str(&b, rs->type);
    buf_text(&b, "\r\n");
    if (rq->stream == NULL) {
        buf_addf(&b, "Content-Length: %zu\r\n", rs->body.n);
    }
    buf_str(&b, buf_view(&rs->headers));
    buf_text(&b, "\r\n");
    if (!rq->head) {
        buf_str(&b, rs->body);
    }
    return buf_view(&b);
}
