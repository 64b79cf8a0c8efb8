/* The draft becomes the form of the editor: sentences with fields in them. */

#include "page/alert_editor.h"

#include "util/lang.h"

#define ACTIONS_MAX 64

/* What the choices of a field depend on, beside the field. */
struct look {
    const char *channel; /* connections of this type */
    int offered;         /* the first choices alone; 0: all */
};


static struct data *
add_option(struct data *field, struct str id, struct str words, struct str now)
{
    struct data *row = data_row(data_child(field, "Options"));

    data_str(row, "id", id);
    data_str(row, "words", words);
    data_bool(row, "chosen", str_eq(id, now));
    return row;
}


static void
fill_people(const struct editor *e, struct data *field, const char *prefix,
            struct str now)
{
    for (size_t i = 0; i < e->nmembers; i++) {
        add_option(field,
                   str_printf(e->rq->a, "%s%lld", prefix,
                              (long long) e->members[i].account_id),
                   e->members[i].name, now);
    }
}


static void
fill_teams(const struct editor *e, struct data *field, const char *prefix,
           struct str now)
{
    for (size_t i = 0; i < e->nteams; i++) {
        add_option(
            field,
            str_printf(e->rq->a, "%s%lld", prefix, (long long) e->teams[i].id),
            str_printf(e->rq->a, "#%.*s", STR_FMT(e->teams[i].name)), now);
    }
}


/* A targetType and its targetIdentifier as one list: groups, people, teams. */
static void
fill_target(const struct editor *e, struct data *field,
            const struct alert_field *f, const struct json *node,
            struct str now)
{
    struct str id = json_text_of(node, "targetIdentifier");

    if (str_is(now, "Member")) {
        now = str_printf(e->rq->a, "user:%.*s", STR_FMT(id));

    } else if (str_is(now, "Team")) {
        now = str_printf(e->rq->a, "team:%.*s", STR_FMT(id));
    }
    for (const struct alert_choice *c = f->choices; c->id != NULL; c++) {
        if (strcmp(c->id, "Member") != 0 && strcmp(c->id, "Team") != 0) {
            add_option(field, str_of(c->id), str_of(tr(c->words)), now);
        }
    }
    fill_people(e, field, "user:", now);
    fill_teams(e, field, "team:", now);
}


static void
fill_field(const struct editor *e, struct data *d, const struct alert_field *f,
           const struct json *node, const struct look *look)
{
    struct str now = alert_field_text(e->rq->a, f, node);
    int n = 0;

    data_tr(d, "label", f->label);
    data_text(d, "name", f->name);
    data_str(d, "value", now);
    data_bool(d, "number", f->kind == INPUT_NUMBER);
    data_bool(d, "clock", f->kind == INPUT_CLOCK);
    switch (f->kind) {
    case INPUT_PATH:
        data_bool(d, "offers", true);
        for (const struct alert_choice *c = f->choices; c->id != NULL; c++) {
            add_option(d, str_of(c->id), STR(""), now);
        }
        return;

    case INPUT_CHOICE:
        data_bool(d, "select", true);
        if (strcmp(f->name, "targetType") == 0) {
            fill_target(e, d, f, node, now);
            return;
        }
        for (const struct alert_choice *c = f->choices; c->id != NULL; c++) {
            if (look->offered == 0 || n++ < look->offered
                || str_is(now, c->id)) {
                add_option(d, str_of(c->id), str_of(tr(c->words)), now);
            }
        }
        return;

    case INPUT_ACCOUNT:
        data_bool(d, "select", true);
        add_option(d, STR(""), str_of(tr("choose a member")), now);
        fill_people(e, d, "", now);
        return;

    case INPUT_TEAM:
        data_bool(d, "select", true);
        add_option(d, STR(""), str_of(tr("choose a team")), now);
        fill_teams(e, d, "", now);
        return;

    case INPUT_INTEGRATION:
        data_bool(d, "select", true);
        for (size_t i = 0; i < e->nintegrations; i++) {
            if (str_is(e->integrations[i].type, look->channel)) {
                add_option(d,
                           str_printf(e->rq->a, "%lld",
                                      (long long) e->integrations[i].id),
                           e->integrations[i].name, now);
            }
        }
        return;

    default:
        return;
    }
}


static bool
in_words(const char *words, const char *name)
{
    size_t n = strlen(name);

    for (const char *at = strchr(words, '{'); at != NULL;
         at = strchr(at + 1, '{')) {
        if (strncmp(at + 1, name, n) == 0 && at[1 + n] == '}') {
            return true;
        }
    }
    return false;
}


