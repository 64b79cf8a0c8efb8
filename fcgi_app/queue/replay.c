/*
 * The folder is read anew in each round, and what a round knows of a segment is
 * its checkpoint: a replay that dies, or a segment that somebody else removes,
 * is no special case.  Before anything of a segment is sent, its checkpoint is
 * written once: where that fails, the same records would be sent for ever.
 */

#include "queue/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "queue/body.h"
#include "queue/facts.h"
#include "queue/message.h"
#include "queue/pace.h"
#include "queue/proc.h"
#include "queue/spool_dir.h"
#include "util/hex.h"
#include "util/log.h"
#include "util/timeutil.h"

#define BATCH_RECORDS 500
#define BATCH_BYTES ((size_t) 4 * 1024 * 1024)

#define TAIL_US (100 * 1000)   /* looks at segments that are being written */
#define IDLE_US US_PER_SECOND  /* looks for new ones */
#define PACED_US (50 * 1000)   /* when live traffic goes first */
#define CHECK_US US_PER_MINUTE /* looks at Redis' settings */
#define LOOK_US (5 * US_PER_SECOND) /* looks what waits, to tell it */
#define BACKOFF_MIN_US (50 * 1000)
#define BACKOFF_MAX_US (5 * US_PER_SECOND)

struct replay {
    const struct replay_options *options;
    struct redis *redis;
    struct replay_report *report;
    struct arena *round; /* of a round through the folder */
    struct arena *batch;
    struct pace pace;
    size_t batch_records; /* one after an error, then doubled */
    int dir;
    int64_t checked_at; /* when Redis was asked; 0: to be asked */
    int64_t looked_at;  /* when what waits was reckoned */
    bool lax;           /* what it said */
    bool slow;          /* this round ended because of the pace */
};

/* A segment while it is being replayed. */
struct work {
    const struct spool_segment *segment;
    struct spool_reader *reader;
    struct spool_place place;
    int fd;
    bool live;
    bool kept;     /* its checkpoint could be written in this round */
    bool finished; /* END or WAIT was reached */
};


/* Until time is up or stop() says so; half of the time is left to chance. */
static void
rest(const struct replay *p, int64_t us)
{
    int64_t until = time_monotonic() + us / 2 + rand() % (us / 2 + 1);

    while (!p->options->stop() && time_monotonic() < until) {
        int64_t left = until - time_monotonic();
        struct timespec part = { 0 };

        left = left < 0 ? 0 : left;
        part.tv_nsec = (long) (left < 200000 ? left : 200000) * 1000;
        nanosleep(&part, NULL);
    }
}


/* ---- one batch */

struct batch {
    struct redis_batch commands[BATCH_RECORDS];
    struct spool_place places[BATCH_RECORDS]; /* after each command */
    size_t n;
    size_t bytes;
    struct str apart; /* the body of the last one, if it has to go apart */
};


static void
report_damage(struct replay *p, struct work *w, const struct spool_record *rec)
{
    const char *whose = "";

    if (rec->known) {
        char received[TIME_ISO_SIZE];

        time_write_iso(received, rec->received_at);
        whose =
            arena_printf(p->batch, ": event %.*s of project %llu, received %s",
                         STR_FMT(uuid_hex(p->batch, rec->event_id)),
                         (unsigned long long) rec->project, received);
    }
    if (rec->kind == SPOOL_TORN) {
        log_warning("spool: %s has a torn end from byte %llu on: its writer "
                    "was stopped before it had acknowledged that",
                    w->segment->name, (unsigned long long) rec->at);
        p->report->torn++;

    } else {
        log_error("spool: %s is damaged from byte %llu to %llu: %lu record%s "
                  "lost%s",
                  w->segment->name, (unsigned long long) rec->at,
                  (unsigned long long) rec->next, (unsigned long) rec->lost,
                  rec->lost == 1 ? "" : "s", whose);
        p->report->lost += rec->lost;
        w->place.lost += rec->lost;
    }
    if (spool_quarantine(p->dir, w->segment->name, w->fd, rec->at, rec->next,
                         rec->lost)
        != ST_OK) {
        log_error("spool: the damaged bytes could not be kept");
    }
}


