/*
 * alert/feedback.c - what somebody wrote sets off rules.
 *
 * A message is told of by itself: it keeps no rule silent, and none is silent
 * for it; there is no second one of it, and the rule's cap is what holds a
 * flood back.  Filters on events look at the message as if it was one.
 */

#include "alert/alert_work.h"
#include "alert/route_work.h"

#include "util/conf.h"
#include "util/hex.h"
#include "util/lang.h"

#define LEVEL_INFO 20


static void
add_tag(struct batch_event *ev, const char *key, struct str value)
{
    if (value.n > 0) {
        ev->tags[ev->ntags++] =
            (struct batch_tag){ .key = str_of(key), .value = value };
    }
}


static void
put(struct arena *a, struct json *in, const char *name, struct str value)
{
    if (value.n > 0) {
        json_set(in, str_of(name), json_new_str(a, value));
    }
}


static struct json *
doc_of(struct arena *a, const struct feedback *fb)
{
    struct json *doc = json_new(a, JSON_T_OBJECT);
    struct json *user = json_new(a, JSON_T_OBJECT);
    struct json *request = json_new(a, JSON_T_OBJECT);
    struct json *geo = json_new(a, JSON_T_OBJECT);

    put(a, user, "username", fb->name);
    put(a, user, "email", fb->email);
    put(a, geo, "country_code", fb->country);
    json_set(user, STR("geo"), geo);
    put(a, request, "url", fb->url);
    put(a, doc, "type", STR("feedback"));
    json_set(doc, STR("user"), user);
    json_set(doc, STR("request"), request);
    return doc;
}


void
facts_feedback(struct facts *f, const struct feedback *fb)
{
    struct batch_event *ev = arena_new_of(f->a, struct batch_event);

    *ev = (struct batch_event){
        .organization_id = f->organization_id,
        .project_id = fb->project_id,
        .received_at = fb->received_at,
        .occurred_at = fb->received_at,
        .level = LEVEL_INFO,
        .title = fb->message,
        .release = fb->release,
        .environment = fb->environment,
        .tags = arena_array(f->a, 6, sizeof(*ev->tags)),
    };
    if (!uuid_parse(fb->subject, ev->id)) {
        memset(ev->id, 0, sizeof(ev->id));
    }
    add_tag(ev, "environment", fb->environment);
    add_tag(ev, "release", fb->release);
    add_tag(ev, "browser", fb->browser);
    add_tag(ev, "os", fb->os);
    add_tag(ev, "geo.country_code", fb->country);
    add_tag(ev, "url", fb->url);
    f->causes = CAUSE_FEEDBACK;
    f->at = fb->received_at - fb->received_at % US_PER_MINUTE;
    f->project_id = fb->project_id;
    f->issue_id = fb->issue_id;
    f->ev = ev;
    f->doc = doc_of(f->a, fb);
    f->doc_read = true;
}


static enum status
alerts_feedback(struct alerts *al, struct db *db, struct arena *a,
                int64_t organization_id, const struct feedback *fb)
{
    struct salvo salvo = { .a = a };
    struct dues dues = { .a = a };
    struct facts f = { .a = a, .db = db, .organization_id = organization_id };
    struct ruleset rules = alerts_of(al, a, organization_id, fb->project_id);
    enum status st;

    if ((rules.causes & CAUSE_FEEDBACK) == 0) {
        return ST_OK;
    }
    facts_feedback(&f, fb);
    for (size_t i = 0; f.st == ST_OK && i < rules.n; i++) {
        const struct rule *r = rules.v[i];
        unsigned blocks;
        enum verdict v;

        if ((r->causes & CAUSE_FEEDBACK) == 0 || !rule_wants(r, fb->environment)
            || (v = rule_fires(r, &f)) == NO
            || (blocks = rule_passes(r, &f, rule_blocks(r))) == 0) {
            continue;
        }
        if (v == YES) {
            salvo_add(&salvo, r, &f, blocks);
            salvo.v[salvo.n - 1].feedback_id = fb->id;
            salvo.v[salvo.n - 1].event_id = fb->subject;

        } else if (f.issue_id != 0) {
            dues_add(&dues, &f, r, blocks);
        }
    }
    if (f.st != ST_OK || (st = dues_write(db, &dues)) != ST_OK) {
        return f.st != ST_OK ? f.st : st;
    }
    return salvo_fire_each(db, &salvo);
}


enum status
route_feedback(struct alerts *al, struct db *db, struct arena *a,
               const struct outbox_row *row, const struct json *data)
{
    struct feedback fb;
    int64_t id = 0;
    enum status st;

    json_i64(json_get(data, "feedback"), &id);
    st = feedback_find(db, a, row->organization_id, id, NULL, &fb);
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st; /* it is gone */
    }
    return alerts_feedback(al, db, a, row->organization_id, &fb);
}


/* What its notice says: the message, and the issue that it belongs to. */
enum status
tell_feedback(struct db *db, struct arena *a, const struct alert_fire *fire,
              struct notice *n)
{
    struct feedback fb;
    struct str who;
    enum status st;

    st = feedback_find(db, a, fire->organization_id, fire->feedback_id, NULL,
                       &fb);
    if (st != ST_OK) {
        return st;
    }
    st = fb.issue_id != 0 ? route_notice(db, a, fire->organization_id,
                                         fb.issue_id, fb.subject, n)
                          : tell_project(db, a, fire, n);
    if (st != ST_OK) {
        return st;
    }
    who = fb.name.n > 0 ? fb.name : fb.email;
    n->title = who.n > 0 ? lang_keep(a, N_("Feedback from {0}"), FILL(who))
                         : lang_keep(a, N_("Feedback"), NULL, 0);
    n->text = fb.message;
    n->level = LEVEL_INFO;
    n->environment = fb.environment;
    n->release = fb.release;
    n->url = str_printf(a, "%s/%.*s/feedback/%lld/?status=any",
                        conf_str(CONF_SYSTEM_URL_PREFIX),
                        STR_FMT(n->organization), (long long) fb.id);
    n->actions[0] =
        (struct notice_link){ 0, STR_N("Open the feedback"), n->url };
    n->nactions = 1;
    return ST_OK;
}
