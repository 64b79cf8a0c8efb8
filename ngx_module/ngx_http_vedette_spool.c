
/*
 * The spool: events on this node's own disk while Redis is away.
 *
 * SDKs throw an event away on any answer but 200, so a queue that is down must
 * not show.  What Redis does not take in time is written to a segment of this
 * worker (message.h, 6), made durable by fdatasync, and answered 200; "vedette
 * spool replay --follow" brings it to Redis later.  The replay is a program of
 * its own: it may crash, be upgraded, or run elsewhere, without nginx.
 *
 * Everything that touches the disk happens in a thread, at most one at a time
 * for a spool, so that the event loop never waits and the segment needs no
 * lock.  The loop copies records to a batch.  At the end of the turn the batch
 * goes to the thread, unless one is there; then it grows until that is back.
 * So one fdatasync serves all that came during the last one, and a single
 * request waits for its own alone.  (A fixed window would only add to that.)
 *
 * A large body is not copied to memory: the thread takes it from the temporary
 * file that nginx has put it in, piece by piece, to a segment of its own.
 *
 * A failed write or fdatasync condemns the segment: what was durable in it
 * stays and will be replayed, and nothing is ever added.  The call is not
 * repeated, because the kernel may have dropped the pages and would report
 * success (PostgreSQL learnt that in 2018).
 */


#include "ngx_http_vedette_module.h"

#include <sys/file.h>
#include <sys/random.h>
#include <sys/statvfs.h>


#if (NGX_THREADS)

/* a worker holds no more unwritten bytes for a spool than this and a record */
#define NGX_HTTP_VEDETTE_SPOOL_PENDING   (16 * 1024 * 1024)

/* a batch's memory: at first, and what is kept of it */
#define NGX_HTTP_VEDETTE_SPOOL_BATCH     (256 * 1024)
#define NGX_HTTP_VEDETTE_SPOOL_KEEP      (1024 * 1024)

/* a segment that gets no records is closed after this */
#define NGX_HTTP_VEDETTE_SPOOL_IDLE      10000

/* only there to be there, see _waiting() */
#define NGX_HTTP_VEDETTE_SPOOL_WAITING   60000

/* a full spool is not looked at again before */
#define NGX_HTTP_VEDETTE_SPOOL_FULL_FOR  1000

#define NGX_HTTP_VEDETTE_SPOOL_LOG_EVERY 60

/* what the thread holds of a large body */
#define NGX_HTTP_VEDETTE_SPOOL_PIECE     (256 * 1024)

#define NGX_HTTP_VEDETTE_SPOOL_MIN       (2 * 1024 * 1024)
#define NGX_HTTP_VEDETTE_SPOOL_SMALLEST  (1024 * 1024)
#define NGX_HTTP_VEDETTE_SPOOL_NAMES     1000000

/* names that the status page looks at */
#define NGX_HTTP_VEDETTE_SPOOL_LOOK      4096

#define NGX_HTTP_VEDETTE_SPOOL_NEW       ".new-"


/* a record whose body is in a file; "data" has what comes before the body */

typedef struct ngx_http_vedette_large_s  ngx_http_vedette_large_t;

struct ngx_http_vedette_large_s {
    ngx_http_vedette_large_t       *next;
    ngx_fd_t                        fd;
    off_t                           pos;
    off_t                           last;
    size_t                          len;
    ngx_int_t                       rc;
    u_char                          data[1];
};


typedef struct {
    u_char                         *data;
    size_t                          len;
    size_t                          size;
    ngx_uint_t                      records;
    ngx_http_vedette_large_t       *large;
    ngx_queue_t                     waiters;
} ngx_http_vedette_spool_batch_t;


#define ngx_http_vedette_spool_work(b)  ((b)->records || (b)->large)


/* the thread's, while one is at work */

typedef struct {
    ngx_fd_t                        fd;
    off_t                           size;
    off_t                           offset;
    uint32_t                        number;
    uint64_t                        nonce;
} ngx_http_vedette_segment_t;


struct ngx_http_vedette_spool_s {
    /* configuration */
    ngx_str_t                       path;         /* with a final '\0' */
    off_t                           limit;
    off_t                           segment_size;
    ngx_uint_t                      min_free;     /* percent of the disk */
    ngx_thread_pool_t              *threads;
    ngx_http_vedette_zone_t        *zone;

    /* the state of this worker */
    ngx_http_vedette_spool_batch_t  batches[2];
    ngx_http_vedette_spool_batch_t *filling;
    ngx_http_vedette_spool_batch_t *flying;
    ngx_thread_task_t              *task;
    ngx_event_t                     flush;
    ngx_event_t                     idle;
    ngx_event_t                     waiting;
    ngx_msec_t                      full_until;
    time_t                          logged;
    unsigned                        started:1;
    unsigned                        full:1;
    unsigned                        busy:1;       /* the thread is at work */

    ngx_http_vedette_segment_t      segment;
    ngx_uint_t                      next;         /* n of the next segment */

    /* what the thread has to tell */
    ngx_uint_t                      durable;      /* records of the batch */
    ngx_uint_t                      large;        /* and large ones */
    ngx_int_t                       large_rc;
    ngx_int_t                       rc;
    ngx_err_t                       err;
    char                           *failed;
    off_t                           used;         /* bytes, all segments */
};


static ngx_int_t ngx_http_vedette_spool_add_large(
    ngx_http_vedette_spool_t *spool, ngx_http_vedette_record_t *record,
    ngx_http_vedette_waiter_t *waiter, size_t len);
static void ngx_http_vedette_spool_queue(ngx_http_vedette_spool_t *spool,
    ngx_http_vedette_waiter_t *waiter);
static void ngx_http_vedette_spool_record(u_char *p,
    ngx_http_vedette_record_t *record, size_t len, size_t body);
static size_t ngx_http_vedette_spool_fields(u_char *p, ngx_str_t *args,
    ngx_uint_t n, size_t body);
static ngx_int_t ngx_http_vedette_spool_room(
    ngx_http_vedette_spool_batch_t *b, size_t len);
static void ngx_http_vedette_spool_flush(ngx_event_t *ev);
static void ngx_http_vedette_spool_post(ngx_http_vedette_spool_t *spool);
static void ngx_http_vedette_spool_done(ngx_event_t *ev);
static void ngx_http_vedette_spool_answer(ngx_http_vedette_spool_t *spool,
    ngx_http_vedette_spool_batch_t *b);
