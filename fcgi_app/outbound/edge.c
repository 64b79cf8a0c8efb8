#include "outbound/edge.h"

#include <curl/curl.h>

#include "util/arena.h"
#include "util/conf.h"
#include "util/timeutil.h"

#define TIMEOUT_MS 3000


static size_t
ignore(char *p, size_t size, size_t n, void *arg)
{
    (void) p;
    (void) arg;
    return size * n;
}


void
edge_send(struct arena *a, const char *base, struct str project, struct str key,
          struct str event, struct edge_reply *out)
{
    const char *url =
        arena_printf(a, "%s/api/%.*s/store/", base, STR_FMT(project));
    const char *auth = arena_printf(a,
                                    "X-Sentry-Auth: Sentry sentry_version=7, "
                                    "sentry_client=vedette-probe/1, "
                                    "sentry_key=%.*s",
                                    STR_FMT(key));
    int64_t began = time_monotonic();
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = NULL;
    long code = 0;
    CURLcode rc;

    *out = (struct edge_reply){ .why = STR("no memory") };
    if (curl == NULL) {
        return;
    }
    headers = curl_slist_append(headers, auth);
    headers = curl_slist_append(headers, "Content-Type: application/json");
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long) event.n);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, event.p);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long) TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
    if (conf_str(CONF_OUTBOUND_CA)[0] != '\0') {
        curl_easy_setopt(curl, CURLOPT_CAINFO, conf_str(CONF_OUTBOUND_CA));
    }
    rc = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    out->took = time_monotonic() - began;
    out->code = rc == CURLE_OK ? (int) code : 0;
    out->why = rc == CURLE_OK ? STR_NULL : str_of(curl_easy_strerror(rc));
}
