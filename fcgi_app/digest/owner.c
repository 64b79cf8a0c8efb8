/*
 * Only events that make an issue, or bring one back, are asked about, so their
 * bodies are unpacked once more: most events cost nothing here.
 */

#include "digest/owner.h"

#include "digest/ownership.h"
#include "model/body.h"
#include "model/issue_owner.h"


static const struct owner_rule *
rule_of(const struct ownership *rules, struct db *db, struct arena *a,
        const struct batch_event *ev)
{
    struct json *doc;
    struct str text;

    /* one that cannot be read is nobody's */
    return body_unpack(db, a, ev->body, &text) == ST_OK
                   && json_parse(a, text, NULL, &doc, NULL) == ST_OK
               ? ownership_match(a, rules, doc)
               : NULL;
}


enum status
owners_find(const struct wishes *w, struct db *db, struct arena *a,
            const struct batch_change *changes, size_t n)
{
    struct issue_owner *found = NULL;
    struct arena *scratch = NULL;
    size_t nfound = 0;
    enum status st = ST_OK;

    for (size_t i = 0; i < n; i++) {
        const struct batch_event *ev = changes[i].ev;
        const struct ownership *rules = wishes_owners(w, ev->project_id);
        const struct owner_rule *rule;

        if (rules == NULL || !(changes[i].fresh || changes[i].regressed)) {
            continue;
        }
        if (scratch == NULL) {
            scratch = arena_new();
            found = arena_array(a, n, sizeof(*found));
        }
        rule = rule_of(rules, db, scratch, ev);
        found[nfound++] = (struct issue_owner){
            .organization_id = ev->organization_id,
            .issue_id = changes[i].issue_id,
            .rule = rule != NULL ? rule->text : STR(""),
            .owners = rule != NULL ? rule->owners : NULL,
            .n = rule != NULL ? rule->n : 0,
            .assign = rules->assign,
        };
        arena_reset(scratch);
    }
    if (nfound > 0) {
        st = issue_owner_write(db, a, found, nfound);
    }
    arena_free(scratch);
    return st;
}
