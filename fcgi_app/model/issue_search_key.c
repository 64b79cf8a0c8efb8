/*
 * The keys of the search language, as rows: what their values are and what
 * they ask for.
 *
 * The SQL is static (issue_list.sql): nothing of the text ever becomes part of
 * it.
 */

#include "model/issue_search_work.h"

#include "model/issue.h"
#include "model/issue_words.h"
#include "model/version.h"
#include "util/buf.h"
#include "util/hex.h"
#include "util/lang.h"
#include "util/timeutil.h"

struct search {
    struct arena *arena;
    const struct search_names *names;
    struct issue_filter *filter;
};

struct search_key;

/* One value of a term's list; the null str, or what is wrong with it. */
typedef struct str (*value_fn)(struct search *s, struct str value,
                               struct issue_filter *only);

/* A term; the null str, or what is wrong with it. */
typedef struct str (*apply_fn)(struct search *s, const struct search_key *key,
                               const struct issue_term *term);


static void
add_test(struct search *s, enum issue_test_kind kind, struct str key,
         struct str *patterns, size_t n, bool negated)
{
    s->filter->tests[s->filter->ntests++] =
        (struct issue_test){ kind, negated, key, patterns, n };
}


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
    { "muted", ISSUE_ARCHIVED, -1 },
    { "new", ISSUE_UNRESOLVED, ISSUE_NEW },
    { "ongoing", ISSUE_UNRESOLVED, ISSUE_ONGOING },
    { "regressed", ISSUE_UNRESOLVED, ISSUE_REGRESSED },
    { "escalating", ISSUE_UNRESOLVED, ISSUE_ESCALATING },
    { "archived_until_escalating", ISSUE_ARCHIVED, ISSUE_UNTIL_ESCALATING },
    { "archived_until_condition_met", ISSUE_ARCHIVED, ISSUE_UNTIL_CONDITION },
    { "archived_forever", ISSUE_ARCHIVED, ISSUE_FOREVER },
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


/* Of what Vedette makes issues of there is one sort. */
static struct str
value_category(struct search *s, struct str value, struct issue_filter *only)
{
    memset(only->statuses, true, sizeof(only->statuses));
    return str_ieq(value, STR("error")) ? STR_NULL
                                        : no_such(s->arena, value, "error");
}