/* A sentence in pieces: text, field, text; fields that it leaves out behind. */
static void
fill_sentence(const struct editor *e, struct data *row, const char *words,
              const struct alert_field *fields, const struct json *node,
              const struct look *look)
{
    struct data *list = data_child(row, "Pieces");
    const char *rest = words;
    bool aside = false; /* in parentheses: of use with some choices only */

    while (*rest != '\0') {
        size_t n = strcspn(rest, "{");
        const char *end;

        if (n > 0) {
            struct data *piece = data_row(list);

            aside = aside || memchr(rest, '(', n) != NULL;
            data_str(piece, "text", str_make(rest, n));
            data_bool(piece, "aside", aside);
            aside = aside && memchr(rest, ')', n) == NULL;
        }
        rest += n;
        if (*rest == '\0' || (end = strchr(rest, '}')) == NULL) {
            break;
        }
        for (const struct alert_field *f = fields; f->name != NULL; f++) {
            if (str_is(str_make(rest + 1, (size_t) (end - rest) - 1), f->name)
                && strcmp(f->name, "targetIdentifier") != 0) {
                struct data *piece = data_row(list);

                data_bool(piece, "aside", aside);
                fill_field(e, data_child(piece, "Field"), f, node, look);
            }
        }
        rest = end + 1;
    }
    for (const struct alert_field *f = fields; f->name != NULL; f++) {
        if (!in_words(words, f->name)) {
            struct data *piece = data_row(list);

            data_tr(piece, "text", f->label);
            fill_field(e, data_child(piece, "Field"), f, node, look);
        }
    }
}


static void
fill_part(const struct editor *e, const struct json *from, const char *block,
          char part, struct data *list)
{
    size_t i = 0;

    json_each(theirs, json_get(from, part == 'c'   ? "conditions"
                                     : part == 'f' ? "filters"
                                                   : "actions"))
    {
        const struct json *node =
            part == 'a' ? action_own(e->rq->a, theirs) : theirs;
        struct str id = json_text_of(node, "id");
        struct data *row = data_row(list);
        const struct action *act = part == 'a' ? action_find(id) : NULL;
        const struct condition *c =
            part != 'a' ? condition_find(id, part == 'f') : NULL;

        data_str(row, "id", id);
        data_str(row, "prefix",
                 str_printf(e->rq->a, "%s%c%zu.", block, part, i));
        i++;
        if (act != NULL) {
            data_text(row, "icon", act->icon);
            fill_sentence(e, row, tr(act->words), act->fields, node,
                          &(struct look){ .channel = act->channel });

        } else if (c != NULL) {
            data_text(row, "icon", c->icon);
            fill_sentence(e, row, tr(c->words), c->fields, node,
                          &(struct look){ .offered = c->offered });

        } else {
            data_tr(data_row(data_child(row, "Pieces")), "text",
                    "This cannot be edited here.");
        }
    }
}


/* IF and THEN; from: the rule, or one of its further blocks. */
static void
fill_block(const struct editor *e, const struct json *from, size_t n)
{
    struct data *row = data_row(data_child(e->rs->data, "Blocks"));
    const char *prefix = n > 0 ? arena_printf(e->rq->a, "b%zu.", n) : "";

    data_text(row, "prefix", prefix);
    data_i64(row, "further", (int64_t) n);
    data_str(row, "match", json_text_of(from, "filterMatch"));
    fill_part(e, from, prefix, 'f', data_child(row, "Filters"));
    fill_part(e, from, prefix, 'a', data_child(row, "Doings"));
}


static void
fill_blocks(const struct editor *e)
{
    size_t n = 0;

    fill_block(e, e->data, n++);
    json_each(block, json_get(e->data, "blocks"))
    {
        if (n < RULE_BLOCKS_MAX) {
            fill_block(e, block, n++);
        }
    }
    data_bool(e->rs->data, "MoreBlocks",
              !e->rule.metric && n < RULE_BLOCKS_MAX);
}


/* A sentence without its fields, for lists to add from. */
static struct str
bare(struct arena *a, const char *words)
{
    struct buf out = buf_in(a);

    for (; *words != '\0'; words++) {
        if (*words == '{') {
            /* two fields behind each other are one gap */
            buf_text(&out,
                     str_ends(str_trim(buf_view(&out)), STR("…")) ? "" : "…");
            while (words[1] != '\0' && *words != '}') {
                words++;
            }

        } else if (*words == '(' || *words == ';') {
            break;

        } else {
            buf_char(&out, *words);
        }
    }
    return str_trim(buf_view(&out));
}


static bool
has_integration(const struct editor *e, const char *type)
{
    for (size_t i = 0; i < e->nintegrations; i++) {
        if (str_is(e->integrations[i].type, type)) {
            return true;
        }
    }
    return false;
}


