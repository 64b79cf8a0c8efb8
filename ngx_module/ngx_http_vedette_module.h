
/*
 * The shared declarations of the nginx module of Vedette.
 *
 * A request passes through the files in this order:
 *
 *     _module    reads the body, drives the steps below
 *     _route     which endpoint, which headers
 *     _dsn       who sends: credentials
 *     _key       the key's record (cached), its project, the origin
 *     _envelope  what is sent: framing, sizes, event id; other bodies: _store,
 *                _report, _minidump (readers: _decode, _json, _multipart,
 *                _msgpack)
 *     _limit     may it: quotas
 *     _enqueue   make it durable: XADD, with others of the same turn
 *                (_several), a large body apart (_body), a text packed (_lz4),
 *                or the spool of this node (_spool)
 *     _reply     the answer
 *     _mirror    a copy for another server (_copy, _mirror_client)
 *
 * beside which stands _live (browsers that wait for news), and under which lie
 * _redis (connections) and _zone (shared memory), which _state keeps across
 * restarts.
 */

#ifndef _NGX_HTTP_VEDETTE_MODULE_H_INCLUDED_
#define _NGX_HTTP_VEDETTE_MODULE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_http.h>

#include <hiredis/hiredis.h>
#include <hiredis/async.h>
#include <hiredis/sds.h>

#include "../fcgi_app/queue/message.h"


#define NGX_HTTP_VEDETTE_VERSION        "0.1.0"

#define NGX_HTTP_VEDETTE_KEY_LEN        32
#define NGX_HTTP_VEDETTE_ID_LEN         32
#define NGX_HTTP_VEDETTE_MAX_SERVERS    16
#define NGX_HTTP_VEDETTE_MAX_LIMITS     32

/* of VEDETTE_KEYS_VERSION, before the first answer */
#define NGX_HTTP_VEDETTE_NO_VERSION     0xffffffffffffffffULL

/* an announced limit never exceeds this, nor does a refusal of everything */
#define NGX_HTTP_VEDETTE_MAX_RETRY      300
#define NGX_HTTP_VEDETTE_REJECT_RETRY   60


/* the data categories of the protocol; the order is that of the name table */

enum {
    NGX_HTTP_VEDETTE_CAT_DEFAULT = 0,
    NGX_HTTP_VEDETTE_CAT_ERROR,
    NGX_HTTP_VEDETTE_CAT_TRANSACTION,
    NGX_HTTP_VEDETTE_CAT_SECURITY,
    NGX_HTTP_VEDETTE_CAT_ATTACHMENT,
    NGX_HTTP_VEDETTE_CAT_ATTACHMENT_ITEM,
    NGX_HTTP_VEDETTE_CAT_SESSION,
    NGX_HTTP_VEDETTE_CAT_PROFILE,
    NGX_HTTP_VEDETTE_CAT_PROFILE_CHUNK,
    NGX_HTTP_VEDETTE_CAT_PROFILE_CHUNK_UI,
    NGX_HTTP_VEDETTE_CAT_REPLAY,
    NGX_HTTP_VEDETTE_CAT_MONITOR,
    NGX_HTTP_VEDETTE_CAT_SPAN,
    NGX_HTTP_VEDETTE_CAT_FEEDBACK,
    NGX_HTTP_VEDETTE_CAT_METRIC_BUCKET,
    NGX_HTTP_VEDETTE_CAT_LOG_ITEM,
    NGX_HTTP_VEDETTE_CAT_LOG_BYTE,
    NGX_HTTP_VEDETTE_CAT_TRACE_METRIC,
    NGX_HTTP_VEDETTE_CAT_N
};

/* no category: never limited, no outcome */
#define NGX_HTTP_VEDETTE_CAT_NONE  NGX_HTTP_VEDETTE_CAT_N


#define ngx_http_vedette_starts(s, prefix)                                    \
    ((s)->len >= sizeof(prefix) - 1                                           \
     && ngx_strncasecmp((s)->data, (u_char *) prefix, sizeof(prefix) - 1) == 0)

#define ngx_http_vedette_is(s, text)                                          \
    ((s)->len == sizeof(text) - 1                                             \
     && ngx_memcmp((s)->data, text, sizeof(text) - 1) == 0)


/* what a request ends in; the order is that of the table in _reply.c */

typedef enum {
    NGX_HTTP_VEDETTE_ACCEPTED = 0,
    NGX_HTTP_VEDETTE_NOT_FOUND,
    NGX_HTTP_VEDETTE_BAD_METHOD,
    NGX_HTTP_VEDETTE_BAD_ENCODING,
    NGX_HTTP_VEDETTE_BAD_TYPE,
    NGX_HTTP_VEDETTE_BAD_PROJECT,
    NGX_HTTP_VEDETTE_BAD_EVENT_ID,
    NGX_HTTP_VEDETTE_NO_AUTH,
    NGX_HTTP_VEDETTE_MULTIPLE_AUTH,
    NGX_HTTP_VEDETTE_BAD_AUTH,
    NGX_HTTP_VEDETTE_BAD_ENVELOPE_AUTH,
    NGX_HTTP_VEDETTE_BAD_KEY,
    NGX_HTTP_VEDETTE_BAD_VERSION,
    NGX_HTTP_VEDETTE_EMPTY_BODY,
    NGX_HTTP_VEDETTE_BAD_BODY,
    NGX_HTTP_VEDETTE_BAD_JSON,
    NGX_HTTP_VEDETTE_BAD_ENVELOPE,
    NGX_HTTP_VEDETTE_BAD_MULTIPART,
    NGX_HTTP_VEDETTE_NO_MINIDUMP,
    NGX_HTTP_VEDETTE_BAD_MINIDUMP,
    NGX_HTTP_VEDETTE_BAD_CONTAINER,
    NGX_HTTP_VEDETTE_BAD_CHECK_IN,
    NGX_HTTP_VEDETTE_WRONG_PROJECT,
    NGX_HTTP_VEDETTE_WRONG_ORIGIN,
    NGX_HTTP_VEDETTE_TOO_LARGE,
    NGX_HTTP_VEDETTE_ITEM_TOO_LARGE,
    NGX_HTTP_VEDETTE_LIMITED,
    NGX_HTTP_VEDETTE_SPOOL_FULL,
    NGX_HTTP_VEDETTE_NO_QUEUE,
    NGX_HTTP_VEDETTE_NO_CONFIG,
    NGX_HTTP_VEDETTE_CLOSED,
    NGX_HTTP_VEDETTE_INTERNAL,
    NGX_HTTP_VEDETTE_VERDICTS
} ngx_http_vedette_verdict_e;


