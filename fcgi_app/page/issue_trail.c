/*
 * Breadcrumbs: what happened before, oldest first, and the event itself last.
 */

#include "page/issue.h"

#include "util/buf.h"
#include "util/timeutil.h"
#include "util/zone.h"

#define SHOWN 25 /* the newest; the rest on request */
#define CATEGORIES_MAX 30
#define TEXT_MAX 100 /* bytes */

static const struct {
    const char *start; /* of the type or the category */
    const char *icon;
} icons[] = {
    { "navigation", "nav" },  { "http", "http" },
    { "fetch", "http" },      { "xhr", "http" },
    { "httplib", "http" },    { "query", "db" },
    { "db", "db" },           { "sql", "db" },
    { "redis", "db" },        { "ui", "click" },
    { "user", "user" },       { "console", "term" },
    { "log", "term" },        { "subprocess", "term" },
    { "error", "bug" },       { "exception", "bug" },
    { "session", "refresh" }, { "transaction", "traces" },
};


static const char *
icon_of(struct str type, struct str category)
{
    for (size_t i = 0; i < sizeof(icons) / sizeof(icons[0]); i++) {
        if (str_starts(category, str_of(icons[i].start))
            || str_starts(type, str_of(icons[i].start))) {
            return icons[i].icon;
        }
    }
    return "term";
}


/* "09:11:17.204" */
static void
wall_clock(struct arena *a, struct data *d, int64_t us)
{
    struct tm tm = zone_parts(us);

    if (us <= 0) {
        return;
    }
    data_str(d, "clock",
             str_printf(a, "%02d:%02d:%02d.%03d", tm.tm_hour, tm.tm_min,
                        tm.tm_sec, (int) (us / 1000 % 1000)));
    data_time(d, "at", us);
}


/* "GET https://… → 200" */
static struct str
http(struct arena *a, const struct json *data)
{
    struct str method = json_text_of(data, "method");
    struct str url = json_text_of(data, "url");
    struct str status = issue_line(a, json_get(data, "status_code"));
    struct buf b = buf_in(a);

    if (url.n == 0) {
        return STR_NULL;
    }
    if (method.n > 0) {
        buf_str(&b, method);
        buf_char(&b, ' ');
    }
    buf_str(&b, url);
    if (status.n > 0) {
        buf_text(&b, " → ");
        buf_str(&b, status);
    }
    return buf_view(&b);
}


/* "/cart/ → /checkout/" */
static struct str
navigation(struct arena *a, const struct json *data)
{
    struct str from = json_text_of(data, "from");
    struct str to = json_text_of(data, "to");
    struct buf b = buf_in(a);

    if (to.n == 0) {
        return STR_NULL;
    }
    if (from.n > 0) {
        buf_str(&b, from);
        buf_text(&b, " → ");
    }
    buf_str(&b, to);
    return buf_view(&b);
}


struct str
issue_crumb_line(struct arena *a, const struct json *crumb)
{
    struct str line = json_text_of(crumb, "message");
    const struct json *data = json_get(crumb, "data");

    if (line.n == 0) {
        line = http(a, data);
    }
    return line.n == 0 ? navigation(a, data) : line;
}


/* What the line has said of data is not shown again. */
static bool
told(struct str key, bool request, bool moved)
{
    return (request
            && (str_is(key, "url") || str_is(key, "method")
                || str_is(key, "status_code")))
           || (moved && (str_is(key, "from") || str_is(key, "to")));
}


static void
details(struct arena *a, const struct json *crumb, const struct json *meta,
        struct data *d)
{
    const struct json *data = json_get(crumb, "data");
    struct str message = json_text_of(crumb, "message");
    const struct json *at = data != NULL ? data->first : NULL;
    const struct json *value;
    struct str key;
    bool request = false;
    bool moved = false;

    if (message.n > 0) {
        issue_value(a, data_child(d, "Message"), json_get(crumb, "message"),
                    issue_meta(meta, "message"));
    } else {
        data_str(d, "text", issue_crumb_line(a, crumb));
        request = json_text_of(data, "url").n > 0;
        moved = !request && json_text_of(data, "to").n > 0;
    }
    while (issue_pair(data, &at, &key, &value)) {
        struct data *row;

        if (told(key, request, moved)) {
            continue;
        }
        row = data_row(data_child(d, "Data"));
        data_str(row, "k", key);
        issue_value(a, row, value, json_get_str(issue_meta(meta, "data"), key));
    }
}


static struct str
category_of(const struct json *v)
{
    struct str category = json_text_of(v, "category");

    category = category.n > 0 ? category : json_text_of(v, "type");
    return category.n > 0 ? category : STR("default");
}


static struct str
level_of(const struct json *v)
{
    struct str level = json_text_of(v, "level");

    return str_is(level, "debug") || str_is(level, "warning")
                   || str_is(level, "error") || str_is(level, "fatal")
               ? level
               : STR("info");
}


/* error: when what this led to happened. */
static void
crumb(struct arena *a, const struct json *v, const struct json *meta,
      int64_t error, struct data *d)
{
    int64_t at = issue_time(json_get(v, "timestamp"));

    data_text(d, "icon",
              icon_of(json_text_of(v, "type"), json_text_of(v, "category")));
    data_str(d, "category", category_of(v));
    data_str(d, "level", level_of(v));
    details(a, v, meta, d);
    wall_clock(a, d, at);
    if (at > 0 && at <= error && error - at < US_PER_DAY) {
        data_i64(d, "before", error - at);
    }
}