/*
 * A large body: what is left are the fields that go with its entry.  It stays
 * where the reader has it, so the batch ends here.
 */
static void
add_apart(struct replay *p, struct batch *b, const struct str *words, size_t n)
{
    struct str *fields = arena_array(p->batch, n, sizeof(*fields));
    size_t k = 0;

    for (size_t i = 0; i + 2 < n; i += 2) {
        if (!str_is(words[i], VEDETTE_F_VERSION)) {
            fields[k++] = str_copy(p->batch, words[i]);
            fields[k++] = str_copy(p->batch, words[i + 1]);
        }
    }
    b->apart = words[n - 1];
    b->commands[b->n] = (struct redis_batch){ fields, k };
}


/* XADD with the words of a record, copied. */
static enum status
add_command(struct replay *p, struct batch *b, struct str payload)
{
    struct str *words, *command;
    enum status st;
    size_t n;

    if ((st = spool_words(p->batch, payload, &words, &n)) != ST_OK) {
        return st;
    }
    if (n >= 2 && str_is(words[n - 2], VEDETTE_F_BODY)
        && words[n - 1].n > VEDETTE_BODY_INLINE) {
        add_apart(p, b, words, n);
        return ST_OK;
    }
    payload = str_copy(p->batch, payload);
    if ((st = spool_words(p->batch, payload, &words, &n)) != ST_OK) {
        return st;
    }
    command = arena_array(p->batch, n + 3, sizeof(*command));
    command[0] = STR("XADD");
    command[1] = STR(VEDETTE_STREAM);
    command[2] = STR("*");
    memcpy(command + 3, words, n * sizeof(*words));
    b->commands[b->n] = (struct redis_batch){ command, n + 3 };
    b->bytes += payload.n;
    return ST_OK;
}


/* Reads the next records, up to max; damage on the way is dealt with. */
static enum status
fill(struct replay *p, struct work *w, size_t max, struct batch *b)
{
    struct spool_record rec;
    enum status st;

    b->n = 0;
    b->bytes = 0;
    b->apart = STR_NULL;
    while (b->n < max && b->bytes < BATCH_BYTES && b->apart.p == NULL
           && !w->finished) {
        if ((st = spool_next(w->reader, w->live, &rec)) != ST_OK) {
            return st;
        }
        if (rec.kind == SPOOL_RECORD
            && add_command(p, b, rec.payload) != ST_OK) {
            rec.kind = SPOOL_DAMAGED; /* whole, but not of this program */
            rec.lost = 1;
        }
        w->place.next = rec.next;
        w->place.number = rec.number;

        switch (rec.kind) {
        case SPOOL_RECORD:
            w->place.replayed++;
            b->places[b->n++] = w->place;
            break;
        case SPOOL_DAMAGED:
        case SPOOL_TORN:
            report_damage(p, w, &rec);
            break;
        case SPOOL_END:
        case SPOOL_WAIT:
            w->finished = true;
            break;
        }
    }
    return ST_OK;
}


/*
 * The last one, whose body goes apart.  Redis may have no room for it until
 * workers have taken others: live traffic goes on meanwhile, so who follows
 * comes back to it, and who does not waits here.
 */
static enum status
send_apart(struct replay *p, const struct batch *b)
{
    const struct redis_batch *last = &b->commands[b->n - 1];
    enum status st;

    for (;;) {
        st = body_send(p->redis, p->batch, last->words, last->n, b->apart);
        if (st != ST_LIMITED) {
            return st;
        }
        if (p->options->follow || p->options->stop()) {
            p->slow = true;
            return ST_LIMITED;
        }
        rest(p, IDLE_US);
    }
}


