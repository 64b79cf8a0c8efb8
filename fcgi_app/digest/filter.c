/*
 * The table, what a project has set, and the filters that compare an attribute
 * with a list.
 */

#include "digest/filter.h"

#include "digest/glob.h"
#include "digest/network.h"
#include "digest/origin.h"
#include "util/lang.h"

#define FILTERS_MAX 32

/* Alternatives that the braces of one pattern may make. */
#define EXPANDED_MAX 100


/* ---- lists of patterns: "*", "?", "[a-z]", "{one,two}", "\*" */

struct globs {
    struct glob **v;
    size_t n;
};


/* Where the brace that opens at p ends; alternatives may hold braces. */
static size_t
closing(struct str s, size_t open)
{
    unsigned depth = 0;

    for (size_t i = open; i < s.n; i++) {
        if (s.p[i] == '\\') {
            i++;

        } else if (s.p[i] == '{') {
            depth++;

        } else if (s.p[i] == '}' && --depth == 0) {
            return i;
        }
    }
    return s.n;
}


static size_t
opening(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\') {
            i++;

        } else if (s.p[i] == '{' && closing(s, i) < s.n) {
            return i;
        }
    }
    return s.n;
}


/* A pattern without alternatives; a lone brace is itself. */
static void
add_plain(struct arena *a, struct globs *out, struct str s)
{
    if (s.n > 0 && s.p[0] == '{') {
        /* glob_parse reads braces around the whole in its own way */
        s = str_printf(a, "\\%.*s", STR_FMT(s));
    }
    if (out->n < EXPANDED_MAX) {
        out->v[out->n++] = glob_parse(a, s, GLOB_NOCASE);
    }
}


static void
expand(struct arena *a, struct globs *out, struct str s)
{
    size_t open = opening(s), close, from;
    unsigned depth = 0;

    if (open == s.n) {
        add_plain(a, out, s);
        return;
    }
    close = closing(s, open);
    from = open + 1;
    for (size_t i = from; i <= close && out->n < EXPANDED_MAX; i++) {
        if (s.p[i] == '\\') {
            i++;

        } else if (i == close || (s.p[i] == ',' && depth == 0)) {
            expand(a, out,
                   str_printf(a, "%.*s%.*s%.*s", (int) open, s.p,
                              (int) (i - from), s.p + from,
                              (int) (s.n - close - 1), s.p + close + 1));
            from = i + 1;

        } else if (s.p[i] == '{') {
            depth++;

        } else if (s.p[i] == '}') {
            depth--;
        }
    }
}


static const void *
parse_globs(struct arena *a, struct str line)
{
    struct globs *out = arena_new_of(a, struct globs);

    out->v = arena_array(a, EXPANDED_MAX, sizeof(struct glob *));
    expand(a, out, line);
    return out;
}


/* "Type: value", or the one that there is, in lower case. */
static struct str
lowered(struct arena *a, struct str type, struct str value)
{
    struct buf text = buf_in(a);

    buf_str(&text, type);
    buf_text(&text, type.n > 0 && value.n > 0 ? ": " : "");
    buf_str(&text, value);
    return str_lower(a, buf_view(&text));
}


static bool
fits(const struct filter_setting *s, struct str type, struct str value)
{
    static struct arena *scratch;
    struct str text;

    if (scratch == NULL) {
        scratch = arena_new();
    }
    arena_reset(scratch);
    text = lowered(scratch, type, value);
    for (size_t i = 0; text.n > 0 && i < s->n; i++) {
        const struct globs *globs = s->parsed[i];

        for (size_t k = 0; k < globs->n; k++) {
            if (glob_match(globs->v[k], text)) {
                return true;
            }
        }
    }
    return false;
}


static FILTER_CHECK(matches_release)
{
    return fits(s, STR_NULL, json_text_of(ev->doc, "release"));
}


static FILTER_CHECK(matches_message)
{
    struct json *entry = json_get(ev->doc, "logentry");
    struct str text = json_text_of(entry, "formatted");

    if (text.n == 0) {
        text = json_text_of(entry, "message");
    }
    if (fits(s, STR_NULL, text)) {
        return true;
    }
    json_each(e, json_path(ev->doc, "exception", "values", NULL))
    {
        if (fits(s, json_text_of(e, "type"), json_text_of(e, "value"))) {
            return true;
        }
    }
    return false;
}


static FILTER_CHECK(matches_log)
{
    return fits(s, STR_NULL, json_text_of(ev->doc, "log"));
}


static FILTER_CHECK(matches_metric)
{
    return fits(s, STR_NULL, json_text_of(ev->doc, "trace_metric"));
}


/* ---- lists of networks, lists of origins */

