/*
 * Release health (protocol.md §8.1): "session", one update of one session, and
 * "sessions", sums that a server made.  What is read here is only understood;
 * what counts is decided where it is stored (model/batch_session.c).
 */

#include "digest/item.h"

#include "digest/normalize.h"
#include "digest/outcome.h"
#include "model/version.h"
#include "util/crypt.h"
#include "util/hex.h"
#include "util/sha1.h"
#include "util/timeutil.h"

#define MAX_AGE (5 * US_PER_DAY)
#define MAX_AHEAD US_PER_MINUTE

/* Buckets of one item that are read, and sessions of one of them. */
#define BUCKETS_MAX 1000
#define SESSIONS_MAX INT64_C(100000000)

#define DURATION_MAX_S (365.0 * 86400)

static const struct json_limits limits = { .depth = 16, .nodes = 20000 };

/* Of names that are no UUID: that of "https://sentry.io/#did". */
static const unsigned char user_space[16] = { 0xa5, 0x9e, 0x99, 0xc3,
                                              0xf3, 0x80, 0x5c, 0xe1,
                                              0xbe, 0x0a, 0xbf, 0x98,
                                              0x5a, 0xf6, 0xf9, 0xeb };

/* The order of enum session_status. */
static const char *const statuses[] = { "ok",       "exited",    "errored",
                                        "abnormal", "unhandled", "crashed" };

#define STATUSES (sizeof(statuses) / sizeof(statuses[0]))

/* What all updates of an item have in common. */
struct common {
    struct str release;
    struct str environment;
    int64_t drift; /* µs to be added to the client's times */
};


static void
settle(struct item_context *it, struct str outcome, struct str reason)
{
    outcome_record(it, str_of(it->type->category), outcome, reason, 1);
}


/* The filters that look at nothing but address, release and user agent. */
static const char *
filter_of(struct item_context *it, const struct json *attrs, struct str release)
{
    struct json *doc = json_new(it->scratch, JSON_T_OBJECT);
    struct json *headers = json_new(it->scratch, JSON_T_ARRAY);
    struct json *pair = json_new(it->scratch, JSON_T_ARRAY);
    struct json *request = json_new(it->scratch, JSON_T_OBJECT);
    struct str agent = json_text_of(attrs, "user_agent");

    if (agent.n == 0) {
        agent = utf8_mend(it->scratch, it->message->agent);
    }
    json_append(pair, json_new_str(it->scratch, STR("User-Agent")));
    json_append(pair, json_new_str(it->scratch, agent));
    json_append(headers, pair);
    json_set(request, STR("headers"), headers);
    json_set(doc, STR("request"), request);
    json_set(doc, STR("release"), json_new_str(it->scratch, release));
    return item_filter(it, doc);
}


/* What attrs and the envelope say; false after an outcome. */
static bool
read_common(struct item_context *it, const struct json *doc, struct common *out)
{
    const struct json *attrs = json_get(doc, "attrs");
    struct str release = str_trim(json_text_of(attrs, "release"));
    struct str environment = str_trim(json_text_of(attrs, "environment"));
    const char *filter;

    *out = (struct common){ .environment = STR_NULL };
    if (!version_is_valid(release)) {
        settle(it, OUTCOME_INVALID, STR("invalid_session"));
        return false;
    }
    if ((filter = filter_of(it, attrs, release)) != NULL) {
        settle(it, OUTCOME_FILTERED, str_of(filter));
        return false;
    }
    out->release = str_copy(it->batch->arena, release);
    if (environment.n > 0 && environment.n <= ENVIRONMENT_MAX
        && environment_is_valid(environment)) {
        out->environment = str_copy(it->batch->arena, environment);
    }
    out->drift = envelope_drift(it->envelope, it->received_at);
    return true;
}


/* A time of the client on our clock; false when it is none. */
static bool
read_time(const struct common *c, const struct json *v, int64_t *out)
{
    if (!time_of(v, out)) {
        return false;
    }
    *out += c->drift;
    return true;
}


static bool
is_timely(const struct item_context *it, int64_t at)
{
    return at > it->received_at - MAX_AGE && at <= it->received_at + MAX_AHEAD;
}


/* Users are counted, not known: eight bytes of a hash are kept. */
static void
read_user(const struct json *v, struct batch_session *s)
{
    struct str did = json_is(v, JSON_T_STRING) || json_is(v, JSON_T_NUMBER)
                         ? str_trim(v->text)
                         : STR_NULL;
    unsigned char id[16], hash[DIGEST_BYTES];

    if (did.n == 0) {
        return;
    }
    if (!uuid_parse(did, id)) {
        uuid_of_name(user_space, did, id);
    }
    digest16(str_make((const char *) id, sizeof(id)), hash);
    memcpy(&s->user_hash, hash, sizeof(s->user_hash));
    s->has_user = true;
}


static struct batch_session *
session_new(struct item_context *it, const struct common *c, int64_t started)
{
    struct batch_session *s = batch_session_new(it->batch);

    s->organization_id = it->message->organization_id;
    s->project_id = it->message->project_id;
    s->received_at = it->received_at;
    s->started = started;
    s->release = c->release;
    s->environment = c->environment;
    return s;
}


