/*
 * page/issue_match.c - where in an issue the words of a search were found.
 */

#include "model/issue_words.h"
#include "page/issue.h"
#include "util/lang.h"

#define FOUND_MAX 3
#define BEFORE_MAX 30 /* bytes of a line in front of what was found */
#define SHOWN_MAX 120

static const char *const where[PIECE_END] = {
    [PIECE_UNKNOWN] = N_("Found in"),
    [PIECE_EXCEPTION] = N_("Found in the exception"),
    [PIECE_MESSAGE] = N_("Found in the message"),
    [PIECE_TRANSACTION] = N_("Found in the transaction"),
    [PIECE_URL] = N_("Found in the URL"),
    [PIECE_FUNCTION] = N_("Found in the function"),
    [PIECE_MODULE] = N_("Found in the module"),
    [PIECE_FILE] = N_("Found in the file"),
    [PIECE_TAG] = N_("Found in the tag"),
    [PIECE_USER] = N_("Found in the user"),
};


/* The first part of a pattern that stands for itself. */
static struct str
literal(struct arena *a, struct str pattern)
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < pattern.n; i++) {
        if (pattern.p[i] == '%' && b.n > 0) {
            break;
        }
        if (pattern.p[i] == '\\' && i + 1 < pattern.n) {
            i++;

        } else if (pattern.p[i] == '%') {
            continue;
        }
        buf_char(&b, pattern.p[i]);
    }
    return buf_view(&b);
}


/* Of a long line what is around the word. */
static struct str
shown(struct arena *a, struct str line, struct str pattern)
{
    ptrdiff_t at = str_ifind(line, literal(a, pattern));
    size_t from = at > BEFORE_MAX ? (size_t) at - BEFORE_MAX : 0;

    if (line.n <= SHOWN_MAX) {
        return line;
    }
    while (from > 0 && ((unsigned char) line.p[from] & 0xC0) == 0x80) {
        from--; /* not inside of a character */
    }
    return str_printf(a, "%s%.*s", from > 0 ? "…" : "",
                      STR_FMT(str_cut(str_sub(line, from, line.n), SHOWN_MAX)));
}


struct found {
    struct request *rq;
    struct data *row;
    struct str text;
    struct str told[FOUND_MAX];
    size_t n;
};


static void
match_words(struct found *f, const struct issue_filter *filter)
{
    for (size_t i = 0; i < filter->nwords && f->n < FOUND_MAX; i++) {
        enum issue_piece piece;
        struct data *found;
        struct str line;
        bool again = false;

        if (!issue_words_find(f->text, filter->words[i], &piece, &line)
            || where[piece] == NULL) {
            continue;
        }
        for (size_t k = 0; k < f->n; k++) {
            again = again || f->told[k].p == line.p;
        }
        if (again) {
            continue;
        }
        f->told[f->n++] = line;
        found = data_row(data_child(f->row, "Found"));
        data_text(found, "where", tr(where[piece]));
        data_str(found, "text", shown(f->rq->a, line, filter->words[i]));
    }
}


void
issue_match(struct request *rq, struct data *row, const struct issue *is,
            const struct issue_filter *filter)
{
    struct found f = { .rq = rq, .row = row, .text = is->search };

    match_words(&f, filter);
    for (size_t i = 0; i < filter->nany; i++) {
        match_words(&f, &filter->any[i]);
    }
}