/* *sent: how many of the first commands Redis has carried out for sure. */
static enum status
send_batch(struct replay *p, const struct batch *b, size_t *sent)
{
    redisReply *replies[BATCH_RECORDS] = { 0 };
    size_t together = b->apart.p != NULL ? b->n - 1 : b->n;
    enum status st =
        redis_pipeline(p->redis, p->batch, b->commands, together, replies);

    *sent = 0;
    while (*sent < together && replies[*sent] != NULL
           && replies[*sent]->type != REDIS_REPLY_ERROR) {
        ++*sent;
    }
    if (st == ST_OK && together < b->n) {
        st = send_apart(p, b);
        *sent += st == ST_OK;
        st = st == ST_LIMITED ? ST_OK : st;
    }
    p->report->replayed += *sent;
    pace_sent(&p->pace, (int64_t) *sent);
    return st;
}


/* ---- pace */

static int64_t
entries_taken(const redisReply *groups)
{
    if (groups->type != REDIS_REPLY_ARRAY) {
        return -1;
    }
    for (size_t g = 0; g < groups->elements; g++) {
        const redisReply *group = groups->element[g];

        if (group->type != REDIS_REPLY_ARRAY || group->elements < 2
            || !str_is(redis_text(group->element[1]), VEDETTE_GROUP)) {
            continue;
        }
        for (size_t i = 0; i + 1 < group->elements; i += 2) {
            if (str_is(redis_text(group->element[i]), "entries-read")
                && group->element[i + 1]->type == REDIS_REPLY_INTEGER) {
                return group->element[i + 1]->integer;
            }
        }
    }
    return -1;
}


/*
 * Whether what Redis acknowledges is on its disk.  One that does not let us ask
 * is believed, as by the edge.
 */
static enum status
check_redis(struct replay *p)
{
    bool keeps;
    enum status st;

    if (p->options->relaxed) {
        return ST_OK;
    }
    if (p->checked_at == 0 || time_monotonic() - p->checked_at > CHECK_US) {
        st = redis_keeps(p->redis, p->batch, &keeps);
        if (st == ST_RETRY) {
            return st;
        }
        p->checked_at = time_monotonic();
        p->lax = st == ST_OK && !keeps;
        if (p->lax) {
            log_warning("spool: Redis may lose what it has acknowledged, so "
                        "all stays in the spool: give it \"appendonly yes\", "
                        "\"appendfsync always\", \"no-appendfsync-on-rewrite "
                        "no\" and \"maxmemory-policy noeviction\", or say "
                        "--relaxed");
        }
    }
    return p->lax ? ST_DENIED : ST_OK;
}


/* How many records may be sent now. */
static enum status
allowed(struct replay *p, size_t *out)
{
    redisReply *reply;
    int64_t length, taken = -1, n;
    enum status st;

    *out = p->batch_records;
    if ((st = check_redis(p)) != ST_OK) {
        return st;
    }
    if (!p->options->follow) {
        return ST_OK;
    }
    st = redis_command(p->redis, p->batch, &reply,
                       REDIS_WORDS(STR("XLEN"), STR(VEDETTE_STREAM)));
    if (st != ST_OK) {
        return st;
    }
    length = redis_i64(reply);
    if (length >= PACE_SHORT) {
        st = redis_command(
            p->redis, p->batch, &reply,
            REDIS_WORDS(STR("XINFO"), STR("GROUPS"), STR(VEDETTE_STREAM)));
        if (st != ST_OK) {
            return st;
        }
        taken = entries_taken(reply);
    }
    n = pace_look(&p->pace, time_monotonic(), length, taken);
    if (n < (int64_t) *out) {
        *out = (size_t) n;
        p->slow = true;
    }
    return ST_OK;
}


/* ---- one segment */

static enum status
keep_place(struct replay *p, const struct work *w,
           const struct spool_place *place)
{
    return spool_place_write(p->dir, w->segment->name,
                             spool_head(w->reader)->nonce, place);
}


