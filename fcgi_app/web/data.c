#include "web/data.h"

#include <ClearSilver/ClearSilver.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/lang.h"
#include "util/log.h"

/*
 * A struct data is a node of an HDF under another name, so that no page has to
 * include ClearSilver.
 */

#define REPLACEMENT "\xEF\xBF\xBD"

static HDF *
node(struct data *d)
{
    return (HDF *) d;
}


/* Only memory can fail here, and that ends the process as in an arena. */
static void
must(NEOERR *err)
{
    if (err != STATUS_OK) {
        log_error("page data: out of memory");
        abort();
    }
}


static void
destroy(void *p)
{
    HDF *h = p;

    hdf_destroy(&h);
}


struct data *
data_new(struct arena *a)
{
    HDF *h;

    must(hdf_init(&h));
    arena_cleanup(a, destroy, h);
    return (struct data *) h;
}


struct data *
data_child(struct data *d, const char *name)
{
    HDF *h;

    must(hdf_get_node(node(d), name, &h));
    return (struct data *) h;
}


/*
 * The number after the last child's.  The library keeps a pointer to the last
 * child, and names of rows are ours, so this stays cheap for long lists.
 */
static void
next_name(struct data *list, char name[24])
{
    HDF *last = node(list)->last_child;
    int64_t n = -1;

    if (last != NULL && !str_i64(str_of(hdf_obj_name(last)), &n)) {
        n = -1;
    }
    snprintf(name, 24, "%lld", (long long) (n + 1));
}


struct data *
data_row(struct data *list)
{
    char name[24];

    next_name(list, name);
    return data_child(list, name);
}


static char *
terminated(struct str s)
{
    size_t nuls = 0, at = 0;
    char *p;

    for (size_t i = 0; i < s.n; i++) {
        nuls += s.p[i] == '\0';
    }
    p = malloc(s.n + nuls * (sizeof(REPLACEMENT) - 2) + 1);
    if (p == NULL) {
        log_error("page data: out of memory");
        abort();
    }
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\0') {
            memcpy(p + at, REPLACEMENT, sizeof(REPLACEMENT) - 1);
            at += sizeof(REPLACEMENT) - 1;
        } else {
            p[at++] = s.p[i];
        }
    }
    p[at] = '\0';
    return p;
}


void
data_str(struct data *d, const char *name, struct str value)
{
    if (!str_null(value)) {
        /* takes the buffer over */
        must(hdf_set_buf(node(d), name, terminated(value)));
    }
}


void
data_text(struct data *d, const char *name, const char *value)
{
    if (value != NULL) {
        must(hdf_set_value(node(d), name, value));
    }
}


void
data_tr(struct data *d, const char *name, const char *english)
{
    data_text(d, name, english != NULL ? tr(english) : NULL);
}


void
data_i64(struct data *d, const char *name, int64_t value)
{
    char text[32];

    snprintf(text, sizeof(text), "%lld", (long long) value);
    must(hdf_set_value(node(d), name, text));
}


void
data_bool(struct data *d, const char *name, bool value)
{
    if (value) {
        must(hdf_set_value(node(d), name, "1"));
    }
}


void
data_time(struct data *d, const char *name, int64_t us)
{
    if (us != 0) {
        data_i64(d, name, us);
    }
}


void
data_item(struct data *list, struct str value)
{
    char name[24];

    next_name(list, name);
    data_str(list, name, str_null(value) ? STR("") : value);
}