static void ngx_http_vedette_spool_clear(ngx_http_vedette_spool_batch_t *b);
static void ngx_http_vedette_spool_report(ngx_http_vedette_spool_t *spool);
static void ngx_http_vedette_spool_idle(ngx_event_t *ev);
static void ngx_http_vedette_spool_waiting(ngx_event_t *ev);

static void ngx_http_vedette_spool_thread(void *data, ngx_log_t *log);
static void ngx_http_vedette_spool_small(ngx_http_vedette_spool_t *spool);
static void ngx_http_vedette_spool_large(ngx_http_vedette_spool_t *spool,
    ngx_http_vedette_large_t *large);
static ngx_int_t ngx_http_vedette_spool_copy(ngx_http_vedette_spool_t *spool,
    ngx_http_vedette_large_t *large, u_char *buf);
static ngx_int_t ngx_http_vedette_spool_pwrite(ngx_fd_t fd, u_char *p,
    size_t len, off_t offset);
static ngx_int_t ngx_http_vedette_spool_write(ngx_http_vedette_spool_t *spool,
    u_char *p, u_char *last, ngx_uint_t records);
static void ngx_http_vedette_spool_seal(ngx_http_vedette_spool_t *spool);
static void ngx_http_vedette_spool_condemn(ngx_http_vedette_spool_t *spool,
    char *failed);
static ngx_int_t ngx_http_vedette_spool_create(ngx_http_vedette_spool_t *spool,
    size_t len);
static ngx_int_t ngx_http_vedette_spool_full(ngx_http_vedette_spool_t *spool,
    ngx_fd_t dir, off_t size);
static ngx_uint_t ngx_http_vedette_spool_is_segment(char *name);
static ngx_int_t ngx_http_vedette_spool_segment(
    ngx_http_vedette_spool_t *spool, ngx_fd_t dir, off_t size);
static ngx_int_t ngx_http_vedette_spool_name(ngx_http_vedette_spool_t *spool,
    ngx_fd_t dir, char *name);
static void ngx_http_vedette_spool_head(u_char *p, u_char *magic, size_t len);
static void ngx_http_vedette_spool_put(u_char *p, uint64_t value, size_t len);
static uint32_t ngx_http_vedette_spool_get32(u_char *p);
static void ngx_http_vedette_spool_boot_id(void);


/* what the debug log takes for the connection of a timer */
static ngx_connection_t  ngx_http_vedette_spool_dumb;

static u_char  ngx_http_vedette_spool_boot[33];

#endif /* NGX_THREADS */


/*
 * vedette_spool off | path [size=20g] [min_free=10%]
 *
 * Several locations may name the same folder: one segment a worker serves
 * them, so the parameters have to be the same.
 */

char *
ngx_http_vedette_spool_parse(ngx_conf_t *cf, ngx_array_t *spools,
    ngx_http_vedette_spool_t **result)
{
    ngx_str_t  *value;

#if (NGX_THREADS)
    off_t                       size;
    ngx_int_t                   percent;
    ngx_str_t                   s;
    ngx_uint_t                  i;
    ngx_path_t                 *path;
    ngx_http_vedette_spool_t   *spool, **other;
#endif

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        *result = NULL;
        return NGX_CONF_OK;
    }

#if (NGX_THREADS)

    spool = ngx_pcalloc(cf->pool, sizeof(ngx_http_vedette_spool_t));
    if (spool == NULL) {
        return NGX_CONF_ERROR;
    }

    spool->path = value[1];

    while (spool->path.len > 1 && spool->path.data[spool->path.len - 1] == '/')
    {
        spool->path.data[--spool->path.len] = '\0';
    }

    if (ngx_conf_full_name(cf->cycle, &spool->path, 0) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    spool->limit = (off_t) 20 * 1024 * 1024 * 1024;
    spool->min_free = 10;

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_strncmp(value[i].data, "size=", 5) == 0) {
            s.data = value[i].data + 5;
            s.len = value[i].len - 5;

            size = ngx_parse_offset(&s);

            if (size == NGX_ERROR || size < NGX_HTTP_VEDETTE_SPOOL_MIN) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "invalid \"%V\": the size of a spool is 2m "
                                   "or more", &value[i]);
                return NGX_CONF_ERROR;
            }

            spool->limit = size;
            continue;
        }

        if (ngx_strncmp(value[i].data, "min_free=", 9) == 0
            && value[i].data[value[i].len - 1] == '%')
        {
            percent = ngx_atoi(value[i].data + 9, value[i].len - 10);

            if (percent != NGX_ERROR && percent < 100) {
                spool->min_free = percent;
                continue;
            }
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\": it is size= or "
                           "min_free=0%%..99%%", &value[i]);
        return NGX_CONF_ERROR;
    }

    /* a small spool is shared by the workers in smaller pieces */

    spool->segment_size = ngx_max(spool->limit / 16,
                                  NGX_HTTP_VEDETTE_SPOOL_SMALLEST);
    spool->segment_size = ngx_min(spool->segment_size, VEDETTE_SPOOL_SEGMENT);
    spool->segment_size -= spool->segment_size % 4096;

    other = spools->elts;

    for (i = 0; i < spools->nelts; i++) {

        if (other[i]->path.len != spool->path.len
            || ngx_memcmp(other[i]->path.data, spool->path.data,
                          spool->path.len)
               != 0)
        {
            continue;
        }

        if (other[i]->limit != spool->limit
            || other[i]->min_free != spool->min_free)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "spool \"%V\" is given twice with different "
                               "parameters", &spool->path);
            return NGX_CONF_ERROR;
        }

        *result = other[i];

        return NGX_CONF_OK;
    }

    /* the pool of "aio threads"; "thread_pool default threads=" changes it */

    spool->threads = ngx_thread_pool_add(cf, NULL);
    if (spool->threads == NULL) {
        return NGX_CONF_ERROR;
    }

    /* the folder is made by the master, and given to the workers' user */

    path = ngx_pcalloc(cf->pool, sizeof(ngx_path_t));
    if (path == NULL) {
        return NGX_CONF_ERROR;
    }

    path->name = spool->path;
    path->conf_file = cf->conf_file->file.name.data;
    path->line = cf->conf_file->line;

    if (ngx_add_path(cf, &path) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    other = ngx_array_push(spools);
    if (other == NULL) {
        return NGX_CONF_ERROR;
    }

    *other = spool;
    *result = spool;

    return NGX_CONF_OK;

#else

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "\"vedette_spool\" needs an nginx that was built "
                       "--with-threads, because a disk must not stop the "
                       "event loop; this one was not");
    return NGX_CONF_ERROR;

