#include "digest/origin.h"

/* The null str: any. */
struct origin {
    struct str scheme;
    struct str domain;
    struct str port;
};


static struct str
or_any(struct str s)
{
    return s.n == 0 || str_is(s, "*") ? STR_NULL : s;
}


/* "data:text/html,x" has the domain "data" and the port "text"; so be it. */
static struct origin
split(struct str s)
{
    struct origin o = { 0 };
    ptrdiff_t at = str_find(s, STR("://"));
    size_t end = 0;

    if (at != -1) {
        o.scheme = or_any(str_sub(s, 0, (size_t) at));
        s = str_sub(s, (size_t) at + 3, s.n);
    }
    while (end < s.n && s.p[end] != '/') {
        end++;
    }
    s = str_sub(s, 0, end);
    at = str_rchr(s, ':');
    if (at != -1 && s.p[s.n - 1] != ']') {
        o.port = or_any(str_sub(s, (size_t) at + 1, s.n));
        s = str_sub(s, 0, (size_t) at);
    }
    o.domain = or_any(s);
    return o;
}


static bool
domain_fits(struct str pattern, struct str domain)
{
    struct str tail;

    if (!str_starts(pattern, STR("*."))) {
        return str_ieq(pattern, domain);
    }
    tail = str_sub(pattern, 1, pattern.n); /* ".example.org" */
    return str_ieq(str_sub(tail, 1, tail.n), domain)
           || (domain.n > tail.n
               && str_ieq(str_sub(domain, domain.n - tail.n, domain.n), tail));
}


bool
origin_matches(struct str pattern, struct str uri)
{
    struct origin want = split(str_trim(pattern)), have;

    if (str_null(want.scheme) && str_null(want.domain) && str_null(want.port)) {
        return pattern.n > 0;
    }
    uri = str_trim(uri);
    if (uri.n == 0) {
        return false;
    }
    have = split(uri);
    return (str_null(want.scheme) || str_ieq(want.scheme, have.scheme))
           && (str_null(want.port) || str_ieq(want.port, have.port))
           && (str_null(want.domain) || domain_fits(want.domain, have.domain));
}
