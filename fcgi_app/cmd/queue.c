/*
 * vedette queue - what waits, and the entries that could not be digested.
 */

#include "cmd/cmd.h"

#include <stdio.h>

#include "cmd/queue_brake.h"
#include "cmd/usage.h"
#include "envelope/encoding.h"
#include "model/audit.h"
#include "model/letter.h"
#include "queue/backlog.h"
#include "queue/body.h"
#include "util/timeutil.h"

static const char help[] =
    "usage: vedette queue list\n"
    "       vedette queue show ID\n"
    "       vedette queue replay ID|all\n"
    "       vedette queue purge ID|all\n"
    "       vedette queue pause|resume|close|open|drain\n\n"
    "list     prints how many requests wait, and the dead letters: id, when,\n"
    "         project, size and the reason why they could not be digested\n"
    "show     prints a dead letter: its fields, and its body unpacked\n"
    "replay   puts dead letters back into the queue, after what was wrong has\n"
    "         been put right\n"
    "purge    throws dead letters away; what was counted stays counted\n"
    "pause    lets the digest rest: events are accepted and wait; resume\n"
    "close    lets every edge answer 503 with Retry-After; open\n"
    "drain    closes, and waits until nothing waits any more\n";

/* Of an unpacked body, to show. */
#define SHOWN_MAX ((size_t) 16 << 20)


static int
failed(const char *what, enum status st)
{
    fprintf(stderr, "vedette: %s: %s\n", what, status_text(st));
    return 1;
}


/* Printable, whatever it holds: a letter must not speak to the terminal. */
static void
print_text(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char) s.p[i];

        if (c == '\n' || c == '\t' || (c >= 0x20 && c < 0x7f)) {
            putchar(c);

        } else {
            printf("\\x%02x", c);
        }
    }
}


static enum status
list(void *context, struct redis *on, struct arena *a,
     const struct dead_letter *letter)
{
    (void) context;
    printf("%.*s\t%.*s\tproject %lld\t%zu bytes\t",
           STR_FMT(redis_entry(a, on, letter->message.id)),
           STR_FMT(time_format_iso(a, letter->at, false)),
           (long long) letter->message.project_id,
           letter->message.body.n + (size_t) letter->message.apart);
    print_text(letter->reason);
    putchar('\n');
    return ST_OK;
}


static enum status
show(void *context, struct redis *on, struct arena *a,
     const struct dead_letter *letter)
{
    const struct message *m = &letter->message;
    struct str raw, body;

    (void) context;
    if (body_open(on, a, m, letter->entry, &raw) != ST_OK) {
        raw = STR("");
    }
    printf("id: %.*s\nentry: %.*s\nat: %.*s\nreason: ", STR_FMT(m->id),
           STR_FMT(letter->entry),
           STR_FMT(time_format_iso(a, letter->at, true)));
    print_text(letter->reason);
    putchar('\n');

    for (size_t i = 0; i + 1 < m->nfields; i += 2) {
        if (m->fields[i + 1].p != m->body.p) {
            print_text(m->fields[i]);
            fputs(": ", stdout);
            print_text(m->fields[i + 1]);
            putchar('\n');
        }
    }

    if (encoding_decode(a, m->encoding, raw, SHOWN_MAX, &body) != ST_OK) {
        printf("\n(the body cannot be unpacked; as it came:)\n");
        body = raw;
    }
    putchar('\n');
    print_text(body);
    putchar('\n');
    return ST_OK;
}


static const struct action {
    const char *name;
    const char *done;   /* NULL: it prints by itself */
    const char *audit;  /* the line in the audit log */
    const char *failed; /* what to say when it does not go */
    letter_fn run;
} actions[] = {
    { "show", NULL, NULL, "the letter was not read", show },
    { "replay", "sent again", "system.replay", "the letter was not sent",
      letter_replay },
    { "purge", "thrown away", "system.purge", "the letter was not thrown away",
      letter_purge },
};


static void
print_backlog(const struct backlog *b)
{
    printf("%lld wait, the oldest for %.1f s; %lld dead letters",
           (long long) b->depth, (double) b->age_ms / 1000,
           (long long) b->dead);
    if (b->gone > 0) {
        printf("; %lld older ones have gone to make room", (long long) b->gone);
    }
    if (b->full) {
        printf("; they are full, and the digest waits for room");
    }
    putchar('\n');
}


static int
list_all(struct app *app)
{
    struct backlog b;
    enum status st = backlog_read(app->redis, app->arena, &b);
    size_t count;

    if (st == ST_OK) {
        print_backlog(&b);

    } else {
        failed("the queue was not read", st);
    }
    st = letter_each(app->redis, SIZE_MAX, list, NULL, &count);
    return st == ST_OK ? 0 : failed("the dead letters were not read", st);
}


static int
act(struct app *app, const struct action *action, struct str id)
{
    bool all = str_is(id, "all") && action->done != NULL;
    struct dead_letter letter;
    struct redis *on;
    size_t count = 0;
    enum status st = ST_OK;

    if (!all) {
        st = letter_find(app->redis, app->arena, id, &on, &letter);
        if (st != ST_OK) {
            return failed("no such dead letter", st);
        }
    }
    if (action->audit != NULL) {
        st = audit_add(app->db, app->arena, 0, &actor_command, action->audit,
                       id, NULL);
    }
    if (st == ST_OK && all) {
        st = letter_each(app->redis, SIZE_MAX, action->run, app->db, &count);

    } else if (st == ST_OK) {
        st = action->run(app->db, on, app->arena, &letter);
        count = st == ST_OK;
    }
    if (action->done != NULL) {
        printf("%zu %s\n", count, action->done);
    }
    return st == ST_OK ? 0 : failed(action->failed, st);
}


int
cmd_queue(struct app *app, int argc, char **argv)
{
    int rc = usage_check(argc, argv, 1, help);

    if (rc != -1) {
        return rc;
    }
    if (argc == 2 && str_is(str_of(argv[1]), "list")) {
        return list_all(app);
    }
    if (argc == 2 && queue_brake(app, argv[1], &rc)) {
        return rc;
    }
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (argc == 3 && str_is(str_of(argv[1]), actions[i].name)) {
            return act(app, &actions[i], str_of(argv[2]));
        }
    }
    return usage_wrong(help, "these words make no sense together");
}
