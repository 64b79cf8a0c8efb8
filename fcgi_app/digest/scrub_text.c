/*
 * Secrets by their look.  One pass; a rule is tried only at bytes that it can
 * begin with, and each looks at a bounded stretch or moves the scan behind
 * what it has seen.
 */

#include "digest/scrub.h"

#include "util/buf.h"

#define PASSWORD "@password:filter" /* the rule of names */
#define COUNT_MAX 9                 /* digits */

/* Names that hold secrets contain one of these words. */
static const char *const words[] = {
    "password",    "secret",      "passwd",      "api_key",   "api-key",
    "apikey",      "auth",        "credentials", "mysql_pwd", "privatekey",
    "private_key", "private-key", "token",
};

#define NWORDS (sizeof(words) / sizeof(words[0]))

/* … or are one of these. */
static const struct str names[] = { { "otp", 3 },
                                    { "two-factor", 10 },
                                    { "two_factor", 10 } };

/* Countries whose accounts have IBANs, two letters each. */
static const char countries[] =
    "ADAEALAOATAZBABEBFBGBHBIBJBRBYCFCGCHCICMCRCVCYCZDEDJDKDODZEEEGESFIFOFR"
    "GAGBGEGIGLGQGRGTGWHNHRHUIEILIQIRISITJOKMKWKZLBLCLILTLULVLYMAMCMDMEMGMK"
    "MLMRMTMUMZNENINLNOPKPLPSPTQARORSRUSASCSDSESISKSMSNSTSVTDTGTLTNTRUAVAVG"
    "XK";


/* ---- names */

static char
low(char c)
{
    return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
}


static bool
at(struct str s, size_t i, const char *word)
{
    for (; *word != '\0'; word++, i++) {
        if (i >= s.n || low(s.p[i]) != *word) {
            return false;
        }
    }
    return true;
}


/* The words that begin with a letter, in either case: a bit each. */
static unsigned begun[256];


static void
prepare_words(void)
{
    for (size_t k = 0; k < NWORDS; k++) {
        unsigned char c = (unsigned char) words[k][0];

        begun[c] |= 1U << k;
        begun[c - 'a' + 'A'] |= 1U << k;
    }
}


/*
 * Words of another meaning that begin like one of those: who wrote something,
 * whose a name is, what cuts a text into pieces.  "authorization" is not among
 * them.
 */
static bool
is_harmless(struct str s, size_t i)
{
    return (at(s, i, "author") && !at(s, i, "authoriz")
            && !at(s, i, "authoris"))
           || at(s, i, "tokenizer") || at(s, i, "tokeniser");
}


bool
scrub_is_count(const char *rule, struct str name, struct str value)
{
    size_t word = sizeof("tokens") - 1;

    if (strcmp(rule, PASSWORD) != 0 || name.n < word
        || !at(name, name.n - word, "tokens") || value.n == 0
        || value.n > COUNT_MAX) {
        return false;
    }
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] < '0' || value.p[i] > '9') {
            return false;
        }
    }
    return true;
}


bool
scrub_secret_name(struct str s)
{
    if (begun['p'] == 0) {
        prepare_words();
    }
    for (size_t i = 0; i < s.n; i++) {
        unsigned left = begun[(unsigned char) s.p[i]];

        for (; left != 0; left &= left - 1) {
            if (at(s, i, words[__builtin_ctz(left)]) && !is_harmless(s, i)) {
                return true;
            }
        }
    }
    for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
        if (str_ieq(s, names[k])) {
            return true;
        }
    }
    return false;
}


bool
scrub_is_safe(const struct scrub_settings *settings, struct str name)
{
    for (size_t i = 0; i < settings->nsafe; i++) {
        if (str_ieq(name, settings->safe[i])) {
            return true;
        }
    }
    return false;
}


const char *
scrub_rule_of_name(const struct scrub_settings *settings, struct str name)
{
    if (name.n == 0) {
        return NULL;
    }
    for (size_t i = 0; i < settings->nsensitive; i++) {
        if (str_ifind(name, settings->sensitive[i]) != -1) {
            return "strip-fields";
        }
    }
    return !settings->no_defaults && scrub_secret_name(name) ? PASSWORD : NULL;
}


/* ---- looks: each returns the end of what it found at i, or 0 */

struct found {
    size_t from; /* what is replaced: a part of the match, perhaps */
    size_t to;
    const char *rule; /* NULL: that of the row */
};


static bool
is_digit(struct str s, size_t i)
{
    return i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
}


static bool
is_alnum(struct str s, size_t i)
{
    unsigned char c = i < s.n ? (unsigned char) s.p[i] : 0;
    unsigned char letter = c | 0x20;

    return (c >= '0' && c <= '9') || (letter >= 'a' && letter <= 'z');
}


