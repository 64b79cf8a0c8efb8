/*
 * One scan from left to right.  At each place the classes are tried in the
 * order of grouping.md §1.9, the first that matches is replaced and not looked
 * at again.  A class is a row: its name and a function that says how many
 * bytes it matches there.
 *
 * To stay linear, a class is tried only at bytes that it can begin with, and
 * the two classes whose runs have no bound (mail, host name) remember up to
 * where they have looked in vain.
 */

#include "digest/message.h"

#include "digest/message_date.h"

#include "util/buf.h"

/* Longer texts are cut: what differs only beyond is the same message. */
#define TEXT_MAX 8192

struct scan {
    const char *p;
    size_t n;
    size_t no_mail; /* no address begins before */
    size_t no_host; /* no host name begins before */
};


/* ---- bytes */

enum {
    DIGIT = 1,
    LOWER = 2,
    UPPER = 4,
    HEXA = 8, /* a-f A-F */
    UNDER = 16,
    MAIL = 32, /* in the local part of an address, beyond letters and digits */
    ALNUM = DIGIT | LOWER | UPPER,
    WORD = ALNUM | UNDER
};

static unsigned char kind[256];


static void
prepare(void)
{
    for (int c = '0'; c <= '9'; c++) {
        kind[c] |= DIGIT;
    }
    for (int c = 'a'; c <= 'z'; c++) {
        kind[c] |= LOWER;
    }
    for (int c = 'A'; c <= 'Z'; c++) {
        kind[c] |= UPPER;
    }
    for (int c = 'a'; c <= 'f'; c++) {
        kind[c] |= HEXA;
        kind[c - 'a' + 'A'] |= HEXA;
    }
    kind['_'] |= UNDER;
    for (const char *c = ".!#$%&'*+/=?^_`{|}~-"; *c != '\0'; c++) {
        kind[(unsigned char) *c] |= MAIL;
    }
}


static bool
is(const struct scan *s, size_t i, unsigned what)
{
    return i < s->n && (kind[(unsigned char) s->p[i]] & what) != 0;
}


static bool
is_hexa(const struct scan *s, size_t i)
{
    return is(s, i, DIGIT | HEXA);
}


static bool
is_char(const struct scan *s, size_t i, char c)
{
    return i < s->n && s->p[i] == c;
}


/* The end of the run of such bytes from i, at most max long. */
static size_t
run(const struct scan *s, size_t i, unsigned what, size_t max)
{
    size_t end = i;

    while (end - i < max && is(s, end, what)) {
        end++;
    }
    return end;
}


static size_t
hex_run(const struct scan *s, size_t i, size_t max)
{
    return run(s, i, DIGIT | HEXA, max);
}


/* \b: one side is of a word and the other is not. */
static bool
boundary(const struct scan *s, size_t i)
{
    return (i > 0 && is(s, i - 1, WORD)) != is(s, i, WORD);
}


static bool
at(const struct scan *s, size_t i, const char *word)
{
    size_t n = strlen(word);

    return s->n - i >= n && memcmp(s->p + i, word, n) == 0;
}


/* ---- the classes: how many bytes match at i; 0: none */

static size_t
mail(struct scan *s, size_t i)
{
    size_t end = i, label;

    if (i < s->no_mail) {
        return 0;
    }
    end = run(s, i, ALNUM | MAIL, s->n);
    if (end == i || !is_char(s, end, '@')) {
        s->no_mail = end;
        return 0;
    }

    label = end + 1;
    end = label;
    while (is(s, end, ALNUM) || is_char(s, end, '-')) {
        end++;
    }
    if (end == label) {
        s->no_mail = label;
        return 0;
    }
    while (is_char(s, end, '.')
           && (is(s, end + 1, ALNUM) || is_char(s, end + 1, '-'))) {
        end++;
        while (is(s, end, ALNUM) || is_char(s, end, '-')) {
            end++;
        }
    }
    return end - i;
}


