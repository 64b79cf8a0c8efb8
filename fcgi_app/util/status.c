#include "util/status.h"

static const struct {
    const char *text;
    int http;
} statuses[] = {
    [ST_OK] = { "ok", 200 },
    [ST_NOT_FOUND] = { "not found", 404 },
    [ST_INVALID] = { "invalid", 400 },
    [ST_DENIED] = { "not allowed", 403 },
    [ST_CONFLICT] = { "conflict", 409 },
    [ST_LIMITED] = { "over a limit", 429 },
    [ST_RETRY] = { "not available at the moment", 503 },
    [ST_FAILED] = { "failed", 500 },
};


const char *
status_text(enum status st)
{
    return statuses[st].text;
}


int
status_http(enum status st)
{
    return statuses[st].http;
}
