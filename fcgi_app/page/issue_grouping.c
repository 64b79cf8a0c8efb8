/*
 * Why the event is in this issue: what digest/fingerprint.c has left in the
 * event as _grouping {"by": text, "parts": [[name, value], …]}.
 */

#include "page/issue.h"

#include <string.h>

#include "util/buf.h"
#include "util/lang.h"

#define PARTS_MAX 100 /* of a kind */
#define RULE_TEXT 100 /* bytes of a text in a rule */
#define RULE_SHOWN 300


static bool
has_part(const struct json *parts, const char *name)
{
    json_each(part, parts)
    {
        if (str_is(json_text(json_at(part, 0)), name)) {
            return true;
        }
    }
    return false;
}


/* What the digest writes into events, as people read it. */
static struct str
said(struct str s)
{
    static const char *const known[] = {
        N_("exception value"),
        N_("error domain"),
        N_("error code"),
        N_("message"),
        N_("fingerprint"),
        N_("checksum"),
        N_("violation"),
        N_("location"),
        N_("nothing to group by"),
        N_("exception"),
        N_("exception, frames of the application"),
        N_("exception, all frames"),
        N_("threads, frames of the application"),
        N_("threads, all frames"),
        N_("stack trace, frames of the application"),
        N_("stack trace, all frames"),
        N_("CSP report"),
        N_("host report"),
        N_("template"),
        N_("nothing"),
        N_("client fingerprint"),
        N_("fingerprint rule"),
        N_("built-in fingerprint rule"),
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (str_is(s, known[i])) {
            return str_of(tr(known[i]));
        }
    }
    return s;
}


/* What counted, in a sentence; and with it what did not. */
static const char *
sentence(const struct json *grouping)
{
    const struct json *parts = json_get(grouping, "parts");
    struct str by = json_text_of(grouping, "by");

    if (has_part(parts, "fingerprint") && !str_ends(by, STR("fingerprint"))
        && !str_ends(by, STR("fingerprint rule"))) {
        return "The fingerprint that the application or a rule has set "
               "decides together with what would count without it.";
    }
    if (has_part(parts, "fingerprint")) {
        return "The fingerprint that the application or a rule has set "
               "decides.";
    }
    if (has_part(parts, "checksum")) {
        return "The checksum that the application has sent decides.";
    }
    if (str_find(by, STR("frames of the application")) != -1) {
        return "Same exception types and same in-app frames. Library frames, "
               "line numbers and numbers in the message were left out.";
    }
    if (str_find(by, STR("all frames")) != -1) {
        return "Same exception types and same frames. Line numbers and "
               "numbers in the message were left out.";
    }
    if (str_is(by, "nothing")) {
        return "Nothing in the event says what it is about. All such events "
               "of the project are one issue.";
    }
    if (str_is(by, "CSP report")) {
        return "Same directive and same blocked host. The rest of the address "
               "and the page were left out.";
    }
    if (str_is(by, "host report")) {
        return "Same kind of report about the same host.";
    }
    if (str_is(by, "template")) {
        return "Same template and same line in it. Its number was left out.";
    }
    if (has_part(parts, "error domain") || has_part(parts, "error code")) {
        return "Same exception types and same error codes. The text was left "
               "out.";
    }
    return "Same text, with numbers, dates, ids and addresses in it left out.";
}


/*
 * The parts of a kind as one text.  The digest lists them from the oldest
 * exception and call; the page shows the newest first, as everywhere.
 */
struct lines {
    struct str v[PARTS_MAX];
    size_t n;
};


static void
add(struct lines *lines, struct str text)
{
    if (lines->n < PARTS_MAX) {
        lines->v[lines->n++] = text;
    }
}


static void
show(struct arena *a, struct data *list, const char *name,
     const struct lines *lines, const char *joint)
{
    struct buf text = buf_in(a);
    struct data *row;

    if (lines->n == 0) {
        return;
    }
    for (size_t i = lines->n; i-- > 0;) {
        buf_str(&text, lines->v[i]);
        buf_text(&text, i > 0 ? joint : "");
    }
    row = data_row(list);
    data_tr(row, "name", name);
    data_str(row, "text", buf_view(&text));
}


/* What a part of a frame is, in the order in which they come. */
enum frame_part { NO_FRAME, PLACE, FUNCTION, SOURCE };


static enum frame_part
part_of(struct str name)
{
    return str_is(name, "module") || str_is(name, "filename") ? PLACE
           : str_is(name, "function")                         ? FUNCTION
           : str_is(name, "source line")                      ? SOURCE
                                                              : NO_FRAME;
}


/* A frame is up to three parts: "shop.views:confirm   raise Gone()". */
static void
add_frame_part(struct arena *a, struct lines *frames, enum frame_part before,
               enum frame_part part, struct str value)
{
    struct buf b = buf_in(a);

