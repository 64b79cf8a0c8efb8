/*
 * What is special about this issue: values of tags that its events have far
 * more often than those of the project's other issues, in one sentence.
 *
 * A value counts when even the least share that its count allows here is
 * clearly above the greatest that it can have elsewhere (util/share.h), so few
 * events and small projects say nothing rather than something that is chance.
 * All of it is from counters that the rail of the page reads anyway.
 */

#include "page/issue.h"

#include "util/share.h"

#define SPECIAL_MAX 3
#define GAP 0.1 /* between the two bounds, at least */

struct special {
    const struct issue_tag *tag;
    double gap;
};


/* What an issue is made of: its place in the code is no surprise. */
static bool
is_given(struct str key)
{
    static const char *const keys[] = { "level", "transaction", "url" };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (str_is(key, keys[i])) {
            return true;
        }
    }
    return false;
}


/* Of the issue; not all of them need to have the key. */
static int64_t
events_of(const struct issue *is, const struct issue_tag *tag)
{
    return is->times_seen > tag->total ? is->times_seen : tag->total;
}


static double
gap_of(const struct issue_tag *tag, const struct issue *is,
       const struct issue_tags *tags)
{
    if (tag->elsewhere < 0 || tags->elsewhere <= 0 || tag->value.n == 0
        || is_given(tag->key)) {
        return 0;
    }
    return share_least(tag->times_seen, events_of(is, tag))
           - share_most(tag->elsewhere, tags->elsewhere);
}


/* The clearest ones first; of equal ones the earlier key. */
static size_t
choose(const struct issue *is, const struct issue_tags *tags,
       struct special out[SPECIAL_MAX])
{
    size_t n = 0;

    for (int i = 0; i < tags->n; i++) {
        struct special it = { &tags->v[i], gap_of(&tags->v[i], is, tags) };
        size_t at = n;

        if (it.gap < GAP) {
            continue;
        }
        while (at > 0 && out[at - 1].gap < it.gap) {
            at--;
        }
        if (at == SPECIAL_MAX) {
            continue;
        }
        n += n < SPECIAL_MAX;
        for (size_t j = n - 1; j > at; j--) {
            out[j] = out[j - 1];
        }
        out[at] = it;
    }
    return n;
}


void
issue_special(const struct issue_event *ev, const struct issue_tags *tags,
              struct data *d)
{
    struct special found[SPECIAL_MAX];
    size_t n = choose(ev->issue, tags, found);

    if (n == 0) {
        return;
    }
    d = data_child(d, "Special");
    data_i64(d, "n", (int64_t) n);
    data_i64(d, "others", tags->elsewhere);
    data_time(d, "since", tags->since);
    data_text(d, "sure", SHARE_SURE);
    for (size_t i = 0; i < n; i++) {
        const struct issue_tag *tag = found[i].tag;
        struct data *row = data_row(data_child(d, "Value"));

        data_str(row, "k", tag->key);
        data_str(row, "v", tag->value);
        data_str(row, "link", issue_tag_link(ev, tag->key, tag->value));
        data_i64(row, "here",
                 issue_percent(tag->times_seen, events_of(ev->issue, tag)));
        data_i64(row, "there", issue_percent(tag->elsewhere, tags->elsewhere));
    }
}
