/*
 * vedette spool - what an edge has kept on its disk while Redis was away.
 */

#include "cmd/cmd.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cmd/prefork.h"
#include "cmd/usage.h"
#include "queue/replay.h"
#include "queue/spool_dir.h"
#include "util/hex.h"
#include "util/timeutil.h"

static const char help[] =
    "usage: vedette spool list FOLDER\n"
    "       vedette spool verify FOLDER\n"
    "       vedette spool find FOLDER ID\n"
    "       vedette spool replay FOLDER [--follow] [--relaxed]\n\n"
    "An edge keeps what it accepts in the FOLDER of its vedette_spool while\n"
    "Redis is away.\n\n"
    "  list       the segments, and what was damaged before\n"
    "  verify     reads everything and checks every checksum; changes\n"
    "             nothing; exits with 1 when something is damaged\n"
    "  find       looks for an event that waits there to be sent; exits with\n"
    "             1 when there is none\n"
    "  replay     sends it to the queue and removes what was sent; also a\n"
    "             folder that was copied from another machine\n"
    "  --follow   goes on for ever: waits while Redis is away, lets live\n"
    "             traffic go first. One such process runs beside each edge.\n"
    "  --relaxed  into a Redis without appendfsync always, too, as with\n"
    "             vedette_durability relaxed\n";


/* What the words of the command line name. */
struct place {
    const char *path;
    int dir;
    bool relaxed;
    unsigned char id[16]; /* of "find" */
};

static const char *const states[] = {
    [SPOOL_SEALED] = "sealed",
    [SPOOL_LIVE] = "written",
    [SPOOL_NEWER] = "newer",
    [SPOOL_BROKEN] = "BROKEN",
};


static void
print_quarantine(int dir)
{
    struct spool_quarantined q;

    if (spool_quarantine_count(dir, &q) == ST_OK && q.files > 0) {
        printf("quarantine: %zu file%s, %.1f MB, %llu record%s lost\n", q.files,
               q.files == 1 ? "" : "s", (double) q.bytes / 1e6,
               (unsigned long long) q.lost, q.lost == 1 ? "" : "s");
    }
}


static int
list(struct app *app, const struct place *place)
{
    struct spool_segment *segments;
    uint64_t bytes = 0;
    size_t n;

    if (spool_dir_list(app->arena, place->dir, &segments, &n) != ST_OK) {
        return 1;
    }
    for (size_t i = 0; i < n; i++) {
        const struct spool_segment *s = &segments[i];
        char since[TIME_ISO_SIZE] = "?";

        if (s->state == SPOOL_SEALED || s->state == SPOOL_LIVE) {
            time_write_iso(since, s->head.created_at);
        }
        printf("%s %-7s %6.1f MB since %s, %llu replayed, %llu lost\n", s->name,
               states[s->state], (double) s->size / 1e6, since,
               (unsigned long long) s->place.replayed,
               (unsigned long long) s->place.lost);
        bytes += s->size;
    }
    printf("%zu segment%s, %.1f MB\n", n, n == 1 ? "" : "s",
           (double) bytes / 1e6);
    print_quarantine(place->dir);
    return 0;
}


struct tally {
    uint64_t records;
    uint64_t bytes;
    uint64_t lost;
    bool torn;
};


/* ST_INVALID: no segment, or with records of a newer version. */
static enum status
read_segment(int dir, const char *name, struct tally *t)
{
    struct spool_reader *r;
    struct spool_record rec;
    enum status st;
    bool live;
    int fd;

    *t = (struct tally){ 0 };
    if ((st = spool_segment_open(dir, name, &fd, &live)) != ST_OK) {
        return st;
    }
    st = spool_open(fd, name, &r);
    if (st == ST_OK) {
        do {
            st = spool_next(r, live, &rec);
            if (st != ST_OK) {
                break;
            }
            t->records += rec.kind == SPOOL_RECORD;
            t->bytes += rec.kind == SPOOL_RECORD ? rec.payload.n : 0;
            t->lost += rec.lost;
            t->torn |= rec.kind == SPOOL_TORN;
        } while (rec.kind != SPOOL_END && rec.kind != SPOOL_WAIT);
        spool_close(r);
    }
    close(fd);
    return st;
}


static int
verify(struct app *app, const struct place *place)
{
    struct spool_segment *segments;
    uint64_t records = 0, lost = 0;
    size_t n, bad = 0;

    if (spool_dir_list(app->arena, place->dir, &segments, &n) != ST_OK) {
        return 1;
    }
    for (size_t i = 0; i < n; i++) {
        struct tally t;
        enum status st = read_segment(place->dir, segments[i].name, &t);

        if (st == ST_NOT_FOUND) {
            continue; /* replayed meanwhile */
        }
        printf("%s %-7s %llu records, %.1f MB, %llu lost%s\n", segments[i].name,
               states[segments[i].state], (unsigned long long) t.records,
               (double) t.bytes / 1e6, (unsigned long long) t.lost,
               t.torn ? ", a torn end" : "");
        records += t.records;
        lost += t.lost;
        bad += st != ST_OK;
    }
    printf("%zu segment%s, %llu records, %llu lost\n", n, n == 1 ? "" : "s",
           (unsigned long long) records, (unsigned long long) lost);
    if (bad > 0) {
        printf("%zu segment%s cannot be read by this vedette\n", bad,
               bad == 1 ? "" : "s");
    }
    print_quarantine(place->dir);
    return lost > 0 || bad > 0 ? 1 : 0;
}


