/*
 * util/totp.h - codes of six digits from a telephone (RFC 6238), by liboath.
 */

#ifndef VEDETTE_UTIL_TOTP_H
#define VEDETTE_UTIL_TOTP_H

#include "util/str.h"

/* 160 random bits in base32, as people type them. */
struct str totp_secret(struct arena *a);

/*
 * The step of 30 s that the code belongs to: the one of now, in seconds, or one
 * before or after it, for clocks are off.  0: the code is wrong.
 */
int64_t totp_step(struct str secret, struct str code, int64_t now);

/* The address that an app reads from a QR code; email is whose account it is.
 */
struct str totp_uri(struct arena *a, struct str secret, struct str email);

#endif
