#include "web/slow.h"

#include <stdlib.h>

#define NAMES_MAX 500 /* of all processes */


static int
longest_first(const void *x, const void *y)
{
    const struct slow *a = x, *b = y;

    return a->us != b->us ? (a->us < b->us) - (a->us > b->us)
                          : str_cmp(a->name, b->name);
}


static void
add(struct slow *list, size_t *n, const struct slow *one)
{
    size_t i = 0;

    while (i < *n && !str_eq(list[i].name, one->name)) {
        i++;
    }
    if (i == NAMES_MAX) {
        return;
    }
    if (i == *n) {
        list[(*n)++] = (struct slow){ .name = one->name };
    }
    list[i].n += one->n;
    list[i].us += one->us;
}


/* "name times µs" */
static bool
read_line(struct str line, struct slow *out)
{
    struct str times, us;

    return str_split(&line, ' ', &out->name) && str_split(&line, ' ', &times)
           && str_split(&line, ' ', &us) && str_i64(times, &out->n)
           && str_i64(us, &out->us) && out->n > 0 && out->us >= 0;
}


size_t
slow_statements(struct arena *a, const struct proc *procs, size_t nprocs,
                struct slow *out, size_t max)
{
    struct slow *list = arena_array(a, NAMES_MAX, sizeof(*list)), one;
    size_t n = 0;

    for (size_t i = 0; i < nprocs; i++) {
        struct str rest = procs[i].sql, line;

        while (str_split(&rest, '\n', &line)) {
            if (read_line(line, &one)) {
                add(list, &n, &one);
            }
        }
    }
    qsort(list, n, sizeof(*list), longest_first);
    n = n < max ? n : max;
    for (size_t i = 0; i < n; i++) {
        out[i] = list[i];
    }
    return n;
}
