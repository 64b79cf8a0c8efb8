/*
 * The columns of an event, read out of the normalised payload.
 */

#include "digest/facts.h"

#include "digest/stacks.h"

static const struct {
    const char *name;
    enum level level;
} levels[] = {
    { "error", LEVEL_ERROR }, { "warning", LEVEL_WARNING },
    { "info", LEVEL_INFO },   { "fatal", LEVEL_FATAL },
    { "debug", LEVEL_DEBUG },
};


static enum level
level(const struct event *ev)
{
    struct str s = json_text_of(ev->doc, "level");

    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        if (str_is(s, levels[i].name)) {
            return levels[i].level;
        }
    }
    return LEVEL_ERROR;
}


/* The trimmed text at key; the null str when there is none. */
static struct str
column(const struct event *ev, const char *key)
{
    struct str s = str_trim(json_text_of(ev->doc, key));

    return s.n > 0 ? s : STR_NULL;
}


struct str
first_line(struct str s)
{
    s = str_trim(s);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\n' || s.p[i] == '\r') {
            return str_trim(str_sub(s, 0, i));
        }
    }
    return s;
}


struct str
one_line(struct arena *a, struct str s)
{
    char *p = NULL;

    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char) s.p[i] < ' ' || s.p[i] == 0x7f) {
            if (p == NULL) {
                p = str_dup(a, s);
            }
            p[i] = ' ';
        }
    }
    return p != NULL ? str_make(p, s.n) : s;
}


void
event_facts(struct arena *a, struct event *ev)
{
    struct str transaction = column(ev, "transaction");
    struct str platform = column(ev, "platform");

    ev->level = level(ev);
    ev->platform = str_null(platform) ? STR("other") : platform;
    ev->release = column(ev, "release");
    ev->environment = column(ev, "environment");
    ev->transaction =
        str_null(transaction) ? transaction : one_line(a, transaction);
    ev->unhandled = false;
    for (unsigned i = 0; i < ev->stacks->n; i++) {
        ev->unhandled |= ev->stacks->exceptions[i].unhandled;
    }

    facts_title(a, ev);
    facts_tags(a, ev);
    facts_search(a, ev);
}
