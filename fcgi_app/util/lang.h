/*
 * util/lang.h - the languages that people read.
 *
 * The product's own language is English: its texts stand in the templates and
 * in the code, and are their own keys.  Every other language is a file of
 * texts, CODE.po, in the format of GNU gettext: msgid, msgstr, and msgctxt
 * where one English text has several meanings (the template's name, such as
 * "issue.cs").  What a file lacks is shown in English.
 *
 *     text_put(b, tr("Nothing was selected."));
 *
 * Texts in tables are marked with N_("…") and go through tr() where they are
 * shown.  A text with a number has placeholders {0}, {1}, … and may choose a
 * word by the number: "{0} {0|событие|события|событий}" (lang_fill).  Where
 * values have names, as the fields of an alert's rule, so do placeholders:
 * {interval}.
 *
 * A process serves one person at a time, so the language in use is a variable
 * of lang.c.
 */

#ifndef VEDETTE_UTIL_LANG_H
#define VEDETTE_UTIL_LANG_H

#include "util/arena.h"
#include "util/str.h"

/* Marks a text for the tables without translating it. */
#define N_(text) (text)

/* The same as a str. */
#define STR_N(text) STR(text)

/*
 * The texts of the C files, ended by a NULL (util/texts.awk): what is marked,
 * and every literal that is a whole sentence: "Nothing was selected."
 */
struct lang_source {
    const char *file;
    const char *english;
};
extern const struct lang_source lang_sources[];

enum { LANG_MAX = 8, LANG_FORMS = 3 };

struct lang {
    const char *code;    /* "ru", also its file's name */
    const char *name;    /* "Русский" */
    const char *group;   /* between thousands: "," */
    const char *decimal; /* "." */
    int forms;           /* of a word beside a number */
    int (*form)(int64_t n);
};

/* All languages; the first is English. */
extern const struct lang langs[];
extern const size_t nlangs;

/*
 * Reads FOLDER/CODE.po of every language but English; one without a file is
 * English too.  ST_INVALID after a message that names file and line.
 */
enum status lang_load(const char *folder) MUST_CHECK;

/* By code; English when there is none of that name. */
size_t lang_find(struct str code);

/* The code if it is one of a language; else the null str. */
struct str lang_code(struct str code);

/* The best of an Accept-Language header (RFC 9110 §12.5.4). */
size_t lang_accept(struct str header);

void lang_use(size_t lang);
size_t lang_used(void);

/* The text in the language in use; it lives as long as the process. */
const char *tr(const char *english);

/* The same of a str. */
struct str tr_str(struct str english);

/*
 * The text of one language; context: a template's name, or "".  The null str:
 * its file has none.
 */
struct str lang_text(size_t lang, struct str context, struct str english);

/* The word for a number out of "one|few|many", in the language in use. */
struct str lang_form(struct str forms, int64_t n);

/*
 * The number of the placeholder that a text begins with, and how many bytes
 * "{12" has; -1: it begins with none.
 */
int lang_placeholder(struct str s, size_t *used);

/*
 * The text in the language in use with values in place of {0}, {1}, … and, for
 * {0|event|events}, the word that goes with value 0 as a number.
 *
 *     lang_fill(a, N_("{0} {0|issue|issues} deleted"), FILL(show_full(a, n)))
 */
struct str lang_fill(struct arena *a, const char *english,
                     const struct str *values, size_t n);

/*
 * The same for a text that is kept, and read later by people of any language
 * (a mail, the cause of an alert, a job's title): the English text and the
 * values as one string, which lang_say() says in the language in use.  A value
 * may be a kept text itself; other text may stand around one.
 *
 *     lang_keep(a, N_("{0} {0|event|events} in {1}"), FILL(number, window))
 */
struct str lang_keep(struct arena *a, const char *english,
                     const struct str *values, size_t n);

/* A number, "1234.5", that is kept: "1,234.5", or as the language writes it. */
struct str lang_keep_number(struct arena *a, struct str figures);

/* Whatever was kept in it is said; other text stays as it is. */
struct str lang_say(struct arena *a, struct str text);

/* "1234.5" with the language's marks between thousands and at the point. */
struct str lang_number(struct arena *a, struct str figures);

/* A value for the placeholder of this name. */
struct str lang_named(struct arena *a, const char *name, struct str value);

#define FILL(...)                                                              \
    ((const struct str[]){ __VA_ARGS__ }),                                     \
        (sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str))

#endif
