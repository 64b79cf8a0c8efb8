#include "alert/mail_digest.h"

#include <stdlib.h>

#include "json/make.h"
#include "model/mail_digest.h"
#include "model/notice.h"
#include "util/conf.h"
#include "util/lang.h"

#define RULES_NAMED 3

/* What a mail says of one issue. */
struct item {
    int64_t issue_id;
    struct notice notice; /* of the latest alert */
    struct str rules[RULES_NAMED];
    size_t nrules;
    size_t alerts;
};


static void
name_rules(struct item *item, const struct notice *n)
{
    for (size_t i = 0; i < n->nrules; i++) {
        bool known = false;

        for (size_t k = 0; k < item->nrules; k++) {
            known = known || str_eq(item->rules[k], n->rules[i].words);
        }
        if (!known && item->nrules < RULES_NAMED) {
            item->rules[item->nrules++] = n->rules[i].words;
        }
    }
}


/* By issue; an alert about the project as a whole stands by itself. */
static size_t
gather(struct arena *a, const struct mail_digest *d, struct item *items,
       size_t *alerts)
{
    size_t n = 0;

    *alerts = 0;
    for (size_t i = 0; i < d->n; i++) {
        struct item *item;
        struct notice notice;
        size_t k = 0;

        if (!d->open[i] || notice_read(a, d->rows[i].data, &notice) != ST_OK) {
            continue;
        }
        while (
            k < n
            && (notice.issue_id == 0 || items[k].issue_id != notice.issue_id)) {
            k++;
        }
        item = &items[k];
        if (k == n) {
            *item = (struct item){ .issue_id = notice.issue_id };
            n++;
        }
        item->notice = notice;
        item->alerts++;
        name_rules(item, &notice);
        ++*alerts;
    }
    return n;
}


static int
most_alerts_first(const void *left, const void *right)
{
    const struct item *a = left, *b = right;

    return (a->alerts < b->alerts) - (a->alerts > b->alerts);
}


static struct str
number(struct arena *a, size_t n)
{
    return lang_keep_number(a, str_printf(a, "%zu", n));
}


static struct json *
write_item(struct arena *a, const struct item *item)
{
    struct json *v = json_new(a, JSON_T_OBJECT);
    struct buf cause = buf_in(a);

    if (item->alerts == 1) {
        buf_str(&cause, item->notice.measured);

    } else {
        buf_str(
            &cause,
            lang_keep(a, N_("{0} {0|alert|alerts}, the latest: {1}"),
                      FILL(number(a, item->alerts), item->notice.measured)));
    }
    for (size_t i = 0; i < item->nrules; i++) {
        buf_text(&cause, i == 0 ? " · " : ", ");
        buf_str(&cause, item->rules[i]);
    }
    make_str(a, v, "short_id",
             str_null(item->notice.short_id) ? STR("") : item->notice.short_id);
    make_str(a, v, "title", item->notice.title);
    make_str(a, v, "cause", buf_view(&cause));
    make_str(a, v, "url", item->notice.url);
    return v;
}


static struct notice
notice_of(struct arena *a, const struct item *items, size_t n, size_t alerts)
{
    struct json *list = json_new(a, JSON_T_ARRAY);
    struct json *more = json_new(a, JSON_T_OBJECT);
    const struct notice *first = &items[0].notice;
    struct notice out = {
        .cause = STR("digest"),
        .action = STR("triggered"),
        .at = time_now(),
        .level = first->level,
        .organization_id = first->organization_id,
        .organization = first->organization,
        .organization_name = first->organization_name,
        .project_id = first->project_id,
        .project = first->project,
        .project_name = first->project_name,
        .platform = first->platform,
        .more = more,
    };

    for (size_t i = 0; i < n; i++) {
        out.level = items[i].notice.level > out.level ? items[i].notice.level
                                                      : out.level;
        json_append(list, write_item(a, &items[i]));
    }
    make_put(more, "items", list);
    out.title = lang_keep(
        a,
        n == 1 ? N_("{0} {0|alert|alerts} about one issue of {2}")
               : N_("{0} {0|alert|alerts} about {1} {1|issue|issues} of {2}"),
        FILL(number(a, alerts), number(a, n), first->project_name));
    out.url = str_printf(a, "%s/%.*s/issues/?project=%.*s",
                         conf_str(CONF_SYSTEM_URL_PREFIX),
                         STR_FMT(out.organization), STR_FMT(out.project));
    out.actions[0] =
        (struct notice_link){ 0, STR_N("Open the issues"), out.url };
    out.nactions = 1;
    return out;
}


/* The one mail, in the place of those that waited. */
static enum status
send_one(struct db *db, struct arena *a, const struct mail_digest *d)
{
    struct item *items = arena_array(a, d->n, sizeof(*items));
    struct outbox_row mail = d->rows[0];
    struct notice notice;
    size_t alerts, n = gather(a, d, items, &alerts);

    if (n == 0) {
        return mail_digest_end(
            db, a, d, STR("Its issue was dealt with while it waited."));
    }
    mail.endpoint = STR("mail");
    mail.due_at = 0;
    mail.key = str_printf(a, "digest:%lld", (long long) d->rows[0].id);
    if (alerts == 1) {
        /* the one that is left, whole */
        for (size_t i = 0; i < d->n; i++) {
            if (d->open[i]) {
                mail.issue_id = d->rows[i].issue_id;
                mail.rule_id = d->rows[i].rule_id;
                mail.fire_id = d->rows[i].fire_id;
                mail.data = d->rows[i].data;
            }
        }

    } else {
        if (n > 1) {
            qsort(items, n, sizeof(*items), most_alerts_first);
            mail.issue_id = 0;
        }
        notice = notice_of(a, items, n, alerts);
        notice.key = mail.key;
        mail.cause = notice.cause;
        mail.data = notice_write(a, &notice);
    }
    if (outbox_add(db, a, &mail, 1) != ST_OK) {
        return ST_RETRY;
    }
    return mail_digest_end(db, a, d,
                           alerts == 1 ? STR("Sent after its delay.")
                                       : STR("In one mail with others."));
}


static enum status
deal(struct db *db, struct arena *a, const struct outbox_row *row)
{
    struct mail_digest d;
    enum status st = mail_digest_take(db, a, row, &d);

    if (st != ST_OK) {
        return st;
    }
    if (d.until != 0) {
        return mail_digest_put_off(db, a, row, d.until);
    }
    return d.n > 0 ? send_one(db, a, &d) : ST_OK;
}


enum status
mail_digest_row(struct db *db, struct arena *a, const struct outbox_row *row)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    if ((st = deal(db, a, row)) != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}
