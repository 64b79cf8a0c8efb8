/*
 * Tags: the event's own as a tree in two columns, what is most worth knowing
 * of it in one row, and how the issue's events share out over values.
 */

#include "page/issue.h"

#include <stdlib.h>

#include "util/buf.h"
#include "util/lang.h"

#define TAGS_MAX 300
#define RAIL_KEYS_MAX 10
#define KEYS_MAX                                                               \
    24 /* looked at for what is special, with those of the rail                \
        */

struct tag {
    struct str key;
    struct str value;
};

struct tags {
    struct tag v[TAGS_MAX];
    size_t n;
};

/* Keys whose values say nothing of where an issue happens. */
static const char *const dull[] = { "handled", "mechanism", "logger",  "user",
                                    "dist",    "site",      "sdk.name" };


static int
by_key(const void *a, const void *b)
{
    return str_cmp(((const struct tag *) a)->key,
                   ((const struct tag *) b)->key);
}


static void
collect(const struct issue_event *ev, struct tags *out)
{
    const struct json *tags = json_get(ev->doc, "tags");
    const struct json *at = tags != NULL ? tags->first : NULL;
    const struct json *value;
    struct str key;

    out->n = 0;
    while (out->n < TAGS_MAX && issue_pair(tags, &at, &key, &value)) {
        out->v[out->n++] = (struct tag){ key, issue_line(ev->a, value) };
    }
    qsort(out->v, out->n, sizeof(struct tag), by_key);
}


static struct str
find_str(const struct tags *tags, struct str key)
{
    for (size_t i = 0; i < tags->n; i++) {
        if (str_eq(tags->v[i].key, key)) {
            return tags->v[i].value;
        }
    }
    return STR_NULL;
}


static struct str
find(const struct tags *tags, const char *key)
{
    return find_str(tags, str_of(key));
}


/* "browser" of "browser.name"; null without a dot. */
static struct str
parent(struct str key)
{
    ptrdiff_t dot = str_chr(key, '.');

    return dot > 0 ? str_sub(key, 0, (size_t) dot) : STR_NULL;
}


/*
 * A dotted key stands below its parent when that is a tag itself, or when it
 * has a sister there: shop.campaign alone stays as it is.
 */
static bool
below(const struct tags *tags, size_t i)
{
    struct str p = parent(tags->v[i].key);

    if (str_null(p)) {
        return false;
    }
    for (size_t j = 0; j < tags->n; j++) {
        if (j != i
            && (str_eq(tags->v[j].key, p)
                || str_eq(parent(tags->v[j].key), p))) {
            return true;
        }
    }
    return false;
}


void
issue_tag_tree(const struct issue_event *ev, struct data *d)
{
    struct tags tags;
    struct str last = STR_NULL; /* the parent shown above */
    struct data *column;
    size_t rows = 0;

    collect(ev, &tags);
    if (tags.n == 0) {
        return;
    }
    d = data_child(d, "Tags");
    data_i64(d, "n", (int64_t) tags.n);

    column = data_child(d, "Left");
    for (size_t i = 0; i < tags.n; i++) {
        const struct tag *tag = &tags.v[i];
        bool child = below(&tags, i);
        struct str p = child ? parent(tag->key) : tag->key;
        struct data *row;

        /* never part a parent from its children */
        if (rows >= (tags.n + 1) / 2 && !(child && str_eq(p, last))) {
            column = data_child(d, "Right");
        }
        if (child && !str_eq(p, last)) {
            data_str(data_row(column), "k", p);
            rows++;
        }
        last = p;
        row = data_row(column);
        data_bool(row, "sub", child);
        data_str(row, "k",
                 child ? str_sub(tag->key, p.n + 1, tag->key.n) : tag->key);
        data_str(row, "v", tag->value);
        data_str(row, "link", issue_tag_link(ev, tag->key, tag->value));
        rows++;
    }
}


/* Highlights */

static void
highlight(struct data *list, const char *title, struct str value,
          struct str link, bool mono)
{
    struct data *row;

    if (value.n == 0) {
        return;
    }
    row = data_row(list);
    data_tr(row, "k", title);
    data_str(row, "v", value);
    data_str(row, "link", link);
    data_bool(row, "mono", mono);
}


static void
tag_highlight(const struct issue_event *ev, const struct tags *tags,
              struct data *list, const char *title, const char *key, bool mono)
{
    struct str value = find(tags, key);

    if (value.n > 0) {
        highlight(list, title, value, issue_tag_link(ev, str_of(key), value),
                  mono);
    }
}


/* "maria@example.ru" of "email:maria@example.ru" */
static struct str
user_name(struct str tag)
{
    ptrdiff_t colon = str_chr(tag, ':');

    return colon >= 0 ? str_sub(tag, (size_t) colon + 1, tag.n) : tag;
}


static struct str
user_of(const struct issue_event *ev)
{
    const struct json *user = json_get(ev->doc, "user");
    struct str s = json_text_of(user, "email");

    s = s.n > 0 ? s : json_text_of(user, "username");
    return s.n > 0 ? s : user_name(ev->row->user_tag);
}


