/*
 * What a rule does with a text.
 */

#include <stdlib.h>

#include "digest/scrub.h"
#include "digest/scrub_parts.h"
#include "util/buf.h"
#include "util/crypt.h"

#define STEPS_MAX 20000 /* of a match from one position */
#define HITS_MAX 1000   /* in one text */

/* A name and its value in a text: a=b, "a": "b", {\"a\":\"b\"} */
#define ASSIGNMENT                                                             \
    "(?<![\\w.-])([\\w.-]{1,64}+)\\\\?[\"']?\\s{0,3}[=:]\\s{0,3}\\\\?"         \
    "(?|\"([^\"\\\\]+)|'([^'\\\\]+)|([^\"'&;,\\s)}\\]]+))"

static pcre2_match_context *bounds;
static pcre2_match_data *data;
static pcre2_code *assignment; /* any bytes: all that it names is ASCII */


static void
prepare(void)
{
    int error;
    PCRE2_SIZE at;

    bounds = pcre2_match_context_create(NULL);
    data = pcre2_match_data_create(3, NULL);
    assignment = pcre2_compile((PCRE2_SPTR) ASSIGNMENT, PCRE2_ZERO_TERMINATED,
                               PCRE2_DOTALL, &error, &at, NULL);
    if (bounds == NULL || data == NULL || assignment == NULL) {
        abort();
    }
    pcre2_set_match_limit(bounds, STEPS_MAX);
}


/* The next match that is not empty; the places of its groups in data. */
static enum scrub_found
match(const pcre2_code *code, struct str s, size_t from)
{
    PCRE2_SIZE *at;
    int n;

    if (bounds == NULL) {
        prepare();
    }
    at = pcre2_get_ovector_pointer(data);
    n = pcre2_match(code, (PCRE2_SPTR) (s.n > 0 ? s.p : ""), s.n, from,
                    PCRE2_NOTEMPTY | (from > 0 ? PCRE2_NO_UTF_CHECK : 0), data,
                    bounds);
    if (n == PCRE2_ERROR_MATCHLIMIT || n == PCRE2_ERROR_DEPTHLIMIT
        || n == PCRE2_ERROR_HEAPLIMIT) {
        return SCRUB_TOO_HARD;
    }
    return n >= 0 && at[0] >= from && at[1] > at[0] ? SCRUB_FOUND : SCRUB_NONE;
}


bool
scrub_named(const struct scrub_rule *rule, struct str name)
{
    return match(rule->code, name, 0) != SCRUB_NONE;
}


static enum scrub_found
find_pair(const struct scrub_rule *rule, bool bytes, struct str s, size_t from,
          size_t *begin, size_t *end)
{
    const pcre2_code *code = bytes ? rule->bytes : rule->code;
    enum scrub_found found;

    while ((found = match(assignment, s, from)) == SCRUB_FOUND) {
        PCRE2_SIZE *at = pcre2_get_ovector_pointer(data);
        struct str name = str_sub(s, at[2], at[3]);

        *begin = at[4];
        from = *end = at[5];
        if (match(code, name, 0) != SCRUB_NONE) {
            return SCRUB_FOUND;
        }
    }
    return found;
}


enum scrub_found
scrub_find(const struct scrub_rule *rule, bool bytes, struct str s, size_t from,
           size_t *begin, size_t *end)
{
    enum scrub_found found;
    PCRE2_SIZE *at;

    if (rule->pair) {
        return find_pair(rule, bytes, s, from, begin, end);
    }
    found = match(bytes ? rule->bytes : rule->code, s, from);
    if (found == SCRUB_FOUND) {
        at = pcre2_get_ovector_pointer(data);
        *begin = at[0];
        *end = at[1];
    }
    return found;
}


struct str
scrub_instead(struct arena *a, const struct scrub_rule *rule, struct str s)
{
    struct buf out = buf_in(a);

    switch (rule->method) {
    case SCRUB_REMOVE:
        break;

    case SCRUB_MASK:
        for (size_t i = 0; i < s.n; i++) {
            if (((unsigned char) s.p[i] & 0xC0) != 0x80) {
                buf_char(&out, '*'); /* one a character */
            }
        }
        break;

    case SCRUB_HASH:
        buf_str(&out, str_cut(mac_hex(a, STR("vedette scrub"), s), 40));
        break;

    case SCRUB_REPLACE:
        buf_str(&out, rule->with);
        break;
    }
    return out.n > 0 ? buf_view(&out) : STR("");
}


static struct str
each_match(struct arena *a, const struct scrub_rule *rule, struct str s,
           struct scrub_hit *hits, size_t *nhits)
{
    struct buf out = buf_in(a);
    enum scrub_found found = SCRUB_NONE;
    size_t done = 0, at, to;

    for (int i = 0;
         i < HITS_MAX && done < s.n
         && (found = scrub_find(rule, false, s, done, &at, &to)) == SCRUB_FOUND;
         i++) {
        size_t from;

        buf_str(&out, str_sub(s, done, at));
        from = out.n;
        buf_str(&out, scrub_instead(a, rule, str_sub(s, at, to)));
        if (*nhits < SCRUB_HITS_MAX) {
            hits[(*nhits)++] = (struct scrub_hit){ rule->name, from, out.n };
        }
        done = to;
    }
    if (found != SCRUB_NONE && done < s.n) {
        *nhits = 0;
        return STR(SCRUB_FILTERED); /* unseen is not safe */
    }
    if (done == 0) {
        return s;
    }
    buf_str(&out, str_sub(s, done, s.n));
    return out.n > 0 ? buf_view(&out) : STR("");
}


/* All of it, whatever it says? */
static bool
is_whole(const struct scrub_rule *rule, const struct str *path, size_t n)
{
    if (rule->code == NULL) {
        return true;
    }
    for (size_t i = 0; rule->pair && i < n; i++) {
        if (scrub_named(rule, path[i])) {
            return true;
        }
    }
    return false;
}


struct str
scrub_rule_apply(struct arena *a, const struct scrub_rule *rule,
                 const struct str *path, size_t n, struct str s,
                 struct scrub_hit *hits, size_t *nhits, bool *gone)
{
    *nhits = 0;
    *gone = false;
    if (!is_whole(rule, path, n)) {
        return each_match(a, rule, s, hits, nhits);
    }
    if (rule->method == SCRUB_REMOVE) {
        *gone = true;
        return s;
    }
    return scrub_instead(a, rule, s);
}