static bool
is_word(struct str s, size_t i)
{
    return is_alnum(s, i) || (i < s.n && s.p[i] == '_');
}


/* 15 digits from 34, 37; 16 from 4, 51-55, 6011, 65; '-' and ' ' between */
static bool
card(struct str s, size_t i, struct found *f)
{
    char digits[17];
    size_t n = 0, end = i;

    if (!is_digit(s, i) || (i > 0 && is_word(s, i - 1))) {
        return false;
    }
    for (size_t k = i; n < 17 && k < s.n; k++) {
        if (is_digit(s, k)) {
            digits[n++] = s.p[k];
            end = k + 1;

        } else if ((s.p[k] != '-' && s.p[k] != ' ') || !is_digit(s, k + 1)
                   || n >= 16) {
            break;
        }
    }
    f->from = i;
    f->to = end;
    if (is_word(s, end)) {
        return false;
    }
    if (n == 15) {
        return digits[0] == '3' && (digits[1] == '4' || digits[1] == '7');
    }
    return n == 16
           && (digits[0] == '4'
               || (digits[0] == '5' && digits[1] >= '1' && digits[1] <= '5')
               || (digits[0] == '6' && digits[1] == '5')
               || memcmp(digits, "6011", 4) == 0);
}


/* ddd-dd-dddd */
static bool
ssn(struct str s, size_t i, struct found *f)
{
    static const char form[] = "ddd-dd-dddd";

    if (i > 0 && (is_word(s, i - 1) || s.p[i - 1] == '-')) {
        return false;
    }
    for (size_t k = 0; k < sizeof(form) - 1; k++) {
        if (i + k >= s.n
            || (form[k] == 'd' ? !is_digit(s, i + k) : s.p[i + k] != '-')) {
            return false;
        }
    }
    f->from = i;
    f->to = i + sizeof(form) - 1;
    return !is_word(s, f->to) && !(f->to < s.n && s.p[f->to] == '-');
}


static bool
iban(struct str s, size_t i, struct found *f)
{
    size_t end = i + 4;
    bool country = false;

    if ((i > 0 && is_word(s, i - 1)) || !is_digit(s, i + 2)
        || !is_digit(s, i + 3)) {
        return false;
    }
    for (const char *c = countries; *c != '\0' && !country; c += 2) {
        country = s.p[i] == c[0] && s.p[i + 1] == c[1];
    }
    if (!country) {
        return false;
    }
    while (end - i < 34 && is_alnum(s, end)) {
        end++;
    }
    f->from = i;
    f->to = end;
    return end - i >= 15 && !is_word(s, end);
}


static size_t
skip_space(struct str s, size_t i)
{
    while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t')) {
        i++;
    }
    return i;
}


static size_t
skip_word(struct str s, size_t i)
{
    while (i < s.n && (unsigned char) s.p[i] > ' ' && s.p[i] != ','
           && s.p[i] != '"' && s.p[i] != '\'') {
        i++;
    }
    return i;
}


/* Bearer and what follows */
static bool
bearer(struct str s, size_t i, struct found *f)
{
    size_t start;

    if ((i > 0 && is_word(s, i - 1)) || !at(s, i, "bearer")) {
        return false;
    }
    start = skip_space(s, i + 6);
    f->from = i;
    f->to = skip_word(s, start);
    return start > i + 6 && f->to > start;
}


/* The text between the BEGIN and END lines of a key. */
static bool
pem(struct str s, size_t i, struct found *f)
{
    struct str rest = str_sub(s, i, s.n), head;
    ptrdiff_t end, tail;

    if (!str_starts(rest, STR("-----BEGIN "))) {
        return false;
    }
    end = str_find(str_sub(rest, 11, rest.n), STR("-----"));
    if (end == -1 || end > 60) {
        return false;
    }
    head = str_sub(rest, 11, 11 + (size_t) end);
    if (!str_ends(head, STR("PRIVATE KEY"))
        && !str_ends(head, STR("PUBLIC KEY"))) {
        return false;
    }
    f->from = i + 11 + (size_t) end + 5;
    tail = str_find(str_sub(s, f->from, s.n), STR("-----END "));
    f->to = tail != -1 ? f->from + (size_t) tail : s.n;
    return f->to > f->from;
}


/* user:password between // and @ */
static bool
url_auth(struct str s, size_t i, struct found *f)
{
    size_t k = i + 3;
    bool colon = false;

    if (!str_starts(str_sub(s, i, s.n), STR("://"))) {
        return false;
    }
    f->from = k;
    for (; k < s.n && k - f->from < 300; k++) {
        char c = s.p[k];

        if (c == '@') {
            f->to = k;
            return colon && k > f->from;
        }
        if (c == '/' || c == '?' || c == '#' || (unsigned char) c <= ' '
            || c == '"') {
            return false;
        }
        colon |= c == ':';
    }
    return false;
}


