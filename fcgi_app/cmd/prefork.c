/*
 * The parent does nothing but wait: signals are blocked and taken one by one
 * by sigtimedwait, so there is no handler and no race in it.
 */

#include "cmd/prefork.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "db/times.h"
#include "queue/proc.h"
#include "util/log.h"
#include "util/timeutil.h"

#define GRACE_US (30 * US_PER_SECOND)

/* All of a kind are busy for so long: one more is started. */
#define CROWDED_US (US_PER_SECOND / 20)

struct slot {
    const struct prefork_kind *kind;
    bool extra;
    bool leaving;                /* it was told to, for another one */
    pid_t pid;                   /* 0: none runs */
    int64_t started_at;          /* monotonic µs */
    volatile int64_t busy_since; /* as the child says; 0: it is free */
};

static volatile sig_atomic_t stopping;
static struct slot *mine; /* in a child */
static pid_t parent;      /* its */


static void
on_stop(int sig)
{
    (void) sig;
    stopping = 1;
}


bool
prefork_stopping(void)
{
    return stopping != 0;
}


void
prefork_busy(bool is)
{
    if (mine == NULL || mine->kind->most == 0
        || is == (mine->busy_since != 0)) {
        return;
    }
    mine->busy_since = is ? time_monotonic() : 0;
    if (is && getppid() == parent) {
        kill(parent, SIGUSR1);
    }
}


bool
prefork_extra(void)
{
    return mine != NULL && mine->extra;
}


static void
become_child(const sigset_t *before)
{
    struct sigaction stop = { .sa_handler = on_stop };
    struct sigaction ignore = { .sa_handler = SIG_IGN };

    /* no SA_RESTART: a blocking call has to notice */
    sigemptyset(&stop.sa_mask);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGHUP, &stop, NULL);
    sigaction(SIGINT, &ignore, NULL); /* the terminal's; the parent tells us */
    sigaction(SIGPIPE, &ignore, NULL);
    sigprocmask(SIG_SETMASK, before, NULL);

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) {
        _exit(0); /* it died in between */
    }
}


static void
start(struct slot *slot, const sigset_t *before)
{
    pid_t pid;

    slot->busy_since = 0;
    slot->leaving = false;
    parent = getpid();
    pid = fork();
    if (pid == 0) {
        mine = slot;
        become_child(before);
        exit(slot->kind->run(slot->kind->arg));
    }
    if (pid == -1) {
        log_error("cannot start a process: %s", strerror(errno));
        return;
    }
    slot->pid = pid;
    slot->started_at = time_monotonic();
}


static void
tell(const struct slot *slots, int n, int sig)
{
    for (int i = 0; i < n; i++) {
        if (slots[i].pid != 0) {
            kill(slots[i].pid, sig);
        }
    }
}


static void
report(const char *kind, pid_t pid, int status)
{
    if (WIFSIGNALED(status)) {
        log_error("%s %d was ended by signal %d (%s)", kind, (int) pid,
                  WTERMSIG(status), strsignal(WTERMSIG(status)));

    } else if (WEXITSTATUS(status) != 0) {
        log_error("%s %d ended with status %d", kind, (int) pid,
                  WEXITSTATUS(status));
    }
}


/* Collects the ended; returns how many still run. */
static int
collect(struct slot *slots, int n)
{
    int running = 0, status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        for (int i = 0; i < n; i++) {
            if (slots[i].pid == pid) {
                report(slots[i].kind->name, pid, status);
                slots[i].pid = 0;
            }
        }
    }
    for (int i = 0; i < n; i++) {
        running += slots[i].pid != 0;
    }
    return running;
}


static int
most_of(const struct prefork_kind *kind)
{
    return kind->most > kind->n ? kind->most : kind->n;
}


