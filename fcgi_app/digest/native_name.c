/*
 * One pass copies the name and leaves out what is in brackets; what has spaces
 * or brackets and must stay is written as single bytes meanwhile, so that the
 * words can then be told apart by spaces.
 */

#include "digest/native_name.h"

#include "util/buf.h"

/* bytes that no name has: the reader of events lets no control through … */
#define NAMESPACE '\x01' /* (anonymous namespace) */
#define SPACE '\x02'     /* a space that belongs to the name */
#define ARROW '\x03'     /* Swift's " -> " */

/* Operators whose signs look like brackets, the longer ones first. */
static const char *const operators[] = {
    "operator()", "operator<<=", "operator<=>", "operator<<",
    "operator<=", "operator<",   "operator>>=", "operator>>",
    "operator>=", "operator->*", "operator->",  "operator>",
};


static bool
is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
           || (c >= 'A' && c <= 'Z') || c == '_';
}


static bool
is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')
           || (c >= 'A' && c <= 'F');
}


/* The number of hex digits at s[i…]. */
static size_t
hex_run(struct str s, size_t i)
{
    size_t n = 0;

    while (i + n < s.n && is_hex(s.p[i + n])) {
        n++;
    }
    return n;
}


/* The index behind the bracket that closes the one at i, or 0. */
static size_t
closing(struct str s, size_t i, char open, char close)
{
    unsigned depth = 0;

    for (; i < s.n; i++) {
        if (s.p[i] == open) {
            depth++;

        } else if (s.p[i] == close && (i == 0 || s.p[i - 1] != '-')) {
            if (--depth == 0) {
                return i + 1;
            }
        }
    }
    return 0;
}


static bool
at(struct str s, size_t i, const char *word)
{
    return str_starts(str_sub(s, i, s.n), str_of(word));
}


/*
 * Special names at i: copies what stands for them and returns their length,
 * or 0.
 */
static size_t
special(struct str s, size_t i, struct buf *out)
{
    size_t n;

    if (at(s, i, "(anonymous namespace)")) {
        buf_char(out, NAMESPACE);
        return strlen("(anonymous namespace)");
    }
    if (at(s, i, "`anonymous namespace'")) {
        buf_char(out, NAMESPACE);
        return strlen("`anonymous namespace'");
    }
    if (at(s, i, "?A0x") && hex_run(s, i + 4) == 8 && at(s, i + 12, "::")) {
        buf_char(out, NAMESPACE);
        return 12;
    }
    if (at(s, i, "{lambda(")) {
        n = closing(s, i, '{', '}');
        if (n > 0) {
            buf_text(out, "lambda");
            return n - i;
        }
    }
    if (at(s, i, "lambda_") && hex_run(s, i + 7) == 32) {
        buf_text(out, "lambda");
        return 7 + 32;
    }
    if (at(s, i, "$_") && i + 2 < s.n && s.p[i + 2] >= '0'
        && s.p[i + 2] <= '9') {
        for (n = 2; i + n < s.n && s.p[i + n] >= '0' && s.p[i + n] <= '9';) {
            n++;
        }
        buf_text(out, "lambda");
        return n;
    }
    if (at(s, i, " -> ")) {
        buf_char(out, ' ');
        buf_char(out, ARROW);
        buf_char(out, ' ');
        return 4;
    }
    if (at(s, i, "operator") && (i == 0 || !is_word(s.p[i - 1]))) {
        for (size_t k = 0; k < sizeof(operators) / sizeof(operators[0]); k++) {
            if (at(s, i, operators[k])) {
                buf_text(out, operators[k]);
                return strlen(operators[k]);
            }
        }
        if (at(s, i, "operator ")) { /* new, delete, a conversion */
            buf_text(out, "operator");
            buf_char(out, SPACE);
            return strlen("operator ");
        }
    }
    return 0;
}


static void
copy(struct str s, struct buf *out, unsigned nested)
{
    size_t i = 0, end;

    while (i < s.n) {
        size_t n = special(s, i, out);

        if (n > 0) {
            i += n;
            continue;
        }
        if (s.p[i] == '(' && (end = closing(s, i, '(', ')')) > 0) {
            i = end;
            continue;
        }
        if (s.p[i] == '<' && (end = closing(s, i, '<', '>')) > 0) {
            struct str inside = str_sub(s, i + 1, end - 1);
            ptrdiff_t as = str_find(inside, STR(" as "));

            i = end;
            if (str_starts(inside, STR("lambda"))) {
                buf_text(out, "<lambda>");

            } else if (out->n > 0 || nested > 3) {
                buf_text(out, "<T>");

            } else if (as == 1 && inside.p[0] == 'T') {
                copy(str_sub(inside, 5, inside.n), out, nested + 1);

            } else {
                copy(as != -1 ? str_sub(inside, 0, (size_t) as) : inside, out,
                     nested + 1);
            }
            continue;
        }
        buf_char(out, s.p[i++]);
    }
}


