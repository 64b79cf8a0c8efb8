/*
 * The words of which a line of grouping rules consists.
 */

#include "digest/rule_word.h"

#include "util/buf.h"


bool
rule_line(struct str *text, unsigned *number, struct str *line)
{
    while (str_split(text, '\n', line)) {
        (*number)++;
        *line = str_trim(*line);
        if (line->n > 0 && line->p[0] != '#') {
            return true;
        }
    }
    return false;
}


bool
rule_word(struct arena *a, struct str *rest, struct str *word)
{
    struct str s = str_trim(*rest);
    struct buf out = buf_in(a);
    bool quoted = false;
    size_t i = 0;

    for (; i < s.n; i++) {
        char c = s.p[i];

        if (c == '"') {
            quoted = !quoted;

        } else if (quoted && c == '\\' && i + 1 < s.n
                   && (s.p[i + 1] == '"' || s.p[i + 1] == '\\')) {
            buf_char(&out, s.p[++i]);

        } else if (!quoted && (c == ' ' || c == '\t')) {
            break;

        } else {
            buf_char(&out, c);
        }
    }
    *rest = str_sub(s, i, s.n);
    *word = buf_view(&out);
    return i > 0 && !quoted;
}


bool
rule_bool_word(struct str s, bool *out)
{
    *out = str_is(s, "yes") || str_is(s, "true") || str_is(s, "1");
    return *out || str_is(s, "no") || str_is(s, "false") || str_is(s, "0");
}