static bool
is_quote(struct str s, size_t i)
{
    return i < s.n && (s.p[i] == '"' || s.p[i] == '\'');
}


/* The word of a scheme, with what follows it: "Basic dXNlcjpw" */
static size_t
skip_scheme(struct str s, size_t i)
{
    static const char *const schemes[] = { "basic ",     "digest ", "token ",
                                           "negotiate ", "apikey ", "bearer " };

    for (size_t k = 0; k < sizeof(schemes) / sizeof(schemes[0]); k++) {
        if (at(s, i, schemes[k])) {
            return skip_space(s, i + strlen(schemes[k]));
        }
    }
    return i;
}


static size_t
backslashes_before(struct str s, size_t i)
{
    size_t n = 0;

    while (n < i && s.p[i - n - 1] == '\\') {
        n++;
    }
    return n;
}


/*
 * Behind the quotation mark that ends what began with one behind `level`
 * backslashes: none in JSON, one in JSON that is a string of JSON.
 */
static size_t
end_of_quoted(struct str s, size_t i, char quote, size_t level)
{
    for (; i < s.n; i++) {
        if (s.p[i] == quote) {
            size_t n = backslashes_before(s, i);

            if (level == 0 ? n % 2 == 0 : n <= level) {
                return n < level ? i : i - level;
            }
        }
    }
    return s.n;
}


/* Behind the bracket that closes the one at i. */
static size_t
end_of_container(struct str s, size_t i)
{
    size_t depth = 0, level = SIZE_MAX;
    bool inside = false; /* a string */

    for (; i < s.n; i++) {
        if (s.p[i] == '"') {
            size_t n = backslashes_before(s, i);

            level = level == SIZE_MAX ? n : level;
            inside = n == level ? !inside : inside;

        } else if (!inside && (s.p[i] == '{' || s.p[i] == '[')) {
            depth++;

        } else if (!inside && (s.p[i] == '}' || s.p[i] == ']')
                   && --depth == 0) {
            return i + 1;
        }
    }
    return s.n;
}


static size_t
end_of_plain(struct str s, size_t i)
{
    while (i < s.n && (unsigned char) s.p[i] > ' '
           && memchr("&;,)}]", s.p[i], 6) == NULL) {
        i++;
    }
    return i;
}


/*
 * i is at '=' or ':'.  The value after a name of a secret: up to white space,
 * '&', ';', ',', or the closing quotation mark; all of a list or an object.
 */
static bool
assigned(const struct scrub_settings *settings, struct str s, size_t i,
         struct found *f)
{
    size_t start, end = i, from = skip_space(s, i + 1), level;
    struct str name;

    while (end > 0 && i - end < 2
           && (is_quote(s, end - 1) || s.p[end - 1] == '\\')) {
        end--; /* {"password": or {\"password\": */
    }
    start = end;
    while (start > 0 && end - start < 64
           && (is_word(s, start - 1) || s.p[start - 1] == '-'
               || s.p[start - 1] == '.')) {
        start--;
    }
    name = str_sub(s, start, end);

    /* "auth: Bearer x" and "//" of a URL are others' business */
    if (start == end || (!settings->no_defaults && at(s, from, "bearer "))
        || (s.p[i] == ':' && at(s, from, "//"))
        || (f->rule = scrub_rule_of_name(settings, name)) == NULL
        || scrub_is_safe(settings, name)) {
        return false;
    }

    level = from + 1 < s.n && s.p[from] == '\\' && is_quote(s, from + 1);
    from += level;
    if (is_quote(s, from)) {
        f->from = from + 1;
        f->to = end_of_quoted(s, skip_scheme(s, f->from), s.p[from], level);

    } else {
        f->from = from;
        from = skip_scheme(s, from);
        f->to = from < s.n && (s.p[from] == '{' || s.p[from] == '[')
                    ? end_of_container(s, from)
                    : end_of_plain(s, from);
    }

    /* an SDK has done it already: nothing of it is left to be found */
    return f->to > f->from
           && !scrub_is_count(f->rule, name, str_sub(s, f->from, f->to))
           && !str_starts(str_sub(s, f->from, f->to), STR(SCRUB_FILTERED));
}


static bool
is_mail(struct str s, size_t i)
{
    return is_word(s, i) || (i < s.n && memchr(".+-%", s.p[i], 4) != NULL);
}


/* i is at '@' */
static bool
mail(struct str s, size_t i, struct found *f)
{
    size_t start = i, end = i + 1, dot = 0;

    while (start > 0 && i - start < 64 && is_mail(s, start - 1)) {
        start--;
    }
    while (end < s.n && end - i < 255
           && (is_alnum(s, end) || s.p[end] == '-' || s.p[end] == '.')) {
        if (s.p[end] == '.') {
            dot = end;
        }
        end++;
    }
    while (end > i + 1 && s.p[end - 1] == '.') {
        end--;
    }
    f->from = start;
    f->to = end;
    return start < i && dot > i + 1;
}


