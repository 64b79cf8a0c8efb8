/* What surrounded the event: its user, contexts, extra data and software. */

#include "page/issue.h"

#include <string.h>

#include "model/issue_search.h"
#include "model/version.h"
#include "util/buf.h"
#include "util/lang.h"


/* What else came from the user: issues of any project, events of this one. */
static void
whereabouts(const struct issue_event *ev, struct data *d)
{
    struct str user = ev->row->user_tag, term, stream = ev->stream;

    if (user.n == 0) {
        return;
    }
    term = url_encode(ev->a, issue_tag_term(ev->a, STR("user"), user));
    data_str(d, "issues",
             str_printf(ev->a, "%.*s?q=%.*s", STR_FMT(stream), STR_FMT(term)));
    data_str(
        d, "events",
        str_printf(ev->a, "%.*sexplore/?range=30d&project=%.*s&q=%.*s",
                   STR_FMT(str_sub(stream, 0, stream.n - strlen("issues/"))),
                   STR_FMT(ev->issue->project_slug), STR_FMT(term)));
}


void
issue_user(const struct issue_event *ev, struct data *d)
{
    static const struct {
        const char *key;
        const char *title;
    } rows[] = {
        { "email", N_("Email") },       { "id", "ID" },
        { "username", N_("Username") }, { "name", "Name" },
        { "ip_address", "IP" },         { "segment", "Segment" },
    };
    const struct json *user = json_get(ev->doc, "user");
    const struct json *meta = json_get(json_get(ev->doc, "_meta"), "user");
    const struct json *geo = json_get(user, "geo");
    struct str shown = STR_NULL;
    struct buf where = buf_in(ev->a);

    if (!json_is(user, JSON_T_OBJECT) || user->n == 0) {
        return;
    }
    d = data_child(d, "User");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct json *v = json_get(user, rows[i].key);
        struct data *row;

        if (v == NULL || json_is(v, JSON_T_NULL)) {
            continue;
        }
        row = data_row(data_child(d, "Row"));
        data_tr(row, "k", rows[i].title);
        issue_value(ev->a, row, v, issue_meta(meta, rows[i].key));
        shown = str_null(shown) ? issue_line(ev->a, v) : shown;
    }

    buf_str(&where, json_text_of(geo, "city"));
    if (json_text_of(geo, "subdivision").n > 0) {
        buf_text(&where, where.n > 0 ? ", " : "");
        buf_str(&where, json_text_of(geo, "subdivision"));
    }
    if (!str_null(json_text_of(geo, "region"))
        || !str_null(json_text_of(geo, "country_code"))) {
        struct str country = json_text_of(geo, "region");

        buf_text(&where, where.n > 0 ? ", " : "");
        buf_str(&where, country.n > 0 ? country
                                      : issue_tag_name(
                                          STR("geo.country_code"),
                                          json_text_of(geo, "country_code")));
    }
    if (where.n > 0) {
        struct data *row = data_row(data_child(d, "Row"));

        data_tr(row, "k", N_("Place"));
        data_str(row, "v", buf_view(&where));
    }
    issue_values(ev->a, data_child(d, "Row"), json_get(user, "data"),
                 issue_meta(meta, "data"));
    whereabouts(ev, d);
    data_str(d, "name", shown);
    data_bool(d, "shown", true);
    if (shown.n > 0) {
        data_i64(d, "colour", 1 + (unsigned char) shown.p[shown.n - 1] % 6);
    }
}


/* Contexts: those we know get a title and an icon. */
static const struct {
    const char *key;
    const char *title;
    const char *icon;
} known[] = {
    { "browser", "Browser", "browser" },
    { "os", "Operating system", "cpu" },
    { "client_os", "Client operating system", "cpu" },
    { "runtime", "Runtime", "code" },
    { "trace", "Trace", "traces" },
    { "device", "Device", "server" },
    { "app", "App", "dash" },
    { "gpu", "Graphics", "cpu" },
    { "culture", "Culture", "globe" },
    { "cloud_resource", "Cloud", "server" },
    { "response", "Response", "http" },
    { "flags", "Feature flags", "star" },
    { "state", "State", "db" },
    { "otel", "OpenTelemetry", "traces" },
};