typedef enum {
    NGX_HTTP_VEDETTE_IDENTITY = 0,
    NGX_HTTP_VEDETTE_GZIP,
    NGX_HTTP_VEDETTE_DEFLATE,
    NGX_HTTP_VEDETTE_BR,
    NGX_HTTP_VEDETTE_ZSTD,
    NGX_HTTP_VEDETTE_UNKNOWN_CODING
} ngx_http_vedette_coding_e;


typedef struct ngx_http_vedette_ctx_s      ngx_http_vedette_ctx_t;
typedef struct ngx_http_vedette_redis_s    ngx_http_vedette_redis_t;
typedef struct ngx_http_vedette_job_s      ngx_http_vedette_job_t;
typedef struct ngx_http_vedette_lookup_s   ngx_http_vedette_lookup_t;
typedef struct ngx_http_vedette_durable_s  ngx_http_vedette_durable_t;
typedef struct ngx_http_vedette_spool_s    ngx_http_vedette_spool_t;
typedef struct ngx_http_vedette_feed_s     ngx_http_vedette_feed_t;
typedef struct ngx_http_vedette_state_s    ngx_http_vedette_state_t;
typedef struct ngx_http_vedette_mirror_s   ngx_http_vedette_mirror_t;
typedef struct ngx_http_vedette_apart_s    ngx_http_vedette_apart_t;
typedef struct ngx_http_vedette_several_s  ngx_http_vedette_several_t;


/*
 * Shared memory: one zone a node.  Everything in it is found by a string that
 * begins with the four bytes of the Redis server's id, because one nginx may
 * serve several installations.  _zone.c explains.
 */

typedef struct {
    uint32_t                      id;
    /* VEDETTE_KEYS_VERSION as last read; unknown until the first answer */
    uint64_t                      version;
    time_t                        version_at;
    /* VEDETTE_BRAKE_EDGE is there */
    ngx_uint_t                    closed;
    /* edge nodes that have shown a sign of life lately, this one included */
    ngx_uint_t                    nodes;
    /* one worker sends the outcomes: the others leave it alone until then */
    ngx_msec_t                    flush_lease;
} ngx_http_vedette_server_t;


/* an event that was refused whole, by its id; _ended.c explains */

#define NGX_HTTP_VEDETTE_ENDED_RINGS   8
#define NGX_HTTP_VEDETTE_ENDED_PLACES  16
#define NGX_HTTP_VEDETTE_ENDED_REASON  40

typedef struct {
    uint64_t                      project;      /* 0: the place is free */
    uint64_t                      org;
    uint64_t                      key;
    uint64_t                      at;           /* microseconds */
    uint32_t                      redis;
    uint16_t                      status;
    u_char                        category;
    u_char                        limited;
    u_char                        reason_len;
    u_char                        reason[NGX_HTTP_VEDETTE_ENDED_REASON];
    u_char                        event_id[NGX_HTTP_VEDETTE_ID_LEN];
} ngx_http_vedette_ended_t;

typedef struct {
    ngx_uint_t                    next;
    ngx_http_vedette_ended_t      places[NGX_HTTP_VEDETTE_ENDED_PLACES];
} ngx_http_vedette_ended_ring_t;


/* what becomes of a copy; the order is that of the names in _status.c */

enum {
    NGX_HTTP_VEDETTE_MIRROR_SENT = 0,
    NGX_HTTP_VEDETTE_MIRROR_REFUSED,
    NGX_HTTP_VEDETTE_MIRROR_FAILED,
    NGX_HTTP_VEDETTE_MIRROR_DROPPED,
    NGX_HTTP_VEDETTE_MIRROR_UNMAPPED,
    NGX_HTTP_VEDETTE_MIRROR_ENDS
};


/* how long it took until events were durable, by the way they went */

#define NGX_HTTP_VEDETTE_WAYS  2        /* redis, spool */

typedef struct {
    ngx_atomic_t                  buckets[12];
    ngx_atomic_t                  sum;          /* microseconds */
} ngx_http_vedette_latency_t;


/* the counters as they were, to tell what came since */

typedef struct {
    time_t                        at;           /* 0: never looked */
    ngx_atomic_uint_t             requests;
    ngx_atomic_uint_t             accepted;
    ngx_atomic_uint_t             limited;
    ngx_atomic_uint_t             buckets[12];  /* of all ways */
} ngx_http_vedette_seen_t;


/* a table of strings; an entry is the beginning of what is kept under it */

typedef struct ngx_http_vedette_entry_s  ngx_http_vedette_entry_t;

struct ngx_http_vedette_entry_s {
    ngx_http_vedette_entry_t     *next;
    ngx_str_t                     name;
    uint32_t                      hash;
};

typedef struct {
    ngx_http_vedette_entry_t    **buckets;
    uint32_t                      mask;
} ngx_http_vedette_table_t;


typedef struct {
    /* of this structure: an upgraded module may meet an older one's memory */
    uint64_t                      layout;

    ngx_http_vedette_table_t      keys;
    ngx_queue_t                   known;
    ngx_queue_t                   unknown;

    ngx_http_vedette_table_t      quotas;
    ngx_queue_t                   used;

    ngx_http_vedette_table_t      outcomes;
    ngx_queue_t                   pending;

    /* changes of what is known, and how many of them are in the file */
    ngx_uint_t                    keys_changed;
    ngx_uint_t                    keys_saved;
    time_t                        state_lease;
    ngx_uint_t                    state_read;   /* unsigned  state_read:1 */

    ngx_uint_t                    nknown;
    ngx_uint_t                    nunknown;
    ngx_uint_t                    nquotas;
    ngx_uint_t                    noutcomes;

    ngx_uint_t                    nended;
    ngx_http_vedette_ended_ring_t ended[NGX_HTTP_VEDETTE_ENDED_RINGS];

    ngx_uint_t                    nservers;
    ngx_http_vedette_server_t     servers[NGX_HTTP_VEDETTE_MAX_SERVERS];

    ngx_atomic_t                  requests;
    ngx_atomic_t                  verdicts[NGX_HTTP_VEDETTE_VERDICTS];
    ngx_atomic_t                  dropped_items;
    ngx_atomic_t                  evicted;
    ngx_atomic_t                  outcomes_lost;
    ngx_atomic_t                  ended_lost;
    ngx_atomic_t                  lookups;
    ngx_atomic_t                  late_replies;

    ngx_http_vedette_latency_t    latency[NGX_HTTP_VEDETTE_WAYS];
    ngx_http_vedette_seen_t       seen[2];      /* lately, and before */

    ngx_atomic_t                  spooled;
    ngx_atomic_t                  spool_full;
    ngx_atomic_t                  spool_faults;
    ngx_atomic_t                  spool_used;

    /* copies, by what became of them */
    ngx_atomic_t                  mirror[NGX_HTTP_VEDETTE_MIRROR_ENDS];
} ngx_http_vedette_shctx_t;


