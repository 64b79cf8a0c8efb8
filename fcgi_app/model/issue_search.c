/*
 * Text to filter, in two steps: cut() makes terms of the text without knowing
 * any key, then the row of the keys table that a term names narrows the
 * filter.  Every step only narrows, which is what "and" means; so the order of
 * the terms does not matter and no term can widen what another one closed.
 *
 * The SQL is one static statement (issue.sql): nothing of the text ever
 * becomes part of it.
 */

#include "model/issue_search.h"

#include "model/issue.h"
#include "util/buf.h"
#include "util/lang.h"
#include "util/timeutil.h"

struct search {
    struct arena *arena;
    const struct search_names *names;
    struct issue_filter *filter;
};

/* One value of a term's list; the null str, or what is wrong with it. */
typedef struct str (*value_fn)(struct search *s, struct str value,
                               struct issue_filter *only);


/* Values of closed sets */

static struct str
no_such(struct arena *a, struct str value, const char *known)
{
    return lang_fill(a, N_("There is no “{0}” here: use {1}."),
                     FILL(value, str_of(tr(known))));
}


static const struct {
    const char *word;
    int status; /* -1: any */
    int substatus;
} is_states[] = {
    { "unresolved", ISSUE_UNRESOLVED, -1 },
    { "resolved", ISSUE_RESOLVED, -1 },
    { "archived", ISSUE_ARCHIVED, -1 },
    { "ignored", ISSUE_ARCHIVED, -1 },
    { "new", ISSUE_UNRESOLVED, ISSUE_NEW },
    { "ongoing", ISSUE_UNRESOLVED, ISSUE_ONGOING },
    { "regressed", ISSUE_UNRESOLVED, ISSUE_REGRESSED },
    { "escalating", ISSUE_UNRESOLVED, ISSUE_ESCALATING },
};


static void
add_id(struct arena *a, struct id_set *set, int64_t id)
{
    set->ids = arena_grow(a, set->ids, set->n * sizeof(int64_t),
                          (set->n + 1) * sizeof(int64_t));
    set->ids[set->n++] = id;
}


static struct str
value_level(struct search *s, struct str value, struct issue_filter *only)
{
    static const char *const names[] = { "sample",  "debug", "info",
                                         "warning", "error", "fatal" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (str_ieq(value, str_of(names[i]))) {
            only->levels[i] = true;
            return STR_NULL;
        }
    }
    return no_such(s->arena, value, N_("debug, info, warning, error or fatal"));
}


static struct str
value_priority(struct search *s, struct str value, struct issue_filter *only)
{
    static const char *const names[] = { "", "low", "medium", "high" };

    for (size_t i = 1; i < sizeof(names) / sizeof(names[0]); i++) {
        if (str_ieq(value, str_of(names[i]))) {
            only->priorities[i] = true;
            return STR_NULL;
        }
    }
    return no_such(s->arena, value, N_("low, medium or high"));
}


static struct str
value_project(struct search *s, struct str value, struct issue_filter *only)
{
    for (size_t i = 0; i < s->names->nprojects; i++) {
        if (str_ieq(value, s->names->projects[i].name)) {
            add_id(s->arena, &only->projects, s->names->projects[i].id);
            return STR_NULL;
        }
    }
    return lang_fill(s->arena, N_("There is no project “{0}”."), FILL(value));
}


/* Any number of teams, and none may be meant by it: then nothing is found. */
static void
add_my_teams(struct search *s, struct issue_filter *only)
{
    for (size_t i = 0; i < s->names->nassignees; i++) {
        if (s->names->assignees[i].id < 0 && s->names->assignees[i].mine) {
            add_id(s->arena, &only->assignees, s->names->assignees[i].id);
        }
    }
}


static struct str
value_assigned(struct search *s, struct str value, struct issue_filter *only)
{
    if (str_ieq(value, STR("me"))) {
        add_id(s->arena, &only->assignees, s->names->account_id);
        return STR_NULL;
    }
    if (str_ieq(value, STR("my_teams"))) {
        add_my_teams(s, only);
        return STR_NULL;
    }
    if (str_ieq(value, STR("none"))) {
        add_id(s->arena, &only->assignees, 0);
        return STR_NULL;
    }
    for (size_t i = 0; i < s->names->nassignees; i++) {
        if (str_ieq(value, s->names->assignees[i].name)) {
            add_id(s->arena, &only->assignees, s->names->assignees[i].id);
            return STR_NULL;
        }
    }
    if (str_starts(value, STR("#"))) {
        return lang_fill(s->arena, N_("There is no team “{0}”."), FILL(value));
    }
    return lang_fill(s->arena,
                     N_("Nobody here has the address “{0}”: use me, my_teams, "
                        "none, a member's e-mail address or a #team."),
                     FILL(value));
}