    if (before == NO_FRAME || part <= before) {
        add(frames, value);
        return;
    }
    buf_str(&b, frames->v[frames->n - 1]);
    buf_text(&b, part == FUNCTION ? ":" : "   ");
    buf_str(&b, value);
    frames->v[frames->n - 1] = buf_view(&b);
}


static void
rows(struct arena *a, const struct json *parts, bool app, struct data *list)
{
    struct lines types = { .n = 0 };
    struct lines frames = { .n = 0 };
    enum frame_part before = NO_FRAME;

    json_each(part, parts)
    {
        struct str name = json_text(json_at(part, 0));
        struct str value = json_text(json_at(part, 1));
        enum frame_part now = part_of(name);

        if (now != NO_FRAME) {
            add_frame_part(a, &frames, before, now, value);
            before = now;
            continue;
        }
        before = NO_FRAME;
        if (str_is(name, "exception type")) {
            add(&types, value);
        } else {
            struct data *row = data_row(list);

            data_str(row, "name", said(name));
            data_str(row, "text", value);
        }
    }
    show(a, list, N_("exception type"), &types, " ← ");
    show(a, list, app ? N_("in-app frames") : N_("frames"), &frames, "\n");
}


struct str
issue_pattern(struct arena *a, struct str s)
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char) s.p[i];

        buf_char(&b,
                 c < 0x20 || strchr("*?[]{}\\\"=", c) != NULL ? '?' : s.p[i]);
    }
    return buf_view(&b);
}


/* The function of the newest call of the application; null: there is none. */
static struct str
newest_function(const struct json *stack)
{
    const struct json *frames = json_get(stack, "frames");

    for (unsigned i = json_is(frames, JSON_T_ARRAY) ? frames->n : 0; i-- > 0;) {
        const struct json *frame = json_at(frames, i);

        if (json_yes(json_get(frame, "in_app"))
            && json_text_of(frame, "function").n > 0) {
            return json_text_of(frame, "function");
        }
    }
    return STR_NULL;
}


void
issue_rule(const struct issue_event *ev, struct data *d)
{
    const struct json *list = json_path(ev->doc, "exception", "values", NULL);
    const struct json *last = json_is(list, JSON_T_ARRAY) && list->n > 0
                                  ? json_at(list, list->n - 1)
                                  : NULL;
    struct str type = str_cut(json_text_of(last, "type"), RULE_TEXT),
               function = newest_function(json_get(last, "stacktrace")),
               title = str_cut(ev->row->title, RULE_TEXT);
    struct buf b = buf_in(ev->a);

    if (type.n > 0) {
        buf_addf(&b, "type:\"%.*s\"", STR_FMT(issue_pattern(ev->a, type)));
    } else {
        buf_addf(&b, "message:\"%.*s*\"", STR_FMT(issue_pattern(ev->a, title)));
    }
    if (function.n > 0) {
        buf_addf(&b, " function:\"%.*s\"",
                 STR_FMT(issue_pattern(ev->a, str_cut(function, RULE_TEXT))));
    }
    buf_addf(&b, " -> \"%.*s\"",
             STR_FMT(issue_pattern(ev->a, type.n > 0 ? type : title)));
    if (function.n > 0) {
        buf_addf(&b, " \"%.*s\"",
                 STR_FMT(issue_pattern(ev->a, str_cut(function, RULE_TEXT))));
    }
    data_str(d, "Rule", url_encode(ev->a, buf_view(&b)));
}


/* The rule that has matched, and what the application had wanted. */
static void
rule_row(const struct issue_event *ev, const struct json *grouping,
         struct data *list)
{
    const struct json *own = json_get(ev->doc, "fingerprint");
    struct data *row = data_row(list);
    struct buf b = buf_in(ev->a);

    data_tr(row, "name", N_("rule that matches"));
    data_str(row, "text", json_text_of(grouping, "rule"));
    json_each(print, own)
    {
        buf_text(&b, b.n > 0 ? ", " : "");
        buf_str(&b, json_text(print));
    }
    if (b.n > 0) {
        row = data_row(list);
        data_tr(row, "name", N_("instead of the fingerprint"));
        data_str(row, "text", str_cut(buf_view(&b), RULE_SHOWN));
    }
}


void
issue_grouping(const struct issue_event *ev, struct data *d)
{
    const struct json *grouping = json_get(ev->doc, "_grouping");
    struct data *row;

    if (!json_is(grouping, JSON_T_OBJECT)) {
        return;
    }
    d = data_child(d, "Grouping");
    data_bool(d, "shown", true);
    data_tr(d, "why", sentence(grouping));
    rows(ev->a, json_get(grouping, "parts"),
         str_find(json_text_of(grouping, "by"), STR("application")) != -1,
         data_child(d, "Part"));
    row = data_row(data_child(d, "Part"));
    data_tr(row, "name", N_("decided by"));
    data_str(row, "text", said(json_text_of(grouping, "by")));
    if (json_text_of(grouping, "rule").n > 0) {
        rule_row(ev, grouping, data_child(d, "Part"));
    }
}
