/*
 * Comparing texts, ASCII letters alike.  The kinds that say "not" hold when no
 * value matches, so also when there is none.
 */

#include "alert/condition.h"


static bool
one_of(struct str list, struct str have)
{
    struct str part;

    while (str_split(&list, ',', &part)) {
        if (str_ieq(str_trim(part), have)) {
            return true;
        }
    }
    return false;
}


static bool
matches(enum match_kind kind, struct str value, struct str have)
{
    struct str end;

    switch (kind) {
    case MATCH_EQ:
    case MATCH_NE:
        return str_ieq(value, have);

    case MATCH_SW:
    case MATCH_NSW:
        return have.n >= value.n && str_ieq(value, str_sub(have, 0, value.n));

    case MATCH_EW:
    case MATCH_NEW:
        end = have.n >= value.n ? str_sub(have, have.n - value.n, have.n)
                                : STR_NULL;
        return have.n >= value.n && str_ieq(value, end);

    case MATCH_CO:
    case MATCH_NC:
        return str_ifind(have, value) != -1;

    case MATCH_IN:
    case MATCH_NIN:
        return one_of(value, have);

    default:
        return false;
    }
}


bool
match_values(enum match_kind kind, struct str value, const struct str *have,
             size_t n)
{
    bool any = false;
    size_t set = 0;

    for (size_t i = 0; i < n; i++) {
        if (!str_null(have[i])) {
            set++;
            any = any || matches(kind, value, have[i]);
        }
    }
    switch (kind) {
    case MATCH_IS:
        return set > 0;

    case MATCH_NS:
        return set == 0;

    case MATCH_NE:
    case MATCH_NSW:
    case MATCH_NEW:
    case MATCH_NC:
    case MATCH_NIN:
        return !any;

    default:
        return any;
    }
}
