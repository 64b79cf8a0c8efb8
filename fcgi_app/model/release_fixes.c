#include "model/release_fixes.h"

#include <ctype.h>

#include "model/issue.h"
#include "model/issue_change.h"


/* ---- reading a message */

static bool
is_verb(struct str word)
{
    static const char *const verbs[] = { "fix",     "fixes",    "fixed",
                                         "close",   "closes",   "closed",
                                         "resolve", "resolves", "resolved" };

    if (str_ends(word, STR(":"))) {
        word.n--;
    }
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (str_ieq(word, str_of(verbs[i]))) {
            return true;
        }
    }
    return false;
}


/* Up to white space or a comma. */
static bool
next_word(struct str *rest, struct str *word)
{
    size_t from = 0, to;

    while (
        from < rest->n
        && (isspace((unsigned char) rest->p[from]) || rest->p[from] == ',')) {
        from++;
    }
    to = from;
    while (to < rest->n && !isspace((unsigned char) rest->p[to])
           && rest->p[to] != ',') {
        to++;
    }
    *word = str_sub(*rest, from, to);
    *rest = str_sub(*rest, to, rest->n);
    return word->n > 0;
}


/* "SHOP-1A", also in brackets or at the end of a sentence. */
static struct str
trimmed(struct str word)
{
    while (word.n > 0 && strchr("([#\"'", word.p[0]) != NULL) {
        word = str_sub(word, 1, word.n);
    }
    while (word.n > 0 && strchr(")].;:!\"'", word.p[word.n - 1]) != NULL) {
        word.n--;
    }
    return word;
}


/* A verb holds for the ids behind it, with commas or "and" between. */
size_t
release_fixes_of(struct str message, struct str *out, size_t max)
{
    struct str word;
    bool said = false;
    size_t n = 0;

    while (n < max && next_word(&message, &word)) {
        if (is_verb(word)) {
            said = true;

        } else if (!said || str_ieq(word, STR("and"))) {
            continue;

        } else if (str_chr(trimmed(word), '-') > 0) {
            out[n++] = trimmed(word);

        } else {
            said = false;
        }
    }
    return n;
}


/* ---- resolving */

/* Issues are often repaired by several commits. */
static void
add_once(int64_t *ids, size_t *n, int64_t id)
{
    for (size_t i = 0; i < *n; i++) {
        if (ids[i] == id) {
            return;
        }
    }
    ids[(*n)++] = id;
}


static enum status
find_issues(struct db *db, struct arena *a, int64_t organization_id,
            int64_t project_id, const struct commit *commits, size_t n,
            int64_t *ids, size_t *nids)
{
    struct str names[RELEASE_FIXES_MAX];
    size_t nnames = 0;

    for (size_t i = 0; i < n && nnames < RELEASE_FIXES_MAX; i++) {
        nnames += release_fixes_of(commits[i].message, names + nnames,
                                   RELEASE_FIXES_MAX - nnames);
    }
    for (size_t i = 0; i < nnames; i++) {
        struct issue is = { 0 };
        struct str slug;
        int64_t number;
        enum status st = issue_short_id_parse(a, names[i], &slug, &number);

        if (st == ST_OK) {
            st = issue_find(db, a, organization_id, names[i], &is);
        }
        if (st == ST_OK && is.project_id == project_id
            && is.status != ISSUE_RESOLVED) {
            add_once(ids, nids, is.id);
        }
        if (st != ST_OK && st != ST_NOT_FOUND && st != ST_INVALID) {
            return st;
        }
    }
    return ST_OK;
}


enum status
release_fixes(struct db *db, struct arena *a, int64_t organization_id,
              int64_t release_id, const struct commit *commits, size_t n)
{
    int64_t ids[RELEASE_FIXES_MAX];
    struct db_rows rows;
    size_t nids = 0;
    enum status st =
        db_one(db, a, SQL_RELEASE_NAME,
               DB_ARGS(db_i64(organization_id), db_i64(release_id)), &rows);

    if (st == ST_OK) {
        st = find_issues(db, a, organization_id,
                         db_get_i64(&rows, 0, "project_id"), commits, n, ids,
                         &nids);
    }
    if (st != ST_OK || nids == 0) {
        return st;
    }
    return issue_change_itself(
        db, a, organization_id, ids, nids, STR("resolve"),
        str_printf(a, "release %.*s",
                   STR_FMT(db_get_str(&rows, 0, "version"))));
}
