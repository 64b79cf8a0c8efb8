#include "page/map.h"

#include <stdlib.h>
#include <string.h>

#include "page/span.h"
#include "util/buf.h"
#include "util/lang.h"
#include "web/show.h"
#include "web/world.h"


#define STEP 2 /* between dots of a row */


/* Sets the dots of a country's path: runs as "M12 34h4.1" (dist/world.mjs). */
static void
set_dots(bool *dots, const char *path)
{
    char *end;

    for (; *path == 'M'; path = end + strlen(".1")) {
        long x = strtol(path + 1, &end, 10);
        long y = strtol(end, &end, 10);
        long width = strtol(end + 1, &end, 10);

        for (long i = x; i <= x + width && y < WORLD_HEIGHT; i += STEP) {
            dots[y * WORLD_WIDTH + i] = true;
        }
    }
}


/*
 * The land without the countries that have a shape of their own: each row of
 * dots is one run as far as it goes, whose ever they are.
 */
static struct str
land(struct arena *a, const bool *shown)
{
    bool *dots = arena_array(a, WORLD_WIDTH * WORLD_HEIGHT, sizeof(bool));
    struct buf b = buf_in(a);

    for (size_t i = 0; i < ncountries; i++) {
        if (!shown[i]) {
            set_dots(dots, countries[i].dots);
        }
    }
    for (int at = 0; at < WORLD_WIDTH * WORLD_HEIGHT; at++) {
        int x = at % WORLD_WIDTH, n = 0;

        while (x + n * STEP < WORLD_WIDTH && dots[at + n * STEP]) {
            dots[at + n * STEP] = false;
            n++;
        }
        if (n == 1) {
            buf_addf(&b, "M%d %dh.1", x, at / WORLD_WIDTH);

        } else if (n > 1) {
            buf_addf(&b, "M%d %dh%d.1", x, at / WORLD_WIDTH, (n - 1) * STEP);
        }
    }
    return buf_view(&b);
}


/* By rank, because one country often has nearly all: the first is q5. */
static int64_t
class_of(size_t rank, size_t n)
{
    return (int64_t) (5 - rank * 5 / n);
}


static void
shape(struct arena *a, struct data *node, const struct country *c,
      const struct map_count *count, int64_t class, int64_t total)
{
    struct data *row = data_row(data_child(node, "Shape"));

    data_text(row, "d", c->dots);
    data_i64(row, "q", class);
    data_str(row, "title",
             str_printf(a, "%s: %.*s (%.1f %%)", tr(c->name),
                        STR_FMT(show_full(a, count->n)),
                        (double) count->n * 100 / (double) total));
}


/* Which numbers each class has, the largest first. */
static void
legend(struct arena *a, struct data *node, const struct map_count *counts,
       size_t n)
{
    size_t first = 0;

    for (size_t i = 0; i < n; i++) {
        struct str least = show_full(a, counts[i].n);
        struct data *row;

        if (i + 1 < n && class_of(i + 1, n) == class_of(i, n)) {
            continue;
        }
        row = data_row(data_child(node, "Legend"));
        data_i64(row, "q", class_of(i, n));
        data_str(row, "range",
                 counts[first].n == counts[i].n
                     ? least
                     : str_printf(a, "%.*s–%.*s", STR_FMT(least),
                                  STR_FMT(show_full(a, counts[first].n))));
        first = i + 1;
    }
}


void
map_fill(struct arena *a, struct data *node, const struct map_count *counts,
         size_t n, size_t rows)
{
    bool *shown = arena_array(a, ncountries, sizeof(bool));
    int64_t total = 0, rest = 0;

    for (size_t i = 0; i < n; i++) {
        total += counts[i].n;
    }
    for (size_t i = 0; i < n; i++) {
        const struct country *c = country_find(counts[i].code);

        if (c != NULL) {
            shown[c - countries] = true;
            shape(a, node, c, &counts[i], class_of(i, n), total);
        }
        if (i >= rows) {
            rest += counts[i].n;

        } else {
            struct data *row = data_row(data_child(node, "Row"));

            if (c != NULL) {
                data_text(row, "name", tr(c->name));
            } else {
                data_str(row, "name", counts[i].code);
            }
            data_i64(row, "n", counts[i].n);
            data_str(row, "link", counts[i].link);
            data_str(
                row, "width",
                str_printf(a, "%.1f",
                           (double) counts[i].n * 100 / (double) counts[0].n));
            if (counts[i].compared) {
                span_compare(a, row, counts[i].n, counts[i].before);
            }
        }
    }
    legend(a, node, counts, n);
    data_str(node, "land", land(a, shown));
    data_i64(node, "width", WORLD_WIDTH);
    data_i64(node, "height", WORLD_HEIGHT);
    data_i64(node, "total", total);
    data_i64(node, "more", (int64_t) (n > rows ? n - rows : 0));
    data_i64(node, "rest", rest);
}