static void
flags(const struct issue_event *ev, const struct json *context,
      struct data *list)
{
    json_each(flag, json_get(context, "values"))
    {
        struct data *row = data_row(list);

        data_str(row, "k", json_text_of(flag, "flag"));
        issue_value(ev->a, row, json_get(flag, "result"), NULL);
    }
}


/* "trace id" of "trace_id" */
static struct str
spaced(struct arena *a, struct str s)
{
    char *p = str_dup(a, s);

    for (size_t i = 0; i < s.n; i++) {
        p[i] = p[i] == '_' ? ' ' : p[i];
    }
    return str_make(p, s.n);
}


static void
context(const struct issue_event *ev, const struct json *v,
        const struct json *meta, struct data *d)
{
    struct data *list = data_child(d, "Row");
    struct str type = json_text_of(v, "type");

    int64_t size;
    bool own = true; /* not one of ours: its names stay as they are */

    data_str(d, "title", v->key);
    data_text(d, "icon", "code");
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (str_is(v->key, known[i].key)) {
            data_tr(d, "title", known[i].title);
            data_text(d, "icon", known[i].icon);
            own = false;
        }
    }
    if (str_is(v->key, "flags") || str_is(type, "flags")) {
        flags(ev, v, list);
        return;
    }

    json_each(member, v)
    {
        struct data *row;

        if ((str_is(member->key, "type") && str_eq(type, v->key))
            || (json_is(member, JSON_T_NULL)
                && json_get_str(meta, member->key) == NULL)) {
            continue;
        }
        row = data_row(list);
        data_str(row, "k", own ? member->key : spaced(ev->a, member->key));
        issue_value(ev->a, row, member, json_get_str(meta, member->key));
        if (!own && json_i64(member, &size) && size >= 0
            && (str_find(member->key, STR("memory")) != -1
                || str_find(member->key, STR("storage")) != -1)) {
            data_i64(row, "bytes", size);
        }
    }
}


/* More than its own type. */
static bool
says_something(const struct json *context)
{
    if (!json_is(context, JSON_T_OBJECT)) {
        return false;
    }
    json_each(member, context)
    {
        if (!str_is(member->key, "type") && !json_is(member, JSON_T_NULL)) {
            return true;
        }
    }
    return false;
}


void
issue_contexts(const struct issue_event *ev, struct data *d)
{
    const struct json *contexts = json_get(ev->doc, "contexts");
    const struct json *meta = json_get(json_get(ev->doc, "_meta"), "contexts");

    if (!json_is(contexts, JSON_T_OBJECT)) {
        return;
    }
    json_each(v, contexts)
    {
        if (says_something(v)) {
            context(ev, v, json_get_str(meta, v->key),
                    data_row(data_child(d, "Context")));
        }
    }
}


void
issue_extra(const struct issue_event *ev, struct data *d)
{
    const struct json *extra = json_get(ev->doc, "extra");

    if (json_is(extra, JSON_T_OBJECT) && extra->n > 0) {
        issue_tree(ev->a, data_child(d, "Extra"), extra,
                   json_get(json_get(ev->doc, "_meta"), "extra"));
    }
}


/*
 * Two columns of name and version, half of them each; with ?package= those
 * whose name has it.
 */
