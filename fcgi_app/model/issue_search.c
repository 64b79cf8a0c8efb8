/*
 * Text to filter: what the parentheses and signs mean.  A query is a list of
 * ways in which it may hold, each of them terms that must all hold (the
 * disjunctive normal form, of SEARCH_ANY_MAX ways at most); nearly always it is
 * one way.  A term that is wrong is left out of its way, and a way of wrong
 * terms alone is left out of the query.
 */

#include "model/issue_search_work.h"

#include "util/buf.h"
#include "util/lang.h"

struct way {
    struct issue_term **terms;
    size_t n;
};

/* None at all: nothing is asked for. */
struct ways {
    struct way *v;
    size_t n;
};

struct parser {
    struct arena *a;
    const struct search_names *names;
    struct search_token *tokens;
    size_t n;
    size_t at;
    size_t depth;
};


static void
fault(struct issue_term *t, struct str error)
{
    if (str_null(t->error)) {
        t->error = error;
    }
}


static enum search_sign
sign_at(const struct parser *p, size_t i)
{
    /* beyond the end stands what ends everything */
    return i < p->n ? p->tokens[i].sign : SIGN_CLOSE;
}


/* Each way of the one with each of the other; false when they are too many. */
static bool
both(struct arena *a, struct ways *x, const struct ways *y)
{
    struct ways out = { 0 };

    if (y->n == 0) {
        return true;
    }
    if (x->n == 0) {
        *x = *y;
        return true;
    }
    if (x->n * y->n > SEARCH_ANY_MAX) {
        return false;
    }
    out.v = arena_array(a, x->n * y->n, sizeof(struct way));
    for (size_t i = 0; i < x->n; i++) {
        for (size_t k = 0; k < y->n; k++) {
            struct way *w = &out.v[out.n++];

            w->n = x->v[i].n + y->v[k].n;
            w->terms = arena_array(a, w->n, sizeof(*w->terms));
            memcpy(w->terms, x->v[i].terms, x->v[i].n * sizeof(*w->terms));
            memcpy(w->terms + x->v[i].n, y->v[k].terms,
                   y->v[k].n * sizeof(*w->terms));
        }
    }
    *x = out;
    return true;
}


static bool
either(struct arena *a, struct ways *x, const struct ways *y)
{
    struct ways out = { .n = x->n + y->n };

    if (out.n > SEARCH_ANY_MAX) {
        return false;
    }
    if (x->n == 0 || y->n == 0) {
        /* one of them is wrong, and has no ways */
        *x = x->n == 0 ? *y : *x;
        return true;
    }
    out.v = arena_array(a, out.n, sizeof(struct way));
    memcpy(out.v, x->v, x->n * sizeof(struct way));
    memcpy(out.v + x->n, y->v, y->n * sizeof(struct way));
    *x = out;
    return true;
}


static struct ways read_either(struct parser *p);


static struct ways
read_term(struct parser *p, struct issue_term *t)
{
    struct ways out = { 0 };
    struct issue_filter scratch;

    search_filter_open(p->a, &scratch);
    fault(t, search_apply(p->a, p->names, t, &scratch));
    if (str_null(t->error)) {
        out.n = 1;
        out.v = arena_new_of(p->a, struct way);
        out.v->n = 1;
        out.v->terms = arena_new_of(p->a, struct issue_term *);
        out.v->terms[0] = t;
    }
    return out;
}


/* The end of the group that begins at i. */
static size_t
skip_group(const struct parser *p, size_t i)
{
    size_t depth = 0;

    for (; i < p->n; i++) {
        depth += p->tokens[i].sign == SIGN_OPEN;
        depth -= p->tokens[i].sign == SIGN_CLOSE && depth > 0;
        if (depth == 0) {
            return i + 1;
        }
    }
    return i;
}


static struct ways
read_group(struct parser *p)
{
    struct issue_term *open = &p->tokens[p->at++].term;
    size_t from = p->at;
    struct ways out;

    if (open->negated) {
        fault(open, STR("Parentheses cannot be turned round: write “!” in "
                        "front of each term."));
    }
    if (++p->depth > SEARCH_DEPTH_MAX) {
        fault(open, STR("There are too many parentheses in each other."));
        p->at = skip_group(p, from - 1);
        p->depth--;
        return (struct ways){ 0 };
    }
    out = read_either(p);
    p->depth--;
    if (p->at < p->n) {
        p->at++;
        if (p->at == from + 1) {
            fault(open, STR("There is nothing between the parentheses."));
        }
    } else {
        fault(open, STR("This parenthesis is not closed."));
    }
    if (open->negated) {
        out.n = 0;
    }
    return out;
}


