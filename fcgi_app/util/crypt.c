#include "util/crypt.h"

#include <sodium.h>
#include <stdlib.h>

#include "util/hex.h"
#include "util/log.h"

#define SECRET_BYTES 32


void
crypt_init(void)
{
    if (sodium_init() == -1) {
        log_error("libsodium cannot be initialised: no source of randomness");
        exit(1);
    }
}


struct str
secret_new(struct arena *a)
{
    unsigned char bytes[SECRET_BYTES];
    size_t size = sodium_base64_ENCODED_LEN(
        sizeof(bytes), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *out = arena_alloc(a, size);

    randombytes_buf(bytes, sizeof(bytes));
    sodium_bin2base64(out, size, bytes, sizeof(bytes),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return str_of(out);
}


struct str
secret_digest(struct arena *a, struct str secret)
{
    unsigned char hash[crypto_generichash_BYTES];

    crypto_generichash(hash, sizeof(hash), (const unsigned char *) secret.p,
                       secret.n, NULL, 0);
    return hex_encode(a, hash, sizeof(hash));
}


void
digest16(struct str s, unsigned char out[DIGEST_BYTES])
{
    crypto_generichash(out, DIGEST_BYTES, (const unsigned char *) s.p, s.n,
                       NULL, 0);
}


uint64_t
hash_secretly(struct str s)
{
    static unsigned char key[crypto_shorthash_KEYBYTES];
    static bool ready;
    uint64_t hash;

    if (!ready) {
        crypto_shorthash_keygen(key);
        ready = true;
    }
    crypto_shorthash((unsigned char *) &hash, (const unsigned char *) s.p, s.n,
                     key);
    return hash;
}


void
digest32(struct str s, unsigned char out[32])
{
    crypto_generichash(out, 32, (const unsigned char *) s.p, s.n, NULL, 0);
}


struct str
mac_hex(struct arena *a, struct str key, struct str text)
{
    unsigned char k[crypto_generichash_BYTES], mac[crypto_generichash_BYTES];

    crypto_generichash(k, sizeof(k), (const unsigned char *) key.p, key.n, NULL,
                       0);
    crypto_generichash(mac, sizeof(mac), (const unsigned char *) text.p, text.n,
                       k, sizeof(k));
    return hex_encode(a, mac, sizeof(mac));
}


struct str
sha256_hex(struct arena *a, struct str secret)
{
    unsigned char hash[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(hash, (const unsigned char *) secret.p, secret.n);
    return hex_encode(a, hash, sizeof(hash));
}


bool
secret_equal(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || sodium_memcmp(a.p, b.p, a.n) == 0);
}


/* libsodium wants a pointer also to nothing: a form may lack the field. */
static const char *
bytes(struct str s)
{
    return s.p != NULL ? s.p : "";
}


enum status
password_hash(struct arena *a, struct str password, struct str *out)
{
    char *hash = arena_alloc(a, crypto_pwhash_STRBYTES);

    if (crypto_pwhash_str(hash, bytes(password), password.n,
                          crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE)
        == -1) {
        log_error("no memory to hash a password");
        return ST_FAILED;
    }
    *out = str_of(hash);
    return ST_OK;
}


bool
password_matches(struct str hash, struct str password)
{
    static char dummy[crypto_pwhash_STRBYTES];
    char text[crypto_pwhash_STRBYTES] = { 0 };
    bool known = hash.n > 0 && hash.n < sizeof(text);
    bool match;

    if (dummy[0] == '\0'
        && crypto_pwhash_str(dummy, "-", 1, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                             crypto_pwhash_MEMLIMIT_INTERACTIVE)
               == -1) {
        return false;
    }
    if (known) {
        memcpy(text, hash.p, hash.n);
    }
    match = crypto_pwhash_str_verify(known ? text : dummy, bytes(password),
                                     password.n)
            == 0;
    return match && known;
}
