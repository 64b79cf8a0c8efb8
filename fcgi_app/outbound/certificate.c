#include "outbound/certificate.h"

#include <curl/curl.h>
#include <string.h>

#include "util/arena.h"
#include "util/conf.h"
#include "util/timeutil.h"

#define TIMEOUT_MS 3000
#define EXPIRE "Expire date:"


/* Of the first in the chain, which is the server's own. */
static int64_t
until(CURL *curl)
{
    struct curl_certinfo *chain = NULL;

    if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &chain) != CURLE_OK
        || chain == NULL || chain->num_of_certs < 1) {
        return 0;
    }
    for (struct curl_slist *l = chain->certinfo[0]; l != NULL; l = l->next) {
        if (strncmp(l->data, EXPIRE, sizeof(EXPIRE) - 1) == 0) {
            time_t at = curl_getdate(l->data + sizeof(EXPIRE) - 1, NULL);

            return at > 0 ? (int64_t) at * US_PER_SECOND : 0;
        }
    }
    return 0;
}


static CURLcode
connect_to(const char *url, bool trusting, int64_t *out)
{
    CURL *curl = curl_easy_init();
    CURLcode rc;

    *out = 0;
    if (curl == NULL) {
        return CURLE_OUT_OF_MEMORY;
    }
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(curl, CURLOPT_CERTINFO, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long) TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    if (trusting) {
        /* nothing is sent: only the date is looked at */
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (conf_str(CONF_OUTBOUND_CA)[0] != '\0') {
        curl_easy_setopt(curl, CURLOPT_CAINFO, conf_str(CONF_OUTBOUND_CA));
    }
    rc = curl_easy_perform(curl);
    if (rc == CURLE_OK) {
        *out = until(curl);
    }
    curl_easy_cleanup(curl);
    return rc;
}


void
certificate_look(struct arena *a, const char *url, struct certificate *out)
{
    CURLcode rc = connect_to(url, false, &out->until);

    out->why = rc == CURLE_OK
                   ? STR_NULL
                   : str_of(arena_printf(a, "%s", curl_easy_strerror(rc)));
    if (rc == CURLE_PEER_FAILED_VERIFICATION) {
        (void) connect_to(url, true, &out->until);
    }
}
