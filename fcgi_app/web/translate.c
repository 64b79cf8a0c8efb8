/*
 * The template is read once, token by token.  Tokens that belong to a text are
 * gathered (struct run); one that breaks it has the run written out, in
 * English or translated, and is then copied itself.
 *
 * HTML is read only as far as our own templates need: tags, the quotes of
 * their attributes, and ClearSilver's tags anywhere.
 */

#include "web/translate.h"

#include <ctype.h>
#include <string.h>

#include "util/buf.h"
#include "util/lang.h"
#include "util/log.h"

#define PARTS_MAX 64 /* of a run; more break it */

enum token_type {
    TOKEN_END,
    TOKEN_TEXT,
    TOKEN_VALUE,   /* <?cs var:… ?>, <?cs call:… ?> */
    TOKEN_CONTROL, /* every other tag of ClearSilver */
    TOKEN_TAG,     /* of HTML, a comment too */
};

struct token {
    enum token_type type;
    struct str text;
};

/* Text, or what a placeholder stands for. */
struct part {
    bool text;
    struct str source;
};

struct run {
    struct part v[PARTS_MAX];
    size_t n;
};

struct job {
    struct arena *a;
    const char *name;
    translate_lookup lookup;
    void *context;
    struct buf out;
    enum status st;
};

static const char *const inline_tags[] = { "b",   "i",   "em",  "strong",
                                           "bdi", "sub", "sup", "wbr" };

/* Within a text when there is nothing in them that has to be translated. */
static const char *const value_tags[] = { "a",    "span", "small",
                                          "time", "abbr", "bdi" };

/* Their content is no language. */
static const char *const foreign_tags[] = { "pre",  "textarea", "script",
                                            "code", "kbd",      "style" };

static const char *const attributes[] = { "title",        "alt",
                                          "aria-label",   "placeholder",
                                          "data-l",       "aria-description",
                                          "data-confirm", "data-t" };


/* Tokens */

/* The length of a ClearSilver tag at the beginning of s; 0: there is none. */
static size_t
cs_length(struct str s)
{
    ptrdiff_t end;

    if (!str_starts(s, STR("<?cs"))) {
        return 0;
    }
    end = str_find(s, STR("?>"));
    return end == -1 ? s.n : (size_t) end + 2;
}


/* The length of an HTML tag; its attributes may have tags of ClearSilver. */
static size_t
tag_length(struct str s)
{
    char quote = '\0';
    size_t i = 1;

    if (str_starts(s, STR("<!--"))) {
        ptrdiff_t end = str_find(s, STR("-->"));

        return end == -1 ? s.n : (size_t) end + 3;
    }
    while (i < s.n) {
        size_t cs = cs_length(str_sub(s, i, s.n));

        if (cs > 0) {
            i += cs;
            continue;
        }
        if (quote != '\0') {
            quote = s.p[i] == quote ? '\0' : quote;

        } else if (s.p[i] == '"' || s.p[i] == '\'') {
            quote = s.p[i];

        } else if (s.p[i] == '>') {
            return i + 1;
        }
        i++;
    }
    return s.n;
}


static struct token
next(struct str *rest)
{
    struct str s = *rest;
    struct token t = { TOKEN_END, STR("") };
    size_t n = cs_length(s);

    if (s.n == 0) {
        return t;
    }
    if (n > 0) {
        t.type =
            str_starts(s, STR("<?cs var:")) || str_starts(s, STR("<?cs call:"))
                ? TOKEN_VALUE
                : TOKEN_CONTROL;

    } else if (s.n > 1 && s.p[0] == '<'
               && (isalpha((unsigned char) s.p[1]) || s.p[1] == '/'
                   || s.p[1] == '!')) {
        t.type = TOKEN_TAG;
        n = tag_length(s);

    } else {
        t.type = TOKEN_TEXT;
        n = 1;
        while (n < s.n && s.p[n] != '<') {
            n++;
        }
    }
    t.text = str_sub(s, 0, n);
    *rest = str_sub(s, n, s.n);
    return t;
}


/* "b" of <b>, "/b" of </b> */
static struct str
tag_name(struct str tag)
{
    size_t n = 1;

    while (n < tag.n
           && (isalnum((unsigned char) tag.p[n]) || tag.p[n] == '/'
               || tag.p[n] == '-')) {
        n++;
    }
    return str_sub(tag, 1, n);
}


