/*
 * util/crypt.h - secrets, on libsodium.
 */

#ifndef VEDETTE_UTIL_CRYPT_H
#define VEDETTE_UTIL_CRYPT_H

#include "util/str.h"

#define DIGEST_BYTES 16

/* Call once before anything else here; ends the process when it fails. */
void crypt_init(void);

/* A new secret of 256 random bits, 43 characters of [A-Za-z0-9_-]. */
struct str secret_new(struct arena *a);

/*
 * What is kept of a secret: BLAKE2b-256 in hex.  Secrets are random, so a fast
 * hash is enough; passwords are not: password_hash.
 */
struct str secret_digest(struct arena *a, struct str secret);

/* BLAKE2b-128, for fingerprints and other keys that need no secrecy. */
void digest16(struct str s, unsigned char out[DIGEST_BYTES]);

/*
 * SipHash under a key that this process made up: for tables whose keys come
 * from outside, where nobody shall make two that are the same.
 */
uint64_t hash_secretly(struct str s);

/* BLAKE2b-256, for what must not be another's. */
void digest32(struct str s, unsigned char out[32]);

/* Keyed BLAKE2b-256 in hex; key of any length. */
struct str mac_hex(struct arena *a, struct str key, struct str text);

/* SHA-256 in hex, where others want that of a secret. */
struct str sha256_hex(struct arena *a, struct str secret);

/* Takes the same time wherever the difference is. */
bool secret_equal(struct str a, struct str b);

#define PASSWORD_MAX 256 /* bytes; a longer one is nobody's */

/* Argon2id, 64 MiB; ST_FAILED when the memory is not to be had. */
enum status password_hash(struct arena *a, struct str password,
                          struct str *out) MUST_CHECK;

/*
 * True when the password matches.  A null hash is compared with a dummy, so
 * that an unknown account takes as long as a wrong password.
 */
bool password_matches(struct str hash, struct str password);

#endif
