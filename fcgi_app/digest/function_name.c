/*
 * Function names as grouping wants them: grouping.md §1.6.4.  One rule a
 * platform; the table is at the end.
 */

#include "digest/stacks.h"

#include "digest/native_name.h"


static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}


/* Object.save and save are the same method to two browsers. */
static struct str
javascript(struct arena *a, struct str s)
{
    static const char *const nameless[] = { "?", "<anonymous>",
                                            "<anonymous function>",
                                            "Anonymous function" };
    ptrdiff_t dot;

    (void) a;
    dot = str_rchr(s, '.');
    if (dot != -1) {
        s = str_sub(s, (size_t) dot + 1, s.n);
    }
    if (s.n == 0 || str_ends(s, STR("/<"))) {
        return STR_NULL;
    }
    for (size_t i = 0; i < sizeof(nameless) / sizeof(nameless[0]); i++) {
        if (str_is(s, nameless[i])) {
            return STR_NULL;
        }
    }
    return s;
}


static struct str
java(struct arena *a, struct str s)
{
    (void) a;
    return str_starts(s, STR("lambda$")) ? STR_NULL : s;
}


/* An anonymous class is named by file and line; only its method counts. */
static struct str
php(struct arena *a, struct str s)
{
    (void) a;
    if (str_starts(s, STR("class@anonymous"))) {
        for (size_t i = s.n; i > 2; i--) {
            if (s.p[i - 1] == ':' && s.p[i - 2] == ':') {
                return i < s.n ? str_sub(s, i, s.n) : STR_NULL;
            }
        }
        return STR_NULL;
    }
    return str_starts(s, STR("[Anonymous")) ? STR_NULL : s;
}


/* Takes _digits, at least four, off the end of *s. */
static bool
take_number(struct str *s)
{
    size_t n = s->n;

    while (n > 0 && is_digit(s->p[n - 1])) {
        n--;
    }
    if (s->n - n < 4 || n == 0 || s->p[n - 1] != '_') {
        return false;
    }
    *s = str_sub(*s, 0, n - 1);
    return true;
}


/* "block (2 levels) in index", and compiled templates "_app__12345_67890" */
static struct str
ruby(struct arena *a, struct str s)
{
    struct str stem = s;

    (void) a;
    if (str_starts(s, STR("block "))) {
        return STR("block");
    }
    if (take_number(&stem) && take_number(&stem) && stem.n > 1
        && str_ends(stem, STR("_"))) {
        return str_sub(stem, 0, stem.n - 1);
    }
    return s;
}


static struct str
csharp(struct arena *a, struct str s)
{
    ptrdiff_t at = str_find(s, STR(" ("));

    (void) a;
    return at > 0 ? str_sub(s, 0, (size_t) at) : s;
}


static struct str
native(struct arena *a, struct str s)
{
    s = native_name(a, s);
    return str_is(s, "<redacted>") || str_is(s, "<unknown>") ? STR_NULL : s;
}


typedef struct str (*trimmer)(struct arena *a, struct str s);

static const trimmer trimmers[] = {
    [PLATFORM_C] = native,
    [PLATFORM_COCOA] = native,
    [PLATFORM_CSHARP] = csharp,
    [PLATFORM_JAVA] = java,
    [PLATFORM_JAVASCRIPT] = javascript,
    [PLATFORM_NATIVE] = native,
    [PLATFORM_NODE] = javascript,
    [PLATFORM_OBJC] = native,
    [PLATFORM_PHP] = php,
    [PLATFORM_RUBY] = ruby,
};


struct str
function_trim(struct arena *a, const struct frame *f)
{
    struct str s = f->given;

    if (f->platform == PLATFORM_CSHARP && f->raw_function.n > 0) {
        s = f->raw_function;
    }
    if (s.n == 0) {
        s = f->raw_function;
    }
    if (s.n == 0) {
        return STR_NULL;
    }
    if ((size_t) f->platform < sizeof(trimmers) / sizeof(trimmers[0])
        && trimmers[f->platform] != NULL) {
        s = trimmers[f->platform](a, s);
    }
    return s.n > 0 ? s : STR_NULL;
}
