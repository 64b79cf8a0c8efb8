/*
 * vedette queue pause, resume, close, open, drain - the same brakes as on the
 * health page.
 */

#include "cmd/queue_brake.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "model/audit.h"
#include "queue/backlog.h"
#include "queue/brake.h"

#define LOOK_MS 200

/* Edges look once a second, and what they have begun is under way. */
#define CLOSED_MS 3000

static const struct word {
    const char *name;
    enum brake brake;
    bool set;
    const char *done;
} words[] = {
    { "pause", BRAKE_DIGEST, true, "the digest is paused" },
    { "resume", BRAKE_DIGEST, false, "the digest goes on" },
    { "close", BRAKE_EDGE, true, "the edge is closed: it answers 503" },
    { "open", BRAKE_EDGE, false, "the edge accepts events" },
};


/* Who is at the terminal, for those who see the health page. */
static struct str
who(void)
{
    const char *user = getenv("SUDO_USER");

    user = user != NULL ? user : getenv("USER");
    return str_of(user != NULL && user[0] != '\0' ? user : "vedette queue");
}


/* Brakes are for when PostgreSQL is away, too: then nobody can be told. */
static void
note(struct app *app, const struct word *w)
{
    struct actor by = actor_command;

    by.name = who();
    if (audit_add(app->db, app->arena, 0, &by,
                  w->set ? "system.brake" : "system.release",
                  str_of(brake_name(w->brake)), NULL)
        != ST_OK) {
        fprintf(stderr, "vedette: there is no line of it in the audit log\n");
    }
}


static int
brake(struct app *app, const struct word *w)
{
    enum status st = w->set ? brake_set(app->redis, app->arena, w->brake, who())
                            : brake_release(app->redis, app->arena, w->brake);

    if (st != ST_OK) {
        fprintf(stderr, "vedette: not on every server of Redis: %s\n",
                status_text(st));
        return 1;
    }
    note(app, w);
    printf("%s\n", w->done);
    return 0;
}


static void
sleep_ms(int ms)
{
    nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000L }, NULL);
}


/* Until nothing waits; ended by the operator, or when the digest rests. */
static int
drain(struct app *app)
{
    struct brake_state brakes[BRAKES];
    struct backlog b;
    int rc = brake(app, &words[2]);

    sleep_ms(rc == 0 ? CLOSED_MS : 0);
    while (rc == 0) {
        struct arena *a = arena_new();
        enum status st = brake_look(app->redis, a, brakes);

        if (st == ST_OK) {
            st = backlog_read(app->redis, a, &b);
        }
        arena_free(a);
        if (st != ST_OK) {
            fprintf(stderr, "vedette: the queue was not read: %s\n",
                    status_text(st));
            rc = 1;

        } else if (b.depth == 0) {
            printf("nothing waits: all that was accepted is in the "
                   "database\n");
            return 0;

        } else if (brakes[BRAKE_DIGEST].set) {
            fprintf(stderr,
                    "vedette: %lld wait, and the digest is paused: \"vedette "
                    "queue resume\"\n",
                    (long long) b.depth);
            rc = 1;

        } else {
            sleep_ms(LOOK_MS);
        }
    }
    return rc;
}


bool
queue_brake(struct app *app, const char *name, int *rc)
{
    if (str_is(str_of(name), "drain")) {
        *rc = drain(app);
        return true;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_is(str_of(name), words[i].name)) {
            *rc = brake(app, &words[i]);
            return true;
        }
    }
    return false;
}
