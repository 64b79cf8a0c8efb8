/*
 * The grouping rules of a project, out of its settings.
 */

#include "digest/grouping.h"

#include "util/log.h"
#include "util/timeutil.h"

static const struct {
    const char *name;
    size_t offset;
} texts[] = {
    { GROUPING_STACK, offsetof(struct grouping_texts, stack) },
    { GROUPING_FINGERPRINT, offsetof(struct grouping_texts, fingerprint) },
    { GROUPING_EARLIER_STACK, offsetof(struct grouping_texts, earlier_stack) },
    { GROUPING_EARLIER_FINGERPRINT,
      offsetof(struct grouping_texts, earlier_fingerprint) },
    { GROUPING_UNTIL, offsetof(struct grouping_texts, until) },
};


void
grouping_text_set(struct arena *a, struct grouping_texts *t, struct str name,
                  struct str value)
{
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (str_is(name, texts[i].name)) {
            *(struct str *) ((char *) t + texts[i].offset) = str_copy(a, value);
        }
    }
}


static struct grouping *
read_pair(struct arena *a, struct str stack, struct str fingerprint)
{
    struct grouping *g = arena_new_of(a, struct grouping);
    struct fingerprint_rules *prints;
    struct stack_rules *stacks;

    /* saved only when they can be read: what cannot was not saved by us */
    if (stack.n > 0) {
        if (stack_rules_parse(a, stack, &stacks, NULL) == ST_OK) {
            g->stack = stacks;

        } else {
            log_warning("a project's stack trace rules cannot be read");
        }
    }
    if (fingerprint.n > 0) {
        if (fingerprint_rules_parse(a, fingerprint, &prints, NULL) == ST_OK) {
            g->fingerprint = prints;

        } else {
            log_warning("a project's fingerprint rules cannot be read");
        }
    }
    return g;
}


const struct grouping *
grouping_read(struct arena *a, const struct grouping_texts *t, int64_t now)
{
    struct grouping *g;
    int64_t until;
    bool earlier = str_i64(t->until, &until) && until > now / US_PER_SECOND;

    if (t->stack.n == 0 && t->fingerprint.n == 0 && !earlier) {
        return NULL;
    }
    g = read_pair(a, t->stack, t->fingerprint);
    if (earlier) {
        g->before = read_pair(a, t->earlier_stack, t->earlier_fingerprint);
    }
    return g;
}