typedef struct {
    ngx_http_vedette_shctx_t     *sh;
    ngx_slab_pool_t              *shpool;
} ngx_http_vedette_zone_t;


/*
 * A line of a key's limits (message.h, 3), read once when the record is.
 */

typedef struct {
    u_char                        id[40];
    u_char                        reason[40];
    u_char                        scope[16];
    u_char                        id_len;
    u_char                        reason_len;
    u_char                        scope_len;
    /* bit n: category n; all bits: any category */
    uint32_t                      categories;
    uint32_t                      window;
    uint64_t                      limit;
} ngx_http_vedette_limit_t;

#define NGX_HTTP_VEDETTE_ANY_CATEGORY  0xffffffff

/* the text of a limit's line, names of all categories included */
#define NGX_HTTP_VEDETTE_LIMIT_TEXT    512

#define NGX_HTTP_VEDETTE_MAX_ORIGINS   8192


/*
 * A key's record.  It travels as one block of "size" bytes: this head, the
 * limits, the text of the origins; ngx_http_vedette_key_fix() sets the two
 * pointers after the block was copied.
 */

typedef struct {
    size_t                        size;
    uint64_t                      org;
    uint64_t                      project;
    uint64_t                      id;
    ngx_http_vedette_limit_t     *limits;
    ngx_uint_t                    nlimits;
    ngx_str_t                     origins;
    unsigned                      enabled:1;
    unsigned                      any_origin:1;
} ngx_http_vedette_key_t;


/* the id of the server and the public key */
#define NGX_HTTP_VEDETTE_KEY_NAME                                             \
    (sizeof(uint32_t) + NGX_HTTP_VEDETTE_KEY_LEN)


/* a copy of what the zone knows; the record follows, then the next one */

typedef struct {
    u_char                        name[NGX_HTTP_VEDETTE_KEY_NAME];
} ngx_http_vedette_known_t;

#define NGX_HTTP_VEDETTE_KNOWN_HEAD                                           \
    ngx_align(sizeof(ngx_http_vedette_known_t), NGX_ALIGNMENT)


/*
 * Redis.  A command is a job: its handler is called once, with the reply or
 * with NULL when there will be none (connection lost, or time is up); the
 * reply belongs to hiredis and is gone after the handler.  The job itself is
 * freed by the callee when the handler returns.
 */

typedef void (*ngx_http_vedette_job_pt)(void *data, redisReply *reply);


/*
 * What continues the last argument of a command: its head is copied, its body
 * if it is small.  The answer: where the body is written from, which is valid
 * as long as the job is; NULL: it has been copied.
 */

typedef struct {
    ngx_str_t                     head;
    ngx_chain_t                  *body;
    size_t                        size;         /* of the body */
    struct ngx_http_vedette_write_body_s  *written;
} ngx_http_vedette_part_t;


/* what goes out over a connection, see _write.c */

typedef struct ngx_http_vedette_write_body_s {
    ngx_queue_t                   queue;
    size_t                        place;
    ngx_str_t                     part[2];
    u_char                       *copy;
    unsigned                      queued:1;
} ngx_http_vedette_write_body_t;


typedef struct {
    ngx_queue_t                   bodies;
    size_t                        sent;         /* of the buffer */
    size_t                        unsent;       /* of the bodies */
} ngx_http_vedette_write_t;


typedef struct {
    ngx_http_vedette_redis_t     *redis;
    redisAsyncContext            *ac;
    ngx_http_vedette_write_t      write;
    ngx_connection_t             *connection;
    /* jobs whose time is not up yet, oldest first: one timeout serves all */
    ngx_queue_t                   jobs;
    size_t                        unanswered;   /* bytes of all commands */
    ngx_uint_t                    nlate;
    ngx_uint_t                    nwaited;
    ngx_event_t                   timer;
    /* since when an expired job waits for its late reply */
    ngx_msec_t                    stalled_at;
    unsigned                      connected:1;
    unsigned                      ready:1;
    unsigned                      stalled:1;
} ngx_http_vedette_conn_t;


struct ngx_http_vedette_redis_s {
    /* configuration */
    ngx_str_t                     name;
    ngx_str_t                     host;         /* with a final '\0' */
    in_port_t                     port;
    ngx_str_t                     user;
    ngx_str_t                     password;
    ngx_str_t                     database;
    ngx_uint_t                    connections;
    ngx_msec_t                    timeout;
    uint32_t                      id;
    ngx_uint_t                    slot;         /* in sh->servers */
    ngx_http_vedette_zone_t      *zone;
    unsigned                      unix_socket:1;
    /* what it does not take in time goes to a spool */
    unsigned                      spooled:1;
    /* its acknowledgement has to mean fsync */
    unsigned                      strict:1;

    /* the state of this worker */
    unsigned                      started:1;
    unsigned                      down:1;
    /* it says that it may lose what it has acknowledged */
    unsigned                      lax:2;
    ngx_http_vedette_conn_t      *conns;
    ngx_uint_t                    nready;
    ngx_uint_t                    next;
    ngx_msec_t                    grow_at;
    ngx_uint_t                    failures;
    time_t                        down_at;
    time_t                        logged;
    ngx_event_t                   reconnect;
    ngx_event_t                   tick;
    ngx_uint_t                    ticks;
    ngx_http_vedette_job_t       *poll;
    ngx_uint_t                    nback;
    ngx_rbtree_t                  lookups;
    ngx_rbtree_node_t             lookups_sentinel;
    struct ngx_http_vedette_flush_s  *flush;
    ngx_http_vedette_feed_t      *feed;         /* of _live.c */
    time_t                        started_at;
    /* of _several.c: what this turn has gathered, the last one is open */
    ngx_queue_t                   gathered;
    ngx_event_t                   turn;
};


