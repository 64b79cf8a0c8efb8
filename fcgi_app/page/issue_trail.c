/*
 * Breadcrumbs: what happened before, oldest first, and the event itself last.
 */

#include "page/issue.h"

#include "util/buf.h"
#include "util/zone.h"

#define SHOWN 25 /* the newest; the rest on request */

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


static void
crumb(struct arena *a, const struct json *v, const struct json *meta,
      struct data *d)
{
    struct str type = json_text_of(v, "type");
    struct str category = json_text_of(v, "category");
    struct str level = json_text_of(v, "level");

    data_text(d, "icon", icon_of(type, category));
    data_str(d, "category",
             category.n > 0 ? category
             : type.n > 0   ? type
                            : STR("default"));
    data_str(d, "level",
             str_is(level, "debug") || str_is(level, "warning")
                     || str_is(level, "error") || str_is(level, "fatal")
                 ? level
                 : STR("info"));
    details(a, v, meta, d);
    wall_clock(a, d, issue_time(json_get(v, "timestamp")));
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


void
issue_trail(const struct issue_event *ev, struct data *d, bool all)
{
    const struct json *meta;
    const struct json *values = issue_crumbs(ev->doc, &meta);
    struct data *trail;
    struct data *list;
    unsigned skip;
    unsigned i = 0;

    if (values == NULL) {
        return;
    }

    trail = data_child(d, "Trail");
    list = data_child(trail, "Crumb");
    skip = !all && values->n > SHOWN ? values->n - SHOWN : 0;
    json_each(v, values)
    {
        if (i++ >= skip) {
            crumb(ev->a, v, issue_meta_at(meta, i - 1), data_row(list));
        }
    }
    itself(ev, data_row(list));
    data_i64(trail, "shown", (int64_t) (values->n - skip));
    data_i64(trail, "total", (int64_t) values->n);
    data_bool(trail, "more", skip > 0);
}
