#include "queue/rate.h"

#define NUMBERS 7
#define NODES_MAX 256

enum { NODE, SECONDS, REQUESTS, ACCEPTED, LIMITED, P50, P99 };

struct node {
    struct str host;
    int64_t id;
};


static bool
read_rate(struct str text, int64_t v[NUMBERS])
{
    struct str word;

    for (int i = 0; i < NUMBERS; i++) {
        if (!str_split(&text, ' ', &word) || !str_i64(word, &v[i])
            || v[i] < 0) {
            return false;
        }
    }
    return true;
}


static bool
is_known(const struct node *nodes, size_t n, struct str host, int64_t id)
{
    for (size_t i = 0; i < n; i++) {
        if (nodes[i].id == id && str_eq(nodes[i].host, host)) {
            return true;
        }
    }
    return false;
}


void
edge_rate(const struct proc *procs, size_t n, struct edge_rate *out)
{
    struct node nodes[NODES_MAX];
    size_t nnodes = 0;
    int64_t v[NUMBERS];

    *out = (struct edge_rate){ 0 };
    for (size_t i = 0; i < n && nnodes < NODES_MAX; i++) {
        const struct proc *p = &procs[i];

        if (!str_is(p->kind, "edge") || str_null(p->rate)
            || !read_rate(p->rate, v)
            || is_known(nodes, nnodes, p->host, v[NODE])) {
            continue;
        }
        nodes[nnodes++] = (struct node){ p->host, v[NODE] };
        if (v[SECONDS] > 0) {
            out->requests += (double) v[REQUESTS] / (double) v[SECONDS];
        }
        out->seconds = v[SECONDS] > out->seconds ? v[SECONDS] : out->seconds;
        out->accepted += v[ACCEPTED];
        out->limited += v[LIMITED];
        out->p50 = v[P50] > out->p50 ? v[P50] : out->p50;
        out->p99 = v[P99] > out->p99 ? v[P99] : out->p99;
    }
    out->nodes = nnodes;
}