/* A slot for each child of each kind; children write into theirs. */
static struct slot *
make_slots(const struct prefork_kind *kinds, size_t nkinds, int *n)
{
    struct slot *slots, *slot;

    *n = 0;
    for (size_t i = 0; i < nkinds; i++) {
        *n += most_of(&kinds[i]);
    }
    slots = slot =
        mmap(NULL, (size_t) *n * sizeof(struct slot), PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (slots == MAP_FAILED) {
        abort();
    }
    for (size_t i = 0; i < nkinds; i++) {
        for (int k = 0; k < most_of(&kinds[i]); k++, slot++) {
            slot->kind = &kinds[i];
            slot->extra = k >= kinds[i].n;
        }
    }
    return slots;
}


/* A child that dies at once is not started again in a spin. */
static bool
may_start(const struct slot *slot, int64_t now)
{
    return slot->pid == 0
           && (slot->started_at == 0 || now - slot->started_at > US_PER_SECOND);
}


/* Starts those that are always there; true when all of them run. */
static bool
fill(struct slot *slots, int n, const sigset_t *before)
{
    int64_t now = time_monotonic();
    bool all = true;

    for (int i = 0; i < n; i++) {
        if (!slots[i].extra && may_start(&slots[i], now)) {
            start(&slots[i], before);
        }
        all =
            all && (slots[i].extra || (slots[i].pid != 0 && !slots[i].leaving));
    }
    return all;
}


/*
 * One more of a kind whose children are all busy.  Returns when to look again,
 * as far as that is sooner than so many µs.
 */
static int64_t
grow(struct slot *slots, int n, const struct prefork_kind *kind,
     const sigset_t *before, int64_t pause)
{
    int64_t now = time_monotonic(), latest = 0;
    struct slot *room = NULL;

    if (kind->most <= kind->n) {
        return pause;
    }
    for (int i = 0; i < n; i++) {
        struct slot *s = &slots[i];

        if (s->kind != kind) {
            continue;
        }
        if (s->pid == 0) {
            room = room == NULL && s->extra && may_start(s, now) ? s : room;

        } else if (s->busy_since == 0) {
            return pause; /* somebody is free */

        } else if (s->busy_since > latest) {
            latest = s->busy_since;
        }
    }
    if (latest == 0 || room == NULL) {
        return pause;
    }
    if (now - latest >= CROWDED_US) {
        start(room, before);
        return pause;
    }
    return latest + CROWDED_US - now < pause ? latest + CROWDED_US - now
                                             : pause;
}


/* HUP: renews the children one by one, from this slot on. */
static int
renew(struct slot *slots, int n, int next)
{
    while (next < n && slots[next].pid == 0) {
        next++;
    }
    if (next < n) {
        slots[next].leaving = true;
        kill(slots[next].pid, SIGTERM);
    }
    return next + 1 < n ? next + 1 : -1;
}


/* What the next children inherit. */
static bool
renew_inherited(const struct prefork_kind *kinds, size_t nkinds)
{
    bool done = true;

    for (size_t i = 0; i < nkinds; i++) {
        done = done && (kinds[i].renew == NULL || kinds[i].renew(kinds[i].arg));
    }
    return done;
}


int
prefork(const char *name, const struct prefork_kind *kinds, size_t nkinds)
{
    int n;
    struct slot *slots = make_slots(kinds, nkinds, &n);
    int always = 0;
    int64_t stop_at = 0;
    int replace = -1; /* the next slot that a HUP has yet to renew */
    sigset_t taken, before;

    proc_telling(db_times_tell);
    sigemptyset(&taken);
    sigaddset(&taken, SIGTERM);
    sigaddset(&taken, SIGINT);
    sigaddset(&taken, SIGHUP);
    sigaddset(&taken, SIGCHLD);
    sigaddset(&taken, SIGUSR1); /* a child has become busy */
    sigprocmask(SIG_BLOCK, &taken, &before);
    sigdelset(&before, SIGTERM);
    sigdelset(&before, SIGCHLD);
    signal(SIGPIPE, SIG_IGN);

    for (size_t i = 0; i < nkinds; i++) {
        always += kinds[i].n;
    }
    log_info("%s starts with %d process%s", name, always,
             always == 1 ? "" : "es");

    for (;;) {
        int running = collect(slots, n);
        int64_t now = time_monotonic(), pause = US_PER_SECOND;
        int sig;

        if (stop_at != 0) {
            if (running == 0) {
                break;
            }
            if (now > stop_at) {
                log_warning("%s: %d did not stop in time: killed", name,
                            running);
                tell(slots, n, SIGKILL);
            }

        } else {
            if (fill(slots, n, &before) && replace >= 0) {
                replace = renew(slots, n, replace);
            }
            for (size_t i = 0; i < nkinds; i++) {
                pause = grow(slots, n, &kinds[i], &before, pause);
            }
        }

        sig = sigtimedwait(&taken, NULL,
                           &(struct timespec){ pause / US_PER_SECOND,
                                               pause % US_PER_SECOND * 1000 });
        if ((sig == SIGTERM || sig == SIGINT) && stop_at == 0) {
            stop_at = time_monotonic() + GRACE_US;
            tell(slots, n, SIGTERM);

        } else if (sig == SIGHUP) {
            if (renew_inherited(kinds, nkinds)) {
                replace = 0;
            } else {
                log_error("%s: the processes stay as they are", name);
            }
        }
    }

    log_info("%s has stopped", name);
    munmap(slots, (size_t) n * sizeof(*slots));
    return 0;
}