static bool
is_one_of(struct str name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (str_is(name, names[i])) {
            return true;
        }
    }
    return false;
}


#define IS_ONE_OF(name, names)                                                 \
    is_one_of((name), (names), sizeof(names) / sizeof((names)[0]))


/* A letter that is no part of an entity. */
static bool
has_letters(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '&') {
            ptrdiff_t end = str_chr(str_sub(s, i, s.n), ';');

            if (end != -1 && end < 10) {
                i += (size_t) end;
                continue;
            }
        }
        if (isalpha((unsigned char) s.p[i])) {
            return true;
        }
    }
    return false;
}


/*
 * The "event|events" of "<?cs var:form(X, "event|events") ?>", and X; false:
 * it is something else.
 */
static bool
forms_of(struct str source, struct str *number, struct str *forms)
{
    const struct str head = STR("<?cs var:form("), tail = STR("\") ?>");
    ptrdiff_t comma;

    if (!str_starts(source, head) || !str_ends(source, tail)) {
        return false;
    }
    source = str_sub(source, head.n, source.n - tail.n);
    comma = str_find(source, STR(", \""));
    if (comma == -1 || str_find(source, STR("?>")) != -1) {
        return false;
    }
    *number = str_sub(source, 0, (size_t) comma);
    *forms = str_sub(source, (size_t) comma + 3, source.n);
    return true;
}


static bool
has_forms(struct str source)
{
    struct str number, forms;

    return forms_of(source, &number, &forms);
}


/*
 * The length of an element that ends in the rest, from behind its opening tag;
 * 0: none.  only_values: nothing in it is to be translated.
 */
static size_t
element_length(struct str rest, struct str name, bool only_values)
{
    struct str at = rest;
    struct token t;

    while ((t = next(&at)).type != TOKEN_END) {
        struct str tag = t.type == TOKEN_TAG ? tag_name(t.text) : STR("");

        if (tag.n == name.n + 1 && tag.p[0] == '/'
            && str_eq(str_sub(tag, 1, tag.n), name)) {
            return (size_t) (at.p - rest.p);
        }
        if (only_values
            && (t.type == TOKEN_CONTROL || has_forms(t.text)
                || (t.type == TOKEN_TEXT && has_letters(t.text))
                || (t.type == TOKEN_TAG && !IS_ONE_OF(tag, inline_tags)
                    && !(tag.n > 1 && tag.p[0] == '/'
                         && IS_ONE_OF(str_sub(tag, 1, tag.n), inline_tags))))) {
            return 0;
        }
    }
    return 0;
}


/* Runs */

/* The text with placeholders and folded white space, from part i to j. */
static struct str
message(struct arena *a, const struct run *r, size_t i, size_t j)
{
    struct buf b = buf_in(a);
    struct str number, forms;
    int placeholder = 0;
    bool space = false;

    for (; i < j; i++) {
        if (!r->v[i].text) {
            if (space) {
                buf_char(&b, ' ');
            }
            space = false;
            if (forms_of(r->v[i].source, &number, &forms)) {
                buf_addf(&b, "{%d|%.*s}", placeholder++, STR_FMT(forms));
            } else {
                buf_addf(&b, "{%d}", placeholder++);
            }
            continue;
        }
        for (size_t k = 0; k < r->v[i].source.n; k++) {
            char c = r->v[i].source.p[k];

            if (isspace((unsigned char) c)) {
                space = true;
                continue;
            }
            if (space && b.n > 0) {
                buf_char(&b, ' ');
            }
            space = false;
            buf_char(&b, c);
        }
    }
    return buf_view(&b);
}


/* Tags that show a value; others make an icon, a field, … */
static const struct {
    const char *head;
    const char *tail;
} values[] = {
    { "<?cs var:full(", ") ?>" },   { "<?cs var:count(", ") ?>" },
    { "<?cs call:count(", ") ?>" }, { "<?cs call:time(", ") ?>" },
    { "<?cs var:", " ?>" },
};


/*
 * The X of the first "<?cs var:X ?>", "<?cs var:full(X) ?>", "<?cs
 * call:count(X) ?>" in it; the null str: it shows no value.
 */
static struct str
value_of(struct str source)
{
    struct token t;

    while ((t = next(&source)).type != TOKEN_END) {
        for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
            struct str head = str_of(values[i].head);
            struct str tail = str_of(values[i].tail);

            if (str_starts(t.text, head) && str_ends(t.text, tail)) {
                return str_sub(t.text, head.n, t.text.n - tail.n);
            }
        }
    }
    return STR_NULL;
}


