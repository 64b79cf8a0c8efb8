/*
 * DESIGN
 *
 * A turn takes a batch of stream entries through these steps:
 *
 *   settle   Only after a failure: entries are pending with us.  Those that a
 *            committed transaction has already dealt with (we died, or Redis
 *            went away, between COMMIT and XACK) are only acknowledged.
 *   read     About max_batch requests, up to about BATCH_BYTES: pending ones
 *            first, else new ones.  Several may share an entry, which is read,
 *            stored and acknowledged as one.
 *   wishes   What the projects want (wishes.c), if we do not know it yet.
 *   digest   Request by request, item by item (item.c): unpack, understand,
 *            pack.  This touches neither database; what it makes is a struct
 *            batch in memory.
 *   store    One transaction (model/batch.c): events, issues, counters,
 *            ledger, and the mark of the entries.
 *   ack      XACK and XDEL in one MULTI.  Never before COMMIT has succeeded.
 *
 * What can go wrong, and what then happens:
 *
 * - We die anywhere.  The entries stay pending; whoever takes them over
 *   settles and digests them again.  Nothing is counted twice, because the
 *   mark was committed with the counts.
 * - PostgreSQL or Redis is away, or COMMIT's outcome is not known.  ST_RETRY:
 *   the caller pauses, the next turn begins with settling.
 * - PostgreSQL refuses the content of the batch.  The batch is halved until
 *   single entries are left; one that still fails is buried in the dead-letter
 *   stream with a reason, its neighbours are stored.  An error that is not
 *   about content (ST_FAILED: a table is missing) buries only if neighbours
 *   could be stored, for else it is us who are wrong, and we wait.
 * - An entry kills the process (a bug of ours, memory, an endless loop: a
 *   timer on CPU time ends that).  Entries that come from a dead worker are
 *   counted in Redis before they are begun; those that were begun before are
 *   taken one at a time, the least tried first, and one that has killed
 *   MAX_TRIES times is buried.
 * - Of the requests that share an entry one is to blame, or the entry has
 *   killed before.  It is taken apart: each gets an entry of its own at the
 *   end of the stream (queue_split), and what is said above of entries holds
 *   for these.  So nobody's neighbour is buried with him.
 * - There is no room for another dead letter.  What cannot be digested waits,
 *   and with it what would be read next, until somebody makes room; all else of
 *   the batch is stored before.  With worker.dead-letters-drop the oldest
 *   letters go instead.
 *
 * Two workers never have the same entry, with one exception: a worker that
 * stood still for longer than the lease wakes up in the middle of a batch that
 * another one has taken over.  It does not commit after the deadline; and what
 * slips through is caught by the unique index on events.
 *
 * Rejected: a transaction an event (6.6 times slower, limits.md C2); savepoints
 * to find the poison (they cost the good batches, halving costs only bad ones);
 * reading with NOACK.
 */

#include "digest/digest.h"

#include <stdlib.h>
#include <sys/time.h>

#include "alert/alert.h"
#include "digest/crash.h"
#include "digest/item.h"
#include "digest/outcome.h"
#include "digest/owner.h"
#include "digest/pulse.h"
#include "digest/regression.h"
#include "digest/wishes.h"
#include "envelope/encoding.h"
#include "model/affected.h"
#include "envelope/multipart.h"
#include "envelope/store.h"
#include "model/letter.h"
#include "queue/body.h"
#include "queue/live.h"
#include "queue/message.h"
#include "util/conf.h"
#include "util/fail.h"
#include "util/hex.h"
#include "util/log.h"
#include "util/stage.h"
#include "util/timeutil.h"

/* Bytes of entries in one batch, roughly; for memory. */
#define BATCH_BYTES ((size_t) 8 << 20)

/* Decoded size of a request: the edge's bound, whatever is configured there. */
#define ENVELOPE_MAX ((size_t) 512 << 20)
#define STORE_MAX ((size_t) 1 << 20)

