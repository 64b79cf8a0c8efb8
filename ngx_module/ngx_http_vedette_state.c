
/*
 * What this node knows of keys, kept across a restart of nginx.
 *
 * A node that starts while Redis is away would have to refuse everybody.  So
 * one worker writes what the zone knows to a file, a few seconds after it has
 * changed and when it ends, and the first worker of a new nginx reads it.  Its
 * records count as out of date: they are used only as long as Redis does not
 * answer (_key.c).
 *
 * The file is text, one line a record:
 *
 *     vedette 1
 *     nodes SERVER NUMBER
 *     key SERVER PUBLIC ORG PROJECT KEY on|off *[TAB limit]...
 *     key SERVER PUBLIC ORG PROJECT KEY on|off =origins[TAB limit]...
 *     crc CRC32
 *
 * SERVER is the id of a Redis server, 8 hex digits; limits are lines as in
 * message.h, 3.  A new file takes the place of the old one by rename, after
 * its fsync, so there is always a whole one.  It is read as if an enemy had
 * written it: a file that is not regular, too large or does not have its sum
 * at its end is left alone, and each line goes through the checks that an
 * answer of Redis goes through.
 */


#include "ngx_http_vedette_module.h"

#include <sys/file.h>


#define NGX_HTTP_VEDETTE_STATE_FILE    "keys.state"
#define NGX_HTTP_VEDETTE_STATE_NEW     ".keys.state.new"
#define NGX_HTTP_VEDETTE_STATE_HEAD    "vedette 1"

/* news wait so long for others, and a writer has so long for them */
#define NGX_HTTP_VEDETTE_STATE_EVERY   3000
#define NGX_HTTP_VEDETTE_STATE_LEASE   30

#define NGX_HTTP_VEDETTE_STATE_MAX     (256 * 1024 * 1024)

#define NGX_HTTP_VEDETTE_STATE_LINE                                           \
    (256 + NGX_HTTP_VEDETTE_MAX_ORIGINS                                       \
     + NGX_HTTP_VEDETTE_MAX_LIMITS * NGX_HTTP_VEDETTE_LIMIT_TEXT)


struct ngx_http_vedette_state_s {
    ngx_str_t                     folder;       /* with a final '\0' */
    ngx_http_vedette_zone_t      *zone;
    ngx_event_t                   timer;
    time_t                        logged;
    unsigned                      started:1;
    unsigned                      busy:1;

    /* what is written */
    ngx_http_vedette_known_t     *known;
    size_t                        size;
    ngx_uint_t                    changed;
    ngx_uint_t                    nservers;
    ngx_http_vedette_server_t     servers[NGX_HTTP_VEDETTE_MAX_SERVERS];

    /* what came of it */
    char                         *failed;
    ngx_err_t                     err;

#if (NGX_THREADS)
    ngx_thread_pool_t            *threads;
    ngx_thread_task_t            *task;
#endif
};


typedef struct {
    ngx_fd_t                      fd;
    uint32_t                      crc;
    u_char                       *pos;
    u_char                       *last;
    char                         *failed;
    ngx_err_t                     err;
} ngx_http_vedette_state_out_t;


static void ngx_http_vedette_state_timer(ngx_event_t *ev);
static ngx_int_t ngx_http_vedette_state_take(ngx_http_vedette_state_t *state,
    ngx_uint_t force);
#if (NGX_THREADS)
static void ngx_http_vedette_state_thread(void *data, ngx_log_t *log);
static void ngx_http_vedette_state_done(ngx_event_t *ev);
#endif
static void ngx_http_vedette_state_finish(ngx_http_vedette_state_t *state);
static void ngx_http_vedette_state_write(ngx_http_vedette_state_t *state);
static ngx_int_t ngx_http_vedette_state_create(ngx_fd_t dir, ngx_fd_t *fd);
static void ngx_http_vedette_state_lines(ngx_http_vedette_state_t *state,
    ngx_http_vedette_state_out_t *out);
static u_char *ngx_http_vedette_state_key(u_char *p, u_char *name,
    ngx_http_vedette_key_t *key);
static void ngx_http_vedette_state_flush(ngx_http_vedette_state_out_t *out,
    u_char *buf);
