#include "alert/link.h"

#include "util/conf.h"
#include "util/crypt.h"

static const char *const actions_known[] = { "resolve", "archive",  "assign",
                                             "mute",    "unfollow", "silence",
                                             "unreport" };

#define SIGNATURE 32 /* hex digits: 128 bits */


static struct str
sign(struct arena *a, struct str key, struct str text)
{
    return str_sub(mac_hex(a, key, text), 0, SIGNATURE);
}


struct str
link_url(struct arena *a, struct str key, const struct mail_link *link)
{
    /* by whole days: the mail of a second attempt is the same */
    int64_t day = time_day(time_now()) + LINK_DAYS;
    struct str text = str_printf(
        a, "%.*s.%lld.%lld.%lld.%lld", STR_FMT(link->action),
        (long long) link->account_id, (long long) link->organization_id,
        (long long) link->object, (long long) day);

    return str_printf(a, "%s/mail/%.*s.%.*s/", conf_str(CONF_SYSTEM_URL_PREFIX),
                      STR_FMT(text), STR_FMT(sign(a, key, text)));
}


static bool
is_known(struct str action)
{
    for (size_t i = 0; i < sizeof(actions_known) / sizeof(char *); i++) {
        if (str_is(action, actions_known[i])) {
            return true;
        }
    }
    return false;
}


enum status
link_read(struct arena *a, struct str key, struct str token,
          struct mail_link *out)
{
    ptrdiff_t dot = str_rchr(token, '.');
    struct str text = str_sub(token, 0, dot > 0 ? (size_t) dot : 0), part[5];
    int64_t day = 0;

    if (dot <= 0
        || !secret_equal(str_sub(token, (size_t) dot + 1, token.n),
                         sign(a, key, text))) {
        return ST_NOT_FOUND;
    }
    for (int i = 0; i < 5; i++) {
        if (!str_split(&text, '.', &part[i])) {
            return ST_NOT_FOUND;
        }
    }
    out->action = part[0];
    if (!is_known(part[0]) || !str_i64(part[1], &out->account_id)
        || !str_i64(part[2], &out->organization_id)
        || !str_i64(part[3], &out->object) || !str_i64(part[4], &day)
        || day < time_day(time_now())) {
        return ST_NOT_FOUND;
    }
    return ST_OK;
}
