/*
 * web/fault.h - what is answered when there is no page to show.
 *
 * People get an error page that says what they can do about it: which field
 * cannot be read, who can give the role that is missing.  Programs, which send
 * a token or ask for JSON alone, get an object with "detail", as other tools
 * expect it.
 */

#ifndef VEDETTE_WEB_FAULT_H
#define VEDETTE_WEB_FAULT_H

#include "web/http.h"

/*
 * Beside the headers that a page has set, nothing of it remains.  One statement
 * at most, to name people.
 */
void fault_show(struct request *rq, struct response *rs, int status);

/* The object for programs; detail: NULL for what the status says. */
void fault_tell(struct request *rq, struct response *rs, int status,
                const char *detail);

#endif