/*
 * The servers of one installation, as "vedette_redis" names them.  Each has the
 * records of all keys; events go to one by their key, the counters of an
 * organisation live on one.  All else is the first one's: it gives its name to
 * what the zone knows, gets outcomes and tells live pages.
 */

typedef struct {
    ngx_http_vedette_redis_t    **servers;
    ngx_uint_t                    n;
} ngx_http_vedette_fleet_t;


typedef struct {
    ngx_array_t                   servers;      /* ngx_http_vedette_redis_t * */
    ngx_array_t                   spools;       /* ngx_http_vedette_spool_t * */
    ngx_shm_zone_t               *shm_zone;
    size_t                        zone_size;
    ngx_http_vedette_state_t     *state;
    ngx_array_t                   mirrors;      /* _mirror_t * */
    ngx_rbtree_t                  mirror_dsns;
    ngx_rbtree_node_t             mirror_dsns_sentinel;
} ngx_http_vedette_main_conf_t;


typedef struct {
    ngx_flag_t                    enable;
    ngx_http_vedette_fleet_t     *fleet;
    ngx_http_vedette_redis_t     *redis;        /* the first of the fleet */
    ngx_http_vedette_spool_t     *spool;
    ngx_uint_t                    durability;
    size_t                        max_envelope;
    size_t                        max_event;
    size_t                        max_attachment;
    ngx_uint_t                    live;         /* clients a worker holds */
    ngx_uint_t                    status_format;
    ngx_http_vedette_mirror_t    *mirror;
} ngx_http_vedette_loc_conf_t;


/*
 * What the skim has found in a body.  An item of a known type is remembered
 * by its position; their number is bounded by the limits of the types.
 */

typedef struct {
    ngx_uint_t                    position;
    ngx_uint_t                    type;         /* row of the item types */
    uint64_t                      begin;        /* of an envelope, decoded: */
    uint64_t                      end;          /* header and payload */
    uint64_t                      size;
    uint32_t                      count;        /* item_count of a container */
    unsigned                      dropped:1;
    /* makes an event by itself (minidump and the like) */
    unsigned                      event:1;
} ngx_http_vedette_item_t;


typedef struct {
    ngx_str_t                     name;
    ngx_uint_t                    category;
    /* a second category with its own quantity, or _CAT_NONE */
    ngx_uint_t                    second;
    /* counts and sizes are summed up for all types of a family */
    ngx_uint_t                    family;
    ngx_uint_t                    flags;
} ngx_http_vedette_item_type_t;

/* needs an event id; is the event; goes with its event; counts in bytes */
#define NGX_HTTP_VEDETTE_ITEM_NEEDS_ID   0x0001
#define NGX_HTTP_VEDETTE_ITEM_EVENT      0x0002
#define NGX_HTTP_VEDETTE_ITEM_DEPENDENT  0x0004
#define NGX_HTTP_VEDETTE_ITEM_BYTES      0x0008
#define NGX_HTTP_VEDETTE_ITEM_COUNTED    0x0010
#define NGX_HTTP_VEDETTE_ITEM_HAS_ID     0x0020
#define NGX_HTTP_VEDETTE_ITEM_RESERVED   0x0040

extern ngx_http_vedette_item_type_t  ngx_http_vedette_item_types[];


/* how success looks */

typedef enum {
    NGX_HTTP_VEDETTE_ANSWER_ID = 0,     /* 200 {"id":"..."} or {} */
    NGX_HTTP_VEDETTE_ANSWER_EMPTY,      /* 200 */
    NGX_HTTP_VEDETTE_ANSWER_CREATED,    /* 201 */
    NGX_HTTP_VEDETTE_ANSWER_ACCEPTED,   /* 202 */
    NGX_HTTP_VEDETTE_ANSWER_UUID,       /* 200, the id with dashes, as text */
    NGX_HTTP_VEDETTE_ANSWER_PIXEL       /* 200, a picture */
} ngx_http_vedette_answer_e;


typedef ngx_int_t (*ngx_http_vedette_step_pt)(ngx_http_vedette_ctx_t *ctx);


typedef struct {
    ngx_str_t                     name;
    ngx_str_t                     path;
    ngx_uint_t                    methods;
    ngx_uint_t                    flags;
    ngx_http_vedette_answer_e     answer;
    ngx_http_vedette_step_pt      skim;
    ngx_str_t                     item;
    ngx_str_t                    *types;
    size_t                        max;
} ngx_http_vedette_endpoint_t;

/* credentials may stand in the body */
#define NGX_HTTP_VEDETTE_EP_BODY_DSN     0x0001
/* an envelope's content type makes it one */
#define NGX_HTTP_VEDETTE_EP_STORE        0x0002
/* the project is that of the key */
#define NGX_HTTP_VEDETTE_EP_NO_PROJECT   0x0004
/* the body is sentry_data of the query */
#define NGX_HTTP_VEDETTE_EP_QUERY_BODY   0x0008
/* a body need not be there */
#define NGX_HTTP_VEDETTE_EP_BODILESS     0x0010
/* clients try again for ever: never 429, what is limited seems accepted */
#define NGX_HTTP_VEDETTE_EP_SWALLOW      0x0020
/* as large as an attachment */
#define NGX_HTTP_VEDETTE_EP_LARGE        0x0040
/* the parameter of the path is the event's id */
#define NGX_HTTP_VEDETTE_EP_ID_IN_PATH   0x0080
#define NGX_HTTP_VEDETTE_EP_HEALTH       0x0100
#define NGX_HTTP_VEDETTE_EP_READY        0x0200


/* a quota's verdict for this request, for the answer's header */

typedef struct {
    ngx_http_vedette_limit_t     *limit;
    ngx_uint_t                    retry;
} ngx_http_vedette_refusal_t;


/* who waits for the spool; the handler gets NGX_OK, NGX_DECLINED, NGX_ERROR */

typedef void (*ngx_http_vedette_waiter_pt)(void *data, ngx_int_t rc);


typedef struct {
    ngx_queue_t                   queue;
    ngx_uint_t                    index;        /* of the record in its batch */
    struct ngx_http_vedette_large_s  *large;    /* or one of its own */
    ngx_http_vedette_waiter_pt    handler;
    void                         *data;
    unsigned                      queued:1;
} ngx_http_vedette_waiter_t;


/* what the spool takes: words of the stream entry, the last one is the body */

