/*
 * vedette queue - what waits, and the entries that could not be digested.
 */

#include "cmd/cmd.h"

#include <stdio.h>

#include "cmd/queue_brake.h"
#include "cmd/usage.h"
#include "envelope/encoding.h"
#include "model/batch.h"
#include "queue/backlog.h"
#include "queue/body.h"
#include "queue/dead.h"
#include "util/timeutil.h"

static const char help[] =
    "usage: vedette queue list\n"
    "       vedette queue show ID\n"
    "       vedette queue replay ID|all\n"
    "       vedette queue purge ID|all\n"
    "       vedette queue pause|resume|close|open|drain\n\n"
    "list     prints how many entries wait, and the dead letters: id, when,\n"
    "         project, size and the reason why they could not be digested\n"
    "show     prints a dead letter: its fields, and its body unpacked\n"
    "replay   puts dead letters back into the queue, after what was wrong has\n"
    "         been put right\n"
    "purge    throws dead letters away; what was counted stays counted\n"
    "pause    lets the digest rest: events are accepted and wait; resume\n"
    "close    lets every edge answer 503 with Retry-After; open\n"
    "drain    closes, and waits until nothing waits any more\n";

/* Letters that are looked at in one go. */
#define PIECE 100

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


static int
list(struct app *app, struct arena *a, const struct dead_letter *letter)
{
    printf("%.*s\t%.*s\tproject %lld\t%zu bytes\t",
           STR_FMT(redis_entry(a, app->redis, letter->message.id)),
           STR_FMT(time_format_iso(a, letter->at, false)),
           (long long) letter->message.project_id,
           letter->message.body.n + (size_t) letter->message.apart);
    print_text(letter->reason);
    putchar('\n');
    return 0;
}


static int
show(struct app *app, struct arena *a, const struct dead_letter *letter)
{
    const struct message *m = &letter->message;
    struct str raw, body;

    if (body_open(app->redis, a, m, letter->entry, &raw) != ST_OK) {
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
    return 0;
}


/*
 * The ledger first: forgetting it twice counts once.  If Redis then fails, the
 * letter is still there and can be sent again.
 */
static int
replay(struct app *app, struct arena *a, const struct dead_letter *letter)
{
    enum status st =
        batch_exhume(app->db, a, redis_entry(a, app->redis, letter->entry),
                     letter->message.key_id, true);

    if (st == ST_OK) {
        st = dead_replay(app->redis, a, letter);
    }
    return st == ST_OK ? 0 : failed("the letter was not sent", st);
}


static int
purge(struct app *app, struct arena *a, const struct dead_letter *letter)
{
    enum status st =
        batch_exhume(app->db, a, redis_entry(a, app->redis, letter->entry),
                     letter->message.key_id, false);

    if (st == ST_OK) {
        st = dead_purge(app->redis, a, letter);
    }
    return st == ST_OK ? 0 : failed("the letter was not thrown away", st);
}


typedef int (*letter_fn)(struct app *app, struct arena *a,
                         const struct dead_letter *letter);

static const struct action {
    const char *name;
    const char *done; /* NULL: it prints by itself */
    letter_fn run;
} actions[] = {
    { "show", NULL, show },
    { "replay", "sent again", replay },
    { "purge", "thrown away", purge },
};


/* All of one server. */
static int
each_of_server(struct app *app, letter_fn run, size_t *count)
{
    struct dead_letter *letters;
    struct str after = STR("");
    struct arena *a = arena_new();
    int64_t began = time_now();
    enum status st;
    int rc = 0;
    size_t n;

    do {
        letters = arena_array(a, PIECE, sizeof(*letters));
        st = dead_list(app->redis, a, after, PIECE, letters, &n);
        for (size_t i = 0; st == ST_OK && rc == 0 && i < n; i++) {
            if (letters[i].at > began) {
                n = 0;
                break;
            }
            rc = run(app, a, &letters[i]);
            *count += rc == 0;
            after = letters[i].message.id;
        }
        after = str_copy(app->arena, after);
        arena_reset(a);
    } while (st == ST_OK && rc == 0 && n > 0);

    arena_free(a);
    return st == ST_OK ? rc : failed("the dead letters were not read", st);
}


/* Every letter that is there now; those that come meanwhile are left. */
static int
each_letter(struct app *app, letter_fn run, size_t *count)
{
    struct app on = *app;
    int rc = 0;

    for (size_t i = 0; i < redis_servers(); i++) {
        on.redis = redis_server(app->redis, i);
        rc = each_of_server(&on, run, count) != 0 ? 1 : rc;
    }
    return rc;
}


/* The server that has the letter, in on; id may name it: "1700-0@2". */
static enum status
find(struct app *app, struct str id, struct app *on, struct dead_letter *out)
{
    enum status st = ST_NOT_FOUND;
    struct str number;
    int64_t only = 0;

    *on = *app;
    str_split(&id, '@', &number);
    if (!str_null(id) && !str_i64(id, &only)) {
        return ST_INVALID;
    }
    id = number;
    for (size_t i = (size_t) only; st == ST_NOT_FOUND && i < redis_servers();
         i++) {
        on->redis = redis_server(app->redis, i);
        st = dead_find(on->redis, app->arena, id, out);
        if (only > 0) {
            break;
        }
    }
    return st;
}


static int
list_all(struct app *app)
{
    struct backlog b;
    enum status st = backlog_read(app->redis, app->arena, &b);
    size_t count = 0;

    if (st != ST_OK) {
        return failed("the queue was not read", st);
    }
    printf("%lld wait, the oldest for %.1f s; %lld dead letters\n",
           (long long) b.depth, (double) b.age_ms / 1000, (long long) b.dead);
    return each_letter(app, list, &count);
}


static int
act(struct app *app, const struct action *action, struct str id)
{
    struct dead_letter letter;
    struct app on;
    size_t count = 0;
    enum status st;
    int rc;

    if (str_is(id, "all") && action->done != NULL) {
        rc = each_letter(app, action->run, &count);

    } else {
        st = find(app, id, &on, &letter);
        if (st != ST_OK) {
            return failed("no such dead letter", st);
        }
        rc = action->run(&on, app->arena, &letter);
        count = rc == 0;
    }
    if (action->done != NULL) {
        printf("%zu %s\n", count, action->done);
    }
    return rc;
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
