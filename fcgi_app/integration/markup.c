/*
 * One walk over the text calls a writer for each piece; a writer is a small
 * table of functions.  Nothing is rejected: what does not fit is text.
 */

#include "integration/markup.h"

#include "json/make.h"

struct writer {
    void (*begin)(void *to, bool item); /* a paragraph, or an item of a list */
    void (*end)(void *to, bool item);
    void (*list)(void *to, bool begins);
    void (*code)(void *to, struct str text); /* a block */
    void (*text)(void *to, struct str text);
    void (*strong)(void *to, struct str text);
    void (*mono)(void *to, struct str text);
    void (*link)(void *to, struct str words, struct str url);
    void (*line_break)(void *to);
};


/* ---- the walk */

/* A backslash before a sign: the sign is text. */
static bool
escapes(struct str s, size_t i)
{
    return s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] != '\0'
           && strchr("\\`*_[]()<>#+-!|~{}", s.p[i + 1]) != NULL;
}


static struct str
unescaped(struct arena *a, struct str s)
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < s.n; i++) {
        if (escapes(s, i)) {
            i++;
        }
        buf_char(&b, s.p[i]);
    }
    return buf_view(&b);
}


/* Where mark stands, not as text; -1: nowhere. */
static ptrdiff_t
find_mark(struct str s, struct str mark)
{
    for (size_t i = 0; i < s.n; i++) {
        if (escapes(s, i)) {
            i++;

        } else if (str_starts(str_sub(s, i, s.n), mark)) {
            return (ptrdiff_t) i;
        }
    }
    return -1;
}


/* "**x**" or "`x`" at the beginning; its length with the marks, or 0. */
static size_t
marked(struct str s, struct str mark, struct str *inside)
{
    struct str rest;
    ptrdiff_t end;

    if (!str_starts(s, mark)) {
        return 0;
    }
    rest = str_sub(s, mark.n, s.n);
    end = find_mark(rest, mark);
    if (end <= 0) {
        return 0;
    }
    *inside = str_sub(rest, 0, (size_t) end);
    return mark.n * 2 + (size_t) end;
}


/* "[words](url)", only to http and https. */
static size_t
linked(struct str s, struct str *words, struct str *url)
{
    ptrdiff_t middle = str_starts(s, STR("[")) ? find_mark(s, STR("](")) : -1;
    struct str rest;
    ptrdiff_t end;

    if (middle <= 1) {
        return 0;
    }
    *words = str_sub(s, 1, (size_t) middle);
    rest = str_sub(s, (size_t) middle + 2, s.n);
    end = str_chr(rest, ')');
    if (end <= 0 || str_chr(*words, '\n') != -1) {
        return 0;
    }
    *url = str_sub(rest, 0, (size_t) end);
    if (!str_starts(*url, STR("http://"))
        && !str_starts(*url, STR("https://"))) {
        return 0;
    }
    return (size_t) middle + 2 + (size_t) end + 1;
}


static void
walk_line(struct arena *a, const struct writer *w, void *to, struct str s)
{
    size_t from = 0, n;
    struct str inside, url;

    for (size_t i = 0; i < s.n; i += n) {
        struct str rest = str_sub(s, i, s.n);
        void (*piece)(void *, struct str) = NULL;

        n = escapes(s, i) ? 2 : 1;
        if (n == 2 || strchr("*`[", s.p[i]) == NULL || s.p[i] == '\0') {
            continue;
        }
        if ((n = marked(rest, STR("**"), &inside)) > 0) {
            piece = w->strong;

        } else if ((n = marked(rest, STR("`"), &inside)) > 0) {
            piece = w->mono;

        } else if ((n = linked(rest, &inside, &url)) == 0) {
            n = 1;
            continue;
        }
        if (i > from) {
            w->text(to, unescaped(a, str_sub(s, from, i)));
        }
        if (piece != NULL) {
            piece(to, unescaped(a, inside));

        } else {
            w->link(to, unescaped(a, inside), url);
        }
        from = i + n;
    }
    if (s.n > from) {
        w->text(to, unescaped(a, str_sub(s, from, s.n)));
    }
}


/* Where the fence that begins here ends; s begins behind its first line. */
static struct str
fenced(struct str *rest)
{
    struct str start = *rest, line;
    size_t n = 0;

    while (str_split(rest, '\n', &line)) {
        if (str_starts(line, STR("```"))) {
            break;
        }
        n += line.n + 1;
    }
    n = n > start.n ? start.n : n;
    return n > 0 && n <= start.n && start.p[n - 1] == '\n'
               ? str_sub(start, 0, n - 1)
               : str_sub(start, 0, n);
}