typedef struct {
    ngx_str_t                    *args;
    ngx_uint_t                    nargs;
    ngx_chain_t                  *body;
    uint64_t                      project;
    uint64_t                      received;     /* microseconds */
    u_char                        event_id[16];
} ngx_http_vedette_record_t;


/* what lies in the folders of spools */

typedef struct {
    off_t                         bytes;
    ngx_uint_t                    segments;
    time_t                        age;          /* of the oldest, seconds */
} ngx_http_vedette_spool_state_t;


/* a request's part in an entry, see _several.c */

/* for the length of what may be shared, and ':' */
#define NGX_HTTP_VEDETTE_SHARE_ROOM  8

typedef struct {
    ngx_queue_t                   queue;
    ngx_http_vedette_several_t   *several;      /* NULL: it has none */
    ngx_str_t                     text;         /* the value, up to the body */
    ngx_chain_t                  *body;
    size_t                        size;         /* of the body */
    ngx_http_vedette_write_body_t  *written;
    ngx_http_vedette_job_pt       handler;
    void                         *data;
} ngx_http_vedette_share_t;


struct ngx_http_vedette_ctx_s {
    ngx_http_request_t           *request;
    ngx_http_vedette_loc_conf_t  *conf;
    ngx_http_vedette_endpoint_t  *endpoint;
    ngx_uint_t                    methods;      /* that the path knows */
    ngx_str_t                     param;        /* of the path */
    ngx_chain_t                  *body;         /* what is queued */

    ngx_http_vedette_verdict_e    verdict;
    /* instead of the verdict's own text; the cause stands beside it */
    ngx_str_t                     detail;
    ngx_str_t                     cause;

    ngx_str_t                     project_text;
    uint64_t                      project;
    ngx_http_vedette_coding_e     coding;

    /* headers, looked up once */
    ngx_str_t                     x_sentry_auth;
    ngx_str_t                     content_encoding;
    ngx_str_t                     origin;
    ngx_str_t                     passed;       /* for VEDETTE_F_HEADERS */

    /* credentials */
    ngx_str_t                     public_key;
    ngx_str_t                     client;
    ngx_http_vedette_key_t       *key;

    /* the skim */
    ngx_array_t                  *items;        /* ngx_http_vedette_item_t */
    ngx_str_t                     header_dsn;
    ngx_str_t                     too_large;    /* type of the item */
    u_char                        event_id[NGX_HTTP_VEDETTE_ID_LEN];

    ngx_array_t                  *refusals;     /* ngx_http_vedette_refusal_t */
    void                         *limits;       /* state of _limit.c */
    ngx_http_vedette_apart_t     *apart;        /* state of _body.c */

    /* what we wait for */
    ngx_uint_t                    step;
    ngx_http_vedette_redis_t     *server;       /* that takes the event */
    ngx_http_vedette_job_t       *job;
    ngx_http_vedette_share_t      share;
    ngx_http_vedette_lookup_t    *lookup;
    ngx_queue_t                   waiting;      /* in lookup->waiters */
    ngx_http_vedette_waiter_t     spooled;

    uint64_t                      queued_at;    /* microseconds, monotonic */
    uint64_t                      queue_time;   /* 0: it did not get there */

    unsigned                      by_spool:1;
    unsigned                      has_id:1;
    unsigned                      id_made:1;    /* the sender has none */
    unsigned                      id_from_header:1;
    unsigned                      needs_id:1;
    unsigned                      skimmed:1;
    unsigned                      nothing:1;    /* nothing to keep */
    unsigned                      body_read:1;
    unsigned                      admitted:1;
    unsigned                      done:1;
};


/* _module.c */

void ngx_http_vedette_resume(ngx_http_vedette_ctx_t *ctx);
void ngx_http_vedette_finalize(ngx_http_vedette_ctx_t *ctx, ngx_int_t rc);
uint64_t ngx_http_vedette_now(void);
ngx_int_t ngx_http_vedette_refuse(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_verdict_e verdict, char *cause);

extern ngx_module_t  ngx_http_vedette_module;


/* _zone.c */

ngx_int_t ngx_http_vedette_init_zone(ngx_shm_zone_t *shm_zone, void *data);
ngx_int_t ngx_http_vedette_zone_server(ngx_http_vedette_zone_t *zone,
    ngx_http_vedette_redis_t *redis);
void *ngx_http_vedette_zone_alloc(ngx_http_vedette_zone_t *zone, size_t size);
void *ngx_http_vedette_table_find(ngx_http_vedette_table_t *table,
    ngx_str_t *name);
void ngx_http_vedette_table_add(ngx_http_vedette_table_t *table,
    ngx_http_vedette_entry_t *entry, ngx_str_t *name, u_char *data);
void ngx_http_vedette_table_remove(ngx_http_vedette_table_t *table,
    ngx_http_vedette_entry_t *entry);
void ngx_http_vedette_zone_name(ngx_str_t *name, u_char *buf,
    ngx_http_vedette_redis_t *redis, u_char *data, size_t len);

#define NGX_HTTP_VEDETTE_ZONE_NAME  256

void ngx_http_vedette_outcome(ngx_http_vedette_ctx_t *ctx, char *outcome,
    ngx_uint_t category, uint64_t quantity, u_char *reason, size_t len);
void ngx_http_vedette_outcomes_send(ngx_http_vedette_redis_t *redis);
void ngx_http_vedette_outcomes_last(ngx_http_vedette_redis_t *redis,
    redisContext *c);


/* _ended.c */

ngx_uint_t ngx_http_vedette_ended_wants(ngx_http_vedette_ctx_t *ctx);
void ngx_http_vedette_ended_look(ngx_http_vedette_ctx_t *ctx);
void ngx_http_vedette_ended(ngx_http_vedette_ctx_t *ctx, ngx_uint_t status,
    ngx_str_t *reason);
void ngx_http_vedette_ended_send(ngx_http_vedette_redis_t *redis);
void ngx_http_vedette_ended_last(ngx_http_vedette_redis_t *redis,
    redisContext *c);


/* _redis.c */

char *ngx_http_vedette_redis_parse(ngx_conf_t *cf, ngx_str_t *address,
    ngx_uint_t first, ngx_http_vedette_redis_t *redis);
ngx_int_t ngx_http_vedette_redis_start(ngx_http_vedette_redis_t *redis,
    ngx_cycle_t *cycle);