static size_t
url(struct scan *s, size_t i)
{
    static const char *const schemes[] = { "https://", "http://", "wss://",
                                           "ws://", "ftp://" };
    size_t end;

    if (!boundary(s, i)) {
        return 0;
    }
    for (size_t k = 0; k < sizeof(schemes) / sizeof(schemes[0]); k++) {
        if (!at(s, i, schemes[k])) {
            continue;
        }
        end = i + strlen(schemes[k]);
        if (end >= s->n || memchr("/$.?# \t\n\r", s->p[end], 9) != NULL) {
            return 0;
        }
        while (end < s->n && s->p[end] != ' '
               && !(s->p[end] >= '\t' && s->p[end] <= '\r')) {
            end++;
        }
        return end - i;
    }
    return 0;
}


static const char *const domains[] = {
    "com",  "net", "org",  "jp",   "de",    "uk",    "fr",       "br",
    "it",   "ru",  "es",   "me",   "gov",   "pl",    "ca",       "au",
    "cn",   "co",  "in",   "nl",   "edu",   "info",  "eu",       "ch",
    "id",   "at",  "kr",   "cz",   "mx",    "be",    "tv",       "se",
    "tr",   "tw",  "al",   "ua",   "ir",    "vn",    "cl",       "sk",
    "ly",   "cc",  "to",   "no",   "fi",    "us",    "pt",       "dk",
    "ar",   "hu",  "tk",   "gr",   "il",    "news",  "ro",       "my",
    "biz",  "ie",  "za",   "nz",   "sg",    "ee",    "th",       "io",
    "xyz",  "pe",  "bg",   "hk",   "rs",    "lt",    "link",     "ph",
    "club", "si",  "site", "mobi", "by",    "cat",   "wiki",     "la",
    "ga",   "xxx", "cf",   "hr",   "ng",    "jobs",  "online",   "kz",
    "ug",   "gq",  "ae",   "is",   "lv",    "pro",   "fm",       "tips",
    "ms",   "sa",  "app",  "dev",  "cloud", "local", "internal", "localdomain",
};


/* Whether s ends, in one case, with a domain that hosts have. */
static bool
is_domain(const char *p, size_t n)
{
    char low[16];
    bool lower = false, upper = false;

    if (n < 2 || n >= sizeof(low)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char) p[i];

        lower |= (kind[c] & LOWER) != 0;
        upper |= (kind[c] & UPPER) != 0;
        low[i] = (char) ((kind[c] & UPPER) != 0 ? c + ('a' - 'A') : c);
    }
    if (lower && upper) {
        return false;
    }
    for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
        if (strlen(domains[i]) == n && memcmp(domains[i], low, n) == 0) {
            return true;
        }
    }
    return false;
}


static size_t
host(struct scan *s, size_t i)
{
    size_t end = i, found = 0, label = i;

    if (i < s->no_host || !boundary(s, i)) {
        return 0;
    }
    for (;;) {
        while (is(s, end, ALNUM) || is_char(s, end, '-')) {
            end++;
        }
        if (end == label || end - label > 63) {
            break;
        }
        if (label > i && !is(s, end, UNDER)
            && is_domain(s->p + label, end - label)) {
            found = end;
        }
        if (!is_char(s, end, '.')) {
            break;
        }
        label = ++end;
    }
    if (found == 0) {
        s->no_host = end;
    }
    return found > 0 ? found - i : 0;
}


static size_t
ip4(const struct scan *s, size_t i)
{
    for (int part = 0; part < 4; part++) {
        size_t end = run(s, i, DIGIT, 4);
        int value = 0;

        if (end == i || end - i > 3) {
            return 0;
        }
        for (; i < end; i++) {
            value = value * 10 + (s->p[i] - '0');
        }
        if (value > 255) {
            return 0;
        }
        if (part < 3) {
            if (!is_char(s, i, '.')) {
                return 0;
            }
            i++;
        }
    }
    return i;
}