enum trigger { ON_DIGIT, ON_UPPER, ON_B, ON_DASH, ON_COLON, ON_ASSIGN, ON_AT };

static const struct {
    enum trigger on;
    bool (*find)(struct str s, size_t i, struct found *f); /* NULL: assigned */
    const char *filter;                                    /* rule of a value */
    const char *replace; /* rule of a message; NULL: not there */
    const char *by;      /* what stands there instead, in a message */
} rules[] = {
    { ON_COLON, url_auth, "@urlauth:filter", "@urlauth:filter",
      SCRUB_FILTERED },
    { ON_ASSIGN, NULL, "@password:filter", "@password:filter", SCRUB_FILTERED },
    { ON_B, bearer, "@bearer:filter", "@bearer:replace", "[token]" },
    { ON_DASH, pem, "@pemkey:filter", "@pemkey:filter", SCRUB_FILTERED },
    { ON_DIGIT, card, "@creditcard:filter", "@creditcard:replace",
      "[creditcard]" },
    { ON_DIGIT, ssn, "@usssn:filter", "@usssn:replace", "[us-ssn]" },
    { ON_UPPER, iban, "@iban:filter", "@iban:replace", "[iban]" },
    { ON_AT, mail, NULL, "@email:replace", "[email]" },
};


static unsigned
triggers(char c)
{
    if (c >= '0' && c <= '9') {
        return 1U << ON_DIGIT;
    }
    if (c >= 'A' && c <= 'Z') {
        return 1U << ON_UPPER | (c == 'B' ? 1U << ON_B : 0);
    }
    switch (c) {
    case 'b':
        return 1U << ON_B;
    case '-':
        return 1U << ON_DASH;
    case ':':
        return 1U << ON_COLON | 1U << ON_ASSIGN;
    case '=':
        return 1U << ON_ASSIGN;
    case '@':
        return 1U << ON_AT;
    default:
        return 0;
    }
}


static unsigned char trigger_of[256];

/* What nothing begins at when the byte before it is of a word. */
#define ON_START (1U << ON_DIGIT | 1U << ON_UPPER | 1U << ON_B)
static bool in_word[256];


static void
prepare(void)
{
    for (int c = 0; c < 256; c++) {
        char one = (char) c;

        trigger_of[c] = (unsigned char) triggers(one);
        in_word[c] = is_word(str_make(&one, 1), 0);
    }
}


/* Does the rule of row k find something at i? */
static bool
finds(const struct scrub_settings *settings, size_t k, struct str s, size_t i,
      struct found *f)
{
    if (rules[k].find == NULL) {
        return assigned(settings, s, i, f);
    }
    f->rule = NULL;
    return !settings->no_defaults && rules[k].find(s, i, f);
}


struct str
scrub_text(struct arena *a, const struct scrub_settings *settings, struct str s,
           bool in_message, struct scrub_hit *hits, size_t *nhits)
{
    struct buf out = buf_in(a);
    size_t copied = 0;

    if (trigger_of['0'] == 0) {
        prepare();
    }
    *nhits = 0;
    if (settings->no_defaults && settings->nsensitive == 0) {
        return s;
    }
    for (size_t i = 0; i < s.n; i++) {
        unsigned set = trigger_of[(unsigned char) s.p[i]];
        struct found f = { 0, 0, NULL };

        if (set == 0) {
            continue;
        }
        if (i > 0 && in_word[(unsigned char) s.p[i - 1]]
            && (set &= ~ON_START) == 0) {
            continue;
        }
        for (size_t k = 0; k < sizeof(rules) / sizeof(rules[0]); k++) {
            const char *rule = in_message ? rules[k].replace : rules[k].filter;

            if ((set & 1U << rules[k].on) == 0 || rule == NULL
                || !finds(settings, k, s, i, &f) || f.from < copied) {
                continue;
            }
            buf_str(&out, str_sub(s, copied, f.from));
            if (*nhits < SCRUB_HITS_MAX) {
                hits[*nhits].rule = f.rule != NULL ? f.rule : rule;
                hits[*nhits].from = out.n;
            }
            buf_text(&out, in_message ? rules[k].by : SCRUB_FILTERED);
            if (*nhits < SCRUB_HITS_MAX) {
                hits[(*nhits)++].to = out.n;
            }
            copied = f.to;
            i = f.to - 1;
            break;
        }
    }
    if (copied == 0 && out.n == 0) {
        return s;
    }
    buf_str(&out, str_sub(s, copied, s.n));
    return buf_view(&out);
}
