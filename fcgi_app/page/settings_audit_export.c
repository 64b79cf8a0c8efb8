/*
 * page/settings_audit_export.c - the audit log as CSV and as NDJSON, with the
 * filters of its page: the newest rows, as many as fit.
 */

#include "json/doc.h"
#include "model/organization.h"
#include "page/pages.h"
#include "util/timeutil.h"
#include "web/csv.h"

#define ROWS_MAX 10000
#define TEXT_MAX 200


static struct str
filter(const struct request *rq, const char *name)
{
    struct str value = str_trim(str_cut(request_arg(rq, name), TEXT_MAX));

    return value.n > 0 ? value : STR_NULL;
}


static void
csv_row(struct arena *a, struct buf *b, const struct audit *v)
{
    const struct str values[] = { v->actor,  v->actor_email, v->address,
                                  v->action, v->object,      v->before,
                                  v->after };

    buf_str(b, time_format_iso(a, v->at, true));
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        buf_char(b, ',');
        csv_field(b, values[i]);
    }
    buf_text(b, "\r\n");
}


/* before and after are objects of JSON already. */
static void
json_row(struct arena *a, struct buf *b, const struct audit *v)
{
    const struct {
        const char *name;
        struct str value;
    } texts[] = {
        { "at", time_format_iso(a, v->at, true) },
        { "actor", v->actor },
        { "email", v->actor_email },
        { "address", v->address },
        { "action", v->action },
        { "object", v->object },
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        buf_addf(b, "%s\"%s\":", i == 0 ? "{" : ",", texts[i].name);
        json_write_str(b, texts[i].value);
    }
    buf_text(b, ",\"before\":");
    buf_str(b, v->before.n > 0 ? v->before : STR("{}"));
    buf_text(b, ",\"after\":");
    buf_str(b, v->after.n > 0 ? v->after : STR("{}"));
    buf_text(b, "}\n");
}


static enum status export(struct request *rq, struct response *rs, bool csv) {
    struct str action = filter(rq, "action"), text = filter(rq, "q");
    struct buf b = buf_in(rq->a); enum status st = ST_OK; size_t n, sent = 0;
    bool more = true; int64_t at = 0;

    text = str_null(text) ? text : str_lower(rq->a, text); if (csv){
        buf_text(&b, "at,actor,email,address,action,object,before,after\r\n"); }
while (st == ST_OK && more && sent < ROWS_MAX)
{
    struct audit *rows;

    st = audit_list(rq->db, rq->a, rq->org->id, at, false, action, text, &rows,
                    &n, &more);
    for (size_t i = 0; st == ST_OK && i < n; i++, sent++) {
        (csv ? csv_row : json_row)(rq->a, &b, &rows[i]);
        at = rows[i].id;
    }
    more = more && st == ST_OK && n > 0;
}
if (st == ST_OK) {
    response_header(rs, "Content-Disposition",
                    str_printf(rq->a, "attachment; filename=\"audit-%s.%s\"",
                               str_dup(rq->a, rq->org->slug),
                               csv ? "csv" : "ndjson"));
    response_raw(rs,
                 csv ? "text/csv; charset=utf-8"
                     : "application/x-ndjson; charset=utf-8",
                 buf_view(&b));
}
return st;
}


enum status
page_settings_audit_csv(struct request *rq, struct response *rs)
{
    return export(rq, rs, true);
}


enum status
page_settings_audit_ndjson(struct request *rq, struct response *rs)
{
    return export(rq, rs, false);
}