/* Up to an OR or the end of the group. */
static struct ways
read_both(struct parser *p)
{
    struct ways out = { 0 }, more;

    for (; sign_at(p, p->at) != SIGN_OR; p->at++) {
        struct search_token *t = &p->tokens[p->at];

        if (sign_at(p, p->at) == SIGN_CLOSE) {
            if (p->at == p->n || p->depth > 0) {
                break;
            }
            fault(&t->term, STR("Nothing opens this parenthesis."));
            continue;
        }
        if (t->sign == SIGN_AND) {
            continue;
        }
        if (t->sign == SIGN_OPEN) {
            more = read_group(p);
            p->at--;
        } else {
            more = read_term(p, &t->term);
        }
        if (!both(p->a, &out, &more)) {
            fault(&t->term, STR("The search can hold in too many ways."));
        }
    }
    return out;
}


static struct ways
read_either(struct parser *p)
{
    size_t from = p->at;
    struct ways out = read_both(p), more;

    while (sign_at(p, p->at) == SIGN_OR) {
        struct issue_term *sign = &p->tokens[p->at++].term;
        bool before = p->at - 1 > from;

        from = p->at;
        more = read_both(p);
        if (!before || p->at == from) {
            fault(sign, STR_N("“OR” stands between two terms."));
        }
        if (!either(p->a, &out, &more)) {
            fault(sign, STR("The search can hold in too many ways."));
        }
    }
    return out;
}


/* The list of terms that people see */

static bool
has_either(const struct parser *p)
{
    for (size_t i = 0; i < p->n; i = skip_group(p, i)) {
        if (p->tokens[i].sign == SIGN_OR) {
            return true;
        }
    }
    return false;
}


static void
add_group(const struct parser *p, struct str text, size_t from, size_t to,
          struct issue_query *out)
{
    struct issue_term *t = &out->terms[out->n++];
    struct issue_term *inner =
        arena_array(p->a, to - from, sizeof(struct issue_term));
    bool bare = p->tokens[from].sign != SIGN_OPEN || skip_group(p, from) != to;

    *t = (struct issue_term){ .group = true, .inner = inner };
    t->value = str_sub(text, p->tokens[from].from, p->tokens[to - 1].to);
    t->text = t->value;
    if (bare) {
        t->text = str_printf(p->a, "(%.*s)", STR_FMT(t->value));
    } else if (p->tokens[to - 1].sign == SIGN_CLOSE && to - from > 2) {
        t->value =
            str_sub(text, p->tokens[from + 1].from, p->tokens[to - 2].to);
    }
    for (size_t i = from; i < to; i++) {
        if (p->tokens[i].sign == SIGN_TERM) {
            inner[t->ninner++] = p->tokens[i].term;
            t->of_issue = t->of_issue || p->tokens[i].term.of_issue;
        }
    }
}


static void
add_terms(const struct parser *p, struct str text, struct issue_query *out)
{
    out->terms = arena_array(p->a, p->n + 1, sizeof(struct issue_term));
    if (has_either(p)) {
        add_group(p, text, 0, p->n, out);
        return;
    }
    for (size_t i = 0, next; i < p->n; i = next) {
        next = skip_group(p, i);
        if (p->tokens[i].sign == SIGN_OPEN) {
            add_group(p, text, i, next, out);

        } else if (p->tokens[i].sign == SIGN_TERM
                   || !str_null(p->tokens[i].term.error)) {
            out->terms[out->n++] = p->tokens[i].term;
        }
    }
}


/* The text without token i, and without the sign that joined it. */
static struct str
cut_out(const struct parser *p, struct str text, size_t i)
{
    size_t from = p->tokens[i].from, to = p->tokens[i].to;
    struct str before, behind;
    bool apart;

    if (p->tokens[i].sign == SIGN_TERM) {
        if (i > 0
            && (p->tokens[i - 1].sign == SIGN_OR
                || p->tokens[i - 1].sign == SIGN_AND)) {
            from = p->tokens[i - 1].from;

        } else if (sign_at(p, i + 1) == SIGN_OR
                   || sign_at(p, i + 1) == SIGN_AND) {
            to = p->tokens[i + 1].to;
        }
    }
    before = str_trim(str_sub(text, 0, from));
    behind = str_trim(str_sub(text, to, text.n));
    apart = before.n > 0 && behind.n > 0 && !str_ends(before, STR("("))
            && !str_starts(behind, STR(")"));
    return str_printf(p->a, "%.*s%s%.*s", STR_FMT(before), apart ? " " : "",
                      STR_FMT(behind));
}


static void
add_fault(struct arena *a, struct issue_query *q, struct str text,
          struct str error, struct str without)
{
    q->faults = arena_grow(a, q->faults, q->nerrors * sizeof(*q->faults),
                           (q->nerrors + 1) * sizeof(*q->faults));
    q->faults[q->nerrors++] = (struct search_fault){ text, error, without };
}