struct walk {
    struct arena *a;
    const struct writer *w;
    void *to;
    bool in_paragraph;
    bool in_list;
};


static void
close_all(struct walk *k)
{
    if (k->in_paragraph) {
        k->w->end(k->to, false);
    }
    if (k->in_list) {
        k->w->list(k->to, false);
    }
    k->in_paragraph = k->in_list = false;
}


static void
item(struct walk *k, struct str text)
{
    if (!k->in_list) {
        close_all(k);
        k->w->list(k->to, true);
        k->in_list = true;
    }
    k->w->begin(k->to, true);
    walk_line(k->a, k->w, k->to, text);
    k->w->end(k->to, true);
}


static void
plain_line(struct walk *k, struct str line)
{
    if (k->in_list) {
        close_all(k);
    }
    if (k->in_paragraph) {
        k->w->line_break(k->to);

    } else {
        k->w->begin(k->to, false);
        k->in_paragraph = true;
    }
    walk_line(k->a, k->w, k->to, line);
}


static void
walk(struct arena *a, const struct writer *w, void *to, struct str text)
{
    struct walk k = { a, w, to, false, false };
    struct str line, rest = str_cut(text, MARKUP_MAX);

    while (str_split(&rest, '\n', &line)) {
        if (str_ends(line, STR("\r"))) {
            line.n--;
        }
        if (str_starts(line, STR("```"))) {
            close_all(&k);
            w->code(to, fenced(&rest));

        } else if (str_starts(line, STR("- ")) && line.n > 2) {
            item(&k, str_sub(line, 2, line.n));

        } else if (str_trim(line).n == 0) {
            close_all(&k);

        } else {
            plain_line(&k, line);
        }
    }
    close_all(&k);
}


/* ---- ADF */

struct adf {
    struct arena *a;
    struct json *doc;   /* content of the document */
    struct json *items; /* content of the open list */
    struct json *open;  /* content of the open paragraph */
};


static struct json *
node(struct arena *a, struct json *in, const char *type)
{
    struct json *v = make_object(a, in, NULL);

    make_text(a, v, "type", type);
    return v;
}


static void
adf_begin(void *to, bool is_item)
{
    struct adf *d = to;
    struct json *in = d->doc;

    if (is_item) {
        in = make_array(d->a, node(d->a, d->items, "listItem"), "content");
    }
    d->open = make_array(d->a, node(d->a, in, "paragraph"), "content");
}


static void
adf_end(void *to, bool is_item)
{
    struct adf *d = to;

    (void) is_item;
    d->open = NULL;
}


static void
adf_list(void *to, bool begins)
{
    struct adf *d = to;

    d->items =
        begins ? make_array(d->a, node(d->a, d->doc, "bulletList"), "content")
               : NULL;
}


/* There are no empty text nodes in ADF. */
static struct json *
adf_node(struct adf *d, struct str text, const char *mark)
{
    struct json *v;

    if (text.n == 0) {
        return NULL;
    }
    v = node(d->a, d->open, "text");
    make_str(d->a, v, "text", text);
    return mark != NULL ? node(d->a, make_array(d->a, v, "marks"), mark) : NULL;
}


static void
adf_code(void *to, struct str text)
{
    struct adf *d = to;
    struct json *v = node(d->a, d->doc, "codeBlock");

    make_object(d->a, v, "attrs");
    d->open = make_array(d->a, v, "content");
    (void) adf_node(d, text, NULL);
    d->open = NULL;
}


static void
adf_text(void *to, struct str text)
{
    (void) adf_node(to, text, NULL);
}


static void
adf_strong(void *to, struct str text)
{
    (void) adf_node(to, text, "strong");
}


static void
adf_mono(void *to, struct str text)
{
    (void) adf_node(to, text, "code");
}


static void
adf_link(void *to, struct str words, struct str url)
{
    struct adf *d = to;
    struct json *mark = adf_node(d, words, "link");

    if (mark != NULL) {
        make_str(d->a, make_object(d->a, mark, "attrs"), "href", url);
    }
}


static void
adf_break(void *to)
{
    struct adf *d = to;

    (void) node(d->a, d->open, "hardBreak");
}


struct json *
markup_adf(struct arena *a, struct str text)
{
    static const struct writer w = {
        adf_begin,  adf_end,  adf_list, adf_code,  adf_text,
        adf_strong, adf_mono, adf_link, adf_break,
    };
    struct json *root = json_new(a, JSON_T_OBJECT);
    struct adf d = { .a = a };

    make_text(a, root, "type", "doc");
    make_i64(a, root, "version", 1);
    d.doc = make_array(a, root, "content");
    walk(a, &w, &d, text);
    return root;
}


