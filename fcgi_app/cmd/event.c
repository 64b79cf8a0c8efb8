/*
 * vedette event - what became of an event id.
 *
 * Looks where something is kept by event id: the events, the ends of those that
 * are not stored, the queue, the dead letters.  What is older, or was too much,
 * is only counted by hour; then the counts of the last day are printed, and
 * said to be no more than that.
 */

#include "cmd/cmd.h"

#include <stdio.h>

#include "cmd/usage.h"
#include "model/event_trail.h"
#include "model/issue_change.h"
#include "queue/find.h"
#include "util/hex.h"
#include "util/timeutil.h"

static const char help[] =
    "usage: vedette event ID\n\n"
    "Prints every stage that an event went through, with times, or where it\n"
    "ended and why.  ID: 32 digits, as an SDK prints it, dashes allowed.\n"
    "Exits with 1 when nothing is known of it.\n";


/* Printable, whatever an event holds. */
static void
print_text(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char) s.p[i];

        putchar(c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0) ? c : '?');
    }
}


static void
print_stage(struct arena *a, int64_t at, const char *what)
{
    if (at > 0) {
        printf("  %.*s  %s", STR_FMT(time_format_iso(a, at, true)), what);

    } else {
        printf("  %-27s  %s", "(time not known)", what);
    }
}


static void
print_stored(struct arena *a, const struct stored_event *e)
{
    printf("stored in %.*s/%.*s\n", STR_FMT(e->organization),
           STR_FMT(e->project));
    print_stage(a, e->occurred_at, "occurred, by the sender's clock\n");
    print_stage(a, e->received_at, "accepted by the edge");
    if (e->key_id > 0) {
        printf(", key %lld", (long long) e->key_id);
    }
    putchar('\n');
    print_stage(a, e->digested_at, "digested and stored, ");
    if (str_null(e->issue)) {
        printf("its issue has been deleted\n");
        return;
    }
    printf("issue %.*s: ", STR_FMT(e->issue));
    print_text(e->title);
    putchar('\n');
    if (!e->has_body) {
        print_stage(a, e->digested_at,
                    "counted; its contents were not kept, because the issue "
                    "had so many\n");
    }
}


static enum status
print_project(struct app *app, const char *where, const struct message *m)
{
    struct str name;
    enum status st = event_trail_project(
        app->db, app->arena, m->organization_id, m->project_id, &name);

    if (st == ST_OK) {
        printf("%s %.*s\n", where, STR_FMT(name));

    } else if (st == ST_NOT_FOUND) {
        printf("%s project %lld, which there is not\n", where,
               (long long) m->project_id);
        st = ST_OK;
    }
    return st;
}


static enum status
stored(struct app *app, const unsigned char id[16], bool *found)
{
    struct stored_event *list;
    size_t n;
    enum status st = event_trail_stored(app->db, app->arena, 0, id, &list, &n);

    for (size_t i = 0; st == ST_OK && i < n; i++) {
        print_stored(app->arena, &list[i]);
        *found = true;
    }
    return st;
}


static enum status
ended(struct app *app, const unsigned char id[16], bool *found)
{
    struct ended_event *list;
    size_t n;
    enum status st = event_trail_ended(app->db, app->arena, 0, id, &list, &n);

    for (size_t i = 0; st == ST_OK && i < n; i++) {
        printf("ended in %.*s/%.*s\n", STR_FMT(list[i].organization),
               STR_FMT(list[i].project));
        if (list[i].status == 0) {
            print_stage(app->arena, list[i].received_at,
                        "accepted by the edge\n");
        }
        print_stage(app->arena, list[i].ended_at, "");
        if (list[i].status != 0) {
            printf("answered %lld by the edge, ", (long long) list[i].status);
        }
        print_text(list[i].outcome);
        if (list[i].reason.n > 0) {
            fputs(": ", stdout);
            print_text(list[i].reason);
        }
        printf(" (%.*s)\n", STR_FMT(list[i].category));
        *found = true;
    }
    return st;
}


static enum status
waiting(struct app *app, struct str id, bool *found, bool *all)
{
    struct found_entry e;
    enum status st =
        queue_find(app->redis, app->arena, id, QUEUE_FIND_MAX, &e, all);

    if (st == ST_NOT_FOUND) {
        return ST_OK;
    }
    if (st != ST_OK
        || (st = print_project(app, "in the queue, for", &e.message))
               != ST_OK) {
        return st;
    }
    *found = true;
    print_stage(app->arena, e.message.received_at, "accepted by the edge\n");
    if (str_null(e.consumer)) {
        print_stage(app->arena, time_now(), "waits; no worker has begun it\n");
        return ST_OK;
    }
    print_stage(app->arena, time_now() - e.idle_ms * 1000, "begun by worker ");
    print_text(e.consumer);
    printf(", handed out %lld time%s, not finished\n", (long long) e.deliveries,
           e.deliveries == 1 ? "" : "s");
    return ST_OK;
}


