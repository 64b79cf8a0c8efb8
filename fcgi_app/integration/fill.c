#include "integration/fill.h"

#include "integration/words.h"
#include "util/zone.h"


void
fill_add(struct fill_vars *vars, const char *name, struct str value)
{
    if (vars->n < FILL_VARS_MAX) {
        vars->v[vars->n++] =
            (struct fill_var){ name, str_null(value) ? STR("") : value, 0 };
    }
}


void
fill_add_time(struct arena *a, struct fill_vars *vars, const char *name,
              int64_t at)
{
    size_t before = vars->n;

    fill_add(vars, name, at != 0 ? words_time(a, at) : STR(""));
    if (vars->n > before) {
        vars->v[before].at = at;
    }
}


static struct str
number(struct arena *a, int64_t v)
{
    return str_printf(a, "%lld", (long long) v);
}


void
fill_notice(struct arena *a, const struct notice *n, struct fill_vars *out)
{
    out->n = 0;
    fill_add(out, "title", n->title);
    fill_add(out, "short_id", n->short_id);
    fill_add(out, "url", n->url);
    fill_add(out, "culprit", n->culprit);
    fill_add(out, "level", str_of(notice_level(n->level)));
    fill_add(out, "project", n->project);
    fill_add(out, "organization", n->organization);
    fill_add(out, "environment", n->environment);
    fill_add(out, "release", n->release);
    fill_add(out, "events", number(a, n->times_seen));
    fill_add(out, "users", number(a, n->users_seen));
    fill_add_time(a, out, "first_seen", n->first_seen);
    fill_add_time(a, out, "last_seen", n->last_seen);
    fill_add(out, "assignee", n->assignee);
    fill_add(out, "why", words_why(a, n));
    fill_add(out, "rules", words_rules(a, n));
    fill_add(out, "kind", words_kind(a, n));
    fill_add(out, "text", n->text);
    fill_add(out, "event_id", n->event_id);
    fill_add(out, "issue_id", number(a, n->issue_id));
    fill_add(out, "cause", n->cause);
    fill_add(out, "action", n->action);
}


struct str
fill_names(struct arena *a, const struct fill_vars *vars)
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < vars->n; i++) {
        buf_addf(&b, "%s{%s}", i > 0 ? ", " : "", vars->v[i].name);
    }
    return buf_view(&b);
}


static const struct fill_var *
find(const struct fill_vars *vars, struct str name)
{
    for (size_t i = 0; i < vars->n; i++) {
        if (str_is(name, vars->v[i].name)) {
            return &vars->v[i];
        }
    }
    return NULL;
}


/* What stands for "name" or "name:zone"; the null str: nothing does. */
static struct str
value_of(struct arena *a, const struct fill_vars *vars, struct str inside)
{
    ptrdiff_t colon = str_chr(inside, ':');
    const struct fill_var *var =
        find(vars, colon < 0 ? inside : str_sub(inside, 0, (size_t) colon));
    struct str zone;

    if (var == NULL || colon < 0) {
        return var != NULL ? var->value : STR_NULL;
    }
    zone = str_sub(inside, (size_t) colon + 1, inside.n);
    return var->at != 0 && zone_known(zone) ? zone_moment_of(a, zone, var->at)
                                            : STR_NULL;
}


struct str
fill(struct arena *a, struct str text, const struct fill_vars *vars,
     struct str (*escape)(struct arena *a, struct str s))
{
    struct buf out = buf_in(a);

    for (size_t i = 0; i < text.n; i++) {
        struct str rest = str_sub(text, i + 1, text.n);
        ptrdiff_t end = text.p[i] == '{' ? str_chr(rest, '}') : -1;
        struct str value =
            end > 0 ? value_of(a, vars, str_sub(rest, 0, (size_t) end))
                    : STR_NULL;

        if (str_null(value)) {
            buf_char(&out, text.p[i]);
            continue;
        }
        buf_str(&out, escape != NULL ? escape(a, value) : value);
        i += (size_t) end + 1;
    }
    return buf_view(&out);
}


struct str
fill_json(struct arena *a, struct str s)
{
    struct buf b = buf_in(a);

    json_write_str(&b, s);
    return str_sub(buf_view(&b), 1, b.n - 1);
}
