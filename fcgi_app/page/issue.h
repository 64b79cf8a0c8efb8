/*
 * page/issue.h - the parts of the issue page.
 *
 * Each part reads the event's normalised JSON (protocol.md 7) and fills a node
 * of the page's data; its template is templates/part/issue_<part>.cs, whose
 * first comment lists the names.  A part that finds nothing sets nothing, and
 * its section is not shown.  Members may be missing or of any type, however
 * the event came to be stored: json_get() and its kin answer NULL for that.
 */

#ifndef VEDETTE_PAGE_ISSUE_H
#define VEDETTE_PAGE_ISSUE_H

#include "json/doc.h"
#include "model/assignee.h"
#include "model/event.h"
#include "model/issue.h"
#include "model/stream_view.h"
#include "page/span.h"
#include "web/http.h"

struct commit;       /* model/release.h */
struct issue_commit; /* model/issue_page.h */
struct issue_code;
struct stack_room; /* page/issue_stack.c */

/* What the stream asks for when nothing is said. */
#define DEFAULT_QUERY "is:unresolved"

/* The event whose parts are shown. */
struct issue_event {
    struct arena *a;
    const struct issue *issue;
    const struct event_row *row;
    const struct json *doc;
    struct str stream;             /* "/acme/issues/", of links to searches */
    const struct issue_code *code; /* NULL: no repository is known */
    const struct issue_commit *commits; /* of its releases, with their files */
    size_t ncommits;
    struct str sdks; /* event_view.sdks */
    /* the address that shows all source and variables; null: all are shown */
    struct str whole;
    struct stack_room *room; /* of issue_stack() alone */
    struct str text;         /* the address of the trace as text, or null */
    unsigned *led; /* calls that are led on from; NULL: none is to be */
};


/* issue_value.c: one value of an event as text */

/*
 * Sets v, the text as it was sent, or indented JSON for a list or an object;
 * of more than 2 KiB the first 2 KiB, with rest and size (bytes); kind: s, n, k
 * for text, a number, a constant; and what was done to it in note, with removed
 * when nothing of it is left.  meta: the value's node in _meta, or NULL.
 */
void issue_value(struct arena *a, struct data *d, const struct json *v,
                 const struct json *meta);

/* A row {k, v, …} for each member of an object or [name, value] of a list. */
void issue_values(struct arena *a, struct data *list, const struct json *v,
                  const struct json *meta);

/*
 * The same for each member of an object or a list, and below each that is too
 * long for a line a row in Kid for each of its own, with n, object, brief; at
 * most 200 of all levels, then a row that says only how many are left.
 */
void issue_tree(struct arena *a, struct data *list, const struct json *v,
                const struct json *meta);

/* The same for variables of a frame, in the text of their own language. */
void issue_variables(struct arena *a, struct data *list, const struct json *v,
                     const struct json *meta);

/* The value as one line of text: a scalar as it is, else compact JSON. */
struct str issue_line(struct arena *a, const struct json *v);

/* The child of a node of _meta; NULL accepted. */
const struct json *issue_meta(const struct json *meta, const char *key);
const struct json *issue_meta_at(const struct json *meta, unsigned i);

/* Seconds since 1970, or ISO text, as µs; 0 when it is neither. */
int64_t issue_time(const struct json *v);

/*
 * Walks names and values of an object, or of a list of pairs: start with
 * *at = v->first.  False at the end.
 */
bool issue_pair(const struct json *v, const struct json **at, struct str *key,
                const struct json **value);

/* An http or https URL, which alone may become a link. */
bool issue_is_url(struct str s);

/* "1.4.2" of "shop-api@1.4.2+b771". */
struct str issue_release(struct str version);

/* The value of a tag in words: a country's name for its code. */
struct str issue_tag_name(struct str key, struct str value);

/* "debug" … "fatal" of 10 … 50. */
const char *issue_level(int level);

/* "com/acme/Shop.java" of a module and a file of Java; else the file's name. */
struct str issue_frame_file(struct arena *a, const struct json *frame,
                            struct str platform);

/* issue_code.c: where the event's files are in their repositories; NULL where
 * the project does not say. */
struct issue_code *issue_code_read(struct arena *a,
                                   const struct event_view *view);

/*
 * What leads on from a call of the application: more, code (the address of its
 * line) with code_at (a revision) or code_branch, spot ("cart.py:12"), rule (an
 * argument of the settings of grouping), Commit {revision, link, message,
 * author, version}.
 */
void issue_frame_more(const struct issue_event *ev, const struct json *frame,
                      struct str platform, struct data *d);

/* A rule for the stacks that makes a library's calls the application's. */
struct str issue_library_rule(const struct issue_event *ev,
                              const struct json *frame);

