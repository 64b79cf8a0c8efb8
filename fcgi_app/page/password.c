#include "page/password.h"

#include "util/utf8.h"

#define PASSWORD_MIN 12 /* characters */


const char *
password_fault(struct str password, struct str email)
{
    if (utf8_length(password) < PASSWORD_MIN) {
        return "12 characters at least.";
    }
    if (password.n > PASSWORD_MAX) {
        return "256 bytes at most.";
    }
    if (str_ieq(password, email)) {
        return "Not your mail address: it is the first guess.";
    }
    return NULL;
}
