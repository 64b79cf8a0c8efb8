/*
 * ClearSilver's string functions get one text and return one that malloc made;
 * they know no context.  So the clock is a variable of this file, which is
 * right for a process that renders one page at a time, and each function has a
 * trampoline of its own, made by FUNCTION.
 *
 * show() is registered as one that escapes, so "var:show(x)" is not escaped
 * again and no template needs uvar.
 */

#include "web/comment.h"
#include "web/show.h"

#include <ClearSilver/ClearSilver.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "util/buf.h"
#include "util/lang.h"
#include "util/timeutil.h"
#include "util/utf8.h"
#include "util/zone.h"
#include "web/form.h"

static struct {
    int64_t now;
    int64_t started;
} showing;


void
show_clock(int64_t now, int64_t started)
{
    showing.now = now;
    showing.started = started;
}


/* Untrusted text */

/*
 * Characters that would be invisible, or move or hide what stands around
 * them.  The joiners U+200C and U+200D are part of words and emoji between
 * letters of other scripts, and stay there.
 */
static bool
invisible(uint32_t cp, uint32_t before, uint32_t after)
{
    static const struct {
        uint32_t from, to;
    } ranges[] = {
        { 0x0000, 0x0008 },   { 0x000B, 0x001F }, { 0x007F, 0x009F },
        { 0x00AD, 0x00AD },   { 0x061C, 0x061C }, { 0x115F, 0x1160 },
        { 0x180E, 0x180E },   { 0x200B, 0x200F }, { 0x2028, 0x202E },
        { 0x2060, 0x206F },   { 0x3164, 0x3164 }, { 0xFE00, 0xFE0E },
        { 0xFEFF, 0xFEFF },   { 0xFFA0, 0xFFA0 }, { 0xFFF9, 0xFFFB },
        { 0xE0000, 0xE0FFF },
    };

    if ((cp == 0x200C || cp == 0x200D) && before >= 0x0590 && after >= 0x0590) {
        return false;
    }
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (cp >= ranges[i].from && cp <= ranges[i].to) {
            return true;
        }
    }
    return false;
}


static void
escape(struct buf *b, struct str part)
{
    switch (part.p[0]) {
    case '<':
        buf_text(b, "&lt;");
        break;
    case '>':
        buf_text(b, "&gt;");
        break;
    case '&':
        buf_text(b, "&amp;");
        break;
    default:
        buf_str(b, part);
    }
}


/*
 * html: escape for text, where quotes may stay, and make the names of invisible
 * characters stand out.
 */
static struct str
visible(struct arena *a, struct str s, bool html)
{
    struct buf b = buf_in(a);
    uint32_t cp, before = 0, after;
    size_t size, ignored;

    for (size_t i = 0; i < s.n; i += size) {
        cp = utf8_read(str_sub(s, i, s.n), &size);
        after =
            i + size < s.n ? utf8_read(str_sub(s, i + size, s.n), &ignored) : 0;

        if (cp == '\r' && after == '\n') {
            continue;
        }
        if (cp == UTF8_BROKEN) {
            buf_text(&b, "\xEF\xBF\xBD");
        } else if (invisible(cp, before, after)) {
            /* the one tag that is written here: design.md §7 */
            buf_addf(&b,
                     html ? "<span class=\"ctl\">U+%04X</span>"
                          : "\xE2\x80\xB9U+%04X\xE2\x80\xBA",
                     (unsigned) cp);
        } else if (html) {
            escape(&b, str_sub(s, i, i + size));
        } else {
            buf_str(&b, str_sub(s, i, i + size));
        }
        before = cp;
    }
    return buf_view(&b);
}


static struct str
show(struct arena *a, struct str s)
{
    return visible(a, s, true);
}


static struct str
plain(struct arena *a, struct str s)
{
    return visible(a, s, false);
}


static struct str
markdown(struct arena *a, struct str s)
{
    return comment_html(a, visible(a, s, false));
}


static struct str
part(struct arena *a, struct str s)
{
    return url_encode(a, s);
}


/* The first letters of the first and the last word. */
static struct str
initials(struct arena *a, struct str s)
{
    struct str rest = str_trim(s), word, first = STR_NULL, last = STR_NULL;
    size_t size;

    while (str_split(&rest, ' ', &word)) {
        if (word.n > 0) {
            first = str_null(first) ? word : first;
            last = word;
        }
    }
    if (str_null(first)) {
        return STR("?");
    }
    utf8_read(first, &size);
    first.n = size;
    if (last.p == first.p) {
        return first;
    }
    utf8_read(last, &size);
    last.n = size;
    return str_printf(a, "%.*s%.*s", STR_FMT(first), STR_FMT(last));
}