static struct str
value_project_id(struct search *s, struct str value, struct issue_filter *only)
{
    int64_t id;

    for (size_t i = 0; i < s->names->nprojects && str_i64(value, &id); i++) {
        if (s->names->projects[i].id == id) {
            add_id(s->arena, &only->projects, id);
            return STR_NULL;
        }
    }
    return lang_fill(s->arena, N_("There is no project “{0}”."), FILL(value));
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


bool
search_has_id(const struct id_set *set, int64_t id)
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
        if (search_has_id(only, from->ids[i]) != negated) {
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
narrow_statuses(struct search *s, const struct issue_filter *only, bool negated)
{
    narrow_bools(s->filter->statuses, only->statuses, 3, negated);
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
term_is(struct search *s, const struct search_key *key,
        const struct issue_term *term)
{
    struct str word = search_unquote(s->arena, term->value);
    struct issue_filter only = { 0 };
    bool negated = term->negated;

    (void) key;

    if (str_is(word, "assigned") || str_is(word, "unassigned")) {
        add_id(s->arena, &only.assignees, 0);
        narrow_assignees(s, &only, str_is(word, "assigned") != negated);
        return STR_NULL;
    }
    if (str_is(word, "unhandled")) {
        if (s->filter->unhandled == (int) negated) {
            narrow_bools(s->filter->statuses, only.statuses, 3, false);
        }
        s->filter->unhandled = negated ? 0 : 1;
        return STR_NULL;
    }
    if (str_is(word, "linked") || str_is(word, "unlinked")) {
        add_test(s, ISSUE_TEST_LINKED, STR_NULL, NULL, 0,
                 str_is(word, "unlinked") != negated);
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
           "escalating, for_review, assigned, unassigned, unhandled, "
           "linked or unlinked"));
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


/* What stands in front of a number or a time: >, >=, <, <= or =. */
struct sign {
    bool more, less, equal;
};

static struct sign
take_sign(struct str *value)
{
    struct sign sign = { 0 };
    size_t at = 0;

    sign.more = str_starts(*value, STR(">"));
    sign.less = str_starts(*value, STR("<"));
    at = sign.more || sign.less;
    sign.equal = at < value->n && value->p[at] == '=';
    *value = str_sub(*value, at + sign.equal, value->n);
    return sign;
}


/* A day, or five minutes before a time to six after it; or from or below it. */
static bool
narrow_date(struct search_range *range, struct str value)
{
    struct sign sign = take_sign(&value);
    int64_t at, end;

    if (!time_parse_iso(value, &at)) {
        return false;
    }
    if (sign.more || sign.less) {
        bool after = sign.more != sign.equal;

        /* > and <= are of the whole of what is named */
        at += !after ? 0 : value.n > 10 ? 1 : US_PER_DAY;
        narrow_range(range, sign.more ? at : 0, sign.less ? at : 0);
        return true;
    }
    end = value.n > 10 ? at + 6 * US_PER_MINUTE : at + US_PER_DAY;
    narrow_range(range, value.n > 10 ? at - 5 * US_PER_MINUTE : at, end);
    return true;
}


static struct str
term_age(struct search *s, struct search_range *range, struct str value)
{
    int64_t ago = duration(str_sub(value, 1, value.n));

    if (ago != 0 && value.p[0] == '-') {
        narrow_range(range, time_now() - ago, 0);

    } else if (ago != 0 && value.p[0] == '+') {
        narrow_range(range, 0, time_now() - ago);

    } else if (!narrow_date(range, value)) {
        return lang_fill(s->arena,
                         N_("“{0}” is no age: write -24h for newer, +14d for "
                            "older (m, h, d or w), or a day such as "
                            "2026-11-27, >=2026-11-27."),
                         FILL(value));
    }
    return STR_NULL;
}


/* 12, 12k, 12m, 12b */
static bool
read_number(struct str s, int64_t *n)
{
    static const struct {
        char unit;
        int64_t n;
    } units[] = { { 'k', 1000 }, { 'm', 1000000 }, { 'b', 1000000000 } };
    int64_t unit = 1;

    for (size_t i = 0; s.n > 1 && i < sizeof(units) / sizeof(units[0]); i++) {
        if ((s.p[s.n - 1] | 0x20) == units[i].unit) {
            unit = units[i].n;
            s = str_sub(s, 0, s.n - 1);
            break;
        }
    }
    if (!str_i64(s, n) || *n < 0 || *n > INT64_MAX / 2 / unit) {
        return false;
    }
    *n *= unit;
    return true;
}


static struct str
term_number(struct search *s, struct search_range *range, struct str value)
{
    struct str rest = value;
    struct sign sign = take_sign(&rest);
    int64_t n;

    if (!read_number(rest, &n)) {
        return lang_fill(s->arena,
                         N_("“{0}” is no number: write 5, >100 or <=2k."),
                         FILL(value));
    }
    if (sign.more) {
        narrow_range(range, n + !sign.equal, 0);
    } else if (!sign.less) {
        narrow_range(range, n, n + 1);
    } else if (n + sign.equal > 0) {
        narrow_range(range, 0, n + sign.equal);
    } else {
        narrow_range(range, INT64_MAX, 0); /* nothing is below 0 */
    }
    return STR_NULL;
}


static const struct {
    const char *key;
    struct str (*apply)(struct search *s, struct search_range *range,
                        struct str value);
    size_t range; /* of struct issue_filter */
} ranges[] = {
    { "lastSeen", term_age, offsetof(struct issue_filter, last_seen) },
    { "last_seen", term_age, offsetof(struct issue_filter, last_seen) },
    { "firstSeen", term_age, offsetof(struct issue_filter, first_seen) },
    { "first_seen", term_age, offsetof(struct issue_filter, first_seen) },
    { "age", term_age, offsetof(struct issue_filter, first_seen) },
    { "timesSeen", term_number, offsetof(struct issue_filter, events) },
    { "times_seen", term_number, offsetof(struct issue_filter, events) },
    { "users", term_number, offsetof(struct issue_filter, users) },
    { "timestamp", term_age, offsetof(struct issue_filter, event_time) },
    { "event.timestamp", term_age, offsetof(struct issue_filter, event_time) },
};

#define NRANGES (sizeof(ranges) / sizeof(ranges[0]))


static bool
is_range(struct str name)
{
    for (size_t i = 0; i < NRANGES; i++) {
        if (str_ieq(name, str_of(ranges[i].key))) {
            return true;
        }
    }
    return false;
}


/* *known: whether the key is one of a range. */
static struct str
term_range(struct search *s, const struct issue_term *term, struct str value,
           bool *known)
{
    *known = false;
    for (size_t i = 0; i < NRANGES; i++) {
        if (!str_ieq(term->key, str_of(ranges[i].key))) {
            continue;
        }
        *known = true;
        if (term->negated) {
            return lang_fill(s->arena,
                             N_("“{0}” cannot be turned round by “!”."),
                             FILL(term->key));
        }
        return ranges[i].apply(
            s,
            (struct search_range *) (void *) ((char *) s->filter
                                              + ranges[i].range),
            value);
    }
    return STR_NULL;
}


/* Patterns */

/* What LIKE takes literally, with * as its %. */
static void
add_pattern(struct buf *b, struct str s, bool wild)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (c == '\\' && i + 1 < s.n && s.p[i + 1] == '*') {
            buf_char(b, s.p[++i]);
            continue;
        }
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


/* The values of a term, each without its quotes. */
struct values {
    struct str *v;
    size_t n;
};

/* The next element of a list, which may hold commas in quotes. */
static struct str
next_element(struct str *rest)
{
    struct str part;
    size_t i = 0;

    while (i < rest->n && rest->p[i] != ',') {
        i = rest->p[i] == '"' ? search_skip_quoted(*rest, i) : i + 1;
    }
    part = str_trim(str_sub(*rest, 0, i));
    *rest = str_sub(*rest, i < rest->n ? i + 1 : i, rest->n);
    return part;
}


static struct str
read_values(struct search *s, struct str text, struct values *out)
{
    struct str rest;

    out->v = arena_array(s->arena, text.n / 2 + 1, sizeof(struct str));
    out->n = 0;
    if (text.n == 0 || text.p[0] != '[') {
        out->v[out->n++] = search_unquote(s->arena, text);
        return STR_NULL;
    }
    if (text.p[text.n - 1] != ']' || text.n < 2) {
        return lang_fill(s->arena, N_("The list “{0}” is not closed by “]”."),
                         FILL(text));
    }
    rest = str_sub(text, 1, text.n - 1);
    do {
        struct str part = next_element(&rest);

        if (part.n == 0 || out->n > text.n / 2) {
            return lang_fill(s->arena,
                             N_("The list “{0}” has an empty value in it."),
                             FILL(text));
        }
        out->v[out->n++] = search_unquote(s->arena, part);
    } while (rest.n > 0);
    return STR_NULL;
}


/*
 * Patterns of the values, with a text in front of each.  What is there at all
 * is asked for by has:, and turned round by an empty value.
 */
static struct str
read_patterns(struct search *s, const struct issue_term *term, const char *head,
              const char *any, struct values *out, bool *negated)
{
    struct values given;
    struct str error = read_values(s, term->value, &given);

    *out =
        (struct values){ arena_array(s->arena, given.n + 1, sizeof(struct str)),
                         0 };
    for (size_t i = 0; i < given.n; i++) {
        struct buf b = buf_in(s->arena);

        add_pattern(&b, str_of(head), false);
        add_pattern(&b, given.v[i], true);
        out->v[out->n++] = buf_view(&b);
    }
    *negated = term->negated;
    if (given.n == 1 && given.v[0].n == 0) {
        out->v[0] = str_printf(s->arena, "%s%s", head, any);
        *negated = !term->negated;
    }
    return error;
}


/* The keys */

struct search_key {
    const char *name;
    apply_fn apply;
    value_fn value; /* of a closed set */
    void (*narrow)(struct search *s, const struct issue_filter *only,
                   bool negated);
    const char *of; /* the tag's key, if it is another; bytes of pieces */
    enum issue_test_kind test;
    bool counts; /* has:key and an empty value mean something */
};


static struct str
term_set(struct search *s, const struct search_key *key,
         const struct issue_term *term)
{
    struct issue_filter only = { 0 };
    struct values values;
    struct str error = read_values(s, term->value, &values);

    for (size_t i = 0; str_null(error) && i < values.n; i++) {
        error = key->value(s, values.v[i], &only);
    }
    if (str_null(error)) {
        key->narrow(s, &only, term->negated);
    }
    return error;
}


static void
add_tag(struct search *s, struct str key, const struct values *patterns,
        bool negated)
{
    struct issue_filter *f = s->filter;

    f->tags[f->ntags++] = (struct tag_filter){
        .key = key, .patterns = patterns->v, .n = patterns->n, negated
    };
}


static struct str
term_tag(struct search *s, const struct search_key *key,
         const struct issue_term *term)
{
    struct str name = key == NULL ? term->key : str_of(key->name);
    struct values patterns;
    bool negated;
    struct str error = read_patterns(s, term, "", "%", &patterns, &negated);

    if (key != NULL && key->of != NULL) {
        name = str_of(key->of);
    }
    if (key == NULL && str_starts(name, STR("tags["))) {
        name = str_sub(name, 5, name.n - 1);
    }
    if (str_null(error)) {
        add_tag(s, name, &patterns, negated);
    }
    return error;
}


/* The tag "user" says "id:42", or how else it was called. */
static struct str
term_user(struct search *s, const struct search_key *key,
          const struct issue_term *term)
{
    const char *kind = key->of;
    char head[16];
    struct values patterns;
    struct str error;
    bool negated;

    snprintf(head, sizeof(head), "%s:", kind);
    error = read_patterns(s, term, head, "%", &patterns, &negated);
    if (str_null(error)) {
        add_tag(s, STR("user"), &patterns, negated);
        if (str_is(str_of(kind), "email") || str_is(str_of(kind), "username")) {
            s->filter->tags[s->filter->ntags - 1].user = str_of(kind);
        }
    }
    return error;
}


/* yes and no of the tag "handled", in the words of "true" and "false". */
static struct str
term_handled(struct search *s, const struct search_key *key,
             const struct issue_term *term)
{
    static const struct {
        const char *word;
        bool yes;
    } words[] = { { "true", true },   { "yes", true }, { "1", true },
                  { "false", false }, { "no", false }, { "0", false } };
    struct str value = search_unquote(s->arena, term->value);
    bool turned = key->of != NULL;
    struct values one = { arena_new_of(s->arena, struct str), 1 };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_ieq(value, str_of(words[i].word))) {
            one.v[0] = words[i].yes != turned ? STR("yes") : STR("no");
            add_tag(s, STR("handled"), &one, term->negated);
            return STR_NULL;
        }
    }
    return no_such(s->arena, value, N_("true or false"));
}


/* true and false of a tag that says yes and no. */
static struct str
term_flag(struct search *s, const struct search_key *key,
          const struct issue_term *term)
{
    struct issue_term said = *term;

    said.value = str_ieq(term->value, STR("true"))    ? STR("yes")
                 : str_ieq(term->value, STR("false")) ? STR("no")
                                                      : term->value;
    return term_tag(s, key, &said);
}


/* trace:ID, in any of the forms that an id has */
static struct str
term_trace(struct search *s, const struct search_key *key,
           const struct issue_term *term)
{
    struct values values;
    struct str error = read_values(s, term->value, &values);
    bool any = values.n == 1 && values.v[0].n == 0; /* of has: */

    for (size_t i = 0; str_null(error) && !any && i < values.n; i++) {
        unsigned char id[16];

        if (!uuid_parse(values.v[i], id)) {
            return lang_fill(s->arena,
                             N_("“{0}” is no id of a trace: it has 32 "
                                "hexadecimal digits."),
                             FILL(values.v[i]));
        }
        values.v[i] = uuid_hex(s->arena, id);
    }
    if (str_null(error)) {
        add_test(s, key->test, STR_NULL, values.v, values.n,
                 term->negated != any);
    }
    return error;
}


/* The parts of "package@version+build". */
static struct str
term_release_part(struct search *s, const struct search_key *key,
                  const struct issue_term *term)
{
    struct values given, out;
    struct str error = read_values(s, term->value, &given);

    out.v = arena_array(s->arena, 4 * given.n, sizeof(struct str));
    out.n = 0;
    for (size_t i = 0; str_null(error) && i < given.n; i++) {
        struct str rest = str_of(key->of), form;

        /* each with the value in the place of its "?" */
        while (str_split(&rest, ' ', &form)) {
            struct buf b = buf_in(s->arena);
            size_t at = (size_t) str_chr(form, '?');

            buf_str(&b, str_sub(form, 0, at));
            add_pattern(&b, given.v[i], true);
            buf_str(&b, str_sub(form, at + 1, form.n));
            out.v[out.n++] = buf_view(&b);
        }
    }
    if (str_null(error)) {
        add_tag(s, STR("release"), &out, term->negated);
    }
    return error;
}


/* release:latest, release:>=1.4.2 and what all tags have */
static struct str
term_release(struct search *s, const struct search_key *key,
             const struct issue_term *term)
{
    struct str value = search_unquote(s->arena, term->value);
    struct values one = { arena_new_of(s->arena, struct str), 1 };
    struct str rest = value, package;
    struct version version;
    size_t n = 0;

    if (str_is(value, "latest")) {
        add_tag(s, STR("release"), &one, term->negated);
        s->filter->tags[s->filter->ntags - 1].order = STR("latest");
        return STR_NULL;
    }
    while (n < 2 && n < value.n && strchr("<>=", value.p[n]) != NULL) {
        n++;
    }
    if (n == 0) {
        return term_tag(s, key, term);
    }
    rest = search_unquote(s->arena, str_sub(value, n, value.n));
    package = str_sub(value, 0, n);
    one.v[0] = version_sort_key(s->arena, rest);
    if (str_null(one.v[0])
        || (!str_is(package, ">") && !str_is(package, ">=")
            && !str_is(package, "<") && !str_is(package, "<=")
            && !str_is(package, "="))) {
        return lang_fill(s->arena,
                         N_("“{0}” is no version that has an order: write "
                            ">=1.4.2 or <2.0."),
                         FILL(value));
    }
    one.v[0] = hex_encode(s->arena, one.v[0].p, one.v[0].n);
    add_tag(s, STR("release"), &one, term->negated);
    s->filter->tags[s->filter->ntags - 1].order = package;

    /* of one package alone, if it is named */
    version_parse(rest, &version);
    if (version.package.n > 0 && !term->negated) {
        struct buf b = buf_in(s->arena);
        struct values head = { arena_new_of(s->arena, struct str), 1 };

        add_pattern(&b, version.package, false);
        buf_text(&b, "@%");
        head.v[0] = buf_view(&b);
        add_tag(s, STR("release"), &head, false);
    }
    return STR_NULL;
}


static struct str
term_version(struct search *s, const struct search_key *key,
             const struct issue_term *term)
{
    struct str value = search_unquote(s->arena, term->value);

    return str_is(value, "latest") || strchr("<>=", value.p[0]) != NULL
               ? term_release(s, key, term)
               : term_release_part(s, key, term);
}


static struct str
term_stage(struct search *s, const struct search_key *key,
           const struct issue_term *term)
{
    (void) key;
    (void) term;
    return lang_fill(s->arena,
                     N_("Releases have no stages here: use release:latest or "
                        "release:>=1.4."),
                     FILL(STR("")));
}


/* A line "key: value" of the issue's text. */
static struct str
term_said(struct search *s, const struct search_key *key,
          const struct issue_term *term)
{
    const char *head =
        str_dup(s->arena, str_printf(s->arena, "%s: ", key->name));
    struct values patterns;
    bool negated;
    struct str error = read_patterns(s, term, head, "_%", &patterns, &negated);

    if (str_null(error)) {
        add_test(s, key->test, str_of(key->of), patterns.v, patterns.n,
                 negated);
    }
    return error;
}


/* That an event is an error is said by no line: digest/facts_search.c. */
static struct str
term_event_type(struct search *s, const struct search_key *key,
                const struct issue_term *term)
{
    struct issue_term other = *term;

    if (str_ieq(search_unquote(s->arena, term->value), STR("error"))) {
        other.value = STR("*");
        other.negated = !term->negated;
    }
    return term_said(s, key, &other);
}


static struct str
term_test(struct search *s, const struct search_key *key,
          const struct issue_term *term)
{
    struct values patterns;
    bool negated;
    struct str error = read_patterns(s, term, "", "_%", &patterns, &negated);

    if (key->test == ISSUE_TEST_RELEASE && str_is(term->value, "latest")) {
        add_test(s, ISSUE_TEST_NEWEST, STR_NULL, NULL, 0, term->negated);
        return STR_NULL;
    }
    if (str_null(error)) {
        add_test(s, key->test, str_of(key->of), patterns.v, patterns.n,
                 negated);
    }
    return error;
}


/* bookmarks:me: what others have marked is nobody's business. */
static struct str
term_mine(struct search *s, const struct search_key *key,
          const struct issue_term *term)
{
    struct values me = { arena_new_of(s->arena, struct str), 1 };

    if (!str_ieq(search_unquote(s->arena, term->value), STR("me"))) {
        return no_such(s->arena, term->value, N_("me"));
    }
    me.v[0] = str_printf(s->arena, "%lld", (long long) s->names->account_id);
    add_test(s, key->test, STR_NULL, me.v, 1, term->negated);
    return STR_NULL;
}


static struct str
term_suggested(struct search *s, const struct search_key *key,
               const struct issue_term *term)
{
    struct issue_filter only = { 0 };
    struct values values, ids;
    struct str error = read_values(s, term->value, &values);

    for (size_t i = 0; str_null(error) && i < values.n; i++) {
        error = value_assigned(s, values.v[i], &only);
    }
    ids.n = only.assignees.n;
    ids.v = arena_array(s->arena, ids.n + 1, sizeof(struct str));
    for (size_t i = 0; i < ids.n; i++) {
        ids.v[i] =
            str_printf(s->arena, "%lld", (long long) only.assignees.ids[i]);
    }
    if (str_null(error)) {
        add_test(s, key->test, STR_NULL, ids.v, ids.n, term->negated);
    }
    return error;
}


/* issue:SHOP-3F7 */
static struct str
term_issue(struct search *s, const struct search_key *key,
           const struct issue_term *term)
{
    struct values values;
    struct str error = read_values(s, term->value, &values);

    for (size_t i = 0; str_null(error) && i < values.n; i++) {
        struct str slug;
        int64_t number, project = 0;

        if (issue_short_id_parse(s->arena, values.v[i], &slug, &number)
            != ST_OK) {
            return lang_fill(s->arena,
                             N_("“{0}” is no short id such as SHOP-3F7."),
                             FILL(values.v[i]));
        }
        for (size_t k = 0; k < s->names->nprojects; k++) {
            if (str_ieq(slug, s->names->projects[k].name)) {
                project = s->names->projects[k].id;
            }
        }
        values.v[i] = str_printf(s->arena, "%lld-%lld", (long long) project,
                                 (long long) number);
    }
    if (str_null(error)) {
        add_test(s, key->test, STR_NULL, values.v, values.n, term->negated);
    }
    return error;
}


static struct str
term_id(struct search *s, const struct search_key *key,
        const struct issue_term *term)
{
    struct values values;
    struct str error = read_values(s, term->value, &values);
    int64_t id;

    for (size_t i = 0; str_null(error) && i < values.n; i++) {
        if (!str_i64(values.v[i], &id)) {
            error = lang_fill(s->arena, N_("“{0}” is no number."),
                              FILL(values.v[i]));
        }
    }
    if (str_null(error)) {
        add_test(s, key->test, STR_NULL, values.v, values.n, term->negated);
    }
    return error;
}


static struct str term_has(struct search *s, const struct search_key *key,
                           const struct issue_term *term);

#define TAG(name, of)                                                          \
    {                                                                          \
        name, term_tag, NULL, NULL, of, ISSUE_TEST_TAG, true                   \
    }
#define SET(name, value, narrow)                                               \
    {                                                                          \
        name, term_set, value, narrow, NULL, 0, false                          \
    }
#define TEST(name, of, kind)                                                   \
    {                                                                          \
        name, term_test, NULL, NULL, of, ISSUE_TEST_##kind, true               \
    }
#define SAID(name)                                                             \
    {                                                                          \
        name, term_said, NULL, NULL, TAGS, ISSUE_TEST_LINE, true               \
    }
#define OTHER(name, apply, of, kind)                                           \
    {                                                                          \
        name, apply, NULL, NULL, of, ISSUE_TEST_##kind, false                  \
    }

/* Bytes of model/issue_words.h. */
#define EXCEPTIONS "\x11"
#define MESSAGES "\x10\x11\x13"
#define FUNCTIONS "\x16"
#define MODULES "\x17"
#define FILES "\x18"
#define TAGS "\x19"
_Static_assert(PIECE_TITLE == 0x10 && PIECE_EXCEPTION == 0x11
                   && PIECE_MESSAGE == 0x13 && PIECE_FUNCTION == 0x16
                   && PIECE_MODULE == 0x17 && PIECE_FILE == 0x18
                   && PIECE_TAG == 0x19,
               "see the bytes above");

static const struct search_key keys[] = {
    { "is", term_is, NULL, NULL, NULL, 0, false },
    { "has", term_has, NULL, NULL, NULL, 0, false },
    SET("level", value_level, narrow_levels),
    SET("project", value_project, narrow_projects),
    SET("project.id", value_project_id, narrow_projects),
    SET("issue.category", value_category, narrow_statuses),
    SET("issue.type", value_category, narrow_statuses),
    SET("assigned", value_assigned, narrow_assignees),
    SET("assigned_to", value_assigned, narrow_assignees),
    OTHER("assigned_or_suggested", term_suggested, NULL, SUGGESTED),
    SET("priority", value_priority, narrow_priorities),
    SET("issue.priority", value_priority, narrow_priorities),
    OTHER("bookmarks", term_mine, NULL, BOOKMARK),
    OTHER("subscribed", term_mine, NULL, SUBSCRIBED),
    OTHER("issue", term_issue, NULL, NUMBER),
    OTHER("issue.id", term_id, NULL, ID),

    { "release", term_release, NULL, NULL, NULL, ISSUE_TEST_TAG, true },
    { "release.version", term_version, NULL, NULL, "? %@? ?+% %@?+%",
      ISSUE_TEST_TAG, false },
    { "release.stage", term_stage, NULL, NULL, NULL, 0, false },
    { "release.build", term_release_part, NULL, NULL, "%+?", ISSUE_TEST_TAG,
      false },
    { "release.package", term_release_part, NULL, NULL, "?@%", ISSUE_TEST_TAG,
      false },
    TEST("regressed_in_release", "", REGRESSED),
    TEST("firstRelease", "", RELEASE),
    TEST("first_release", "", RELEASE),
    TEST("first-release", "", RELEASE),
    TAG("environment", NULL),
    TAG("dist", NULL),

    TEST("error.type", EXCEPTIONS, TYPE),
    TEST("error.value", EXCEPTIONS, VALUE),
    OTHER("error.handled", term_handled, NULL, TAG),
    OTHER("error.unhandled", term_handled, "not", TAG),
    TAG("error.mechanism", "mechanism"),
    SAID("error.main_thread"),
    { "event.type", term_event_type, NULL, NULL, TAGS, ISSUE_TEST_LINE, true },
    TEST("message", MESSAGES, TITLE),
    TEST("title", "", TITLE),
    TEST("culprit", "", CULPRIT),
    TEST("location", "", CULPRIT),
    TEST("platform", "", PLATFORM),
    TEST("platform.name", "", PLATFORM),
    TEST("stack.function", FUNCTIONS, LINE),
    TEST("stack.module", MODULES, LINE),
    TEST("stack.package", MODULES, LINE),
    TEST("stack.filename", FILES, LINE),
    TEST("stack.abs_path", FILES, LINE),

    TAG("user", NULL),
    { "user.id", term_user, NULL, NULL, "id", ISSUE_TEST_TAG, true },
    { "user.email", term_user, NULL, NULL, "email", ISSUE_TEST_TAG, true },
    { "user.username", term_user, NULL, NULL, "username", ISSUE_TEST_TAG,
      true },
    { "user.ip", term_user, NULL, NULL, "ip", ISSUE_TEST_TAG, true },
    TAG("geo.country_code", NULL),
    SAID("geo.city"),
    SAID("geo.region"),
    SAID("geo.subdivision"),
    TAG("url", NULL),
    TAG("http.url", "url"),
    TAG("http.method", NULL),
    TAG("http.status_code", NULL),
    TAG("http.status", "http.status_code"),
    SAID("http.referer"),
    { "trace", term_trace, NULL, NULL, NULL, ISSUE_TEST_TRACE, true },
    TAG("site", NULL),
    TAG("transaction", NULL),
    TAG("server_name", NULL),
    TAG("logger", NULL),
    TAG("handled", NULL),
    TAG("mechanism", NULL),
    TAG("browser", NULL),
    TAG("browser.name", NULL),
    TAG("os", NULL),
    TAG("os.name", NULL),
    TAG("os.build", NULL),
    { "os.rooted", term_flag, NULL, NULL, NULL, ISSUE_TEST_TAG, true },
    SAID("os.version"),
    SAID("os.kernel_version"),
    TAG("runtime", NULL),
    TAG("runtime.name", NULL),
    TAG("device", NULL),
    TAG("device.family", NULL),
    TAG("device.class", NULL),
    SAID("device.arch"),
    SAID("device.brand"),
    SAID("device.model_id"),
    SAID("device.name"),
    SAID("device.orientation"),
    SAID("app.in_foreground"),
    TAG("sdk.name", NULL),
    SAID("sdk.version"),
};

#define NKEYS (sizeof(keys) / sizeof(keys[0]))


static const struct search_key *
find_key(struct str name)
{
    for (size_t i = 0; i < NKEYS; i++) {
        if (str_ieq(name, str_of(keys[i].name))) {
            return &keys[i];
        }
    }
    return NULL;
}


/* has:assigned and has:any-tag; what every issue has is no question. */
static struct str
term_has(struct search *s, const struct search_key *key,
         const struct issue_term *term)
{
    struct issue_term empty = *term;
    struct str name = search_unquote(s->arena, term->value);

    empty.value = STR("\"\"");
    empty.key = name;
    empty.negated = !term->negated;
    key = find_key(name);
    if (str_ieq(name, STR("assigned")) || str_ieq(name, STR("assigned_to"))) {
        struct issue_filter only = { 0 };

        add_id(s->arena, &only.assignees, 0);
        narrow_assignees(s, &only, !term->negated);
        return STR_NULL;
    }
    if ((key != NULL && !key->counts) || (key == NULL && is_range(name))) {
        return lang_fill(s->arena,
                         N_("“has:” is for what some issues lack, such as a "
                            "tag; “{0}” is nothing of the kind."),
                         FILL(name));
    }
    return key != NULL ? key->apply(s, key, &empty) : term_tag(s, NULL, &empty);
}


/* One letter more, less, other, or two that have changed places. */
static bool
is_slip(struct str a, struct str b)
{
    size_t i = 0;
    struct str x, y;

    while (i < a.n && i < b.n && (a.p[i] | 0x20) == (b.p[i] | 0x20)) {
        i++;
    }
    x = str_sub(a, i, a.n);
    y = str_sub(b, i, b.n);
    if (x.n == 0 && y.n == 0) {
        return false;
    }
    return str_ieq(str_sub(x, 1, x.n), str_sub(y, 1, y.n))
           || str_ieq(str_sub(x, 1, x.n), y) || str_ieq(x, str_sub(y, 1, y.n))
           || (x.n > 1 && y.n > 1 && x.p[0] == y.p[1] && x.p[1] == y.p[0]
               && str_ieq(str_sub(x, 2, x.n), str_sub(y, 2, y.n)));
}


/* Any tag may be asked for; but a key that is nearly one of ours is none. */
static struct str
term_unknown(struct search *s, const struct issue_term *term)
{
    const char *meant = NULL;

    for (size_t i = 0; i < NKEYS; i++) {
        meant =
            strlen(keys[i].name) > 4 && is_slip(term->key, str_of(keys[i].name))
                ? keys[i].name
                : meant;
    }
    for (size_t i = 0; i < NRANGES; i++) {
        meant =
            is_slip(term->key, str_of(ranges[i].key)) ? ranges[i].key : meant;
    }
    if (meant == NULL) {
        return term_tag(s, NULL, term);
    }
    return lang_fill(s->arena,
                     N_("“{0}” is not a search key: was {1} meant? For a tag, "
                        "write tags[{0}]:value."),
                     FILL(term->key, str_of(meant)));
}


static struct str
term_word(struct search *s, const struct issue_term *term)
{
    struct buf pattern = buf_in(s->arena);

    buf_char(&pattern, '%');
    add_pattern(&pattern, search_unquote(s->arena, term->value),
                term->value.p[0] != '"');
    buf_char(&pattern, '%');
    s->filter->words[s->filter->nwords++] = buf_view(&pattern);
    return STR_NULL;
}


bool
search_knows(struct str name)
{
    return find_key(name) != NULL || is_range(name);
}


bool
search_is_tag(struct str name)
{
    const struct search_key *key = find_key(name);

    return key != NULL && str_is(name, key->name)
           && (key->apply == term_tag || key->apply == term_release
               || key->apply == term_set)
           && key->of == NULL;
}


struct str
search_apply(struct arena *a, const struct search_names *names,
             struct issue_term *term, struct issue_filter *f)
{
    struct search s = { a, names, f };
    const struct search_key *key;
    size_t tests = f->ntests;
    struct str error;
    bool known;

    if (str_null(term->key)) {
        return term_word(&s, term);
    }
    key = find_key(term->key);
    if (term->value.n == 0
        || (str_is(term->value, "\"\"") && key != NULL && !key->counts)) {
        return lang_fill(a, N_("“{0}:” needs a value."), FILL(term->key));
    }
    error = term_range(&s, term, search_unquote(a, term->value), &known);
    if (!known) {
        error = key != NULL ? key->apply(&s, key, term)
                : str_starts(term->key, STR("tags[")) ? term_tag(&s, NULL, term)
                                                      : term_unknown(&s, term);
    }
    term->of_issue = known || f->ntests > tests;
    return error;
}


void
search_filter_open(struct arena *a, struct issue_filter *f)
{
    *f = (struct issue_filter){ .unhandled = -1 };
    memset(f->statuses, true, sizeof(f->statuses));
    memset(f->substatuses, true, sizeof(f->substatuses));
    memset(f->levels, true, sizeof(f->levels));
    memset(f->priorities, true, sizeof(f->priorities));
    /* a term may be two tags */
    f->tags = arena_array(a, 2 * SEARCH_TERMS_MAX, sizeof(struct tag_filter));
    f->tests = arena_array(a, SEARCH_TERMS_MAX, sizeof(struct issue_test));
    f->words = arena_array(a, SEARCH_TERMS_MAX, sizeof(struct str));
}