/* The row at the end: what all this led to. */
static void
itself(const struct issue_event *ev, struct data *d)
{
    data_bool(d, "event", true);
    data_text(d, "icon", "bug");
    data_text(d, "category",
              json_get(ev->doc, "exception") != NULL ? "exception" : "event");
    data_text(d, "level", issue_level(ev->row->level));
    data_str(d, "text", ev->row->title);
    wall_clock(ev->a, d, ev->row->occurred_at);
}


const struct json *
issue_crumbs(const struct json *doc, const struct json **meta)
{
    const struct json *list = json_get(doc, "breadcrumbs");
    const struct json *about = json_get(json_get(doc, "_meta"), "breadcrumbs");
    bool bare = json_is(list, JSON_T_ARRAY);

    list = bare ? list : json_get(list, "values");
    if (meta != NULL) {
        *meta = bare ? about : json_get(about, "values");
    }
    return json_is(list, JSON_T_ARRAY) && list->n > 0 ? list : NULL;
}


/* What is asked for: ?cat=, ?lv= and ?has=. */
struct wanted {
    struct str category;
    struct str level;
    struct str text;
};


/* Whether its line or any value of it has the text, in any case of letters. */
static bool
has_text(struct arena *a, const struct json *v, struct str text)
{
    const struct json *data = json_get(v, "data");
    const struct json *at = data != NULL ? data->first : NULL;
    const struct json *value;
    struct str key;

    if (str_ifind(issue_crumb_line(a, v), text) >= 0) {
        return true;
    }
    while (issue_pair(data, &at, &key, &value)) {
        if (str_ifind(issue_line(a, value), text) >= 0) {
            return true;
        }
    }
    return false;
}


static bool
passes(struct arena *a, const struct json *v, const struct wanted *w)
{
    return (w->category.n == 0 || str_eq(category_of(v), w->category))
           && (w->level.n == 0 || str_eq(level_of(v), w->level))
           && (w->text.n == 0 || has_text(a, v, w->text));
}


/* The menus: what there is to choose from, in the order in which it came. */
static void
menus(const struct json *values, const struct wanted *w, struct data *trail)
{
    static const char *const levels[] = { "debug", "info", "warning", "error",
                                          "fatal" };
    struct str seen[CATEGORIES_MAX];
    bool there[5] = { false };
    size_t n = 0;

    json_each(v, values)
    {
        struct str category = category_of(v);
        bool known = false;

        for (size_t i = 0; i < n; i++) {
            known = known || str_eq(seen[i], category);
        }
        if (!known && n < CATEGORIES_MAX) {
            seen[n++] = category;
        }
        for (size_t i = 0; i < 5; i++) {
            there[i] = there[i] || str_is(level_of(v), levels[i]);
        }
    }
    for (size_t i = 0; i < n; i++) {
        struct data *row = data_row(data_child(trail, "Category"));

        data_str(row, "name", seen[i]);
        data_bool(row, "current", str_eq(seen[i], w->category));
    }
    for (size_t i = 0; i < 5; i++) {
        if (there[i]) {
            struct data *row = data_row(data_child(trail, "Level"));

            data_text(row, "name", levels[i]);
            data_bool(row, "current", str_is(w->level, levels[i]));
        }
    }
    data_str(trail, "has", w->text);
}


void
issue_trail(struct request *rq, const struct issue_event *ev, struct data *d)
{
    static const char *const kept[] = { "range", "environment", "at" };
    bool all = str_is(request_arg(rq, "crumbs"), "all");
    const struct json *meta;
    const struct json *values = issue_crumbs(ev->doc, &meta);
    struct wanted wanted = { request_arg(rq, "cat"), request_arg(rq, "lv"),
                             str_cut(request_arg(rq, "has"), TEXT_MAX) };
    bool chosen =
        wanted.category.n > 0 || wanted.level.n > 0 || wanted.text.n > 0;
    struct data *trail;
    struct data *list;
    int64_t shown = 0;
    unsigned skip;
    unsigned i = 0;

    if (values == NULL) {
        return;
    }

    trail = data_child(d, "Trail");
    list = data_child(trail, "Crumb");
    skip = !all && !chosen && values->n > SHOWN ? values->n - SHOWN : 0;
    json_each(v, values)
    {
        if (i++ >= skip && passes(ev->a, v, &wanted)) {
            crumb(ev->a, v, issue_meta_at(meta, i - 1), ev->row->occurred_at,
                  data_row(list));
            shown++;
        }
    }
    itself(ev, data_row(list));
    menus(values, &wanted, trail);
    for (size_t k = 0; k < sizeof(kept) / sizeof(kept[0]); k++) {
        if (request_arg(rq, kept[k]).n > 0) {
            struct data *row = data_row(data_child(trail, "Kept"));

            data_text(row, "name", kept[k]);
            data_str(row, "value", request_arg(rq, kept[k]));
        }
    }
    data_i64(trail, "shown", shown);
    data_i64(trail, "total", (int64_t) values->n);
    data_bool(trail, "more", shown < (int64_t) values->n);
    data_bool(trail, "chosen", chosen);
    data_str(
        trail, "all",
        query_with(rq->a, &rq->args, "crumbs", chosen ? STR_NULL : STR("all")));
}