/* Narrowing */

static void
narrow_bools(bool *have, const bool *only, size_t n, bool negated)
{
    for (size_t i = 0; i < n; i++) {
        have[i] = have[i] && only[i] != negated;
    }
}


static bool
has_id(const struct id_set *set, int64_t id)
{
    for (size_t i = 0; i < set->n; i++) {
        if (set->ids[i] == id) {
            return true;
        }
    }
    return false;
}


/*
 * all: every id there can be, for what a negation leaves over.
 */
static void
narrow_ids(struct arena *a, struct id_set *have, const struct id_set *only,
           bool negated, const struct id_set *all)
{
    const struct id_set *from = have->limited ? have : negated ? all : only;
    struct id_set out = { .limited = true };

    for (size_t i = 0; i < from->n; i++) {
        if (has_id(only, from->ids[i]) != negated) {
            add_id(a, &out, from->ids[i]);
        }
    }
    *have = out;
}


static void
narrow_projects(struct search *s, const struct issue_filter *only, bool negated)
{
    struct id_set all = { 0 };

    for (size_t i = 0; i < s->names->nprojects; i++) {
        add_id(s->arena, &all, s->names->projects[i].id);
    }
    narrow_ids(s->arena, &s->filter->projects, &only->projects, negated, &all);
}


static void
narrow_assignees(struct search *s, const struct issue_filter *only,
                 bool negated)
{
    struct id_set all = { 0 };

    add_id(s->arena, &all, 0);
    for (size_t i = 0; i < s->names->nassignees; i++) {
        add_id(s->arena, &all, s->names->assignees[i].id);
    }
    narrow_ids(s->arena, &s->filter->assignees, &only->assignees, negated,
               &all);
}


static void
narrow_levels(struct search *s, const struct issue_filter *only, bool negated)
{
    narrow_bools(s->filter->levels, only->levels, 6, negated);
}


static void
narrow_priorities(struct search *s, const struct issue_filter *only,
                  bool negated)
{
    narrow_bools(s->filter->priorities, only->priorities, 4, negated);
}


/*
 * is: is not a column but a word for a state, and one term has one word: a
 * negated sub-state leaves the status alone, for it closes only itself.
 */
static struct str
term_is(struct search *s, struct str word, bool negated)
{
    struct issue_filter only = { 0 };

    if (str_is(word, "assigned") || str_is(word, "unassigned")) {
        add_id(s->arena, &only.assignees, 0);
        narrow_assignees(s, &only, str_is(word, "assigned") != negated);
        return STR_NULL;
    }
    if (str_is(word, "unhandled")) {
        s->filter->unhandled = negated ? 0 : 1;
        return STR_NULL;
    }
    if (str_is(word, "for_review")) {
        only.statuses[ISSUE_UNRESOLVED] = true;
        only.substatuses[ISSUE_NEW] = true;
        only.substatuses[ISSUE_REGRESSED] = true;
        only.substatuses[ISSUE_ESCALATING] = true;
        if (!negated) {
            narrow_bools(s->filter->statuses, only.statuses, 3, false);
        }
        narrow_bools(s->filter->substatuses, only.substatuses, 8, negated);
        return STR_NULL;
    }

    for (size_t i = 0; i < sizeof(is_states) / sizeof(is_states[0]); i++) {
        if (!str_ieq(word, str_of(is_states[i].word))) {
            continue;
        }
        only.statuses[is_states[i].status] = true;
        if (is_states[i].substatus == -1) {
            narrow_bools(s->filter->statuses, only.statuses, 3, negated);
            return STR_NULL;
        }
        only.substatuses[is_states[i].substatus] = true;
        if (!negated) {
            narrow_bools(s->filter->statuses, only.statuses, 3, false);
        }
        narrow_bools(s->filter->substatuses, only.substatuses, 8, negated);
        return STR_NULL;
    }
    return no_such(
        s->arena, word,
        N_("unresolved, resolved, archived, new, ongoing, regressed, "
           "escalating, for_review, assigned, unassigned or "
           "unhandled"));
}


/* Ranges */

static void
narrow_range(struct search_range *have, int64_t low, int64_t high)
{
    if (low > have->low) {
        have->low = low;
    }
    if (high > 0 && (have->high == 0 || high < have->high)) {
        have->high = high;
    }
}


