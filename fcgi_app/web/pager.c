#include "web/pager.h"


struct pager
pager_read(const struct request *rq)
{
    struct str text = request_arg(rq, "cursor");
    struct pager p = { 0 };
    ptrdiff_t dot;

    if (text.n > 0 && text.p[0] == '-') {
        p.backward = true;
        text = str_sub(text, 1, text.n);
    }
    dot = str_chr(text, '.');
    if (dot == -1 || !str_i64(str_sub(text, 0, (size_t) dot), &p.key)
        || !str_i64(str_sub(text, (size_t) dot + 1, text.n), &p.id)) {
        return (struct pager){ 0 };
    }
    p.set = true;
    return p;
}


static void
link_to(struct data *d, const char *name, const struct request *rq,
        const struct pager *at, bool backward)
{
    struct str cursor = str_printf(rq->a, "%s%lld.%lld", backward ? "-" : "",
                                   (long long) at->key, (long long) at->id);

    data_str(d, name, query_with(rq->a, &rq->args, "cursor", cursor));
}


void
pager_show(struct data *d, const struct request *rq, const struct pager *p,
           size_t n, bool more, struct pager first, struct pager last)
{
    struct data *pager = data_child(d, "Pager");

    if (n == 0) {
        if (p->set) {
            data_str(pager, "newer",
                     query_with(rq->a, &rq->args, "cursor", STR_NULL));
        }
        return;
    }
    /* we came from the other side, so there is something there */
    if (p->backward ? more : p->set) {
        link_to(pager, "newer", rq, &first, true);
    }
    if (p->backward || more) {
        link_to(pager, "older", rq, &last, false);
    }
}