/* Numbers */

static int64_t
number(struct str s)
{
    int64_t n;

    return str_i64(s, &n) ? n : 0;
}


static struct str
digits(struct arena *a, int64_t n)
{
    return str_printf(a, "%lld", (long long) n);
}


struct str
show_full(struct arena *a, int64_t n)
{
    return lang_number(a, digits(a, n));
}


/* With the decimal point of the language. */
static struct str
decimal(struct arena *a, int places, double v)
{
    return lang_number(a, str_printf(a, "%.*f", places, v));
}


/* In full below 10,000, then with three figures and a unit. */
struct str
show_count(struct arena *a, int64_t n)
{
    static const struct {
        int64_t size;
        const char *format;
    } units[] = {
        { INT64_C(1000), N_("{0}k") },
        { INT64_C(1000000), N_("{0}M") },
        { INT64_C(1000000000), N_("{0}G") },
        { INT64_C(1000000000000), N_("{0}T") },
    };
    size_t i = 0;
    int64_t tenths;
    struct str figures;

    if (n < 10000) {
        return show_full(a, n);
    }
    /* 999,950 is written 1.0M, not 1000k */
    while (i < 3 && n >= units[i].size * 1000 - units[i].size / 2) {
        i++;
    }
    tenths = n / (units[i].size / 10);
    tenths += n % (units[i].size / 10) >= units[i].size / 20;
    if (tenths < 1000) {
        figures = decimal(a, 1, (double) tenths / 10);
    } else {
        figures = digits(a, (n + units[i].size / 2) / units[i].size);
    }
    return lang_fill(a, units[i].format, FILL(figures));
}


static struct str
count(struct arena *a, struct str s)
{
    return show_count(a, number(s));
}


static struct str
full(struct arena *a, struct str s)
{
    return show_full(a, number(s));
}


static struct str
bytes(struct arena *a, struct str s)
{
    static const char *const formats[] = { N_("{0} B"), N_("{0} KB"),
                                           N_("{0} MB"), N_("{0} GB"),
                                           N_("{0} TB") };
    struct str figures;
    int64_t n = number(s);
    double size = (double) n;
    size_t i = 0;

    while (size >= 1000 && i < 4) {
        size /= 1024;
        i++;
    }
    figures = decimal(a, i > 0 && size < 9.95 ? 1 : 0, size);
    return lang_fill(a, formats[i], FILL(figures));
}


/* Times */

/* Two of neighbouring units: "1 d 4 h", and one when the second is 0. */
static struct str
two(struct arena *a, int64_t n, int64_t small, const char *one,
    const char *both)
{
    if (n % small == 0) {
        return lang_fill(a, one, FILL(digits(a, n / small)));
    }
    return lang_fill(a, both, FILL(digits(a, n / small), digits(a, n % small)));
}


struct str
show_took(struct arena *a, int64_t us)
{
    int64_t s = us / US_PER_SECOND;
    struct str figures;

    if (us < US_PER_SECOND) {
        figures =
            decimal(a, us < 10000 ? 1 : 0,
                    us < 10000 ? (double) us / 1e3 : (double) (us / 1000));
        return lang_fill(a, N_("{0} ms"), FILL(figures));
    }
    if (s < 60) {
        figures = decimal(a, s < 10 ? 2 : 1, (double) us / 1e6);
        return lang_fill(a, N_("{0} s"), FILL(figures));
    }
    if (s < 3600) {
        return two(a, s, 60, N_("{0} min"), N_("{0} min {1} s"));
    }
    if (s < 86400) {
        return two(a, s / 60, 60, N_("{0} h"), N_("{0} h {1} min"));
    }
    return two(a, s / 3600, 24, N_("{0} d"), N_("{0} d {1} h"));
}


static struct str
took(struct arena *a, struct str s)
{
    return show_took(a, number(s));
}


static struct str
elapsed(struct arena *a, struct str s)
{
    (void) s;
    return show_took(a, time_monotonic() - showing.started);
}


struct str
show_ago(struct arena *a, int64_t us)
{
    static const struct {
        int64_t from, size;
        const char *format;
    } units[] = {
        /* part/head.cs hands the same to app.js */
        { 31536000, 31536000, N_("{0} y ago") },
        { 2592000, 2592000, N_("{0} mo ago") },
        { 1209600, 604800, N_("{0} w ago") },
        { 86400, 86400, N_("{0} d ago") },
        { 3600, 3600, N_("{0} h ago") },
        { 60, 60, N_("{0} min ago") },
        { 10, 1, N_("{0} s ago") },
    };
    int64_t s = (showing.now - us) / US_PER_SECOND;

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (s >= units[i].from) {
            return lang_fill(a, units[i].format,
                             FILL(digits(a, s / units[i].size)));
        }
    }
    return str_of(tr("just now"));
}