static enum status
dead(struct app *app, struct str id, bool *found, bool *all)
{
    struct dead_letter letter;
    enum status st = queue_find_dead(app->redis, app->arena, id, QUEUE_FIND_MAX,
                                     &letter, all);

    if (st == ST_NOT_FOUND) {
        return ST_OK;
    }
    if (st != ST_OK
        || (st = print_project(app, "a dead letter, for", &letter.message))
               != ST_OK) {
        return st;
    }
    *found = true;
    print_stage(app->arena, letter.message.received_at,
                "accepted by the edge\n");
    print_stage(app->arena, letter.at, "put aside: ");
    print_text(letter.reason);
    printf("\n  \"vedette queue show %.*s\" prints it\n",
           STR_FMT(letter.message.id));
    return ST_OK;
}


/* Which projects no longer hold all that they were sent. */
static enum status
print_gone(struct app *app)
{
    struct event_gone *list;
    size_t n;
    enum status st = event_trail_gone(app->db, app->arena, 0, &list, &n);

    if (st != ST_OK) {
        return st;
    }
    if (n == 0) {
        printf(
            "No project has lost events by age or size: it was never stored, "
            "or it went\nwith an issue that was deleted more than a week ago "
            "or had more than %d events.\n",
            ISSUE_DELETE_TOLD);
        return ST_OK;
    }
    printf("What has gone is known by project, not by id:\n");
    for (size_t i = 0; i < n; i++) {
        printf("  %.*s/%.*s  ", STR_FMT(list[i].organization),
               STR_FMT(list[i].project));
        if (list[i].oldest != 0) {
            printf(
                "holds what came since %.*s",
                STR_FMT(str_cut(
                    time_format_iso(app->arena, list[i].oldest, false), 10)));
        } else {
            printf("holds no event any more");
        }
        if (list[i].days > 0) {
            printf(", keeps events for %lld days", (long long) list[i].days);
        }
        printf("; %lld went in the last 90 days\n", (long long) list[i].events);
    }
    return ST_OK;
}


/* It is nowhere: what that can mean, and what the ledger has. */
static enum status
unknown(struct app *app, bool all)
{
    struct event_end *ends;
    size_t n;
    enum status st = event_trail_ends(app->db, app->arena, 0,
                                      time_now() - US_PER_DAY, &ends, &n);

    if (st != ST_OK) {
        return st;
    }
    printf("nothing is known of this id\n"
           "It is not stored, and it is neither in the queue nor a dead letter."
           "\n");
    if (!all) {
        printf("(Only the first %d entries were looked at.)\n", QUEUE_FIND_MAX);
    }
    printf(
        "Either it never came, or an edge still has it in its spool\n"
        "(\"vedette spool find\"), or the edge refused it and told its "
        "sender,\n"
        "or it went later, or it ended in one of these ways, which are\n"
        "counted by hour, and kept by id for a week, of a flood only some:\n");
    for (size_t i = 0; i < n; i++) {
        printf("  %.*s  %.*s/%.*s  %.*s  %.*s",
               STR_FMT(time_format_iso(app->arena, ends[i].latest, false)),
               STR_FMT(ends[i].organization), STR_FMT(ends[i].project),
               STR_FMT(ends[i].category), STR_FMT(ends[i].outcome));
        if (ends[i].reason.n > 0) {
            fputs(": ", stdout);
            print_text(ends[i].reason);
        }
        printf("  %lld\n", (long long) ends[i].quantity);
    }
    if (n == 0) {
        printf("  none in the last 24 hours\n");
    }
    printf("What came without a known key (401, 403), or was refused by nginx\n"
           "before it was read (408, 413, 503), is nobody's and has no id "
           "here:\n"
           "only the access log of nginx has it, with its time and address.\n");
    return print_gone(app);
}


int
cmd_event(struct app *app, int argc, char **argv)
{
    int rc = usage_check(argc, argv, 1, help);
    bool found = false, all = true, all_dead = true;
    unsigned char id[16];
    enum status st;
    struct str hex;

    if (rc != -1) {
        return rc;
    }
    if (argc != 2 || !uuid_parse(str_of(argv[1]), id)) {
        return usage_wrong(help, "an event id has 32 hexadecimal digits");
    }
    hex = uuid_hex(app->arena, id);
    st = stored(app, id, &found);
    if (st == ST_OK) {
        st = ended(app, id, &found);
    }
    if (st == ST_OK) {
        st = waiting(app, hex, &found, &all);
    }
    if (st == ST_OK) {
        st = dead(app, hex, &found, &all_dead);
    }
    if (st == ST_OK && !found) {
        st = unknown(app, all && all_dead);
    }
    if (st != ST_OK) {
        fprintf(stderr, "vedette: not all could be looked at: %s\n",
                status_text(st));
    }
    return st == ST_OK && found ? 0 : 1;
}
