#include "integration/ask.h"

#include <curl/curl.h>
#include <sodium.h>
#include <stdlib.h>


struct str
ask_url(const struct integration_call *call, const char *fmt, ...)
{
    struct str base = integration_value(call->i, "url");
    const char *path;
    va_list ap;

    va_start(ap, fmt);
    path = arena_vprintf(call->a, fmt, ap);
    va_end(ap);
    while (str_ends(base, STR("/"))) {
        base.n--;
    }
    return str_of(arena_printf(call->a, "%s%s", str_dup(call->a, base), path));
}


const char *
ask_part(struct arena *a, struct str s)
{
    char *text = s.n > 0 ? curl_easy_escape(NULL, s.p, (int) s.n) : NULL;
    const char *out = arena_strdup(a, text != NULL ? text : "");

    curl_free(text);
    return out;
}


void
ask_token(const struct integration_call *call, struct post_request *rq,
          const char *word, struct str token)
{
    post_header_add(
        rq, call->a, "Authorization",
        str_of(arena_printf(call->a, "%s %s", word, str_dup(call->a, token))));
}


void
ask_basic(const struct integration_call *call, struct post_request *rq,
          struct str name, struct str password)
{
    struct buf plain = buf_in(call->a);
    size_t size;
    char *base64;

    buf_str(&plain, name);
    buf_char(&plain, ':');
    buf_str(&plain, password);
    size = sodium_base64_ENCODED_LEN(plain.n, sodium_base64_VARIANT_ORIGINAL);
    base64 = arena_alloc(call->a, size);
    sodium_bin2base64(base64, size, (const unsigned char *) plain.p, plain.n,
                      sodium_base64_VARIANT_ORIGINAL);
    ask_token(call, rq, "Basic", str_of(base64));
}


void
ask_field(struct buf *form, const char *name, struct str value)
{
    buf_addf(form, "%s%s=%s", form->n > 0 ? "&" : "", name,
             ask_part(form->arena, value));
}


struct json *
ask_json(struct arena *a, const struct post_reply *reply)
{
    struct json *out;

    return json_parse(a, reply->body, NULL, &out, NULL) == ST_OK ? out : NULL;
}


void
ask_failed(struct integration_result *out, enum outbox_result result,
           struct str why)
{
    out->result = result;
    out->answer = why.n > 0 ? why
                            : STR("It answered in a way that is not "
                                  "understood.");
}
