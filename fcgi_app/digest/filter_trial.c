#include "digest/filter_trial.h"

#define CHOICES_MAX 32


static void
add_probe(struct arena *a, struct filter_trial *t, const struct filter *f,
          const struct filter_choice *choice, struct str value)
{
    struct filter_probe *p = &t->probes[t->n++];
    struct str bad;

    *p = (struct filter_probe){ .filter = f, .choice = choice };
    /* of lines that cannot be understood the others are tried */
    (void) filter_read(a, f, value, &p->setting, &bad);
    p->unkept = f->unkept;
    p->possible = p->setting.on && !p->unkept;
}


struct filter_trial
filter_trial_new(struct arena *a, const struct str *values)
{
    struct filter_trial t = {
        .probes = arena_array(a, filter_count * CHOICES_MAX, sizeof(*t.probes)),
    };

    for (size_t i = 0; i < filter_count; i++) {
        const struct filter *f = &filter_rows[i];

        switch (f->kind) {
        case FILTER_SWITCH:
            add_probe(a, &t, f, NULL, STR("on"));
            break;
        case FILTER_LINES:
            add_probe(a, &t, f, NULL, values[i]);
            break;
        case FILTER_CHOICES:
            for (size_t k = 0; k < CHOICES_MAX && f->choices[k].id != NULL;
                 k++) {
                add_probe(a, &t, f, &f->choices[k], str_of(f->choices[k].id));
            }
            break;
        }
    }
    return t;
}


void
filter_trial_add(struct filter_trial *t, struct json *doc, double events)
{
    const struct event ev = { .doc = doc };

    for (size_t i = 0; i < t->n; i++) {
        struct filter_probe *p = &t->probes[i];

        if (p->possible && p->filter->matches(&ev, &p->setting)) {
            p->events += events;
        }
    }
}