/* Groups of hex digits and colons: eight, or fewer with one "::". */
static size_t
ip6(const struct scan *s, size_t i)
{
    size_t end = i, four;
    unsigned groups = 0;
    bool gap = false;

    if (at(s, i, "::")) {
        gap = true;
        end += 2;
    }
    while (groups < 8) {
        size_t next = hex_run(s, end, 5);

        if (next == end || next - end > 4) {
            break;
        }
        if (is_char(s, next, '.') && (four = ip4(s, end)) > 0
            && (gap || groups == 6)) {
            end = four;
            groups += 2;
            break;
        }
        groups++;
        end = next;
        if (at(s, end, "::")) {
            if (gap) {
                break;
            }
            gap = true;
            end += 2;

        } else if (is_char(s, end, ':') && is_hexa(s, end + 1)) {
            end++;

        } else {
            break;
        }
    }
    if (!(gap ? groups > 0 && groups < 8 : groups == 8)) {
        return 0;
    }
    if (is_char(s, end, '%') && is(s, end + 1, ALNUM)) {
        end = run(s, end + 1, WORD, 16);
    }
    return end;
}


static size_t
ip(struct scan *s, size_t i)
{
    size_t end;

    if (i > 0 && (is(s, i - 1, WORD) || s->p[i - 1] == ':')) {
        return 0;
    }
    end = ip4(s, i);
    if (end == 0 || is(s, end, ALNUM)) {
        end = ip6(s, i);
    }
    return end == 0 || is(s, end, ALNUM) ? 0 : end - i;
}


/* '8-4': so many hex digits, with dashes in between; 0: no match */
static size_t
hex_groups(const struct scan *s, size_t i, const unsigned *sizes, unsigned n)
{
    size_t start = i;

    for (unsigned k = 0; k < n; k++) {
        if (k > 0 && !is_char(s, i++, '-')) {
            return 0;
        }
        if (hex_run(s, i, sizes[k]) != i + sizes[k]) {
            return 0;
        }
        i += sizes[k];
    }
    return i - start;
}


static size_t
traceparent(struct scan *s, size_t i)
{
    static const unsigned w3c[] = { 2, 32, 16, 2 }, aws[] = { 1, 8, 24 };
    size_t n;

    if (!boundary(s, i)) {
        return 0;
    }
    if (at(s, i, "00-") && (n = hex_groups(s, i, w3c, 4)) > 0
        && s->p[i + n - 2] == '0'
        && (s->p[i + n - 1] == '0' || s->p[i + n - 1] == '1')
        && boundary(s, i + n)) {
        return n;
    }
    if (at(s, i, "1-") && (n = hex_groups(s, i, aws, 3)) > 0
        && boundary(s, i + n)) {
        return n;
    }
    return 0;
}


static size_t
uuid(struct scan *s, size_t i)
{
    static const unsigned sizes[] = { 8, 4, 4, 4, 12 };
    size_t n;

    if (!boundary(s, i)) {
        return 0;
    }
    n = hex_groups(s, i, sizes, 5);
    return n > 0 && boundary(s, i + n) ? n : 0;
}


static size_t
hex_exactly(const struct scan *s, size_t i, size_t n)
{
    return boundary(s, i) && hex_run(s, i, n) == i + n && boundary(s, i + n)
               ? n
               : 0;
}


static size_t
sha1(struct scan *s, size_t i)
{
    return hex_exactly(s, i, 40);
}


static size_t
md5(struct scan *s, size_t i)
{
    return hex_exactly(s, i, 32);
}


static size_t
date(struct scan *s, size_t i)
{
    return i > 0 && is(s, i - 1, ALNUM)
               ? 0
               : message_date(str_make(s->p + i, s->n - i), 1);
}


static size_t
newer_date(struct scan *s, size_t i)
{
    return i > 0 && is(s, i - 1, ALNUM)
               ? 0
               : message_date(str_make(s->p + i, s->n - i), 2);
}


