/*
 * Filters of what browsers send: old ones, crawlers, extensions, pages under
 * development (protocol.md §6, §6.1, §6.2).
 */

#include "digest/filter.h"

#include "digest/regex.h"
#include "digest/user_agent.h"
#include "util/lang.h"


/* ---- old browsers */

const struct filter_choice filter_legacy_choices[] = {
    { "ie", "Internet Explorer" },
    { "edge", N_("Edge up to 110") },
    { "firefox", N_("Firefox up to 110") },
    { "chrome", N_("Chrome up to 110") },
    { "safari", N_("Safari up to 15") },
    { "opera", N_("Opera up to 99") },
    { "opera_mini", N_("Opera Mini up to 34") },
    { "android", N_("Android's own browser up to 3") },
    /* what these were before: projects that come from elsewhere have them */
    { "default", N_("Very old ones: Internet Explorer up to 9, Safari up to 5, "
                    "Opera up to 14, Opera Mini up to 7, Android up to 3") },
    { "ie_pre_9", N_("Internet Explorer up to 8") },
    { "ie9", "Internet Explorer 9" },
    { "ie10", "Internet Explorer 10" },
    { "ie11", "Internet Explorer 11" },
    { "edge_pre_79", N_("Edge up to 18") },
    { "safari_pre_6", N_("Safari up to 5") },
    { "opera_pre_15", N_("Opera up to 14") },
    { "opera_mini_pre_8", N_("Opera Mini up to 7") },
    { "android_pre_4", N_("Android's own browser up to 3, by its old name") },
    { NULL, NULL },
};

/* A choice, and the versions that it drops.  Families as uap-core says them. */
static const struct {
    const char *choice;
    const char *family;
    int64_t from;
    int64_t up_to;
} legacy[] = {
    { "ie", "IE", 0, 11 },
    { "edge", "Edge", 0, 110 },
    { "firefox", "Firefox", 0, 110 },
    { "chrome", "Chrome", 0, 110 },
    { "safari", "Safari", 0, 15 },
    { "opera", "Opera", 0, 99 },
    { "opera_mini", "Opera Mini", 0, 34 },
    { "android", "Android", 0, 3 },
    { "default", "IE", 0, 9 },
    { "default", "Safari", 0, 5 },
    { "default", "Opera", 0, 14 },
    { "default", "Opera Mini", 0, 7 },
    { "default", "Android", 0, 3 },
    { "ie_pre_9", "IE", 0, 8 },
    { "ie9", "IE", 9, 9 },
    { "ie10", "IE", 10, 10 },
    { "ie11", "IE", 11, 11 },
    { "edge_pre_79", "Edge", 0, 18 },
    { "safari_pre_6", "Safari", 0, 5 },
    { "opera_pre_15", "Opera", 0, 14 },
    { "opera_mini_pre_8", "Opera Mini", 0, 7 },
    { "android_pre_4", "Android", 0, 3 },
};


FILTER_CHECK(filter_legacy_browsers)
{
    const struct user_agent *ua =
        user_agent_find(filter_header(ev, "User-Agent"));
    struct str family =
        str_is(ua->browser, "IE Mobile") ? STR("IE") : ua->browser;
    int64_t major;

    if (!str_i64(ua->browser_major, &major)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(legacy) / sizeof(legacy[0]); i++) {
        if (!str_is(family, legacy[i].family) || major < legacy[i].from
            || major > legacy[i].up_to) {
            continue;
        }
        for (size_t k = 0; k < s->n; k++) {
            if (str_is(s->lines[k], legacy[i].choice)) {
                return true;
            }
        }
    }
    return false;
}


/* ---- crawlers */

FILTER_CHECK(filter_crawlers)
{
    static struct regex crawlers = {
        "Mediapartners-Google|AdsBot-Google|Googlebot|FeedFetcher-Google"
        "|BingBot|BingPreview|Baiduspider|Slurp|Sogou|facebook|ia_archiver"
        "|bots?[/\\s\\);]|spider[/\\s\\);]|Slack|Calypso\\sAppCrawler|pingdom"
        "|lyticsbot|AWS\\sSecurity\\sScanner|HubSpot\\sCrawler|Bytespider"
        "|Better\\sUptime",
        NULL
    };
    /* it fetches pages that people put into a chat, as those people */
    static struct regex wanted = { "Slackbot\\s1\\.\\d+", NULL };
    struct str agent = filter_header(ev, "User-Agent");

    (void) s;
    return regex_matches(&crawlers, agent) && !regex_matches(&wanted, agent);
}