#endif
}


#if (NGX_THREADS)

ngx_int_t
ngx_http_vedette_spool_start(ngx_http_vedette_spool_t *spool,
    ngx_cycle_t *cycle, ngx_http_vedette_zone_t *zone)
{
    ngx_http_vedette_spool_dumb.fd = (ngx_socket_t) -1;

    if (ngx_http_vedette_spool_boot[0] == '\0') {
        ngx_http_vedette_spool_boot_id();
        ngx_http_vedette_crc32c_init();
    }

    spool->task = ngx_thread_task_alloc(cycle->pool, 0);
    if (spool->task == NULL) {
        return NGX_ERROR;
    }

    spool->task->ctx = spool;
    spool->task->handler = ngx_http_vedette_spool_thread;
    spool->task->event.handler = ngx_http_vedette_spool_done;
    spool->task->event.data = spool;

    ngx_queue_init(&spool->batches[0].waiters);
    ngx_queue_init(&spool->batches[1].waiters);
    spool->filling = &spool->batches[0];

    spool->flush.handler = ngx_http_vedette_spool_flush;
    spool->flush.data = &ngx_http_vedette_spool_dumb;
    spool->flush.log = cycle->log;

    spool->idle.handler = ngx_http_vedette_spool_idle;
    spool->idle.data = &ngx_http_vedette_spool_dumb;
    spool->idle.log = cycle->log;
    spool->idle.cancelable = 1;

    spool->waiting.handler = ngx_http_vedette_spool_waiting;
    spool->waiting.data = &ngx_http_vedette_spool_dumb;
    spool->waiting.log = cycle->log;

    spool->zone = zone;
    spool->segment.fd = NGX_INVALID_FILE;
    spool->next = 1;
    spool->started = 1;

    return NGX_OK;
}


/*
 * The worker ends.  Nginx has let its threads finish what they had begun, so
 * the segment is ours; who waited for a batch that is not written has gone.
 */

void
ngx_http_vedette_spool_stop(ngx_http_vedette_spool_t *spool)
{
    ngx_uint_t  i;

    if (!spool->started) {
        return;
    }

    spool->started = 0;

    if (spool->idle.timer_set) {
        ngx_del_timer(&spool->idle);
    }

    if (spool->waiting.timer_set) {
        ngx_del_timer(&spool->waiting);
    }

    if (spool->segment.fd != NGX_INVALID_FILE) {
        ngx_http_vedette_spool_seal(spool);
    }

    for (i = 0; i < 2; i++) {
        ngx_http_vedette_spool_clear(&spool->batches[i]);

        if (spool->batches[i].data) {
            ngx_free(spool->batches[i].data);
        }
    }
}


/*
 * Adds a record: fields and values, the last of which is the body.  NGX_AGAIN:
 * the waiter's handler will be called, once, with NGX_OK when the record is
 * durable, or as follows.  NGX_DECLINED: the spool is full, or its disk too
 * slow.  NGX_ERROR: the disk is at fault.
 */

ngx_int_t
ngx_http_vedette_spool_add(ngx_http_vedette_spool_t *spool,
    ngx_http_vedette_record_t *record, ngx_http_vedette_waiter_t *waiter)
{
    off_t                            body;
    u_char                          *p;
    size_t                           len, padded;
    ngx_http_vedette_spool_batch_t  *b;

    if (!spool->started) {
        return NGX_ERROR;
    }

    if (spool->full) {

        if ((ngx_msec_int_t) (ngx_current_msec - spool->full_until) < 0) {
            return NGX_DECLINED;
        }

        spool->full = 0;
    }

    body = ngx_http_vedette_body_size(record->body);

    if (body > VEDETTE_SPOOL_PAYLOAD_MAX / 2) {
        return NGX_ERROR;
    }

    len = ngx_http_vedette_spool_fields(NULL, record->args, record->nargs,
                                        (size_t) body);

    if (body > VEDETTE_BODY_INLINE && record->body->next == NULL
        && !ngx_buf_in_memory(record->body->buf))
    {
        return ngx_http_vedette_spool_add_large(spool, record, waiter, len);
    }

    padded = ngx_align(len, VEDETTE_SPOOL_ALIGN);

    b = spool->filling;

    if (b->len > NGX_HTTP_VEDETTE_SPOOL_PENDING) {
        return NGX_DECLINED;
    }

    if (ngx_http_vedette_spool_room(b, VEDETTE_SPOOL_HEAD + padded) != NGX_OK) {
        return NGX_ERROR;
    }

    /* the thread adds what the segment decides, and the checksums */

    p = b->data + b->len;

    ngx_http_vedette_spool_record(p, record, len, (size_t) body);

    p += VEDETTE_SPOOL_HEAD;

    if (ngx_http_vedette_copy_chain(record->body, p + len - body) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memzero(p + len, padded - len);

    waiter->index = b->records++;
    waiter->large = NULL;

    b->len += VEDETTE_SPOOL_HEAD + padded;

    ngx_http_vedette_spool_queue(spool, waiter);

    return NGX_AGAIN;
}


/* the request may go before the thread comes to it: the file stays ours */

static ngx_int_t
ngx_http_vedette_spool_add_large(ngx_http_vedette_spool_t *spool,
    ngx_http_vedette_record_t *record, ngx_http_vedette_waiter_t *waiter,
    size_t len)
{
    size_t                     body;
    ngx_buf_t                 *b;
    ngx_http_vedette_large_t  *large, **last;

    b = record->body->buf;
    body = (size_t) (b->file_last - b->file_pos);

    large = ngx_alloc(sizeof(ngx_http_vedette_large_t) + VEDETTE_SPOOL_HEAD
                      + len - body, ngx_cycle->log);
    if (large == NULL) {
        return NGX_ERROR;
    }

    large->fd = fcntl(b->file->fd, F_DUPFD_CLOEXEC, 0);

    if (large->fd == NGX_INVALID_FILE) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, ngx_errno,
                      "vedette: fcntl(F_DUPFD_CLOEXEC) failed");
        ngx_free(large);
        return NGX_ERROR;
    }

    large->next = NULL;
    large->pos = b->file_pos;
    large->last = b->file_last;
    large->len = VEDETTE_SPOOL_HEAD + len - body;
    large->rc = NGX_ERROR;

    ngx_http_vedette_spool_record(large->data, record, len, body);

    for (last = &spool->filling->large; *last; last = &(*last)->next) {
        /* void */
    }

    *last = large;
    waiter->large = large;

    ngx_http_vedette_spool_queue(spool, waiter);

    return NGX_AGAIN;
}


