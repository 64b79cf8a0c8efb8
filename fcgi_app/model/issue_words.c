#include "model/issue_words.h"


static char
lower(char c)
{
    return (char) (c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}


/* LIKE with % alone, as patterns of words have it, in any case. */
static bool
is_like(struct str s, struct str p)
{
    size_t i = 0, k = 0, star = SIZE_MAX, from = 0;

    while (i < s.n) {
        if (k < p.n && p.p[k] == '%') {
            star = k++;
            from = i;
            continue;
        }
        if (k + 1 < p.n && p.p[k] == '\\'
            && lower(s.p[i]) == lower(p.p[k + 1])) {
            i++;
            k += 2;
            continue;
        }
        if (k < p.n && p.p[k] != '\\' && lower(s.p[i]) == lower(p.p[k])) {
            i++;
            k++;
            continue;
        }
        if (star == SIZE_MAX) {
            return false;
        }
        k = star + 1;
        i = ++from;
    }
    while (k < p.n && p.p[k] == '%') {
        k++;
    }
    return k == p.n;
}


/* Takes the byte off a line. */
static enum issue_piece
piece_of(struct str *line)
{
    enum issue_piece piece = PIECE_UNKNOWN;

    if (line->n > 0 && line->p[0] >= PIECE_TITLE && line->p[0] < PIECE_END) {
        piece = (enum issue_piece) line->p[0];
        *line = str_sub(*line, 1, line->n);
    }
    return piece;
}


bool
issue_words_find(struct str text, struct str pattern, enum issue_piece *piece,
                 struct str *line)
{
    while (str_split(&text, '\n', line)) {
        *piece = piece_of(line);
        if (is_like(*line, pattern)) {
            return true;
        }
    }
    return false;
}


struct str
issue_words_code(struct str text)
{
    struct str rest = text, line;

    while (str_split(&rest, '\n', &line)) {
        const char *start = line.p;

        if (piece_of(&line) >= PIECE_TAG) {
            return str_sub(text, 0, (size_t) (start - text.p));
        }
    }
    return text;
}