/* Items of one envelope that are looked at; SDKs send a few. */
#define ITEMS_MAX 1000

/* How often an entry may have its worker die. */
#define MAX_TRIES 5

/* CPU time of one batch before something must be wrong. */
#define CPU_SECONDS 60

/* No commit later than this after reading: others wait QUEUE_LEASE_MS. */
#define DEADLINE_US (QUEUE_LEASE_MS * INT64_C(1000) * 2 / 3)

/* A time of receipt outside of this is not true. */
#define MAX_AGE (30 * US_PER_DAY)
#define MAX_AHEAD US_PER_HOUR

#define CLAIM_EVERY (5 * US_PER_SECOND)
#define DRAIN_EVERY (2 * US_PER_SECOND)
#define PARTITIONS_EVERY (10 * US_PER_MINUTE)


struct digest {
    struct db *db;
    struct redis *r;
    struct queue *q;
    struct live *live;
    char *mark; /* whose latest transaction it is: consumer and server */
    size_t max_batch;
    struct arena *turn;    /* entries and replies of a turn */
    struct arena *rows;    /* what a batch stores */
    struct arena *scratch; /* one item */
    struct wishes *wishes; /* of the projects */
    struct alerts *alerts;
    struct digest_stats stats;
    int64_t asked_at; /* monotonic: for the batch, before it was ours */
    int64_t claim_at;
    int64_t drain_at;
    int64_t partitions_at;
    bool settled; /* what is pending needs no settling any more */
    bool healthy; /* the latest turn went through */
};


struct digest *
digest_new(struct db *db, struct redis *r, size_t max_batch)
{
    struct digest *d = calloc(1, sizeof(struct digest));

    if (d == NULL) {
        abort();
    }
    d->db = db;
    d->r = r;
    d->q = queue_new(r, NULL);
    if (asprintf(&d->mark, redis_number(r) == 0 ? "%s" : "%s@%zu",
                 queue_consumer(d->q), redis_number(r))
        == -1) {
        abort();
    }
    d->live = live_new(redis_server(r, 0));
    d->max_batch = max_batch < 1000 ? max_batch : 1000;
    d->turn = arena_new();
    d->rows = arena_new();
    d->scratch = arena_new();
    d->wishes = wishes_new();
    d->alerts = alerts_new();
    return d;
}


void
digest_free(struct digest *d)
{
    if (d == NULL) {
        return;
    }
    queue_free(d->q);
    free(d->mark);
    live_free(d->live);
    arena_free(d->turn);
    arena_free(d->rows);
    arena_free(d->scratch);
    wishes_free(d->wishes);
    alerts_free(d->alerts);
    free(d);
}


const struct digest_stats *
digest_stats(const struct digest *d)
{
    return &d->stats;
}


/* digest: an entry into the batch */

/* What the body of an endpoint is, when it is not an envelope. */
static const struct {
    const char *endpoint;
    const char *item;
} endpoints[] = {
    { "store", "event" },
    { "security", "raw_security" },
    { "csp-report", "raw_security" },
    { "nel", "nel" },
    { "minidump", "minidump" },
    { "unreal", "unreal_report" },
    { "attachments", "attachment" },
    { "cron", "check_in" },
    { "otlp_traces", "span" },
    { "otlp_logs", "log" },
};


static void
digest_item(struct item_context *it, const struct item *item)
{
    it->item = item;
    item_digest(it);
    stage(STAGE_UNPACK);
    arena_reset(it->scratch);
}


static void
digest_unless_dropped(struct item_context *it, const struct item *item)
{
    if (!item_dropped(it, item->position)) {
        digest_item(it, item);
        return;
    }
    outcome_note(it, str_of(item_type_find(item->type)->category),
                 STR("rate_limited"), STR(""));
}


/* One outcome for a request that could not be taken apart. */
static void
refuse(struct item_context *it, const char *item, struct str reason)
{
    it->item = NULL;
    it->type = item_type_find(str_of(item));
    outcome_record(it, str_of(it->type->category), OUTCOME_INVALID, reason, 1);
}


