/*
 * The parent does nothing but wait: signals are blocked and taken one by one
 * by sigtimedwait, so there is no handler and no race in it.
 */

#include "cmd/prefork.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "util/log.h"
#include "util/timeutil.h"

#define GRACE_US (30 * US_PER_SECOND)

struct slot {
    const struct prefork_kind *kind;
    pid_t pid;          /* 0: none runs */
    int64_t started_at; /* monotonic µs */
};

static volatile sig_atomic_t stopping;


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


static void
become_child(const sigset_t *before, pid_t parent)
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
    pid_t parent = getpid();
    pid_t pid = fork();

    if (pid == 0) {
        become_child(before, parent);
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


/* A slot for each child of each kind. */
static struct slot *
make_slots(const struct prefork_kind *kinds, size_t nkinds, int *n)
{
    struct slot *slots, *slot;

    *n = 0;
    for (size_t i = 0; i < nkinds; i++) {
        *n += kinds[i].n;
    }
    slots = slot = calloc((size_t) *n, sizeof(struct slot));
    if (slots == NULL) {
        abort();
    }
    for (size_t i = 0; i < nkinds; i++) {
        for (int k = 0; k < kinds[i].n; k++) {
            (slot++)->kind = &kinds[i];
        }
    }
    return slots;
}


int
prefork(const char *name, const struct prefork_kind *kinds, size_t nkinds)
{
    struct timespec second = { 1, 0 };
    int n;
    struct slot *slots = make_slots(kinds, nkinds, &n);
    int64_t stop_at = 0;
    int replace = -1; /* the next slot that a HUP has yet to renew */
    sigset_t mine, before;

    sigemptyset(&mine);
    sigaddset(&mine, SIGTERM);
    sigaddset(&mine, SIGINT);
    sigaddset(&mine, SIGHUP);
    sigaddset(&mine, SIGCHLD);
    sigprocmask(SIG_BLOCK, &mine, &before);
    sigdelset(&before, SIGTERM);
    sigdelset(&before, SIGCHLD);
    signal(SIGPIPE, SIG_IGN);

    log_info("%s starts with %d process%s", name, n, n == 1 ? "" : "es");

    for (;;) {
        int running = collect(slots, n);
        int64_t now = time_monotonic();
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
            /* a child that dies at once is not restarted in a spin */
            for (int i = 0; i < n; i++) {
                if (slots[i].pid == 0
                    && (slots[i].started_at == 0
                        || now - slots[i].started_at > US_PER_SECOND)) {
                    start(&slots[i], &before);
                }
            }
            if (replace >= 0 && running == n) {
                kill(slots[replace].pid, SIGTERM);
                replace = replace + 1 < n ? replace + 1 : -1;
            }
        }

        sig = sigtimedwait(&mine, NULL, &second);
        if ((sig == SIGTERM || sig == SIGINT) && stop_at == 0) {
            stop_at = time_monotonic() + GRACE_US;
            tell(slots, n, SIGTERM);

        } else if (sig == SIGHUP) {
            replace = 0;
        }
    }

    log_info("%s has stopped", name);
    free(slots);
    return 0;
}
