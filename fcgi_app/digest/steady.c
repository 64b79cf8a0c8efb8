/*
 * A build numbers its closures, proxies and bundles anew, and browsers name
 * one function in several ways; the code is the same.  Only what the next
 * build would number otherwise goes: the numbers of Go's func1 and func2 stay,
 * for without a source line nothing else tells two handlers apart.
 *
 * This stands behind function_name.c because pages and rules show and match
 * the names as they are there; here they are only hashed.
 */

#include "digest/steady.h"

#include "util/buf.h"


static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}


static bool
is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}


static bool
is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}


static bool
is_alnum(char c)
{
    return is_digit(c) || is_upper(c) || is_lower(c);
}


/* Where the run of digits from i ends, also of others when they are given. */
static size_t
digits_end(struct str s, size_t i, char other)
{
    while (i < s.n
           && (is_digit(s.p[i]) || (other != '\0' && s.p[i] == other))) {
        i++;
    }
    return i;
}


/* Takes out the digits, and others, that follow each mark. */
static struct str
without_number(struct arena *a, struct str s, const char *mark, char other)
{
    struct buf out = buf_in(a);
    struct str rest = s;
    ptrdiff_t at;
    bool found = false;

    while ((at = str_find(rest, str_of(mark))) != -1) {
        size_t end = (size_t) at + strlen(mark);

        buf_str(&out, str_sub(rest, 0, end));
        found = found || digits_end(rest, end, other) > end;
        rest = str_sub(rest, digits_end(rest, end, other), rest.n);
    }
    if (!found) {
        return s;
    }
    buf_str(&out, rest);
    return buf_view(&out);
}


static struct str
behind(struct str s, char c)
{
    ptrdiff_t at = str_rchr(s, c);

    return at == -1 ? s : str_sub(s, (size_t) at + 1, s.n);
}


static struct str
before(struct str s, const char *mark)
{
    ptrdiff_t at = str_find(s, str_of(mark));

    return at <= 0 ? s : str_sub(s, 0, (size_t) at);
}


/* ---- functions, by platform */

/* "async save", "new Cart", "save [as onSubmit]", Firefox' "async*save" */
static struct str
javascript(struct arena *a, struct str s)
{
    static const char *const words[] = { "async ", "new ", "get ", "set " };

    (void) a;
    s = behind(before(s, " [as "), '*');
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_starts(s, str_of(words[i]))) {
            s = str_sub(s, strlen(words[i]), s.n);
        }
    }
    return s;
}


/* Kotlin's onCreate$lambda$3, Scala's $anonfun$run$1, R8's own */
static struct str
java(struct arena *a, struct str s)
{
    size_t n = s.n;

    if (str_starts(s, STR("$r8$lambda$"))) {
        return STR_NULL;
    }
    s = without_number(a, s, "$lambda$", '\0');
    if (str_starts(s, STR("$anonfun$"))) {
        for (n = s.n; n > 0 && is_digit(s.p[n - 1]);) {
            n--;
        }
        if (n < s.n && n > 9 && s.p[n - 1] == '$') {
            s = str_sub(s, 0, n - 1);
        }
    }
    return str_starts(s, STR("access$")) ? without_number(a, s, "access$", '\0')
                                         : s;
}


/* App\Base@anonymous…::run, and PHP 8.4's {closure:App\Kernel::run():12} */
static struct str
php(struct arena *a, struct str s)
{
    struct buf out = buf_in(a);

    if (str_find(s, STR("@anonymous")) > 0) {
        s = behind(s, ':');
        return s.n > 0 ? s : STR_NULL;
    }
    if (str_find(s, STR("{closure:")) == -1) {
        return s;
    }
    for (size_t i = 0; i < s.n; i++) {
        size_t end = s.p[i] == ':' ? digits_end(s, i + 1, '\0') : i;

        if (end > i + 1 && end < s.n && s.p[end] == '}') {
            i = end;
        }
        buf_char(&out, s.p[i]);
    }
    return buf_view(&out);
}


/*
 * Since 3.4 a method comes with its class: "rescue in Order#total".  A compiled
 * template whose number was negative keeps one more "_".
 */
static struct str
ruby(struct arena *a, struct str s)
{
    ptrdiff_t space = str_rchr(s, ' ');
    size_t from = space == -1 ? 0 : (size_t) space + 1, at = from;

    for (size_t i = from; i + 1 < s.n; i++) {
        if (s.p[i] == '#' || s.p[i] == '.') {
            at = i + 1;
        }
    }
    if (at == from || !is_upper(s.p[from])) {
        while (s.n > 1 && s.p[0] == '_' && s.p[s.n - 1] == '_') {
            s = str_sub(s, 0, s.n - 1);
        }
        return s;
    }
    return from == 0 ? str_sub(s, at, s.n)
                     : str_printf(a, "%.*s%.*s", STR_FMT(str_sub(s, 0, from)),
                                  STR_FMT(str_sub(s, at, s.n)));
}


