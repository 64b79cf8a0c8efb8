#include "sso/oidc.h"

#include <sodium.h>

#include "integration/ask.h"
#include "json/doc.h"
#include "sso/id_token.h"
#include "util/conf.h"
#include "util/crypt.h"
#include "util/lang.h"

#define WAIT_MS 5000
#define KEYS_MAX_BYTES (256 * 1024)
#define CALLBACK "/login/sso/callback/"

struct provider {
    const struct integration *i;
    struct str issuer;
    struct json *about; /* its configuration, as it has published it */
};


void
oidc_secrets_new(struct arena *a, struct oidc_secrets *out)
{
    *out = (struct oidc_secrets){
        .state = secret_new(a),
        .nonce = secret_new(a),
        .verifier = secret_new(a),
    };
}


/* ---- asking the provider */

static enum status
fault(struct arena *a, struct str *why, const char *what, struct str detail)
{
    *why = str_printf(a, "%s%s%.*s", what, detail.n > 0 ? " " : "",
                      STR_FMT(str_cut(detail, 300)));
    return ST_RETRY;
}


/* An object of JSON, answered with 200. */
static enum status
ask(struct arena *a, struct post_request *rq, const char *what,
    struct json **out, struct str *why)
{
    struct json_limits limits = { .depth = 16, .nodes = 10000 };
    struct post_reply reply;

    rq->timeout_ms = WAIT_MS;
    rq->reply_max = KEYS_MAX_BYTES;
    post_send(a, rq, &reply);
    if (reply.end != POST_ANSWERED) {
        return fault(a, why,
                     str_dup(a, lang_fill(a, N_("{0} cannot be had."),
                                          FILL(str_of(tr(what))))),
                     reply.why);
    }
    if (reply.code != 200 || reply.cut
        || json_parse(a, reply.body, &limits, out, NULL) != ST_OK
        || !json_is(*out, JSON_T_OBJECT)) {
        return fault(
            a, why,
            str_dup(a,
                    lang_fill(a, N_("{0} cannot be used: the answer was {1}."),
                              FILL(str_of(tr(what)),
                                   str_printf(a, "%d", reply.code)))),
            reply.cut ? STR("") : utf8_mend(a, reply.body));
    }
    return ST_OK;
}


static struct str
without_slash(struct str s)
{
    return str_ends(s, STR("/")) ? str_sub(s, 0, s.n - 1) : s;
}


static enum status
discover(struct arena *a, const struct integration *i, struct provider *out,
         struct str *why)
{
    struct post_request rq = { 0 };
    struct str typed = integration_value(i, "issuer");
    enum status st;

    out->i = i;
    rq.url = str_printf(a, "%.*s/.well-known/openid-configuration",
                        STR_FMT(without_slash(typed)));
    st = ask(a, &rq, N_("The provider's configuration"), &out->about, why);
    if (st != ST_OK) {
        return st;
    }
    out->issuer = json_text_of(out->about, "issuer");
    if (!str_eq(without_slash(out->issuer), without_slash(typed))) {
        return fault(
            a, why,
            "The provider's configuration is of another issuer:", out->issuer);
    }
    return ST_OK;
}


static struct str
callback(struct arena *a)
{
    return str_printf(a, "%s" CALLBACK, conf_str(CONF_SYSTEM_URL_PREFIX));
}


/* ---- there */