static void ngx_http_vedette_state_read(ngx_http_vedette_state_t *state,
    ngx_log_t *log);
static u_char *ngx_http_vedette_state_load(char *path, size_t *size,
    char **why);
static char *ngx_http_vedette_state_verify(u_char *data, size_t size,
    u_char **last);
static ngx_int_t ngx_http_vedette_state_line(ngx_http_vedette_state_t *state,
    u_char *p, u_char *last);
static ngx_int_t ngx_http_vedette_state_word(u_char **p, u_char *last,
    ngx_str_t *word);


/* what the debug log takes for the connection of a timer */
static ngx_connection_t  ngx_http_vedette_state_dumb;


/* vedette_state off | FOLDER */

char *
ngx_http_vedette_state_parse(ngx_conf_t *cf, ngx_http_vedette_state_t **result)
{
    ngx_str_t   *value, folder;
    ngx_path_t  *path;

    if (*result != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        *result = NULL;
        return NGX_CONF_OK;
    }

    folder = value[1];

    while (folder.len > 1 && folder.data[folder.len - 1] == '/') {
        folder.data[--folder.len] = '\0';
    }

    if (ngx_conf_full_name(cf->cycle, &folder, 0) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    /* the folder is made by the master, and given to the workers' user */

    path = ngx_pcalloc(cf->pool, sizeof(ngx_path_t));
    if (path == NULL) {
        return NGX_CONF_ERROR;
    }

    path->name = folder;
    path->conf_file = cf->conf_file->file.name.data;
    path->line = cf->conf_file->line;

    if (ngx_add_path(cf, &path) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_vedette_state_default(cf, &folder, result);
}


/* without the directive: beside the spool */

char *
ngx_http_vedette_state_default(ngx_conf_t *cf, ngx_str_t *folder,
    ngx_http_vedette_state_t **result)
{
    ngx_http_vedette_state_t  *state;

    state = ngx_pcalloc(cf->pool, sizeof(ngx_http_vedette_state_t));
    if (state == NULL) {
        return NGX_CONF_ERROR;
    }

    state->folder = *folder;

#if (NGX_THREADS)

    state->threads = ngx_thread_pool_add(cf, NULL);
    if (state->threads == NULL) {
        return NGX_CONF_ERROR;
    }

#endif

    *result = state;

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_vedette_state_start(ngx_http_vedette_state_t *state,
    ngx_cycle_t *cycle, ngx_http_vedette_zone_t *zone)
{
    ngx_http_vedette_state_dumb.fd = (ngx_socket_t) -1;

    state->zone = zone;

#if (NGX_THREADS)

    state->task = ngx_thread_task_alloc(cycle->pool, 0);
    if (state->task == NULL) {
        return NGX_ERROR;
    }

    state->task->ctx = state;
    state->task->handler = ngx_http_vedette_state_thread;
    state->task->event.handler = ngx_http_vedette_state_done;
    state->task->event.data = state;

#endif

    state->timer.handler = ngx_http_vedette_state_timer;
    state->timer.data = &ngx_http_vedette_state_dumb;
    state->timer.log = cycle->log;
    state->timer.cancelable = 1;

    /* before any request: the other workers wait for the lock */

    ngx_shmtx_lock(&zone->shpool->mutex);

    if (!zone->sh->state_read) {
        zone->sh->state_read = 1;
        ngx_http_vedette_state_read(state, cycle->log);
        zone->sh->keys_saved = zone->sh->keys_changed;
    }

    ngx_shmtx_unlock(&zone->shpool->mutex);

    state->started = 1;

    ngx_add_timer(&state->timer, NGX_HTTP_VEDETTE_STATE_EVERY);

    return NGX_OK;
}


/* the worker ends, and nginx has let its threads finish */

void
ngx_http_vedette_state_stop(ngx_http_vedette_state_t *state)
{
    if (!state->started) {
        return;
    }

    state->started = 0;

    if (state->timer.timer_set) {
        ngx_del_timer(&state->timer);
    }

    if (state->busy) {
        ngx_free(state->known);
    }

    if (ngx_http_vedette_state_take(state, 1) == NGX_OK) {
        ngx_http_vedette_state_write(state);
        ngx_http_vedette_state_finish(state);
    }
}


static void
ngx_http_vedette_state_timer(ngx_event_t *ev)
{
    ngx_http_vedette_state_t  *state;

    state = (ngx_http_vedette_state_t *)
                ((u_char *) ev - offsetof(ngx_http_vedette_state_t, timer));

    if (ngx_exiting) {
        return;
    }

    ngx_add_timer(&state->timer, NGX_HTTP_VEDETTE_STATE_EVERY);

    if (state->busy || ngx_http_vedette_state_take(state, 0) != NGX_OK) {
        return;
    }

#if (NGX_THREADS)

    state->busy = 1;

    if (ngx_thread_task_post(state->threads, state->task) == NGX_OK) {
        return;
    }

    state->busy = 0;

#endif

    ngx_http_vedette_state_write(state);
    ngx_http_vedette_state_finish(state);
}


/* a copy of what is to be written, if there is news and nobody else writes */

static ngx_int_t
ngx_http_vedette_state_take(ngx_http_vedette_state_t *state, ngx_uint_t force)
{
    ngx_http_vedette_shctx_t  *sh;

    sh = state->zone->sh;

    if (sh->keys_changed == sh->keys_saved) {
        return NGX_DECLINED;
    }

    ngx_shmtx_lock(&state->zone->shpool->mutex);

    state->known = NULL;

    if (sh->keys_changed != sh->keys_saved
        && (force || sh->state_lease <= ngx_time()))
    {
        state->known = ngx_http_vedette_key_known(state->zone, &state->size);

        if (state->known) {
            state->changed = sh->keys_changed;
            state->nservers = sh->nservers;
            ngx_memcpy(state->servers, sh->servers, sizeof(sh->servers));

            sh->state_lease = ngx_time() + NGX_HTTP_VEDETTE_STATE_LEASE;
        }
    }

    ngx_shmtx_unlock(&state->zone->shpool->mutex);

    return state->known ? NGX_OK : NGX_DECLINED;
}


#if (NGX_THREADS)

static void
ngx_http_vedette_state_thread(void *data, ngx_log_t *log)
{
    ngx_http_vedette_state_write(data);
}


static void
ngx_http_vedette_state_done(ngx_event_t *ev)
{
    ngx_http_vedette_state_t *state = ev->data;

    state->busy = 0;

    ngx_http_vedette_state_finish(state);
}

#endif


static void
ngx_http_vedette_state_finish(ngx_http_vedette_state_t *state)
{
    ngx_free(state->known);
    state->known = NULL;

    ngx_shmtx_lock(&state->zone->shpool->mutex);

    if (state->failed == NULL) {
        state->zone->sh->keys_saved = state->changed;
        state->zone->sh->state_lease = 0;
    }

    /* after a failure the lease has to end before the next attempt */

    ngx_shmtx_unlock(&state->zone->shpool->mutex);

    if (state->failed && ngx_time() - state->logged >= 60) {
        state->logged = ngx_time();

        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, state->err,
                      "vedette: %s failed in \"%V\": what this node knows of "
                      "keys is not kept for its next start; may nginx's user "
                      "write there?", state->failed, &state->folder);
    }
}


/* in a thread, and not the only process that may do it */

static void
ngx_http_vedette_state_write(ngx_http_vedette_state_t *state)
{
    ngx_fd_t                       dir;
    ngx_int_t                      rc;
    ngx_http_vedette_state_out_t   out;

    ngx_memzero(&out, sizeof(ngx_http_vedette_state_out_t));

    state->failed = NULL;

    dir = open((char *) state->folder.data, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (dir == -1) {
        state->failed = "open()";
        state->err = ngx_errno;
        return;
    }

    rc = ngx_http_vedette_state_create(dir, &out.fd);

    if (rc == NGX_OK) {
        ngx_http_vedette_state_lines(state, &out);

        if (out.failed == NULL && fsync(out.fd) == -1) {
            out.failed = "fsync()";
            out.err = ngx_errno;
        }

        if (out.failed == NULL
            && renameat(dir, NGX_HTTP_VEDETTE_STATE_NEW, dir,
                        NGX_HTTP_VEDETTE_STATE_FILE)
               == -1)
        {
            out.failed = "renameat()";
            out.err = ngx_errno;
        }

        if (out.failed) {
            (void) unlinkat(dir, NGX_HTTP_VEDETTE_STATE_NEW, 0);
        }

        (void) close(out.fd);

    } else if (rc == NGX_ERROR) {
        out.failed = "openat()";
        out.err = ngx_errno;
    }

    (void) close(dir);

    state->failed = out.failed;
    state->err = out.err;
}


/*
 * NGX_DECLINED: another process is writing, whose news are as good.  Between
 * open and lock it may have made a whole file of ours: then it is not ours.
 */

static ngx_int_t
ngx_http_vedette_state_create(ngx_fd_t dir, ngx_fd_t *fd)
{
    struct stat  mine, there;

    *fd = openat(dir, NGX_HTTP_VEDETTE_STATE_NEW,
                 O_WRONLY|O_CREAT|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC, 0600);

    if (*fd == -1) {
        return NGX_ERROR;
    }

    if (flock(*fd, LOCK_EX|LOCK_NB) == -1
        || fstat(*fd, &mine) == -1
        || fstatat(dir, NGX_HTTP_VEDETTE_STATE_NEW, &there,
                   AT_SYMLINK_NOFOLLOW)
           == -1
        || mine.st_ino != there.st_ino
        || ftruncate(*fd, 0) == -1)
    {
        (void) close(*fd);
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static void
ngx_http_vedette_state_lines(ngx_http_vedette_state_t *state,
    ngx_http_vedette_state_out_t *out)
{
    size_t                     size;
    u_char                    *buf, *p, *last;
    ngx_uint_t                 i;
    ngx_http_vedette_key_t    *key;
    ngx_http_vedette_known_t  *known;

    size = 64 * 1024 + NGX_HTTP_VEDETTE_STATE_LINE;

    buf = malloc(size);
    if (buf == NULL) {
        out->failed = "malloc()";
        out->err = ngx_errno;
        return;
    }

    ngx_crc32_init(out->crc);

    out->last = buf + 64 * 1024;
    out->pos = ngx_sprintf(buf, "%s\n", NGX_HTTP_VEDETTE_STATE_HEAD);

    for (i = 0; i < state->nservers; i++) {
        out->pos = ngx_sprintf(out->pos, "nodes %08xD %ui\n",
                               state->servers[i].id, state->servers[i].nodes);
    }

    p = (u_char *) state->known;
    last = p + state->size;

    while (p < last && out->failed == NULL) {
        known = (ngx_http_vedette_known_t *) p;
        key = (ngx_http_vedette_key_t *) (p + NGX_HTTP_VEDETTE_KNOWN_HEAD);

        out->pos = ngx_http_vedette_state_key(out->pos, known->name, key);

        if (out->pos >= out->last) {
            ngx_http_vedette_state_flush(out, buf);
        }

        p = (u_char *) key + ngx_align(key->size, NGX_ALIGNMENT);
    }

    ngx_http_vedette_state_flush(out, buf);

    ngx_crc32_final(out->crc);

    out->pos = ngx_sprintf(buf, "crc %08xD\n", out->crc);

    ngx_http_vedette_state_flush(out, buf);

    free(buf);
}


static u_char *
ngx_http_vedette_state_key(u_char *p, u_char *name, ngx_http_vedette_key_t *key)
{
    uint32_t                   id;
    ngx_uint_t                 i;
    ngx_http_vedette_limit_t  *limit;

    for (i = 0; i < key->origins.len; i++) {
        if (key->origins.data[i] < ' ') {
            /* it would break the line, and is no pattern */
            return p;
        }
    }

    ngx_memcpy(&id, name, sizeof(uint32_t));

    p = ngx_sprintf(p, "key %08xD %*s %uL %uL %uL %s ", id,
                    (size_t) NGX_HTTP_VEDETTE_KEY_LEN, name + sizeof(uint32_t),
                    key->org, key->project, key->id,
                    key->enabled ? "on" : "off");

    if (key->any_origin) {
        *p++ = '*';

    } else {
        *p++ = '=';
        p = ngx_cpymem(p, key->origins.data, key->origins.len);
    }

    for (i = 0; i < key->nlimits; i++) {
        limit = &key->limits[i];

        p = ngx_sprintf(p, "\t%*s %*s %uD %uL ", (size_t) limit->id_len,
                        limit->id, (size_t) limit->scope_len, limit->scope,
                        limit->window, limit->limit);

        if (limit->categories == NGX_HTTP_VEDETTE_ANY_CATEGORY) {
            *p++ = '*';

        } else {
            p = ngx_http_vedette_category_list(p, limit->categories);
        }

        p = ngx_sprintf(p, " %*s", (size_t) limit->reason_len, limit->reason);
    }

    *p++ = LF;

    return p;
}


static void
ngx_http_vedette_state_flush(ngx_http_vedette_state_out_t *out, u_char *buf)
{
    u_char   *p;
    ssize_t   n;

    ngx_crc32_update(&out->crc, buf, out->pos - buf);

    for (p = buf; p < out->pos && out->failed == NULL; p += n) {

        n = write(out->fd, p, out->pos - p);

        if (n == -1) {
            out->failed = "write()";
            out->err = ngx_errno;
        }
    }

    out->pos = buf;
}


/* under the lock of the zone */

static void
ngx_http_vedette_state_read(ngx_http_vedette_state_t *state, ngx_log_t *log)
{
    char       *why, path[NGX_MAX_PATH];
    size_t      size;
    u_char     *data, *p, *end, *last;
    ngx_uint_t  n;

    if (state->folder.len + sizeof("/" NGX_HTTP_VEDETTE_STATE_FILE)
        > sizeof(path))
    {
        return;
    }

    ngx_sprintf((u_char *) path, "%V/%s%Z", &state->folder,
                NGX_HTTP_VEDETTE_STATE_FILE);

    data = ngx_http_vedette_state_load(path, &size, &why);

    if (data == NULL && why == NULL) {
        /* the first start */
        return;
    }

    if (data) {
        why = ngx_http_vedette_state_verify(data, size, &last);
    }

    if (why) {
        ngx_log_error(NGX_LOG_WARN, log, 0,
                      "vedette: \"%s\" is not used: %s; keys are unknown "
                      "until redis answers", path, why);
        free(data);
        return;
    }

    n = 0;

    for (p = data; p < last; p = end + 1) {

        end = ngx_strlchr(p, last, LF);
        if (end == NULL) {
            break;
        }

        if (ngx_http_vedette_state_line(state, p, end) == NGX_OK) {
            n++;
        }
    }

    free(data);

    ngx_log_error(NGX_LOG_NOTICE, log, 0, "vedette: %ui keys are known from "
                  "\"%s\" until redis answers", n, path);
}


static u_char *
ngx_http_vedette_state_load(char *path, size_t *size, char **why)
{
    u_char       *data;
    size_t        len;
    ssize_t       n;
    ngx_fd_t      fd;
    struct stat   st;

    *why = NULL;

    fd = open(path, O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC);

    if (fd == -1) {

        if (ngx_errno != NGX_ENOENT) {
            *why = "it cannot be opened, or is a symbolic link";
        }

        return NULL;
    }

    data = NULL;
    len = 0;

    if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
        *why = "it is no regular file";

    } else if (st.st_size > NGX_HTTP_VEDETTE_STATE_MAX) {
        *why = "it is too large";

    } else {
        data = malloc(st.st_size + 1);

        while (data && len < (size_t) st.st_size) {
            n = read(fd, data + len, st.st_size - len);

            if (n <= 0) {
                break;
            }

            len += n;
        }

        if (data == NULL) {
            *why = "there is no memory for it";
        }
    }

    (void) close(fd);

    *size = len;

    return data;
}


/* NULL, or what is wrong; *last: the end of the lines */

static char *
ngx_http_vedette_state_verify(u_char *data, size_t size, u_char **last)
{
    size_t      head;
    u_char      sum[sizeof("crc 00000000\n")], *p;
    uint32_t    crc;

    head = sizeof(NGX_HTTP_VEDETTE_STATE_HEAD "\n") - 1;

    if (size < head + sizeof(sum) - 1) {
        return "it is too short";
    }

    if (ngx_memcmp(data, NGX_HTTP_VEDETTE_STATE_HEAD "\n", head) != 0) {
        return "it was written by another version";
    }

    p = data + size - (sizeof(sum) - 1);

    ngx_crc32_init(crc);
    ngx_crc32_update(&crc, data, p - data);
    ngx_crc32_final(crc);

    ngx_sprintf(sum, "crc %08xD\n", crc);

    if (ngx_memcmp(sum, p, sizeof(sum) - 1) != 0) {
        return "its sum is wrong";
    }

    *last = p;

    return NULL;
}


/* NGX_OK: a key, which is known now */

static ngx_int_t
ngx_http_vedette_state_line(ngx_http_vedette_state_t *state, u_char *p,
    u_char *last)
{
    off_t                      ids[3];
    u_char                    *q, name[NGX_HTTP_VEDETTE_KEY_NAME];
    uint32_t                   id;
    ngx_int_t                  n;
    ngx_str_t                  word, public, on, origins, limits, s;
    ngx_uint_t                 i;
    ngx_http_vedette_key_t    *key;
    ngx_http_vedette_shctx_t  *sh;

    if (ngx_http_vedette_state_word(&p, last, &word) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (ngx_http_vedette_state_word(&p, last, &s) != NGX_OK || s.len != 8) {
        return NGX_DECLINED;
    }

    n = ngx_hextoi(s.data, s.len);

    if (n == NGX_ERROR) {
        return NGX_DECLINED;
    }

    id = (uint32_t) n;
    sh = state->zone->sh;

    if (ngx_http_vedette_is(&word, "nodes")) {

        n = ngx_atoi(p, last - p);

        for (i = 0; i < sh->nservers; i++) {
            if (sh->servers[i].id == id && n > 0 && n < 100000) {
                sh->servers[i].nodes = n;
            }
        }

        return NGX_DECLINED;
    }

    if (!ngx_http_vedette_is(&word, "key")
        || ngx_http_vedette_state_word(&p, last, &public) != NGX_OK
        || public.len != NGX_HTTP_VEDETTE_KEY_LEN)
    {
        return NGX_DECLINED;
    }

    for (i = 0; i < 3; i++) {

        if (ngx_http_vedette_state_word(&p, last, &word) != NGX_OK) {
            return NGX_DECLINED;
        }

        ids[i] = ngx_atoof(word.data, word.len);

        if (ids[i] == NGX_ERROR) {
            return NGX_DECLINED;
        }
    }

    if (ngx_http_vedette_state_word(&p, last, &on) != NGX_OK || p == last) {
        return NGX_DECLINED;
    }

    q = ngx_strlchr(p, last, '\t');
    if (q == NULL) {
        q = last;
    }

    origins.data = p + 1;
    origins.len = q - (p + 1);

    if ((*p != '*' && *p != '=')
        || origins.len > NGX_HTTP_VEDETTE_MAX_ORIGINS)
    {
        return NGX_DECLINED;
    }

    limits.data = q;
    limits.len = last - q;

    for ( /* void */ ; q < last; q++) {
        if (*q == '\t') {
            *q = LF;
        }
    }

    key = ngx_http_vedette_key_make(ids, &on, *p == '=' ? &origins : NULL,
                                    &limits);
    if (key == NULL) {
        return NGX_DECLINED;
    }

    ngx_memcpy(name, &id, sizeof(uint32_t));
    ngx_memcpy(name + sizeof(uint32_t), public.data, public.len);

    s.data = name;
    s.len = sizeof(name);

    /* a version that is never in force: Redis is asked first */

    ngx_http_vedette_key_store(state->zone, &s, key,
                               NGX_HTTP_VEDETTE_NO_VERSION - 1, 0);

    ngx_free(key);

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_state_word(u_char **p, u_char *last, ngx_str_t *word)
{
    u_char  *end;

    end = ngx_strlchr(*p, last, ' ');

    if (end == NULL || end == *p) {
        return NGX_DECLINED;
    }

    word->data = *p;
    word->len = end - *p;

    *p = end + 1;

    return NGX_OK;
}
