#include "model/outcome.h"

#include <stdlib.h>

#include "model/ledger.h"
#include "util/timeutil.h"


int64_t
outcome_hour(int64_t us)
{
    return us - (us % US_PER_HOUR + US_PER_HOUR) % US_PER_HOUR;
}


static int
compare_i64(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}


/* In the order of the primary key. */
static int
by_key(const void *left, const void *right)
{
    const struct outcome *a = left, *b = right;
    int c;

    if ((c = compare_i64(a->organization_id, b->organization_id)) != 0
        || (c = compare_i64(a->project_id, b->project_id)) != 0
        || (c = compare_i64(a->hour, b->hour)) != 0
        || (c = compare_i64(a->key_id, b->key_id)) != 0
        || (c = str_cmp(a->category, b->category)) != 0
        || (c = str_cmp(a->outcome, b->outcome)) != 0) {
        return c;
    }
    return str_cmp(a->reason, b->reason);
}


static size_t
merge(struct outcome *list, size_t n)
{
    size_t kept = 0;

    qsort(list, n, sizeof(*list), by_key);
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && by_key(&list[kept - 1], &list[i]) == 0) {
            list[kept - 1].quantity += list[i].quantity;

        } else {
            list[kept++] = list[i];
        }
    }
    return kept;
}


enum status
outcome_add(struct db *db, struct arena *a, struct outcome *list, size_t n)
{
    int64_t open = time_now() - LEDGER_OPEN_US;
    int64_t *numbers[5];
    struct str *texts[3];
    struct db_arg args[8];
    bool late = false;
    enum status st = ST_OK;

    if (n == 0) {
        return ST_OK;
    }
    n = merge(list, n);

    for (size_t k = 0; k < 5; k++) {
        numbers[k] = arena_array(a, n, sizeof(int64_t));
    }
    for (size_t k = 0; k < 3; k++) {
        texts[k] = arena_array(a, n, sizeof(struct str));
    }
    for (size_t i = 0; i < n; i++) {
        numbers[0][i] = list[i].organization_id;
        numbers[1][i] = list[i].project_id;
        numbers[2][i] = list[i].hour;
        numbers[3][i] = list[i].key_id;
        numbers[4][i] = list[i].quantity;
        texts[0][i] = list[i].category;
        texts[1][i] = list[i].outcome;
        texts[2][i] = str_null(list[i].reason) ? STR("") : list[i].reason;
        late |= list[i].hour + US_PER_HOUR <= open;
    }
    args[0] = db_i64_array(a, numbers[0], n);
    args[1] = db_i64_array(a, numbers[1], n);
    args[2] = db_time_array(a, numbers[2], n);
    args[3] = db_i64_array(a, numbers[3], n);
    for (size_t k = 0; k < 3; k++) {
        args[4 + k] = db_str_array(a, texts[k], n);
    }
    args[7] = db_i64_array(a, numbers[4], n);
    if (late) {
        st = ledger_late(db, a);
    }
    if (st == ST_OK) {
        st = db_query(db, a, SQL_OUTCOME_ADD, args, 8, NULL);
    }
    if (st == ST_OK && late) {
        st = db_query(db, a, SQL_LEDGER_ADD, args, 8, NULL);
    }
    return st;
}
