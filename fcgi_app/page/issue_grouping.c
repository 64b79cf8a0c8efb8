/*
 * Why the event is in this issue: what digest/fingerprint.c has left in the
 * event as _grouping {"by": text, "parts": [[name, value], …]}.
 */

#include "page/issue.h"

#include "util/buf.h"


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


/* What counted, in a sentence; and with it what did not. */
static const char *
sentence(const struct json *grouping)
{
    const struct json *parts = json_get(grouping, "parts");
    struct str by = json_text_of(grouping, "by");

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
    return "Same text, with numbers, dates, ids and addresses in it left out.";
}


static void
flush(struct data *list, struct str name, const struct buf *text)
{
    struct data *row;

    if (text->n > 0) {
        row = data_row(list);
        data_str(row, "name", name);
        data_str(row, "text", buf_view(text));
    }
}


/*
 * Parts in their order, one line each, in a row for each run of one name.  A
 * module and the function after it are one frame.
 */
static void
rows(struct arena *a, const struct json *parts, struct data *list)
{
    struct str name = STR_NULL;
    struct buf text = buf_in(a);
    bool joined = false;

    json_each(part, parts)
    {
        struct str own = json_text(json_at(part, 0));
        struct str value = json_text(json_at(part, 1));
        bool function = str_is(own, "function");
        bool frame =
            function || str_is(own, "module") || str_is(own, "filename");
        struct str title = frame ? STR("frames") : own;

        if (!str_eq(title, name)) {
            flush(list, name, &text);
            text = buf_in(a);
            name = title;
            joined = false;
        }
        buf_text(&text, text.n == 0 ? "" : function && joined ? ":" : "\n");
        buf_str(&text, value.n > 0 ? value : STR("(empty)"));
        joined = frame && !function;
    }
    flush(list, name, &text);
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
    data_text(d, "why", sentence(grouping));
    rows(ev->a, json_get(grouping, "parts"), data_child(d, "Part"));
    row = data_row(data_child(d, "Part"));
    data_text(row, "name", "decided by");
    data_str(row, "text", json_text_of(grouping, "by"));
}
