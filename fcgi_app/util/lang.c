/*
 * The texts of a language are an array sorted by context and English, searched
 * by halves: a few thousand at most, read once before the processes are forked
 * so that they share the memory.
 */

#include "util/lang.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util/buf.h"
#include "util/log.h"

#define FILE_BYTES_MAX (4 * 1024 * 1024)
#define ACCEPT_MAX 32 /* languages of a header that are looked at */

struct text {
    struct str context;
    struct str english;
    struct str own;
};

static struct {
    struct arena *arena;
    struct text *v[LANG_MAX];
    size_t n[LANG_MAX];
    size_t used;
} all;


/* The rules of Unicode's CLDR for cardinal numbers. */

static int
form_english(int64_t n)
{
    return n == 1 ? 0 : 1;
}


static int
form_russian(int64_t n)
{
    int64_t tens = n % 100, ones = n % 10;

    if (tens < 0) {
        tens = -tens;
        ones = ones < 0 ? -ones : ones;
    }
    if (ones == 1 && tens != 11) {
        return 0;
    }
    return ones >= 2 && ones <= 4 && (tens < 12 || tens > 14) ? 1 : 2;
}


const struct lang langs[] = {
    { "en", "English", ",", ".", 2, form_english },
    { "ru", "Русский", "\xC2\xA0", ",", 3, form_russian },
};
const size_t nlangs = sizeof(langs) / sizeof(langs[0]);


/* Reading */

struct reader {
    const char *path;
    int line;
    struct str rest;
    struct text text;  /* that is being read */
    struct str *field; /* where a line that is only a string goes on */
    bool any;
    struct text *v;
    size_t n, room;
};


static enum status
complain(const struct reader *r, const char *what)
{
    log_error("%s:%d: %s", r->path, r->line, what);
    return ST_INVALID;
}


/* "text" of the rest of a line, added to the field. */
static enum status
read_string(struct reader *r, struct str line)
{
    struct buf b = buf_in(all.arena);

    line = str_trim(line);
    if (line.n < 2 || line.p[0] != '"' || line.p[line.n - 1] != '"'
        || r->field == NULL) {
        return complain(r, "a text stands in quotes");
    }
    buf_str(&b, *r->field);
    for (size_t i = 1; i < line.n - 1; i++) {
        char c = line.p[i];

        if (c == '"') {
            return complain(r, "a quote within a text is written \\\"");
        }
        if (c == '\\') {
            i++;
            c = line.p[i] == 'n' ? '\n' : line.p[i] == 't' ? '\t' : line.p[i];
        }
        buf_char(&b, c);
    }
    *r->field = buf_view(&b);
    return ST_OK;
}


/* Puts what has been read into the array; the head of a file is no text. */
static void
keep(struct reader *r)
{
    if (r->any && r->text.english.n > 0 && r->text.own.n > 0) {
        if (r->n == r->room) {
            size_t room = r->room == 0 ? 256 : r->room * 2;

            r->v = arena_grow(all.arena, r->v, r->room * sizeof(*r->v),
                              room * sizeof(*r->v));
            r->room = room;
        }
        r->v[r->n++] = r->text;
    }
    r->text = (struct text){ STR(""), STR(""), STR("") };
    r->field = NULL;
    r->any = false;
}


static enum status
read_line(struct reader *r, struct str line)
{
    const struct {
        struct str word;
        struct str *field;
    } words[] = {
        { STR("msgctxt "), &r->text.context },
        { STR("msgid "), &r->text.english },
        { STR("msgstr "), &r->text.own },
    };

    line = str_trim(line);
    if (line.n == 0) {
        keep(r);
        return ST_OK;
    }
    if (line.p[0] == '#') {
        return ST_OK;
    }
    if (line.p[0] == '"') {
        return read_string(r, line);
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_starts(line, words[i].word)) {
            /* entries need no empty line between them */
            if (i < 2 && r->field == &r->text.own) {
                keep(r);
            }
            r->field = words[i].field;
            r->any = true;
            return read_string(r, str_sub(line, words[i].word.n, line.n));
        }
    }
    return complain(r, "neither msgctxt, msgid, msgstr nor a comment");
}