/* 12ms 3s 3.5s */
static size_t
duration(struct scan *s, size_t i)
{
    size_t end = run(s, i, DIGIT, s->n), fraction;

    if (!boundary(s, i) || end == i) {
        return 0;
    }
    if (at(s, end, "ms") && boundary(s, end + 2)) {
        return end + 2 - i;
    }
    if (is_char(s, end, '.')
        && (fraction = run(s, end + 1, DIGIT, s->n)) > end + 1) {
        end = fraction;
    }
    return is_char(s, end, 's') && boundary(s, end + 1) ? end + 1 - i : 0;
}


/* Behind a number: how many bytes the first of these units has; 0: none. */
static size_t
unit(const struct scan *s, size_t i, const char *const *units, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        if (at(s, i, units[k]) && boundary(s, i + strlen(units[k]))) {
            return strlen(units[k]);
        }
    }
    return 0;
}


/* digits, perhaps with a fraction; where they end, or i */
static size_t
amount(const struct scan *s, size_t i)
{
    size_t end = run(s, i, DIGIT, s->n), fraction;

    if (end > i && is_char(s, end, '.')
        && (fraction = run(s, end + 1, DIGIT, s->n)) > end + 1) {
        return fraction;
    }
    return end;
}


/* As Go writes them: 1h2m3s 1m30.5s 350us 12ns */
static size_t
long_duration(struct scan *s, size_t i)
{
    static const char *const any[] = { "s", "ms", "us", "\xC2\xB5s", "ns" };
    static const char letters[] = "hm";
    size_t from = i, end, n;

    if (!boundary(s, i)) {
        return 0;
    }
    for (size_t k = 0; k < 2; k++) {
        end = run(s, from, DIGIT, s->n);
        if (end > from && is_char(s, end, letters[k])
            && is(s, end + 1, DIGIT)) {
            from = end + 1;
        }
    }
    end = amount(s, from);
    n = end > from ? unit(s, end, any, sizeof(any) / sizeof(any[0])) : 0;
    return n > 0 ? end + n - i : 0;
}


/* 01ARZ3NDEKTSV4RRFFQ69G5FAV: 26 of digits and capitals but I L O U */
static size_t
ulid(struct scan *s, size_t i)
{
    size_t end = run(s, i, DIGIT | UPPER, 27), digits = 0;

    if (end - i != 26 || s->p[i] > '7' || !boundary(s, i)
        || !boundary(s, end)) {
        return 0;
    }
    for (size_t k = i; k < end; k++) {
        if (memchr("ILOU", s->p[k], 4) != NULL) {
            return 0;
        }
        digits += is(s, k, DIGIT);
    }
    return digits < 26 ? 26 : 0;
}


/* 12.5GB 512MiB */
static size_t
size(struct scan *s, size_t i)
{
    static const char *const bytes[] = { "KB",  "kB",  "MB",  "GB", "TB",
                                         "KiB", "MiB", "GiB", "TiB" };
    size_t end = boundary(s, i) ? amount(s, i) : i, n;

    n = end > i ? unit(s, end, bytes, sizeof(bytes) / sizeof(bytes[0])) : 0;
    return n > 0 ? end + n - i : 0;
}


static size_t
swift_txn(struct scan *s, size_t i)
{
    static const unsigned sizes[] = { 21, 10 };
    size_t n;

    if (!boundary(s, i) || !at(s, i, "tx")) {
        return 0;
    }
    n = hex_groups(s, i + 2, sizes, 2);
    return n > 0 ? run(s, i + 2 + n, WORD, s->n) - i : 0;
}


/* Its letters are of one case, and not all of it are letters. */
static bool
is_number_in_hex(const struct scan *s, size_t i, size_t end)
{
    unsigned seen = 0;

    for (; i < end; i++) {
        seen |= kind[(unsigned char) s->p[i]];
    }
    return (seen & DIGIT) != 0 && (seen & (LOWER | UPPER)) != (LOWER | UPPER);
}


