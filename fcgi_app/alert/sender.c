#include "alert/sender.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "alert/mail_digest.h"
#include "alert/route.h"
#include "integration/integration.h"
#include "model/mail_digest.h"
#include "model/organization.h"
#include "model/outbox_lane.h"
#include "model/recipient.h"
#include "util/conf.h"
#include "util/fail.h"
#include "util/lang.h"
#include "util/log.h"
#include "util/zone.h"

/* Rows of one turn, and how long into it another one is begun. */
#define TURN_ROWS 20
#define TURN_US (US_PER_SECOND / 4)

struct sender {
    struct db *db;
    mail_render render;
    void (*busy)(bool is);
    int failing;
    struct alerts *alerts;
    struct smtp *smtp;
    struct arena *turn;
    struct arena *row;
    const PGconn *listening;    /* the connection that LISTENs */
    char lane[OUTBOX_LANE_MAX]; /* the last one */
    bool failed;                /* its endpoint, in this turn */
    int64_t idle_since;         /* monotonic */
    uint64_t sent;
};


struct sender *
sender_new(struct db *db, mail_render render, int senders,
           void (*busy)(bool is))
{
    struct sender *s = calloc(1, sizeof(*s));

    if (s == NULL) {
        abort();
    }
    srandom((unsigned) getpid());
    s->db = db;
    s->render = render;
    s->busy = busy;
    s->failing = senders > 1 ? senders / 2 : 1;
    s->alerts = alerts_new();
    s->smtp = smtp_new();
    s->turn = arena_new();
    s->row = arena_new();
    s->idle_since = time_monotonic();
    return s;
}


void
sender_free(struct sender *s)
{
    if (s == NULL) {
        return;
    }
    alerts_free(s->alerts);
    smtp_free(s->smtp);
    arena_free(s->turn);
    arena_free(s->row);
    free(s);
}


uint64_t
sender_sent(const struct sender *s)
{
    return s->sent;
}


int64_t
sender_idle(const struct sender *s)
{
    return time_monotonic() - s->idle_since;
}


/* mail */

/* Where one click ends it: the issue's mails, or the project's alerts. */
static struct str
unsubscribe_of(struct arena *a, struct str key, const struct outbox_row *row,
               const struct notice *n)
{
    struct mail_link link = { .account_id = row->account_id,
                              .organization_id = row->organization_id };

    if (row->account_id == 0 || row->organization_id == 0) {
        return STR_NULL;
    }
    if (str_is(n->cause, "workflow")) {
        link.action = STR("unfollow");
        link.object = row->issue_id;

    } else if (str_is(n->cause, "report")) {
        link.action = STR("unreport");

    } else {
        link.action = STR("silence");
        link.object = row->project_id;
    }
    return link_url(a, key, &link);
}


static enum status
send_mail(struct sender *s, const struct outbox_row *row,
          const struct notice *n, struct smtp_result *out)
{
    struct arena *a = s->row;
    struct mail_parts parts;
    struct mail mail = { .to = row->address,
                         .message_id = mail_id(a, row->key),
                         .project = n->project,
                         .bulk = !str_is(n->cause, "account") };
    struct str key;
    enum status st;

    if ((st = signing_key(s->db, a, &key)) != ST_OK) {
        return st;
    }
    mail.unsubscribe = unsubscribe_of(a, key, row, n);
    st = s->render(a, n, key, row->account_id, mail.unsubscribe, &parts);
    if (st != ST_OK) {
        *out = (struct smtp_result){ OUTBOX_PERMANENT, 0,
                                     STR("The mail cannot be rendered.") };
        return ST_OK;
    }
    mail.subject = parts.subject;
    mail.text = parts.text;
    mail.html = parts.html;
    if (n->project.n > 0) {
        mail.list = str_printf(a, "<%.*s.%.*s.%s>", STR_FMT(n->project),
                               STR_FMT(n->organization),
                               conf_str(CONF_MAIL_LIST_NAMESPACE));
    }
    if (row->issue_id != 0) {
        st = mail_thread(s->db, a, row->organization_id, row->issue_id,
                         row->address, mail.message_id, &mail.thread);
        if (st != ST_OK) {
            return st;
        }
    }
    smtp_send(s->smtp, a, &mail, out);
    return ST_OK;
}


/*
 * A connection has failed for good: those who look after it are told by mail,
 * once a day.
 */
static enum status
tell_of_death(struct sender *s, const struct outbox_row *row, struct str answer)
{
    struct arena *a = s->row;
    struct recipient *list;
    struct organization org;
    enum status st;
    size_t n;

    if (row->integration_id == 0 || str_is(row->cause, "test")) {
        return ST_OK;
    }
    if ((st = organization_by_id(s->db, a, row->organization_id, &org)) != ST_OK
        || (st = recipient_managers(s->db, a, org.id, &list, &n)) != ST_OK) {
        return st;
    }
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        st = outbox_mail(
            s->db, a, org.id, list[i].email,
            lang_keep(a, N_("A notification by {0} was not delivered"),
                      FILL(row->channel)),
            lang_keep(a,
                      N_("The last answer was: {0}\n\nThis is told once a day "
                         "for a connection; the delivery log has all of them."),
                      FILL(answer)),
            STR_N("Open the delivery log"),
            str_printf(a, "%s/%.*s/alerts/deliveries/?failed=1",
                       conf_str(CONF_SYSTEM_URL_PREFIX), STR_FMT(org.slug)),
            str_printf(a, "died:%lld:%lld:%lld",
                       (long long) row->integration_id,
                       (long long) time_day(time_now()),
                       (long long) list[i].account_id));
    }
    return st;
}


/* one row */

