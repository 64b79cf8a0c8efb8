#include "cmd/chore_pulse.h"

#include <stdio.h>

#include "model/pulse.h"
#include "outbound/edge.h"
#include "queue/brake.h"
#include "queue/message.h"
#include "util/conf.h"
#include "util/hex.h"
#include "util/log.h"
#include "util/timeutil.h"

/* After so many failures in a row it asks less often: each may take 3 s. */
#define PATIENCE 3
#define LESS_OFTEN 5

/* Of this process, which sends as long as it leads the chores. */
static struct {
    char key[33];  /* the secret of this process; "": not yet */
    int64_t due;   /* monotonic */
    int64_t since; /* µs: how long it has sent without a rest; 0: it rests */
    int64_t tried_at;
    int64_t took; /* µs until the edge answered */
    int64_t failures;
    int code;      /* of its answer; 0: none */
    char why[160]; /* when there was none */
} self;


/* Nothing is sent into a line that somebody has stopped. */
static bool
is_stopped(struct chore_context *c)
{
    struct brake_state brakes[BRAKES];

    return brake_look(c->redis, c->arena, brakes) != ST_OK
           || brakes[BRAKE_DIGEST].set || brakes[BRAKE_EDGE].set;
}


static struct str
event_of(struct arena *a, int64_t now)
{
    unsigned char id[16];

    uuid_random(id);
    return str_printf(a,
                      "{\"event_id\":\"%.*s\",\"timestamp\":%lld,"
                      "\"sent_at\":%lld,\"level\":\"info\",\"platform\":"
                      "\"other\",\"message\":\"Vedette's own event\"}",
                      STR_FMT(uuid_hex(a, id)),
                      (long long) (now / US_PER_SECOND), (long long) now);
}


static const char *
address(void)
{
    return conf_str(conf_str(CONF_PULSE_URL)[0] != '\0'
                        ? CONF_PULSE_URL
                        : CONF_SYSTEM_URL_PREFIX);
}


static void
send(struct chore_context *c)
{
    struct edge_reply reply;

    self.tried_at = time_now();
    edge_send(c->arena, address(), STR(VEDETTE_PULSE_PROJECT), str_of(self.key),
              event_of(c->arena, self.tried_at), &reply);
    self.code = reply.code;
    self.took = reply.took;
    snprintf(self.why, sizeof(self.why), "%.*s", STR_FMT(reply.why));
    if (reply.code == 200) {
        self.failures = 0;
        return;
    }
    if (self.failures++ == 0) {
        log_warning("%s does not take the synthetic event: %d %s", address(),
                    self.code, self.why);
    }
}


enum status
chore_pulse(struct chore_context *c, bool *more)
{
    int64_t every = conf_int(CONF_PULSE_EVERY) * US_PER_SECOND;
    enum status st;

    (void) more;
    if (every == 0 || time_monotonic() < self.due) {
        return ST_OK;
    }
    if (is_stopped(c)) {
        self.since = 0;
        return ST_OK;
    }
    if (self.key[0] == '\0') {
        unsigned char key[16];

        uuid_random(key);
        snprintf(self.key, sizeof(self.key), "%.*s",
                 STR_FMT(uuid_hex(c->arena, key)));
    }
    if ((st = pulse_admit(c->redis, c->arena, str_of(self.key))) != ST_OK
        || (st = pulse_forget(c->db, c->arena)) != ST_OK) {
        return st;
    }
    if (self.since == 0) {
        self.since = time_now();
    }
    send(c);
    self.due = time_monotonic()
               + (self.failures > PATIENCE ? LESS_OFTEN * every : every);
    return ST_OK;
}


enum status
chore_pulse_tell(struct chore_context *c, struct json *report)
{
    struct json *o = json_new(c->arena, JSON_T_OBJECT);
    struct pulse last;
    enum status st;

    if (conf_int(CONF_PULSE_EVERY) == 0) {
        return ST_OK;
    }
    st = pulse_last(c->db, c->arena, &last);

    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {
        { "every", conf_int(CONF_PULSE_EVERY) * US_PER_SECOND },
        { "since", self.since },
        { "tried_at", self.tried_at },
        { "code", self.code },
        { "edge_took", self.took },
        { "failures", self.failures },
        { "sent_at", last.sent_at },
        { "stored_at", last.stored_at },
        { "slowest", last.slowest },
    };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        json_set(o, str_of(numbers[i].name),
                 json_new_i64(c->arena, numbers[i].value));
    }
    json_set(o, STR("why"), json_new_str(c->arena, str_of(self.why)));
    json_set(report, STR("pulse"), o);
    return st;
}