/* "pay · shop/cart.py" of a call. */
struct str issue_frame_words(const struct issue_event *ev,
                             const struct json *frame);

/*
 * issue_compare.c: Row {left, right, left_app, right_app, same} of the calls of
 * two events, same and lines (how many).
 */
void issue_compare(const struct issue_event *left,
                   const struct issue_event *right, struct data *d);

/* Whether a script was made small, so that its places say little. */
bool issue_is_minified(const struct json *frame, struct str platform);

/* The page of a commit, where its repository is known; else the null str. */
struct str issue_commit_link(const struct issue_event *ev,
                             const struct commit *c);

/* Whether any exception of the list has a stack of its own. */
bool issue_has_frames(const struct json *exceptions);

/* The stream's address that shows the issues with this value of a tag. */
struct str issue_tag_link(const struct issue_event *ev, struct str key,
                          struct str value);


/* The trace as its platform prints it; "" without one. */
struct str issue_raw_trace(const struct issue_event *ev);

/* The list of breadcrumbs, however it was sent; *meta of it (may be NULL). */
const struct json *issue_crumbs(const struct json *doc,
                                const struct json **meta);

/* What a breadcrumb says in one line: its message, request or way. */
struct str issue_crumb_line(struct arena *a, const struct json *crumb);

/* One file each; the node is a child of d that the part makes itself. */
void issue_highlights(const struct issue_event *ev, struct data *d);
void issue_message(const struct issue_event *ev, struct data *d);
void issue_stack(const struct issue_event *ev, struct data *d);
void issue_trail(struct request *rq, const struct issue_event *ev,
                 struct data *d);
void issue_request(const struct issue_event *ev, struct data *d);
void issue_user(const struct issue_event *ev, struct data *d);
void issue_tag_tree(const struct issue_event *ev, struct data *d);
void issue_contexts(const struct issue_event *ev, struct data *d);
void issue_extra(const struct issue_event *ev, struct data *d);
void issue_packages(struct request *rq, const struct issue_event *ev,
                    struct data *d);
void issue_images(const struct issue_event *ev, struct data *d);
void issue_problems(const struct issue_event *ev, struct data *d);
void issue_grouping(const struct issue_event *ev, struct data *d);

/* What is put into a rule in quotes, with '?' for what would have a meaning. */
struct str issue_pattern(struct arena *a, struct str s);

/* Rule: a fingerprint rule for what is like this event, and an address of the
 * settings with it. */
void issue_rule(const struct issue_event *ev, struct data *d);

/* What is not of one event */
enum status issue_distribution(struct request *rq, const struct issue_event *ev,
                               struct data *d) MUST_CHECK;
/* Whole per cent; below one, and just below a hundred, never 0 or 100. */
int64_t issue_percent(int64_t part, int64_t whole);

/* The newest commit that changed the file of a call; NULL: none is known. */
const struct issue_commit *issue_commit_of(const struct issue_event *ev,
                                           const struct json *frame,
                                           struct str platform);

/* Reads commits and ncommits, if any of them may be of a call; before
 * issue_stack(). */
enum status issue_commits_of(struct request *rq,
                             struct issue_event *ev) MUST_CHECK;

/*
 * Suspect: revision, message, author, account (a member's, whom it may be
 * assigned to), version, link, path; of the commits that the releases of the
 * event and of the issue's beginning have.
 */
void issue_suspect(struct request *rq, const struct issue_event *ev,
                   const struct assignee *people, size_t npeople,
                   struct data *d);

/* Special: values that are more frequent here than in the project's rest. */
void issue_special(const struct issue_event *ev, const struct issue_tags *tags,
                   struct data *d);

/* File: of the event, if event_id is not null; Told: of the issue. */
enum status issue_beside(struct request *rq, struct str event_id,
                         struct data *d) MUST_CHECK;
enum status issue_activity(struct request *rq, struct data *d) MUST_CHECK;
enum status issue_tickets(struct request *rq, struct data *d) MUST_CHECK;

/* issue_chart.c: the time and the environment that the page is about. */
struct issue_walk {
    struct event_walk events; /* that are walked through */
    struct str query;         /* that keeps it, of links: "?…" or "" */
    bool narrow;              /* not all of them */
    bool ranged;              /* the query has a range */
    size_t range;
    int64_t from; /* µs, of the chart's n bars */
    int64_t to;
    int64_t n;
    int64_t at; /* the start of the bar that was chosen; 0: none */
};

void issue_walk_read(const struct request *rq, struct issue_walk *out);