/* "f [clone .cold]", "f() const &" */
static struct str
cut_trailers(struct str s)
{
    static const char *const trailers[] = { "const", "&", "&&", "noexcept",
                                            "volatile" };
    bool again = true;
    ptrdiff_t clone = str_find(s, STR(" [clone "));

    if (clone > 0) {
        s = str_sub(s, 0, (size_t) clone);
    }
    while (again) {
        again = false;
        s = str_trim(s);
        for (size_t i = 0; i < sizeof(trailers) / sizeof(trailers[0]); i++) {
            struct str t = str_of(trailers[i]);

            if (str_ends(s, t) && s.n > t.n
                && (s.p[s.n - t.n - 1] == ' ' || s.p[s.n - t.n - 1] == ')')) {
                s = str_sub(s, 0, s.n - t.n);
                again = true;
            }
        }
    }
    return s;
}


/* The word that is the function: left of the last arrow, else the last. */
static struct str
function_word(struct str s)
{
    ptrdiff_t arrow = str_rchr(s, ARROW), space;

    s = str_trim(s);
    if (arrow > 0) {
        s = str_trim(str_sub(s, 0, (size_t) arrow));
        for (int i = 0; i < 2; i++) {
            if (str_ends(s, STR(" throws"))) {
                s = str_trim(str_sub(s, 0, s.n - 7));

            } else if (str_ends(s, STR(" async"))) {
                s = str_trim(str_sub(s, 0, s.n - 6));
            }
        }
    }
    space = str_rchr(s, ' ');
    return space != -1 ? str_sub(s, (size_t) space + 1, s.n) : s;
}


static struct str
cut_hash(struct str s)
{
    ptrdiff_t i;

    if (s.n > 19 && memcmp(s.p + s.n - 19, "::h", 3) == 0
        && hex_run(s, s.n - 16) == 16) {
        s = str_sub(s, 0, s.n - 19);
    }
    i = str_find(s, STR("@GLIBC_"));
    if (i > 0) {
        s = str_sub(s, 0, (size_t) i);
        if (s.n > 1 && s.p[s.n - 1] == '@') {
            s = str_sub(s, 0, s.n - 1);
        }
    }

    /* stdcall and fastcall: _name@12, @name@12 */
    i = str_rchr(s, '@');
    if (i > 1 && (s.p[0] == '@' || s.p[0] == '_')) {
        size_t k = (size_t) i + 1;

        while (k < s.n && s.p[k] >= '0' && s.p[k] <= '9') {
            k++;
        }
        if (k == s.n && k > (size_t) i + 1) {
            s = str_sub(s, 1, (size_t) i);
        }
    }
    return s;
}


/* Puts the names back that single bytes stood for. */
static struct str
restore(struct arena *a, struct str s)
{
    struct buf out = buf_in(a);

    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case NAMESPACE:
            buf_text(&out, "(anonymous namespace)");
            break;

        case SPACE:
            buf_char(&out, ' ');
            break;

        case ARROW:
            buf_text(&out, "->");
            break;

        default:
            buf_char(&out, s.p[i]);
            break;
        }
    }
    return buf_view(&out);
}


/* Swift: "closure #2 in View.body.getter" has no name but that of its home. */
static bool
closure(struct arena *a, struct str s, struct str *out)
{
    ptrdiff_t in;

    if (!str_starts(s, STR("closure #"))) {
        return false;
    }
    while ((in = str_find(s, STR(" in "))) != -1
           && str_starts(s, STR("closure #"))) {
        s = str_sub(s, (size_t) in + 4, s.n);
    }
    if (str_starts(s, STR("closure #"))) {
        *out = STR("closure");

    } else {
        struct str home = native_name(a, s);

        *out = str_printf(a, "closure in %.*s", STR_FMT(home));
    }
    return true;
}


/* Objective-C: "__29-[View load]_block_invoke_2" */
static bool
is_block(struct str s)
{
    return str_starts(s, STR("__")) && str_find(s, STR("_block_invoke")) > 0;
}


struct str
native_name(struct arena *a, struct str s)
{
    struct buf out = buf_in(a);
    struct str name, given = s;
    bool plain = true;

    for (size_t i = 0; i < s.n && plain; i++) {
        plain = is_word(s.p[i]) || s.p[i] == '.';
    }
    if (plain || is_block(s) || str_starts(s, STR("["))
        || str_starts(s, STR("+[")) || str_starts(s, STR("-["))) {
        return s;
    }
    if (closure(a, s, &name)) {
        return name;
    }
    if (str_starts(s, STR("initializer expression of "))) {
        return native_name(a, str_sub(s, 26, s.n));
    }

    copy(cut_trailers(s), &out, 0);
    name = cut_hash(function_word(buf_view(&out)));
    if (name.n == 0) {
        return given;
    }
    return restore(a, name);
}