static void
ngx_http_vedette_spool_queue(ngx_http_vedette_spool_t *spool,
    ngx_http_vedette_waiter_t *waiter)
{
    waiter->queued = 1;
    ngx_queue_insert_tail(&spool->filling->waiters, &waiter->queue);

    if (!spool->busy && !spool->flush.posted) {
        ngx_post_event(&spool->flush, &ngx_posted_events);
    }

    if (!spool->waiting.timer_set) {
        ngx_add_timer(&spool->waiting, NGX_HTTP_VEDETTE_SPOOL_WAITING);
    }
}


/* the handler will not be called any more; the record is written anyway */

void
ngx_http_vedette_spool_cancel(ngx_http_vedette_waiter_t *waiter)
{
    if (waiter->queued) {
        waiter->queued = 0;
        ngx_queue_remove(&waiter->queue);
    }
}


/* less than nine tenths are used, as far as is known */

ngx_uint_t
ngx_http_vedette_spool_ready(ngx_http_vedette_spool_t *spool)
{
    return !spool->full && (off_t) spool->zone->sh->spool_used
                           < spool->limit / 10 * 9;
}


/* a record but for the bytes of the body, and for what the thread adds */

static void
ngx_http_vedette_spool_record(u_char *p, ngx_http_vedette_record_t *record,
    size_t len, size_t body)
{
    ngx_http_vedette_spool_head(p, (u_char *) VEDETTE_SPOOL_RECORD_MAGIC, 4);
    ngx_http_vedette_spool_put(p + VEDETTE_SPOOL_R_LENGTH, len, 4);
    ngx_http_vedette_spool_put(p + VEDETTE_SPOOL_R_RECEIVED, record->received,
                               8);
    ngx_http_vedette_spool_put(p + VEDETTE_SPOOL_R_PROJECT, record->project, 8);
    ngx_memcpy(p + VEDETTE_SPOOL_R_EVENT_ID, record->event_id, 16);

    (void) ngx_http_vedette_spool_fields(p + VEDETTE_SPOOL_HEAD, record->args,
                                         record->nargs, body);
}


/* the payload but for the bytes of the body; with NULL its length only */

static size_t
ngx_http_vedette_spool_fields(u_char *p, ngx_str_t *args, ngx_uint_t n,
    size_t body)
{
    size_t      len;
    ngx_uint_t  i;

    len = 4;

    for (i = 0; i < n; i++) {
        len += 4 + args[i].len;
    }

    len += 4 + body;

    if (p == NULL) {
        return len;
    }

    ngx_http_vedette_spool_put(p, n + 1, 4);
    p += 4;

    for (i = 0; i < n; i++) {
        ngx_http_vedette_spool_put(p, args[i].len, 4);
        p = ngx_cpymem(p + 4, args[i].data, args[i].len);
    }

    ngx_http_vedette_spool_put(p, body, 4);

    return len;
}


static ngx_int_t
ngx_http_vedette_spool_room(ngx_http_vedette_spool_batch_t *b, size_t len)
{
    size_t   size;
    u_char  *p;

    if (b->size - b->len >= len) {
        return NGX_OK;
    }

    size = ngx_max(b->len + len, 2 * b->size);
    size = ngx_max(size, NGX_HTTP_VEDETTE_SPOOL_BATCH);

    p = ngx_alloc(size, ngx_cycle->log);
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (b->data) {
        ngx_memcpy(p, b->data, b->len);
        ngx_free(b->data);
    }

    b->data = p;
    b->size = size;

    return NGX_OK;
}


/* the turn of the loop ends */

static void
ngx_http_vedette_spool_flush(ngx_event_t *ev)
{
    ngx_http_vedette_spool_t  *spool;

    spool = (ngx_http_vedette_spool_t *)
                ((u_char *) ev - offsetof(ngx_http_vedette_spool_t, flush));

    if (!spool->busy && ngx_http_vedette_spool_work(spool->filling)) {
        ngx_http_vedette_spool_post(spool);
    }
}


/* the batch, which may be empty: then the segment is sealed */

static void
ngx_http_vedette_spool_post(ngx_http_vedette_spool_t *spool)
{
    if (spool->idle.timer_set) {
        ngx_del_timer(&spool->idle);
    }

    spool->flying = spool->filling;
    spool->filling = (spool->flying == &spool->batches[0])
                     ? &spool->batches[1] : &spool->batches[0];

    spool->durable = 0;
    spool->large = 0;
    spool->large_rc = NGX_OK;
    spool->rc = NGX_ERROR;
    spool->err = 0;
    spool->failed = "thread pool";
    spool->busy = 1;

    if (ngx_thread_task_post(spool->threads, spool->task) != NGX_OK) {
        /* its queue is full */
        ngx_http_vedette_spool_done(&spool->task->event);
    }
}


static void
ngx_http_vedette_spool_done(ngx_event_t *ev)
{
    ngx_http_vedette_spool_t        *spool;
    ngx_http_vedette_spool_batch_t  *b;

    spool = ev->data;

    b = spool->flying;
    spool->flying = NULL;

    ngx_http_vedette_spool_report(spool);

    if (spool->rc == NGX_DECLINED) {
        spool->full = 1;
        spool->full_until = ngx_current_msec + NGX_HTTP_VEDETTE_SPOOL_FULL_FOR;
    }

    /* busy until all are answered: they may bring further records */

    ngx_http_vedette_spool_answer(spool, b);

    spool->busy = 0;

    ngx_http_vedette_spool_clear(b);

    if (b->size > NGX_HTTP_VEDETTE_SPOOL_KEEP) {
        ngx_free(b->data);
        b->data = NULL;
        b->size = 0;
    }

    if (ngx_http_vedette_spool_work(spool->filling)) {
        ngx_http_vedette_spool_post(spool);
        return;
    }

    if (spool->waiting.timer_set) {
        ngx_del_timer(&spool->waiting);
    }

    if (spool->segment.fd != NGX_INVALID_FILE) {
        ngx_add_timer(&spool->idle, NGX_HTTP_VEDETTE_SPOOL_IDLE);
    }
}


