/*
 * One loop: sleep until the next chore is due, ask whether we lead, run what
 * is due.  Nothing is due more often than once a second, so an idle fleet
 * costs next to nothing; a chore that fails waits longer each time.
 */

#include "cmd/chores.h"

#include <time.h>

#include "cmd/chore_alert.h"
#include "cmd/jobs.h"
#include "cmd/chore_health.h"
#include "cmd/chore_pulse.h"
#include "cmd/prefork.h"
#include "digest/ended.h"
#include "model/attachment.h"
#include "model/batch.h"
#include "model/body.h"
#include "model/chore.h"
#include "model/feedback.h"
#include "model/fold.h"
#include "model/integration.h"
#include "model/issue_life.h"
#include "model/issue_trend.h"
#include "model/ledger.h"
#include "model/organization_end.h"
#include "model/project_end.h"
#include "model/project_key.h"
#include "model/project_transfer.h"
#include "model/refused.h"
#include "model/release_recent.h"
#include "model/retention.h"
#include "model/session.h"
#include "model/spike.h"
#include "model/tag_sum.h"
#include "model/ticket_look.h"
#include "queue/proc.h"
#include "util/conf.h"
#include "util/log.h"
#include "util/timeutil.h"

/* At most so long without a sign of life. */
#define SLICE_US US_PER_SECOND

/* The longest pause of a chore that keeps failing. */
#define BACKOFF_MAX_US (60 * US_PER_SECOND)

#define SECONDS(n) ((n) *1000)


struct chore {
    const char *name; /* for the log */
    int every_ms;
    enum status (*run)(struct chore_context *c, bool *more);
};


/* An edge refuses what Redis does not know: publish what it has lost. */
static enum status
publish_lost_keys(struct chore_context *c, bool *more)
{
    (void) more;
    return project_key_publish_lost(c->db, c->redis);
}


/* Keys that others have taken the place of. */
static enum status
expire_keys(struct chore_context *c, bool *more)
{
    return project_key_expire(c->db, c->redis, c->arena, time_now(), more);
}


/* Projects whose deletion nobody has taken back. */
static enum status
end_projects(struct chore_context *c, bool *more)
{
    return project_end(c->db, c->redis, c->arena, time_now(), more);
}


static enum status
end_organizations(struct chore_context *c, bool *more)
{
    return organization_end(c->db, c->arena, time_now(), more);
}


static enum status
move_projects(struct chore_context *c, bool *more)
{
    return project_transfer_run(c->db, c->redis, c->arena, more);
}


/* Files that no attachment has any more. */
static enum status
sweep_attachments(struct chore_context *c, bool *more)
{
    return attachment_sweep(c->db, c->arena, more);
}


/* Feedback that came before the event that it is about. */
static enum status
link_feedback(struct chore_context *c, bool *more)
{
    return feedback_link(c->db, c->arena, more);
}


/* Sessions and users that were kept only to count each once. */
static enum status
forget_sessions(struct chore_context *c, bool *more)
{
    return session_forget(c->db, c->arena, more);
}


/* What a project may burst to, by what is normal for it. */
static enum status
reckon_spikes(struct chore_context *c, bool *more)
{
    return spike_reckon(c->db, c->redis, c->arena, more);
}


/* What the digest has stored is counted by tag. */
static enum status
fold(struct chore_context *c, bool *more)
{
    return fold_events(c->db, c->arena, more);
}


/* After a new key was put in front of system.secret-file. */
static enum status
reseal_secrets(struct chore_context *c, bool *more)
{
    return integration_reseal(c->db, c->arena, more);
}


/* Dictionaries to pack bodies with. */
static enum status
train(struct chore_context *c, bool *more)
{
    return body_train(c->db, c->arena, more);
}


/* Hours that are over are added up. */
static enum status
close_ledger(struct chore_context *c, bool *more)
{
    return ledger_close(c->db, c->arena, more);
}


/* What is past its age, or too much. */
static enum status
retain(struct chore_context *c, bool *more)
{
    return retention_step(c->db, c->arena, more);
}


/* Archived issues that are to be seen again. */
static enum status
wake_issues(struct chore_context *c, bool *more)
{
    return issue_life_return(c->db, c->arena, more);
}


static enum status
settle_issues(struct chore_context *c, bool *more)
{
    return issue_life_settle(c->db, c->arena, more);
}


static enum status
resolve_issues(struct chore_context *c, bool *more)
{
    return issue_life_resolve(c->db, c->arena, more);
}


static enum status
reckon_trends(struct chore_context *c, bool *more)
{
    (void) more;
    return issue_trend_reckon(c->db, c->arena, time_now());
}


static enum status
reckon_releases(struct chore_context *c, bool *more)
{
    (void) more;
    return release_recent_reckon(c->db, c->arena, time_now());
}


/* Counters of many projects by tag, of days that are over. */
static enum status
add_up_tags(struct chore_context *c, bool *more)
{
    return tag_sum_reckon(c->db, c->arena, more);
}


/* Tickets whose webhooks may have been missed. */
static enum status
look_at_tickets(struct chore_context *c, bool *more)
{
    return ticket_look_due(c->db, c->arena, more);
}


static enum status
forget_ends(struct chore_context *c, bool *more)
{
    return batch_ended_forget(c->db, c->arena, more);
}


/* Samples of what was refused. */
static enum status
forget_refused(struct chore_context *c, bool *more)
{
    (void) more;
    return refused_forget(c->db, c->arena);
}


