#include "model/issue_search_work.h"

#include "util/buf.h"

struct cutter {
    struct arena *a;
    struct str all;
    size_t at;
    size_t depth; /* of parentheses */
};


bool
search_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}


size_t
search_skip_quoted(struct str s, size_t i)
{
    for (i++; i < s.n && s.p[i] != '"'; i++) {
        if (s.p[i] == '\\' && i + 1 < s.n) {
            i++;
        }
    }
    return i < s.n ? i + 1 : i;
}


struct str
search_unquote(struct arena *a, struct str s)
{
    struct buf b = buf_in(a);

    if (s.n < 2 || s.p[0] != '"') {
        return s;
    }
    for (size_t i = 1; i + 1 < s.n; i++) {
        if (s.p[i] == '\\' && i + 2 < s.n) {
            i++;
        }
        buf_char(&b, s.p[i]);
    }
    return buf_view(&b);
}


static bool
key_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}


/*
 * The length of a key before its colon at s, or 0: then it is a word.  So is
 * what looks like a key in a message or a path: "http://…", "Foo::bar",
 * "ValueError: …", "10.0.0.1:80".
 */
static size_t
key_length(struct str s)
{
    bool quoted = s.n > 0 && s.p[0] == '"';
    bool tag = str_starts(s, STR("tags["));
    struct str rest;
    size_t i = 0;

    if (quoted) {
        i = search_skip_quoted(s, 0);

    } else if (tag) {
        while (i < s.n && s.p[i] != ']' && !search_space(s.p[i])) {
            i++;
        }
        i++;
    } else {
        while (i < s.n && key_char(s.p[i])) {
            i++;
        }
    }
    if (i == 0 || i >= s.n || s.p[i] != ':') {
        return 0;
    }
    rest = str_sub(s, i + 1, s.n);
    if (str_starts(rest, STR("//"))) {
        return 0;
    }
    if (tag || (!quoted && search_knows(str_sub(s, 0, i)))) {
        return i;
    }
    return rest.n == 0 || search_space(rest.p[0]) || rest.p[0] == ':'
                   || (s.p[0] >= '0' && s.p[0] <= '9') || (quoted && i < 3)
               ? 0
               : i;
}


/* Behind the ] of a list, or the end of the text. */
static size_t
skip_list(struct str s, size_t i)
{
    while (i < s.n && s.p[i] != ']') {
        i = s.p[i] == '"' ? search_skip_quoted(s, i) : i + 1;
    }
    return i < s.n ? i + 1 : i;
}


/* A word ends at a space, and at the parenthesis of the group it is in; a value
 * at any that it has not opened itself. */
static size_t
skip_word(struct str s, size_t i, bool grouped)
{
    size_t inside = 0;

    for (; i < s.n && !search_space(s.p[i]); i++) {
        if (s.p[i] == '(') {
            inside++;

        } else if (s.p[i] == ')' && inside > 0) {
            inside--;

        } else if (s.p[i] == ')' && grouped) {
            break;
        }
    }
    return i;
}


static size_t
skip_value(struct str s, size_t at)
{
    size_t i = at;

    while (i < s.n && strchr("<>=", s.p[i]) != NULL) {
        i++;
    }
    if (i < s.n && s.p[i] == '"') {
        return search_skip_quoted(s, i);
    }
    return at < s.n && s.p[at] == '[' ? skip_list(s, at)
                                      : skip_word(s, at, true);
}


/* From the start of s; its length. */
static size_t
cut_term(const struct cutter *c, struct str s, struct issue_term *out)
{
    size_t at = 0;
    size_t key;
    size_t end;

    if (s.p[0] == '!' && key_length(str_sub(s, 1, s.n)) > 0) {
        out->negated = true;
        at = 1;
    }
    key = key_length(str_sub(s, at, s.n));
    if (key > 0) {
        out->key = str_sub(s, at, at + key);
        if (out->key.p[0] == '"') {
            out->key = str_printf(c->a, "tags[%.*s]",
                                  STR_FMT(search_unquote(c->a, out->key)));
        }
        at += key + 1;
        end = skip_value(s, at);

    } else if (s.p[0] == '"') {
        end = search_skip_quoted(s, 0);

    } else {
        end = skip_word(s, 0, c->depth > 0);
    }
    out->value = str_sub(s, at, end);
    return end;
}


static bool
cut(struct cutter *c, struct search_token *out)
{
    struct str s;
    size_t n = 1;

    while (c->at < c->all.n && search_space(c->all.p[c->at])) {
        c->at++;
    }
    s = str_sub(c->all, c->at, c->all.n);
    if (s.n == 0) {
        return false;
    }
    *out = (struct search_token){ .from = c->at };
    if (s.p[0] == '(' || str_starts(s, STR("!("))) {
        out->sign = SIGN_OPEN;
        out->term.negated = s.p[0] == '!';
        n = s.p[0] == '!' ? 2 : 1;
        c->depth++;

    } else if (s.p[0] == ')') {
        out->sign = SIGN_CLOSE;
        c->depth -= c->depth > 0;

    } else {
        n = cut_term(c, s, &out->term);
    }
    out->term.text = str_sub(s, 0, n);
    c->at += n;
    out->to = c->at;
    return true;
}


static bool
has_key(const struct search_token *t)
{
    return t->sign == SIGN_TERM && !str_null(t->term.key);
}


/* OR and AND, and "or" and "and" where no sentence has them. */
static void
find_signs(struct search_token *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct str word = v[i].term.text;
        bool is_or = str_ieq(word, STR("or"));

        if (v[i].sign != SIGN_TERM || (!is_or && !str_ieq(word, STR("and")))) {
            continue;
        }
        if (str_is(word, "OR") || str_is(word, "AND")
            || (i > 0 && i + 1 < n
                && (has_key(&v[i - 1]) || v[i - 1].sign == SIGN_CLOSE)
                && (has_key(&v[i + 1]) || v[i + 1].sign == SIGN_OPEN))) {
            v[i].sign = is_or ? SIGN_OR : SIGN_AND;
        }
    }
}


size_t
search_cut(struct arena *a, struct str text, struct search_token **out)
{
    struct cutter c = { a, str_cut(text, SEARCH_TEXT_MAX), 0, 0 };
    size_t n = 0, room = 0;

    do {
        if (n == room) {
            *out = arena_grow(a, n > 0 ? *out : NULL, n * sizeof(**out),
                              (2 * n + 8) * sizeof(**out));
            room = 2 * n + 8;
        }
    } while (cut(&c, &(*out)[n]) && ++n > 0);
    find_signs(*out, n);
    return n;
}
