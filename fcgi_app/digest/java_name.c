/*
 * Names that Java's frameworks generate, with the part that changes at every
 * start replaced by "<auto>": grouping.md §1.6.1.
 */

#include "digest/message.h"

#include "util/buf.h"

#define AUTO "<auto>"

enum tail { TAIL_DIGITS, TAIL_HEX, TAIL_WORD, TAIL_NONE };

/*
 * start, then any word up to mark, then the tail, then perhaps _digits.  With
 * mark NULL the tail follows at once.  In the order in which they are tried.
 */
static const struct {
    const char *start;
    const char *mark;
    enum tail tail;
    bool number;      /* "_12" may follow */
    const char *keep; /* what stands for it */
    unsigned since;   /* the version of grouping that brought it */
} generated[] = {
    { "sun.reflect.GeneratedSerializationConstructorAccessor", NULL,
      TAIL_DIGITS, false,
      "sun.reflect.GeneratedSerializationConstructorAccessor" AUTO, 1 },
    { "sun.reflect.GeneratedConstructorAccessor", NULL, TAIL_DIGITS, false,
      "sun.reflect.GeneratedConstructorAccessor" AUTO, 1 },
    { "$$", "CGLIB$$", TAIL_HEX, true, AUTO, 1 },
    { "$$_javassist_seam", NULL, TAIL_NONE, true, AUTO, 1 },
    { "$$_javassist", NULL, TAIL_NONE, true, AUTO, 1 },
    { "$fn__", NULL, TAIL_DIGITS, false, "$fn__" AUTO, 1 },
    { "$$EnhancerBy", "$$", TAIL_HEX, true, AUTO, 1 },
    { "$EnhancerBy", "$", TAIL_HEX, true, AUTO, 1 },
    { "$$FastClassBy", "$$", TAIL_HEX, true, AUTO, 1 },
    { "$FastClassBy", "$", TAIL_HEX, true, AUTO, 1 },
    { "$$HibernateProxy$", NULL, TAIL_WORD, true, AUTO, 1 },
    { "$HibernateProxy$", NULL, TAIL_WORD, true, AUTO, 1 },
    { "$ByteBuddy$", NULL, TAIL_WORD, true, AUTO, 2 },
    { "$MockitoMock$", NULL, TAIL_WORD, true, AUTO, 2 },
    { "$$ExternalSyntheticLambda", NULL, TAIL_DIGITS, false, AUTO, 2 },
    { "$Proxy", NULL, TAIL_DIGITS, false, "$Proxy" AUTO, 2 },
    { "jdk.proxy", NULL, TAIL_DIGITS, false, "jdk.proxy" AUTO, 2 },
};


static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}


static bool
is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || c == '_';
}


static bool
fits(char c, enum tail tail)
{
    switch (tail) {
    case TAIL_DIGITS:
        return is_digit(c);

    case TAIL_HEX:
        return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');

    case TAIL_WORD:
        return is_word(c) || c == '$';

    default:
        return false;
    }
}


/* Length of what pattern k matches at the start of s; 0: nothing. */
static size_t
match(struct str s, size_t k)
{
    size_t i = strlen(generated[k].start), start;

    if (generated[k].mark != NULL) {
        size_t n = strlen(generated[k].mark);

        while (i + n <= s.n && memcmp(s.p + i, generated[k].mark, n) != 0) {
            if (!is_word(s.p[i])) {
                return 0;
            }
            i++;
        }
        if (i + n > s.n) {
            return 0;
        }
        i += n;
    }

    start = i;
    while (i < s.n && fits(s.p[i], generated[k].tail)) {
        i++;
    }
    if (i == start && generated[k].tail != TAIL_NONE) {
        return 0;
    }
    if (generated[k].number && i + 1 < s.n && s.p[i] == '_'
        && is_digit(s.p[i + 1])) {
        for (i++; i < s.n && is_digit(s.p[i]);) {
            i++;
        }
    }
    return i;
}


static struct str
clean(struct arena *a, struct str s, unsigned version)
{
    for (size_t k = 0; k < sizeof(generated) / sizeof(generated[0]); k++) {
        ptrdiff_t at = generated[k].since > version
                           ? -1
                           : str_find(s, str_of(generated[k].start));
        struct buf out = buf_in(a);
        size_t n;

        if (at == -1) {
            continue;
        }
        n = match(str_sub(s, (size_t) at, s.n), k);
        if (n == 0) {
            continue;
        }
        buf_str(&out, str_sub(s, 0, (size_t) at));
        buf_text(&out, generated[k].keep);
        buf_str(&out, str_sub(s, (size_t) at + n, s.n));
        s = buf_view(&out);
    }
    return s;
}


struct str
java_module_clean(struct arena *a, struct str s, unsigned version)
{
    static const char *const accessors[] = {
        "sun.reflect.GeneratedMethodAccessor",
        "jdk.internal.reflect.GeneratedMethodAccessor",
    };

    for (size_t i = 0; i < sizeof(accessors) / sizeof(accessors[0]); i++) {
        if (str_starts(s, str_of(accessors[i]))) {
            return str_of(accessors[i]);
        }
    }
    if (str_chr(s, '$') == -1 && !str_starts(s, STR("sun.reflect."))) {
        return s;
    }
    if (str_find(s, STR("$$Lambda$")) != -1
        || str_find(s, STR("$$Lambda/")) != -1) {
        return STR_NULL;
    }
    return clean(a, s, version);
}


struct str
java_filename_clean(struct arena *a, struct str s)
{
    return str_find(s, STR("$$_javassist")) == -1 ? s : clean(a, s, 1);
}
