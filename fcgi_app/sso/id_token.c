#include "sso/id_token.h"
#include "util/lang.h"

#include <cjose/cjose.h>
#include <stdlib.h>

#define SKEW_SECONDS 120
#define TOKEN_MAX (64 * 1024)
#define KEYS_MAX 50

/*
 * What a provider may sign with, and the kind of its key.  No "none", and no
 * HMAC: whoever knows a public key could sign with it as a password.
 */
static const struct algorithm {
    const char *name;
    const char *kty;
} algorithms[] = {
    { "RS256", "RSA" }, { "RS384", "RSA" }, { "RS512", "RSA" },
    { "PS256", "RSA" }, { "PS384", "RSA" }, { "PS512", "RSA" },
    { "ES256", "EC" },  { "ES384", "EC" },  { "ES512", "EC" },
};


static const struct algorithm *
find_algorithm(const char *name)
{
    for (size_t i = 0;
         name != NULL && i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
        if (strcmp(algorithms[i].name, name) == 0) {
            return &algorithms[i];
        }
    }
    return NULL;
}


static bool
may_have_signed(const struct json *key, const struct algorithm *alg,
                const char *kid)
{
    struct str use = json_text_of(key, "use");
    struct str own = json_text_of(key, "alg");

    return str_is(json_text_of(key, "kty"), alg->kty)
           && (str_null(use) || str_is(use, "sig"))
           && (str_null(own) || str_is(own, alg->name))
           && (kid == NULL || str_is(json_text_of(key, "kid"), kid));
}


static bool
verify(struct arena *a, cjose_jws_t *jws, const struct json *key)
{
    struct buf text = buf_in(a);
    cjose_jwk_t *jwk;
    cjose_err err;
    bool right;

    json_write(&text, key);
    jwk = cjose_jwk_import(text.p, text.n, &err);
    if (jwk == NULL) {
        return false;
    }
    right = cjose_jws_verify(jws, jwk, &err);
    cjose_jwk_release(jwk);
    return right;
}


static const char *
check_signature(struct arena *a, cjose_jws_t *jws, const struct json *keys)
{
    cjose_header_t *header = cjose_jws_get_protected(jws);
    const struct algorithm *alg;
    const char *kid;
    char *critical;
    cjose_err err;
    int tried = 0;

    alg = find_algorithm(cjose_header_get(header, CJOSE_HDR_ALG, &err));
    if (alg == NULL) {
        return "It is not signed in a way that is accepted.";
    }
    critical = cjose_header_get_raw(header, "crit", &err);
    if (critical != NULL) {
        free(critical);
        return "It asks for extensions that are not known here.";
    }
    kid = cjose_header_get(header, CJOSE_HDR_KID, &err);
    json_each(key, json_get(keys, "keys"))
    {
        if (may_have_signed(key, alg, kid)) {
            if (verify(a, jws, key)) {
                return NULL;
            }
            if (++tried == KEYS_MAX) {
                break;
            }
        }
    }
    return tried == 0 ? "The provider has published no key of that name."
                      : "Its signature is wrong.";
}


/* "aud" is one name or several; with several, azp names who it is made for. */
static bool
for_us(const struct json *claims, struct str client_id)
{
    const struct json *aud = json_get(claims, "aud");
    struct str azp = json_text_of(claims, "azp");
    bool named = str_eq(json_text(aud), client_id) && !str_null(json_text(aud));

    json_each(one, aud)
    {
        named |= str_eq(json_text(one), client_id);
    }
    if (!str_null(azp)) {
        return named && str_eq(azp, client_id);
    }
    return named && (!json_is(aud, JSON_T_ARRAY) || aud->n == 1);
}


static const char *
check_claims(const struct json *claims, const struct id_token_want *want)
{
    int64_t expires, issued, not_before;

    if (!str_eq(json_text_of(claims, "iss"), want->issuer)) {
        return "It is of another issuer.";
    }
    if (!for_us(claims, want->client_id)) {
        return "It is made for somebody else.";
    }
    if (!json_i64(json_get(claims, "exp"), &expires)
        || expires <= want->now - SKEW_SECONDS) {
        return "It has expired.";
    }
    if (!json_i64(json_get(claims, "iat"), &issued)
        || issued > want->now + SKEW_SECONDS) {
        return "It comes from the future.";
    }
    if (json_i64(json_get(claims, "nbf"), &not_before)
        && not_before > want->now + SKEW_SECONDS) {
        return "It does not hold yet.";
    }
    if (!str_eq(json_text_of(claims, "nonce"), want->nonce)) {
        return "It belongs to another sign-in.";
    }
    if (json_text_of(claims, "sub").n == 0
        || json_get(claims, "sub")->repaired) {
        return "It does not say who it is about.";
    }
    return NULL;
}


static struct json *
read_claims(struct arena *a, cjose_jws_t *jws)
{
    struct json_limits limits = { .depth = 16, .nodes = 10000 };
    struct json *claims;
    uint8_t *text;
    cjose_err err;
    size_t n;

    /* the text goes with the token, the tree stays */
    if (!cjose_jws_get_plaintext(jws, &text, &n, &err)
        || json_parse(a, str_copy(a, str_make((const char *) text, n)), &limits,
                      &claims, NULL)
               != ST_OK
        || !json_is(claims, JSON_T_OBJECT)) {
        return NULL;
    }
    return claims;
}


struct json *
id_token_open(struct arena *a, struct str token, const struct json *keys,
              const struct id_token_want *want, struct str *why)
{
    struct json *claims = NULL;
    const char *fault = "It is no signed token.";
    cjose_jws_t *jws;
    cjose_err err;

    jws = token.n > 0 && token.n <= TOKEN_MAX
              ? cjose_jws_import(token.p, token.n, &err)
              : NULL;
    if (jws != NULL && (fault = check_signature(a, jws, keys)) == NULL) {
        claims = read_claims(a, jws);
        fault = claims != NULL ? check_claims(claims, want)
                               : "What is signed is no list of claims.";
    }
    if (jws != NULL) {
        cjose_jws_release(jws);
    }
    if (fault == NULL) {
        return claims;
    }
    *why = lang_fill(a, N_("The provider's statement is refused. {0}"),
                     FILL(str_of(tr(fault))));
    return NULL;
}
