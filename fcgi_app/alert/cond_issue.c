/* Conditions of what happened to an issue. */

#include "alert/condition.h"


/* It has happened, or the rule would not be looked at. */
enum verdict
cond_cause(const struct alert_node *n, struct facts *f)
{
    if (n->type->causes == CAUSE_NEW) {
        return f->is_new ? YES : NO;
    }
    return (f->causes & n->type->causes) != 0 ? YES : NO;
}


static bool
is_high(struct facts *f)
{
    const struct alert_issue *is = facts_issue(f);
    int now, before;

    if (f->past) {
        facts_priority(f, &now, &before);
        return now >= 75;
    }
    return is != NULL && is->priority >= 75;
}


enum verdict
cond_high_priority_new(const struct alert_node *n, struct facts *f)
{
    (void) n;
    return f->is_new && is_high(f) ? YES : NO;
}


enum verdict
cond_high_priority_existing(const struct alert_node *n, struct facts *f)
{
    return !f->is_new && (f->causes & n->type->causes) != 0 && is_high(f) ? YES
                                                                          : NO;
}


/* The change that has just been made lowered it. */
enum verdict
cond_deescalated(const struct alert_node *n, struct facts *f)
{
    return (f->causes & CAUSE_PRIORITY) != 0 ? filter_deescalated(n, f) : NO;
}


enum verdict
cond_mention(const struct alert_node *n, struct facts *f)
{
    struct str text = json_text_of(n->json, "text");

    if ((f->causes & CAUSE_COMMENT) == 0) {
        return NO;
    }
    return text.n == 0 || str_ifind(f->comment, text) != -1 ? YES : NO;
}


enum verdict
cond_new_tag(const struct alert_node *n, struct facts *f)
{
    struct str key = alert_tag_key(n);

    return (f->causes & CAUSE_TAG) != 0 && str_ieq(f->tag->key, key) ? YES : NO;
}


struct str
alert_tag_key(const struct alert_node *n)
{
    if (strstr(n->type->id, "NewRelease") != NULL) {
        return STR("release");
    }
    if (strstr(n->type->id, "NewCountry") != NULL) {
        return STR("geo.country_code");
    }
    return n->key;
}
