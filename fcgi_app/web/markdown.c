#include "web/markdown.h"


/* The longest run of backticks. */
static size_t
longest_run(struct str s)
{
    size_t most = 0, run = 0;

    for (size_t i = 0; i < s.n; i++) {
        run = s.p[i] == '`' ? run + 1 : 0;
        most = run > most ? run : most;
    }
    return most;
}


static void
ticks(struct buf *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_char(b, '`');
    }
}


static void
code(struct buf *b, struct str s, bool cell)
{
    size_t fence = longest_run(s) + 1;
    bool pad = s.n == 0 || s.p[0] == '`' || s.p[s.n - 1] == '`';

    ticks(b, fence);
    buf_text(b, pad ? " " : "");
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char) s.p[i];

        buf_text(b, cell && c == '|' ? "\\" : "");
        buf_char(b, c < ' ' ? ' ' : (char) c);
    }
    buf_text(b, pad ? " " : "");
    ticks(b, fence);
}


void
markdown_code(struct buf *b, struct str s)
{
    code(b, s, false);
}


void
markdown_cell(struct buf *b, struct str s)
{
    code(b, s, true);
}


void
markdown_block(struct buf *b, const char *language, struct str s)
{
    size_t fence = longest_run(s) + 1;

    fence = fence < 3 ? 3 : fence;
    ticks(b, fence);
    buf_text(b, language);
    buf_char(b, '\n');
    buf_str(b, s);
    buf_text(b, s.n > 0 && s.p[s.n - 1] == '\n' ? "" : "\n");
    ticks(b, fence);
    buf_char(b, '\n');
}