static void
fill_choices(const struct editor *e)
{
    const struct action *all[ACTIONS_MAX];
    size_t n = action_all(all, ACTIONS_MAX);

    for (size_t i = 0; i < conditions_count; i++) {
        struct data *row;

        if (conditions[i].hidden) {
            continue;
        }
        row = data_row(data_child(e->rs->data, conditions[i].filter
                                                   ? "AddFilters"
                                                   : "AddConditions"));

        data_text(row, "id", conditions[i].id);
        data_str(row, "words", bare(e->rq->a, tr(conditions[i].words)));
    }
    for (size_t i = 0; i < n; i++) {
        bool outside = str_starts(str_of(all[i]->id), STR(ACTION_INTEGRATION));
        struct data *row;

        if ((outside && !has_integration(e, all[i]->channel))
            || (e->rule.metric && all[i]->channel == NULL)) {
            continue;
        }
        row = data_row(data_child(e->rs->data, "AddActions"));
        data_text(row, "id", all[i]->id);
        data_str(row, "words", bare(e->rq->a, tr(all[i]->words)));
    }
}


static bool
has_project(const struct alert_rule *r, int64_t id)
{
    for (size_t i = 0; i < r->nprojects; i++) {
        if (r->projects[i] == id) {
            return true;
        }
    }
    return false;
}


static void
fill_scope(const struct editor *e)
{
    struct data *rule = data_child(e->rs->data, "Rule");
    struct data *owner = data_child(e->rs->data, "Owner");
    struct buf names = buf_in(e->rq->a);
    bool team = e->rule.owner_team != 0;
    struct str now = str_printf(
        e->rq->a, team ? "team:%lld" : "user:%lld",
        (long long) (team ? e->rule.owner_team : e->rule.owner_account));

    for (size_t i = 0; i < e->nprojects; i++) {
        struct data *row = data_row(data_child(e->rs->data, "Projects"));

        data_str(row, "slug", e->projects[i].slug);
        data_bool(row, "chosen", has_project(&e->rule, e->projects[i].id));
    }
    for (size_t i = 0; i < e->rule.nenvironments; i++) {
        buf_text(&names, i > 0 ? ", " : "");
        buf_str(&names, e->rule.environments[i]);
    }
    data_bool(rule, "all_projects", e->rule.all_projects);
    data_str(rule, "environments", buf_view(&names));
    fill_people(e, owner, "user:", now);
    fill_teams(e, owner, "team:", now);
}


static void
fill_rule(const struct editor *e)
{
    static const struct {
        int minutes;
        const char *words;
    } intervals[] = { { 0, N_("every time") },  { 5, N_("5 minutes") },
                      { 10, N_("10 minutes") }, { 30, N_("30 minutes") },
                      { 60, N_("1 hour") },     { 180, N_("3 hours") },
                      { 720, N_("12 hours") },  { 1440, N_("1 day") },
                      { 10080, N_("1 week") },  { 43200, N_("30 days") } };
    struct data *rule = data_child(e->rs->data, "Rule");
    const struct json *cap = json_get(e->data, "cap");
    const struct json *quiet = json_get(e->data, "quiet");
    int64_t n = 0;

    data_i64(rule, "id", e->rule.id);
    data_str(rule, "name", e->rule.name);
    data_bool(rule, "metric", e->rule.metric);
    data_bool(rule, "on", e->rule.on);
    data_str(rule, "actionMatch", json_text_of(e->data, "actionMatch"));
    for (size_t i = 0; i < sizeof(intervals) / sizeof(intervals[0]); i++) {
        struct data *row = data_row(data_child(e->rs->data, "Intervals"));

        data_i64(row, "id", intervals[i].minutes);
        data_tr(row, "words", intervals[i].words);
        data_bool(row, "chosen", e->rule.frequency == intervals[i].minutes);
    }
    if (json_i64(json_get(cap, "count"), &n)) {
        data_i64(rule, "cap_count", n);
    }
    n = 60;
    json_i64(json_get(cap, "minutes"), &n);
    data_i64(rule, "cap_minutes", n);
    if (json_i64(json_get(json_get(e->data, "escalate"), "minutes"), &n)) {
        data_i64(rule, "escalate", n);
    }
    data_str(rule, "quiet_from", json_text_of(quiet, "from"));
    data_str(rule, "quiet_to", json_text_of(quiet, "to"));
    data_str(rule, "quiet_days", json_text_of(quiet, "days"));
    data_str(rule, "quiet_zone", json_text_of(quiet, "zone"));
    if (e->rule.metric) {
        for (const struct alert_field *f = metric_fields; f->name; f++) {
            fill_field(e, data_row(data_child(e->rs->data, "Metric")), f,
                       e->data, &(struct look){ .offered = 0 });
        }
    }
}


void
editor_draw(const struct editor *e)
{
    fill_rule(e);
    fill_scope(e);
    fill_part(e, e->data, "", 'c', data_child(e->rs->data, "Conditions"));
    fill_blocks(e);
    fill_part(e, json_get(e->data, "escalate"), "e.", 'a',
              data_child(e->rs->data, "Second"));
    fill_choices(e);
}
