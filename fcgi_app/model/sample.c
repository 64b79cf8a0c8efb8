#include "model/sample.h"

#include "queue/message.h"


static struct str
number(struct arena *a, int64_t n)
{
    return str_printf(a, "%lld", (long long) n);
}


enum status
sample_send(struct redis *r, struct arena *a, const struct project_key *key,
            struct str event_id, int64_t now, struct str body)
{
    return redis_command(
        r, a, NULL,
        REDIS_WORDS(STR("XADD"), STR(VEDETTE_STREAM), STR("*"),
                    STR(VEDETTE_F_VERSION), STR(VEDETTE_MESSAGE_VERSION),
                    STR(VEDETTE_F_ENDPOINT), STR("store"), STR(VEDETTE_F_ORG),
                    number(a, key->organization_id), STR(VEDETTE_F_PROJECT),
                    number(a, key->project_id), STR(VEDETTE_F_KEY),
                    number(a, key->id), STR(VEDETTE_F_EVENT_ID), event_id,
                    STR(VEDETTE_F_RECEIVED), number(a, now),
                    STR(VEDETTE_F_CLIENT), STR("vedette.sample/1"),
                    STR(VEDETTE_F_BODY), body));
}
