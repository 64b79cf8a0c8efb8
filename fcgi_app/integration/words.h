/*
 * integration/words.h - what every channel says of a notice, in plain text.
 *
 * The services differ in their markup, not in what they tell: a headline, why
 * now, a few facts, links to click.  Whoever puts the text into a markup
 * escapes it with one of the functions here.
 */

#ifndef VEDETTE_INTEGRATION_WORDS_H
#define VEDETTE_INTEGRATION_WORDS_H

#include "model/notice.h"

#define FACTS_MAX 24

struct fact {
    const char *label;
    struct str name; /* instead of label, of a tag; null: label holds */
    struct str value;
};

/* "[shop] TypeError: x is undefined" */
struct str words_title(struct arena *a, const struct notice *n);

/* "New issue", "Critical", "Resolved by Anna", "Test": a few words. */
struct str words_kind(struct arena *a, const struct notice *n);

/* "214 events in 10 min, which is more than 200"; "" when there is none. */
struct str words_why(struct arena *a, const struct notice *n);

/* Environment, release, events, users, first seen, tags, …; how many. */
size_t words_facts(struct arena *a, const struct notice *n,
                   struct fact out[FACTS_MAX]);

/* The names of the rules that fired, ", " between. */
struct str words_rules(struct arena *a, const struct notice *n);

/* Everything as lines of plain text, the link last; max bytes. */
struct str words_plain(struct arena *a, const struct notice *n, size_t max);

/* 0xE03E2F, by level or severity; green for what is over. */
unsigned words_color(const struct notice *n);

/* "critical", "error", "warning", "info", as PagerDuty calls them. */
const char *words_severity(const struct notice *n);

/* True for what says that something is over. */
bool words_is_over(const struct notice *n);

/* What the notice is about, the same for its beginning and its end. */
struct str words_subject_key(struct arena *a, const struct notice *n);

struct str words_html(struct arena *a, struct str s);  /* & < > " */
struct str words_slack(struct arena *a, struct str s); /* & < > */
/* Backslashes before what Markdown reads; one line. */
struct str words_markdown(struct arena *a, struct str s);
/* Control characters and line ends as spaces, cut to max bytes with "…". */
struct str words_line(struct arena *a, struct str s, size_t max);
/* "2026-07-24T09:12:00Z": for programs */
struct str words_time(struct arena *a, int64_t us);

#endif
