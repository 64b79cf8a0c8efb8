/*
 * The forms are patterns in a table, the longer ones first:
 *
 *   D a digit                 d one or two digits       Y four digits
 *   w Mon                     W Monday                  m Jan
 *   t HH:MM:SS                f fraction, perhaps       p AM or PM
 *   Z zone                    z zone, perhaps           _ white space
 *   q up to the next ')'      ? what follows, perhaps
 * and any other character itself.
 */

#include "digest/message_date.h"

#include <string.h>

/* How a form begins, so that most are never tried: see beginning(). */
static const struct {
    char begins;
    const char *form;
    unsigned since; /* the version of grouping */
} forms[] = {
    { 'w', "W, DD-m-DD t_Z", 1 }, /* RFC 850 */
    { 'w', "W, DD-m-Y t_Z", 1 },
    { 'w', "w, d_m_Y_t?_z", 1 }, /* RFC 822, 1123 */
    { 'w', "w, d_m_DD_t?_z", 1 },
    { 'w', "w_m_d_Y_t_GMTZ?_?q", 1 }, /* what JavaScript's Date prints */
    { 'w', "w_m_d_t_Z_Y", 1 },        /* date(1) */
    { 'w', "w_m_?_d_t_Y", 1 },        /* ctime */
    { 'w', "w_m_?_d_tf_Y", 2 },       /* Apache */
    { '4', "Y-DD-DDTtfz", 1 },        /* RFC 3339 */
    { '4', "Y-DD-DD_tf?_z", 1 },      /* ISO, with a space */
    { '4', "Y/DD/DD_tf", 1 },
    { '4', "Y-DD-DDTDD:DDz", 1 },
    { '8', "DDDDDDDDTDDDDDDz", 1 },
    { '2', "DD/m/Y:t_Z", 1 }, /* access logs */
    { 'm', "m_d, Y_d:DD?:?D?D_?p", 1 },
    { 'm', "m_d, Y", 1 },
    { '2', "d_m_Y_t", 1 },
    { '4', "Y-DD-DD", 1 },
    { '2', "tf_p", 1 },
    { '2', "tf", 1 },
    { '2', "d:DD_p", 1 },
    { 'd', "datetime.datetime(q", 1 },
};

static const char days[] = "MonTueWedThuFriSatSun";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

static const char *const long_days[] = { "Monday",   "Tuesday", "Wednesday",
                                         "Thursday", "Friday",  "Saturday",
                                         "Sunday" };


static bool
is_digit(struct str s, size_t i)
{
    return i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
}


static bool
is_space(struct str s, size_t i)
{
    return i < s.n && (s.p[i] == ' ' || (s.p[i] >= '\t' && s.p[i] <= '\r'));
}


static bool
is_word(struct str s, size_t i)
{
    return is_digit(s, i)
           || (i < s.n
               && ((s.p[i] >= 'a' && s.p[i] <= 'z')
                   || (s.p[i] >= 'A' && s.p[i] <= 'Z') || s.p[i] == '_'));
}


static size_t
digits(struct str s, size_t i, size_t least, size_t most)
{
    size_t n = 0;

    while (n < most && is_digit(s, i + n)) {
        n++;
    }
    return n >= least ? n : 0;
}


/* Three letters out of a list of such. */
static size_t
short_name(struct str s, size_t i, const char *names)
{
    if (i + 3 > s.n) {
        return 0;
    }
    for (; *names != '\0'; names += 3) {
        if (memcmp(s.p + i, names, 3) == 0) {
            return 3;
        }
    }
    return 0;
}


static size_t
long_day(struct str s, size_t i)
{
    for (size_t k = 0; k < sizeof(long_days) / sizeof(long_days[0]); k++) {
        if (str_starts(str_sub(s, i, s.n), str_of(long_days[k]))) {
            return strlen(long_days[k]);
        }
    }
    return 0;
}


static size_t
clock(struct str s, size_t i)
{
    return digits(s, i, 2, 2) && i + 2 < s.n && s.p[i + 2] == ':'
                   && digits(s, i + 3, 2, 2) && i + 5 < s.n && s.p[i + 5] == ':'
                   && digits(s, i + 6, 2, 2)
               ? 8
               : 0;
}


