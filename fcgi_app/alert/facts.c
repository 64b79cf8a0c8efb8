#include "alert/facts.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "model/body.h"

#define ZONES "/usr/share/zoneinfo/"
#define ZONE_MAX 64


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


struct str
facts_latest_release(struct facts *f)
{
    if (!f->latest_read && f->db != NULL) {
        enum status st = alert_latest_release(f->db, f->a, f->project_id,
                                              &f->latest_release);

        f->latest_read = true;
        if (st != ST_OK) {
            f->st = st;
        }
    }
    return f->latest_release;
}


/* time zones: a process has one thread, so its own zone can be lent */

bool
zone_known(struct str zone)
{
    char path[sizeof(ZONES) + ZONE_MAX];

    if (zone.n == 0 || zone.n >= ZONE_MAX || zone.p[0] == '/'
        || str_find(zone, STR("..")) != -1) {
        return false;
    }
    snprintf(path, sizeof(path), ZONES "%.*s", STR_FMT(zone));
    return access(path, R_OK) == 0;
}


int
zone_week_minute(struct str zone, int64_t us)
{
    static char current[ZONE_MAX];
    time_t seconds = (time_t) (us / US_PER_SECOND);
    char name[ZONE_MAX];
    struct tm tm;

    snprintf(name, sizeof(name), "%.*s",
             STR_FMT(zone_known(zone) ? zone : STR("UTC")));
    if (strcmp(name, current) != 0) {
        setenv("TZ", name, 1);
        tzset();
        memcpy(current, name, sizeof(current));
    }
    localtime_r(&seconds, &tm);
    return (tm.tm_wday + 6) % 7 * 1440 + tm.tm_hour * 60 + tm.tm_min;
}