/* What items tell of others: attachments of a crash, before its event. */
static void
look_ahead(struct item_context *it, struct arena *a, struct envelope env)
{
    struct item item;

    while (envelope_next(&env, &item) == ST_OK && item.position < ITEMS_MAX) {
        struct str type = json_text_of(item.header, "attachment_type");
        bool keep;

        it->logs += str_is(item.type, "log");
        if (!str_is(item.type, "attachment")
            || item_dropped(it, item.position)) {
            continue;
        }
        if (it->crash == NULL) {
            it->crash = crash_new(a);
        }
        if (crash_note(a, it->crash, type, item.payload, &keep)
            && crash_makes_event(type)) {
            it->crash->alone = true;
        }
    }
}


/* A crash whose event nobody has sent. */
static void
digest_crash(struct item_context *it)
{
    static const struct item event = { .type = { "event", 5 } };

    it->item = &event;
    it->type = item_type_find(event.type);
    crash_finish(it->scratch, it->crash, it->crash->doc);
    item_event_doc(it, it->crash->doc, 0);
    arena_reset(it->scratch);
}


/*
 * Twice through: what hangs on the event comes after it, wherever it stands.
 */
static void
digest_envelope(struct item_context *it, struct arena *a, struct str text,
                struct envelope *env)
{
    enum status st = envelope_open(a, text, env);
    struct envelope again = *env;
    struct item item = { .type = STR_NULL };
    bool hangs = false;

    it->envelope = env;
    if (st == ST_OK) {
        look_ahead(it, a, *env);
    }
    while (st == ST_OK && (st = envelope_next(env, &item)) == ST_OK) {
        if (item.position == ITEMS_MAX) {
            refuse(it, "", STR("too_large:envelope"));
            st = ST_NOT_FOUND;
            break;
        }
        if (item_type_find(item.type)->hangs) {
            hangs = true;

        } else {
            digest_unless_dropped(it, &item);
        }
    }
    if (it->crash != NULL && it->crash->alone) {
        digest_crash(it);
    }
    while (hangs && envelope_next(&again, &item) == ST_OK
           && item.position < ITEMS_MAX) {
        if (item_type_find(item.type)->hangs) {
            digest_unless_dropped(it, &item);
        }
    }
    if (st == ST_NOT_FOUND && env->position == 0) {
        refuse(it, "", STR("empty_envelope"));

    } else if (st != ST_NOT_FOUND) {
        /* what stood before the damage has been digested; what a file has is
         * for nobody's eyes */
        it->request = str_is(item.type, "attachment") ? STR_NULL : env->rest;
        refuse(it, "", STR("invalid_envelope"));
    }
}


/* The files of a form, each an attachment of the event that the path names. */
static void
digest_attachments(struct item_context *it, struct arena *a, struct str body)
{
    unsigned char id[16];
    struct multipart form;
    struct part part;

    it->type = item_type_find(STR("attachment"));
    item_event_id(it, id);
    if (multipart_open(a, it->message->type, body, &form) != ST_OK) {
        refuse(it, "attachment", STR("invalid_multipart"));
        return;
    }
    while (multipart_next(&form, &part)) {
        if (part.position < ITEMS_MAX && !str_null(part.filename)
            && !item_dropped(it, part.position)) {
            attachment_keep(it, id, part.filename, part.type, STR_NULL,
                            part.body);
            arena_reset(it->scratch);
        }
    }
}


/* A body that is one item by itself. */
static void
digest_body(struct item_context *it, const char *type, struct str body)
{
    struct item item = { .type = str_of(type), .payload = body };

    /* what the edge has dropped of a form are parts of it */
    digest_item(it, &item);
}