static void
ngx_http_vedette_spool_answer(ngx_http_vedette_spool_t *spool,
    ngx_http_vedette_spool_batch_t *b)
{
    ngx_int_t                   rc, ours;
    ngx_uint_t                  durable;
    ngx_queue_t                *q;
    ngx_http_vedette_waiter_t  *waiter;

    rc = spool->rc;
    durable = spool->durable;

    /* an answer may let others of the queue go */

    while (!ngx_queue_empty(&b->waiters)) {
        q = ngx_queue_head(&b->waiters);
        waiter = ngx_queue_data(q, ngx_http_vedette_waiter_t, queue);

        ngx_http_vedette_spool_cancel(waiter);

        ours = waiter->index < durable ? NGX_OK : rc;

        if (waiter->large) {
            ours = waiter->large->rc;
        }

        waiter->handler(waiter->data, ours);
    }
}


static void
ngx_http_vedette_spool_clear(ngx_http_vedette_spool_batch_t *b)
{
    ngx_http_vedette_large_t  *large;

    while (b->large) {
        large = b->large;
        b->large = large->next;

        (void) ngx_close_file(large->fd);
        ngx_free(large);
    }

    b->len = 0;
    b->records = 0;
}


/* counters, and for the log what is wrong and what helps */

static void
ngx_http_vedette_spool_report(ngx_http_vedette_spool_t *spool)
{
    ngx_int_t                  rc;
    ngx_http_vedette_shctx_t  *sh;

    sh = spool->zone->sh;

    if (spool->durable + spool->large) {
        (void) ngx_atomic_fetch_add(&sh->spooled,
                                    spool->durable + spool->large);
    }

    if (spool->used) {
        sh->spool_used = (ngx_atomic_uint_t) spool->used;
    }

    rc = (spool->rc == NGX_OK) ? spool->large_rc : spool->rc;

    if (rc == NGX_OK) {
        return;
    }

    (void) ngx_atomic_fetch_add(rc == NGX_DECLINED ? &sh->spool_full
                                                   : &sh->spool_faults,
                                1);

    if (spool->logged
        && ngx_time() - spool->logged < NGX_HTTP_VEDETTE_SPOOL_LOG_EVERY)
    {
        return;
    }

    spool->logged = ngx_time();

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "vedette: spool \"%V\" is full (%O bytes of %O, at least "
                      "%ui%% of the disk stay free): events are answered 429; "
                      "is Redis away, does \"vedette spool replay --follow\" "
                      "run?", &spool->path, spool->used, spool->limit,
                      spool->min_free);
        return;
    }

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, spool->err,
                  "vedette: spool \"%V\": %s failed: events are answered 503; "
                  "may nginx's user write there, is the disk in order?",
                  &spool->path, spool->failed);
}


static void
ngx_http_vedette_spool_idle(ngx_event_t *ev)
{
    ngx_http_vedette_spool_t  *spool;

    spool = (ngx_http_vedette_spool_t *)
                ((u_char *) ev - offsetof(ngx_http_vedette_spool_t, idle));

    if (!spool->busy) {
        ngx_http_vedette_spool_post(spool);
    }
}


/*
 * A worker that is asked to leave does so when it has no timer left, and a
 * request that waits for a thread has none of its own.
 */

static void
ngx_http_vedette_spool_waiting(ngx_event_t *ev)
{
    ngx_add_timer(ev, NGX_HTTP_VEDETTE_SPOOL_WAITING);
}


/* ---- from here on: in the thread */

static void
ngx_http_vedette_spool_thread(void *data, ngx_log_t *log)
{
    ngx_http_vedette_spool_t *spool = data;

    ngx_int_t                        rc;
    ngx_http_vedette_large_t        *large;
    ngx_http_vedette_spool_batch_t  *b;

    b = spool->flying;

    spool->rc = NGX_OK;

    if (!ngx_http_vedette_spool_work(b)) {
        ngx_http_vedette_spool_seal(spool);
        return;
    }

    if (b->records) {
        ngx_http_vedette_spool_small(spool);
    }

    rc = spool->rc;

    for (large = b->large; large; large = large->next) {
        ngx_http_vedette_spool_large(spool, large);
    }

    spool->rc = rc;
}


static void
ngx_http_vedette_spool_small(ngx_http_vedette_spool_t *spool)
{
    u_char                          *p, *start, *last;
    size_t                           len;
    ngx_int_t                        rc;
    ngx_uint_t                       records;
    ngx_http_vedette_segment_t      *segment;
    ngx_http_vedette_spool_batch_t  *b;

    b = spool->flying;
    segment = &spool->segment;

    records = 0;
    start = b->data;
    last = b->data + b->len;

    for (p = start; p < last; p += len) {

        len = ngx_http_vedette_spool_get32(p + VEDETTE_SPOOL_R_LENGTH);

        ngx_http_vedette_spool_put(p + VEDETTE_SPOOL_R_PAYLOAD_CRC,
                    ngx_http_vedette_crc32c(0, p + VEDETTE_SPOOL_HEAD, len), 4);

        len = VEDETTE_SPOOL_HEAD + ngx_align(len, VEDETTE_SPOOL_ALIGN);

        /* room for the end record is always left */

        if (segment->fd != NGX_INVALID_FILE
            && segment->offset + (p - start) + (off_t) len + VEDETTE_SPOOL_HEAD
               > segment->size)
        {
            if (ngx_http_vedette_spool_write(spool, start, p, records)
                != NGX_OK)
            {
                return;
            }

            ngx_http_vedette_spool_seal(spool);

            start = p;
            records = 0;
        }

        if (segment->fd == NGX_INVALID_FILE) {

            rc = ngx_http_vedette_spool_create(spool, len);

            if (rc != NGX_OK) {
                spool->rc = rc;
                return;
            }
        }

        ngx_http_vedette_spool_put(p + VEDETTE_SPOOL_R_NONCE, segment->nonce,
                                   8);
        ngx_http_vedette_spool_put(p + VEDETTE_SPOOL_R_NUMBER,
                                   segment->number++, 4);
        ngx_http_vedette_spool_put(p + VEDETTE_SPOOL_CRC,
                       ngx_http_vedette_crc32c(0, p, VEDETTE_SPOOL_CRC), 4);

        records++;
    }

    (void) ngx_http_vedette_spool_write(spool, start, last, records);
}


/* a segment for it alone; the one that is begun waits */

