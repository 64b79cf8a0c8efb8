/*
 * Only events that make an issue, or bring one back, are asked about, so their
 * bodies are unpacked once more: most events cost nothing here.
 */

#include "digest/owner.h"

#include "digest/ownership.h"
#include "model/body.h"
#include "model/issue_owner.h"
#include "model/project_setting.h"


static const struct owner_rule *
rule_of(const struct ownership *rules, struct db *db, struct arena *a,
        struct str packed)
{
    struct json *doc;
    struct str text;

    /* one that cannot be read is nobody's */
    return body_unpack(db, a, packed, &text) == ST_OK
                   && json_parse(a, text, NULL, &doc, NULL) == ST_OK
               ? ownership_match(a, rules, doc)
               : NULL;
}


static struct issue_owner
owner(int64_t organization_id, int64_t issue_id, const struct owner_rule *rule,
      bool assign)
{
    return (struct issue_owner){
        .organization_id = organization_id,
        .issue_id = issue_id,
        .rule = rule != NULL ? rule->text : STR(""),
        .owners = rule != NULL ? rule->owners : NULL,
        .n = rule != NULL ? rule->n : 0,
        .assign = assign,
    };
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
        rule = rule_of(rules, db, scratch, ev->body);
        found[nfound++] = owner(ev->organization_id, changes[i].issue_id, rule,
                                rules->assign);
        arena_reset(scratch);
    }
    if (nfound > 0) {
        st = issue_owner_write(db, a, found, nfound);
    }
    arena_free(scratch);
    return st;
}


/* As they are now: who saved them again has added a job of their own. */
static enum status
read_rules(struct db *db, struct arena *a, const struct job *job,
           struct ownership *out)
{
    struct project_setting *settings;
    struct ownership_error err;
    bool assign = true;
    size_t n;
    enum status st = project_setting_list(db, a, &job->organization_id,
                                          &job->project_id, 1, &settings, &n);

    *out = (struct ownership){ .n = 0 };
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        if (str_is(settings[i].name, OWNERSHIP_RULES)) {
            st = ownership_parse(a, settings[i].value, out, &err);

        } else if (str_is(settings[i].name, OWNERSHIP_ASSIGN)) {
            assign = !str_is(settings[i].value, "off");
        }
    }
    out->assign = assign;
    return st;
}


enum status
owners_step(struct db *db, struct arena *a, struct job *job)
{
    struct arena *scratch = arena_new();
    struct issue_owner_sample *samples;
    struct ownership rules;
    struct issue_owner *found;
    int64_t before = 0;
    size_t n, nfound = 0;
    enum status st;

    (void) str_i64(job->position, &before);
    if ((st = read_rules(db, a, job, &rules)) != ST_OK
        || (st = issue_owner_samples(db, a, job->organization_id,
                                     job->project_id, &before, &samples, &n))
               != ST_OK) {
        arena_free(scratch);
        return st;
    }
    found = arena_array(a, n, sizeof(*found));
    for (size_t i = 0; i < n; i++) {
        if (!str_null(samples[i].packed)) {
            found[nfound++] =
                owner(job->organization_id, samples[i].issue_id,
                      rule_of(&rules, db, scratch, samples[i].packed),
                      rules.assign && !samples[i].was_freed);
            arena_reset(scratch);
        }
    }
    arena_free(scratch);
    if (nfound > 0) {
        st = issue_owner_write(db, a, found, nfound);
    }
    job->done += (int64_t) n;
    job->position = str_printf(a, "%lld", (long long) before);
    job->state = before == 0 ? JOB_DONE : JOB_TODO;
    return st;
}