static void
wrong(struct job *job, struct str english, const char *what)
{
    log_error("template %s: the translation of \"%.*s\" %s", job->name,
              STR_FMT(english), what);
    job->st = ST_INVALID;
}


/* A translation with what its placeholders stand for. */
static void
put(struct job *job, struct str english, struct str own,
    const struct str *sources, size_t n)
{
    while (own.n > 0) {
        size_t i = 0;
        int which = lang_placeholder(own, &i);
        ptrdiff_t end;

        if (which == -1) {
            buf_char(&job->out, own.p[0]);
            own = str_sub(own, 1, own.n);
            continue;
        }
        end = str_chr(own, '}');
        if (end == -1 || (size_t) which >= n
            || (own.p[i] != '|' && own.p[i] != '}')) {
            wrong(job, english, "has a placeholder that is not there");
            return;
        }
        if (own.p[i] == '}') {
            buf_str(&job->out, sources[which]);

        } else {
            struct str forms = str_sub(own, i + 1, (size_t) end);
            struct str number, english_forms;

            if (!forms_of(sources[which], &number, &english_forms)) {
                number = value_of(sources[which]);
            }
            if (str_null(number) || str_chr(forms, '"') != -1
                || str_chr(forms, '<') != -1) {
                wrong(job, english, "has forms for what is no number");
                return;
            }
            buf_addf(&job->out, "<?cs var:form(%.*s, \"%.*s\") ?>",
                     STR_FMT(number), STR_FMT(forms));
        }
        own = str_sub(own, (size_t) end + 1, own.n);
    }
}


static void
copy(struct job *job, const struct run *r, size_t i, size_t j)
{
    for (; i < j; i++) {
        buf_str(&job->out, r->v[i].source);
    }
}


/* The white space at the beginning, or at the end, of a text. */
static void
put_space(struct job *job, const struct part *part, bool leading)
{
    struct str s = part->text ? part->source : STR("");
    size_t n = 0;

    while (n < s.n && isspace((unsigned char) s.p[leading ? n : s.n - 1 - n])) {
        n++;
    }
    buf_str(&job->out, leading ? str_sub(s, 0, n) : str_sub(s, s.n - n, s.n));
}


/* At the ends of a run this is no part of the text. */
static bool
is_edge(const struct part *part)
{
    return part->text
               ? !has_letters(part->source)
               : str_null(value_of(part->source)) && !has_forms(part->source);
}


static bool
any_letters(const struct run *r, size_t i, size_t j)
{
    for (; i < j; i++) {
        if (r->v[i].text ? has_letters(r->v[i].source)
                         : has_forms(r->v[i].source)) {
            return true;
        }
    }
    return false;
}


/* Writes what has been gathered, and begins anew. */
static void
flush(struct job *job, struct run *r)
{
    struct str sources[PARTS_MAX], english, own;
    size_t from = 0, to = r->n, n = 0;

    while (from < to && is_edge(&r->v[from])) {
        from++;
    }
    while (to > from && is_edge(&r->v[to - 1])) {
        to--;
    }
    if (!any_letters(r, from, to)) {
        copy(job, r, 0, r->n);
        r->n = 0;
        return;
    }
    english = message(job->a, r, from, to);
    own = job->lookup(job->context, english);
    if (str_null(own)) {
        copy(job, r, 0, r->n);
        r->n = 0;
        return;
    }
    for (size_t i = from; i < to; i++) {
        if (!r->v[i].text) {
            sources[n++] = r->v[i].source;
        }
    }
    copy(job, r, 0, from);
    put_space(job, &r->v[from], true);
    put(job, english, own, sources, n);
    put_space(job, &r->v[to - 1], false);
    copy(job, r, to, r->n);
    r->n = 0;
}


/*
 * Neighbours of the same kind are one part: "<b>", a value, "</b>"; the word
 * for a number stands alone.
 */
static void
gather(struct job *job, struct run *r, bool text, struct str source)
{
    struct part *last = r->n > 0 ? &r->v[r->n - 1] : NULL;

    if (last != NULL && last->text == text && !has_forms(source)
        && !has_forms(last->source)
        && last->source.p + last->source.n == source.p) {
        last->source.n += source.n;
        return;
    }
    if (r->n == PARTS_MAX) {
        flush(job, r);
    }
    r->v[r->n++] = (struct part){ text, source };
}


