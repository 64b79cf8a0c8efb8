#include "alert/condition.h"

#include "util/lang.h"
#include "util/zone.h"

#define DAY 86400

/* Names that older tools write. */
static const struct {
    const char *id;
    const char *now;
} aliases[] = {
    { "sentry.rules.conditions.event_attribute.EventAttributeCondition",
      "sentry.rules.filters.event_attribute.EventAttributeFilter" },
    { "sentry.rules.conditions.tagged_event.TaggedEventCondition",
      "sentry.rules.filters.tagged_event.TaggedEventFilter" },
    { "sentry.rules.conditions.level.LevelCondition",
      "sentry.rules.filters.level.LevelFilter" },
};


const struct condition *
condition_find(struct str id, bool filter)
{
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        if (str_is(id, aliases[i].id)) {
            id = str_of(aliases[i].now);
        }
    }
    for (size_t i = 0; i < conditions_count; i++) {
        if (conditions[i].filter == filter && str_is(id, conditions[i].id)) {
            return &conditions[i];
        }
    }
    return NULL;
}


/* fields */

struct str
alert_field_text(struct arena *a, const struct alert_field *field,
                 const struct json *json)
{
    const struct json *v = json_get(json, field->name);

    if (json_is(v, JSON_T_STRING) || json_is(v, JSON_T_NUMBER)) {
        return v->text;
    }
    if (json_is(v, JSON_T_BOOL)) {
        return json_yes(v) ? STR("1") : STR("0");
    }
    (void) a;
    return v == NULL || json_is(v, JSON_T_NULL) ? str_of(field->value)
                                                : STR_NULL;
}


static bool
is_clock(struct str s)
{
    int64_t h, m;

    return s.n == 5 && s.p[2] == ':' && str_i64(str_sub(s, 0, 2), &h)
           && str_i64(str_sub(s, 3, 5), &m) && h >= 0 && h < 24 && m >= 0
           && m < 60;
}


/* A fault of the field, in the language in use. */
static const char *
said(struct arena *a, const char *english, const struct alert_field *f,
     struct str value)
{
    return str_dup(a, lang_fill(a, english, FILL(str_of(tr(f->label)), value)));
}


/* "extra.plan.name" from "extra." */
static bool
goes_on(struct str text, struct str start)
{
    return text.n > start.n && str_starts(text, start)
           && !str_ends(text, STR("."));
}


/* NULL when the text is what the field takes. */
static const char *
fault_of(struct arena *a, const struct alert_field *f, struct str text)
{
    int64_t id;
    double v;

    if (text.n == 0) {
        return f->optional ? NULL : said(a, N_("{0} is needed."), f, STR_NULL);
    }
    if (text.n > ALERT_TEXT_MAX) {
        return said(a, N_("{0} is too long: 1,000 bytes at most."), f,
                    STR_NULL);
    }
    switch (f->kind) {
    case INPUT_TEXT:
        return NULL;

    case INPUT_NUMBER:
        if (str_double(text, &v) && v >= f->min && v <= f->max) {
            return NULL;
        }
        return str_dup(
            a, lang_fill(a, N_("{0} is a number from {1} to {2}."),
                         FILL(str_of(tr(f->label)),
                              lang_number(a, str_printf(a, "%.0f", f->min)),
                              lang_number(a, str_printf(a, "%.0f", f->max)))));

    case INPUT_CHOICE:
    case INPUT_PATH:
        for (const struct alert_choice *c = f->choices; c->id != NULL; c++) {
            if (f->kind == INPUT_PATH && str_ends(str_of(c->id), STR("."))
                    ? goes_on(text, str_of(c->id))
                    : str_is(text, c->id)) {
                return NULL;
            }
        }
        return said(a, N_("{0} cannot be \"{1}\"."), f, str_cut(text, 100));

    case INPUT_ACCOUNT:
    case INPUT_TEAM:
    case INPUT_INTEGRATION:
        return str_i64(text, &id) && id > 0
                   ? NULL
                   : said(a, N_("{0} has to be chosen."), f, STR_NULL);

    case INPUT_ZONE:
        return zone_known(text)
                   ? NULL
                   : said(a, N_("{0}: there is no time zone \"{1}\"."), f,
                          str_cut(text, 100));

    case INPUT_CLOCK:
        return is_clock(text)
                   ? NULL
                   : said(a, N_("{0} is a time like 09:00."), f, STR_NULL);
    }
    return NULL;
}


