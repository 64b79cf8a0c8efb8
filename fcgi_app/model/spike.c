#include "model/spike.h"

#include "model/project_key.h"
#include "model/project_setting.h"
#include "util/conf.h"

/* Projects that one statement reckons for (spike.sql). */
#define PAGE 100


/*
 * What was stored and then not published, because Redis went away, is due
 * again in an hour at the latest; "vedette key publish" does it at once.
 */
enum status
spike_reckon(struct db *db, struct redis *r, struct arena *a, bool *more)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_SPIKE_RECKON,
                              DB_ARGS(db_i64(conf_int(CONF_SPIKE_FLOOR)),
                                      db_i64(conf_int(CONF_SPIKE_WINDOW))),
                              &rows);

    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        if (db_get_bool(&rows, i, "is_changed")) {
            st = project_key_publish_project(
                db, r, a, db_get_i64(&rows, i, "organization_id"),
                db_get_i64(&rows, i, "project_id"));
        }
    }
    *more = st == ST_OK && rows.n == PAGE;
    return st;
}


enum status
spike_of(struct db *db, struct arena *a, const struct project *project,
         struct spike *out)
{
    struct db_rows rows;
    enum status st = db_one(
        db, a, SQL_SPIKE_OF,
        DB_ARGS(db_i64(project->organization_id), db_i64(project->id)), &rows);

    if (st == ST_OK) {
        out->is_on = db_get_bool(&rows, 0, "is_on");
        out->normal = db_get_i64(&rows, 0, "normal");
        out->count = db_get_i64(&rows, 0, "count");
        out->seconds = db_get_i64(&rows, 0, "seconds");
        out->refused = db_get_i64(&rows, 0, "refused");
        out->refused_at = db_get_time(&rows, 0, "refused_at");
    }
    return st;
}


enum status
spike_switch(struct db *db, struct redis *r, struct arena *a,
             const struct actor *by, const struct project *project, bool on)
{
    struct project_setting setting = { project->id, STR(SPIKE_SETTING),
                                       on ? STR("on") : STR("off") };
    enum status st = project_setting_save(db, a, by, project, &setting, 1);

    return st == ST_OK ? project_key_publish_project(
               db, r, a, project->organization_id, project->id)
                       : st;
}
