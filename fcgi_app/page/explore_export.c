/*
 * page/explore_export.c - the events of a question, one a line, as CSV and as
 * NDJSON: read and sent a piece at a time, so that memory stays small.
 */

#include "page/explore.h"

#include "json/doc.h"
#include "model/organization.h"
#include "page/issue.h"
#include "page/pages.h"
#include "util/timeutil.h"
#include "web/csv.h"

#define PIECE 500 /* events */
#define EVENTS_MAX 100000
#define SECONDS_MAX 60

static const char *const columns[] = {
    "event",       "received", "occurred", "project",     "issue",
    "level",       "title",    "release",  "environment", "transaction",
    "server_name", "platform", "user",
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

typedef void (*line_fn)(struct buf *b, const struct str *values);


static void
read_values(struct arena *a, const struct explore_event *ev, struct str *out)
{
    const struct event_row *e = &ev->row;
    struct str values[COLUMNS] = {
        e->event_id,
        time_format_iso(a, e->received_at, true),
        time_format_iso(a, e->occurred_at, true),
        ev->project_slug,
        ev->short_id,
        str_of(issue_level(e->level)),
        e->title,
        e->release,
        e->environment,
        e->transaction,
        e->server_name,
        e->platform,
        e->user_tag,
    };

    memcpy(out, values, sizeof(values));
}


static void
csv_line(struct buf *b, const struct str *values)
{
    buf_str(b, values[0]);
    for (size_t i = 1; i < COLUMNS; i++) {
        buf_char(b, ',');
        csv_field(b, values[i]);
    }
    buf_text(b, "\r\n");
}


static void
ndjson_line(struct buf *b, const struct str *values)
{
    buf_char(b, '{');
    for (size_t i = 0; i < COLUMNS; i++) {
        buf_addf(b, "%s\"%s\":", i > 0 ? "," : "", columns[i]);
        if (str_null(values[i])) {
            buf_text(b, "null");
        } else {
            json_write_str(b, values[i]);
        }
    }
    buf_text(b, "}\n");
}


/* True when the whole of it was put. */
static bool
put_all(struct explore_view *v, line_fn line, const struct sink *sink,
        struct arena *a)
{
    int64_t until = time_monotonic() + SECONDS_MAX * US_PER_SECOND;
    int64_t before = 0;
    size_t sent = 0;

    do {
        struct explore_event *events;
        struct buf b;
        size_t n;

        arena_reset(a);
        b = buf_in(a);
        if (explore_events(v->rq->db, a, &v->q, before, PIECE, &events, &n,
                           &before)
            != ST_OK) {
            return false;
        }
        for (size_t i = 0; i < n; i++) {
            struct str values[COLUMNS];

            read_values(a, &events[i], values);
            line(&b, values);
        }
        sent += n;
        if (!sink->put(sink->to, buf_view(&b))) {
            return true;
        }
    } while (before > 0 && sent < EVENTS_MAX && time_monotonic() < until);
    return before == 0;
}


static enum status
start(struct request *rq, struct response *rs, const char *type,
      const char *suffix,
      void (*stream)(struct request *rq, const struct sink *sink))
{
    struct explore_view *v = arena_new_of(rq->a, struct explore_view);
    enum status st = rq->issue != NULL ? issue_events_read(rq, rs->data, v)
                                       : explore_read(rq, rs->data, v);

    if (st == ST_OK) {
        /* what it means, before the headers are out and within the arena */
        st = explore_prepare(rq->db, rq->a, &v->q);
    }
    if (st != ST_OK) {
        return st;
    }
    response_header(
        rs, "Content-Disposition",
        str_printf(
            rq->a, "attachment; filename=\"%.*s-events-%s.%s\"",
            STR_FMT(rq->issue != NULL ? rq->issue->short_id : rq->org->slug),
            rq->issue != NULL ? "all" : v->span.name, suffix));
    response_stream(rq, rs, type, stream, v);
    return ST_OK;
}


static void
stream_csv(struct request *rq, const struct sink *sink)
{
    struct arena *a = arena_new();
    struct buf b = buf_in(rq->a);

    for (size_t i = 0; i < COLUMNS; i++) {
        buf_addf(&b, "%s%s", i > 0 ? "," : "", columns[i]);
    }
    buf_text(&b, "\r\n");
    if (sink->put(sink->to, buf_view(&b))
        && !put_all(rq->streamed, csv_line, sink, a)) {
        (void) sink->put(sink->to, STR("cut here: ask for a shorter time or "
                                       "narrow the search\r\n"));
    }
    arena_free(a);
}


static void
stream_ndjson(struct request *rq, const struct sink *sink)
{
    struct arena *a = arena_new();

    if (!put_all(rq->streamed, ndjson_line, sink, a)) {
        (void) sink->put(sink->to, STR("{\"cut\":true}\n"));
    }
    arena_free(a);
}


enum status
page_explore_csv(struct request *rq, struct response *rs)
{
    return start(rq, rs, "text/csv; charset=utf-8", "csv", stream_csv);
}


enum status
page_explore_ndjson(struct request *rq, struct response *rs)
{
    return start(rq, rs, "application/x-ndjson", "ndjson", stream_ndjson);
}