/* Whether one of its records is the event, and has not been sent. */
static enum status
find_in(const struct place *place, const struct spool_segment *s, bool *found)
{
    struct spool_record rec = { .kind = SPOOL_WAIT };
    char at[TIME_ISO_SIZE];
    struct spool_reader *r;
    enum status st;
    bool live;
    int fd;

    if ((st = spool_segment_open(place->dir, s->name, &fd, &live)) != ST_OK) {
        return st;
    }
    st = spool_open(fd, s->name, &r);
    if (st != ST_OK) {
        close(fd);
        return st;
    }
    if (s->place.next > 0) {
        spool_seek(r, s->place.next, s->place.number);
    }
    while (st == ST_OK && (st = spool_next(r, live, &rec)) == ST_OK
           && rec.kind != SPOOL_END && rec.kind != SPOOL_WAIT) {
        if (!rec.known || memcmp(rec.event_id, place->id, 16) != 0) {
            continue;
        }
        time_write_iso(at, rec.received_at);
        printf("in the spool, for project %llu\n"
               "  %s  accepted by the edge\n"
               "  %-27s  %s %s\n",
               (unsigned long long) rec.project, at, "",
               rec.kind == SPOOL_RECORD ? "waits for Redis in" : "damaged, in",
               s->name);
        *found = true;
    }
    spool_close(r);
    close(fd);
    return st;
}


static int
find(struct app *app, const struct place *place)
{
    struct spool_segment *segments;
    bool found = false;
    size_t n, unread = 0;

    if (spool_dir_list(app->arena, place->dir, &segments, &n) != ST_OK) {
        return 1;
    }
    for (size_t i = 0; i < n; i++) {
        enum status st = find_in(place, &segments[i], &found);

        unread += st != ST_OK && st != ST_NOT_FOUND; /* replayed meanwhile */
    }
    if (unread > 0) {
        printf("%zu segment%s could not be read\n", unread,
               unread == 1 ? "" : "s");
    }
    if (!found) {
        printf("it does not wait here\n");
    }
    return found ? 0 : 1;
}


static volatile sig_atomic_t stopped;


static void
on_signal(int sig)
{
    (void) sig;
    stopped = 1;
}


static bool
asked_to_stop(void)
{
    return stopped != 0;
}


static void
tell_conflict(const char *path)
{
    fprintf(stderr, "vedette: another vedette spool replay works on %s\n",
            path);
}


static int
replay_once(struct app *app, const struct place *place)
{
    struct sigaction stop = { .sa_handler = on_signal };
    struct replay_options options = { .path = place->path,
                                      .relaxed = place->relaxed,
                                      .stop = asked_to_stop };
    struct replay_report report;
    enum status st;

    sigemptyset(&stop.sa_mask);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    st = replay_run(&options, app->redis, &report);
    if (st == ST_CONFLICT) {
        tell_conflict(place->path);
        return 1;
    }
    printf(
        "%llu records replayed, %llu lost; %llu segments removed, %llu "
        "left\n",
        (unsigned long long) report.replayed, (unsigned long long) report.lost,
        (unsigned long long) report.removed, (unsigned long long) report.left);
    if (st == ST_RETRY) {
        fprintf(stderr, "vedette: Redis is away: run the command again later; "
                        "it goes on where it was\n");
    }
    return st == ST_OK && report.lost == 0 ? 0 : 1;
}


struct following {
    struct app *app;
    const struct place *place;
};


static int
follow_child(void *arg)
{
    const struct following *f = arg;
    struct replay_options options = { .path = f->place->path,
                                      .follow = true,
                                      .relaxed = f->place->relaxed,
                                      .stop = prefork_stopping };
    struct replay_report report;
    enum status st = replay_run(&options, f->app->redis, &report);

    if (st == ST_CONFLICT) {
        tell_conflict(f->place->path);
    }
    return st == ST_OK ? 0 : 1;
}


static int
replay_follow(struct app *app, const struct place *place)
{
    struct following f = { app, place };
    struct prefork_kind kind = { "spool replay", 1, 0, follow_child, &f, NULL };

    return prefork("spool replay", &kind, 1);
}


static const struct action {
    const char *name;
    bool follow;
    int words; /* behind it */
    int (*run)(struct app *app, const struct place *place);
} actions[] = {
    { "list", false, 1, list },           { "verify", false, 1, verify },
    { "find", false, 2, find },           { "replay", false, 1, replay_once },
    { "replay", true, 1, replay_follow },
};


int
cmd_spool(struct app *app, int argc, char **argv)
{
    int rc = usage_check(argc, argv, 2, help);
    bool follows = usage_flag(&argc, argv, "follow");
    struct place place = { .relaxed = usage_flag(&argc, argv, "relaxed") };

    if (rc != -1) {
        return rc;
    }
    if (usage_unknown(argc, argv) != NULL || argc < 3) {
        return usage_wrong(help, "these words make no sense together");
    }
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(argv[1], actions[i].name) != 0
            || follows != actions[i].follow) {
            continue;
        }
        if (argc != 2 + actions[i].words) {
            return usage_wrong(help, "these words make no sense together");
        }
        if (argc == 4 && !uuid_parse(str_of(argv[3]), place.id)) {
            return usage_wrong(help, "an event id has 32 hexadecimal digits");
        }
        place.path = argv[2];
        if (spool_dir_open(place.path, &place.dir) != ST_OK) {
            return 1;
        }
        rc = actions[i].run(app, &place);
        close(place.dir);
        return rc;
    }
    return usage_wrong(help, "there is no \"spool %s%s\"", argv[1],
                       follows ? " --follow" : "");
}
