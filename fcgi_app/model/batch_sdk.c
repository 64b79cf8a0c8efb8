/*
 * The newest version of each SDK.  A worker remembers what it has written, so
 * that a batch asks only for what is newer, or once a day.
 */

#include "model/batch_work.h"

#include "model/version.h"
#include "util/fnv.h"
#include "util/timeutil.h"

#define KNOWN 1024 /* names, by their hash; one may push another out */
#define KEY_MAX 40
#define SDK_MAX 64
#define NAMES_MAX 100

static struct {
    uint64_t name;
    int64_t day;
    size_t n;
    char key[KEY_MAX]; /* version_sort_key() */
} known[KNOWN];


/* Whether it is newer than what was written today. */
static bool
is_news(const struct batch_event *ev, struct str key)
{
    uint64_t name =
        fnv_text(FNV_START ^ (uint64_t) ev->organization_id, ev->sdk_name);
    size_t at = (name ^ name >> 32) % KNOWN;
    int64_t day = ev->received_at / US_PER_DAY;

    if (known[at].name == name && known[at].day >= day
        && str_cmp(key, str_make(known[at].key, known[at].n)) <= 0) {
        return false;
    }
    known[at].name = name;
    known[at].day = day;
    known[at].n = key.n;
    memcpy(known[at].key, key.p, key.n);
    return true;
}


/* "2.33.0", but not "3.0.0-alpha.1": nobody has to follow that. */
static struct str
key_of(struct arena *a, const struct batch_event *ev)
{
    struct version version;
    struct str key;

    if (ev->sdk_name.n == 0 || ev->sdk_name.n > SDK_MAX
        || str_chr(ev->sdk_name, ' ') >= 0) {
        return STR_NULL;
    }
    version_parse(ev->sdk_version, &version);
    key = version.is_semantic && version.pre.n == 0
              ? version_sort_key(a, ev->sdk_version)
              : STR_NULL;
    return key.n <= KEY_MAX ? key : STR_NULL;
}


enum status
work_note_sdks(struct db *db, struct arena *a, const struct batch *b)
{
    int64_t *organizations = arena_array(a, b->nevents, sizeof(int64_t));
    struct str *names = arena_array(a, b->nevents, sizeof(struct str));
    struct str *versions = arena_array(a, b->nevents, sizeof(struct str));
    struct str *keys = arena_array(a, b->nevents, sizeof(struct str));
    size_t n = 0;
    enum status st;

    for (size_t i = 0; i < b->nevents; i++) {
        const struct batch_event *ev = b->events[i];
        struct str key = key_of(a, ev);

        if (!str_null(key) && is_news(ev, key)) {
            organizations[n] = ev->organization_id;
            names[n] = ev->sdk_name;
            versions[n] = ev->sdk_version;
            keys[n++] = key;
        }
    }
    if (n == 0) {
        return ST_OK;
    }
    st = db_query(db, a, SQL_BATCH_SDKS_SEEN,
                  DB_ARGS(db_i64_array(a, organizations, n),
                          db_str_array(a, names, n),
                          db_str_array(a, versions, n),
                          db_bytes_array(a, keys, n), db_i64(NAMES_MAX)),
                  NULL);
    if (st != ST_OK) {
        memset(known, 0, sizeof(known)); /* it is asked for again */
    }
    return st;
}