/* Batches until the end of the segment, or until something hinders. */
static enum status
send_all(struct replay *p, struct work *w)
{
    static struct batch b;
    struct spool_place before;
    enum status st = ST_OK;
    size_t max, sent;

    while (st == ST_OK && !w->finished && !p->slow && !p->options->stop()) {
        arena_reset(p->batch);
        if ((st = allowed(p, &max)) != ST_OK) {
            return st;
        }
        if (max == 0) {
            return ST_OK;
        }
        before = w->place;
        if ((st = fill(p, w, max, &b)) != ST_OK) {
            return st;
        }
        sent = 0;
        if (b.n > 0) {
            if (!w->kept && keep_place(p, w, &before) != ST_OK) {
                return ST_FAILED;
            }
            w->kept = true;
            st = send_batch(p, &b, &sent);
        }
        if (sent < b.n) {
            w->place = sent > 0 ? b.places[sent - 1] : before;
            w->finished = false;
            p->batch_records = 1;

        } else if (p->batch_records < BATCH_RECORDS) {
            p->batch_records = p->batch_records * 2 < BATCH_RECORDS
                                   ? p->batch_records * 2
                                   : BATCH_RECORDS;
        }
        if (w->place.next != before.next
            && keep_place(p, w, &w->place) != ST_OK) {
            return ST_FAILED;
        }
    }
    return st;
}


static enum status
finish(struct replay *p, struct work *w)
{
    enum status st;

    w->place.done = true;
    if ((st = keep_place(p, w, &w->place)) != ST_OK) {
        return st;
    }
    st = spool_segment_remove(p->dir, w->segment->name);
    if (st == ST_OK) {
        p->report->removed++;
    }
    return st;
}


static enum status
replay_opened(struct replay *p, struct work *w)
{
    enum status st;

    w->place = w->segment->place;
    if (w->place.next != 0) {
        spool_seek(w->reader, w->place.next, w->place.number);
    }
    if (!w->place.done && (st = send_all(p, w)) != ST_OK) {
        return st;
    }
    if (w->place.done || (w->finished && !w->live)) {
        return finish(p, w);
    }
    p->report->left++;
    return ST_OK;
}


static enum status
replay_segment(struct replay *p, const struct spool_segment *s)
{
    struct work w = { .segment = s };
    enum status st;

    if (s->state == SPOOL_BROKEN) {
        log_error("spool: %s is no segment any more; it is kept in the "
                  "quarantine",
                  s->name);
        p->report->lost++;
        return spool_quarantine_segment(p->dir, s->name);
    }
    if (s->state == SPOOL_NEWER) {
        log_error("spool: %s was written by a newer version: use a newer "
                  "vedette",
                  s->name);
        p->report->left++;
        return ST_OK;
    }

    st = spool_segment_open(p->dir, s->name, &w.fd, &w.live);
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    st = spool_open(w.fd, s->name, &w.reader);
    if (st == ST_OK) {
        st = replay_opened(p, &w);
        spool_close(w.reader);

    } else if (st == ST_INVALID) {
        /* another segment has come under this name; the next round sees it */
        p->report->left++;
        st = ST_OK;
    }
    close(w.fd);
    if (st == ST_INVALID) {
        /* a record of a newer version, which has been logged */
        p->report->left++;
        st = ST_OK;
    }
    return st;
}


/* ---- all of them */

static enum status
replay_round(struct replay *p, size_t *n)
{
    struct spool_segment *list;
    size_t missing;
    enum status st;

    arena_reset(p->round);
    p->slow = false;
    p->report->left = 0;
    *n = 0;
    if ((st = spool_dir_sweep(p->dir, &missing)) != ST_OK
        || (st = spool_dir_list(p->round, p->dir, &list, n)) != ST_OK) {
        return st;
    }
    p->report->missing += missing;

    for (size_t i = 0; i < *n && !p->slow && !p->options->stop(); i++) {
        if ((st = replay_segment(p, &list[i])) != ST_OK) {
            return st;
        }
    }
    return ST_OK;
}


