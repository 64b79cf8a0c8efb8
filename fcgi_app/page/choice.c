#include "page/choice.h"

#include "model/environment.h"
#include "model/organization.h"
#include "model/project.h"

#define MENU_MAX 40 /* projects that the menu offers */


static void
read_projects(struct request *rq, struct data *d, struct choice *out)
{
    struct data *list = data_child(d, "Project");
    int64_t *ticked = arena_array(rq->a, out->nall + 1, sizeof(int64_t));
    int64_t *seen = arena_array(rq->a, out->nall + 1, sizeof(int64_t));
    bool asked = request_arg(rq, "project").n > 0;

    for (size_t i = 0; i < out->nall; i++) {
        struct str value;
        size_t at = 0;
        bool chosen = false;

        while (field_next(&rq->args, "project", &at, &value)) {
            chosen = chosen || str_ieq(value, out->all[i].slug);
        }
        if (chosen || i < MENU_MAX) {
            struct data *row = data_row(list);

            data_str(row, "slug", out->all[i].slug);
            data_bool(row, "ticked", chosen);
            data_bool(row, "starred", out->all[i].starred);
        }
        if (chosen) {
            data_str(d, "project", out->all[i].slug);
            ticked[out->chosen++] = out->all[i].id;
        }
        seen[i] = out->all[i].id;
    }
    data_i64(d, "n", (int64_t) out->chosen);
    if (asked) {
        out->projects = (struct id_set){ true, ticked, out->chosen };

    } else if (!rq->access.all) {
        out->projects = (struct id_set){ true, seen, out->nall };
    }
}


static enum status
read_environment(struct request *rq, struct data *d, struct choice *out)
{
    struct str *names;
    enum status st;
    size_t n;

    st = environment_names(rq->db, rq->a, rq->org->id, &out->projects, &names,
                           &n);
    if (st != ST_OK) {
        return st;
    }
    out->environment = request_arg(rq, "environment");
    if (out->environment.n == 0) {
        out->environment = STR_NULL;
    }
    data_str(d, "environment", out->environment);
    data_str(d, "any", query_with(rq->a, &rq->args, "environment", STR_NULL));
    for (size_t i = 0; i < n; i++) {
        struct data *row = data_row(data_child(d, "Environment"));

        data_str(row, "name", names[i]);
        data_str(row, "link",
                 query_with(rq->a, &rq->args, "environment", names[i]));
        data_bool(row, "current", str_eq(names[i], out->environment));
    }
    return ST_OK;
}


enum status
choice_read(struct request *rq, struct data *d, struct choice *out)
{
    enum status st;

    *out = (struct choice){ .environment = STR_NULL };
    d = data_child(d, "Choice");
    st = request_projects(rq, &out->all, &out->nall);
    if (st != ST_OK) {
        return st;
    }
    read_projects(rq, d, out);
    return read_environment(rq, d, out);
}


bool
choice_none_yet(struct request *rq, struct data *d, const struct choice *c)
{
    data_bool(d, "some_hidden", !rq->access.all);
    for (size_t i = 0; i < c->nall; i++) {
        if (c->all[i].first_event_at != 0) {
            return false;
        }
    }
    data_bool(d, "none_yet", true);
    if (c->nall > 0) {
        data_str(d, "waiting", c->all[0].slug);
    }
    return true;
}


struct data *
choice_without(struct data *d, const char *title, struct str text,
               struct str without)
{
    struct data *row = data_row(data_child(d, "Filter"));

    data_tr(row, "title", title);
    data_str(row, "text", text);
    data_str(row, "without", without);
    return row;
}


void
choice_counted(struct data *row, int64_t n, bool more)
{
    data_bool(row, "counted", true);
    data_i64(row, "found", n);
    data_bool(row, "capped", more);
}


struct str
release_link(const struct request *rq, struct str version, struct str project)
{
    return str_printf(rq->a, "/%.*s/releases/%.*s/?project=%.*s",
                      STR_FMT(rq->org->slug),
                      STR_FMT(url_encode(rq->a, version)),
                      STR_FMT(url_encode(rq->a, project)));
}
