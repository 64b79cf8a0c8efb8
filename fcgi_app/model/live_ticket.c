#include "model/live_ticket.h"

#include "queue/message.h"
#include "util/buf.h"
#include "util/hex.h"


enum status
live_ticket_new(struct redis *r, struct arena *a, int64_t organization_id,
                const int64_t *projects, size_t n, struct str *ticket)
{
    unsigned char bytes[16];
    struct buf b = buf_in(a);

    uuid_random(bytes);
    *ticket = uuid_hex(a, bytes);
    buf_addf(&b, "%lld", (long long) organization_id);
    for (size_t i = 0; i < n; i++) {
        buf_addf(&b, " %lld", (long long) projects[i]);
    }
    return redis_command(
        r, a, NULL,
        REDIS_WORDS(STR("SET"),
                    str_printf(a, VEDETTE_LIVE_TICKET "%.*s", STR_FMT(*ticket)),
                    buf_view(&b), STR("EX"),
                    str_printf(a, "%d", VEDETTE_LIVE_TICKET_TTL)));
}