static void
packages(struct request *rq, const struct issue_event *ev,
         const struct json *modules, struct data *d)
{
    static const char *const kept[] = { "range", "environment", "at" };
    struct str wanted = str_trim(request_arg(rq, "package"));
    const struct json **v = arena_array(ev->a, modules->n, sizeof(*v));
    size_t n = 0;

    json_each(module, modules)
    {
        if (wanted.n == 0 || str_ifind(module->key, wanted) >= 0) {
            v[n++] = module;
        }
    }
    for (size_t i = 0; i < n; i++) {
        struct data *row =
            data_row(data_child(d, i < (n + 1) / 2 ? "Left" : "Right"));

        data_str(row, "k", v[i]->key);
        data_str(row, "v", issue_line(ev->a, v[i]));
    }
    data_i64(d, "n", (int64_t) modules->n);
    data_i64(d, "shown", (int64_t) n);
    if (wanted.n > 0) {
        data_str(d, "wanted", wanted);
    }
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        if (request_arg(rq, kept[i]).n > 0) {
            struct data *row = data_row(data_child(d, "Kept"));

            data_text(row, "name", kept[i]);
            data_str(row, "value", request_arg(rq, kept[i]));
        }
    }
}


#define IMAGES_MAX 50


/* The programs and libraries that were loaded, or the scripts of source maps.
 */
void
issue_images(const struct issue_event *ev, struct data *d)
{
    const struct json *images =
        json_path(ev->doc, "debug_meta", "images", NULL);
    int64_t n = 0;

    json_each(image, images)
    {
        static const char *const names[] = { "code_file", "debug_file", "name",
                                             "type" };
        static const char *const ids[] = { "debug_id", "uuid", "code_id" };
        struct str name = STR_NULL, id = STR_NULL;
        struct data *row;

        if (n++ >= IMAGES_MAX) {
            continue;
        }
        for (size_t i = 0; i < 4 && name.n == 0; i++) {
            name = json_text_of(image, names[i]);
        }
        for (size_t i = 0; i < 3 && id.n == 0; i++) {
            id = json_text_of(image, ids[i]);
        }
        row = data_row(data_child(d, "Image"));
        data_str(row, "name", name);
        data_str(row, "id", id);
        data_str(row, "arch", json_text_of(image, "arch"));
        data_str(row, "at", json_text_of(image, "image_addr"));
    }
    if (n > 0) {
        data_i64(d, "images", n);
    }
    if (n > IMAGES_MAX) {
        data_i64(d, "images_more", n - IMAGES_MAX);
    }
}


/* The newest version that events of the organisation came from, if newer. */
static struct str
newer_sdk(const struct issue_event *ev, struct str name, struct str version)
{
    struct str lines = ev->sdks, line, word;
    int order;

    while (str_split(&lines, '\n', &line)) {
        if (str_split(&line, ' ', &word) && str_eq(word, name)
            && version_compare(version, line, &order) && order < 0) {
            return line;
        }
    }
    return STR_NULL;
}


void
issue_packages(struct request *rq, const struct issue_event *ev, struct data *d)
{
    const struct json *modules = json_get(ev->doc, "modules");
    const struct json *sdk = json_get(ev->doc, "sdk");
    struct buf integrations = buf_in(ev->a);
    struct data *node;

    if (json_is(modules, JSON_T_OBJECT) && modules->n > 0) {
        packages(rq, ev, modules, data_child(d, "Packages"));
    }
    if (!json_is(sdk, JSON_T_OBJECT) || str_null(json_text_of(sdk, "name"))) {
        return;
    }

    node = data_child(d, "Sdk");
    data_str(node, "name", json_text_of(sdk, "name"));
    data_str(node, "version", json_text_of(sdk, "version"));
    data_str(
        node, "newer",
        newer_sdk(ev, json_text_of(sdk, "name"), json_text_of(sdk, "version")));
    json_each(v, json_get(sdk, "integrations"))
    {
        buf_text(&integrations, integrations.n > 0 ? ", " : "");
        buf_str(&integrations, json_text(v));
    }
    if (integrations.n > 0) {
        data_str(node, "integrations", buf_view(&integrations));
    }
    json_each(v, json_get(sdk, "packages"))
    {
        struct data *row = data_row(data_child(node, "Package"));

        data_str(row, "k", json_text_of(v, "name"));
        data_str(row, "v", json_text_of(v, "version"));
    }
}