static void
digest_store(struct item_context *it, struct arena *a, struct str body)
{
    struct str text;

    switch (store_body(a, body, it->message->query, STORE_MAX, &text)) {
    case ST_OK:
        digest_body(it, "event", text);
        return;
    case ST_LIMITED:
        refuse(it, "event", STR("too_large:event"));
        return;
    default:
        refuse(it, "event", STR("payload"));
    }
}


static const char *
item_of_endpoint(struct str endpoint)
{
    for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
        if (str_is(endpoint, endpoints[i].endpoint)) {
            return endpoints[i].item;
        }
    }
    return NULL; /* an envelope */
}


static enum status
digest_message(struct digest *d, struct batch *b, const struct message *m)
{
    const char *type = item_of_endpoint(m->endpoint);
    struct item_context it = {
        .scratch = d->scratch,
        .batch = b,
        .message = m,
        .filters = wishes_filters(d->wishes, m->project_id),
        .grouping = wishes_grouping(d->wishes, m->project_id),
        .scrub = wishes_scrub(d->wishes, m->project_id),
        .attachments = wishes_attachments(d->wishes, m->project_id),
        .sampling = wishes_sampling(d->wishes, m->project_id),
        .dictionary = wishes_dictionary(d->wishes, m->project_id),
    };
    struct arena *a = arena_new();
    int64_t now = time_now();
    struct envelope env;
    struct str raw, body;
    enum status st;

    stage(STAGE_UNPACK);
    st = body_open(d->r, a, m, m->id, &raw);
    if (st == ST_RETRY || st == ST_FAILED) {
        arena_free(a);
        return ST_RETRY;
    }

    it.received_at =
        m->received_at > now - MAX_AGE && m->received_at < now + MAX_AHEAD
            ? m->received_at
            : now;

    if (st == ST_OK) {
        st = encoding_decode(a, m->encoding, raw, ENVELOPE_MAX, &body);
    }
    it.request = st == ST_OK ? body : STR_NULL;
    if (st == ST_NOT_FOUND) {
        log_error("the body of entry %.*s is gone: deleted by somebody else",
                  STR_FMT(m->id));
        refuse(&it, type != NULL ? type : "event", STR("body_lost"));

    } else if (st != ST_OK) {
        refuse(&it, type != NULL ? type : "event",
               st == ST_LIMITED ? STR("too_large:envelope")
                                : STR("invalid_compression"));

    } else if (pulse_is(m)) {
        pulse_digest(a, b, m, body);

    } else if (type == NULL
               || str_is(m->type, "application/x-sentry-envelope")) {
        digest_envelope(&it, a, body, &env);

    } else if (str_is(m->endpoint, "store")) {
        digest_store(&it, a, body);

    } else if (str_is(m->endpoint, "attachments")) {
        digest_attachments(&it, a, body);

    } else {
        digest_body(&it, type, body);
    }

    arena_reset(d->scratch);
    arena_free(a);
    return it.st;
}


/*
 * The timer counts CPU time, so waiting for a database never fires it; its
 * signal ends the process.
 */
static void
guard_cpu(int seconds)
{
    struct itimerval timer = { .it_value = { .tv_sec = seconds } };

    setitimer(ITIMER_PROF, &timer, NULL);
}


static void
set_homes(struct digest *d, struct batch *b, const struct message *m, size_t n)
{
    struct batch_home *homes = arena_array(d->rows, n, sizeof(*homes));

    for (size_t i = 0; i < n; i++) {
        homes[i] = (struct batch_home){ m[i].project_id, m[i].organization_id };
    }
    b->homes = homes;
    b->nhomes = n;
}


/* Of batch.stored: whose the issues are, then the alerts. */
static enum status
after_store(void *context, struct db *db, struct arena *a,
            const struct batch_change *changes, size_t n)
{
    struct digest *d = context;
    enum status st = owners_find(d->wishes, db, a, changes, n);

    return st == ST_OK ? alerts_stored(d->alerts, db, a, changes, n) : st;
}


