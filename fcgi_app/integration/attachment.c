#include "integration/attachment.h"

#include "json/make.h"
#include "integration/words.h"

#define FIELDS_MAX 12


static struct str
text_of(struct arena *a, const struct notice *n)
{
    struct str why = words_why(a, n);
    struct buf b = buf_in(a);

    buf_str(&b, words_markdown(a, words_kind(a, n)));
    if (why.n > 0) {
        buf_addf(&b, ": %.*s", STR_FMT(words_markdown(a, why)));
    }
    if (n->text.n > 0) {
        buf_addf(&b, "\n%.*s",
                 STR_FMT(words_markdown(a, words_line(a, n->text, 500))));
    }
    if (n->notes.n > 0) {
        buf_addf(&b, "\n%.*s",
                 STR_FMT(words_markdown(a, words_line(a, n->notes, 500))));
    }
    for (size_t i = 0; i < n->nactions; i++) {
        buf_addf(&b, "%s[%.*s](%.*s)", i > 0 ? " · " : "\n",
                 STR_FMT(n->actions[i].words), STR_FMT(n->actions[i].url));
    }
    return buf_view(&b);
}


struct json *
attachment_message(struct arena *a, const struct notice *n, struct str channel)
{
    struct json *body = json_new(a, JSON_T_OBJECT), *attachment, *list;
    struct str title = words_line(a, words_title(a, n), 300);
    struct fact facts[FACTS_MAX];
    size_t k = words_facts(a, n, facts);

    make_some(a, body, "channel", channel);
    make_text(a, body, "username", "Vedette");
    make_str(a, body, "text", words_markdown(a, title));
    attachment = make_object(a, make_array(a, body, "attachments"), NULL);
    make_str(a, attachment, "fallback", title);
    make_str(a, attachment, "color", str_printf(a, "#%06X", words_color(n)));
    make_str(a, attachment, "title", title);
    make_some(a, attachment, "title_link", n->url);
    make_str(a, attachment, "text", text_of(a, n));
    list = make_array(a, attachment, "fields");
    for (size_t i = 0; i < k && i < FIELDS_MAX; i++) {
        struct json *f = make_object(a, list, NULL);

        make_bool(a, f, "short", facts[i].value.n < 40);
        make_str(a, f, "title",
                 str_null(facts[i].name) ? str_of(facts[i].label)
                                         : words_line(a, facts[i].name, 100));
        make_str(a, f, "value",
                 words_markdown(a, words_line(a, facts[i].value, 300)));
    }
    return body;
}