/* 0x… of any length, or 8 to 128 digits in one case with a digit in it */
static size_t
hex(struct scan *s, size_t i)
{
    size_t end;

    if (!boundary(s, i)) {
        return 0;
    }
    if (is_char(s, i, '0') && is(s, i + 1, LOWER | UPPER)
        && (s->p[i + 1] | 0x20) == 'x' && is_hexa(s, i + 2)) {
        end = hex_run(s, i + 2, s->n);
        return boundary(s, end) ? end - i : 0;
    }

    end = hex_run(s, i, 129);
    if (end - i < 8 || end - i > 128 || !boundary(s, end)) {
        return 0;
    }
    return is_number_in_hex(s, i, end) ? end - i : 0;
}


/* upload_5f2b8c9d4e6a7b1c: long ones are also found behind "_" */
static size_t
hex_behind(struct scan *s, size_t i)
{
    size_t end;

    if (i == 0 || !is_char(s, i - 1, '_')) {
        return 0;
    }
    end = hex_run(s, i, 129);
    if (end - i < 16 || end - i > 128 || is(s, end, ALNUM)) {
        return 0;
    }
    return is_number_in_hex(s, i, end) ? end - i : 0;
}


static size_t
git_sha(struct scan *s, size_t i)
{
    unsigned seen = 0;

    if (hex_exactly(s, i, 7) == 0) {
        return 0;
    }
    for (size_t k = i; k < i + 7; k++) {
        seen |= kind[(unsigned char) s->p[k]];
    }
    return (seen & UPPER) == 0 && (seen & DIGIT) != 0 && (seen & LOWER) != 0
               ? 7
               : 0;
}


static size_t
number_start(const struct scan *s, size_t i)
{
    if (is_char(s, i, '-')) {
        return i > 0 && is(s, i - 1, WORD) ? s->n : i + 1;
    }
    return boundary(s, i) ? i : s->n;
}


static size_t
real(struct scan *s, size_t i)
{
    size_t start = number_start(s, i), end = run(s, start, DIGIT, s->n), more;

    if (end == start || !is_char(s, end, '.')) {
        return 0;
    }
    more = run(s, end + 1, DIGIT, s->n);
    return more > end + 1 && boundary(s, more) ? more - i : 0;
}


/* 1e-9 2.5E+07 */
static size_t
scientific(struct scan *s, size_t i)
{
    size_t start = number_start(s, i), end = amount(s, start), more;

    if (end == start || !(is_char(s, end, 'e') || is_char(s, end, 'E'))) {
        return 0;
    }
    end++;
    if (is_char(s, end, '-') || is_char(s, end, '+')) {
        end++;
    }
    more = run(s, end, DIGIT, 4);
    return more > end && boundary(s, more) ? more - i : 0;
}


static size_t
integer(struct scan *s, size_t i)
{
    size_t start = number_start(s, i), end = run(s, start, DIGIT, s->n);

    return end > start && end - start <= 7 && boundary(s, end) ? end - i : 0;
}


/* … directly after '=' */
static size_t
quoted(struct scan *s, size_t i)
{
    const char *end;

    if (i == 0 || s->p[i - 1] != '=') {
        return 0;
    }
    end = memchr(s->p + i + 1, s->p[i], s->n - i - 1);
    return end != NULL ? (size_t) (end - (s->p + i)) + 1 : 0;
}


static size_t
boolean(struct scan *s, size_t i)
{
    static const char *const words[] = { "True", "true", "False", "false" };

    if (i == 0 || s->p[i - 1] != '=') {
        return 0;
    }
    for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
        if (at(s, i, words[k]) && boundary(s, i + strlen(words[k]))) {
            return strlen(words[k]);
        }
    }
    return 0;
}