/* Tags */

/* The texts of an attribute's value. */
static void
put_value(struct job *job, struct str value)
{
    struct run r = { .n = 0 };
    struct token t;

    while ((t = next(&value)).type != TOKEN_END) {
        if (t.type == TOKEN_CONTROL) {
            flush(job, &r);
            buf_str(&job->out, t.text);

        } else {
            gather(job, &r, t.type == TOKEN_TEXT, t.text);
        }
    }
    flush(job, &r);
}


/*
 * The name of the attribute whose value begins at i, behind ="; the null str
 * when it is not one that people read.
 */
static bool
is_read(struct str tag, size_t i)
{
    for (size_t k = 0; k < sizeof(attributes) / sizeof(attributes[0]); k++) {
        struct str name = str_of(attributes[k]);
        size_t at = i - 2;

        if (at > name.n && str_eq(str_sub(tag, at - name.n, at), name)
            && isspace((unsigned char) tag.p[at - name.n - 1])) {
            return true;
        }
    }
    return false;
}


static void
put_tag(struct job *job, struct str tag)
{
    size_t i = 0;

    while (i < tag.n) {
        struct str rest = str_sub(tag, i, tag.n);
        size_t cs = cs_length(rest), end;

        if (cs > 0) {
            buf_str(&job->out, str_sub(rest, 0, cs));
            i += cs;
            continue;
        }
        buf_char(&job->out, tag.p[i++]);
        if (i < 3 || tag.p[i - 1] != '"' || tag.p[i - 2] != '=') {
            continue;
        }
        for (end = i; end < tag.n && tag.p[end] != '"';) {
            cs = cs_length(str_sub(tag, end, tag.n));
            end += cs > 0 ? cs : 1;
        }
        if (is_read(tag, i)) {
            put_value(job, str_sub(tag, i, end));
        } else {
            buf_str(&job->out, str_sub(tag, i, end));
        }
        if (end < tag.n) {
            buf_char(&job->out, '"');
        }
        i = end + 1;
    }
}


static bool
has_read_attribute(struct str tag)
{
    for (size_t i = 3; i < tag.n; i++) {
        if (tag.p[i - 1] == '"' && tag.p[i - 2] == '=' && is_read(tag, i)) {
            return true;
        }
    }
    return false;
}


/* A tag that may stand in a text; *used: of the rest that belongs to it. */
static bool
is_inline(struct str tag, struct str rest, size_t *used)
{
    struct str name = tag_name(tag);
    struct str bare =
        name.n > 1 && name.p[0] == '/' ? str_sub(name, 1, name.n) : name;

    *used = 0;
    if (has_read_attribute(tag)) {
        return false;
    }
    if (str_is(bare, "code") || str_is(bare, "kbd")) {
        *used = element_length(rest, name, false);
        return true;
    }
    if (IS_ONE_OF(name, value_tags)) {
        *used = element_length(rest, name, true);
        if (*used > 0) {
            return true;
        }
    }
    return IS_ONE_OF(bare, inline_tags);
}


enum status
translate(struct arena *a, const char *name, struct str template,
          translate_lookup lookup, void *context, struct str *out)
{
    struct job job = { a, name, lookup, context, buf_in(a), ST_OK };
    struct run r = { .n = 0 };
    struct str rest = template;
    struct token t;
    size_t used;

    while ((t = next(&rest)).type != TOKEN_END) {
        if (t.type == TOKEN_TEXT || t.type == TOKEN_VALUE) {
            gather(&job, &r, t.type == TOKEN_TEXT, t.text);

        } else if (t.type == TOKEN_TAG && is_inline(t.text, rest, &used)) {
            gather(&job, &r, false, str_make(t.text.p, t.text.n + used));
            rest = str_sub(rest, used, rest.n);

        } else {
            flush(&job, &r);
            if (t.type == TOKEN_CONTROL) {
                buf_str(&job.out, t.text);
                continue;
            }
            put_tag(&job, t.text);
            if (IS_ONE_OF(tag_name(t.text), foreign_tags)) {
                used = element_length(rest, tag_name(t.text), false);
                buf_str(&job.out, str_sub(rest, 0, used));
                rest = str_sub(rest, used, rest.n);
            }
        }
    }
    flush(&job, &r);
    *out = buf_view(&job.out);
    return job.st;
}