/* ---- wiki markup and Textile: text with other signs */

struct marks {
    struct buf out;
    const char *code_begin;
    const char *code_end;
    const char *strong;
    const char *mono_begin;
    const char *mono_end;
    bool textile;
};


static void
text_begin(void *to, bool is_item)
{
    struct marks *m = to;

    if (is_item) {
        buf_text(&m->out, "* ");
    }
}


static void
text_end(void *to, bool is_item)
{
    struct marks *m = to;

    buf_text(&m->out, is_item ? "\n" : "\n\n");
}


static void
text_list(void *to, bool begins)
{
    struct marks *m = to;

    if (!begins) {
        buf_char(&m->out, '\n');
    }
}


/* A block must not be ended from inside. */
static void
text_code(void *to, struct str text)
{
    struct marks *m = to;
    struct str end = str_of(m->code_end);
    ptrdiff_t at;

    buf_addf(&m->out, "%s\n", m->code_begin);
    while ((at = str_find(text, end)) != -1) {
        buf_str(&m->out, str_sub(text, 0, (size_t) at + 1));
        buf_char(&m->out, ' ');
        text = str_sub(text, (size_t) at + 1, text.n);
    }
    buf_str(&m->out, text);
    buf_addf(&m->out, "\n%s\n\n", m->code_end);
}


/* Macros, links, images and mentions are for us to make. */
static void
text_text(void *to, struct str text)
{
    struct marks *m = to;
    const char *signs = m->textile ? "&<>{}[]!*_@+^~%#|\"`" : "{}[]!|*_^~+\\";

    for (size_t i = 0; i < text.n; i++) {
        bool sign = text.p[i] != '\0' && strchr(signs, text.p[i]) != NULL;

        if (sign && m->textile) {
            buf_addf(&m->out, "&#%d;", text.p[i]);
            continue;
        }
        if (sign) {
            buf_char(&m->out, '\\');
        }
        buf_char(&m->out, text.p[i]);
    }
}


static void
text_strong(void *to, struct str text)
{
    struct marks *m = to;

    buf_text(&m->out, m->strong);
    text_text(to, text);
    buf_text(&m->out, m->strong);
}


static void
text_mono(void *to, struct str text)
{
    struct marks *m = to;

    buf_text(&m->out, m->mono_begin);
    text_text(to, text);
    buf_text(&m->out, m->mono_end);
}


static void
text_link(void *to, struct str words, struct str url)
{
    struct marks *m = to;

    if (m->textile) {
        buf_char(&m->out, '"');
        text_text(to, words);
        buf_text(&m->out, "\":");
        buf_str(&m->out, url);
        return;
    }
    buf_char(&m->out, '[');
    text_text(to, words);
    buf_char(&m->out, '|');
    buf_str(&m->out, url);
    buf_char(&m->out, ']');
}


static void
text_break(void *to)
{
    struct marks *m = to;

    buf_char(&m->out, '\n');
}


static const struct writer text_writer = {
    text_begin,  text_end,  text_list, text_code,  text_text,
    text_strong, text_mono, text_link, text_break,
};


struct str
markup_wiki(struct arena *a, struct str text)
{
    struct marks m = { buf_in(a), "{noformat}", "{noformat}", "*",
                       "{{",      "}}",         false };

    walk(a, &text_writer, &m, text);
    return str_trim(buf_view(&m.out));
}


struct str
markup_textile(struct arena *a, struct str text)
{
    struct marks m = { buf_in(a), "<pre>", "</pre>", "*", "@", "@", true };

    walk(a, &text_writer, &m, text);
    return str_trim(buf_view(&m.out));
}


/* ---- and back */

static void
collect(struct buf *b, const struct json *v, int depth)
{
    struct str type = json_text_of(v, "type");

    if (depth > 20 || b->n > MARKUP_MAX) {
        return;
    }
    if (str_is(type, "text")) {
        buf_str(b, json_text_of(v, "text"));

    } else if (str_is(type, "hardBreak")) {
        buf_char(b, '\n');

    } else if (str_is(type, "mention") || str_is(type, "emoji")) {
        buf_str(b, json_text(json_path(v, "attrs", "text", NULL)));
    }
    json_each(child, json_get(v, "content"))
    {
        collect(b, child, depth + 1);
    }
    if (str_is(type, "paragraph") || str_is(type, "codeBlock")
        || str_is(type, "heading")) {
        buf_char(b, '\n');
    }
}


struct str
markup_of_adf(struct arena *a, const struct json *doc)
{
    struct buf b = buf_in(a);

    collect(&b, doc, 0);
    return str_trim(buf_view(&b));
}
