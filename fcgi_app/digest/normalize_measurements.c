/*
 * What a transaction has measured: name → {value, unit} (protocol.md §8.6).
 */

#include "digest/normalize.h"


/* In lower case and without blanks; false: it is none. */
static bool
name(struct arena *a, struct str *s)
{
    *s = str_lower(a, str_trim(*s));
    for (size_t i = 0; i < s->n; i++) {
        char c = s->p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'
              || c == '.' || c == '-')) {
            return false;
        }
    }
    return s->n > 0;
}


static void
measurement(struct norm *n, struct json *v, const struct at *at)
{
    struct json *value = json_get(v, "value");
    struct at here = { at, STR("value"), 0 };
    double number;

    if (!json_is(v, JSON_T_OBJECT)) {
        note_invalid(n, at, v, "expected a measurement");

    } else if (value != NULL && value->type != JSON_T_NULL
               && !json_double(value, &number)) {
        note_invalid(n, &here, value, "expected a number");
    }
}


void
rule_measurements(struct norm *n, const struct field *f, struct json *v,
                  const struct at *at)
{
    struct json *e, *next;

    rule_bag_object(n, f, v, at);
    if (v->type != JSON_T_OBJECT) {
        return;
    }
    for (e = node_take_all(v); e != NULL; e = next) {
        struct at here = { at, e->key, 0 };

        next = e->next;
        e->next = NULL;
        if (name(n->a, &e->key) && json_get_str(v, e->key) == NULL) {
            here.key = e->key;
            measurement(n, e, &here);
            node_link(v, e);

        } else {
            note_error(n, &here, "invalid_data", "not a name of its own");
        }
    }
}