static const void *
parse_network(struct arena *a, struct str line)
{
    struct network *net = arena_new_of(a, struct network);

    return network_parse(line, net) ? net : NULL;
}


static FILTER_CHECK(matches_address)
{
    struct network address;

    if (!network_parse(ev->remote_addr, &address)) {
        return false;
    }
    for (size_t i = 0; i < s->n; i++) {
        if (network_has(s->parsed[i], &address)) {
            return true;
        }
    }
    return false;
}


static FILTER_CHECK(matches_csp)
{
    struct json *csp = json_get(ev->doc, "csp");

    for (size_t i = 0; csp != NULL && i < s->n; i++) {
        if (origin_matches(s->lines[i], json_text_of(csp, "blocked_uri"))
            || origin_matches(s->lines[i], json_text_of(csp, "source_file"))) {
            return true;
        }
    }
    return false;
}


/* ---- the table */

/* What extensions, proxies and other guests bring into pages. */
static const char csp_sources[] =
    "about\nms-browser-extension\nchrome://*\nchrome-extension://*\n"
    "chromeinvokeimmediate://*\nchromenull://*\n"
    "data:text/html,chromewebdata\nsafari-extension://*\nmxaddon-pkg://*\n"
    "jar://*\nwebviewprogressproxy://*\nms-browser-extension://*\n"
    "tmtbff://*\nmbinit://*\nsymres://*\nresource://*\nmoz-extension://*\n"
    "*.metrext.com\nstatic.image2play.com\n*.tlscdn.com\n"
    "73a5b0806e464be8bd4e694c744624f0.com\n"
    "020dfefc4ac745dab7594f2f771c1ded.com\n*.superfish.com\n"
    "addons.mozilla.org\nv.zilionfast.in\nwidgets.amung.us\n"
    "xls.searchfun.in\nistatic.datafastguru.info\nlocalhost\n"
    "resultshub-a.akamaihd.net\npulseadnetwork.com\n"
    "gateway.zscalertwo.net\nwww.passpack.com\n"
    "middlerush-a.akamaihd.net\nwww.websmartcenter.com\na.linkluster.com\n"
    "saveyoutime.ru";

const struct filter filter_rows[] = {
    { .key = "chunk-load-error",
      .kind = FILTER_SWITCH,
      .value = "on",
      .name = N_("Chunks that did not load"),
      .help = "ChunkLoadError: mostly a page that stayed open over a deploy.",
      .matches = filter_chunk_load },
    { .key = "react-hydration-errors",
      .kind = FILTER_SWITCH,
      .value = "on",
      .name = N_("React hydration errors"),
      .help = "React's errors 418 to 425, often caused by extensions that "
              "change the page.",
      .matches = filter_hydration },
    { .key = "invalid-csp",
      .kind = FILTER_LINES,
      .value = csp_sources,
      .name = N_("Sources of CSP reports"),
      .help = "Reports of a Content Security Policy about these sources, one "
              "a line: https://*.example.org, chrome-extension://*",
      .matches = matches_csp },
    { .key = "ip-address",
      .kind = FILTER_LINES,
      .value = "",
      .name = N_("Addresses"),
      .help = "Events that come from these addresses or networks, one a "
              "line: 198.51.100.7, 10.0.0.0/8",
      .unkept = true,
      .parse = parse_network,
      .matches = matches_address },
    { .key = "release-version",
      .kind = FILTER_LINES,
      .value = "",
      .name = N_("Releases"),
      .help = "Events of these releases, one pattern a line: shop@1.*",
      .parse = parse_globs,
      .matches = matches_release },
    { .key = "error-message",
      .kind = FILTER_LINES,
      .value = "",
      .name = N_("Messages"),
      .help = "Events whose message, or whose \"Type: value\", fits one of "
              "these patterns, one a line: *ResizeObserver loop*",
      .parse = parse_globs,
      .matches = matches_message },
    { .key = "localhost",
      .kind = FILTER_SWITCH,
      .value = "off",
      .name = N_("Events from localhost"),
      .help = "Of pages and users on 127.0.0.1, ::1, localhost and files.",
      .matches = filter_localhost },
    { .key = "browser-extensions",
      .kind = FILTER_SWITCH,
      .value = "on",
      .name = N_("Browser extensions"),
      .help = "Errors that are known to come out of extensions.",
      .matches = filter_extensions },
    { .key = "legacy-browsers",
      .kind = FILTER_CHOICES,
      .value = "",
      .name = N_("Old browsers"),
      .help = "Events of browsers that their makers support no longer.",
      .choices = filter_legacy_choices,
      .matches = filter_legacy_browsers },
    { .key = "web-crawlers",
      .kind = FILTER_SWITCH,
      .value = "on",
      .name = N_("Web crawlers"),
      .help = "Events that search engines and link checkers cause.",
      .matches = filter_crawlers },
    { .key = "filtered-transaction",
      .kind = FILTER_SWITCH,
      .value = "on",
      .name = N_("Health checks"),
      .help = "Transactions whose name says that something asks whether the "
              "application lives: */healthz, */ping.",
      .matches = filter_health_checks },
    { .key = "log-message",
      .kind = FILTER_LINES,
      .value = "",
      .name = N_("Logs"),
      .help = "Log lines whose text fits one of these patterns, one a line: "
              "*heartbeat*",
      .unkept = true,
      .parse = parse_globs,
      .matches = matches_log },
    { .key = "trace-metric-name",
      .kind = FILTER_LINES,
      .value = "",
      .name = N_("Metrics"),
      .help = "Metrics whose name fits one of these patterns, one a line: "
              "debug.*",
      .unkept = true,
      .parse = parse_globs,
      .matches = matches_metric },
};

