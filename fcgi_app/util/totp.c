#include "util/totp.h"

#include <liboath/oath.h>
#include <sodium.h>
#include <stdlib.h>

#define SECRET_BYTES 20
#define DIGITS 6
#define STEP_SECONDS 30


struct str
totp_secret(struct arena *a)
{
    char bytes[SECRET_BYTES], *text;
    struct str out;
    size_t n;

    randombytes_buf(bytes, sizeof(bytes));
    if (oath_base32_encode(bytes, sizeof(bytes), &text, &n) != OATH_OK) {
        abort(); /* no memory for 32 bytes */
    }
    out = str_copy(a, str_make(text, n));
    free(text);
    sodium_memzero(bytes, sizeof(bytes));
    return out;
}


int64_t
totp_step(struct str secret, struct str code, int64_t now)
{
    char *key, otp[DIGITS + 1];
    int64_t found = 0;
    size_t n;

    if (code.n != DIGITS
        || oath_base32_decode(secret.p, secret.n, &key, &n) != OATH_OK) {
        return 0;
    }
    for (int d = -1; d <= 1; d++) {
        int64_t at = now + d * STEP_SECONDS;

        if (oath_totp_generate(key, n, (time_t) at, STEP_SECONDS, 0, DIGITS,
                               otp)
                == OATH_OK
            && sodium_memcmp(otp, code.p, DIGITS) == 0) {
            found = at / STEP_SECONDS;
        }
    }
    sodium_memzero(key, n);
    free(key);
    return found;
}


struct str
totp_uri(struct arena *a, struct str secret, struct str email)
{
    /* a mail address has no sign that a path would need escaped but these */
    struct str label = STR("");

    for (size_t i = 0; i < email.n; i++) {
        unsigned char c = (unsigned char) email.p[i];

        label = str_printf(a,
                           c < 0x80 && c != '%' && c != '?' && c != '#'
                                   && c != '&' && c != '+' && c != '/'
                               ? "%.*s%c"
                               : "%.*s%%%02X",
                           STR_FMT(label), c);
    }
    return str_printf(a,
                      "otpauth://totp/Vedette:%.*s?secret=%.*s&issuer=Vedette",
                      STR_FMT(label), STR_FMT(secret));
}
