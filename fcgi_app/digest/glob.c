/*
 * Matching takes at most (length of pattern) × (length of text) steps: only
 * the newest '*' and the newest '**' are ever tried again.
 */

#include "digest/glob.h"

#define ALTERNATIVES_MAX 200

enum kind { ANY, EXACT, PREFIX, SUFFIX, PART, GENERAL };

struct glob {
    enum kind kind;
    unsigned flags;
    struct str text;   /* the literal, or the whole pattern */
    struct glob * or ; /* the next alternative */
};


static bool
is_plain(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (memchr("*?[\\", s.p[i], 4) != NULL) {
            return false;
        }
    }
    return true;
}


static struct glob *
parse_one(struct arena *a, struct str s, unsigned flags)
{
    struct glob *g = arena_new_of(a, struct glob);
    struct str star = (flags & GLOB_PATH) != 0 ? STR("**") : STR("*");
    bool before = str_starts(s, star);
    bool after = s.n >= star.n && str_ends(s, star);
    struct str middle = s;

    g->flags = flags;
    if (before && after && s.n <= 2 * star.n) {
        g->kind = ANY;
        return g;
    }
    if (before) {
        middle = str_sub(middle, star.n, middle.n);
    }
    if (after) {
        middle = str_sub(middle, 0, middle.n - star.n);
    }
    if (!is_plain(middle)) {
        g->kind = GENERAL;
        g->text = s;
        return g;
    }
    g->kind = before && after ? PART : before ? SUFFIX : after ? PREFIX : EXACT;
    g->text = middle;
    return g;
}


struct glob *
glob_parse(struct arena *a, struct str s, unsigned flags)
{
    struct glob *first = NULL, **end = &first;
    unsigned n = 0;
    struct str part;

    if ((flags & GLOB_NOCASE) != 0) {
        s = str_lower(a, s);
    }
    if (s.n < 2 || s.p[0] != '{' || s.p[s.n - 1] != '}') {
        return parse_one(a, s, flags);
    }
    s = str_sub(s, 1, s.n - 1);
    while (n++ < ALTERNATIVES_MAX && str_split(&s, ',', &part)) {
        *end = parse_one(a, part, flags);
        end = &(*end)->or ;
    }
    return first != NULL ? first : parse_one(a, STR(""), flags);
}


/* One byte against the class at p[*i]; moves *i behind it. */
static bool
in_class(struct str p, size_t *i, unsigned char c, bool *ok)
{
    size_t k = *i + 1;
    bool no = k < p.n && (p.p[k] == '!' || p.p[k] == '^'), found = false;
    size_t start;

    k += no;
    for (start = k; k < p.n && (p.p[k] != ']' || k == start); k++) {
        unsigned char lo = (unsigned char) p.p[k], hi = lo;

        if (k + 2 < p.n && p.p[k + 1] == '-' && p.p[k + 2] != ']') {
            hi = (unsigned char) p.p[k + 2];
            k += 2;
        }
        found |= c >= lo && c <= hi;
    }
    *ok = k < p.n;
    *i = k + 1;
    return found != no;
}


/* One element of the pattern that is no star, against one byte. */
static bool
one(struct str p, size_t *i, unsigned char c, bool path)
{
    size_t k = *i;
    bool closed, yes;

    switch (p.p[k]) {
    case '?':
        *i = k + 1;
        return !path || c != '/';

    case '[':
        yes = in_class(p, &k, c, &closed);
        if (closed) {
            *i = k;
            return yes;
        }
        break; /* an open '[' is itself */

    case '\\':
        if (k + 1 < p.n) {
            k++;
        }
        break;
    }
    *i = k + 1;
    return (unsigned char) p.p[k] == c;
}


static bool
general(struct str p, struct str s, bool path)
{
    const size_t none = (size_t) -1;
    size_t i = 0, k = 0;
    size_t star_i = none, star_k = 0;     /* behind the newest '*' */
    size_t double_i = none, double_k = 0; /* … and '**' */

    while (k < s.n || i < p.n) {
        if (i < p.n && p.p[i] == '*') {
            bool both = i + 1 < p.n && p.p[i + 1] == '*';

            while (i < p.n && p.p[i] == '*') {
                i++;
            }
            if (both || !path) {
                double_i = i;
                double_k = k;
                star_i = none;

            } else {
                star_i = i;
                star_k = k;
            }
            continue;
        }
        if (i < p.n && k < s.n && one(p, &i, (unsigned char) s.p[k], path)) {
            k++;
            continue;
        }
        if (star_i != none && star_k < s.n && s.p[star_k] != '/') {
            i = star_i;
            k = ++star_k;
            continue;
        }
        if (double_i != none && double_k < s.n) {
            i = double_i;
            k = ++double_k;
            star_i = none;
            continue;
        }
        return false;
    }
    return true;
}


static bool
match_one(const struct glob *g, struct str s)
{
    switch (g->kind) {
    case ANY:
        return true;

    case EXACT:
        return str_eq(s, g->text);

    case PREFIX:
        return g->text.n <= s.n && str_eq(str_make(s.p, g->text.n), g->text);

    case SUFFIX:
        return str_ends(s, g->text);

    case PART:
        return g->text.n <= s.n
               && memmem(s.p, s.n, g->text.p, g->text.n) != NULL;

    default:
        return general(g->text, s, (g->flags & GLOB_PATH) != 0);
    }
}


bool
glob_match(const struct glob *g, struct str s)
{
    for (; g != NULL; g = g->or) {
        if (match_one(g, s)) {
            return true;
        }
    }
    return false;
}


struct glob_path
glob_path(struct arena *a, struct str path)
{
    struct glob_path out;
    char *p = arena_alloc(a, path.n + 2);

    p[0] = '/';
    for (size_t i = 0; i < path.n; i++) {
        char c = path.p[i];

        p[i + 1] = c == '\\'              ? '/'
                   : c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A'))
                                          : c;
    }
    out.relative = path.n == 0 || p[1] != '/';
    out.rooted =
        out.relative ? str_make(p, path.n + 1) : str_make(p + 1, path.n);
    return out;
}


bool
glob_match_path(const struct glob *g, const struct glob_path *p)
{
    if (p->relative && glob_match(g, str_sub(p->rooted, 1, p->rooted.n))) {
        return true;
    }
    return glob_match(g, p->rooted);
}