void ngx_http_vedette_redis_stop(ngx_http_vedette_redis_t *redis);
ngx_http_vedette_job_t *ngx_http_vedette_redis_send(
    ngx_http_vedette_redis_t *redis, ngx_str_t *args, ngx_uint_t n,
    ngx_chain_t *body, ngx_http_vedette_job_pt handler, void *data);
ngx_http_vedette_job_t *ngx_http_vedette_redis_send_parts(
    ngx_http_vedette_redis_t *redis, ngx_str_t *args, ngx_uint_t n,
    ngx_http_vedette_part_t *parts, ngx_uint_t nparts,
    ngx_http_vedette_job_pt handler, void *data);
ngx_uint_t ngx_http_vedette_redis_usable(ngx_http_vedette_redis_t *redis);
void ngx_http_vedette_redis_keep(ngx_http_vedette_job_t *job,
    ngx_http_vedette_write_body_t *body);
void ngx_http_vedette_redis_cancel(ngx_http_vedette_job_t *job);
void ngx_http_vedette_redis_background(ngx_http_vedette_job_t *job);
ngx_int_t ngx_http_vedette_copy_chain(ngx_chain_t *chain, u_char *p);
u_char *ngx_http_vedette_digits(u_char *p, uint64_t n);

/* the same for what is mostly small */

static ngx_inline u_char *
ngx_http_vedette_length(u_char *p, size_t n)
{
    if (n < 10) {
        *p++ = (u_char) ('0' + n);
        return p;
    }

    if (n < 100) {
        *p++ = (u_char) ('0' + n / 10);
        *p++ = (u_char) ('0' + n % 10);
        return p;
    }

    return ngx_http_vedette_digits(p, n);
}


/* _hiredis.c */

void ngx_http_vedette_hiredis_init(redisAsyncContext *ac);
ngx_int_t ngx_http_vedette_hiredis_expect(redisAsyncContext *ac,
    redisCallbackFn *fn, void *data);
void ngx_http_vedette_hiredis_read(redisAsyncContext *ac);


/* _write.c */

void ngx_http_vedette_write_init(ngx_http_vedette_write_t *w);
ngx_int_t ngx_http_vedette_write_body(ngx_http_vedette_write_body_t *body,
    ngx_chain_t *chain, size_t len);
void ngx_http_vedette_write_queue(ngx_http_vedette_write_t *w,
    ngx_http_vedette_write_body_t *body);
ngx_int_t ngx_http_vedette_write_keep(ngx_http_vedette_write_body_t *body);
void ngx_http_vedette_write_drop(ngx_http_vedette_write_body_t *body);
ngx_int_t ngx_http_vedette_write_flush(ngx_http_vedette_write_t *w,
    ngx_fd_t fd, sds *buf);


/* _route.c */

ngx_int_t ngx_http_vedette_route(ngx_http_vedette_ctx_t *ctx);
ngx_int_t ngx_http_vedette_headers(ngx_http_vedette_ctx_t *ctx);


/* _dsn.c */

ngx_int_t ngx_http_vedette_credentials(ngx_http_vedette_ctx_t *ctx);
ngx_int_t ngx_http_vedette_header_dsn(ngx_http_vedette_ctx_t *ctx);
ngx_int_t ngx_http_vedette_public_key(ngx_http_vedette_ctx_t *ctx);


/* _key.c */

ngx_int_t ngx_http_vedette_key(ngx_http_vedette_ctx_t *ctx);
ngx_int_t ngx_http_vedette_admit(ngx_http_vedette_ctx_t *ctx);
void ngx_http_vedette_key_fix(ngx_http_vedette_key_t *key);
ngx_http_vedette_key_t *ngx_http_vedette_key_make(off_t *ids, ngx_str_t *state,
    ngx_str_t *origins, ngx_str_t *limits);
void ngx_http_vedette_key_store(ngx_http_vedette_zone_t *zone, ngx_str_t *name,
    ngx_http_vedette_key_t *key, uint64_t version, time_t read);
ngx_http_vedette_known_t *ngx_http_vedette_key_known(
    ngx_http_vedette_zone_t *zone, size_t *size);
void ngx_http_vedette_key_forget(ngx_http_vedette_zone_t *zone, ngx_queue_t *q);
void ngx_http_vedette_lookup_leave(ngx_http_vedette_ctx_t *ctx);


/* _limit.c */

ngx_int_t ngx_http_vedette_limit(ngx_http_vedette_ctx_t *ctx);
ngx_int_t ngx_http_vedette_limit_full(ngx_http_vedette_ctx_t *ctx);
ngx_int_t ngx_http_vedette_limit_parse(ngx_http_vedette_limit_t *limit,
    u_char *p, u_char *last);
u_char *ngx_http_vedette_category_list(u_char *p, uint32_t categories);
void ngx_http_vedette_quota_forget(ngx_http_vedette_zone_t *zone,
    ngx_queue_t *q);

extern ngx_str_t  ngx_http_vedette_categories[];


/* _json.c: a push reader, one byte after the other in constant memory */

typedef enum {
    NGX_HTTP_VEDETTE_JSON_STRING = 0,
    NGX_HTTP_VEDETTE_JSON_NUMBER,
    NGX_HTTP_VEDETTE_JSON_LITERAL,
    NGX_HTTP_VEDETTE_JSON_OBJECT,
    NGX_HTTP_VEDETTE_JSON_ARRAY
} ngx_http_vedette_json_type_e;

/* a member of the outermost object; value is unescaped and may be cut */
typedef ngx_int_t (*ngx_http_vedette_json_pt)(void *data, ngx_str_t *name,
    ngx_http_vedette_json_type_e type, ngx_str_t *value);

#define NGX_HTTP_VEDETTE_JSON_DEPTH  512
#define NGX_HTTP_VEDETTE_JSON_NAME   24
#define NGX_HTTP_VEDETTE_JSON_VALUE  512

typedef struct {
    ngx_http_vedette_json_pt      handler;
    void                         *data;
    ngx_uint_t                    state;
    ngx_uint_t                    depth;
    /* bit n: level n is an object */
    u_char                        levels[NGX_HTTP_VEDETTE_JSON_DEPTH / 8];
    size_t                        name_len;
    size_t                        value_len;
    ngx_http_vedette_json_type_e  type;
    uint32_t                      unicode;
    u_char                        digits;
    unsigned                      in_name:1;
    unsigned                      capture:1;
    char                         *error;
    u_char                        name[NGX_HTTP_VEDETTE_JSON_NAME];
    u_char                        value[NGX_HTTP_VEDETTE_JSON_VALUE];
} ngx_http_vedette_json_t;

