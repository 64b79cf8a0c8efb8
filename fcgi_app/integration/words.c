#include "integration/words.h"

#include <ctype.h>

#include "util/lang.h"
#include "util/timeutil.h"
#include "util/zone.h"


/* ---- escaping */

struct str
words_line(struct arena *a, struct str s, size_t max)
{
    struct str cut = s.n > max ? str_cut(s, max > 3 ? max - 3 : 0) : s;
    struct buf b = buf_in(a);

    for (size_t i = 0; i < cut.n; i++) {
        unsigned char c = (unsigned char) cut.p[i];

        buf_char(&b, c < ' ' || c == 127 ? ' ' : (char) c);
    }
    if (cut.n < s.n && max > 3) {
        buf_text(&b, "…");
    }
    return buf_view(&b);
}


static struct str
replace(struct arena *a, struct str s, const char *what,
        const char *const *with)
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < s.n; i++) {
        const char *at = s.p[i] != '\0' ? strchr(what, s.p[i]) : NULL;

        if (at != NULL) {
            buf_text(&b, with[at - what]);

        } else {
            buf_char(&b, s.p[i]);
        }
    }
    return buf_view(&b);
}


struct str
words_html(struct arena *a, struct str s)
{
    static const char *const with[] = { "&amp;", "&lt;", "&gt;", "&quot;" };

    return replace(a, s, "&<>\"", with);
}


struct str
words_slack(struct arena *a, struct str s)
{
    static const char *const with[] = { "&amp;", "&lt;", "&gt;" };

    return replace(a, s, "&<>", with);
}


/* "@" gets a zero-width joiner behind it, so that nobody is called. */
struct str
words_markdown(struct arena *a, struct str s)
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char) s.p[i];

        if (c < ' ' || c == 127) {
            buf_char(&b, ' ');
            continue;
        }
        if (strchr("\\`*_{}[]()<>#+-!|~>", c) != NULL) {
            buf_char(&b, '\\');
        }
        buf_char(&b, (char) c);
        if (c == '@') {
            buf_text(&b, "\u200d");
        }
    }
    return buf_view(&b);
}


struct str
words_time(struct arena *a, int64_t us)
{
    return time_format_iso(a, us, false);
}


/* ---- what is told */

static bool
is(const struct notice *n, const char *cause)
{
    return str_is(n->cause, cause);
}


struct str
words_title(struct arena *a, const struct notice *n)
{
    struct str title = n->title.n > 0 ? n->title : str_of(tr("(no title)"));

    if (n->project.n == 0) {
        return title;
    }
    return str_printf(a, "[%.*s] %.*s", STR_FMT(n->project), STR_FMT(title));
}


static const struct kind {
    const char *cause;
    const char *action; /* NULL: any */
    const char *words;
    const char *by; /* with a name; NULL: words */
} kinds[] = {
    { "metric", "critical", N_("Critical"), NULL },
    { "metric", "warning", N_("Warning"), NULL },
    { "metric", "resolved", N_("Fine again"), NULL },
    { "workflow", "assigned", N_("Assigned"), N_("Assigned by {0}") },
    { "workflow", "unassigned", N_("Assignee removed"),
      N_("Assignee removed by {0}") },
    { "workflow", "comment", N_("New comment"), N_("New comment by {0}") },
    { "workflow", "mention", N_("You are mentioned"), N_("{0} mentions you") },
    { "workflow", "regressed", N_("Regressed"), NULL },
    { "workflow", "resolved", N_("Resolved"), N_("Resolved by {0}") },
    { "workflow", "unresolved", N_("Opened again"), N_("Opened again by {0}") },
    { "workflow", "archived", N_("Archived"), N_("Archived by {0}") },
    { "workflow", "escalating", N_("Escalating"), NULL },
    { "digest", NULL, N_("Several issues"), NULL },
    { "report", NULL, N_("Weekly report"), NULL },
    { "test", NULL, N_("Test message"), NULL },
};


struct str
words_kind(struct arena *a, const struct notice *n)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct kind *k = &kinds[i];

        if (!is(n, k->cause)
            || (k->action != NULL && !str_is(n->action, k->action))) {
            continue;
        }
        return k->by == NULL || n->actor.n == 0
                   ? str_of(tr(k->words))
                   : lang_fill(a, k->by, FILL(n->actor));
    }
    return str_of(str_is(n->state, "new")          ? tr("New issue")
                  : str_is(n->state, "regressed")  ? tr("Regressed issue")
                  : str_is(n->state, "escalating") ? tr("Escalating issue")
                                                   : tr("Alert"));
}


struct str
words_why(struct arena *a, const struct notice *n)
{
    if (n->measured.n == 0) {
        return STR("");
    }
    if (n->threshold.n == 0) {
        return n->measured;
    }
    return lang_fill(a, N_("{0}; the rule says {1}"),
                     FILL(n->measured, n->threshold));
}


