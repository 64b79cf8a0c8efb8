/*
 * Contexts: what the event ran on (protocol.md §7.7).
 */

#include "digest/normalize.h"

#define CONTEXTS_MAX 100

/* What people write: so many characters, of up to four bytes. */
#define FEEDBACK_MESSAGE 4096
#define FEEDBACK_BYTES 24576


/* Its message is the whole of it, in whatever language. */
static void
feedback_begin(struct norm *n, struct json *feedback, const struct at *up)
{
    struct json *v = json_get(feedback, "message");
    struct at at = { up, STR("message"), 0 };

    if (v != NULL) {
        text_limit(n, v, &at, FEEDBACK_MESSAGE, 0);
    }
}


void
rule_contexts(struct norm *n, const struct field *f, struct json *v,
              const struct at *at)
{
    struct json *e, *next;
    size_t left = f->max;
    unsigned was = v->n;

    if (v->type != JSON_T_OBJECT) {
        note_invalid(n, at, v, "expected an object");
        return;
    }
    for (e = node_take_all(v); e != NULL; e = next) {
        struct at here = { at, e->key, 0 };
        size_t one = f->allow, before;

        next = e->next;
        e->next = NULL;
        e->key = str_cut(e->key, 200);
        if (left <= e->key.n || v->n >= CONTEXTS_MAX) {
            note_length(n, at, was);
            break;
        }
        if (e->type == JSON_T_NULL || str_is(e->key, "reprocessing")) {
            continue;
        }
        if (e->type != JSON_T_OBJECT) {
            note_invalid(n, &here, e, "expected an object");
            node_link(v, e);
            continue;
        }

        if (str_is(e->key, "os") || str_is(e->key, "runtime")) {
            described_finish(n, e, str_is(e->key, "os"));

        } else if (str_is(e->key, "response")) {
            response_finish(n, e, &here);

        } else if (str_is(e->key, "feedback")) {
            feedback_begin(n, e, &here);
            one = FEEDBACK_BYTES;
        }
        before = one = one < left ? one : left;
        bag_limit(n, e, &here, &one, f->depth - 1);
        left -= before - one;
        if (json_text_of(e, "type").n == 0) {
            json_set(e, STR("type"), json_new_str(n->a, e->key));
        }
        node_link(v, e);
    }

    e = json_get(v, "trace");
    if (e != NULL && json_is(e, JSON_T_OBJECT)
        && json_get(e, "status") == NULL) {
        json_set(e, STR("status"), json_new_str(n->a, STR("unknown")));
    }
    if (v->n == 0) {
        json_nullify(v);
    }
}
