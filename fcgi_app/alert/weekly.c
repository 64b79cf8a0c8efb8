#include "alert/weekly.h"

#include "json/make.h"
#include "model/notice.h"
#include "model/outbox.h"
#include "util/conf.h"
#include "util/lang.h"
#include "util/timeutil.h"


static struct str
number(struct arena *a, int64_t n)
{
    return lang_keep_number(a, str_printf(a, "%lld", (long long) n));
}


static void
add(struct arena *a, struct json *numbers, const char *words, struct str value)
{
    struct json *v = make_object(a, numbers, NULL);

    make_str(a, v, "words", lang_keep(a, words, NULL, 0));
    make_str(a, v, "value", value);
}


/* "1,204, 20 % more than the week before" */
static struct str
compared(struct arena *a, int64_t now, int64_t before)
{
    int64_t percent;

    if (before == 0) {
        return number(a, now);
    }
    percent = (now - before) * 100 / before;
    if (percent == 0) {
        return lang_keep(a, N_("{0}, as many as the week before"),
                         FILL(number(a, now)));
    }
    return lang_keep(
        a,
        percent > 0 ? N_("{0}, {1} % more than the week before")
                    : N_("{0}, {1} % fewer than the week before"),
        FILL(number(a, now), number(a, percent > 0 ? percent : -percent)));
}


static struct json *
numbers_of(struct arena *a, const struct weekly *w)
{
    static const char *const days[] = { N_("Monday"),    N_("Tuesday"),
                                        N_("Wednesday"), N_("Thursday"),
                                        N_("Friday"),    N_("Saturday"),
                                        N_("Sunday") };
    struct json *out = json_new(a, JSON_T_ARRAY);

    add(a, out, N_("Errors"), compared(a, w->accepted, w->before));
    for (int i = 0; i < 7; i++) {
        add(a, out, days[i], number(a, w->days[i]));
    }
    if (w->filtered + w->limited + w->invalid > 0) {
        add(a, out, N_("Filtered"), number(a, w->filtered));
        add(a, out, N_("Over a limit"), number(a, w->limited));
        add(a, out, N_("Invalid"), number(a, w->invalid));
    }
    add(a, out, N_("New issues"), number(a, w->fresh));
    add(a, out, N_("Regressed"), number(a, w->regressed));
    add(a, out, N_("Escalating"), number(a, w->escalated));
    add(a, out, N_("Resolved"), number(a, w->resolved));
    return out;
}


static struct json *
items_of(struct arena *a, const struct weekly *w, struct str prefix)
{
    struct json *out = json_new(a, JSON_T_ARRAY);

    for (size_t i = 0; i < w->ntop; i++) {
        const struct weekly_issue *is = &w->top[i];
        struct json *v = make_object(a, out, NULL);

        make_str(a, v, "short_id", is->short_id);
        make_str(a, v, "title", is->title);
        make_str(a, v, "cause",
                 lang_keep(a, N_("{0} {0|event|events}, {1}"),
                           FILL(number(a, is->events),
                                lang_keep(a, is->state, NULL, 0))));
        make_str(a, v, "url",
                 str_printf(a, "%.*s/issues/%lld/", STR_FMT(prefix),
                            (long long) is->id));
    }
    return out;
}


static enum status
write_to(struct db *db, struct arena *a, const struct weekly_organization *org,
         const struct weekly_reader *reader, int64_t week, size_t *n)
{
    struct str prefix = str_printf(
        a, "%s/%.*s", conf_str(CONF_SYSTEM_URL_PREFIX), STR_FMT(org->slug));
    struct notice notice = {
        .cause = STR("report"),
        .action = STR("weekly"),
        .at = week,
        .organization_id = org->id,
        .organization = org->slug,
        .organization_name = org->name,
        .url = str_printf(a, "%.*s/", STR_FMT(prefix)),
        .more = json_new(a, JSON_T_OBJECT),
    };
    struct outbox_row row = {
        .organization_id = org->id,
        .cause = notice.cause,
        .channel = STR("mail"),
        .account_id = reader->account_id,
        .address = reader->email,
        .endpoint = STR("mail"),
        .key = str_printf(a, "report:%lld:%lld:%lld", (long long) org->id,
                          (long long) reader->account_id,
                          (long long) time_day(week)),
    };
    struct weekly w;
    enum status st = weekly_read(db, a, org->id, reader->account_id, week, &w);

    if (st != ST_OK || (w.accepted == 0 && w.before == 0 && w.ntop == 0)) {
        return st; /* a week without anything needs no mail */
    }
    notice.key = row.key;
    notice.title = lang_keep(a, N_("Your week in {0}: {1} {1|error|errors}"),
                             FILL(org->name, number(a, w.accepted)));
    notice.actions[0] =
        (struct notice_link){ 0, STR_N("Open the dashboard"), notice.url };
    notice.nactions = 1;
    make_put(notice.more, "numbers", numbers_of(a, &w));
    make_put(notice.more, "items", items_of(a, &w, prefix));
    row.data = notice_write(a, &notice);
    ++*n;
    return outbox_add(db, a, &row, 1);
}


/* To the next members; *last: the last of them, 0 when there are no more. */
static enum status
some(struct db *db, struct arena *a, const struct weekly_organization *org,
     int64_t week, int64_t *last, size_t *n)
{
    struct weekly_reader *readers;
    enum status st;
    size_t count;

    *last = 0;
    st = weekly_readers(db, a, org, &readers, &count);
    for (size_t i = 0; st == ST_OK && i < count; i++) {
        st = write_to(db, a, org, &readers[i], week, n);
        *last = readers[i].account_id;
    }
    return st;
}


enum status
weekly_turn(struct db *db, struct arena *a, int64_t now, bool *more)
{
    int64_t week = weekly_week(now), last;
    struct weekly_organization org;
    size_t n = 0;
    enum status st;

    if (!weekly_is_time(now)) {
        return ST_OK;
    }
    st = weekly_next(db, a, week, &org);
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    *more = true;
    st = some(db, a, &org, week, &last, &n);
    return st == ST_OK ? weekly_mark(db, a, org.id, week, last, last == 0) : st;
}


enum status
weekly_send(struct db *db, struct arena *a, struct weekly_organization *org,
            int64_t now, size_t *n)
{
    int64_t last;
    enum status st;

    *n = 0;
    org->after = 0;
    do {
        st = some(db, a, org, weekly_week(now), &last, n);
        org->after = last;
    } while (st == ST_OK && last != 0);
    return st;
}
