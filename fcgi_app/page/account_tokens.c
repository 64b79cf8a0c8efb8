/*
 * page/account_tokens.c - a person's API tokens: what each may, until when, and
 * when and from where it was last used.  A new one is shown once.
 */

#include "model/account.h"
#include "model/token.h"
#include "page/pages.h"
#include "page/password.h"
#include "util/buf.h"
#include "util/conf.h"
#include "util/utf8.h"
#include "web/login.h"
#include "web/route.h"

#define NAME_MAX_CHARS 100

static const int lives[] = { 30, 90, 365, 0 }; /* days */
#define LIVES (sizeof(lives) / sizeof(lives[0]))


/* What a role allows, and to system administrators what they see besides. */
static bool
offered(const struct request *rq, const struct scope *scope)
{
    return scope->words != NULL
           && (!scope_system(scope) || rq->account->is_superuser);
}


/* The feed that a token is wanted for: a path of ours; else the null str. */
static struct str
feed_of(const struct request *rq)
{
    struct str feed = rq->method == METHOD_GET ? request_arg(rq, "feed")
                                               : request_field(rq, "feed");

    return str_find(feed, STR("/issues/atom/?")) > 0
                   && str_eq(login_next(feed), feed)
               ? feed
               : STR_NULL;
}


enum status
page_account_tokens(struct request *rq, struct response *rs)
{
    struct str feed = feed_of(rq);
    struct token *tokens;
    enum status st;
    size_t n;

    for (size_t i = 0; i < scopes_count; i++) {
        if (offered(rq, &scopes[i])) {
            struct data *row = data_row(data_child(rs->data, "Scopes"));

            data_text(row, "name", scopes[i].name);
            data_tr(row, "words", scopes[i].words);
            data_bool(row, "ticked",
                      !str_null(feed)
                          && strcmp(scopes[i].name, SCOPE_FEED) == 0);
        }
    }
    for (size_t i = 0; i < LIVES; i++) {
        data_i64(data_row(data_child(rs->data, "Lives")), "days", lives[i]);
    }
    data_str(rs->data, "feed", feed);
    data_bool(rs->data, "password", !str_null(rq->account->password_hash));
    st = token_list(rq->db, rq->a, rq->account->id, &tokens, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row = data_row(data_child(rs->data, "Tokens"));

        data_i64(row, "id", tokens[i].id);
        data_str(row, "name", tokens[i].name);
        data_str(row, "ending", tokens[i].ending);
        data_str(row, "scopes", tokens[i].scopes);
        data_time(row, "created", tokens[i].created_at);
        data_time(row, "expires", tokens[i].expires_at);
        data_bool(row, "expired",
                  tokens[i].expires_at != 0 && tokens[i].expires_at <= rq->now);
        data_time(row, "used", tokens[i].used_at);
        data_str(row, "from", tokens[i].used_from);
    }
    return st;
}


static enum status
refuse(struct request *rq, struct response *rs, int status, const char *why)
{
    rs->status = status;
    data_tr(data_child(rs->data, "Wrong"), "why", why);
    data_str(data_child(rs->data, "Form"), "name",
             str_cut(request_field(rq, "name"), 4 * NAME_MAX_CHARS));
    return page_account_tokens(rq, rs);
}


/* Those that are ticked and that there are: nobody invents a scope. */
static struct str
ticked(const struct request *rq)
{
    struct buf b = buf_in(rq->a);

    for (size_t i = 0; i < scopes_count; i++) {
        struct str value;
        size_t at = 0;

        while (field_next(&rq->form, "scope", &at, &value)) {
            if (offered(rq, &scopes[i]) && str_is(value, scopes[i].name)) {
                buf_str(&b, b.n > 0 ? STR(" ") : STR(""));
                buf_str(&b, value);
                break;
            }
        }
    }
    return buf_view(&b);
}


enum status
page_account_token_new(struct request *rq, struct response *rs)
{
    struct str name = request_field(rq, "name"), may = ticked(rq), secret;
    struct actor by = request_actor(rq);
    bool known = false;
    int64_t days;
    enum status st;

    if (name.n == 0 || utf8_length(name) > NAME_MAX_CHARS) {
        return refuse(rq, rs, 422, "A name of 100 characters at most.");
    }
    if (may.n == 0) {
        return refuse(rq, rs, 422, "Tick what it may do.");
    }
    if (!str_i64(request_field(rq, "days"), &days)) {
        days = -1;
    }
    for (size_t i = 0; i < LIVES; i++) {
        known = known || days == lives[i];
    }
    if (!known) {
        return refuse(rq, rs, 422, "Choose how long it lives.");
    }
    if (!password_again(rq)) {
        return refuse(rq, rs, 422, "This is not your current password.");
    }
    st = token_create(rq->db, rq->a, &by, name, may, (int) days, &secret);
    if (st == ST_LIMITED) {
        return refuse(rq, rs, 429, "You have 100 tokens. Revoke one first.");
    }
    if (st != ST_OK) {
        return st;
    }
    data_str(data_child(rs->data, "New"), "secret", secret);
    data_str(data_child(rs->data, "New"), "name", name);
    if (!str_null(feed_of(rq))) {
        data_str(data_child(rs->data, "New"), "feed",
                 str_printf(rq->a, "%s%.*s&token=%.*s",
                            conf_str(CONF_SYSTEM_URL_PREFIX),
                            STR_FMT(feed_of(rq)), STR_FMT(secret)));
    }
    return page_account_tokens(rq, rs);
}


enum status
page_account_token_revoke(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    int64_t id;
    enum status st;

    if (!str_i64(request_param(rq, "apitoken"), &id)) {
        return ST_NOT_FOUND;
    }
    st = token_remove(rq->db, rq->a, &by, id);
    if (st == ST_OK) {
        login_flash(rq, STR("The token is worth nothing any more."));
        response_redirect(rs, STR("/account/tokens/"));
    }
    return st;
}