/* When the first record that is still to be sent was received; 0: none is. */
static int64_t
waits_since(const struct replay *p, const struct spool_segment *s)
{
    struct spool_record rec = { .kind = SPOOL_END };
    struct spool_reader *r;
    bool live;
    int fd;

    if (s->state == SPOOL_BROKEN || s->state == SPOOL_NEWER || s->place.done
        || spool_segment_open(p->dir, s->name, &fd, &live) != ST_OK) {
        return 0;
    }
    if (spool_open(fd, s->name, &r) == ST_OK) {
        if (s->place.next != 0) {
            spool_seek(r, s->place.next, s->place.number);
        }
        while (spool_next(r, live, &rec) == ST_OK
               && rec.kind == SPOOL_DAMAGED) {
        }
        spool_close(r);
    }
    close(fd);
    return rec.kind == SPOOL_RECORD ? rec.received_at : 0;
}


/* What the signs of life tell of the folder. */
static void
look(struct replay *p)
{
    struct spool_segment *list;
    int64_t oldest = 0;
    uint64_t bytes = 0;
    size_t n;

    if (p->looked_at != 0 && time_monotonic() - p->looked_at < LOOK_US) {
        return;
    }
    p->looked_at = time_monotonic();
    arena_reset(p->batch);
    if (spool_dir_list(p->batch, p->dir, &list, &n) != ST_OK) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        int64_t since = waits_since(p, &list[i]);

        if (since != 0) {
            oldest = oldest == 0 || since < oldest ? since : oldest;
            bytes += list[i].size > list[i].place.next
                         ? list[i].size - list[i].place.next
                         : 0;
        }
    }
    proc_spool(bytes, oldest);
}


static void
beat(struct replay *p, size_t segments)
{
    char note[160];

    look(p);
    snprintf(note, sizeof(note),
             "%s%zu segments in the spool, %llu records replayed, %llu lost",
             p->lax ? "waits for appendfsync always, " : "", segments,
             (unsigned long long) p->report->replayed,
             (unsigned long long) p->report->lost);
    proc_beat(p->redis, "spool", note);
}


static void
follow(struct replay *p)
{
    int64_t backoff_us = BACKOFF_MIN_US;
    size_t segments;

    while (!p->options->stop()) {
        enum status st = replay_round(p, &segments);

        if (st != ST_OK) {
            if (st == ST_DENIED) {
                beat(p, segments);
            } else {
                p->checked_at = 0; /* it may come back with other settings */
            }
            p->batch_records = 1;
            rest(p, backoff_us);
            backoff_us = backoff_us * 2 < BACKOFF_MAX_US ? backoff_us * 2
                                                         : BACKOFF_MAX_US;
            continue;
        }
        backoff_us = BACKOFF_MIN_US;
        beat(p, segments);
        rest(p, p->slow ? PACED_US : segments > 0 ? TAIL_US : IDLE_US);
    }
}


enum status
replay_run(const struct replay_options *options, struct redis *r,
           struct replay_report *report)
{
    struct replay p = { .options = options,
                        .redis = r,
                        .report = report,
                        .batch_records = BATCH_RECORDS };
    size_t segments;
    enum status st;
    int lock;

    *report = (struct replay_report){ 0 };
    if ((st = spool_dir_open(options->path, &p.dir)) != ST_OK) {
        return st;
    }
    if ((st = spool_dir_lock(p.dir, &lock)) != ST_OK) {
        close(p.dir);
        return st;
    }
    p.round = arena_new();
    p.batch = arena_new();
    srand((unsigned) time_now() ^ (unsigned) getpid());

    if (options->follow) {
        follow(&p);

    } else {
        st = replay_round(&p, &segments);
    }
    arena_free(p.round);
    arena_free(p.batch);
    close(lock);
    close(p.dir);
    return st;
}