static int
compare(const void *a, const void *b)
{
    const struct text *x = a, *y = b;
    int order = str_cmp(x->english, y->english);

    return order != 0 ? order : str_cmp(x->context, y->context);
}


static enum status
read_text(size_t lang, const char *path, struct str text)
{
    struct reader r = { .path = path, .rest = text };
    struct str line;
    enum status st;

    keep(&r);
    while (str_split(&r.rest, '\n', &line)) {
        r.line++;
        st = read_line(&r, line);
        if (st != ST_OK) {
            return st;
        }
    }
    keep(&r);
    if (r.n > 0) {
        qsort(r.v, r.n, sizeof(*r.v), compare);
    }
    for (size_t i = 1; i < r.n; i++) {
        if (compare(&r.v[i - 1], &r.v[i]) == 0) {
            log_error("%s: \"%.*s\" stands there twice", path,
                      STR_FMT(r.v[i].english));
            return ST_INVALID;
        }
    }
    all.v[lang] = r.v;
    all.n[lang] = r.n;
    return ST_OK;
}


static enum status
read_file(size_t lang, const char *path)
{
    FILE *f = fopen(path, "re");
    enum status st = ST_INVALID;
    struct stat about;

    if (f == NULL && errno == ENOENT) {
        return ST_OK;
    }
    if (f == NULL) {
        log_error("%s: %s", path, strerror(errno));
        return ST_INVALID;
    }
    if (fstat(fileno(f), &about) == -1 || about.st_size > FILE_BYTES_MAX) {
        log_error("%s: over %d bytes", path, FILE_BYTES_MAX);

    } else {
        size_t size = (size_t) about.st_size;
        char *p = arena_alloc(all.arena, size + 1);

        st = read_text(lang, path, str_make(p, fread(p, 1, size, f)));
    }
    fclose(f);
    return st;
}


enum status
lang_load(const char *folder)
{
    struct arena *scratch = arena_new();
    enum status st = ST_OK;

    if (all.arena == NULL) {
        all.arena = arena_new();
    } else {
        arena_reset(all.arena);
    }
    memset(all.v, 0, sizeof(all.v));
    memset(all.n, 0, sizeof(all.n));
    for (size_t i = 1; i < nlangs && st == ST_OK; i++) {
        st = read_file(
            i, arena_printf(scratch, "%s/%s.po", folder, langs[i].code));
    }
    arena_free(scratch);
    return st;
}


/* Choosing */

size_t
lang_find(struct str code)
{
    for (size_t i = 0; i < nlangs; i++) {
        if (str_ieq(code, str_of(langs[i].code))) {
            return i;
        }
    }
    return 0;
}


struct str
lang_code(struct str code)
{
    size_t lang = lang_find(code);

    return str_is(code, langs[lang].code) ? str_of(langs[lang].code) : STR_NULL;
}


size_t
lang_accept(struct str header)
{
    struct str part, code;
    size_t best = 0;
    double most = 0;

    for (int i = 0; i < ACCEPT_MAX && str_split(&header, ',', &part); i++) {
        double weight = 1;
        struct str rest = part;
        ptrdiff_t q;

        if (!str_split(&rest, ';', &code)) {
            continue;
        }
        q = str_find(rest, STR("q="));
        if (q != -1
            && !str_double(str_trim(str_sub(rest, (size_t) q + 2, rest.n)),
                           &weight)) {
            weight = 0;
        }
        code = str_trim(code);
        if (str_chr(code, '-') != -1) {
            code.n = (size_t) str_chr(code, '-');
        }
        if (weight > most
            && (lang_find(code) > 0 || str_ieq(code, STR("en")))) {
            most = weight;
            best = lang_find(code);
        }
    }
    return best;
}


void
lang_use(size_t lang)
{
    all.used = lang < nlangs ? lang : 0;
}


size_t
lang_used(void)
{
    return all.used;
}


/* Texts */

static const struct text *
find(size_t lang, struct str context, struct str english)
{
    struct text key = { context, english, STR_NULL };

    return all.n[lang] == 0
               ? NULL
               : bsearch(&key, all.v[lang], all.n[lang], sizeof(key), compare);
}


