/*
 * web/data.h - what a page shows: a tree of names and values for its template.
 *
 *     struct data *list = data_child(rs->data, "Issues");
 *     for (i = 0; i < n; i++) {
 *         struct data *row = data_row(list);
 *         data_str(row, "title", issues[i].title);
 *         data_time(row, "last_seen", issues[i].last_seen);
 *     }
 *
 *     <?cs each:issue = Issues ?><?cs var:show(issue.title) ?> … <?cs /each ?>
 *
 * Names are literals of our own code: the tree splits names at dots, so text
 * from outside in a name would let it write anywhere (limits.md E).  Lists are
 * numbered.  Values are copied.  Everything is freed with the arena.
 */

#ifndef VEDETTE_WEB_DATA_H
#define VEDETTE_WEB_DATA_H

#include "util/arena.h"
#include "util/str.h"

struct data;

struct data *data_new(struct arena *a);

/* The node of that name, made when it is not there. */
struct data *data_child(struct data *d, const char *name);

/* A new node at the end of a list. */
struct data *data_row(struct data *list);

/* A null str sets nothing; NUL bytes become U+FFFD. */
void data_str(struct data *d, const char *name, struct str value);
void data_text(struct data *d, const char *name, const char *value);

/* A text of ours, in the reader's language; one without translation as it is.
 */
void data_tr(struct data *d, const char *name, const char *english);

void data_i64(struct data *d, const char *name, int64_t value);

/* "1", or nothing when false: <?cs if:X ?> */
void data_bool(struct data *d, const char *name, bool value);

/* µs for the time functions of show.h; nothing when 0. */
void data_time(struct data *d, const char *name, int64_t us);

/* The list item itself as a value: <?cs each:v = List ?><?cs var:v ?> */
void data_item(struct data *list, struct str value);

#endif
