/*
 * page/settings_requests.h - who asks to be let in, for the page of members.
 */

#ifndef VEDETTE_PAGE_SETTINGS_REQUESTS_H
#define VEDETTE_PAGE_SETTINGS_REQUESTS_H

#include "web/http.h"

/* Sets takes_requests and Requests {id, email, name, at}. */
enum status settings_requests_fill(struct request *rq,
                                   struct response *rs) MUST_CHECK;

#endif
