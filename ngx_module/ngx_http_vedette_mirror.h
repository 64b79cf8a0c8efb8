
/*
 * What the files of the mirror share.
 *
 *     _mirror         directives, and the queue of copies
 *     _copy           what a copy is: head and body
 *     _mirror_client  the connections that carry it away
 */

#ifndef _NGX_HTTP_VEDETTE_MIRROR_H_INCLUDED_
#define _NGX_HTTP_VEDETTE_MIRROR_H_INCLUDED_


#include "ngx_http_vedette_module.h"


#define NGX_HTTP_VEDETTE_MIRROR_HEAD      8192


/* the credentials for a key of ours */

typedef struct {
    ngx_str_node_t                   sn;
    ngx_str_t                        dsn;
    ngx_str_t                        key;
    ngx_str_t                        host;
    ngx_str_t                        path;
    ngx_str_t                        project;
} ngx_http_vedette_mirror_dsn_t;


typedef struct {
    ngx_queue_t                      queue;
    ngx_str_t                        head;
    u_char                          *body;      /* or it is in the file */
    ngx_fd_t                         fd;
    off_t                            offset;
    size_t                           size;
    size_t                           held;
    unsigned                         repeated:1;
} ngx_http_vedette_copy_t;


typedef struct {
    ngx_http_vedette_mirror_t       *mirror;
    ngx_connection_t                *connection;
    ngx_http_vedette_copy_t         *copy;
    size_t                           sent;
    u_char                          *chunk;
    size_t                           chunk_pos;
    size_t                           chunk_len;
    size_t                           in_len;
    off_t                            rest;      /* of the answer's body */
    ngx_uint_t                       status;
    unsigned                         connected:1;
    unsigned                         reused:1;
    unsigned                         answered:1;
    unsigned                         keep:1;
    u_char                           in[NGX_HTTP_VEDETTE_MIRROR_HEAD];
} ngx_http_vedette_mirror_conn_t;


struct ngx_http_vedette_mirror_s {
    /* configuration */
    ngx_str_t                        name;
    ngx_addr_t                      *addrs;
    ngx_uint_t                       naddrs;
    ngx_uint_t                       connections;
    size_t                           buffer;
    ngx_msec_t                       timeout;
    ngx_http_vedette_zone_t         *zone;

    /* the state of this worker */
    ngx_http_vedette_mirror_conn_t  *conns;
    ngx_queue_t                      waiting;
    size_t                           held;      /* bytes that wait */
    ngx_uint_t                       next;
    ngx_uint_t                       failures;
    ngx_event_t                      retry;
    time_t                           logged;
    unsigned                         started:1;
};


/* _mirror.c */

void ngx_http_vedette_mirror_count(ngx_http_vedette_mirror_t *mirror,
    ngx_uint_t end);


/* _copy.c */

ngx_int_t ngx_http_vedette_copy_head(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_mirror_dsn_t *dsn, ngx_http_vedette_copy_t *copy,
    ngx_uint_t anew);
ngx_uint_t ngx_http_vedette_copy_printable(ngx_str_t *s);
ngx_int_t ngx_http_vedette_copy_body(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_copy_t *copy, size_t room);
ngx_int_t ngx_http_vedette_copy_anew(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_mirror_dsn_t *dsn, ngx_http_vedette_copy_t *copy,
    size_t room);
void ngx_http_vedette_copy_free(ngx_http_vedette_mirror_t *mirror,
    ngx_http_vedette_copy_t *copy);


/* _mirror_client.c */

void ngx_http_vedette_mirror_pump(ngx_http_vedette_mirror_t *mirror);
void ngx_http_vedette_mirror_retry(ngx_event_t *ev);
void ngx_http_vedette_mirror_close(ngx_http_vedette_mirror_conn_t *conn);
void ngx_http_vedette_mirror_drop(ngx_http_vedette_mirror_t *mirror);


#endif /* _NGX_HTTP_VEDETTE_MIRROR_H_INCLUDED_ */