static enum status
digest_entries(struct digest *d, struct batch *b, const struct message *m,
               size_t n)
{
    enum status st = ST_OK;

    arena_reset(d->rows);
    *b = (struct batch){ .arena = d->rows,
                         .consumer = d->mark,
                         .deadline = d->asked_at + DEADLINE_US,
                         .regresses = regression_of,
                         .stored = after_store,
                         .context = d };
    set_homes(d, b, m, n);

    guard_cpu(CPU_SECONDS);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        st = digest_message(d, b, &m[i]);
    }
    guard_cpu(0);
    return st;
}


/* store and ack */

/* As the database knows them. */
static struct str *
names_of(struct digest *d, const struct str *ids, size_t n)
{
    struct str *names = arena_array(d->turn, n, sizeof(struct str));

    for (size_t i = 0; i < n; i++) {
        names[i] = redis_entry(d->turn, d->r, ids[i]);
    }
    return names;
}


/* Digests, commits and acknowledges these entries, all or none. */
static enum status
store(struct digest *d, const struct message *m, size_t n)
{
    size_t nids;
    struct str *ids = message_ids(d->turn, m, n, &nids);
    struct batch_result result;
    struct batch b;
    enum status st;

    if ((st = digest_entries(d, &b, m, n)) != ST_OK) {
        return st;
    }
    stage(STAGE_STORE);
    b.entries = names_of(d, ids, nids);
    b.nentries = nids;
    FAIL_POINT("before_store");
    if ((st = batch_store(d->db, d->turn, &b, &result)) != ST_OK) {
        if (st == ST_RETRY) {
            wishes_forget(d->wishes); /* a project may have moved */
        }
        return st;
    }
    d->stats.events += result.stored;
    d->stats.duplicates += result.duplicates;

    FAIL_POINT("after_commit");
    stage(STAGE_QUEUE);
    if (queue_ack(d->q, d->turn, ids, nids) != ST_OK) {
        /* the next turn settles it */
        return ST_RETRY;
    }
    FAIL_POINT("after_ack");
    d->stats.entries += n;
    affected_note(redis_server(d->r, 0), d->turn, &b);
    for (size_t i = 0; i < result.ntouched; i++) {
        const struct batch_touched *c = &result.touched[i];

        live_note(d->live, c->organization_id, c->project_id, c->issue_id,
                  c->events, c->fresh);
    }
    return ST_OK;
}


/*
 * ST_RETRY: what was answered with 200 is not thrown away to make room, so the
 * entry waits, and with it what this worker would read next.
 */
static enum status
room(struct digest *d, const struct message *m, struct str reason)
{
    enum status st =
        letter_room(d->r, d->turn, m, conf_int(CONF_WORKER_DEAD_LETTERS) << 20);

    if (st == ST_NOT_FOUND) {
        log_error("the dead letters are full, and the digest waits with entry "
                  "%.*s of project %lld (%.*s): see \"vedette queue list\", "
                  "send them again or throw them away, or raise "
                  "worker.dead-letters",
                  STR_FMT(m->id), (long long) m->project_id, STR_FMT(reason));
    }
    return st == ST_OK ? ST_OK : ST_RETRY;
}


/*
 * Into the dead letters.  The database is told first: noting it twice counts
 * once, while an entry that is acknowledged is never seen again.
 */
static enum status
bury(struct digest *d, const struct message *m, struct str reason)
{
    bool drops = conf_int(CONF_WORKER_DEAD_LETTERS_DROP) != 0;
    enum status st;

    if (!drops && (st = room(d, m, reason)) != ST_OK) {
        return st;
    }
    log_error("entry %.*s of project %lld is put aside: %.*s", STR_FMT(m->id),
              (long long) m->project_id, STR_FMT(reason));
    st = batch_bury(d->db, d->turn, redis_entry(d->turn, d->r, m->id),
                    m->organization_id, m->project_id, reason, m->key_id);
    if (st != ST_OK) {
        return ST_RETRY;
    }
    FAIL_POINT("mid_burial");
    if (queue_bury(d->q, d->turn, m, reason) != ST_OK) {
        return ST_RETRY;
    }
    d->stats.buried++;
    d->stats.entries++;
    /* it is buried: what fails now is done at the next burial */
    if (drops
        && letter_bound(d->db, d->r, d->turn,
                        conf_int(CONF_WORKER_DEAD_LETTERS) << 20)
               != ST_OK) {
        log_warning("the dead letters could not be kept within their bound");
    }
    return ST_OK;
}


