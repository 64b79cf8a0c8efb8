/*
 * vedette web - the pages, for nginx, over one FastCGI socket.
 *
 * The parent opens the socket and checks routes and templates, so that a broken
 * installation does not start at all; its children each serve one request at a
 * time, with connections, templates and an arena of their own.  The socket does
 * not block: children wait in ppoll, where alone a stop signal gets through,
 * and one that loses the race for a connection goes back to waiting.
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
    if (rq.org != NULL && db_leave(app->db) != ST_OK) {
        log_warning("the next request has to connect anew");
    }
    arena_reset(app->arena);
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

    if (render_init(conf_str(CONF_WEB_TEMPLATES), RENDER_PAGES) != ST_OK) {
        return 1;
    }
    app.arena = arena_new();
    app.db = db_new(conf_str(CONF_DB_URL));
    db_role(app.db, DB_ROLE_WEB);
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
        if (wait_for_request(fd, &waiting) && FCGX_Accept_r(&fcgi) == 0) {
            serve_one(&fcgi, &app);
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


static bool
check(struct arena *a)
{
    const char *templates = conf_str(CONF_WEB_TEMPLATES);
    bool ok = render_init(templates, RENDER_EVERY_LANGUAGE) == ST_OK
              && routes_check(&page_routes) == ST_OK;

    asset_init(arena_printf(a, "%s/../static", templates));
    render_free();
#ifdef __GLIBC__
    malloc_trim(0); /* or children would inherit what all languages took */
#endif
    return ok;
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
    if (!check(app->arena) || FCGX_Init() != 0) {
        return 1;
    }
    fd = open_socket(conf_str(CONF_WEB_SOCKET));
    if (fd == -1) {
        return 1;
    }
    announce_first(app->arena);
    kind = (struct prefork_kind){ "web", (int) conf_int(CONF_WEB_PROCESSES), 0,
                                  child, &fd };
    rc = prefork("web", &kind, 1);
    (void) unlink(conf_str(CONF_WEB_SOCKET));
    return rc;
}
