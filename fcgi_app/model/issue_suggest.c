#include "model/issue_suggest.h"

#include "util/buf.h"
#include "util/lang.h"

/* Behind every text that begins with what stands before it. */
#define LAST_CHARACTER "\xF4\x8F\xBF\xBF"

/* The keys that people are told of, the most useful ones first. */
static const struct {
    const char *key;
    const char *words;
    const char *values; /* with spaces between; NULL: names, or a tag's */
} keys[] = {
    { "is", N_("State"),
      "unresolved for_review new regressed escalating ongoing resolved "
      "archived assigned unassigned unhandled linked unlinked" },
    { "assigned", N_("Person or team"), NULL },
    { "level", N_("How grave"), "fatal error warning info debug" },
    { "priority", N_("Priority"), "high medium low" },
    { "project", N_("Project"), NULL },
    { "environment", N_("Tag"), NULL },
    { "release", N_("Tag, latest, or a range such as >=1.4"), NULL },
    { "firstRelease", N_("Release of the first event"), "latest" },
    { "has", N_("Has any value of a tag or key"),
      "release environment user user.email url assigned stack.function" },
    { "lastSeen", N_("When an event came last"), "-1h -24h -7d -14d +14d" },
    { "age", N_("When the first event came"), "-1h -24h -7d -14d +14d" },
    { "timesSeen", N_("How many events"), ">10 >100 >1000 <10" },
    { "users", N_("How many users"), ">1 >10 >100" },
    { "bookmarks", N_("What you have marked"), "me" },
    { "subscribed", N_("What you are told of"), "me" },
    { "assigned_or_suggested", N_("Person or team, also by ownership rules"),
      NULL },
    { "user", N_("Tag"), NULL },
    { "user.id", N_("User"), "" },
    { "user.email", N_("User"), "" },
    { "user.username", N_("User"), "" },
    { "user.ip", N_("User"), "" },
    { "url", N_("Tag"), NULL },
    { "http.url", N_("Tag"), "" },
    { "http.method", N_("Tag"), "GET POST PUT PATCH DELETE" },
    { "http.status_code", N_("Tag"), NULL },
    { "http.referer", N_("Tag"), "" },
    { "trace", N_("Id of a trace"), "" },
    { "transaction", N_("Tag"), NULL },
    { "error.type", N_("Type of an exception"), "" },
    { "error.value", N_("Text of an exception"), "" },
    { "error.handled", N_("Whether the code caught it"), "true false" },
    { "error.mechanism", N_("Tag"), "" },
    { "stack.function", N_("Function of a stack trace"), "" },
    { "stack.module", N_("Module of a stack trace"), "" },
    { "stack.filename", N_("File of a stack trace"), "" },
    { "stack.abs_path", N_("File of a stack trace"), "" },
    { "title", N_("Title of the issue"), "" },
    { "message", N_("Title or message"), "" },
    { "culprit", N_("Where it happened"), "" },
    { "platform", N_("Platform"),
      "python javascript node java php ruby go csharp native" },
    { "browser.name", N_("Tag"), NULL },
    { "os.name", N_("Tag"), NULL },
    { "geo.country_code", N_("Tag"), NULL },
    { "server_name", N_("Tag"), NULL },
    { "logger", N_("Tag"), NULL },
    { "handled", N_("Tag"), NULL },
    { "mechanism", N_("Tag"), NULL },
    { "runtime.name", N_("Tag"), NULL },
    { "device.family", N_("Tag"), NULL },
    { "device.class", N_("Tag"), NULL },
    { "sdk.name", N_("Tag"), NULL },
    { "dist", N_("Tag"), NULL },
    { "regressed_in_release", N_("Release in which it came back"), "" },
    { "timestamp", N_("When it had events"), "-1h -24h -7d -14d" },
    { "issue", N_("Short id"), "" },
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

struct suggest {
    struct db *db;
    struct arena *a;
    int64_t org;
    const struct access *access;
    struct str sign; /* parentheses and "!" in front */
    struct suggestion *out;
    size_t n;
};


static bool
begins(struct str text, struct str typed)
{
    return typed.n <= text.n && str_ieq(str_sub(text, 0, typed.n), typed);
}


static void
add(struct suggest *s, struct str text, const char *words)
{
    for (size_t i = 0; i < s->n; i++) {
        if (str_eq(s->out[i].text, text)) {
            return;
        }
    }
    if (s->n < SUGGEST_MAX) {
        s->out[s->n++] = (struct suggestion){ text, words };
    }
}


/* A value of one of our own keys, if it begins with what was typed. */
static void
add_value(struct suggest *s, struct str key, struct str value, struct str typed)
{
    if (begins(value, typed)) {
        add(s,
            str_printf(s->a, "%.*s%.*s:%.*s", STR_FMT(s->sign), STR_FMT(key),
                       STR_FMT(value)),
            NULL);
    }
}


/* Tags: rows of one column, from what was typed on. */
static enum status
look_up(struct suggest *s, enum sql stmt, struct str key, struct str typed,
        struct db_rows *rows)
{
    const struct db_arg args[] = {
        db_i64(s->org),
        access_arg(s->a, s->access),
        db_str(typed),
        db_str(str_printf(s->a, "%.*s" LAST_CHARACTER, STR_FMT(typed))),
        db_i64(SUGGEST_MAX),
        db_str(key),
    };

    return db_query(s->db, s->a, stmt, args, str_null(key) ? 5 : 6, rows);
}


static enum status
suggest_tag_values(struct suggest *s, struct str key, struct str typed)
{
    struct db_rows rows;
    enum status st;

    st = look_up(s, SQL_SUGGEST_VALUES, key, typed, &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        struct str term =
            issue_tag_term(s->a, key, db_get_str(&rows, i, "value"));

        add(s, str_printf(s->a, "%.*s%.*s", STR_FMT(s->sign), STR_FMT(term)),
            NULL);
    }
    return st;
}


static enum status
suggest_values(struct suggest *s, const struct search_names *names,
               struct str key, struct str typed)
{
    const char *values = NULL;
    struct str rest, value;

    if (typed.n > 0 && typed.p[0] == '"') {
        typed = str_sub(typed, 1, typed.n);
    }
    if (str_starts(key, STR("tags[")) && str_ends(key, STR("]"))) {
        return suggest_tag_values(s, str_sub(key, 5, key.n - 1), typed);
    }
    if (str_ieq(key, STR("project"))) {
        for (size_t i = 0; i < names->nprojects; i++) {
            add_value(s, key, names->projects[i].name, typed);
        }
        return ST_OK;
    }
    if (str_ieq(key, STR("assigned"))
        || str_ieq(key, STR("assigned_or_suggested"))) {
        add_value(s, key, STR("me"), typed);
        add_value(s, key, STR("my_teams"), typed);
        add_value(s, key, STR("none"), typed);
        for (size_t i = 0; i < names->nassignees; i++) {
            add_value(s, key, names->assignees[i].name, typed);
        }
        return ST_OK;
    }
    for (size_t i = 0; i < NKEYS; i++) {
        values = str_ieq(key, str_of(keys[i].key)) ? keys[i].values : values;
    }
    if (str_ieq(key, STR("release"))) {
        add_value(s, key, STR("latest"), typed);
    }
    if (values == NULL) {
        return suggest_tag_values(s, key, typed);
    }
    rest = str_of(values);
    while (str_split(&rest, ' ', &value)) {
        if (value.n > 0) {
            add_value(s, key, value, typed);
        }
    }
    return ST_OK;
}


static enum status
suggest_keys(struct suggest *s, struct str typed)
{
    struct db_rows rows;
    enum status st;

    for (size_t i = 0; i < NKEYS; i++) {
        if (begins(str_of(keys[i].key), typed)) {
            add(s, str_printf(s->a, "%.*s%s:", STR_FMT(s->sign), keys[i].key),
                keys[i].words);
        }
    }
    if (str_starts(typed, STR("tags["))) {
        typed = str_sub(typed, 5, typed.n);
    }
    if (typed.n == 0) {
        return ST_OK;
    }
    st = look_up(s, SQL_SUGGEST_KEYS, STR_NULL, typed, &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        struct str term =
            issue_tag_term(s->a, db_get_str(&rows, i, "key"), STR("x"));

        add(s,
            str_printf(s->a, "%.*s%.*s", STR_FMT(s->sign),
                       STR_FMT(str_sub(term, 0, term.n - 1))),
            N_("Tag"));
    }
    return st;
}


const char *
issue_suggest_key(size_t i, const char **words, const char **values)
{
    if (i >= NKEYS) {
        return NULL;
    }
    *words = keys[i].words;
    *values = keys[i].values;
    return keys[i].key;
}


enum status
issue_suggest(struct db *db, struct arena *a, int64_t organization_id,
              const struct access *access, const struct search_names *names,
              struct str typed, struct suggestion out[SUGGEST_MAX], size_t *n)
{
    struct suggest s = { db, a, organization_id, access, STR(""), out, 0 };
    ptrdiff_t colon;
    size_t sign = 0;
    enum status st;

    typed = str_cut(typed, SEARCH_TEXT_MAX);
    while (sign < typed.n && (typed.p[sign] == '(' || typed.p[sign] == '!')) {
        sign++;
    }
    s.sign = str_sub(typed, 0, sign);
    typed = str_sub(typed, sign, typed.n);
    /* the key of a tag may hold colons itself */
    colon = str_starts(typed, STR("tags[")) ? str_find(typed, STR("]:")) + 1
                                            : str_chr(typed, ':');
    st = colon > 0
             ? suggest_values(&s, names, str_sub(typed, 0, (size_t) colon),
                              str_sub(typed, (size_t) colon + 1, typed.n))
             : suggest_keys(&s, typed);
    *n = s.n;
    return st;
}