static void
ngx_http_vedette_spool_large(ngx_http_vedette_spool_t *spool,
    ngx_http_vedette_large_t *large)
{
    u_char                      *buf;
    size_t                       len;
    ngx_http_vedette_segment_t   begun;

    begun = spool->segment;
    spool->segment.fd = NGX_INVALID_FILE;

    len = ngx_http_vedette_spool_get32(large->data + VEDETTE_SPOOL_R_LENGTH);
    len = VEDETTE_SPOOL_HEAD + ngx_align(len, VEDETTE_SPOOL_ALIGN);

    buf = malloc(NGX_HTTP_VEDETTE_SPOOL_PIECE);

    if (buf == NULL) {
        spool->err = ngx_errno;
        spool->failed = "malloc()";

    } else {
        large->rc = ngx_http_vedette_spool_create(spool, len);
    }

    if (large->rc == NGX_OK) {
        large->rc = ngx_http_vedette_spool_copy(spool, large, buf);
    }

    if (large->rc == NGX_OK) {
        spool->large++;
        spool->segment.offset += len;
        spool->segment.number = 1;

        ngx_http_vedette_spool_seal(spool);

    } else {
        spool->large_rc = large->rc;
    }

    free(buf);

    spool->segment = begun;
}


/* the head comes last, because it has the sum of what follows */