bool
alert_fields_check(struct arena *a, const struct alert_field *fields,
                   const struct json *json, const char **fault)
{
    for (const struct alert_field *f = fields;
         f < fields + ALERT_FIELDS_MAX && f->name != NULL; f++) {
        struct str text = alert_field_text(a, f, json);

        *fault = fault_of(a, f, text);
        if (*fault != NULL) {
            return false;
        }
    }
    return true;
}


/* "15m" in seconds; 0 when it is none. */
static int64_t
seconds_of(struct str s)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = { { 'm', 60 }, { 'h', 3600 }, { 'd', DAY }, { 'w', 7 * DAY } };
    int64_t n;

    if (s.n < 2 || !str_i64(str_sub(s, 0, s.n - 1), &n)) {
        return 0;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (s.p[s.n - 1] == units[i].unit) {
            return n * units[i].seconds;
        }
    }
    return 0;
}


static int
match_of(struct str s)
{
    static const char *const names[] = { "eq",  "ne",  "sw",  "nsw", "ew",
                                         "new", "co",  "nc",  "is",  "ns",
                                         "in",  "nin", "gte", "lte" };

    for (int i = 0; i < (int) (sizeof(names) / sizeof(names[0])); i++) {
        if (str_is(s, names[i])) {
            return i;
        }
    }
    return MATCH_EQ;
}


static struct str
field_named(struct arena *a, const struct condition *type,
            const struct json *json, const char *name)
{
    for (size_t i = 0; i < ALERT_FIELDS_MAX && type->fields[i].name; i++) {
        if (strcmp(type->fields[i].name, name) == 0) {
            return alert_field_text(a, &type->fields[i], json);
        }
    }
    return STR_NULL;
}


bool
condition_read(struct arena *a, const struct condition *type,
               const struct json *json, struct alert_node *out,
               const char **fault)
{
    struct str value;

    if (!alert_fields_check(a, type->fields, json, fault)) {
        return false;
    }
    value = field_named(a, type, json, "value");
    *out = (struct alert_node){
        .type = type,
        .json = json,
        .match = match_of(field_named(a, type, json, "match")),
        .key = str_lower(a, field_named(a, type, json, "key")),
        .value = str_lower(a, value),
        .window = seconds_of(field_named(a, type, json, "interval")),
    };
    if (!str_double(value, &out->number)) {
        out->number = 0;
    }
    if (str_is(field_named(a, type, json, "comparisonType"), "percent")) {
        out->compare =
            seconds_of(field_named(a, type, json, "comparisonInterval"));
    }
    if (type->test == filter_tag || type->test == filter_attribute) {
        if (value.n == 0 && out->match != MATCH_IS && out->match != MATCH_NS) {
            *fault = "A value to compare with is needed.";
            return false;
        }
    }
    return true;
}


/* words */

static struct str
shown(struct arena *a, const struct alert_field *field, const struct json *json)
{
    struct str text = alert_field_text(a, field, json);

    for (const struct alert_choice *c = field->choices;
         c != NULL && c->id != NULL; c++) {
        if (str_is(text, c->id)) {
            return lang_keep(a, c->words, NULL, 0);
        }
    }
    return text;
}


struct str
alert_sentence(struct arena *a, const char *words,
               const struct alert_field *fields, const struct json *json)
{
    struct str values[ALERT_FIELDS_MAX];
    size_t n = 0;

    for (; n < ALERT_FIELDS_MAX && fields[n].name != NULL; n++) {
        values[n] = lang_named(a, fields[n].name, shown(a, &fields[n], json));
    }
    return lang_keep(a, words, values, n);
}


struct str
condition_words(struct arena *a, const struct alert_node *n)
{
    return n->type->counts
               ? alert_count_words(a, n)
               : alert_sentence(a, n->type->words, n->type->fields, n->json);
}
