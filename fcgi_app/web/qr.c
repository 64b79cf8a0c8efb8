#include "web/qr.h"

#include <qrencode.h>

#include "util/buf.h"

#define QUIET 4


struct str
qr_path(struct arena *a, struct str text, int *size)
{
    QRcode *code = QRcode_encodeString8bit(str_dup(a, text), 0, QR_ECLEVEL_M);
    struct buf b = buf_in(a);

    if (code == NULL) {
        return STR_NULL;
    }
    *size = code->width + 2 * QUIET;
    for (int y = 0; y < code->width; y++) {
        const unsigned char *row = code->data + y * code->width;
        int run;

        for (int x = 0; x < code->width; x += run) {
            run = 1;
            if (!(row[x] & 1)) {
                continue;
            }
            while (x + run < code->width && (row[x + run] & 1)) {
                run++;
            }
            buf_str(&b, str_printf(a, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET,
                                   run, run));
        }
    }
    QRcode_free(code);
    return buf_view(&b);
}