struct str
lang_text(size_t lang, struct str context, struct str english)
{
    const struct text *found = NULL;

    if (lang == 0) {
        return english;
    }
    if (context.n > 0) {
        found = find(lang, context, english);
    }
    if (found == NULL) {
        found = find(lang, STR(""), english);
    }
    return found != NULL ? found->own : STR_NULL;
}


const char *
tr(const char *english)
{
    struct str own = lang_text(all.used, STR(""), str_of(english));

    return str_null(own) ? english : own.p; /* ended by a NUL, see buf.h */
}


struct str
tr_str(struct str english)
{
    struct str own = lang_text(all.used, STR(""), english);

    return str_null(own) ? english : own;
}


struct str
lang_form(struct str forms, int64_t n)
{
    struct str rest = forms, form = STR("");
    int wanted = langs[all.used].form(n);

    for (int i = 0; i <= wanted; i++) {
        if (!str_split(&rest, '|', &form)) {
            break; /* the last of them serves */
        }
    }
    return form;
}


int
lang_placeholder(struct str s, size_t *used)
{
    size_t i = 1;
    int n = 0;

    if (s.n < 3 || s.p[0] != '{' || s.p[1] < '0' || s.p[1] > '9') {
        return -1;
    }
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && n < 100; i++) {
        n = n * 10 + (s.p[i] - '0');
    }
    *used = i;
    return n;
}


/*
 * The number that a text shows, whatever separates its thousands, or one that
 * takes the same word: of a fraction ("1.5"), as in all languages here, that of
 * 2, and of what has a unit ("12k") that of 5.
 */
static int64_t
number_of(struct str s)
{
    ptrdiff_t point = str_find(s, str_of(langs[all.used].decimal));
    int64_t n = 0;

    if (s.n == 0 || s.p[s.n - 1] < '0' || s.p[s.n - 1] > '9') {
        return 5;
    }
    if (point != -1) {
        return 2;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] >= '0' && s.p[i] <= '9') {
            n = (n * 10 + (s.p[i] - '0')) % INT64_C(1000000000000);
        }
    }
    return n;
}


#define NAMED '\x1E' /* between the name of a value and the value */

struct str
lang_named(struct arena *a, const char *name, struct str value)
{
    struct buf b = buf_in(a);

    buf_text(&b, name);
    buf_char(&b, NAMED);
    buf_str(&b, value);
    return buf_view(&b);
}


/* "{name}" at the beginning of the text: its value; the null str: it has none.
 */
static struct str
value_named(struct str text, const struct str *values, size_t n)
{
    ptrdiff_t end = text.p[0] == '{' ? str_chr(text, '}') : -1;

    for (size_t i = 0; i < n && end > 1; i++) {
        struct str name = str_sub(text, 1, (size_t) end);

        if (str_starts(values[i], name) && values[i].n > name.n
            && values[i].p[name.n] == NAMED) {
            return str_sub(values[i], name.n + 1, values[i].n);
        }
    }
    return STR_NULL;
}


struct str
lang_fill(struct arena *a, const char *english, const struct str *values,
          size_t n)
{
    struct str text = str_of(tr(english)), named;
    struct buf b = buf_in(a);
    size_t used = 0;

    while (text.n > 0) {
        int which = lang_placeholder(text, &used);
        ptrdiff_t end = which >= 0 ? str_chr(text, '}') : -1;

        if (!str_null(named = value_named(text, values, n))) {
            buf_str(&b, named);
            end = str_chr(text, '}');
            text = str_sub(text, (size_t) end + 1, text.n);
            continue;
        }
        if (end == -1 || (size_t) which >= n) {
            buf_char(&b, text.p[0]);
            text = str_sub(text, 1, text.n);
            continue;
        }
        if (text.p[used] == '|') {
            buf_str(&b, lang_form(str_sub(text, used + 1, (size_t) end),
                                  number_of(values[which])));
        } else {
            buf_str(&b, values[which]);
        }
        text = str_sub(text, (size_t) end + 1, text.n);
    }
    return buf_view(&b);
}