/* An entry that several requests share: each gets one of its own. */
static enum status
take_apart(struct digest *d, const struct message *m, const char *reason)
{
    log_warning("entry %.*s of %zu requests is taken apart: %s", STR_FMT(m->id),
                m->of, reason);
    FAIL_POINT("before_split");
    if (queue_split(d->q, d->turn, m) != ST_OK) {
        return ST_RETRY;
    }
    FAIL_POINT("after_split");
    return ST_OK;
}


/* This entry cannot be stored, for a reason that is its own. */
static enum status
give_up(struct digest *d, const struct message *m, const char *reason)
{
    return m->shared ? take_apart(d, m, reason) : bury(d, m, str_of(reason));
}


/* Cannot be stored, and why; or the error may be ours. */
struct left {
    const struct message *m;
    const char *reason;
};

#define REFUSED "the database refuses its content"
#define FAILS "the database fails on it"


/* What is taken apart needs no room among the dead letters: it goes first. */
static enum status
give_up_all(struct digest *d, const struct left *list, size_t n)
{
    enum status st = ST_OK;

    for (int shared = 1; shared >= 0; shared--) {
        for (size_t i = 0; st == ST_OK && i < n; i++) {
            if (list[i].m->shared == (shared == 1)) {
                st = give_up(d, list[i].m, list[i].reason);
            }
        }
    }
    return st;
}


/* How halving went. */
struct sieve {
    struct left *refused;
    size_t nrefused;
    struct left *failed; /* alone, by an error that may be ours */
    size_t nfailed;
    bool stored; /* something was */
};


/* Where half of them end, between two entries; n when it is one. */
static size_t
half_of(const struct message *m, size_t n)
{
    size_t half = m[0].of;

    while (half < n && half + m[half].of <= n / 2) {
        half += m[half].of;
    }
    return half;
}


static enum status
sift(struct digest *d, const struct message *m, size_t n, struct sieve *s)
{
    enum status st = store(d, m, n);
    size_t half;

    if (st == ST_OK) {
        s->stored = true;
        return ST_OK;
    }
    if (st == ST_RETRY) {
        return st;
    }
    if ((half = half_of(m, n)) < n) {
        st = sift(d, m, half, s);
        return st == ST_OK ? sift(d, m + half, n - half, s) : st;
    }
    if (st == ST_INVALID) {
        s->refused[s->nrefused++] = (struct left){ m, REFUSED };

    } else {
        s->failed[s->nfailed++] = (struct left){ m, FAILS };
    }
    return ST_OK;
}


static enum status
store_or_sift(struct digest *d, const struct message *m, size_t n)
{
    struct sieve s = { 0 };
    enum status st;

    s.refused = arena_array(d->turn, n, sizeof(*s.refused));
    s.failed = arena_array(d->turn, n, sizeof(*s.failed));
    if ((st = sift(d, m, n, &s)) != ST_OK) {
        return st;
    }
    /* after all that can be stored: there may be no room for letters */
    st = give_up_all(d, s.refused, s.nrefused);
    if (st != ST_OK || s.nfailed == 0) {
        return st;
    }
    /* a shared entry that is alone has its neighbours in it */
    return s.stored || (s.nfailed == 1 && s.failed[0].m->shared)
               ? give_up_all(d, s.failed, s.nfailed)
               : ST_RETRY;
}


/* entries whose worker has died */

