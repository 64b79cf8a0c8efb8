#include "digest/codeowners.h"

#include "digest/ownership.h"

struct reader {
    struct arena *a;
    struct str names;
    const struct assignee *people;
    size_t npeople;
    struct str section; /* its owners, as they stand */
    struct buf rules;
    struct codeowners *out;
};


/* ---- names */

static struct str
without_at(struct str name)
{
    return str_starts(name, STR("@")) ? str_sub(name, 1, name.n) : name;
}


/* What "@ann = ann@example.org" says of a name; the null str: nothing. */
static struct str
named(const struct reader *r, struct str name)
{
    struct str rest = r->names, line;

    while (str_split(&rest, '\n', &line)) {
        ptrdiff_t equals = str_chr(line, '=');

        if (equals > 0
            && str_ieq(without_at(str_trim(str_sub(line, 0, (size_t) equals))),
                       without_at(name))) {
            return str_lower(
                r->a, str_trim(str_sub(line, (size_t) equals + 1, line.n)));
        }
    }
    return STR_NULL;
}


/* "#team" of "@org/team", an address, or whose address begins with the name. */
static struct str
found(const struct reader *r, struct str name)
{
    struct str bare = without_at(name);
    ptrdiff_t slash = str_rchr(bare, '/');

    for (size_t i = 0; i < r->npeople; i++) {
        struct str word = r->people[i].word;
        ptrdiff_t at = str_chr(word, '@');

        if (slash >= 0
                ? str_starts(word, STR("#"))
                      && str_ieq(str_sub(word, 1, word.n),
                                 str_sub(bare, (size_t) slash + 1, bare.n))
                : str_ieq(word, bare)
                      || (at > 0
                          && str_ieq(str_sub(word, 0, (size_t) at), bare))) {
            return word;
        }
    }
    return STR_NULL;
}


static void
note_unknown(struct reader *r, struct str name)
{
    struct codeowners *out = r->out;

    for (size_t i = 0; i < out->nunknown; i++) {
        if (str_eq(out->unknown[i], name)) {
            return;
        }
    }
    if (out->nunknown < CODEOWNERS_UNKNOWN_MAX) {
        out->unknown[out->nunknown++] = name;
    }
}


/* ---- lines */

/* Up to white space; "\ " and "\#" stand for themselves. */
static bool
next_word(struct arena *a, struct str *rest, struct str *word)
{
    struct str s = str_trim(*rest);
    struct buf out = buf_in(a);
    size_t i = 0;

    for (; i < s.n && s.p[i] != ' ' && s.p[i] != '\t'; i++) {
        if (s.p[i] == '#' && i == 0) {
            s.n = 0; /* the rest of the line is a comment */
            break;
        }
        if (s.p[i] == '\\' && i + 1 < s.n) {
            i++;
        }
        buf_char(&out, s.p[i]);
    }
    *rest = str_sub(s, i, s.n);
    *word = buf_view(&out);
    return word->n > 0;
}


/* How many of the names are somebody's here; they are added to the line. */
static size_t
add_owners(struct reader *r, struct buf *line, struct str names, size_t *given)
{
    struct str name;
    size_t n = 0;

    *given = 0;
    while (next_word(r->a, &names, &name)) {
        struct str owner = named(r, name);

        (*given)++;
        if (str_null(owner)) {
            owner = found(r, name);
        }
        if (owner.n == 0) {
            note_unknown(r, name);

        } else if (n < OWNERS_MAX) {
            buf_char(line, ' ');
            buf_str(line, owner);
            n++;
        }
    }
    return n;
}


static bool
needs_quotes(struct str s)
{
    return str_chr(s, ' ') >= 0 || str_chr(s, '\t') >= 0
           || str_chr(s, '"') >= 0;
}


static void
add_rule(struct reader *r, struct str pattern, struct str names)
{
    struct buf line = buf_in(r->a);
    size_t given, n;

    if (needs_quotes(pattern)) {
        buf_text(&line, "codeowners:\"");
        for (size_t i = 0; i < pattern.n; i++) {
            if (pattern.p[i] == '"' || pattern.p[i] == '\\') {
                buf_char(&line, '\\');
            }
            buf_char(&line, pattern.p[i]);
        }
        buf_char(&line, '"');

    } else {
        buf_text(&line, "codeowners:");
        buf_str(&line, pattern);
    }
    n = add_owners(r, &line, str_trim(names).n > 0 ? names : r->section,
                   &given);
    if (n == 0 && given > 0) {
        /* a rule without owners would say nobody */
        buf_text(&r->rules, "# nobody here: ");
    } else {
        r->out->n++;
    }
    buf_str(&r->rules, buf_view(&line));
    buf_char(&r->rules, '\n');
}


/* "[Docs][2] @ann" or "^[Docs]": true when the line is one. */
static bool
read_section(struct reader *r, struct str line)
{
    ptrdiff_t end = str_rchr(line, ']');

    if (!(str_starts(line, STR("[")) || str_starts(line, STR("^[")))
        || end < 0) {
        return false;
    }
    r->section = str_sub(line, (size_t) end + 1, line.n);
    return true;
}


void
codeowners_read(struct arena *a, struct str text, struct str names,
                const struct assignee *people, size_t npeople,
                struct codeowners *out)
{
    struct reader r = { .a = a,
                        .names = names,
                        .people = people,
                        .npeople = npeople,
                        .rules = buf_in(a),
                        .out = out };
    struct str line, word;

    *out =
        (struct codeowners){ .unknown = arena_array(a, CODEOWNERS_UNKNOWN_MAX,
                                                    sizeof(struct str)) };
    while (str_split(&text, '\n', &line)) {
        line = str_trim(line);
        if (read_section(&r, line) || str_starts(line, STR("!"))
            || !next_word(a, &line, &word)) {
            continue;
        }
        add_rule(&r, word, line);
    }
    out->rules = buf_view(&r.rules);
}


struct str
codeowners_put(struct arena *a, struct str rules, const struct codeowners *c)
{
    ptrdiff_t begin = str_find(rules, STR(CODEOWNERS_BEGIN));
    ptrdiff_t end = str_find(rules, STR(CODEOWNERS_END));
    struct str before = STR(""), after = rules;

    if (begin >= 0 && end > begin) {
        before = str_sub(rules, 0, (size_t) begin);
        after =
            str_sub(rules, (size_t) end + sizeof(CODEOWNERS_END) - 1, rules.n);
    }
    return str_printf(a, "%.*s%s\n%.*s%s\n%.*s", STR_FMT(before),
                      CODEOWNERS_BEGIN, STR_FMT(c->rules), CODEOWNERS_END,
                      STR_FMT(str_trim(after)));
}