void ngx_http_vedette_json_init(ngx_http_vedette_json_t *json,
    ngx_http_vedette_json_pt handler, void *data);
ngx_int_t ngx_http_vedette_json_feed(ngx_http_vedette_json_t *json,
    u_char **pos, u_char *last);
ngx_uint_t ngx_http_vedette_json_begun(ngx_http_vedette_json_t *json);


/* _decode.c */

typedef ngx_int_t (*ngx_http_vedette_sink_pt)(void *data, u_char *p,
    u_char *last);

typedef struct {
    ngx_http_vedette_sink_pt      sink;
    void                         *data;
    /* decoded bytes that may still come */
    uint64_t                      rest;
    /* a coding inside of a coding */
    unsigned                      inner:1;
} ngx_http_vedette_decode_t;

ngx_int_t ngx_http_vedette_decode(ngx_chain_t *body,
    ngx_http_vedette_coding_e coding, ngx_http_vedette_decode_t *d);

/* for what is packed inside of a body: open with its beginning, feed, done */

ngx_int_t ngx_http_vedette_gzip_open(ngx_http_vedette_decode_t *d, u_char *p,
    size_t len);
ngx_int_t ngx_http_vedette_inflate_open(ngx_http_vedette_decode_t *d,
    u_char *p, size_t len);
ngx_int_t ngx_http_vedette_inflate_feed(ngx_http_vedette_decode_t *d,
    u_char *p, u_char *last);
ngx_int_t ngx_http_vedette_inflate_done(ngx_http_vedette_decode_t *d);
ngx_int_t ngx_http_vedette_zstd_open(ngx_http_vedette_decode_t *d, u_char *p,
    size_t len);
ngx_int_t ngx_http_vedette_zstd_feed(ngx_http_vedette_decode_t *d, u_char *p,
    u_char *last);
ngx_int_t ngx_http_vedette_zstd_done(ngx_http_vedette_decode_t *d);


/* _msgpack.c: looks for a string member of the outermost map */

#define NGX_HTTP_VEDETTE_MSGPACK_DEPTH  32

typedef struct {
    ngx_str_t                     wanted;
    ngx_uint_t                    state;
    ngx_uint_t                    depth;
    /* values that are still to come on each level */
    uint64_t                      left[NGX_HTTP_VEDETTE_MSGPACK_DEPTH];
    uint64_t                      length;
    uint64_t                      rest;
    u_char                        type;
    u_char                        digits;
    unsigned                      capture:1;
    unsigned                      named:1;
    unsigned                      found:1;
    unsigned                      done:1;
    size_t                        text_len;
    u_char                        text[64];
} ngx_http_vedette_msgpack_t;

void ngx_http_vedette_msgpack_init(ngx_http_vedette_msgpack_t *mp,
    char *wanted);
void ngx_http_vedette_msgpack_feed(ngx_http_vedette_msgpack_t *mp, u_char *p,
    u_char *last);


/* _multipart.c: set the handlers and their data, then init, feed, done */

#define NGX_HTTP_VEDETTE_MULTIPART_BOUNDARY  200
#define NGX_HTTP_VEDETTE_MULTIPART_LINE      4096

typedef struct {
    ngx_int_t                   (*begin)(void *data, ngx_str_t *name,
                                         ngx_uint_t file);
    ngx_int_t                   (*bytes)(void *data, u_char *p, u_char *last);
    ngx_int_t                   (*end)(void *data);
    void                         *data;
    ngx_uint_t                    state;
    ngx_uint_t                    parts;
    size_t                        delimiter_len;
    size_t                        matched;
    size_t                        line_len;
    ngx_str_t                     name;
    unsigned                      file:1;
    unsigned                      in_part:1;
    u_char                        delimiter[4
                                      + NGX_HTTP_VEDETTE_MULTIPART_BOUNDARY];
    u_char                        name_text[64];
    u_char                        line[NGX_HTTP_VEDETTE_MULTIPART_LINE];
} ngx_http_vedette_multipart_t;

ngx_int_t ngx_http_vedette_multipart_init(ngx_http_vedette_multipart_t *mp,
    ngx_str_t *content_type);
ngx_int_t ngx_http_vedette_multipart_feed(ngx_http_vedette_multipart_t *mp,
    u_char *p, u_char *last);
ngx_int_t ngx_http_vedette_multipart_done(ngx_http_vedette_multipart_t *mp);


/* _envelope.c, and the skims of other bodies */

ngx_int_t ngx_http_vedette_skim(ngx_http_vedette_ctx_t *ctx);
ngx_int_t ngx_http_vedette_skim_body(ngx_http_vedette_ctx_t *ctx, uint64_t max,
    ngx_http_vedette_sink_pt sink, void *data);
ngx_http_vedette_item_t *ngx_http_vedette_skim_item(
    ngx_http_vedette_ctx_t *ctx, ngx_str_t *type, ngx_uint_t position,
    uint64_t size);
ngx_uint_t ngx_http_vedette_item_category(ngx_str_t *name);
ngx_int_t ngx_http_vedette_skim_envelope(ngx_http_vedette_ctx_t *ctx);

ngx_int_t ngx_http_vedette_skim_store(ngx_http_vedette_ctx_t *ctx);
ngx_int_t ngx_http_vedette_bad_json(ngx_http_vedette_ctx_t *ctx, char *why);

ngx_int_t ngx_http_vedette_skim_report(ngx_http_vedette_ctx_t *ctx);
ngx_int_t ngx_http_vedette_skim_cron(ngx_http_vedette_ctx_t *ctx);

ngx_int_t ngx_http_vedette_skim_minidump(ngx_http_vedette_ctx_t *ctx);
ngx_int_t ngx_http_vedette_skim_attachments(ngx_http_vedette_ctx_t *ctx);


/* _enqueue.c */

ngx_int_t ngx_http_vedette_enqueue(ngx_http_vedette_ctx_t *ctx);
u_char *ngx_http_vedette_query(u_char *dst, ngx_str_t *args);
void ngx_http_vedette_not_taken(ngx_http_vedette_redis_t *redis,
    redisReply *reply);

/* vedette_durability */
#define NGX_HTTP_VEDETTE_BY_REDIS    0
#define NGX_HTTP_VEDETTE_BY_SPOOL    1
#define NGX_HTTP_VEDETTE_RELAXED     2