/* first: the bytes that it can begin with; date: besides digits, a letter */
static const struct {
    const char *name;
    size_t (*match)(struct scan *s, size_t i);
    unsigned first;
    const char *also;
    unsigned since; /* the version of grouping that brought it */
} classes[] = {
    { "<email>", mail, ALNUM | MAIL, "", 1 },
    { "<url>", url, 0, "hwf", 1 },
    { "<hostname>", host, ALNUM, "-", 1 },
    { "<ip>", ip, DIGIT | HEXA, ":", 1 },
    { "<traceparent>", traceparent, 0, "01", 1 },
    { "<uuid>", uuid, DIGIT | HEXA, "", 1 },
    { "<ulid>", ulid, 0, "01234567", 2 },
    { "<sha1>", sha1, DIGIT | HEXA, "", 1 },
    { "<md5>", md5, DIGIT | HEXA, "", 1 },
    { "<date>", date, DIGIT, "MTWFSJAONDd", 1 },
    { "<date>", newer_date, 0, "MTWFS", 2 },
    { "<duration>", duration, DIGIT, "", 1 },
    { "<duration>", long_duration, DIGIT, "", 2 },
    { "<size>", size, DIGIT, "", 2 },
    { "<swift_txn_id>", swift_txn, 0, "t", 1 },
    { "<hex>", hex, DIGIT | HEXA, "", 1 },
    { "<hex>", hex_behind, DIGIT | HEXA, "", 2 },
    { "<git_sha>", git_sha, DIGIT | HEXA, "", 1 },
    { "<float>", scientific, DIGIT, "-", 2 },
    { "<float>", real, DIGIT, "-", 1 },
    { "<int>", integer, DIGIT, "-", 1 },
    { "<quoted_str>", quoted, 0, "'\"", 1 },
    { "<bool>", boolean, 0, "TtFf", 1 },
};

#define NCLASSES (sizeof(classes) / sizeof(classes[0]))

/* For each byte the classes that can begin with it, a bit each. */
static uint32_t begins[256];


static void
prepare_classes(void)
{
    prepare();
    for (unsigned c = 1; c < 256; c++) {
        for (size_t k = 0; k < NCLASSES; k++) {
            if ((kind[c] & classes[k].first) != 0
                || strchr(classes[k].also, (int) c) != NULL) {
                begins[c] |= UINT32_C(1) << k;
            }
        }
    }
}


/* ---- the text */

/* The first two lines that are not blank; with "..." when that is not all. */
static struct str
two_lines(struct arena *a, struct str s)
{
    struct buf out = buf_in(a);
    struct str rest = s, line;
    unsigned n = 0;

    if (str_chr(s, '\n') == -1) {
        return s;
    }
    while (n < 2 && str_split(&rest, '\n', &line)) {
        if (str_trim(line).n == 0) {
            continue;
        }
        if (n++ > 0) {
            buf_char(&out, '\n');
        }
        buf_str(&out, line);
    }
    if (!str_eq(buf_view(&out), s)) {
        buf_text(&out, "...");
    }
    return buf_view(&out);
}


struct str
message_parameterize(struct arena *a, struct str text, unsigned version,
                     bool *differs)
{
    struct buf out = buf_in(a);
    struct scan s = { 0 };
    size_t i = 0, copied = 0;

    if (begins['0'] == 0) {
        prepare_classes();
    }
    text = two_lines(a, str_cut(text, TEXT_MAX));
    s.p = text.p;
    s.n = text.n;

    while (i < s.n) {
        uint32_t set = begins[(unsigned char) s.p[i]];
        size_t n = 0;
        int k = 0;

        while (set != 0 && n == 0) {
            k = __builtin_ctz(set);
            set &= set - 1;
            n = classes[k].since <= version ? classes[k].match(&s, i) : 0;
        }
        if (n == 0) {
            i++;
            continue;
        }
        buf_add(&out, s.p + copied, i - copied);
        buf_text(&out, classes[k].name);
        *differs |= classes[k].since > 1;
        i += n;
        copied = i;
    }
    if (copied == 0) {
        return text;
    }
    buf_add(&out, s.p + copied, s.n - copied);
    return buf_view(&out);
}