/* session */

/* True when it is one; an absent status is "ok". */
static bool
read_status(const struct json *v, enum session_status *out)
{
    *out = SESSION_OK;
    if (v == NULL || json_is(v, JSON_T_NULL)) {
        return true;
    }
    for (size_t i = 0; i < STATUSES; i++) {
        if (str_is(json_text(v), statuses[i])) {
            *out = (enum session_status) i;
            return true;
        }
    }
    return false;
}


/*
 * The number of an update: false for the one that means "there is none after".
 * What does not fit 63 bits is later than anything that does.
 */
static bool
read_seq(const struct item_context *it, const struct json *v, int64_t *out)
{
    *out = it->received_at / 1000;
    if (!json_is(v, JSON_T_NUMBER)) {
        return true;
    }
    if (str_is(v->text, "18446744073709551615")) {
        return false;
    }
    if (!json_i64(v, out) || *out < 0) {
        *out = INT64_MAX;
    }
    return true;
}


static void
read_session(struct item_context *it, const struct json *doc,
             const struct common *c)
{
    struct batch_session *s, read = { .duration_ms = -1 };
    int64_t started, at = it->received_at, errors = 0;
    double seconds;

    if (!read_time(c, json_get(doc, "started"), &started)
        || !read_status(json_get(doc, "status"), &read.status)
        || !read_seq(it, json_get(doc, "seq"), &read.seq)) {
        settle(it, OUTCOME_INVALID, STR("invalid_session"));
        return;
    }
    if (!read_time(c, json_get(doc, "timestamp"), &at)) {
        at = it->received_at;
    }
    if (!is_timely(it, started) || (at >= started && !is_timely(it, at))) {
        settle(it, OUTCOME_INVALID, STR("timestamp"));
        return;
    }

    s = session_new(it, c, started);
    s->status = read.status;
    s->seq = read.seq;
    s->init = json_yes(json_get(doc, "init"));
    if (s->init) {
        s->seq = 0;
    }
    if (!uuid_parse(json_text_of(doc, "sid"), s->sid)) {
        /* of itself, so that it is the same when it is read again */
        digest16(str_printf(it->scratch, "%.*s/%u", STR_FMT(it->message->id),
                            it->item->position),
                 s->sid);
    }
    s->has_errors = (json_i64(json_get(doc, "errors"), &errors) && errors > 0)
                    || s->status >= SESSION_ERRORED;
    if (json_double(json_get(doc, "duration"), &seconds) && seconds >= 0
        && seconds < DURATION_MAX_S) {
        s->duration_ms = (int64_t) (seconds * 1000);
    }
    read_user(json_get(doc, "did"), s);
    settle(it, OUTCOME_ACCEPTED, STR(""));
}


static void
read_item(struct item_context *it,
          void (*read)(struct item_context *it, const struct json *doc,
                       const struct common *c))
{
    struct common c;
    struct json *doc;

    if (json_parse(it->scratch, it->item->payload, &limits, &doc, NULL) != ST_OK
        || !json_is(doc, JSON_T_OBJECT)) {
        settle(it, OUTCOME_INVALID, STR("invalid_json"));

    } else if (read_common(it, doc, &c)) {
        read(it, doc, &c);
    }
}


void
item_session(struct item_context *it)
{
    read_item(it, read_session);
}


/* sessions */

static int64_t
count_of(const struct json *bucket, const char *name)
{
    int64_t n;

    if (!json_i64(json_get(bucket, name), &n) || n < 0) {
        return 0;
    }
    return n < SESSIONS_MAX ? n : SESSIONS_MAX;
}


/* True when it was one and counts. */
static bool
read_bucket(struct item_context *it, const struct json *bucket,
            const struct common *c)
{
    struct batch_session *s;
    int64_t started;

    if (!read_time(c, json_get(bucket, "started"), &started)
        || !is_timely(it, started)) {
        return false;
    }
    s = session_new(it, c, started);
    s->is_bucket = true;
    for (size_t i = SESSION_EXITED; i < STATUSES; i++) {
        s->n[i] = count_of(bucket, statuses[i]);
    }
    read_user(json_get(bucket, "did"), s);
    return true;
}


static void
read_sessions(struct item_context *it, const struct json *doc,
              const struct common *c)
{
    unsigned n = 0, good = 0;

    json_each(bucket, json_get(doc, "aggregates"))
    {
        good += ++n <= BUCKETS_MAX && read_bucket(it, bucket, c);
    }
    if (n > BUCKETS_MAX) {
        outcome_record(it, str_of(it->type->category), OUTCOME_INVALID,
                       STR("too_many"), n - BUCKETS_MAX);
    }
    if (good > 0) {
        settle(it, OUTCOME_ACCEPTED, STR(""));

    } else {
        settle(it, OUTCOME_INVALID,
               n > 0 ? STR("timestamp") : STR("invalid_session"));
    }
}


void
item_sessions(struct item_context *it)
{
    read_item(it, read_sessions);
}
