/*
 * page/setting_form.h - a page of settings of a project from a table: a row is
 * a setting, how it is asked for, and what it may be.
 *
 *     static const struct setting_row rows[] = { … };
 *
 *     page:  setting_form_fill(rq, rs, rows, n)
 *     save:  setting_form_save(rq, rs, rows, n, &saved)
 *
 * templates/part/setting_rows.cs shows it.
 */

#ifndef VEDETTE_PAGE_SETTING_FORM_H
#define VEDETTE_PAGE_SETTING_FORM_H

#include "web/http.h"

enum setting_kind {
    SETTING_SWITCH, /* "on" or "off" */
    SETTING_NUMBER, /* "" or least … most */
    SETTING_CHOICE, /* one of its choices */
    SETTING_LINES   /* what the user likes, a line each */
};

struct setting_choice {
    const char *id; /* NULL ends a list */
    const char *name;
};

struct setting_row {
    const char *name; /* of the project's setting and of the form's field */
    enum setting_kind kind;
    const char *value; /* of a project that has not said anything */
    const char *label; /* for people */
    const char *help;
    const char *unit; /* behind a number */
    int64_t least;
    int64_t most;  /* of a number; of lines how many */
    int64_t scale; /* a number is kept times this; 0: as it is */
    const struct setting_choice *choices;

    /* what is wrong with a line behind the lines before it, or NULL */
    const char *(*fault)(struct arena *a, struct str before, struct str line);
};

#define SETTING_ROWS_MAX 16

/* What holds now, for each row. */
enum status setting_form_read(struct request *rq,
                              const struct setting_row *rows, size_t n,
                              struct str *values) MUST_CHECK;

/* What was typed, tidied; wrong[i]: why it cannot be, or NULL.  True: fine. */
bool setting_form_typed(struct request *rq, const struct setting_row *rows,
                        size_t n, struct str *values, const char **wrong);

void setting_form_show(struct request *rq, struct response *rs,
                       const struct setting_row *rows, size_t n,
                       const struct str *values, const char *const *wrong);

/* The page of what holds. */
enum status setting_form_fill(struct request *rq, struct response *rs,
                              const struct setting_row *rows,
                              size_t n) MUST_CHECK;

/* Saves what was typed, or shows it again with what is wrong (*saved false). */
enum status setting_form_save(struct request *rq, struct response *rs,
                              const struct setting_row *rows, size_t n,
                              bool *saved) MUST_CHECK;

/* To /ORG/projects/PROJECT/PAGE/ with one sentence. */
enum status setting_form_done(struct request *rq, struct response *rs,
                              const char *page, const char *text) MUST_CHECK;

#endif
