#include "cmd/chore_health.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "cmd/chore_pulse.h"
#include "digest/geo.h"
#include "model/disk.h"
#include "model/health.h"
#include "model/retention.h"
#include "outbound/certificate.h"
#include "util/conf.h"
#include "util/timeutil.h"

/* How often a certificate is looked at; one that could not be had, sooner. */
#define LOOK_US (3600 * US_PER_SECOND)
#define LOOK_AGAIN_US (300 * US_PER_SECOND)


static void
add_chores(struct chore_context *c, struct json *report)
{
    struct json *list = json_new(c->arena, JSON_T_ARRAY);

    for (size_t i = 0; i < c->nreports; i++) {
        const struct chore_report *r = &c->reports[i];
        struct json *row = json_new(c->arena, JSON_T_OBJECT);

        json_set(row, STR("name"), json_new_str(c->arena, str_of(r->name)));
        json_set(row, STR("every"),
                 json_new_i64(c->arena, r->every_ms * INT64_C(1000)));
        json_set(row, STR("ran_at"), json_new_i64(c->arena, r->ran_at));
        json_set(row, STR("took"), json_new_i64(c->arena, r->took_us));
        json_set(row, STR("failures"), json_new_i64(c->arena, r->failures));
        json_append(list, row);
    }
    json_set(report, STR("chores"), list);
}


static void
add_i64(struct chore_context *c, struct json *object, const char *name,
        int64_t value)
{
    json_set(object, str_of(name), json_new_i64(c->arena, value));
}


/* The file system that attachments are on. */
static enum status
add_disk(struct chore_context *c, struct json *report)
{
    struct json *row = json_new(c->arena, JSON_T_OBJECT);
    struct disk disk = { 0 };
    struct disk_trend trend;
    struct statvfs fs;
    enum status st;

    if (statvfs(conf_str(CONF_ATTACHMENT_PATH), &fs) == -1) {
        return ST_OK;
    }
    disk.free = (int64_t) fs.f_bavail * (int64_t) fs.f_frsize;
    disk.size = (int64_t) fs.f_blocks * (int64_t) fs.f_frsize;
    if (!json_i64(json_get(json_get(report, "database"), "size"), &disk.db)) {
        disk.db = 0;
    }
    st = disk_note(c->db, c->arena, &disk);
    if (st == ST_OK) {
        st = disk_trend(c->db, c->arena, &disk, &trend);
    }
    if (st != ST_OK) {
        return st;
    }
    add_i64(c, row, "free", disk.free);
    add_i64(c, row, "size", disk.size);
    add_i64(c, row, "hours", trend.hours);
    add_i64(c, row, "used", trend.used);
    add_i64(c, row, "db_grown", trend.db_grown);
    add_i64(c, row, "full_at", trend.full_at);
    json_set(report, STR("disk"), row);
    return ST_OK;
}


/* Files of sql/ that come after the last one that the database has seen. */
static void
add_pending(struct chore_context *c, struct json *report)
{
    struct str last = json_text_of(json_get(report, "database"), "migration");
    struct json *list = json_new(c->arena, JSON_T_ARRAY);
    glob_t found;

    if (last.n > 0
        && glob(arena_printf(c->arena, "%s/[0-9][0-9][0-9][0-9]_*.sql",
                             conf_str(CONF_MIGRATE_SQL)),
                0, NULL, &found)
               == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            struct str name = str_of(strrchr(found.gl_pathv[i], '/') + 1);

            if (str_cmp(name, last) > 0) {
                json_append(list,
                            json_new_str(c->arena, str_copy(c->arena, name)));
            }
        }
        globfree(&found);
    }
    json_set(report, STR("pending"), list);
}


/* What the last clean-up took out, and when the next one is. */
static enum status
add_cleanup(struct chore_context *c, struct json *report)
{
    struct json *row = json_new(c->arena, JSON_T_OBJECT);
    struct retention_state s;
    enum status st = retention_state(c->db, c->arena, 0, &s);

    json_set(row, STR("running_since"),
             json_new_i64(c->arena, s.now.started_at));
    json_set(row, STR("finished_at"),
             json_new_i64(c->arena, s.last.finished_at));
    json_set(row, STR("events"), json_new_i64(c->arena, s.last.freed.events));
    json_set(row, STR("bytes"), json_new_i64(c->arena, s.last.freed.bytes));
    json_set(row, STR("next_at"), json_new_i64(c->arena, s.next_at));
    json_set(report, STR("cleanup"), row);
    return st;
}


/* Of https addresses that the settings name; looked at once an hour. */
static void
add_certificates(struct chore_context *c, struct json *report)
{
    static const enum conf_key keys[] = { CONF_SYSTEM_URL_PREFIX,
                                          CONF_PULSE_URL };
    static struct {
        int64_t due; /* monotonic */
        int64_t until;
        char why[160];
    } seen[sizeof(keys) / sizeof(keys[0])];
    struct json *list = json_new(c->arena, JSON_T_ARRAY);
    int64_t now = time_monotonic();

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct str url = str_of(conf_str(keys[i]));
        struct json *row;

        if (!str_starts(url, STR("https://"))) {
            continue;
        }
        if (seen[i].due == 0 || now >= seen[i].due) {
            struct certificate found;

            certificate_look(c->arena, conf_str(keys[i]), &found);
            seen[i].until = found.until;
            snprintf(seen[i].why, sizeof(seen[i].why), "%.*s",
                     STR_FMT(found.why));
            seen[i].due = now + (found.until > 0 ? LOOK_US : LOOK_AGAIN_US);
        }
        row = json_new(c->arena, JSON_T_OBJECT);
        json_set(row, STR("url"), json_new_str(c->arena, url));
        add_i64(c, row, "until", seen[i].until);
        json_set(row, STR("why"), json_new_str(c->arena, str_of(seen[i].why)));
        json_append(list, row);
    }
    json_set(report, STR("certificates"), list);
}


enum status
chore_health(struct chore_context *c, bool *more)
{
    struct json *report = json_new(c->arena, JSON_T_OBJECT);
    enum status st;

    (void) more;
    if ((st = health_survey(c->db, c->arena, report)) != ST_OK
        || (st = add_cleanup(c, report)) != ST_OK
        || (st = add_disk(c, report)) != ST_OK
        || (st = chore_pulse_tell(c, report)) != ST_OK) {
        return st;
    }
    json_set(report, STR("at"), json_new_i64(c->arena, time_now()));
    add_chores(c, report);
    add_pending(c, report);
    add_certificates(c, report);
    json_set(report, STR("countries_made_at"),
             json_new_i64(c->arena, geo_made_at()));
    return health_store(c->redis, c->arena, report);
}