static void
add_faults(const struct parser *p, struct str text, struct issue_query *out)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct issue_term *t = &p->tokens[i].term;

        if (!str_null(t->error)) {
            add_fault(p->a, out, t->text, t->error, cut_out(p, text, i));
        }
    }
}


/* No more terms than there is room for in a filter. */
static void
bound(struct parser *p)
{
    size_t terms = 0;

    for (size_t i = 0; i < p->n; i++) {
        terms += p->tokens[i].sign == SIGN_TERM;
        if (terms > SEARCH_TERMS_MAX) {
            p->n = i;
        }
    }
}


void
issue_query_parse(struct arena *a, struct str text,
                  const struct search_names *names, struct issue_query *out)
{
    struct parser p = { .a = a, .names = names };
    struct issue_filter *ways;
    struct ways read;

    *out = (struct issue_query){ 0 };
    text = str_cut(text, SEARCH_TEXT_MAX);
    p.n = search_cut(a, text, &p.tokens);
    bound(&p);
    read = read_either(&p);
    ways = arena_array(a, read.n + 1, sizeof(struct issue_filter));
    search_filter_open(a, &ways[0]);
    for (size_t i = 0; i < read.n; i++) {
        search_filter_open(a, &ways[i]);
        for (size_t k = 0; k < read.v[i].n; k++) {
            /* it was found to be right */
            (void) search_apply(a, names, read.v[i].terms[k], &ways[i]);
        }
    }
    search_any(a, ways, read.n > 0 ? read.n : 1, &out->filter);
    add_terms(&p, text, out);
    add_faults(&p, text, out);
}


bool
issue_query_is_either(struct arena *a, struct str text)
{
    struct parser p = { .a = a };

    p.n = search_cut(a, text, &p.tokens);
    return p.n > 2 && p.tokens[0].sign != SIGN_OR
           && p.tokens[p.n - 1].sign != SIGN_OR && has_either(&p);
}


void
issue_query_refuse(struct arena *a, struct issue_query *q, size_t i,
                   struct str error)
{
    if (str_null(q->terms[i].error)) {
        q->terms[i].error = error;
        add_fault(a, q, q->terms[i].text, error, issue_query_without(a, q, i));
    }
}


/* Changed queries */

struct joined {
    struct buf b;
    size_t n;
    struct str only;
};


static void
join(struct joined *j, const struct issue_term *t)
{
    buf_text(&j->b, j->n++ > 0 ? " " : "");
    buf_str(&j->b, t->text);
    j->only = t->group && t->value.n + 2 == t->text.n ? t->value : t->text;
}


struct str
issue_query_without(struct arena *a, const struct issue_query *q, size_t skip)
{
    struct joined j = { .b = buf_in(a) };

    for (size_t i = 0; i < q->n; i++) {
        if (i != skip) {
            join(&j, &q->terms[i]);
        }
    }
    return j.n == 1 ? j.only : buf_view(&j.b);
}


struct str
issue_query_replace(struct arena *a, const struct issue_query *q,
                    const char *key, struct str term)
{
    struct joined j = { .b = buf_in(a) };

    for (size_t i = 0; i < q->n; i++) {
        if (str_null(q->terms[i].key)
            || !str_ieq(q->terms[i].key, str_of(key))) {
            join(&j, &q->terms[i]);
        }
    }
    if (!str_null(term)) {
        join(&j, &(struct issue_term){ .text = term });
    }
    return j.n == 1 ? j.only : buf_view(&j.b);
}


struct str
issue_query_value(const struct issue_query *q, const char *key)
{
    for (size_t i = 0; i < q->n; i++) {
        const struct issue_term *t = &q->terms[i];

        if (!t->negated && !str_null(t->key) && str_ieq(t->key, str_of(key))) {
            return t->value;
        }
    }
    return STR_NULL;
}


/* A value that reads as itself: no quotes needed. */
static bool
plain(struct str value)
{
    for (size_t i = 0; i < value.n; i++) {
        if (search_space(value.p[i]) || strchr("\"\\()*", value.p[i]) != NULL) {
            return false;
        }
    }
    return value.n > 0 && strchr("[<>=", value.p[0]) == NULL;
}


struct str
issue_tag_term(struct arena *a, struct str key, struct str value)
{
    struct buf b = buf_in(a);

    if (search_is_tag(key)) {
        buf_str(&b, key);
    } else {
        buf_text(&b, "tags[");
        buf_str(&b, key);
        buf_char(&b, ']');
    }
    buf_char(&b, ':');
    if (plain(value)) {
        buf_str(&b, value);
        return buf_view(&b);
    }
    buf_char(&b, '"');
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '*') {
            buf_text(&b, "\\\\"); /* a star, and not anything */
        }
        if (value.p[i] == '"' || value.p[i] == '\\') {
            buf_char(&b, '\\');
        }
        buf_char(&b, value.p[i]);
    }
    buf_char(&b, '"');
    return buf_view(&b);
}
