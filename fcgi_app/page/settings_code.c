/*
 * page/settings_code.c - /ORG/settings/code/: the code mappings of all projects
 * that the reader sees; each is written on its project's page.
 */

#include "model/code_mapping.h"
#include "model/organization.h"
#include "model/project.h"
#include "model/project_setting.h"
#include "page/pages.h"

#define ROWS_MAX 200
#define WITHOUT_MAX 40


static void
show_lines(struct request *rq, struct data *d, const struct project *project,
           struct str text, size_t *shown, int64_t *more)
{
    struct code_error err = { 0, NULL };
    struct code_mapping *v;
    size_t n = 0;

    if (code_mappings_parse(rq->a, text, &v, &n, &err) != ST_OK) {
        return; /* was written by an older version */
    }
    for (size_t i = 0; i < n; i++) {
        struct data *row;

        if (*shown == ROWS_MAX) {
            ++*more;
            continue;
        }
        ++*shown;
        row = data_row(data_child(d, "Mapping"));
        data_str(row, "project", project->slug);
        data_str(row, "prefix", v[i].prefix.n > 0 ? v[i].prefix : STR("*"));
        data_str(row, "address", v[i].address);
        data_bool(row, "pattern", str_find(v[i].address, STR("{")) >= 0);
        data_str(row, "folder", v[i].folder);
        data_str(row, "branch", v[i].branch);
    }
}


enum status
page_settings_code(struct request *rq, struct response *rs)
{
    struct data *d = rs->data;
    struct project_setting *texts;
    struct project *projects;
    size_t nprojects, ntexts, shown = 0, without = 0;
    int64_t *ids, more = 0;
    enum status st = request_projects(rq, &projects, &nprojects);

    if (st != ST_OK) {
        return st;
    }
    ids = arena_array(rq->a, nprojects, sizeof(*ids));
    for (size_t i = 0; i < nprojects; i++) {
        ids[i] = projects[i].id;
    }
    st = project_setting_named(rq->db, rq->a, rq->org->id, ids, nprojects,
                               STR(CODE_MAPPINGS), &texts, &ntexts);
    for (size_t i = 0; st == ST_OK && i < nprojects; i++) {
        size_t k = 0;

        while (k < ntexts && texts[k].project_id != projects[i].id) {
            k++;
        }
        if (k < ntexts) {
            show_lines(rq, d, &projects[i], texts[k].value, &shown, &more);

        } else if (without++ < WITHOUT_MAX) {
            data_str(data_row(data_child(d, "Without")), "slug",
                     projects[i].slug);
        }
    }
    data_i64(d, "more", more);
    data_i64(d, "without", (int64_t) without);
    data_i64(d, "unnamed",
             without > WITHOUT_MAX ? (int64_t) (without - WITHOUT_MAX) : 0);
    return st;
}
