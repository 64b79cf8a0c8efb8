#include "model/issue_similar.h"

#include <ctype.h>
#include <stdlib.h>

#include "model/issue_words.h"

#define CANDIDATES 300 /* of each state */
#define WORDS_MAX 600  /* of a text */
#define LEAST 34       /* percent */

/* The distinct words of a text, as numbers, ascending. */
struct words {
    uint32_t *v;
    size_t n;
};


static int
by_number(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *) left, b = *(const uint32_t *) right;

    return (a > b) - (a < b);
}


/* Letters, in one case; what has a digit in it says nothing. */
static struct words
words_of(struct arena *a, struct str text)
{
    struct words out = {
        .v = arena_array(a, WORDS_MAX, sizeof(uint32_t)),
    };
    uint32_t hash = 2166136261u;
    size_t length = 0, kept = 0;
    bool digits = false;

    for (size_t i = 0; i <= text.n && out.n < WORDS_MAX; i++) {
        unsigned char c = i < text.n ? (unsigned char) text.p[i] : ' ';

        if (isalpha(c) || c >= 0x80 || c == '_') {
            hash = (hash ^ (uint32_t) tolower(c)) * 16777619u;
            length++;
            continue;
        }
        if (isdigit(c)) {
            digits = true;
            length++;
            continue;
        }
        if (length > 1 && !digits) {
            out.v[out.n++] = hash;
        }
        hash = 2166136261u;
        length = 0;
        digits = false;
    }
    qsort(out.v, out.n, sizeof(*out.v), by_number);
    for (size_t i = 0; i < out.n; i++) {
        if (kept == 0 || out.v[kept - 1] != out.v[i]) {
            out.v[kept++] = out.v[i];
        }
    }
    out.n = kept;
    return out;
}


/* Of all words, how many both have, in percent (Jaccard). */
static int
common(const struct words *a, const struct words *b)
{
    size_t i = 0, k = 0, both = 0;

    while (i < a->n && k < b->n) {
        if (a->v[i] == b->v[k]) {
            both++;
            i++;
            k++;

        } else if (a->v[i] < b->v[k]) {
            i++;

        } else {
            k++;
        }
    }
    return a->n + b->n == 0 ? 0 : (int) (both * 100 / (a->n + b->n - both));
}


static int
by_score(const void *left, const void *right)
{
    const struct issue_similar *a = left, *b = right;

    if (a->score != b->score) {
        return b->score - a->score;
    }
    return (a->issue.id < b->issue.id) - (a->issue.id > b->issue.id);
}


static void
compare(struct issue_similar *s, const struct issue *is,
        const struct words *value, const struct words *code,
        const struct words *other_value, const struct words *other_code)
{
    s->same_type = is->type.n > 0 && str_eq(is->type, s->issue.type);
    s->same_culprit =
        is->culprit.n > 0 && str_eq(is->culprit, s->issue.culprit);
    s->value = common(value, other_value);
    s->code = common(code, other_code);
    s->score = (s->same_type ? 20 : 0) + (s->same_culprit ? 20 : 0)
               + s->value * 25 / 100 + s->code * 35 / 100;
}


enum status
issue_similar(struct db *db, struct arena *a, const struct issue *is,
              struct issue_similar **out, size_t *n)
{
    struct words value, code;
    struct arena *scratch;
    struct db_rows rows;
    enum status st;

    *n = 0;
    st = db_one(db, a, SQL_ISSUE_SIMILAR_TEXT, DB_ARGS(db_i64(is->id)), &rows);
    if (st != ST_OK) {
        return st;
    }
    value = words_of(a, is->type.n > 0 ? is->value : is->title);
    code = words_of(a, issue_words_code(db_get_str(&rows, 0, "search")));

    st = db_query(
        db, a, SQL_ISSUE_SIMILAR_CANDIDATES,
        DB_ARGS(db_i64(is->project_id), db_i64(is->id), db_i64(CANDIDATES)),
        &rows);
    if (st != ST_OK) {
        return st;
    }
    *out = arena_array(a, (size_t) rows.n, sizeof(**out));
    scratch = arena_new();
    for (int i = 0; i < rows.n; i++) {
        struct issue_similar *s = &(*out)[*n];
        struct words other_value, other_code;

        issue_from_row(a, &rows, i, &s->issue);
        other_value = words_of(scratch, s->issue.type.n > 0 ? s->issue.value
                                                            : s->issue.title);
        other_code =
            words_of(scratch, issue_words_code(db_get_str(&rows, i, "search")));
        compare(s, is, &value, &code, &other_value, &other_code);
        *n += s->score >= LEAST;
        arena_reset(scratch);
    }
    arena_free(scratch);
    qsort(*out, *n, sizeof(**out), by_score);
    if (*n > ISSUE_SIMILAR_MAX) {
        *n = ISSUE_SIMILAR_MAX;
    }
    return ST_OK;
}