static int
by_tries(const void *left, const void *right)
{
    const struct message *a = *(struct message *const *) left;
    const struct message *b = *(struct message *const *) right;

    return (a->tries > b->tries) - (a->tries < b->tries);
}


/* An entry that may have had its worker die. */
static enum status
store_suspect(struct digest *d, struct message *m)
{
    enum status st;

    if (m->tries > 0 && m->shared) {
        return take_apart(d, m, "a worker has died of it");
    }
    if (queue_begin(d->q, d->turn, m, m->of) != ST_OK) {
        return ST_RETRY;
    }
    if (m->tries > MAX_TRIES) {
        /* and while it finds no room it is not tried again */
        return bury(d, m, STR("crash"));
    }
    if ((st = store_or_sift(d, m, m->of)) != ST_OK) {
        queue_survived(d->q, d->turn, m, m->of);
    }
    return st;
}


static enum status
store_suspects(struct digest *d, struct message *m, size_t n)
{
    struct message **firsts = arena_array(d->turn, n, sizeof(*firsts));
    enum status st = queue_tries(d->q, d->turn, m, n);
    size_t nfirsts = 0;

    if (st != ST_OK) {
        return ST_RETRY;
    }
    for (size_t i = 0; i < n; i += m[i].of) {
        firsts[nfirsts++] = &m[i];
    }
    qsort(firsts, nfirsts, sizeof(*firsts), by_tries);

    if (firsts[nfirsts - 1]->tries == 0) {
        if (queue_begin(d->q, d->turn, m, n) != ST_OK) {
            return ST_RETRY;
        }
        if ((st = store_or_sift(d, m, n)) != ST_OK) {
            queue_survived(d->q, d->turn, m, n);
        }
        return st;
    }

    for (size_t i = 0; st == ST_OK && i < nfirsts; i++) {
        st = store_suspect(d, firsts[i]);
    }
    return st;
}


static bool
is_known(struct str version)
{
    return version.n == 0 || str_is(version, VEDETTE_MESSAGE_VERSION)
           || str_is(version, VEDETTE_MESSAGE_VERSION_APART)
           || str_is(version, VEDETTE_MESSAGE_VERSION_PACKED)
           || str_is(version, VEDETTE_MESSAGE_VERSION_LZ4);
}


static bool
are_known(const struct message *m)
{
    for (size_t i = 0; i < m->of; i++) {
        if (!is_known(m[i].version)) {
            return false;
        }
    }
    return true;
}


/* Messages of a later version go to the end; returns how many are before. */
static size_t
known_first(struct digest *d, struct message *m, size_t n)
{
    struct message *unknown = arena_array(d->turn, n, sizeof(*unknown));
    size_t known = 0, some;

    for (size_t i = 0; i < n; i += some) {
        some = m[i].of;
        if (are_known(&m[i])) {
            memmove(m + known, m + i, some * sizeof(*m));
            known += some;

        } else {
            memcpy(unknown + (i - known), m + i, some * sizeof(*m));
        }
    }
    memcpy(m + known, unknown, (n - known) * sizeof(*m));
    return known;
}


/* They are for workers that know it. */
static enum status
put_aside_unknown(struct digest *d, const struct message *m, size_t n)
{
    struct left *list = arena_array(d->turn, n, sizeof(*list));
    size_t entries = 0;

    for (size_t i = 0; i < n; i += m[i].of) {
        list[entries++] =
            (struct left){ &m[i], "its version is not known to this worker" };
    }
    return give_up_all(d, list, entries);
}


/* Acknowledges what is pending with us and has been committed. */
static enum status
settle(struct digest *d)
{
    struct str *ids, *done;
    size_t n, ndone = 0;
    enum status st;

    if ((st = queue_pending(d->q, d->turn, &ids, &n)) != ST_OK || n == 0) {
        return st;
    }
    st = batch_done(d->db, d->turn, names_of(d, ids, n), n, &done, &ndone);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < ndone; i++) {
        struct str name = done[i];

        /* to the stream they are ids again */
        str_split(&name, '@', &done[i]);
    }
    if (ndone > 0) {
        log_info("%zu entries were committed before, and are acknowledged now",
                 ndone);
        st = queue_ack(d->q, d->turn, done, ndone);
        d->stats.entries += ndone;
    }
    return st;
}