/* "24h": minutes, hours, days or weeks, as µs; 0 when it is none. */
static int64_t
duration(struct str s)
{
    static const struct {
        char unit;
        int64_t us;
    } units[] = { { 'm', US_PER_MINUTE },
                  { 'h', US_PER_HOUR },
                  { 'd', US_PER_DAY },
                  { 'w', 7 * US_PER_DAY } };
    int64_t n;

    if (s.n < 2 || !str_i64(str_sub(s, 0, s.n - 1), &n) || n < 1
        || n > 100000) {
        return 0;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (s.p[s.n - 1] == units[i].unit) {
            return n * units[i].us;
        }
    }
    return 0;
}


static struct str
term_age(struct search *s, struct search_range *range, struct str value)
{
    int64_t ago = duration(str_sub(value, 1, value.n));

    if (ago == 0 || (value.p[0] != '-' && value.p[0] != '+')) {
        return lang_fill(s->arena,
                         N_("“{0}” is no age: write -24h for newer, +14d for "
                            "older (m, h, d or w)."),
                         FILL(value));
    }
    if (value.p[0] == '-') {
        narrow_range(range, time_now() - ago, 0);
    } else {
        narrow_range(range, 0, time_now() - ago);
    }
    return STR_NULL;
}


static struct str
term_number(struct search *s, struct search_range *range, struct str value)
{
    bool more = value.p[0] == '>', less = value.p[0] == '<';
    size_t at = more || less;
    bool equal = at < value.n && value.p[at] == '=';
    int64_t n;

    if (!str_i64(str_sub(value, at + (at > 0 && equal), value.n), &n) || n < 0
        || n > INT32_MAX) {
        return lang_fill(s->arena,
                         N_("“{0}” is no number: write 5, >100 or <=20."),
                         FILL(value));
    }
    if (more) {
        narrow_range(range, n + !equal, 0);
    } else if (less) {
        narrow_range(range, 0, n + equal);
    } else {
        narrow_range(range, n, n + 1);
    }
    return STR_NULL;
}


/* *known: whether the key is one of a range. */
static struct str
term_range(struct search *s, const struct issue_term *term, struct str value,
           bool *known)
{
    const struct {
        const char *key;
        struct str (*apply)(struct search *s, struct search_range *range,
                            struct str value);
        struct search_range *range;
    } ranges[] = {
        { "lastSeen", term_age, &s->filter->last_seen },
        { "last_seen", term_age, &s->filter->last_seen },
        { "firstSeen", term_age, &s->filter->first_seen },
        { "age", term_age, &s->filter->first_seen },
        { "timesSeen", term_number, &s->filter->events },
        { "times_seen", term_number, &s->filter->events },
        { "users", term_number, &s->filter->users },
    };

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (!str_ieq(term->key, str_of(ranges[i].key))) {
            continue;
        }
        *known = true;
        if (term->negated) {
            return lang_fill(s->arena,
                             N_("“{0}” cannot be turned round by “!”."),
                             FILL(term->key));
        }
        return ranges[i].apply(s, ranges[i].range, value);
    }
    *known = false;
    return STR_NULL;
}


/* The keys */

static const struct search_key {
    const char *name;
    value_fn value; /* of a list's element; NULL: the key is a tag's */
    void (*narrow)(struct search *s, const struct issue_filter *only,
                   bool negated);
} keys[] = {
    { "level", value_level, narrow_levels },
    { "project", value_project, narrow_projects },
    { "assigned", value_assigned, narrow_assignees },
    { "assigned_to", value_assigned, narrow_assignees },
    { "priority", value_priority, narrow_priorities },
    { "issue.priority", value_priority, narrow_priorities },
    { "release", NULL, NULL },
    { "environment", NULL, NULL },
    { "dist", NULL, NULL },
    { "user", NULL, NULL },
    { "url", NULL, NULL },
    { "site", NULL, NULL },
    { "transaction", NULL, NULL },
    { "server_name", NULL, NULL },
    { "logger", NULL, NULL },
    { "handled", NULL, NULL },
    { "mechanism", NULL, NULL },
    { "browser", NULL, NULL },
    { "browser.name", NULL, NULL },
    { "os", NULL, NULL },
    { "os.name", NULL, NULL },
    { "runtime", NULL, NULL },
    { "runtime.name", NULL, NULL },
    { "device", NULL, NULL },
    { "device.family", NULL, NULL },
    { "device.class", NULL, NULL },
    { "error.type", NULL, NULL },
    { "geo.country_code", NULL, NULL },
    { "sdk.name", NULL, NULL },
};


