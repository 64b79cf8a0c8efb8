/*
 * A new rule begins with what the address says: a page that counts, as the
 * explorer, links to the editor so, or one that lists issues.
 *
 *     metric, level, window, …   alert/metric.h
 *     project                    a slug, repeated; none: all of them
 *     environment                repeated
 *     name
 *     left                       what the page asked for and a rule cannot
 *
 * A rule about issues takes project and name, and q (alert_wish_search.c).
 */

#include "page/alert_editor.h"

#define WISHES_MAX 20 /* environments, and terms that are left out */

/* What no field takes is no wish. */
static void
wish_fields(struct editor *e)
{
    for (const struct alert_field *f = metric_fields; f->name != NULL; f++) {
        struct str wish = request_arg(e->rq, f->name);
        struct str was = json_text_of(e->data, f->name);
        const char *fault;

        if (wish.n == 0) {
            continue;
        }
        json_set(e->data, str_of(f->name), json_new_str(e->rq->a, wish));
        if (!alert_fields_check(e->rq->a, metric_fields, e->data, &fault)) {
            json_set(e->data, str_of(f->name), json_new_str(e->rq->a, was));
        }
    }
}


static void
wish_scope(struct editor *e)
{
    struct fields *args = &e->rq->args;
    struct str value;
    size_t at = 0;

    e->rule.projects =
        arena_array(e->rq->a, ALERT_RULE_PROJECTS_MAX, sizeof(int64_t));
    e->rule.nprojects = 0;
    while (field_next(args, "project", &at, &value)) {
        for (size_t i = 0; i < e->nprojects; i++) {
            if (str_eq(e->projects[i].slug, value)
                && e->rule.nprojects < ALERT_RULE_PROJECTS_MAX) {
                e->rule.projects[e->rule.nprojects++] = e->projects[i].id;
            }
        }
    }
    e->rule.all_projects = e->rule.nprojects == 0;
    e->rule.environments =
        arena_array(e->rq->a, WISHES_MAX, sizeof(struct str));
    at = 0;
    while (field_next(args, "environment", &at, &value)
           && e->rule.nenvironments < WISHES_MAX) {
        if (value.n > 0) {
            e->rule.environments[e->rule.nenvironments++] = value;
        }
    }
}


void
editor_wish(struct editor *e)
{
    struct data *list = data_child(e->rs->data, "Left");
    struct buf data = buf_in(e->rq->a);
    struct str text;
    size_t at = 0, n = 0;

    if (str_null(request_arg(e->rq, e->rule.metric ? "metric" : "q"))) {
        return;
    }
    e->rule.name = str_cut(request_arg(e->rq, "name"), ALERT_NAME_MAX);
    wish_scope(e);
    if (e->rule.metric) {
        wish_fields(e);
    } else {
        editor_wish_search(e, list);
    }
    json_write(&data, e->data);
    e->rule.data = buf_view(&data);
    while (field_next(&e->rq->args, "left", &at, &text) && n++ < WISHES_MAX) {
        data_item(list, text);
    }
}