/* base64url(SHA-256(verifier)) */
static struct str
challenge(struct arena *a, struct str verifier)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    size_t size = sodium_base64_ENCODED_LEN(
        sizeof(hash), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = arena_alloc(a, size);

    crypto_hash_sha256(hash, (const unsigned char *) verifier.p, verifier.n);
    sodium_bin2base64(text, size, hash, sizeof(hash),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return str_of(text);
}


enum status
oidc_begin(struct arena *a, const struct integration *i,
           const struct oidc_secrets *s, struct str *url, struct str *why)
{
    struct provider p;
    struct str door;
    struct buf query = buf_in(a);
    enum status st = discover(a, i, &p, why);
    const char *bad;

    if (st != ST_OK) {
        return st;
    }
    /* the browser goes there, but nowhere else than we ourselves would */
    door = json_text_of(p.about, "authorization_endpoint");
    bad = post_check(a, door);
    if (bad != NULL) {
        return fault(a, why, "The provider's sign-in page is refused.",
                     str_of(bad));
    }
    ask_field(&query, "response_type", STR("code"));
    ask_field(&query, "client_id", integration_value(i, "client_id"));
    ask_field(&query, "redirect_uri", callback(a));
    ask_field(&query, "scope", integration_value(i, "scopes"));
    ask_field(&query, "state", s->state);
    ask_field(&query, "nonce", s->nonce);
    ask_field(&query, "code_challenge", challenge(a, s->verifier));
    ask_field(&query, "code_challenge_method", STR("S256"));
    *url = str_printf(a, "%.*s%c%.*s", STR_FMT(door),
                      str_chr(door, '?') != -1 ? '&' : '?', (int) query.n,
                      query.p);
    return ST_OK;
}


/* ---- and back */

static bool
has_word(const struct json *list, const char *word)
{
    json_each(one, list)
    {
        if (str_is(json_text(one), word)) {
            return true;
        }
    }
    return false;
}


/* The code for tokens. */
static enum status
redeem(struct arena *a, const struct provider *p, const struct oidc_secrets *s,
       struct str code, struct json **tokens, struct str *why)
{
    const struct json *ways =
        json_get(p->about, "token_endpoint_auth_methods_supported");
    struct str id = integration_value(p->i, "client_id");
    struct str secret = integration_value(p->i, "client_secret");
    struct buf form = buf_in(a);
    struct post_request rq = {
        .url = json_text_of(p->about, "token_endpoint"),
        .type = STR("application/x-www-form-urlencoded"),
    };
    bool in_header =
        secret.n > 0 && (ways == NULL || has_word(ways, "client_secret_basic"));

    ask_field(&form, "grant_type", STR("authorization_code"));
    ask_field(&form, "code", code);
    ask_field(&form, "redirect_uri", callback(a));
    ask_field(&form, "code_verifier", s->verifier);
    if (in_header) {
        ask_basic(&(struct integration_call){ .a = a }, &rq,
                  str_of(ask_part(a, id)), str_of(ask_part(a, secret)));
    } else {
        ask_field(&form, "client_id", id);
        if (secret.n > 0) {
            ask_field(&form, "client_secret", secret);
        }
    }
    rq.body = buf_view(&form);
    post_header_add(&rq, a, "Accept", STR("application/json"));
    return ask(a, &rq, N_("A token of the provider"), tokens, why);
}


/*
 * What the token does not tell, the provider may tell when asked: claims of
 * the same person are added.
 */
static enum status
add_userinfo(struct arena *a, const struct provider *p,
             const struct json *tokens, struct json *claims, struct str *why)
{
    struct post_request rq = {
        .url = json_text_of(p->about, "userinfo_endpoint"),
    };
    struct str token = json_text_of(tokens, "access_token");
    struct json *more;
    enum status st;

    if (rq.url.n == 0 || token.n == 0) {
        return ST_OK;
    }
    post_header_add(&rq, a, "Authorization",
                    str_printf(a, "Bearer %s", str_dup(a, token)));
    st = ask(a, &rq, N_("What the provider knows of the person"), &more, why);
    if (st != ST_OK) {
        return st;
    }
    if (!str_eq(json_text_of(more, "sub"), json_text_of(claims, "sub"))) {
        *why = STR("The provider spoke of two persons.");
        return ST_DENIED;
    }
    for (struct json *v = more->first, *next; v != NULL; v = next) {
        struct str name = v->key;

        next = v->next;
        if (json_get_str(claims, name) == NULL) {
            json_set(claims, name, json_clone(a, v));
        }
    }
    return ST_OK;
}


/* "realm_access.roles"; a claim whose whole name this is comes first. */
static const struct json *
claim_at(const struct json *claims, struct str path)
{
    const struct json *at = json_get_str(claims, path);
    struct str part;

    if (at != NULL || path.n == 0) {
        return at;
    }
    at = claims;
    while (at != NULL && str_split(&path, '.', &part)) {
        at = json_get_str(at, part);
    }
    return at;
}


static bool
complete(const struct json *claims, struct str groups_claim)
{
    return json_get(claims, "email") != NULL
           && (groups_claim.n == 0 || claim_at(claims, groups_claim) != NULL);
}


static void
read_groups(struct arena *a, const struct json *list, struct sso_person *out)
{
    struct str one = json_text(list);

    out->groups = arena_array(a, SSO_GROUPS_MAX, sizeof(*out->groups));
    if (!str_null(one)) {
        out->groups[out->ngroups++] = one;
        return;
    }
    json_each(v, list)
    {
        if (!str_null(json_text(v)) && out->ngroups < SSO_GROUPS_MAX) {
            out->groups[out->ngroups++] = json_text(v);
        }
    }
}


/* For the test page: each claim as it came. */
static void
read_facts(struct arena *a, const struct json *claims, struct sso_person *out)
{
    out->facts = arena_array(a, SSO_FACTS_MAX, sizeof(*out->facts));
    json_each(v, claims)
    {
        struct buf text = buf_in(a);

        if (out->nfacts == SSO_FACTS_MAX) {
            break;
        }
        json_write(&text, v);
        out->facts[out->nfacts++] = (struct sso_fact){
            v->key,
            str_null(json_text(v)) ? buf_view(&text) : json_text(v),
        };
    }
}


static void
read_person(struct arena *a, const struct provider *p,
            const struct json *claims, struct sso_person *out)
{
    struct str verified = json_text_of(claims, "email_verified");

    *out = (struct sso_person){
        .subject = str_printf(a, "%s %s", str_dup(a, p->issuer),
                              str_dup(a, json_text_of(claims, "sub"))),
        .email = json_text_of(claims, "email"),
        .email_ok = json_yes(json_get(claims, "email_verified"))
                    || str_is(verified, "true")
                    || integration_value(p->i, "vouches").n > 0,
        .name = json_text_of(claims, "name"),
    };
    if (out->name.n == 0) {
        out->name = json_text_of(claims, "preferred_username");
    }
    read_groups(a, claim_at(claims, integration_value(p->i, "groups_claim")),
                out);
    read_facts(a, claims, out);
}


enum status
oidc_finish(struct arena *a, const struct integration *i,
            const struct oidc_secrets *s, struct str code, struct str iss,
            int64_t now, struct sso_person *out, struct str *why)
{
    struct id_token_want want = {
        .client_id = integration_value(i, "client_id"),
        .nonce = s->nonce,
        .now = now,
    };
    struct json *tokens, *keys, *claims;
    struct post_request rq = { 0 };
    struct provider p;
    enum status st = discover(a, i, &p, why);

    if (st == ST_OK && !str_null(iss) && !str_eq(iss, p.issuer)) {
        *why = STR("The answer came from another provider.");
        return ST_DENIED;
    }
    if (st == ST_OK) {
        st = redeem(a, &p, s, code, &tokens, why);
    }
    if (st == ST_OK) {
        rq.url = json_text_of(p.about, "jwks_uri");
        st = ask(a, &rq, N_("The list of the provider's keys"), &keys, why);
    }
    if (st != ST_OK) {
        return st;
    }
    want.issuer = p.issuer;
    claims =
        id_token_open(a, json_text_of(tokens, "id_token"), keys, &want, why);
    if (claims == NULL) {
        return ST_DENIED;
    }
    if (!complete(claims, integration_value(i, "groups_claim"))) {
        st = add_userinfo(a, &p, tokens, claims, why);
    }
    if (st == ST_OK) {
        read_person(a, &p, claims, out);
    }
    return st;
}
