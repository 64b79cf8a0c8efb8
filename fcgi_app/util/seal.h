/*
 * util/seal.h - secrets that we have to read again: encrypted at rest.
 *
 * XSalsa20-Poly1305 of libsodium under a key of the settings, which stands
 * beside the database and not in it: system.secret-file or system.secret-key.
 * Several keys may be given; the first encrypts, all decrypt.  A new key is
 * put in front, what is old is encrypted again by and by, and then the old key
 * can go.
 */

#ifndef VEDETTE_UTIL_SEAL_H
#define VEDETTE_UTIL_SEAL_H

#include "util/str.h"

/* False when no key is set: nothing can be sealed. */
bool seal_ready(void);

/* ST_INVALID without a key, after a message in the log. */
enum status seal(struct arena *a, struct str text, struct str *out) MUST_CHECK;

/* ST_INVALID when no key of ours fits, or the text was changed. */
enum status seal_open(struct arena *a, struct str sealed,
                      struct str *out) MUST_CHECK;

/* True when the first key has sealed it: nothing to do after a rotation. */
bool seal_is_current(struct str sealed);

/* "1-4f3a9c20-": what begins a text that the first key has sealed. */
struct str seal_prefix(struct arena *a);

/* HMAC-SHA256 in hex, as signatures of webhooks are made. */
struct str hmac_sha256_hex(struct arena *a, struct str key, struct str text);

#endif