/* What LIKE takes literally, with * as its %. */
static void
add_pattern(struct buf *b, struct str s, bool wild)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (c == '*' && wild) {
            buf_char(b, '%');
            continue;
        }
        if (c == '%' || c == '_' || c == '\\') {
            buf_char(b, '\\');
        }
        buf_char(b, c);
    }
}


static void
term_tag(struct search *s, struct str key, struct str value, bool negated)
{
    struct issue_filter *f = s->filter;
    struct buf pattern = buf_in(s->arena);

    add_pattern(&pattern, value, true);
    f->tags[f->ntags++] =
        (struct tag_filter){ key, buf_view(&pattern), negated };
}


static void
term_word(struct search *s, struct str word, bool wild)
{
    struct buf pattern = buf_in(s->arena);

    buf_char(&pattern, '%');
    add_pattern(&pattern, word, wild);
    buf_char(&pattern, '%');
    s->filter->words[s->filter->nwords++] = buf_view(&pattern);
}


/* "a b" and a without the quotes, \" inside as a quote. */
static struct str
unquote(struct arena *a, struct str s)
{
    struct buf b = buf_in(a);

    if (s.n < 2 || s.p[0] != '"') {
        return s;
    }
    for (size_t i = 1; i + 1 < s.n; i++) {
        if (s.p[i] == '\\' && i + 2 < s.n) {
            i++;
        }
        buf_char(&b, s.p[i]);
    }
    return buf_view(&b);
}


static struct str
list_term(struct search *s, const struct search_key *key,
          const struct issue_term *term)
{
    struct issue_filter only = { 0 };
    struct str rest = term->value;
    struct str part;
    struct str error;

    if (rest.n >= 2 && rest.p[0] == '[' && rest.p[rest.n - 1] == ']') {
        rest = str_sub(rest, 1, rest.n - 1);
        while (str_split(&rest, ',', &part)) {
            error = key->value(s, unquote(s->arena, str_trim(part)), &only);
            if (!str_null(error)) {
                return error;
            }
        }
    } else {
        error = key->value(s, unquote(s->arena, rest), &only);
        if (!str_null(error)) {
            return error;
        }
    }

    key->narrow(s, &only, term->negated);
    return STR_NULL;
}


static struct str
apply(struct search *s, const struct issue_term *term)
{
    struct str value = unquote(s->arena, term->value);
    struct str error;
    bool known;

    if (str_null(term->key)) {
        term_word(s, value, term->value.p[0] != '"');
        return STR_NULL;
    }
    if (value.n == 0) {
        return lang_fill(s->arena, N_("“{0}:” needs a value."),
                         FILL(term->key));
    }
    if (str_is(term->key, "is")) {
        return term_is(s, value, term->negated);
    }
    error = term_range(s, term, value, &known);
    if (known) {
        return error;
    }
    if (str_starts(term->key, STR("tags[")) && str_ends(term->key, STR("]"))) {
        term_tag(s, str_sub(term->key, 5, term->key.n - 1), value,
                 term->negated);
        return STR_NULL;
    }
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (!str_ieq(term->key, str_of(keys[i].name))) {
            continue;
        }
        if (keys[i].value != NULL) {
            return list_term(s, &keys[i], term);
        }
        term_tag(s, str_of(keys[i].name), value, term->negated);
        return STR_NULL;
    }
    return lang_fill(s->arena,
                     N_("“{0}” is not a search key. For a tag, write "
                        "tags[{0}]:value."),
                     FILL(term->key));
}


/* Cutting */

static bool
space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}


/* From an opening quote to behind the closing one, or to the end. */
static size_t
skip_quoted(struct str s, size_t i)
{
    for (i++; i < s.n && s.p[i] != '"'; i++) {
        if (s.p[i] == '\\' && i + 1 < s.n) {
            i++;
        }
    }
    return i < s.n ? i + 1 : i;
}


static bool
key_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}


/* The length of a key before its colon at s, or 0: then it is a word. */
static size_t
key_length(struct str s)
{
    size_t i = 0;

    if (str_starts(s, STR("tags["))) {
        while (i < s.n && s.p[i] != ']' && !space(s.p[i])) {
            i++;
        }
        i++;
    } else {
        while (i < s.n && key_char(s.p[i])) {
            i++;
        }
    }
    /* "http://…" is a word to look for, not a key */
    if (i == 0 || i >= s.n || s.p[i] != ':'
        || (i + 2 < s.n && s.p[i + 1] == '/' && s.p[i + 2] == '/')) {
        return 0;
    }
    return i;
}


