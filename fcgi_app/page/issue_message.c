/*
 * What the program has said: the log entry that came with an exception, or one
 * that is longer than the head of the page, with its parameters.
 */

#include "page/issue.h"

#include "util/buf.h"


/* The head says it: it is the title, or what an exception is. */
static bool
stands_in_head(const struct issue_event *ev, struct str text)
{
    text = str_trim(text);
    if (str_eq(text, ev->issue->title)) {
        return true;
    }
    json_each(e, json_path(ev->doc, "exception", "values", NULL))
    {
        struct str type = json_text_of(e, "type");
        struct str value = str_trim(json_text_of(e, "value"));

        if (str_eq(text, value)
            || str_eq(text, str_pair(ev->a, type, ": ", value))) {
            return true;
        }
    }
    return false;
}


/* {"name": …} as it is, [a, b] by their numbers, as templates count them. */
static void
parameters(const struct issue_event *ev, const struct json *params,
           const struct json *meta, struct data *list)
{
    unsigned i = 0;

    json_each(v, params)
    {
        struct data *row = data_row(list);
        bool named = json_is(params, JSON_T_OBJECT);

        data_str(row, "k", named ? v->key : str_printf(ev->a, "%u", i));
        issue_value(ev->a, row, v,
                    named ? json_get_str(meta, v->key)
                          : issue_meta_at(meta, i));
        i++;
    }
}


void
issue_message(const struct issue_event *ev, struct data *d)
{
    const struct json *entry = json_get(ev->doc, "logentry");
    const struct json *meta = json_path(ev->doc, "_meta", "logentry", NULL);
    const struct json *text = json_get(entry, "formatted");
    struct str written = json_text_of(entry, "message");

    if (str_trim(json_text(text)).n == 0) {
        return;
    }
    if (stands_in_head(ev, json_text(text)) && written.n == 0
        && json_get(meta, "formatted") == NULL) {
        return;
    }
    d = data_child(d, "Message");
    data_bool(d, "shown", true);
    issue_value(ev->a, data_child(d, "Text"), text,
                issue_meta(meta, "formatted"));
    data_str(d, "written", written);
    parameters(ev, json_get(entry, "params"), issue_meta(meta, "params"),
               data_child(d, "Param"));
}
