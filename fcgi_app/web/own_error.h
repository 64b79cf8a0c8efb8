/*
 * web/own_error.h - a page that failed is an event, too: of the project that
 * system.error-dsn names, under the id of the request, which the error page
 * shows.
 */

#ifndef VEDETTE_WEB_OWN_ERROR_H
#define VEDETTE_WEB_OWN_ERROR_H

#include "web/http.h"

/*
 * Has the event sent once the answer is out; the reason is the last error
 * that this process has logged since serve() began.  False: no project takes
 * it, or too many failed lately.
 */
bool own_error(struct request *rq, int status);

#endif