/* Takes the first term off *rest; false when there is none. */
static bool
cut(struct str *rest, struct issue_term *out)
{
    struct str s = str_trim(*rest);
    size_t at = 0;
    size_t key;
    size_t end;

    *out = (struct issue_term){ 0 };
    if (s.n == 0) {
        return false;
    }

    if (s.p[0] == '!' && key_length(str_sub(s, 1, s.n)) > 0) {
        out->negated = true;
        at = 1;
    }
    key = key_length(str_sub(s, at, s.n));
    if (key > 0) {
        out->key = str_sub(s, at, at + key);
        at += key + 1;
    }

    if (at < s.n && s.p[at] == '"') {
        end = skip_quoted(s, at);
    } else if (key > 0 && at < s.n && s.p[at] == '[') {
        ptrdiff_t close = str_chr(str_sub(s, at, s.n), ']');

        end = close == -1 ? s.n : at + (size_t) close + 1;
    } else {
        for (end = at; end < s.n && !space(s.p[end]); end++) {
        }
    }
    out->value = str_sub(s, at, end);
    out->text = str_sub(s, 0, end);
    *rest = str_sub(s, end, s.n);
    return true;
}


void
issue_query_parse(struct arena *a, struct str text,
                  const struct search_names *names, struct issue_query *out)
{
    struct search s = { a, names, &out->filter };
    struct str rest = str_cut(text, SEARCH_TEXT_MAX);

    *out = (struct issue_query){ 0 };
    memset(out->filter.statuses, true, sizeof(out->filter.statuses));
    memset(out->filter.substatuses, true, sizeof(out->filter.substatuses));
    memset(out->filter.levels, true, sizeof(out->filter.levels));
    memset(out->filter.priorities, true, sizeof(out->filter.priorities));
    out->filter.unhandled = -1;
    out->terms = arena_array(a, SEARCH_TERMS_MAX, sizeof(struct issue_term));
    out->filter.tags =
        arena_array(a, SEARCH_TERMS_MAX, sizeof(struct tag_filter));
    out->filter.words = arena_array(a, SEARCH_TERMS_MAX, sizeof(struct str));

    while (out->n < SEARCH_TERMS_MAX && cut(&rest, &out->terms[out->n])) {
        struct issue_term *term = &out->terms[out->n++];

        term->error = apply(&s, term);
        if (!str_null(term->error)) {
            out->nerrors++;
        }
    }
}


struct str
issue_query_without(struct arena *a, const struct issue_query *q, size_t skip)
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < q->n; i++) {
        if (i == skip) {
            continue;
        }
        if (b.n > 0) {
            buf_char(&b, ' ');
        }
        buf_str(&b, q->terms[i].text);
    }
    return buf_view(&b);
}


struct str
issue_query_replace(struct arena *a, const struct issue_query *q,
                    const char *key, struct str term)
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < q->n; i++) {
        if (!str_null(q->terms[i].key)
            && str_ieq(q->terms[i].key, str_of(key))) {
            continue;
        }
        buf_text(&b, b.n > 0 ? " " : "");
        buf_str(&b, q->terms[i].text);
    }
    if (!str_null(term)) {
        buf_text(&b, b.n > 0 ? " " : "");
        buf_str(&b, term);
    }
    return buf_view(&b);
}


struct str
issue_query_value(const struct issue_query *q, const char *key)
{
    for (size_t i = 0; i < q->n; i++) {
        const struct issue_term *t = &q->terms[i];

        if (!t->negated && !str_null(t->key) && str_ieq(t->key, str_of(key))) {
            return t->value;
        }
    }
    return STR_NULL;
}


static bool
known_key(struct str key)
{
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (str_is(key, keys[i].name)) {
            return true;
        }
    }
    return false;
}


/* A value that reads as itself: no quotes needed. */
static bool
plain(struct str value)
{
    for (size_t i = 0; i < value.n; i++) {
        if (space(value.p[i]) || value.p[i] == '"' || value.p[i] == '\\') {
            return false;
        }
    }
    return value.n > 0 && value.p[0] != '[';
}


struct str
issue_tag_term(struct arena *a, struct str key, struct str value)
{
    struct buf b = buf_in(a);

    if (known_key(key)) {
        buf_str(&b, key);
    } else {
        buf_text(&b, "tags[");
        buf_str(&b, key);
        buf_char(&b, ']');
    }
    buf_char(&b, ':');
    if (plain(value)) {
        buf_str(&b, value);
        return buf_view(&b);
    }
    buf_char(&b, '"');
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '"' || value.p[i] == '\\') {
            buf_char(&b, '\\');
        }
        buf_char(&b, value.p[i]);
    }
    buf_char(&b, '"');
    return buf_view(&b);
}
