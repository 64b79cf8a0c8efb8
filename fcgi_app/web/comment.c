#include "web/comment.h"

#include <stdlib.h>
#include <strings.h>

#include <cmark.h>

#include "util/arena.h"


static bool
harmless(const char *url)
{
    static const char *const schemes[] = { "https://", "http://", "mailto:" };

    for (size_t i = 0; url != NULL && i < 3; i++) {
        if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0) {
            return true;
        }
    }
    return false;
}


/* A link in the image's place, with what stood in it. */
static void
link_instead(cmark_node *image)
{
    cmark_node *link = cmark_node_new(CMARK_NODE_LINK), *child;

    cmark_node_set_url(link, cmark_node_get_url(image));
    if (cmark_node_first_child(image) == NULL) {
        child = cmark_node_new(CMARK_NODE_TEXT);
        cmark_node_set_literal(child, cmark_node_get_url(image));
        cmark_node_append_child(link, child);
    }
    while ((child = cmark_node_first_child(image)) != NULL) {
        cmark_node_append_child(link, child);
    }
    cmark_node_replace(image, link);
    cmark_node_free(image);
}


/* HTML becomes the text that it is. */
static void
text_instead(cmark_node *html, cmark_node_type type)
{
    cmark_node *text = cmark_node_new(type);

    cmark_node_set_literal(text, cmark_node_get_literal(html));
    cmark_node_replace(html, text);
    cmark_node_free(html);
}


static void
disarm(cmark_node *document, cmark_node_type type)
{
    cmark_iter *it = cmark_iter_new(document);
    cmark_event_type event;

    while ((event = cmark_iter_next(it)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(it);

        if (cmark_node_get_type(node) != type) {
            continue;
        }
        if (type == CMARK_NODE_LINK && event == CMARK_EVENT_ENTER
            && !harmless(cmark_node_get_url(node))) {
            cmark_node_set_url(node, "");
        }
        if (type == CMARK_NODE_IMAGE && event == CMARK_EVENT_EXIT) {
            link_instead(node);

        } else if (type == CMARK_NODE_HTML_INLINE) {
            text_instead(node, CMARK_NODE_TEXT);

        } else if (type == CMARK_NODE_HTML_BLOCK) {
            text_instead(node, CMARK_NODE_CODE_BLOCK);
        }
    }
    cmark_iter_free(it);
}


struct str
comment_html(struct arena *a, struct str text)
{
    cmark_node *document =
        cmark_parse_document(text.p, text.n, CMARK_OPT_VALIDATE_UTF8);
    struct str html;
    char *out;

    /* in this order: what an image becomes may be a bad link, too */
    disarm(document, CMARK_NODE_HTML_INLINE);
    disarm(document, CMARK_NODE_HTML_BLOCK);
    disarm(document, CMARK_NODE_IMAGE);
    disarm(document, CMARK_NODE_LINK);
    out = cmark_render_html(document, CMARK_OPT_SAFE | CMARK_OPT_HARDBREAKS);
    if (out == NULL) {
        abort(); /* out of memory */
    }
    html = str_copy(a, str_of(out));
    free(out);
    cmark_node_free(document);
    return html;
}