static enum status
speak_to(struct sender *s, const struct outbox_row *row)
{
    struct outbox_reader reader;
    enum status st = outbox_reader(s->db, s->row, row, &reader);

    if (st == ST_OK) {
        lang_use(lang_find(reader.language));
        zone_use(reader.time_zone);
    }
    return st;
}


static enum status
deliver(struct sender *s, const struct outbox_row *row)
{
    struct integration_result result = { .result = OUTBOX_PERMANENT };
    struct smtp_result mailed;
    struct notice n;
    enum status st;
    bool dead;

    if (str_is(row->channel, "mail") && conf_str(CONF_MAIL_HOST)[0] == '\0') {
        return outbox_leave_out(
            s->db, s->row, row->id,
            STR("No mail server is set: mail.host is empty."));
    }
    if ((st = speak_to(s, row)) != ST_OK) {
        return st;
    }
    FAIL_POINT("before_send");
    if (str_is(row->channel, "mail")) {
        if (notice_read(s->row, row->data, &n) != ST_OK) {
            result.answer = STR("What was to be told cannot be read.");

        } else {
            notice_say(s->row, &n);
            if ((st = send_mail(s, row, &n, &mailed)) != ST_OK) {
                return st;
            }
            result.result = mailed.result;
            result.code = mailed.code;
            result.answer = mailed.answer;
        }

    } else if ((st = integration_deliver(s->db, s->row, row, &result))
               != ST_OK) {
        return st;
    }
    FAIL_POINT("after_send");
    s->failed = result.result == OUTBOX_RETRY;
    st = outbox_settle(s->db, s->row, row, result.result, result.code,
                       result.answer, result.retry_after, &dead);
    if (st == ST_OK) {
        s->sent += result.result == OUTBOX_OK;
        if (dead) {
            log_warning("delivery %lld (%.*s) is given up: %.*s",
                        (long long) row->id, STR_FMT(row->channel),
                        STR_FMT(str_cut(result.answer, 200)));
            st = tell_of_death(s, row, result.answer);
        }
    }
    return st;
}


static enum status
deal_with(struct sender *s, const struct outbox_row *row)
{
    struct outbox_row ours = *row;
    enum status st;
    bool dead;

    if (str_is(row->endpoint, MAIL_DIGEST_ENDPOINT)) {
        st = mail_digest_row(s->db, s->row, row);

    } else if (str_is(row->channel, "route")) {
        st = route_row(s->alerts, s->db, s->row, row);

    } else {
        st = deliver(s, row);
    }
    if (st == ST_OK || st == ST_RETRY) {
        return st;
    }
    log_error("row %lld of the outbox cannot be dealt with: %s",
              (long long) row->id, status_text(st));
    ours.endpoint = STR_NULL; /* it has done nothing wrong */
    return outbox_settle(s->db, s->row, &ours, OUTBOX_RETRY, 0,
                         STR("It cannot be dealt with."), 0, &dead);
}


/* waiting */

static enum status
listen(struct sender *s)
{
    enum status st;

    if (db_handle(s->db) != NULL && db_handle(s->db) == s->listening) {
        return ST_OK;
    }
    if ((st = db_connect(s->db)) == ST_OK
        && (st = db_exec(s->db, "listen vedette_outbox")) == ST_OK) {
        s->listening = db_handle(s->db);
    }
    return st;
}


/* Until something was added or is due (at ready_at), or the time is over. */
static enum status
wait(struct sender *s, int64_t ready_at, int wait_ms)
{
    struct pollfd fd = { .fd = PQsocket(db_handle(s->db)), .events = POLLIN };
    int64_t now = time_now();
    PGnotify *note;

    if (ready_at != 0 && ready_at - now < wait_ms * INT64_C(1000)) {
        /* what is ready and not ours has just been taken: no spinning */
        wait_ms = ready_at <= now ? 100 : (int) ((ready_at - now) / 1000 + 1);
    }
    poll(&fd, 1, wait_ms); /* a signal ends it early */
    if (PQconsumeInput(db_handle(s->db)) == 0) {
        return ST_RETRY;
    }
    while ((note = PQnotifies(db_handle(s->db))) != NULL) {
        PQfreemem(note);
    }
    return ST_OK;
}


/* Row by row, until its endpoint fails: then somebody else's turn is better. */
static enum status
work(struct sender *s, const struct outbox_turn *turn)
{
    int64_t began = time_monotonic();
    size_t done = 0;

    s->failed = false;
    while (done < turn->n && !s->failed
           && (done == 0 || time_monotonic() - began < TURN_US)) {
        enum status st = deal_with(s, &turn->rows[done]);

        lang_use(0);
        zone_use(STR_NULL); /* a rule's quiet hours had one */
        arena_reset(s->row);
        if (st != ST_OK) {
            return st; /* the lease ends by itself */
        }
        done++;
    }
    return outbox_release(s->db, s->turn, turn, done);
}


static enum status
turn(struct sender *s, int wait_ms)
{
    struct outbox_turn t;
    enum status st;

    if ((st = listen(s)) != ST_OK
        || (st = outbox_take(s->db, s->turn, str_of(s->lane), TURN_ROWS,
                             s->failing, &t))
               != ST_OK) {
        return st;
    }
    if (t.n == 0) {
        s->busy(false);
        return wait(s, t.ready_at, wait_ms);
    }
    s->busy(true);
    snprintf(s->lane, sizeof(s->lane), "%.*s", STR_FMT(t.lane));
    st = work(s, &t);
    s->idle_since = time_monotonic();
    return st;
}


enum status
sender_turn(struct sender *s, int wait_ms)
{
    enum status st = turn(s, wait_ms);

    arena_reset(s->turn);
    arena_reset(s->row);
    return st == ST_OK ? ST_OK : ST_RETRY;
}