struct str
lang_number(struct arena *a, struct str figures)
{
    struct buf b = buf_in(a);
    ptrdiff_t point = str_chr(figures, '.');
    size_t whole = point == -1 ? figures.n : (size_t) point, sign = 0;

    if (figures.n > 0 && figures.p[0] == '-') {
        buf_text(&b, "\xE2\x88\x92"); /* a true minus */
        sign = 1;
    }
    for (size_t i = sign; i < whole; i++) {
        if (i > sign && (whole - i) % 3 == 0) {
            buf_text(&b, langs[all.used].group);
        }
        buf_char(&b, figures.p[i]);
    }
    if (point != -1) {
        buf_text(&b, langs[all.used].decimal);
        buf_str(&b, str_sub(figures, whole + 1, figures.n));
    }
    return buf_view(&b);
}


/*
 * Kept texts
 *
 *     KEPT English NEXT value NEXT value … OVER
 *
 * with control characters that no text of people has; one that comes in a value
 * becomes a space, unless kept texts are whole in it.
 */

#define KEPT '\x02'
#define NEXT '\x1F'
#define OVER '\x03'
#define NUMBER_KEPT "#"
#define KEPT_DEPTH 4
#define KEPT_VALUES 8


/* Text in which kept ones stand whole, and nothing of them alone. */
static bool
is_balanced(struct str s)
{
    int depth = 0;

    for (size_t i = 0; i < s.n; i++) {
        depth += s.p[i] == KEPT ? 1 : s.p[i] == OVER ? -1 : 0;
        if (depth < 0 || (depth == 0 && s.p[i] == NEXT)) {
            return false;
        }
    }
    return depth == 0;
}


/* The length of the kept text that s begins with; 0: it begins with none. */
static size_t
kept_length(struct str s)
{
    int depth = 0;

    for (size_t i = 0; i < s.n; i++) {
        depth += s.p[i] == KEPT ? 1 : s.p[i] == OVER ? -1 : 0;
        if (depth <= 0) {
            return i > 0 ? i + 1 : 0;
        }
    }
    return 0;
}


static void
keep_value(struct buf *b, struct str value)
{
    bool kept = is_balanced(value);

    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];

        buf_char(b, !kept && (c == KEPT || c == NEXT || c == OVER) ? ' ' : c);
    }
}


struct str
lang_keep(struct arena *a, const char *english, const struct str *values,
          size_t n)
{
    struct buf b = buf_in(a);

    buf_char(&b, KEPT);
    buf_text(&b, english);
    for (size_t i = 0; i < n; i++) {
        buf_char(&b, NEXT);
        keep_value(&b, values[i]);
    }
    buf_char(&b, OVER);
    return buf_view(&b);
}


struct str
lang_keep_number(struct arena *a, struct str figures)
{
    return lang_keep(a, NUMBER_KEPT, FILL(figures));
}


static struct str say(struct arena *a, struct str text, int depth);


/* What stands between KEPT and OVER. */
static struct str
say_kept(struct arena *a, struct str inside, int depth)
{
    struct str parts[1 + KEPT_VALUES];
    size_t n = 0, from = 0;

    for (size_t i = 0; i <= inside.n && n < 1 + KEPT_VALUES; i++) {
        if (i < inside.n && inside.p[i] == KEPT) {
            size_t length = kept_length(str_sub(inside, i, inside.n));

            i += length > 0 ? length - 1 : 0;

        } else if (i == inside.n || inside.p[i] == NEXT) {
            parts[n++] = str_sub(inside, from, i);
            from = i + 1;
        }
    }
    if (n == 2 && str_is(parts[0], NUMBER_KEPT)) {
        return lang_number(a, parts[1]);
    }
    for (size_t i = 1; i < n; i++) {
        parts[i] = say(a, parts[i], depth + 1);
    }
    return lang_fill(a, str_dup(a, parts[0]), parts + 1, n - 1);
}


static struct str
say(struct arena *a, struct str text, int depth)
{
    struct buf b = buf_in(a);

    if (depth > KEPT_DEPTH || str_chr(text, KEPT) == -1) {
        return text;
    }
    while (text.n > 0) {
        size_t length = text.p[0] == KEPT ? kept_length(text) : 0;

        if (length > 0) {
            buf_str(&b, say_kept(a, str_sub(text, 1, length - 1), depth));
        } else {
            buf_char(&b, text.p[0]);
            length = 1;
        }
        text = str_sub(text, length, text.n);
    }
    return buf_view(&b);
}


struct str
lang_say(struct arena *a, struct str text)
{
    return say(a, text, 0);
}
