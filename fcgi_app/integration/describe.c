#include "integration/describe.h"

#include "integration/fill.h"
#include "integration/words.h"
#include "util/conf.h"

#define TITLE_MAX 250
#define TEXT_MAX 20000
#define FRAMES_MAX 12
#define TAGS_SHOWN 20

/* ---- out of the event */

static struct json *
exceptions(const struct json *event)
{
    struct json *v = json_get(event, "exception");
    struct json *values = json_get(v, "values");

    return values != NULL ? values : v;
}


static bool
is_in_app(const struct json *frame)
{
    struct json *v = json_get(frame, "in_app");

    return v == NULL || json_yes(v);
}


static void
add_frame(struct buf *b, const struct json *frame)
{
    struct str file = json_text_of(frame, "filename"),
               function = json_text_of(frame, "function"),
               source = json_text_of(frame, "context_line");
    int64_t line;

    if (file.n == 0) {
        file = json_text_of(frame, "module");
    }
    buf_addf(b, "  %.*s", STR_FMT(str_cut(file, 200)));
    if (json_i64(json_get(frame, "lineno"), &line)) {
        buf_addf(b, ":%lld", (long long) line);
    }
    if (function.n > 0) {
        buf_addf(b, " in %.*s", STR_FMT(str_cut(function, 200)));
    }
    buf_char(b, '\n');
    if (source.n > 0) {
        buf_addf(b, "    %.*s\n", STR_FMT(str_cut(str_trim(source), 200)));
    }
}


/* The top frames, those of the application if there are any. */
static void
add_frames(struct buf *b, const struct json *frames)
{
    const struct json *list[FRAMES_MAX];
    size_t n = 0;
    bool own = false;

    json_each(frame, frames)
    {
        own = own || json_yes(json_get(frame, "in_app"));
    }
    json_each(frame, frames)
    {
        if (own && !is_in_app(frame)) {
            continue;
        }
        if (n == FRAMES_MAX) {
            memmove(list, list + 1, sizeof(list) - sizeof(list[0]));
            n--;
        }
        list[n++] = frame;
    }
    while (n > 0) {
        add_frame(b, list[--n]);
    }
}


static struct str
stack_of(struct arena *a, const struct json *event)
{
    struct json *values = exceptions(event);
    const struct json *last = values != NULL ? values->last : NULL;
    struct buf b = buf_in(a);

    if (last != NULL) {
        buf_addf(&b, "%.*s: %.*s\n",
                 STR_FMT(str_cut(json_text_of(last, "type"), 200)),
                 STR_FMT(str_cut(json_text_of(last, "value"), 800)));
        add_frames(&b, json_path(last, "stacktrace", "frames", NULL));
    } else {
        buf_str(&b, str_cut(json_text(json_path(event, "logentry", "formatted",
                                                NULL)),
                            800));
        add_frames(&b, json_path(event, "stacktrace", "frames", NULL));
    }
    return str_trim(buf_view(&b));
}


/* "- browser: Firefox 128" */
static struct str
tags_of(struct arena *a, const struct json *event)
{
    struct buf b = buf_in(a);
    int n = 0;

    json_each(tag, json_get(event, "tags"))
    {
        struct str key =
            json_is(tag, JSON_T_ARRAY) ? json_text(json_at(tag, 0)) : tag->key;
        struct str value = json_is(tag, JSON_T_ARRAY)
                               ? json_text(json_at(tag, 1))
                               : json_text(tag);

        if (key.n > 0 && value.n > 0 && n++ < TAGS_SHOWN) {
            buf_addf(&b, "- %.*s: %.*s\n", STR_FMT(words_line(a, key, 100)),
                     STR_FMT(words_line(a, value, 200)));
        }
    }
    return str_trim(buf_view(&b));
}


/* "GET https://shop.example/cart", without what stands behind "?". */
static struct str
request_of(struct arena *a, const struct json *event)
{
    struct json *request = json_get(event, "request");
    struct str url = json_text_of(request, "url"),
               method = json_text_of(request, "method");
    ptrdiff_t mark = str_chr(url, '?');

    if (url.n == 0) {
        return STR("");
    }
    url = mark == -1 ? url : str_sub(url, 0, (size_t) mark);
    return words_line(
        a, str_printf(a, "%.*s %.*s", STR_FMT(method), STR_FMT(url)), 300);
}


static bool
is_word(struct str s, size_t i)
{
    return i < s.n
           && (((unsigned char) s.p[i] & 0x80) != 0 || s.p[i] == '_'
               || (s.p[i] >= '0' && s.p[i] <= '9')
               || ((s.p[i] | 0x20) >= 'a' && (s.p[i] | 0x20) <= 'z'));
}