static ngx_int_t
ngx_http_vedette_spool_copy(ngx_http_vedette_spool_t *spool,
    ngx_http_vedette_large_t *large, u_char *buf)
{
    off_t                        offset;
    size_t                       len;
    u_char                      *p;
    ssize_t                      n;
    uint32_t                     crc;
    ngx_http_vedette_segment_t  *segment;

    segment = &spool->segment;
    p = large->data;
    len = large->len - VEDETTE_SPOOL_HEAD;
    offset = segment->offset + VEDETTE_SPOOL_HEAD;

    crc = ngx_http_vedette_crc32c(0, p + VEDETTE_SPOOL_HEAD, len);

    if (ngx_http_vedette_spool_pwrite(segment->fd, p + VEDETTE_SPOOL_HEAD, len,
                                      offset)
        != NGX_OK)
    {
        goto failed;
    }

    for (offset += len; large->pos < large->last; offset += n) {

        len = (size_t) ngx_min(large->last - large->pos,
                               NGX_HTTP_VEDETTE_SPOOL_PIECE);

        n = pread(large->fd, buf, len, large->pos);

        if (n <= 0) {
            ngx_http_vedette_spool_condemn(spool, "read() of a large body");
            return NGX_ERROR;
        }

        crc = ngx_http_vedette_crc32c(crc, buf, n);
        large->pos += n;

        if (ngx_http_vedette_spool_pwrite(segment->fd, buf, n, offset)
            != NGX_OK)
        {
            goto failed;
        }
    }

    ngx_http_vedette_spool_put(p + VEDETTE_SPOOL_R_PAYLOAD_CRC, crc, 4);
    ngx_http_vedette_spool_put(p + VEDETTE_SPOOL_R_NONCE, segment->nonce, 8);
    ngx_http_vedette_spool_put(p + VEDETTE_SPOOL_CRC,
                       ngx_http_vedette_crc32c(0, p, VEDETTE_SPOOL_CRC), 4);

    if (ngx_http_vedette_spool_pwrite(segment->fd, p, VEDETTE_SPOOL_HEAD,
                                      segment->offset)
        != NGX_OK)
    {
        goto failed;
    }

    if (fdatasync(segment->fd) == -1) {
        ngx_http_vedette_spool_condemn(spool, "fdatasync()");
        return NGX_ERROR;
    }

    return NGX_OK;

failed:

    ngx_http_vedette_spool_condemn(spool, "write()");

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_vedette_spool_write(ngx_http_vedette_spool_t *spool, u_char *p,
    u_char *last, ngx_uint_t records)
{
    ngx_http_vedette_segment_t  *segment;

    segment = &spool->segment;

    if (ngx_http_vedette_spool_pwrite(segment->fd, p, last - p,
                                      segment->offset)
        != NGX_OK)
    {
        ngx_http_vedette_spool_condemn(spool, "write()");
        return NGX_ERROR;
    }

    if (fdatasync(segment->fd) == -1) {
        ngx_http_vedette_spool_condemn(spool, "fdatasync()");
        return NGX_ERROR;
    }

    segment->offset += last - p;
    spool->durable += records;

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_spool_pwrite(ngx_fd_t fd, u_char *p, size_t len, off_t offset)
{
    ssize_t  n;

    while (len) {
        n = pwrite(fd, p, len, offset);

        if (n == -1 && ngx_errno == NGX_EINTR) {
            continue;
        }

        if (n <= 0) {
            return NGX_ERROR;
        }

        p += n;
        len -= n;
        offset += n;
    }

    return NGX_OK;
}


/* the end record tells that nothing is missing; without it all is there too */

static void
ngx_http_vedette_spool_seal(ngx_http_vedette_spool_t *spool)
{
    u_char                       p[VEDETTE_SPOOL_HEAD];
    ngx_http_vedette_segment_t  *segment;

    segment = &spool->segment;

    if (segment->fd == NGX_INVALID_FILE) {
        return;
    }

    ngx_http_vedette_spool_head(p, (u_char *) VEDETTE_SPOOL_RECORD_MAGIC, 4);
    ngx_http_vedette_spool_put(p + VEDETTE_SPOOL_R_FLAGS, VEDETTE_SPOOL_END, 2);
    ngx_http_vedette_spool_put(p + VEDETTE_SPOOL_R_NONCE, segment->nonce, 8);
    ngx_http_vedette_spool_put(p + VEDETTE_SPOOL_R_NUMBER, segment->number, 4);
    ngx_http_vedette_spool_put(p + VEDETTE_SPOOL_CRC,
                       ngx_http_vedette_crc32c(0, p, VEDETTE_SPOOL_CRC), 4);

    if (pwrite(segment->fd, p, VEDETTE_SPOOL_HEAD, segment->offset)
        == VEDETTE_SPOOL_HEAD)
    {
        (void) fdatasync(segment->fd);
    }

    /* and with it goes the lock */

    (void) ngx_close_file(segment->fd);
    segment->fd = NGX_INVALID_FILE;
}


/*
 * No further record, no second fdatasync.  The part that was refused is cut
 * off, if the disk still lets us, so that what was answered 503 stays refused.
 */

static void
ngx_http_vedette_spool_condemn(ngx_http_vedette_spool_t *spool, char *failed)
{
    ngx_http_vedette_segment_t  *segment;

    segment = &spool->segment;

    spool->rc = NGX_ERROR;
    spool->err = ngx_errno;
    spool->failed = failed;

    if (ftruncate(segment->fd, segment->offset) == -1) {
        /* a reader takes it for records that came twice */
    }

    (void) ngx_close_file(segment->fd);
    segment->fd = NGX_INVALID_FILE;
}


/*
 * A new segment for a record of so many bytes.  The folder's lock makes the
 * workers' sums one sum; and what is not finished under it was left by a
 * worker that died.
 */

static ngx_int_t
ngx_http_vedette_spool_create(ngx_http_vedette_spool_t *spool, size_t len)
{
    off_t      size;
    ngx_fd_t   dir;
    ngx_int_t  rc;

    size = VEDETTE_SPOOL_FIRST + (off_t) len + VEDETTE_SPOOL_HEAD;
    size = ngx_max(ngx_align(size, 4096), spool->segment_size);

    dir = open((char *) spool->path.data, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (dir == NGX_INVALID_FILE) {
        spool->failed = "open()";
        spool->err = ngx_errno;
        return NGX_ERROR;
    }

    if (flock(dir, LOCK_EX) == -1) {
        spool->failed = "flock()";
        rc = NGX_ERROR;

    } else {
        rc = ngx_http_vedette_spool_full(spool, dir, size);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_vedette_spool_segment(spool, dir, size);
    }

    if (rc == NGX_ERROR) {
        spool->err = ngx_errno;

        if (spool->err == NGX_ENOSPC || spool->err == EDQUOT) {
            rc = NGX_DECLINED;
        }
    }

    (void) ngx_close_file(dir);

    return rc;
}


/* NGX_DECLINED: there is no room for so many bytes more */

static ngx_int_t
ngx_http_vedette_spool_full(ngx_http_vedette_spool_t *spool, ngx_fd_t dir,
    off_t size)
{
    DIR             *names;
    off_t            used, room;
    ngx_fd_t         fd;
    struct stat      file;
    struct dirent   *entry;
    struct statvfs   fs;

    fd = openat(dir, ".", O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    names = (fd == NGX_INVALID_FILE) ? NULL : fdopendir(fd);

    if (names == NULL) {
        spool->failed = "opendir()";

        if (fd != NGX_INVALID_FILE) {
            (void) ngx_close_file(fd);
        }

        return NGX_ERROR;
    }

    used = 0;

    while ((entry = readdir(names)) != NULL) {

        if (ngx_strncmp(entry->d_name, NGX_HTTP_VEDETTE_SPOOL_NEW,
                        sizeof(NGX_HTTP_VEDETTE_SPOOL_NEW) - 1)
            == 0)
        {
            (void) unlinkat(dir, entry->d_name, 0);
            continue;
        }

        if (!ngx_http_vedette_spool_is_segment(entry->d_name)
            || fstatat(dir, entry->d_name, &file, AT_SYMLINK_NOFOLLOW) == -1)
        {
            continue;
        }

        used += ngx_max(file.st_size, (off_t) file.st_blocks * 512);
    }

    (void) closedir(names);

    spool->used = used + size;

    if (spool->used > spool->limit) {
        spool->used = used;
        return NGX_DECLINED;
    }

    if (fstatvfs(dir, &fs) == -1) {
        spool->failed = "fstatvfs()";
        return NGX_ERROR;
    }

    room = (off_t) fs.f_bavail * (off_t) fs.f_frsize - size;

    if (room < (off_t) (fs.f_blocks / 100 * spool->min_free)
               * (off_t) fs.f_frsize)
    {
        spool->used = used;
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* under a name that no reader looks at until all of it is on the disk */

static ngx_int_t
ngx_http_vedette_spool_segment(ngx_http_vedette_spool_t *spool, ngx_fd_t dir,
    off_t size)
{
    int                          err;
    char                         name[64];
    u_char                       p[VEDETTE_SPOOL_HEAD];
    struct timeval               tv;
    ngx_http_vedette_segment_t  *segment;

    segment = &spool->segment;

    *ngx_snprintf((u_char *) name, sizeof(name) - 1, "%s%P",
                  NGX_HTTP_VEDETTE_SPOOL_NEW, ngx_pid) = '\0';

    segment->fd = openat(dir, name, O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC, 0640);

    if (segment->fd == NGX_INVALID_FILE) {
        spool->failed = "open() of a new segment";
        return NGX_ERROR;
    }

    if (getrandom(&segment->nonce, sizeof(uint64_t), 0) != sizeof(uint64_t)) {
        spool->failed = "getrandom()";
        goto failed;
    }

    if (flock(segment->fd, LOCK_EX|LOCK_NB) == -1) {
        spool->failed = "flock() of a new segment";
        goto failed;
    }

    err = posix_fallocate(segment->fd, 0, size);

    if (err != 0) {
        ngx_set_errno(err);
        spool->failed = "posix_fallocate()";
        goto failed;
    }

    ngx_gettimeofday(&tv);

    ngx_http_vedette_spool_head(p, (u_char *) VEDETTE_SPOOL_MAGIC, 8);
    ngx_http_vedette_spool_put(p + VEDETTE_SPOOL_S_VERSION,
                               VEDETTE_SPOOL_VERSION, 2);
    ngx_http_vedette_spool_put(p + VEDETTE_SPOOL_S_SIZE, size, 8);
    ngx_http_vedette_spool_put(p + VEDETTE_SPOOL_S_NONCE, segment->nonce, 8);
    ngx_http_vedette_spool_put(p + VEDETTE_SPOOL_S_CREATED,
                       (uint64_t) tv.tv_sec * 1000000 + tv.tv_usec, 8);
    ngx_http_vedette_spool_put(p + VEDETTE_SPOOL_CRC,
                       ngx_http_vedette_crc32c(0, p, VEDETTE_SPOOL_CRC), 4);

    if (pwrite(segment->fd, p, VEDETTE_SPOOL_HEAD, 0) != VEDETTE_SPOOL_HEAD
        || pwrite(segment->fd, p, VEDETTE_SPOOL_HEAD, VEDETTE_SPOOL_COPY)
           != VEDETTE_SPOOL_HEAD)
    {
        spool->failed = "write() of a new segment";
        goto failed;
    }

    if (fsync(segment->fd) == -1) {
        spool->failed = "fsync() of a new segment";
        goto failed;
    }

    if (ngx_http_vedette_spool_name(spool, dir, name) != NGX_OK) {
        goto failed;
    }

    segment->size = size;
    segment->offset = VEDETTE_SPOOL_FIRST;
    segment->number = 0;

    return NGX_OK;

failed:

    err = ngx_errno;

    (void) unlinkat(dir, name, 0);
    (void) ngx_close_file(segment->fd);
    segment->fd = NGX_INVALID_FILE;

    ngx_set_errno(err);

    return NGX_ERROR;
}


/* link() does not replace a file, and pids come again in containers */

static ngx_int_t
ngx_http_vedette_spool_name(ngx_http_vedette_spool_t *spool, ngx_fd_t dir,
    char *name)
{
    char        final[128];
    ngx_uint_t  end;

    end = spool->next + NGX_HTTP_VEDETTE_SPOOL_NAMES;

    for ( /* void */ ; spool->next < end; spool->next++) {

        *ngx_snprintf((u_char *) final, sizeof(final) - 1, "%s-%P-%ui%s",
                      ngx_http_vedette_spool_boot, ngx_pid, spool->next,
                      VEDETTE_SPOOL_SUFFIX) = '\0';

        if (linkat(dir, name, dir, final, 0) == 0) {
            spool->next++;

            (void) unlinkat(dir, name, 0);

            if (fsync(dir) == -1) {
                (void) unlinkat(dir, final, 0);
                spool->failed = "fsync() of the folder";
                return NGX_ERROR;
            }

            return NGX_OK;
        }

        if (ngx_errno != NGX_EEXIST) {
            break;
        }
    }

    spool->failed = "link() of a new segment";

    return NGX_ERROR;
}


static void
ngx_http_vedette_spool_head(u_char *p, u_char *magic, size_t len)
{
    ngx_memzero(p, VEDETTE_SPOOL_HEAD);
    ngx_memcpy(p, magic, len);

    if (len == 4) {
        p[VEDETTE_SPOOL_R_VERSION] = VEDETTE_SPOOL_VERSION;
    }
}


/* little-endian */

static void
ngx_http_vedette_spool_put(u_char *p, uint64_t value, size_t len)
{
    while (len--) {
        *p++ = (u_char) value;
        value >>= 8;
    }
}


static uint32_t
ngx_http_vedette_spool_get32(u_char *p)
{
    return (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16
           | (uint32_t) p[3] << 24;
}


/* 32 digits of /proc's uuid; zeros without one */

static void
ngx_http_vedette_spool_boot_id(void)
{
    u_char      text[64];
    ssize_t     n, i;
    ngx_fd_t    fd;
    ngx_uint_t  len;

    ngx_memset(ngx_http_vedette_spool_boot, '0', 32);

    fd = ngx_open_file("/proc/sys/kernel/random/boot_id", NGX_FILE_RDONLY,
                       NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        return;
    }

    n = read(fd, text, sizeof(text));

    for (i = 0, len = 0; i < n && len < 32; i++) {
        if ((text[i] >= '0' && text[i] <= '9')
            || (text[i] >= 'a' && text[i] <= 'f'))
        {
            ngx_http_vedette_spool_boot[len++] = text[i];
        }
    }

    (void) ngx_close_file(fd);
}


/*
 * Adds what lies in the folder, for the status page: a few hundred names at
 * most, and their heads, which are in the page cache.
 */

void
ngx_http_vedette_spool_look(ngx_http_vedette_spool_t *spool,
    ngx_http_vedette_spool_state_t *state)
{
    DIR            *names;
    time_t          age;
    u_char          head[VEDETTE_SPOOL_HEAD];
    uint64_t        created;
    ngx_fd_t        fd;
    ngx_uint_t      i;
    struct stat     file;
    struct dirent  *entry;

    names = opendir((char *) spool->path.data);

    if (names == NULL) {
        return;
    }

    for (i = 0; i < NGX_HTTP_VEDETTE_SPOOL_LOOK; i++) {

        entry = readdir(names);

        if (entry == NULL) {
            break;
        }

        if (!ngx_http_vedette_spool_is_segment(entry->d_name)) {
            continue;
        }

        fd = openat(dirfd(names), entry->d_name,
                    O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC);

        if (fd == NGX_INVALID_FILE) {
            continue;
        }

        if (fstat(fd, &file) == 0 && S_ISREG(file.st_mode)
            && pread(fd, head, sizeof(head), 0) == sizeof(head))
        {
            created = (uint64_t) ngx_http_vedette_spool_get32(
                                            &head[VEDETTE_SPOOL_S_CREATED + 4])
                      << 32
                      | ngx_http_vedette_spool_get32(
                                               &head[VEDETTE_SPOOL_S_CREATED]);
            age = ngx_time() - (time_t) (created / 1000000);

            state->segments++;
            state->bytes += ngx_max(file.st_size,
                                    (off_t) file.st_blocks * 512);
            state->age = ngx_max(state->age, age);
        }

        (void) ngx_close_file(fd);
    }

    (void) closedir(names);
}


static ngx_uint_t
ngx_http_vedette_spool_is_segment(char *name)
{
    size_t  len;

    len = ngx_strlen(name);

    return name[0] != '.' && len >= sizeof(VEDETTE_SPOOL_SUFFIX)
           && ngx_strcmp(name + len - (sizeof(VEDETTE_SPOOL_SUFFIX) - 1),
                         VEDETTE_SPOOL_SUFFIX)
              == 0;
}


ngx_str_t *
ngx_http_vedette_spool_path(ngx_http_vedette_spool_t *spool)
{
    return &spool->path;
}


#else


ngx_int_t
ngx_http_vedette_spool_start(ngx_http_vedette_spool_t *spool,
    ngx_cycle_t *cycle, ngx_http_vedette_zone_t *zone)
{
    return NGX_ERROR;
}


void
ngx_http_vedette_spool_stop(ngx_http_vedette_spool_t *spool)
{
}


ngx_int_t
ngx_http_vedette_spool_add(ngx_http_vedette_spool_t *spool,
    ngx_http_vedette_record_t *record, ngx_http_vedette_waiter_t *waiter)
{
    return NGX_ERROR;
}


void
ngx_http_vedette_spool_cancel(ngx_http_vedette_waiter_t *waiter)
{
}


ngx_uint_t
ngx_http_vedette_spool_ready(ngx_http_vedette_spool_t *spool)
{
    return 0;
}


void
ngx_http_vedette_spool_look(ngx_http_vedette_spool_t *spool,
    ngx_http_vedette_spool_state_t *state)
{
}


ngx_str_t *
ngx_http_vedette_spool_path(ngx_http_vedette_spool_t *spool)
{
    return NULL;
}


#endif /* NGX_THREADS */
