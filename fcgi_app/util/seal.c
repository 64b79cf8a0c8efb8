/*
 * What is stored: "1-KEYID-BASE64", KEYID being 8 hex digits of the key's
 * hash, so that the right key is found at once and a rotation can be seen in
 * the database; in the base64 a random nonce and the box.
 */

#include "util/seal.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/conf.h"
#include "util/hex.h"
#include "util/log.h"

#define KEYS_MAX 16
#define KEY_CHARS_MIN 32
#define ID_CHARS 8
#define PREFIX_CHARS (2 + ID_CHARS + 1)
#define BASE64 sodium_base64_VARIANT_URLSAFE_NO_PADDING

#define NONCE crypto_secretbox_NONCEBYTES
#define MAC crypto_secretbox_MACBYTES

struct key {
    unsigned char bytes[crypto_secretbox_KEYBYTES];
    char id[ID_CHARS + 1];
};

static struct key keys[KEYS_MAX];
static size_t nkeys;
static bool loaded;


/* Any text of some length: what is used is its hash. */
static void
add_key(struct str text)
{
    unsigned char hash[crypto_secretbox_KEYBYTES + 4];
    struct key *k = &keys[nkeys];

    text = str_trim(text);
    if (text.n == 0 || text.p[0] == '#') {
        return;
    }
    if (text.n < KEY_CHARS_MIN || nkeys == KEYS_MAX) {
        log_error("a key of system.secret-file is left out: %s",
                  nkeys == KEYS_MAX ? "there are too many"
                                    : "it has less than 32 signs");
        return;
    }
    crypto_generichash(hash, sizeof(hash), (const unsigned char *) text.p,
                       text.n, NULL, 0);
    memcpy(k->bytes, hash, sizeof(k->bytes));
    sodium_bin2hex(k->id, sizeof(k->id), hash + sizeof(k->bytes), 4);
    sodium_memzero(hash, sizeof(hash));
    nkeys++;
}


static void
load_file(const char *path)
{
    char line[1024];
    FILE *f = fopen(path, "re");

    if (f == NULL) {
        if (errno != ENOENT) {
            log_error("%s: %s", path, strerror(errno));
        }
        return;
    }
    while (fgets(line, sizeof(line), f) != NULL) {
        add_key(str_of(line));
    }
    sodium_memzero(line, sizeof(line));
    fclose(f);
}


static void
load(void)
{
    struct str rest = str_of(conf_str(CONF_SYSTEM_SECRET_KEY)), part;
    const char *path = conf_str(CONF_SYSTEM_SECRET_FILE);

    if (loaded) {
        return;
    }
    loaded = true;
    while (str_split(&rest, ',', &part)) {
        add_key(part);
    }
    if (path[0] != '\0') {
        load_file(path);
    }
}


bool
seal_ready(void)
{
    load();
    return nkeys > 0;
}


struct str
seal_prefix(struct arena *a)
{
    load();
    return nkeys > 0 ? str_printf(a, "1-%s-", keys[0].id) : STR("");
}


bool
seal_is_current(struct str sealed)
{
    load();
    return nkeys > 0 && sealed.n > PREFIX_CHARS
           && memcmp(sealed.p + 2, keys[0].id, ID_CHARS) == 0;
}


enum status
seal(struct arena *a, struct str text, struct str *out)
{
    size_t n = NONCE + MAC + text.n, size;
    unsigned char *box = arena_alloc(a, n);
    char *base64;

    load();
    if (nkeys == 0) {
        log_error("there is no key to encrypt with: set system.secret-file");
        return ST_INVALID;
    }
    randombytes_buf(box, NONCE);
    crypto_secretbox_easy(box + NONCE,
                          (const unsigned char *) (text.n > 0 ? text.p : ""),
                          text.n, box, keys[0].bytes);
    size = sodium_base64_ENCODED_LEN(n, BASE64);
    base64 = arena_alloc(a, size);
    sodium_bin2base64(base64, size, box, n, BASE64);
    *out = str_of(arena_printf(a, "1-%s-%s", keys[0].id, base64));
    return ST_OK;
}


static const struct key *
find_key(struct str sealed)
{
    if (sealed.n <= PREFIX_CHARS || !str_starts(sealed, STR("1-"))) {
        return NULL;
    }
    for (size_t i = 0; i < nkeys; i++) {
        if (memcmp(sealed.p + 2, keys[i].id, ID_CHARS) == 0) {
            return &keys[i];
        }
    }
    return NULL;
}


enum status
seal_open(struct arena *a, struct str sealed, struct str *out)
{
    const struct key *key;
    unsigned char *box, *text;
    size_t n;

    load();
    key = find_key(sealed);
    if (key == NULL) {
        log_error("a secret was encrypted with a key that is not in "
                  "system.secret-file");
        return ST_INVALID;
    }
    box = arena_alloc(a, sealed.n);
    if (sodium_base642bin(box, sealed.n, sealed.p + PREFIX_CHARS,
                          sealed.n - PREFIX_CHARS, NULL, &n, NULL, BASE64)
            != 0
        || n < NONCE + MAC) {
        return ST_INVALID;
    }
    text = arena_alloc(a, n - NONCE - MAC + 1);
    if (crypto_secretbox_open_easy(text, box + NONCE, n - NONCE, box,
                                   key->bytes)
        != 0) {
        log_error("a secret does not open: it was changed in the database");
        return ST_INVALID;
    }
    *out = str_make((const char *) text, n - NONCE - MAC);
    return ST_OK;
}


struct str
hmac_sha256_hex(struct arena *a, struct str key, struct str text)
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;

    crypto_auth_hmacsha256_init(&state, (const unsigned char *) key.p, key.n);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *) text.p,
                                  text.n);
    crypto_auth_hmacsha256_final(&state, mac);
    return hex_encode(a, mac, sizeof(mac));
}
