/*
 * What of a Content-Security-Policy report counts: grouping.md §1.7.
 */

#include "digest/fingerprint.h"


struct str
csp_directive(const struct json *csp)
{
    struct str s = str_trim(json_text_of(csp, "effective_directive"));
    struct str rest, word;

    if (s.n > 0) {
        return s;
    }
    /* an older report has only the policy's words: "script-src 'self'" */
    rest = str_trim(json_text_of(csp, "violated_directive"));
    return str_split(&rest, ' ', &word) ? word : STR_NULL;
}


static bool
is_self(struct str s)
{
    return s.n == 0 || str_is(s, "self") || str_is(s, "'self'");
}


/* Which of the two words of a script policy an inline script ran into. */
static struct str
local_violation(const struct json *csp)
{
    struct str s = json_text_of(csp, "violated_directive");

    if (str_find(s, STR("'unsafe-inline'")) != -1) {
        return STR("'unsafe-inline'");
    }
    if (str_find(s, STR("'unsafe-eval'")) != -1) {
        return STR("'unsafe-eval'");
    }
    return STR_NULL;
}


struct str
csp_blocked(struct arena *a, const struct json *csp)
{
    struct str s = str_trim(json_text_of(csp, "blocked_uri")), scheme, local;
    ptrdiff_t at;

    if (is_self(s)) {
        local = str_starts(csp_directive(csp), STR("script-src"))
                    ? local_violation(csp)
                    : STR_NULL;
        return local.n > 0 ? local : STR("'self'");
    }

    at = str_chr(s, ':');
    if (at == -1) {
        return str_printf(a, "%.*s:", STR_FMT(s));
    }
    scheme = str_sub(s, 0, (size_t) at);
    if (!str_starts(str_sub(s, (size_t) at, s.n), STR("://"))) {
        return str_sub(s, 0, (size_t) at + 1);
    }
    s = str_sub(s, (size_t) at + 3, s.n);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '/' || s.p[i] == '?' || s.p[i] == '#') {
            s = str_sub(s, 0, i);
            break;
        }
    }
    if (str_ieq(scheme, STR("http")) || str_ieq(scheme, STR("https"))) {
        return str_lower(a, s);
    }
    return str_printf(a, "%.*s://%.*s", STR_FMT(scheme), STR_FMT(s));
}