static enum status
take_turn(struct digest *d, int block_ms, size_t *done)
{
    uint64_t before = d->stats.entries;
    int64_t read_at;
    struct message *m;
    enum status st;
    size_t n, known;

    if ((st = queue_join(d->q, d->turn)) != ST_OK) {
        return st;
    }
    if (queue_has_pending(d->q) && !d->settled) {
        if ((st = settle(d)) != ST_OK) {
            return st;
        }
        d->settled = true;
    }

    stage(STAGE_QUEUE);
    /* we may stand still with the answer on its way: the lease has begun */
    d->asked_at = time_monotonic();
    st = queue_read(d->q, d->turn, d->max_batch, BATCH_BYTES, block_ms, &m, &n);
    if (st != ST_OK || n == 0) {
        return st;
    }
    read_at = time_monotonic();
    d->stats.batch = n;
    FAIL_POINT("after_read");

    stage(STAGE_REST);
    known = known_first(d, m, n);
    st = wishes_refresh(d->wishes, d->db, m, known);
    if (st == ST_OK) {
        st = alerts_refresh(d->alerts, d->db);
    }
    if (st == ST_OK && known > 0) {
        st = m[0].suspect ? store_suspects(d, m, known)
                          : store_or_sift(d, m, known);
    }
    if (st == ST_OK) {
        st = put_aside_unknown(d, m + known, n - known);
    }
    d->stats.batch_us = time_monotonic() - read_at;
    *done = (size_t) (d->stats.entries - before);
    return st;
}


enum status
digest_turn(struct digest *d, int block_ms, size_t *n)
{
    enum status st;

    *n = 0;
    st = take_turn(d, block_ms, n);
    d->healthy = st == ST_OK;
    if (st != ST_OK) {
        /* whatever was begun is pending, and some of it may be done */
        queue_again(d->q);
        d->settled = false;
        st = ST_RETRY;
    }
    stage(STAGE_REST);
    if (st == ST_OK) {
        live_send(d->live);
    }
    arena_reset(d->turn);
    arena_reset(d->rows);
    return st;
}


/* upkeep */

static bool
due(int64_t *at, int64_t every)
{
    int64_t now = time_monotonic();

    if (now < *at) {
        return false;
    }
    *at = now + every;
    return true;
}


static enum status
upkeep(struct digest *d)
{
    enum status st = ST_OK;

    if (due(&d->partitions_at, PARTITIONS_EVERY)
        && ((st = batch_partitions(d->db, d->turn, time_now())) != ST_OK
            || (st = batch_partitions(d->db, d->turn, time_now() + US_PER_DAY))
                   != ST_OK
            || (st = batch_forget(d->db, d->turn)) != ST_OK)) {
        d->partitions_at = 0;
        return st;
    }
    /* a worker that cannot store has no use for the entries of others */
    if (d->healthy && due(&d->claim_at, CLAIM_EVERY)) {
        if ((st = queue_join(d->q, d->turn)) != ST_OK
            || (st = queue_claim(d->q, d->turn)) != ST_OK) {
            return st;
        }
        d->settled = d->settled && !queue_has_pending(d->q);
    }
    /* edges send them to the first server */
    if (redis_number(d->r) == 0 && due(&d->drain_at, DRAIN_EVERY)) {
        st = outcome_drain(d->db, d->r, d->turn);
    }
    return st;
}


enum status
digest_upkeep(struct digest *d)
{
    enum status st = upkeep(d);

    arena_reset(d->turn);
    return st == ST_OK ? ST_OK : ST_RETRY;
}
