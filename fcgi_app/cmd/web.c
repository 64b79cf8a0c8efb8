/*
 * vedette web - the pages, for nginx, over one FastCGI socket.
 *
 * The parent opens the socket and checks routes and templates, so that a broken
 * installation does not start at all; its children each serve one request at a
 * time, with connections and an arena of their own.  They inherit the parsed
 * templates, which nobody writes to, so that all processes share one copy.  The
 * socket does not block: children wait in ppoll, where alone a stop signal gets
 * through, and one that loses the race for a connection goes back to waiting.
 */

#include "cmd/cmd.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/prefork.h"
#include "model/account.h"
#include "page/routes.h"
#include "queue/proc.h"
#include "util/conf.h"
#include "util/log.h"
#include "web/asset.h"
#include "web/fcgi.h"
#include "web/render.h"
#include "web/route.h"
#include "web/serve.h"

static const char help[] =
    "usage: vedette web\n\n"
    "Serves the pages over FastCGI on the Unix socket web.socket, with\n"
    "web.processes processes, until it gets TERM or INT.  HUP replaces the\n"
    "processes one after the other, and with it the templates.\n";

#define BACKLOG 1024
#define IDLE_SECONDS 5 /* between signs of life */
#define TIDY_EVERY 200 /* requests */


static bool
put(void *to, struct str bytes)
{
    return fcgi_write(to, bytes);
}


static void
serve_one(FCGX_Request *fcgi, struct app *app)
{
    struct request rq = {
        .a = app->arena,
        .db = app->db,
        .redis = app->redis,
    };

    fcgi_read(fcgi, &rq);
    if (fcgi_write(fcgi, serve(&page_routes, &rq)) && rq.stream != NULL
        && !rq.head) {
        rq.stream(&rq, &(struct sink){ put, fcgi });
    }
    FCGX_Finish_r(fcgi);
    if (rq.after != NULL) {
        rq.after(&rq);
    }
    db_leave(app->db);
    arena_reset(app->arena);
}


/*
 * A large page leaves holes in the heap, which the C library keeps, more of
 * them the larger the pages were that it has seen.  They go back to the system
 * when nobody asks, and now and then when somebody always does.
 */
static void
give_back(int *since, bool idle)
{
    if (*since == 0 || (!idle && *since < TIDY_EVERY)) {
        return;
    }
    *since = 0;
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}


/* Waits for a connection; false when there is none yet. */
static bool
wait_for_request(int fd, const sigset_t *waiting)
{
    struct timespec idle = { IDLE_SECONDS, 0 };
    struct pollfd poll = { .fd = fd, .events = POLLIN };

    return !prefork_stopping() && ppoll(&poll, 1, &idle, waiting) == 1;
}


static int
child(void *arg)
{
    int fd = *(int *) arg;
    struct app app = { 0 };
    sigset_t stop, waiting;
    FCGX_Request fcgi;
    int served = 0;

    app.arena = arena_new();
    app.db = db_new(conf_str(CONF_DB_URL));
    db_role(app.db, DB_ROLE_WEB);
    db_patience(app.db, conf_int(CONF_WEB_PATIENCE));
    app.redis = redis_new();

    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGHUP);
    sigprocmask(SIG_BLOCK, &stop, &waiting);
    sigdelset(&waiting, SIGTERM);
    sigdelset(&waiting, SIGHUP);

    FCGX_InitRequest(&fcgi, fd, FCGI_FAIL_ACCEPT_ON_INTR);
    while (!prefork_stopping()) {
        proc_beat(app.redis, "web", "");
        if (!wait_for_request(fd, &waiting)) {
            give_back(&served, true);
        } else if (FCGX_Accept_r(&fcgi) == 0) {
            serve_one(&fcgi, &app);
            served++;
            give_back(&served, false);
        }
    }

    FCGX_Free(&fcgi, 1);
    arena_free(app.arena);
    redis_free(app.redis);
    db_free(app.db);
    render_free();
    return 0;
}


static int
open_socket(const char *path)
{
    mode_t mask = umask(0117); /* 0660 from its first moment on */
    int fd;

    (void) unlink(path); /* of a run before */
    fd = FCGX_OpenSocket(path, BACKLOG);
    umask(mask);
    if (fd == -1) {
        log_error("%s cannot be opened: %s", path, strerror(errno));
        return -1;
    }
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == -1
        || fcntl(fd, F_SETFD, FD_CLOEXEC) == -1) {
        log_error("%s: %s", path, strerror(errno));
        return -1;
    }
    return fd;
}


/*
 * Every template in every language, and whether the routes have theirs: in a
 * process of its own, which takes with it what that needs and what is broken.
 */
static bool
check(const char *templates)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        _exit(render_init(templates, RENDER_EVERY_LANGUAGE) == ST_OK
                      && routes_check(&page_routes) == ST_OK
                  ? 0
                  : 1);
    }
    while (pid != -1 && waitpid(pid, &status, 0) == -1) {
        if (errno != EINTR) {
            pid = -1;
        }
    }
    return pid != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}


/* What children inherit: at the start, and anew at a HUP. */
static bool
read_templates(void *arg)
{
    const char *templates = conf_str(CONF_WEB_TEMPLATES);
    struct arena *a;

    (void) arg;
    if (!check(templates) || render_init(templates, RENDER_PAGES) != ST_OK) {
        return false;
    }
    a = arena_new();
    asset_init(arena_printf(a, "%s/../static", templates));
    arena_free(a);
    return true;
}


/* A new installation: who reads this log makes the first account. */
static void
announce_first(struct arena *a)
{
    struct db *db = db_new(conf_str(CONF_DB_URL));
    struct redis *redis = redis_new();
    struct str url;

    if (account_first_link(db, redis, a, &url) == ST_OK) {
        log_info("there is no account yet: open %.*s to make the first one",
                 STR_FMT(url));
    }
    redis_free(redis);
    db_free(db);
}


int
cmd_web(struct app *app, int argc, char **argv)
{
    struct prefork_kind kind;
    int fd, rc;

    if (argc > 1) {
        bool asked = strcmp(argv[1], "--help") == 0;

        fputs(help, asked ? stdout : stderr);
        return asked ? 0 : 2;
    }
    log_name("web");
    if (!read_templates(NULL) || FCGX_Init() != 0) {
        return 1;
    }
    fd = open_socket(conf_str(CONF_WEB_SOCKET));
    if (fd == -1) {
        return 1;
    }
    announce_first(app->arena);
    kind = (struct prefork_kind){ "web", (int) conf_int(CONF_WEB_PROCESSES),
                                  0,     child,
                                  &fd,   read_templates };
    rc = prefork("web", &kind, 1);
    render_free();
    (void) unlink(conf_str(CONF_WEB_SOCKET));
    return rc;
}
