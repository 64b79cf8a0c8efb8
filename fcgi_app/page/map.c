#include "page/map.h"

#include "util/buf.h"
#include "util/lang.h"
#include "web/show.h"
#include "web/world.h"


/* The land without the countries that have a shape of their own. */
static struct str
land(struct arena *a, const bool *shown)
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < ncountries; i++) {
        if (!shown[i]) {
            buf_text(&b, countries[i].dots);
        }
    }
    return buf_view(&b);
}


/* By rank, because one country often has nearly all: the first is q5. */
static void
shape(struct arena *a, struct data *node, const struct country *c,
      const struct map_count *count, size_t rank, size_t n)
{
    struct data *row = data_row(data_child(node, "Shape"));

    data_text(row, "d", c->dots);
    data_i64(row, "q", (int64_t) (5 - rank * 5 / n));
    data_str(row, "title",
             str_printf(a, "%s: %.*s", tr(c->name),
                        STR_FMT(show_full(a, count->n))));
}


void
map_fill(struct arena *a, struct data *node, const struct map_count *counts,
         size_t n, size_t rows)
{
    bool *shown = arena_array(a, ncountries, sizeof(bool));
    int64_t total = 0, rest = 0;

    for (size_t i = 0; i < n; i++) {
        const struct country *c = country_find(counts[i].code);

        total += counts[i].n;
        if (c != NULL) {
            shown[c - countries] = true;
            shape(a, node, c, &counts[i], i, n);
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
        }
    }
    data_str(node, "land", land(a, shown));
    data_i64(node, "width", WORLD_WIDTH);
    data_i64(node, "height", WORLD_HEIGHT);
    data_i64(node, "total", total);
    data_i64(node, "more", (int64_t) (n > rows ? n - rows : 0));
    data_i64(node, "rest", rest);
}
