/*
 * Whose bodies are kept.  Every event is counted and has its row; but of an
 * issue that floods, the hundred-thousandth body says what the others said.
 * Kept are, of each issue:
 *
 *   the first FIRST events, and the first of each hour;
 *   the first event with a release, environment, browser or country;
 *   the first event of some users;
 *   of the others one in ten, and the more there are in an hour the fewer.
 *
 * What was seen with an issue is remembered by this process, not looked up: to
 * forget it, or to be two workers, is to keep a body more.  A project can
 * switch all of this off.
 */

#include "model/batch_work.h"

#include "util/fnv.h"

#define FIRST 100
#define FIRST_OF_HOUR 60

/* One in so many users has the first event kept. */
#define USERS 16

/* A table of hashes; a newcomer takes the place of what stood there. */
#define SEEN_SIZE 65536

static const struct {
    int64_t up_to; /* events of the hour */
    int64_t one_in;
} thinning[] = { { 1000, 10 }, { 10000, 100 }, { INT64_MAX, 1000 } };

static const char *const tags[] = { "release", "environment", "browser",
                                    "geo.country_code" };

static uint64_t seen[SEEN_SIZE];


/* True the first time, for all that we remember. */
static bool
is_first(int64_t issue_id, struct str key, struct str value)
{
    uint64_t h = FNV_START ^ (uint64_t) issue_id;

    h = fnv_text(fnv_text(h, key), value);
    h ^= h >> 29;
    if (seen[h % SEEN_SIZE] == h) {
        return false;
    }
    seen[h % SEEN_SIZE] = h;
    return true;
}


static bool
says_something_new(const struct work_row *row)
{
    const struct batch_event *ev = row->ev;
    bool is_new = false;

    for (size_t i = 0; i < ev->ntags; i++) {
        for (size_t k = 0; k < sizeof(tags) / sizeof(tags[0]); k++) {
            if (str_is(ev->tags[i].key, tags[k])
                && is_first(row->issue->id, ev->tags[i].key,
                            ev->tags[i].value)) {
                is_new = true;
            }
        }
    }
    if (ev->user_tag.n > 0
        && (unsigned char) ev->user_tag.p[ev->user_tag.n - 1] % USERS == 0) {
        is_new |= is_first(row->issue->id, STR("user"), ev->user_tag);
    }
    return is_new;
}


static bool
is_kept(const struct work_row *row, int64_t of_all, int64_t of_hour)
{
    size_t i = 0;
    bool is_new = says_something_new(row);

    if (!row->ev->sampled || is_new || of_all <= FIRST
        || of_hour <= FIRST_OF_HOUR) {
        return true;
    }
    while (of_hour > thinning[i].up_to) {
        i++;
    }
    return of_hour % thinning[i].one_in == 0;
}


void
work_choose_bodies(struct work *w)
{
    for (size_t i = 0; i < w->nrows; i++) {
        struct work_row *row = &w->rows[i];

        if (row->issue != NULL) {
            row->issue->chosen++;
            row->keep = is_kept(row, row->issue->before + row->issue->chosen,
                                row->issue->hour_before + row->issue->chosen);
            row->issue->thinned += !row->keep;
        }
    }
}


void
work_forget_bodies(void)
{
    memset(seen, 0, sizeof(seen));
}