/* The compiler's <Pay>d__3, <Pay>b__12_1, <Pay>g__Add|3_0, DisplayClass12_0 */
static struct str
csharp(struct arena *a, struct str s)
{
    static const char *const marks[] = { ">d__", ">b__", "DisplayClass", "|" };

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        s = without_number(a, s, marks[i], '_');
    }
    return s;
}


/* __29-[View load]_block_invoke_2 */
static bool
is_block(struct str s)
{
    return str_starts(s, STR("__")) && str_find(s, STR("_block_invoke")) > 0;
}


/* An address is no name; copies of a function that a compiler has made. */
static struct str
native(struct arena *a, struct str s)
{
    static const char *const copies[] = {
        ".constprop.", ".isra.", ".part.", ".cold", ".lto_priv.", ".llvm."
    };
    ptrdiff_t block;
    size_t hex = 2;

    if (str_starts(s, STR("0x"))) {
        while (hex < s.n
               && (is_digit(s.p[hex])
                   || ((s.p[hex] | 0x20) >= 'a' && (s.p[hex] | 0x20) <= 'f'))) {
            hex++;
        }
        return hex == s.n ? STR_NULL : s;
    }
    block = str_find(s, STR("_block_invoke"));
    if (block > 0) {
        return str_sub(s, 0, (size_t) block + strlen("_block_invoke"));
    }
    for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]); i++) {
        s = before(s, copies[i]);
    }
    if (str_find(s, STR("{closure#")) != -1) {
        s = without_number(a, s, "{closure#", '\0');
    }
    return s;
}


typedef struct str (*steadier)(struct arena *a, struct str s);

static const steadier steadiers[] = {
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
steady_function(struct arena *a, const struct frame *f, struct str s)
{
    if (s.n == 0
        || (size_t) f->platform >= sizeof(steadiers) / sizeof(steadiers[0])
        || steadiers[f->platform] == NULL) {
        return s;
    }
    s = steadiers[f->platform](a, s);
    return s.n > 0 ? s : STR_NULL;
}


struct str
unsteady_function(const struct frame *f, struct str s)
{
    return f->family == FAMILY_NATIVE && is_block(s) ? behind(s, ' ') : s;
}


/* ---- modules and files */

/* webpack's and esbuild's: hex digits of one case, one of them a digit */
static bool
is_hash(struct str s)
{
    bool digit = false, hex = true;

    for (size_t i = 0; i < s.n; i++) {
        digit = digit || is_digit(s.p[i]);
        hex = hex && (is_digit(s.p[i]) || (s.p[i] >= 'a' && s.p[i] <= 'f'));
    }
    return hex && digit && s.n >= 7;
}


/*
 * Vite's in the end of a name: "-" and eight letters, digits, "-" or "_" up to
 * a dot, which no word would mix so.
 */
static bool
is_tail(struct str s)
{
    bool odd = false, lower = false, upper = false;

    if (s.n < 9 || s.p[0] != '-' || (s.n > 9 && s.p[9] != '.')) {
        return false;
    }
    for (size_t i = 1; i < 9; i++) {
        char c = s.p[i];

        if (!is_alnum(c) && c != '-' && c != '_') {
            return false;
        }
        odd = odd || is_digit(c) || (is_upper(c) && i > 1);
        lower = lower || is_lower(c);
        upper = upper || is_upper(c);
    }
    return odd && lower && upper;
}


/* main.4f3a2b1c.js, index-DkT3xyzA.js: the words that are a hash go. */
static struct str
without_hash(struct arena *a, struct str s)
{
    struct buf out = buf_in(a);
    bool found = false;

    for (size_t i = 0; i < s.n;) {
        size_t end = i;

        if (is_tail(str_sub(s, i, s.n))) {
            found = true;
            i += 9;
            continue;
        }
        while (end < s.n && is_alnum(s.p[end])) {
            end++;
        }
        if (end == i) {
            buf_char(&out, s.p[i++]);
            continue;
        }
        if (is_hash(str_sub(s, i, end))) {
            found = true;

        } else {
            buf_str(&out, str_sub(s, i, end));
        }
        i = end;
    }
    return found ? buf_view(&out) : s;
}


struct str
steady_module(struct arena *a, const struct frame *f, struct str s)
{
    if (s.n == 0) {
        return s;
    }
    if (f->family == FAMILY_JAVASCRIPT) {
        return without_hash(a, s);
    }
    return f->platform == PLATFORM_CSHARP ? csharp(a, s) : s;
}


struct str
steady_filename(struct arena *a, const struct frame *f, struct str s)
{
    return s.n > 0 && f->family == FAMILY_JAVASCRIPT ? without_hash(a, s) : s;
}
