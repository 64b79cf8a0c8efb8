/* Filters on releases and deploys. */

#include "alert/condition.h"


enum verdict
filter_latest_release(const struct alert_node *n, struct facts *f)
{
    (void) n;
    return f->ev != NULL && f->ev->release.n > 0
                   && str_eq(f->ev->release, facts_latest_release(f))
               ? YES
               : NO;
}


/*
 * The release that the issue was first or last seen in, against the adopted
 * one.  An event that has just come is what was seen last.
 */
enum verdict
filter_adopted_release(const struct alert_node *n, struct facts *f)
{
    const struct alert_issue *is = facts_issue(f);
    bool oldest = !str_is(json_text_of(n->json, "oldest_or_newest"), "newest");
    bool older = !str_is(json_text_of(n->json, "older_or_newer"), "newer");
    struct str version;
    int side;

    if (is == NULL) {
        return NO;
    }
    version = oldest                                  ? is->first_release
              : f->ev != NULL && f->ev->release.n > 0 ? f->ev->release
                                                      : is->last_release;
    if (version.n == 0
        || !facts_against_adopted(f, json_text_of(n->json, "environment"),
                                  version, &side)) {
        return NO;
    }
    return (older ? side < 0 : side > 0) ? YES : NO;
}


enum verdict
filter_deploy(const struct alert_node *n, struct facts *f)
{
    struct str environment = json_text_of(n->json, "environment");
    int64_t last =
        facts_deploy(f, str_null(environment) ? STR("") : environment);
    bool in = last != 0 && f->at < last + (int64_t) (n->number * US_PER_MINUTE);

    return in == str_is(json_text_of(n->json, "side"), "inside") ? YES : NO;
}