/* Chart (page/chart.h, with range, Range {title, link, current} and, when only
 * so many of the events were looked at, looked); Walk {narrow, bar, from, to,
 * environment, anywhere, somewhere}; day, change, worse. */
enum status issue_chart(struct request *rq, const struct issue_walk *walk,
                        struct data *d) MUST_CHECK;

/* What the arguments of the stream choose, in its order: issue_list.c */
enum status issue_list_chosen(struct request *rq, int rows,
                              enum issue_sort otherwise,
                              struct issue_list *out) MUST_CHECK;

/* Level, priority, badge, people, times: of a row and of the page alike. */
void issue_summary(struct request *rq, struct data *d, const struct issue *is);

/*
 * A row of part/issue_mini.cs: the summary with a sparkline of counts, whose
 * sum is the number shown.
 */
void issue_mini(struct request *rq, struct data *row, const struct issue *is,
                const int64_t *counts, const struct span *span);

/* "/acme/issues/SHOP-API-3F7/" of the issue that the path names. */
struct str issue_path(const struct request *rq);

/* issue_list.c: the orders of the stream, by enum issue_sort */
extern const struct issue_order {
    const char *name; /* in ?sort= */
    const char *title;
} issue_orders[ISSUE_SORTS];

/* issue_searches.c: what the account has saved, or others for everybody */
struct issue_searches {
    struct saved_search *v;
    size_t n;
};

/* Saved, and saved, the name of the one that is shown */
void issue_searches_show(struct request *rq, struct data *d,
                         const struct issue_searches *saved, struct str query,
                         enum issue_sort sort);

/* "?q=…" that the account's stream opens with; the null str: as others do. */
struct str issue_searches_open(struct request *rq,
                               const struct issue_searches *saved);

/* issue_action.c: the stream with the query of this request. */
struct str issue_stream(struct request *rq);

/*
 * issue_view.c: Column {name, title, shown}, Show.name of each that is,
 * compact.
 */
void issue_view_show(struct data *d, const struct stream_view *v);

/* environment: and lastSeen: of a search, which go along from tab to tab */
struct str issue_view_terms(struct arena *a, const struct issue_query *q);

/* "?q=…" of what the menus were set to last; the null str: to nothing. */
enum status issue_view_opens(struct request *rq, const struct stream_view *v,
                             struct str query, struct str *args) MUST_CHECK;

/* issue_match.c: Found {where, text}, what words were found in, but for what
 * the row shows anyway. */
void issue_match(struct request *rq, struct data *row, const struct issue *is,
                 const struct issue_filter *filter);

struct search_box;
struct id_set;

/*
 * issue_facets.c: facets, link_facets, and when they are on, one statement,
 * Facet {title, Value {value, n, link, current}}.
 */
enum status issue_facets_show(struct request *rq, struct data *d,
                              const struct search_box *box,
                              const struct id_set *projects) MUST_CHECK;

/*
 * issue_empty.c, why there are none: none_yet and waiting, a project's slug; or
 * Filter {text, without, counted, found, capped}, where the one without a text
 * is the menu of projects, and last_event, all_well, or gone.  some_hidden: the
 * reader does not see all projects.  taken: statements of the list.
 */
enum status issue_empty_show(struct request *rq, struct data *d,
                             const struct search_box *box,
                             const struct id_set *ticked,
                             unsigned taken) MUST_CHECK;

/* issue_list.c: the search of the stream that the query asks for. */
struct str issue_list_query(struct request *rq);

/*
 * issue_action.c: the ids of the fields "id", each once.  ST_NOT_FOUND: one is
 * no number; ST_INVALID: more than the longest page of the stream has.
 */
enum status issue_ticked(const struct fields *from, int64_t ids[ISSUE_PAGE_MAX],
                         size_t *n) MUST_CHECK;

/* issue_state.c: what may be done to the issue now, and why it rests. */
enum status issue_actions(struct request *rq, struct data *d,
                          bool *ticketed) MUST_CHECK;

/* Whom to assign to: Person {id, name, email, me, current} and Team {id, name,
 * slug, mine, current}; owners of the issue have why, and are Owner {id,
 * team, assignee, colour, why, current}, too. */
enum status issue_people(struct request *rq, struct data *d, int64_t issue_id,
                         int64_t assignee_id) MUST_CHECK;
void issue_people_fill(struct data *d, const struct assignee *people, size_t n,
                       int64_t assignee_id);

/*
 * The same for the page of an issue: of many those that ?who= finds, and always
 * the reader, the owners and who has it; Find {shown, who, open, more, action,
 * Keep {name, value}}.
 */
void issue_people_find(struct request *rq, struct data *d,
                       const struct assignee *people, size_t n,
                       int64_t assignee_id);


#endif