/* _several.c: what comes in one turn shares an entry */

void ngx_http_vedette_several_init(ngx_http_vedette_redis_t *redis,
    ngx_log_t *log);
ngx_int_t ngx_http_vedette_several_add(ngx_http_vedette_redis_t *redis,
    ngx_http_vedette_share_t *share);
void ngx_http_vedette_several_leave(ngx_http_vedette_share_t *share);


/* _body.c: a large body, which goes to Redis apart from its entry */

/* called once: NGX_OK, all of it is there; NGX_ERROR, it is not */
typedef void (*ngx_http_vedette_apart_pt)(ngx_http_vedette_ctx_t *ctx,
    ngx_int_t rc);

#define NGX_HTTP_VEDETTE_APART_WORDS  10

off_t ngx_http_vedette_body_size(ngx_chain_t *body);
ngx_int_t ngx_http_vedette_body_send(ngx_http_vedette_ctx_t *ctx, off_t size,
    ngx_http_vedette_apart_pt handler);
void ngx_http_vedette_body_end(ngx_http_vedette_ctx_t *ctx, ngx_str_t *args);
void ngx_http_vedette_body_drop(ngx_http_vedette_ctx_t *ctx);


/* _lz4.c */

ngx_chain_t *ngx_http_vedette_lz4(ngx_pool_t *pool, ngx_chain_t *body,
    size_t size);


/* _spool.c */

char *ngx_http_vedette_spool_parse(ngx_conf_t *cf, ngx_array_t *spools,
    ngx_http_vedette_spool_t **result);
ngx_int_t ngx_http_vedette_spool_start(ngx_http_vedette_spool_t *spool,
    ngx_cycle_t *cycle, ngx_http_vedette_zone_t *zone);
void ngx_http_vedette_spool_stop(ngx_http_vedette_spool_t *spool);
ngx_int_t ngx_http_vedette_spool_add(ngx_http_vedette_spool_t *spool,
    ngx_http_vedette_record_t *record, ngx_http_vedette_waiter_t *waiter);
void ngx_http_vedette_spool_cancel(ngx_http_vedette_waiter_t *waiter);
ngx_uint_t ngx_http_vedette_spool_ready(ngx_http_vedette_spool_t *spool);
void ngx_http_vedette_spool_look(ngx_http_vedette_spool_t *spool,
    ngx_http_vedette_spool_state_t *state);
ngx_str_t *ngx_http_vedette_spool_path(ngx_http_vedette_spool_t *spool);


/* _mirror.c */

char *ngx_http_vedette_mirror_parse(ngx_conf_t *cf, ngx_array_t *mirrors,
    ngx_http_vedette_mirror_t **result);
char *ngx_http_vedette_mirror_parse_dsn(ngx_conf_t *cf, ngx_rbtree_t *dsns);
ngx_int_t ngx_http_vedette_mirror_start(ngx_http_vedette_mirror_t *mirror,
    ngx_cycle_t *cycle, ngx_http_vedette_zone_t *zone);
void ngx_http_vedette_mirror_stop(ngx_http_vedette_mirror_t *mirror);
void ngx_http_vedette_mirror(ngx_http_vedette_ctx_t *ctx);


/* _state.c */

char *ngx_http_vedette_state_parse(ngx_conf_t *cf,
    ngx_http_vedette_state_t **result);
char *ngx_http_vedette_state_default(ngx_conf_t *cf, ngx_str_t *folder,
    ngx_http_vedette_state_t **result);
ngx_int_t ngx_http_vedette_state_start(ngx_http_vedette_state_t *state,
    ngx_cycle_t *cycle, ngx_http_vedette_zone_t *zone);
void ngx_http_vedette_state_stop(ngx_http_vedette_state_t *state);


/* _crc32c.c */

void ngx_http_vedette_crc32c_init(void);
uint32_t ngx_http_vedette_crc32c(uint32_t crc, u_char *p, size_t len);


/* _reply.c */

ngx_int_t ngx_http_vedette_reply(ngx_http_vedette_ctx_t *ctx);
ngx_int_t ngx_http_vedette_reply_accepted(ngx_http_vedette_ctx_t *ctx,
    const ngx_http_vedette_durable_t *durable);
ngx_int_t ngx_http_vedette_reply_preflight(ngx_http_request_t *r);
ngx_int_t ngx_http_vedette_reply_json(ngx_http_request_t *r,
    ngx_uint_t status, u_char *data, size_t len);
ngx_int_t ngx_http_vedette_reply_text(ngx_http_request_t *r,
    ngx_uint_t status, ngx_str_t *type, u_char *data, size_t len);
ngx_int_t ngx_http_vedette_add_header(ngx_http_request_t *r, char *name,
    size_t name_len, u_char *value, size_t value_len);
ngx_str_t *ngx_http_vedette_verdict_name(ngx_http_vedette_verdict_e verdict);


/* _discard.c */

ngx_int_t ngx_http_vedette_discard(ngx_http_request_t *r);


/* _miss.c */

void ngx_http_vedette_miss(ngx_http_vedette_ctx_t *ctx);
ngx_int_t ngx_http_vedette_uuid(u_char *out, u_char *p, size_t len);
void ngx_http_vedette_new_uuid(u_char *out);
ngx_int_t ngx_http_vedette_header_filter_init(ngx_conf_t *cf);


/* _live.c */

ngx_int_t ngx_http_vedette_live_handler(ngx_http_request_t *r);
ngx_http_vedette_feed_t *ngx_http_vedette_live_feed(
    ngx_http_vedette_redis_t *redis, ngx_cycle_t *cycle);


/* _status.c */

#define NGX_HTTP_VEDETTE_STATUS_ANY   0
#define NGX_HTTP_VEDETTE_STATUS_JSON  1
#define NGX_HTTP_VEDETTE_STATUS_TEXT  2

ngx_int_t ngx_http_vedette_status_handler(ngx_http_request_t *r);
size_t ngx_http_vedette_rate(ngx_http_vedette_zone_t *zone, u_char *buf,
    size_t size);
void ngx_http_vedette_latency(ngx_http_vedette_shctx_t *sh, ngx_uint_t way,
    uint64_t us);
ngx_int_t ngx_http_vedette_healthcheck(ngx_http_request_t *r,
    ngx_http_vedette_loc_conf_t *conf, ngx_uint_t ready);


#endif /* _NGX_HTTP_VEDETTE_MODULE_H_INCLUDED_ */