/* Events that the edges have refused. */
static enum status
take_ends(struct chore_context *c, bool *more)
{
    return ended_take(c->db, c->redis, c->arena, more);
}


static const struct chore chores[] = {
    { "keys", SECONDS(2), publish_lost_keys },
    { "key ends", SECONDS(2), expire_keys },
    { "project ends", SECONDS(5), end_projects },
    { "organisation ends", SECONDS(5), end_organizations },
    { "project moves", SECONDS(2), move_projects },
    { "secrets", SECONDS(10), reseal_secrets },
    { "attachments", SECONDS(3600), sweep_attachments },
    { "feedback", SECONDS(5), link_feedback },
    { "sessions", SECONDS(600), forget_sessions },
    { "spikes", SECONDS(5), reckon_spikes },
    { "alert counts", SECONDS(2), chore_alert_count },
    { "alert watch", SECONDS(15), chore_alert_watch },
    { "alert metrics", SECONDS(10), chore_alert_metric },
    { "alert forget", SECONDS(600), chore_alert_forget },
    { "weekly reports", SECONDS(600), chore_alert_weekly },
    { "fold", SECONDS(1), fold },
    { "dictionaries", SECONDS(10), train },
    { "ledger", SECONDS(600), close_ledger },
    { "retention", SECONDS(5), retain },
    { "jobs", SECONDS(1), jobs_run },
    { "issues that return", SECONDS(2), wake_issues },
    { "issues that settle", SECONDS(10), settle_issues },
    { "issues long unseen", SECONDS(10), resolve_issues },
    { "trends", SECONDS(30), reckon_trends },
    { "releases", SECONDS(60), reckon_releases },
    { "tags", SECONDS(60), add_up_tags },
    { "tickets", SECONDS(2), look_at_tickets },
    { "ends at the edge", SECONDS(1), take_ends },
    { "ends of events", SECONDS(60), forget_ends },
    { "refused samples", SECONDS(60), forget_refused },
    { "old jobs", SECONDS(3600), jobs_forget },
    { "pulse", SECONDS(1), chore_pulse },
    { "health", SECONDS(15), chore_health },
};

#define CHORES (sizeof(chores) / sizeof(chores[0]))


struct state {
    int64_t due; /* monotonic µs */
};


static void
run(const struct chore *chore, struct state *s, struct chore_report *report,
    struct chore_context *c)
{
    int64_t pause = chore->every_ms * (US_PER_SECOND / 1000);
    int64_t started = time_monotonic();
    bool more = false;
    enum status st = chore->run(c, &more);

    arena_reset(c->arena);
    report->ran_at = time_now();
    report->took_us = time_monotonic() - started;
    if (st == ST_OK) {
        report->failures = 0;

    } else {
        log_warning("the chore \"%s\" will be tried again: %s", chore->name,
                    status_text(st));
        for (int i = 0; i < report->failures && pause < BACKOFF_MAX_US; i++) {
            pause *= 2;
        }
        if (pause > BACKOFF_MAX_US
            && pause > chore->every_ms * (US_PER_SECOND / 1000)) {
            pause = BACKOFF_MAX_US;
        }
        report->failures++;
        more = false;
    }
    s->due = more ? 0 : time_monotonic() + pause;
}


/* All that is due, once; the time when the next one is. */
static int64_t
round_of(struct state *states, struct chore_report *reports,
         struct chore_context *c)
{
    int64_t next = INT64_MAX;
    bool leads = false;

    for (size_t i = 0; i < CHORES && !prefork_stopping(); i++) {
        if (states[i].due <= time_monotonic()) {
            if (!leads) {
                if (chore_lead(c->db, c->arena, &leads) != ST_OK || !leads) {
                    arena_reset(c->arena);
                    return time_monotonic() + 2 * US_PER_SECOND;
                }
                arena_reset(c->arena);
            }
            run(&chores[i], &states[i], &reports[i], c);
        }
        if (states[i].due < next) {
            next = states[i].due;
        }
    }
    return next;
}


static void
sleep_until(int64_t us)
{
    int64_t left = us - time_monotonic();

    if (left > SLICE_US) {
        left = SLICE_US;
    }
    if (left > 0) {
        struct timespec t = { left / US_PER_SECOND,
                              left % US_PER_SECOND * 1000 };

        nanosleep(&t, NULL); /* a signal ends it early */
    }
}


int
chores_run(void *arg)
{
    struct state states[CHORES] = { { 0 } };
    struct chore_report reports[CHORES];
    struct chore_context c = { .arena = arena_new(),
                               .db = db_new(conf_str(CONF_DB_URL)),
                               .redis = redis_new(),
                               .reports = reports,
                               .nreports = CHORES };

    (void) arg;
    db_role(c.db, DB_ROLE_WORKER);
    log_name("chores");
    for (size_t i = 0; i < CHORES; i++) {
        reports[i] = (struct chore_report){ .name = chores[i].name,
                                            .every_ms = chores[i].every_ms };
    }
    while (!prefork_stopping()) {
        int64_t next = round_of(states, reports, &c);

        proc_beat(c.redis, "chores", "");
        while (!prefork_stopping() && time_monotonic() < next) {
            sleep_until(next);
            proc_beat(c.redis, "chores", "");
        }
    }

    redis_free(c.redis);
    db_free(c.db);
    arena_free(c.arena);
    return 0;
}