/* Z +02:00 -0500 UTC GMT EST */
static size_t
zone(struct str s, size_t i)
{
    if (i >= s.n) {
        return 0;
    }
    if ((s.p[i] == 'Z' || s.p[i] == 'z') && !is_word(s, i + 1)) {
        return 1;
    }
    if (s.p[i] == '+' || s.p[i] == '-') {
        size_t n = digits(s, i + 1, 4, 4);

        if (n > 0) {
            return 5;
        }
        if (digits(s, i + 1, 2, 2) && i + 3 < s.n && s.p[i + 3] == ':'
            && digits(s, i + 4, 2, 2)) {
            return 6;
        }
        return 0;
    }
    if (s.n - i >= 3 && s.p[i] >= 'A' && s.p[i] <= 'Z'
        && (s.p[i + 1] == 'M' || s.p[i + 1] == 'S' || s.p[i + 1] == 'T'
            || s.p[i + 1] == 'D')
        && (s.p[i + 2] == 'T' || s.p[i + 2] == 'C') && !is_word(s, i + 3)) {
        return 3;
    }
    return 0;
}


/* Up to the closing bracket, on one line. */
static size_t
bracket(struct str s, size_t i)
{
    for (size_t k = i; k < s.n && k - i < 80 && s.p[k] != '\n'; k++) {
        if (s.p[k] == ')') {
            return k + 1 - i;
        }
    }
    return 0;
}


static size_t
space(struct str s, size_t i)
{
    size_t n = 0;

    while (n < 4 && is_space(s, i + n)) {
        n++;
    }
    return n;
}


/* How much one letter of a form takes at i; sets *ok false when it must. */
static size_t
element(char e, struct str s, size_t i, bool *ok)
{
    size_t n;

    switch (e) {
    case 'D':
        n = digits(s, i, 1, 1);
        break;
    case 'd':
        n = digits(s, i, 1, 2);
        break;
    case 'Y':
        n = digits(s, i, 4, 4);
        break;
    case 'w':
        n = short_name(s, i, days);
        break;
    case 'W':
        n = long_day(s, i);
        break;
    case 'm':
        n = short_name(s, i, months);
        break;
    case 't':
        n = clock(s, i);
        break;
    case 'Z':
        n = zone(s, i);
        break;
    case 'q':
        n = bracket(s, i);
        break;
    case '_':
        n = space(s, i);
        break;
    case 'p':
        n = i + 1 < s.n && memchr("APap", s.p[i], 4) != NULL
                    && (s.p[i + 1] | 0x20) == 'm'
                ? 2
                : 0;
        break;
    case 'f':
        n = i < s.n && (s.p[i] == '.' || s.p[i] == ',') ? digits(s, i + 1, 1, 9)
                                                        : 0;
        return n > 0 ? n + 1 : 0;
    case 'z':
        return zone(s, i);
    default:
        n = i < s.n && s.p[i] == e;
        break;
    }
    *ok = n > 0;
    return n;
}


static size_t
match(const char *form, struct str s)
{
    size_t i = 0;

    for (; *form != '\0'; form++) {
        bool optional = *form == '?', ok = true;
        size_t n;

        if (optional) {
            form++;
        }
        n = element(*form, s, i, &ok);
        if (!ok && !optional) {
            return 0;
        }
        i += n;
    }

    /* "2024-01-01foo" is no date, nor is a version "1.2.3" half of one */
    while (i > 0 && is_space(s, i - 1)) {
        i--;
    }
    return is_word(s, i) ? 0 : i;
}


/*
 * 'w' a weekday, 'm' a month, 'd' datetime, or how many digits: '8', '4', '2'
 * for one or two; 0: no date begins so.
 */
static char
beginning(struct str s)
{
    size_t n = digits(s, 0, 1, 9);
    char next = n < s.n ? s.p[n] : '\0';

    if (n == 0) {
        return short_name(s, 0, days)                     ? 'w'
               : short_name(s, 0, months)                 ? 'm'
               : str_starts(s, STR("datetime.datetime(")) ? 'd'
                                                          : '\0';
    }
    if (n <= 2) {
        return next == ':' || next == '/' || is_space(s, n) ? '2' : '\0';
    }
    if (n == 4) {
        return next == '-' || next == '/' ? '4' : '\0';
    }
    return n == 8 && next == 'T' ? '8' : '\0';
}


size_t
message_date(struct str s, unsigned version)
{
    char begins = beginning(s);

    for (size_t k = 0; begins != '\0' && k < sizeof(forms) / sizeof(forms[0]);
         k++) {
        if (forms[k].begins == begins && forms[k].since == version) {
            size_t n = match(forms[k].form, s);

            if (n > 0) {
                return n;
            }
        }
    }
    return 0;
}
