#include "page/search.h"

#include "page/issue.h"

#include "model/account.h"
#include "model/organization.h"
#include "model/project.h"


/* Each piece must hold: one with an OR is put into parentheses. */
struct str
search_text(struct request *rq, struct str fallback)
{
    struct buf b = buf_in(rq->a);
    size_t at = 0, n = 0;
    struct str part, only = fallback;
    bool any = false;

    while (field_next(&rq->args, "q", &at, &part)) {
        any = true;
        part = str_trim(part);
        if (part.n > 0) {
            bool either = issue_query_is_either(rq->a, part);

            only = part;
            buf_text(&b, n++ > 0 ? " " : "");
            buf_text(&b, either ? "(" : "");
            buf_str(&b, part);
            buf_text(&b, either ? ")" : "");
        }
    }
    return n == 1 || !any ? only : buf_view(&b);
}


static void
read_base(struct request *rq, struct search_box *box)
{
    const struct fields *args = &rq->args;

    box->base.v = arena_array(rq->a, args->n + 1, sizeof(struct field));
    for (size_t i = 0; i < args->n; i++) {
        if (!str_is(args->v[i].name, "cursor")
            && !str_is(args->v[i].name, "q")) {
            box->base.v[box->base.n++] = args->v[i];
        }
    }
    if (!str_null(request_arg(rq, "q"))) {
        box->base.v[box->base.n++] = (struct field){ STR("q"), box->text };
    }
}


/* The names that a query may use; those of people when it is to name them. */
static enum status
read_names(struct request *rq, struct data *d, struct search_box *box)
{
    struct search_name *projects;
    struct assignee *people = NULL;
    enum status st;
    size_t np;
    size_t nm = 0;

    st = request_projects(rq, &box->projects, &np);
    if (st == ST_OK
        && (box->people || str_ifind(box->text, STR("assigned")) >= 0)) {
        st = assignee_list(rq->db, rq->a, rq->org->id, rq->account->id, 0,
                           &people, &nm);
    }
    if (st != ST_OK) {
        return st;
    }

    projects = arena_array(rq->a, np, sizeof(*projects));
    for (size_t i = 0; i < np; i++) {
        projects[i] = (struct search_name){ box->projects[i].slug,
                                            box->projects[i].id, false };
    }
    issue_people_fill(d, people, nm, 0);
    box->names = (struct search_names){ rq->account->id, projects, np,
                                        assignee_names(rq->a, people, nm), nm };
    return ST_OK;
}


enum status
search_read(struct request *rq, struct data *d, struct str fallback,
            struct search_box *out)
{
    enum status st;

    *out = (struct search_box){ .people = out->people,
                                .text = search_text(rq, fallback) };
    read_base(rq, out);
    st = read_names(rq, d, out);
    if (st == ST_OK) {
        issue_query_parse(rq->a, out->text, &out->names, &out->query);
    }
    return st;
}


static bool
wrong_inside(const struct issue_term *group)
{
    for (size_t i = 0; i < group->ninner; i++) {
        if (!str_null(group->inner[i].error)) {
            return true;
        }
    }
    return !str_null(group->error);
}


void
search_show(struct request *rq, struct data *d, const struct search_box *box)
{
    const struct issue_query *q = &box->query;
    struct data *list = data_child(d, "Term");
    struct buf words = buf_in(rq->a);

    for (size_t i = 0; i < q->n; i++) {
        const struct issue_term *t = &q->terms[i];
        struct str without = issue_query_without(rq->a, q, i);
        struct data *row = data_row(list);

        data_str(row, "text", t->text);
        data_str(row, "without", query_with(rq->a, &box->base, "q", without));
        if (str_null(t->key) && (!t->group || q->n == 1)) {
            /* words stay in the input, where they can be edited; so does an
             * OR, if that is all */
            data_bool(row, "word", true);
            buf_text(&words, words.n > 0 ? " " : "");
            buf_str(&words, t->group ? t->value : t->text);
            continue;
        }
        if (t->group) {
            data_str(row, "value", t->text);
            data_bool(row, "wrong", wrong_inside(t));
            continue;
        }
        data_str(row, "key", str_sub(t->text, 0, t->text.n - t->value.n));
        data_str(row, "value", t->value);
        data_bool(row, "wrong", !str_null(t->error));
    }
    for (size_t i = 0; i < q->nerrors; i++) {
        struct data *row = data_row(data_child(d, "Fault"));

        data_str(row, "text", q->faults[i].text);
        data_str(row, "error", q->faults[i].error);
        data_str(row, "without",
                 query_with(rq->a, &box->base, "q", q->faults[i].without));
    }
    data_str(d, "words", buf_view(&words));
    data_i64(d, "errors", (int64_t) q->nerrors);
}


void
search_limit(struct id_set *set, const struct id_set *by)
{
    size_t n = 0;

    if (!by->limited) {
        return;
    }
    if (!set->limited) {
        *set = *by;
        return;
    }
    for (size_t i = 0; i < set->n; i++) {
        for (size_t j = 0; j < by->n; j++) {
            if (set->ids[i] == by->ids[j]) {
                set->ids[n++] = set->ids[i];
                break;
            }
        }
    }
    set->n = n;
}
