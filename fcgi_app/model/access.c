#include "model/access.h"


static bool
has(const int64_t *ids, size_t n, int64_t id)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (ids[middle] == id) {
            return true;
        }
        if (ids[middle] < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}


bool
access_sees(const struct access *access, int64_t project)
{
    return access->all || has(access->projects, access->n, project);
}


bool
access_own(const struct access *access, int64_t project)
{
    return has(access->projects, access->n, project);
}


bool
access_starred(const struct access *access, int64_t project)
{
    return has(access->starred, access->nstarred, project);
}


enum role
access_role(const struct access *access, enum role role, int64_t project)
{
    if (role < ROLE_ADMIN && has(access->led, access->nled, project)) {
        return ROLE_ADMIN;
    }
    return role;
}


struct db_arg
access_arg(struct arena *a, const struct access *access)
{
    return access == NULL || access->all
               ? db_null()
               : db_i64_array(a, access->projects, access->n);
}


int64_t *
access_ids(struct arena *a, struct str text, size_t *n)
{
    int64_t *ids = arena_array(a, text.n / 2 + 1, sizeof(*ids));
    struct str rest = text, part;

    *n = 0;
    while (str_split(&rest, ',', &part)) {
        if (str_i64(part, &ids[*n])) {
            (*n)++;
        }
    }
    return ids;
}