struct str
words_rules(struct arena *a, const struct notice *n)
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < n->nrules; i++) {
        buf_text(&b, i > 0 ? ", " : "");
        buf_str(&b, n->rules[i].words);
    }
    return buf_view(&b);
}


static void
add(struct fact *out, size_t *k, const char *label, struct str value)
{
    if (value.n > 0 && *k < FACTS_MAX) {
        out[(*k)++] = (struct fact){ .label = label, .value = value };
    }
}


static struct str
number(struct arena *a, int64_t v)
{
    return v > 0 ? lang_number(a, str_printf(a, "%lld", (long long) v))
                 : STR("");
}


/* A tag that repeats a fact. */
static bool
is_told(const struct notice *n, size_t tag)
{
    struct str key = n->tags[tag].key;

    return str_eq(n->tags[tag].value, str_is(key, "environment")
                                          ? n->environment
                                      : str_is(key, "release")     ? n->release
                                      : str_is(key, "transaction") ? n->culprit
                                                                   : STR(""));
}


size_t
words_facts(struct arena *a, const struct notice *n, struct fact out[FACTS_MAX])
{
    size_t k = 0;

    add(out, &k, tr("Environment"), n->environment);
    add(out, &k, tr("Release"), n->release);
    add(out, &k, tr("Where"), n->culprit);
    add(out, &k, tr("Frame"), n->frame);
    add(out, &k, tr("Events"), number(a, n->times_seen));
    add(out, &k, tr("Users"), number(a, n->users_seen));
    add(out, &k, tr("First seen"),
        n->first_seen != 0 ? zone_moment(a, n->first_seen) : STR(""));
    add(out, &k, tr("Assignee"), n->assignee);
    add(out, &k, tr("Rule"), words_rules(a, n));
    add(out, &k, tr("ID"), n->short_id);
    for (size_t i = 0; i < n->ntags && k < FACTS_MAX; i++) {
        /* several services refuse a whole message for one empty field */
        if (n->tags[i].key.n > 0 && n->tags[i].value.n > 0 && !is_told(n, i)) {
            out[k++] = (struct fact){ .name = n->tags[i].key,
                                      .value = n->tags[i].value };
        }
    }
    return k;
}


static struct str
label_of(const struct fact *f)
{
    return str_null(f->name) ? str_of(f->label) : f->name;
}


struct str
words_plain(struct arena *a, const struct notice *n, size_t max)
{
    struct fact facts[FACTS_MAX];
    size_t k = words_facts(a, n, facts), room;
    struct buf b = buf_in(a);
    struct str why = words_why(a, n), text;

    buf_addf(&b, "%.*s: %.*s\n", STR_FMT(words_kind(a, n)),
             STR_FMT(words_title(a, n)));
    if (why.n > 0) {
        buf_addf(&b, "%.*s\n", STR_FMT(why));
    }
    if (n->text.n > 0) {
        buf_addf(&b, "%.*s\n", STR_FMT(n->text));
    }
    for (size_t i = 0; i < k; i++) {
        buf_addf(&b, "%.*s: %.*s\n", STR_FMT(label_of(&facts[i])),
                 STR_FMT(words_line(a, facts[i].value, 300)));
    }
    if (n->notes.n > 0) {
        buf_addf(&b, "%.*s\n", STR_FMT(n->notes));
    }
    room = max > n->url.n + 1 ? max - n->url.n - 1 : 0;
    text = buf_view(&b);
    return str_printf(a, "%s%.*s", str_dup(a, str_cut(text, room)),
                      STR_FMT(n->url));
}


/* ---- how bad it is */

bool
words_is_over(const struct notice *n)
{
    return str_is(n->action, "resolved") || str_is(n->action, "archived");
}


const char *
words_severity(const struct notice *n)
{
    if (is(n, "metric")) {
        return str_is(n->action, "critical") ? "critical" : "warning";
    }
    if (n->level >= 50) {
        return "critical";
    }
    if (n->level >= 40 || n->level == 0) {
        return "error";
    }
    return n->level >= 30 ? "warning" : "info";
}


unsigned
words_color(const struct notice *n)
{
    if (words_is_over(n)) {
        return 0x2E8B57;
    }
    switch (words_severity(n)[0]) {
    case 'c':
        return 0xB3261E;
    case 'e':
        return 0xE03E2F;
    case 'w':
        return 0xE5A50A;
    default:
        return 0x3C7DD9;
    }
}


struct str
words_subject_key(struct arena *a, const struct notice *n)
{
    if (n->incident != 0) {
        return str_printf(a, "vedette:%lld:incident:%lld",
                          (long long) n->organization_id,
                          (long long) n->incident);
    }
    if (n->issue_id != 0) {
        return str_printf(a, "vedette:issue:%lld", (long long) n->issue_id);
    }
    return str_printf(a, "vedette:%.*s", STR_FMT(n->key));
}