/* ---- extensions */

static struct str
last_source(const struct json *exception)
{
    struct json *frames = json_path(exception, "stacktrace", "frames", NULL);
    struct str source = STR_NULL;

    json_each(f, frames)
    {
        struct str path = json_text_of(f, "abs_path");

        if (path.n > 0 && !str_is(path, "<anonymous>")
            && !str_is(path, "[native code]")) {
            source = path;
        }
    }
    return source;
}


FILTER_CHECK(filter_extensions)
{
    static struct regex values = {
        "top\\.GLOBALS|originalCreateNotification|canvas.contentDocument"
        "|MyApp_RemoveAllHighlights|http://tt\\.epicplay\\.com"
        "|Can't find variable: ZiteReader|jigsaw is not defined"
        "|ComboSearch is not defined|http://loading\\.retry\\.widdit\\.com/"
        "|atomicFindClose|fb_xd_fragment|bmi_SafeAddOnload"
        "|EBCallBackMessageReceived|_gCrWeb|conduitPage"
        "|null is not an object \\(evaluating 'elt\\.parentNode'\\)"
        "|plugin\\.setSuspendState is not a function"
        "|Extension context invalidated|webkit-masked-url:"
        "|can't access dead object",
        NULL
    };
    static struct regex sources = {
        "graph\\.facebook\\.com|connect\\.facebook\\.net"
        "|eatdifferent\\.com\\.woopra-ns\\.com"
        "|static\\.woopra\\.com/js/woopra\\.js|webkit-masked-url"
        "|127\\.0\\.0\\.1:4001/isrunning|webappstoolbarba\\.texthelp\\.com/"
        "|metrics\\.itunes\\.apple\\.com\\.edgesuite\\.net/"
        "|kaspersky-labs\\.com"
        "|^(?:chrome|chrome-extension|moz-extension|safari-extension"
        "|safari-web-extension)://",
        NULL
    };
    struct json *first =
        json_at(json_path(ev->doc, "exception", "values", NULL), 0);

    (void) s;
    return first != NULL
           && (regex_matches(&values, json_text_of(first, "value"))
               || regex_matches(&sources, last_source(first)));
}


/* ---- localhost */

/* "https://ann@shop.example:8080/x" -> "shop.example" */
static struct str
host_of(struct str url)
{
    ptrdiff_t at = str_find(url, STR("://"));
    size_t end = 0;

    if (at == -1) {
        return STR_NULL;
    }
    url = str_sub(url, (size_t) at + 3, url.n);
    while (end < url.n && memchr("/?#", url.p[end], 3) == NULL) {
        end++;
    }
    url = str_sub(url, 0, end);
    if ((at = str_rchr(url, '@')) != -1) {
        url = str_sub(url, (size_t) at + 1, url.n);
    }
    if (url.n > 0 && url.p[0] != '[' && (at = str_chr(url, ':')) != -1) {
        url = str_sub(url, 0, (size_t) at);
    }
    return url;
}


static bool
is_local_host(struct str host)
{
    static const char *const names[] = { "localhost", "127.0.0.1" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct str name = str_of(names[i]);

        if (str_ieq(host, name)
            || (host.n > name.n + 1 && host.p[host.n - name.n - 1] == '.'
                && str_ieq(str_sub(host, host.n - name.n, host.n), name))) {
            return true;
        }
    }
    return false;
}


static bool
is_local_address(struct str s)
{
    return str_is(s, "127.0.0.1") || str_is(s, "::1");
}


static bool
is_local_header(const struct event *ev, const char *name)
{
    struct str host = filter_header(ev, name);
    ptrdiff_t at = str_chr(host, ':');

    host = at == -1 ? host : str_sub(host, 0, (size_t) at);
    return str_is(host, "localhost") || str_is(host, "127.0.0.1");
}


FILTER_CHECK(filter_localhost)
{
    struct str url = json_text(json_path(ev->doc, "request", "url", NULL));

    (void) s;
    if (is_local_address(
            json_text(json_path(ev->doc, "user", "ip_address", NULL)))
        || is_local_address(filter_header(ev, "X-Forwarded-For"))) {
        return true;
    }
    if (url.n > 0) {
        return str_ieq(str_sub(url, 0, 5), STR("file:"))
               || is_local_host(host_of(url));
    }
    return is_local_header(ev, "Host")
           || is_local_header(ev, "X-Forwarded-Host");
}
