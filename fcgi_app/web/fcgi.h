/*
 * web/fcgi.h - from FastCGI's parameters to a request.
 */

#ifndef VEDETTE_WEB_FCGI_H
#define VEDETTE_WEB_FCGI_H

#include <fcgiapp.h>

#include "web/http.h"

/*
 * Fills what comes from outside; the rest of *rq is zero but for its arena.
 * A body over FORM_BYTES_MAX is not read.
 */
void fcgi_read(FCGX_Request *fcgi, struct request *rq);

/* False when the peer has gone. */
bool fcgi_write(FCGX_Request *fcgi, struct str bytes);

#endif
