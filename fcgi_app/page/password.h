/*
 * page/password.h - what a new password has to be.
 */

#ifndef VEDETTE_PAGE_PASSWORD_H
#define VEDETTE_PAGE_PASSWORD_H

#include "web/http.h"

/* One sentence on what is wrong with it, or NULL; email: whose it will be. */
const char *password_fault(struct str password, struct str email);

/*
 * Is it still the person: true when the field "current" holds the account's
 * password, or the account has none.
 */
bool password_again(const struct request *rq);

#endif