const size_t filter_count = sizeof(filter_rows) / sizeof(filter_rows[0]);

_Static_assert(sizeof(filter_rows) / sizeof(filter_rows[0]) <= FILTERS_MAX,
               "room for every filter");


/* ---- what a project has set */

struct filters {
    struct filter_setting settings[FILTERS_MAX];
};


static bool
is_choice(const struct filter *row, struct str id)
{
    const struct filter_choice *c = row->choices;

    while (c->id != NULL && !str_is(id, c->id)) {
        c++;
    }
    return c->id != NULL;
}


static bool
read_line(struct arena *a, const struct filter *row, struct str line,
          struct filter_setting *s)
{
    const void *parsed = NULL;

    if (line.n > FILTER_ENTRY_MAX || s->n == FILTER_ENTRIES_MAX
        || (row->kind == FILTER_CHOICES && !is_choice(row, line))
        || (row->parse != NULL && (parsed = row->parse(a, line)) == NULL)) {
        return false;
    }
    s->lines[s->n] = line;
    s->parsed[s->n++] = parsed;
    return true;
}


bool
filter_read(struct arena *a, const struct filter *row, struct str value,
            struct filter_setting *s, struct str *bad)
{
    struct str rest = value = str_trim(value), line;
    size_t room = 1;
    bool ok = true;

    *s = (struct filter_setting){ 0 };
    *bad = STR_NULL;
    if (row->kind == FILTER_SWITCH) {
        s->on = str_is(value, "on");
        *bad = value;
        return s->on || str_is(value, "off");
    }

    for (size_t i = 0; i < value.n; i++) {
        room += value.p[i] == '\n';
    }
    room = room < FILTER_ENTRIES_MAX ? room : FILTER_ENTRIES_MAX;
    s->lines = arena_array(a, room, sizeof(*s->lines));
    s->parsed = arena_array(a, room, sizeof(*s->parsed));
    while (str_split(&rest, '\n', &line)) {
        line = str_trim(line);
        if (line.n > 0 && !read_line(a, row, line, s) && ok) {
            *bad = line;
            ok = false;
        }
    }
    s->on = s->n > 0;
    return ok;
}


struct filters *
filters_new(struct arena *a)
{
    struct filters *f = arena_new_of(a, struct filters);

    for (size_t i = 0; i < filter_count; i++) {
        struct str bad;

        (void) filter_read(a, &filter_rows[i], str_of(filter_rows[i].value),
                           &f->settings[i], &bad);
    }
    return f;
}


void
filters_set(struct arena *a, struct filters *f, struct str name,
            struct str value)
{
    struct str prefix = STR(FILTER_SETTING);

    if (!str_starts(name, prefix)) {
        return;
    }
    name = str_sub(name, prefix.n, name.n);
    for (size_t i = 0; i < filter_count; i++) {
        struct filter_setting s;
        struct str bad;

        if (!str_is(name, filter_rows[i].key)) {
            continue;
        }
        /* the lines of a list that can be read count, whatever the others */
        if (filter_read(a, &filter_rows[i], str_copy(a, value), &s, &bad)
            || filter_rows[i].kind != FILTER_SWITCH) {
            f->settings[i] = s;
        }
    }
}


const char *
filters_match(const struct filters *f, const struct event *ev)
{
    for (size_t i = 0; i < filter_count; i++) {
        if (f->settings[i].on && filter_rows[i].matches(ev, &f->settings[i])) {
            return filter_rows[i].key;
        }
    }
    return NULL;
}


struct str
filter_header(const struct event *ev, const char *name)
{
    json_each(pair, json_path(ev->doc, "request", "headers", NULL))
    {
        if (str_ieq(json_text(pair->first), str_of(name))) {
            return json_text(pair->last);
        }
    }
    return STR_NULL;
}