void
issue_highlights(const struct issue_event *ev, struct data *d)
{
    struct data *list = data_child(d, "Highlight");
    struct str release = ev->row->release;
    struct str trace = json_text(
        json_get(json_get(json_get(ev->doc, "contexts"), "trace"), "trace_id"));
    struct tags tags;
    struct data *row;

    collect(ev, &tags);
    if (find(&tags, "handled").n > 0) {
        row = data_row(list);
        data_tr(row, "k", N_("Handled"));
        data_str(row, "v", find(&tags, "handled"));
        data_bool(row, "bad", str_is(find(&tags, "handled"), "no"));
    }
    row = data_row(list);
    data_tr(row, "k", N_("Level"));
    data_text(row, "level", issue_level(ev->row->level));

    tag_highlight(ev, &tags, list, "Environment", "environment", false);
    if (release.n > 0) {
        highlight(list, "Release", issue_release(release),
                  issue_tag_link(ev, STR("release"), release), false);
    }
    tag_highlight(ev, &tags, list, "Server", "server_name", true);
    highlight(list, N_("User"), user_of(ev), STR_NULL, false);
    tag_highlight(ev, &tags, list, "Browser", "browser", false);
    tag_highlight(ev, &tags, list, "OS", "os", false);
    tag_highlight(ev, &tags, list, "Runtime", "runtime", false);
    tag_highlight(ev, &tags, list, "Logger", "logger", true);
    tag_highlight(ev, &tags, list, N_("Transaction"), "transaction", true);
    if (trace.n > 0) {
        highlight(list, N_("Trace"), str_cut(trace, 8), STR_NULL, true);
    }
}


/* Distribution */

static const char *const rail_keys[] = {
    "environment", "release",     "browser", "geo.country_code",
    "url",         "transaction", "os",      "device",
    "server_name", "runtime",     "level"
};


static bool
is_dull(struct str key)
{
    for (size_t i = 0; i < sizeof(dull) / sizeof(dull[0]); i++) {
        if (str_is(key, dull[i])) {
            return true;
        }
    }
    return false;
}


static bool
among(struct str key, const struct str *keys, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(key, keys[i])) {
            return true;
        }
    }
    return false;
}


/* The environment, by which the page can be narrowed; the usual keys that this
 * event has, then its own ones. */
static size_t
choose(const struct tags *tags, struct str out[RAIL_KEYS_MAX])
{
    size_t n = 0;

    for (size_t i = 0;
         i < sizeof(rail_keys) / sizeof(rail_keys[0]) && n < RAIL_KEYS_MAX;
         i++) {
        if (i == 0 || find(tags, rail_keys[i]).n > 0) {
            out[n++] = str_of(rail_keys[i]);
        }
    }
    for (size_t i = 0; i < tags->n && n < RAIL_KEYS_MAX; i++) {
        struct str key = tags->v[i].key;

        if (!below(tags, i) && !is_dull(key) && !among(key, out, n)) {
            out[n++] = key;
        }
    }
    return n;
}


/* What stands below a tag is a part of its value. */
static size_t
choose_more(const struct tags *tags, struct str out[KEYS_MAX], size_t n)
{
    for (size_t i = 0; i < tags->n && n < KEYS_MAX; i++) {
        struct str key = tags->v[i].key;
        struct str above = parent(key);

        if (!is_dull(key) && !among(key, out, n)
            && (str_null(above) || str_null(find_str(tags, above)))) {
            out[n++] = key;
        }
    }
    return n;
}


int64_t
issue_percent(int64_t part, int64_t whole)
{
    int64_t p = whole > 0 ? (part * 200 + whole) / (2 * whole) : 0;

    if (p == 100 && part < whole) {
        return 99;
    }
    return p == 0 && part > 0 ? 1 : p;
}


#define RAIL_WIDTH 20 /* bytes that it shows for certain */

static void
show_rail(const struct issue_event *ev, const struct issue_tags *tags,
          size_t nkeys, struct data *list)
{
    struct data *group = NULL;
    int64_t left = 0; /* of the group, in per cent */
    int64_t rest = 0; /* and in events */

    for (int i = 0; i < tags->n && tags->v[i].place < nkeys; i++) {
        const struct issue_tag *tag = &tags->v[i];
        bool first = i == 0 || tag[-1].place != tag->place;
        bool last = i + 1 == tags->n || tag[1].place != tag->place;
        int64_t share = issue_percent(tag->times_seen, tag->total);
        struct data *row;

        if (first) {
            group = data_row(list);
            if (str_is(tag->key, "geo.country_code")) {
                data_tr(group, "key", N_("country"));
            } else {
                data_str(group, "key", tag->key);
            }
            data_str(group, "all",
                     str_printf(ev->a, "%.*s%.*s/tags/#tag-%.*s",
                                STR_FMT(ev->stream),
                                STR_FMT(ev->issue->short_id),
                                STR_FMT(url_encode(ev->a, tag->key))));
            left = 100;
            rest = tag->total;
        }
        row = data_row(data_child(group, "Value"));
        data_str(row, "full", tag->value);
        data_bool(row, "long",
                  tag->value.n > RAIL_WIDTH || str_is(tag->key, "release"));
        data_str(row, "v",
                 str_is(tag->key, "release")
                     ? issue_release(tag->value)
                     : issue_tag_name(tag->key, tag->value));
        data_i64(row, "percent", share);
        data_i64(row, "n", tag->times_seen);
        data_str(row, "link", issue_tag_link(ev, tag->key, tag->value));
        left -= share;
        rest -= tag->times_seen;
        if (last && rest > 0) {
            data_i64(group, "other", left > 0 ? left : 1);
            data_i64(group, "other_n", rest);
        }
    }
}


enum status
issue_distribution(struct request *rq, const struct issue_event *ev,
                   struct data *d)
{
    struct str keys[KEYS_MAX];
    struct issue_tags values;
    struct tags tags;
    enum status st;
    size_t nrail, n;

    collect(ev, &tags);
    nrail = choose(&tags, keys);
    n = choose_more(&tags, keys, nrail);
    st = issue_tags(rq->db, rq->a, ev->issue, keys, n, rq->now, &values);
    if (st == ST_OK) {
        show_rail(ev, &values, nrail, data_child(d, "Dist"));
        issue_special(ev, &values, d);
    }
    return st;
}
