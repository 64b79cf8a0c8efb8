#include "web/csv.h"

#include <string.h>


void
csv_field(struct buf *b, struct str s)
{
    buf_char(b, '"');
    if (s.n > 0 && strchr("=+-@\t\r", s.p[0]) != NULL) {
        buf_char(b, '\'');
    }
    for (size_t i = 0; i < s.n; i++) {
        buf_text(b, s.p[i] == '"' ? "\"" : "");
        buf_char(b, s.p[i]);
    }
    buf_char(b, '"');
}
