/*
 * web/qr.h - a QR code as a path of SVG, drawn here: what it holds is a secret
 * and goes to nobody else.
 */

#ifndef VEDETTE_WEB_QR_H
#define VEDETTE_WEB_QR_H

#include "util/str.h"

/*
 * "M4 4h7v1h-7z…" in modules, with the quiet zone; *size: of the square.  The
 * null str when the text is too long for a code.
 */
struct str qr_path(struct arena *a, struct str text, int *size);

#endif
