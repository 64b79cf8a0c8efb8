/*
 * What a project has set about scrubbing, from texts.
 */

#include "digest/scrub.h"


/* Lines, in lower case; at most max. */
static size_t
read_names(struct arena *a, struct str text, const struct str **out)
{
    struct str *names = arena_array(a, SCRUB_NAMES_MAX, sizeof(struct str));
    struct str line;
    size_t n = 0;

    while (n < SCRUB_NAMES_MAX && str_split(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.n > 0) {
            names[n++] = str_lower(a, line);
        }
    }
    *out = names;
    return n;
}


static size_t
read_rules(struct arena *a, struct str text, const struct scrub_rule ***out)
{
    const struct scrub_rule **rules =
        arena_array(a, SCRUB_RULES_MAX, sizeof(*rules));
    struct scrub_names *names = scrub_names_new(a);
    struct str line;
    size_t n = 0;

    while (n < SCRUB_RULES_MAX && str_split(&text, '\n', &line)) {
        const char *why;

        line = str_trim(line);
        if (line.n > 0
            && (rules[n] = scrub_rule_parse(a, names, line, &why)) != NULL) {
            n++;
        }
    }
    *out = rules;
    return n;
}


void
scrub_setting(struct arena *a, struct scrub_settings *s, struct str name,
              struct str value)
{
    if (str_is(name, SCRUB_SETTING_ON)) {
        s->off = str_is(value, "off");

    } else if (str_is(name, SCRUB_SETTING_DEFAULTS)) {
        s->no_defaults = str_is(value, "off");

    } else if (str_is(name, SCRUB_SETTING_IP)) {
        s->ip = str_is(value, "drop")      ? SCRUB_IP_DROP
                : str_is(value, "network") ? SCRUB_IP_NETWORK
                                           : SCRUB_IP_KEEP;

    } else if (str_is(name, SCRUB_SETTING_SENSITIVE)) {
        s->nsensitive = read_names(a, value, &s->sensitive);

    } else if (str_is(name, SCRUB_SETTING_SAFE)) {
        s->nsafe = read_names(a, value, &s->safe);

    } else if (str_is(name, SCRUB_SETTING_RULES)) {
        s->nrules = read_rules(a, value, &s->rules);

    } else if (str_is(name, SCRUB_SETTING_REFUSED)) {
        s->no_refused = str_is(value, "off");
    }
}
