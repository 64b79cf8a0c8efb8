/*
 * integration/fill.h - templates that users write: "[{short_id}] {title}".
 *
 * A name in braces that is known becomes its value; anything else stays as it
 * is.  A time is UTC, and by the clock of who reads it if the name of a zone
 * follows: "{first_seen:Europe/Riga}".  There is nothing to run in a template:
 * no conditions, no loops.
 */

#ifndef VEDETTE_INTEGRATION_FILL_H
#define VEDETTE_INTEGRATION_FILL_H

#include "model/notice.h"

#define FILL_VARS_MAX 32
#define FILL_TEMPLATE_MAX 10000

struct fill_var {
    const char *name;
    struct str value;
    int64_t at; /* of a time: µs; else 0 */
};

struct fill_vars {
    struct fill_var v[FILL_VARS_MAX];
    size_t n;
};

/* {title}, {short_id}, {url}, {project}, …: all that a notice tells. */
void fill_notice(struct arena *a, const struct notice *n,
                 struct fill_vars *out);

/* One more; the null str counts as "". */
void fill_add(struct fill_vars *vars, const char *name, struct str value);

/* One more, a time; 0 counts as "". */
void fill_add_time(struct arena *a, struct fill_vars *vars, const char *name,
                   int64_t at);

/* "{title}, {culprit}, …": for the help of a field. */
struct str fill_names(struct arena *a, const struct fill_vars *vars);

/* escape: what becomes of each value; NULL: nothing. */
struct str fill(struct arena *a, struct str text, const struct fill_vars *vars,
                struct str (*escape)(struct arena *a, struct str s));

/* For values inside of a JSON string. */
struct str fill_json(struct arena *a, struct str s);

#endif
