#include "alert/facts.h"

#include "model/body.h"
#include "util/zone.h"


const struct alert_issue *
facts_issue(struct facts *f)
{
    struct alert_issue *rows;
    enum status st;
    size_t n;

    if (f->issue != NULL || f->issue_id == 0 || f->db == NULL) {
        return f->issue;
    }
    st = alert_issues(f->db, f->a, &f->issue_id, 1, &rows, &n);
    if (st != ST_OK) {
        f->st = st;

    } else if (n > 0) {
        f->issue = &rows[0];
    }
    return f->issue;
}


void
facts_priority(struct facts *f, int *now, int *before)
{
    const struct alert_issue *is = facts_issue(f);
    int64_t until = f->exact != 0 ? f->exact : f->at + US_PER_MINUTE - 1;
    enum status st;

    *now = *before = 0;
    if (is == NULL || f->db == NULL) {
        return;
    }
    st = alert_priorities(f->db, f->a, is, until, now, before);
    if (st != ST_OK) {
        f->st = st;
    }
}


struct json *
facts_unpack(struct db *db, struct arena *a, struct str body)
{
    struct json *doc;
    struct str text;

    if (body.n == 0 || body_unpack(db, a, body, &text) != ST_OK
        || json_parse(a, text, NULL, &doc, NULL) != ST_OK) {
        return NULL;
    }
    return doc;
}


const struct json *
facts_doc(struct facts *f)
{
    if (!f->doc_read) {
        f->doc_read = true;
        f->doc = f->ev != NULL ? facts_unpack(f->db, f->a, f->ev->body) : NULL;
    }
    return f->doc;
}


/* what is asked about a project */

struct str
facts_latest_release(struct facts *f)
{
    struct memo_entry e = { .kind = MEMO_LATEST,
                            .project_id = f->project_id,
                            .to = INT64_MAX };
    const struct memo_entry *known =
        memo_find(f->memo, e.kind, e.project_id, e.key, f->at);
    enum status st;

    if (known != NULL || f->db == NULL) {
        return known != NULL ? known->text : STR_NULL;
    }
    st = alert_latest_release(f->db, f->a, f->project_id, &e.text);
    if (st != ST_OK) {
        f->st = st;
        return STR_NULL;
    }
    memo_add(f->memo, &e);
    return e.text;
}


bool
facts_against_adopted(struct facts *f, struct str environment,
                      struct str version, int *side)
{
    int64_t hour = f->at - f->at % US_PER_HOUR;
    struct memo_entry e = { .kind = MEMO_ADOPTED,
                            .project_id = f->project_id,
                            .key = str_printf(f->a, "%.*s\n%.*s",
                                              STR_FMT(environment),
                                              STR_FMT(version)),
                            .from = hour,
                            .to = hour + US_PER_HOUR };
    const struct memo_entry *known =
        memo_find(f->memo, e.kind, e.project_id, e.key, f->at);
    enum status st;

    if (known == NULL && f->db != NULL) {
        st = alert_adopted(f->db, f->a, f->project_id, environment, version,
                           hour, &e.n);
        if (st != ST_OK && st != ST_NOT_FOUND) {
            f->st = st;
            return false;
        }
        e.text = st == ST_OK ? STR("known") : STR_NULL;
        memo_add(f->memo, &e);
        known = &e;
    }
    if (known == NULL || str_null(known->text)) {
        return false;
    }
    *side = (int) known->n;
    return true;
}


int64_t
facts_deploy(struct facts *f, struct str environment)
{
    struct memo_entry e = { .kind = MEMO_DEPLOY,
                            .project_id = f->project_id,
                            .key = environment };
    const struct memo_entry *known =
        memo_find(f->memo, e.kind, e.project_id, e.key, f->at);
    int64_t next;
    enum status st;

    if (known != NULL || f->db == NULL) {
        return known != NULL ? known->n : 0;
    }
    st = alert_deploys(f->db, f->a, f->project_id, environment, f->at, &e.n,
                       &next);
    if (st != ST_OK) {
        f->st = st;
        return 0;
    }
    e.from = e.n != 0 ? e.n : f->at;
    e.to = next != 0 ? next : INT64_MAX;
    memo_add(f->memo, &e);
    return e.n;
}


int64_t
facts_sessions(struct facts *f, int64_t at)
{
    int64_t hour = at - at % US_PER_HOUR;
    struct buf names = buf_in(f->a);
    struct memo_entry e = { .kind = MEMO_SESSIONS,
                            .project_id = f->project_id,
                            .from = hour,
                            .to = hour + US_PER_HOUR };
    const struct memo_entry *known;
    enum status st;

    for (size_t i = 0; i < f->nenvironments; i++) {
        buf_str(&names, f->environments[i]);
        buf_char(&names, '\n');
    }
    e.key = buf_view(&names);
    known = memo_find(f->memo, e.kind, e.project_id, e.key, at);
    if (known != NULL || f->db == NULL) {
        return known != NULL ? known->n : 0;
    }
    st = alert_sessions(f->db, f->a, f->project_id, f->environments,
                        f->nenvironments, hour - US_PER_HOUR, &e.n);
    if (st != ST_OK) {
        f->st = st;
        return 0;
    }
    memo_add(f->memo, &e);
    return e.n;
}


int
zone_week_minute(struct str zone, int64_t us)
{
    struct tm tm;

    zone_use(zone);
    tm = zone_parts(us);
    return (tm.tm_wday + 6) % 7 * 1440 + tm.tm_hour * 60 + tm.tm_min;
}
