/*
 * page/project_tags.c - which tags and which environments of a project are
 * shown.
 */

#include "model/environment.h"
#include "model/organization.h"
#include "model/tag.h"
#include "page/pages.h"
#include "page/setting_form.h"


enum status
page_project_tags(struct request *rq, struct response *rs)
{
    struct tag_key *keys;
    enum status st;
    size_t n = 0;

    st = tag_key_list(rq->db, rq->a, rq->project, rq->now, &keys, &n);
    for (size_t i = 0; i < n; i++) {
        struct data *row = data_row(data_child(rs->data, "Tags"));

        data_str(row, "key", keys[i].key);
        data_i64(row, "values", keys[i].values);
        data_i64(row, "seen", keys[i].times_seen);
        data_bool(row, "many", keys[i].values >= TAG_VALUES_MAX);
        data_bool(row, "wide", keys[i].wide);
        data_bool(row, "hidden", keys[i].hidden);
    }
    return st;
}


enum status
page_project_tags_save(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    bool hidden = !str_null(field_get(&rq->form, "hide"));
    enum status st =
        tag_key_hide(rq->db, rq->a, &by, rq->project,
                     field_get(&rq->form, hidden ? "hide" : "show"), hidden);

    return st == ST_OK ? setting_form_done(rq, rs, "tags", "Saved.") : st;
}


enum status
page_project_environments(struct request *rq, struct response *rs)
{
    struct environment *list;
    enum status st;
    size_t n = 0;

    st = environment_list(rq->db, rq->a, rq->project, &list, &n);
    for (size_t i = 0; i < n; i++) {
        struct data *row = data_row(data_child(rs->data, "Environments"));

        data_str(row, "name", list[i].name);
        data_time(row, "first", list[i].first_seen);
        data_time(row, "last", list[i].last_seen);
        data_bool(row, "hidden", list[i].hidden);
    }
    return st;
}


enum status
page_project_environments_save(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    bool hidden = !str_null(field_get(&rq->form, "hide"));
    enum status st = environment_hide(
        rq->db, rq->a, &by, rq->project,
        field_get(&rq->form, hidden ? "hide" : "show"), hidden);

    return st == ST_OK ? setting_form_done(rq, rs, "environments", "Saved.")
                       : st;
}