static struct str
ago(struct arena *a, struct str s)
{
    return show_ago(a, number(s));
}


static struct str
iso(struct arena *a, struct str s)
{
    return time_format_iso(a, number(s), false);
}


struct str
show_day(struct arena *a, const struct tm *tm)
{
    return str_printf(a, "%d %s", tm->tm_mday, zone_month(tm));
}


static struct str
day(struct arena *a, struct str s)
{
    struct tm tm = zone_parts(number(s));

    return show_day(a, &tm);
}


static struct str
full_time(struct arena *a, struct str s)
{
    struct tm tm = zone_parts(number(s));

    return str_printf(a, "%04d-%02d-%02d %02d:%02d:%02d %s", tm.tm_year + 1900,
                      tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
                      tm.tm_sec, tm.tm_zone);
}


/* Of a minute, on a day of this year. */
static struct str
moment(struct arena *a, struct str s)
{
    struct tm tm = zone_parts(number(s));

    return str_printf(a, "%d %s %02d:%02d", tm.tm_mday, zone_month(&tm),
                      tm.tm_hour, tm.tm_min);
}


static struct str
translated(struct arena *a, struct str s)
{
    return str_of(tr(str_dup(a, s)));
}


/* The bridge to ClearSilver */

static NEOERR *
call(struct str (*fn)(struct arena *a, struct str s), const char *in,
     char **out)
{
    static struct arena *a;
    struct str s;

    if (a == NULL) {
        a = arena_new();
    }
    s = fn(a, str_of(in != NULL ? in : ""));
    *out = malloc(s.n + 1);
    if (*out == NULL) {
        abort();
    }
    if (s.n > 0) {
        memcpy(*out, s.p, s.n);
    }
    (*out)[s.n] = '\0';
    arena_reset(a);
    return STATUS_OK;
}


#define FUNCTION(name)                                                         \
    static NEOERR *call_##name(const char *in, char **out)                     \
    {                                                                          \
        return call(name, in, out);                                            \
    }

FUNCTION(show)
FUNCTION(plain)
FUNCTION(part)
FUNCTION(initials)
FUNCTION(count)
FUNCTION(full)
FUNCTION(bytes)
FUNCTION(took)
FUNCTION(elapsed)
FUNCTION(ago)
FUNCTION(iso)
FUNCTION(full_time)
FUNCTION(day)
FUNCTION(moment)
FUNCTION(translated)


/* form(n, "event|events"): the word for the number */
static NEOERR *
call_form(CSPARSE *cs, CS_FUNCTION *function, CSARG *args, CSARG *result)
{
    char *n = NULL, *forms = NULL;
    NEOERR *err = cs_arg_parse(cs, args, "ss", &n, &forms);

    (void) function;
    if (err == STATUS_OK) {
        struct str form = lang_form(str_of(forms), number(str_of(n)));

        result->op_type = CS_TYPE_STRING;
        result->s = strndup(form.p, form.n);
        result->alloc = 1;
        if (result->s == NULL) {
            abort();
        }
    }
    free(n);
    free(forms);
    return err;
}

FUNCTION(markdown)

static const struct {
    const char *name;
    bool escapes; /* its result is HTML already */
    CSSTRFUNC call;
} functions[] = {
    { "show", true, call_show },        { "plain", false, call_plain },
    { "part", false, call_part },       { "initials", false, call_initials },
    { "count", false, call_count },     { "full", false, call_full },
    { "bytes", false, call_bytes },     { "took", false, call_took },
    { "elapsed", false, call_elapsed }, { "ago", false, call_ago },
    { "iso", false, call_iso },         { "at", false, call_full_time },
    { "day", false, call_day },         { "moment", false, call_moment },
    { "tr", false, call_translated },   { "markdown", true, call_markdown },
};


void
show_register(CSPARSE *cs)
{
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        char name[32];
        NEOERR *err;

        snprintf(name, sizeof(name), "%s", functions[i].name);
        err = functions[i].escapes
                  ? cs_register_esc_strfunc(cs, name, functions[i].call)
                  : cs_register_strfunc(cs, name, functions[i].call);
        if (err != STATUS_OK) {
            abort(); /* out of memory, or a name twice */
        }
    }
    if (cs_register_function(cs, "form", 2, call_form) != STATUS_OK) {
        abort();
    }
}