/*
 * What came with an event is text, whatever it looks like: it neither formats
 * the description nor calls anybody.  "@" that could is written as code: an
 * invisible character behind it would be copied along.
 */
static struct str
as_text(struct arena *a, struct str s)
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '@' && is_word(s, i + 1)
            && (i == 0 || !is_word(s, i - 1))) {
            buf_text(&b, "`@`");
            continue;
        }
        if (s.p[i] != '\0' && strchr("\\`*[]<>~", s.p[i]) != NULL) {
            buf_char(&b, '\\');
        }
        buf_char(&b, s.p[i]);
    }
    return buf_view(&b);
}


/* A fence is not ended from inside. */
static struct str
as_code(struct arena *a, struct str s)
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < s.n; i++) {
        buf_char(&b, s.p[i] == '`' ? '\'' : s.p[i]);
    }
    return buf_view(&b);
}


static void
escape_all(struct arena *a, struct fill_vars *vars)
{
    for (size_t i = 0; i < vars->n; i++) {
        struct fill_var *v = &vars->v[i];

        if (strcmp(v->name, "stack") == 0) {
            v->value = as_code(a, v->value);

        } else if (strcmp(v->name, "url") != 0) {
            v->value = as_text(a, v->value);
        }
    }
}


static void
fill_vars(struct arena *a, struct str organization, const struct issue *is,
          const struct json *event, struct str rules, struct fill_vars *vars)
{
    struct str message =
        json_text(json_path(event, "logentry", "formatted", NULL));

    vars->n = 0;
    fill_add(vars, "title", words_line(a, is->title, 500));
    fill_add(vars, "short_id", is->short_id);
    fill_add(vars, "url",
             str_printf(a, "%s/%.*s/issues/%.*s/",
                        conf_str(CONF_SYSTEM_URL_PREFIX), STR_FMT(organization),
                        STR_FMT(is->short_id)));
    fill_add(vars, "culprit", words_line(a, is->culprit, 300));
    fill_add(vars, "level", str_of(notice_level(is->level)));
    fill_add(vars, "project", is->project_slug);
    fill_add(vars, "organization", organization);
    fill_add(vars, "environment", json_text_of(event, "environment"));
    fill_add(vars, "release", json_text_of(event, "release"));
    fill_add(vars, "events", str_printf(a, "%lld", (long long) is->times_seen));
    fill_add(vars, "users", str_printf(a, "%lld", (long long) is->users_seen));
    fill_add_time(a, vars, "first_seen", is->first_seen);
    fill_add_time(a, vars, "last_seen", is->last_seen);
    fill_add(vars, "assignee", is->assignee);
    fill_add(vars, "message",
             message.n > 0 ? words_line(a, message, 800) : is->title);
    fill_add(vars, "request", request_of(a, event));
    fill_add(vars, "stack", stack_of(a, event));
    fill_add(vars, "tags", tags_of(a, event));
    fill_add(vars, "rules", rules);
}


/* An item whose value is not known says nothing: "- Release: ". */
static struct str
without_empty(struct arena *a, struct str text)
{
    struct buf b = buf_in(a);
    struct str line;

    while (str_split(&text, '\n', &line)) {
        struct str end = str_trim(line);

        if (str_starts(line, STR("- ")) && str_ends(end, STR(":"))) {
            continue;
        }
        buf_str(&b, line);
        buf_char(&b, '\n');
    }
    return str_trim(buf_view(&b));
}


/* Labels have no spaces anywhere: those become "-". */
static struct str
labels_of(struct arena *a, struct str text)
{
    struct buf b = buf_in(a);
    struct str part;

    while (str_split(&text, ',', &part)) {
        part = str_trim(part);
        if (part.n == 0) {
            continue;
        }
        buf_text(&b, b.n > 0 ? ", " : "");
        for (size_t i = 0; i < part.n; i++) {
            buf_char(&b, part.p[i] == ' ' ? '-' : part.p[i]);
        }
    }
    return buf_view(&b);
}


void
describe(struct arena *a, const struct integration *i, struct str organization,
         const struct issue *is, const struct json *event, struct str rules,
         struct tracker_draft *out)
{
    struct str title = integration_value(i, "title"),
               text = integration_value(i, "text");
    struct fill_vars vars;

    fill_vars(a, organization, is, event, rules, &vars);
    out->title = words_line(
        a,
        fill(a, title.n > 0 ? title : STR("[{short_id}] {title}"), &vars, NULL),
        TITLE_MAX);
    out->labels =
        labels_of(a, fill(a, integration_value(i, "labels"), &vars, NULL));
    escape_all(a, &vars);
    out->text = str_cut(
        without_empty(a, fill(a, text.n > 0 ? text : STR(TRACKER_DESCRIPTION),
                              &vars, NULL)),
        TEXT_MAX);
}
