/*
 * /admin/letters/: messages that could not be digested, the oldest first; one
 * of them; and what is done with one or with all.
 *
 *     letter  its name, or "all"
 *     do      replay or purge
 */

#include "model/audit.h"
#include "model/letter.h"
#include "page/pages.h"
#include "util/lang.h"
#include "web/login.h"

#define LETTERS 50

/* Of all, in one request: each takes a transaction. */
#define AT_ONCE 500

/* Bytes of a body that the page of one shows. */
#define SHOWN_MAX ((size_t) 64 << 10)

static const struct {
    const char *name;
    const char *audit;
    const char *one;  /* what is said then */
    const char *many; /* {0}: how many */
    letter_fn run;
} acts[] = {
    { "replay", "system.replay", N_("The dead letter is sent again."),
      N_("Dead letters that were sent again: {0}"), letter_replay },
    { "purge", "system.purge", N_("The dead letter is thrown away."),
      N_("Dead letters that were thrown away: {0}"), letter_purge },
};


static void
show_head(struct data *row, struct str name, const struct dead_letter *letter)
{
    const struct message *m = &letter->message;

    data_str(row, "name", name);
    data_time(row, "at", letter->at);
    data_time(row, "received", m->received_at);
    data_str(row, "reason", letter->reason);
    data_str(row, "endpoint", m->endpoint);
    data_i64(row, "project", m->project_id);
    data_i64(row, "bytes", (int64_t) m->body.n + m->apart);
}


enum status
page_admin_letters(struct request *rq, struct response *rs)
{
    struct dead_letter letters[LETTERS + 1];
    struct str names[LETTERS + 1];
    struct data *d = data_child(rs->data, "Letters");
    enum status st;
    size_t n;

    st = letter_list(rq->redis, rq->a, request_arg(rq, "after"), LETTERS + 1,
                     letters, names, &n);
    if (st != ST_OK) {
        return st;
    }
    data_bool(d, "later", request_arg(rq, "after").n > 0);
    data_str(d, "next", n > LETTERS ? names[LETTERS - 1] : STR_NULL);
    for (size_t i = 0; i < n && i < LETTERS; i++) {
        show_head(data_row(data_child(d, "Row")), names[i], &letters[i]);
    }
    return ST_OK;
}


enum status
page_admin_letter(struct request *rq, struct response *rs)
{
    struct str name = request_param(rq, "letter"), text;
    struct data *d = data_child(rs->data, "Letter");
    struct dead_letter letter;
    const struct message *m = &letter.message;
    struct redis *on;
    enum status st = letter_find(rq->redis, rq->a, name, &on, &letter);

    if (st != ST_OK) {
        return st == ST_INVALID ? ST_NOT_FOUND : st;
    }
    show_head(d, name, &letter);
    data_str(d, "entry", letter.entry);
    data_str(d, "event", m->event_id);
    data_str(d, "client", m->client);
    data_str(d, "type", m->type);
    data_str(d, "encoding", m->encoding);
    if (letter_text(rq->a, &letter, SHOWN_MAX, &text) == ST_OK) {
        data_str(d, "text", text);
        data_bool(d, "cut", text.n == SHOWN_MAX);
    }
    return ST_OK;
}


/* One that is gone has been seen to by somebody else. */
static enum status
act_on_one(struct request *rq, size_t act, struct str name)
{
    struct actor by = request_actor(rq);
    struct dead_letter letter;
    struct redis *on;
    enum status st = letter_find(rq->redis, rq->a, name, &on, &letter);

    if (st == ST_NOT_FOUND) {
        login_flash(rq, str_of(tr(N_("That dead letter is gone."))));
        return ST_OK;
    }
    if (st != ST_OK
        || (st = audit_add(rq->db, rq->a, 0, &by, acts[act].audit, name, NULL))
               != ST_OK
        || (st = acts[act].run(rq->db, on, rq->a, &letter)) != ST_OK) {
        return st;
    }
    login_flash(rq, str_of(tr(acts[act].one)));
    return ST_OK;
}


static enum status
act_on_all(struct request *rq, size_t act)
{
    struct actor by = request_actor(rq);
    size_t n = 0;
    enum status st =
        audit_add(rq->db, rq->a, 0, &by, acts[act].audit, STR("all"), NULL);

    if (st == ST_OK) {
        st = letter_each(rq->redis, AT_ONCE, acts[act].run, rq->db, &n);
    }
    if (st == ST_OK) {
        login_flash(rq, lang_fill(rq->a, acts[act].many,
                                  FILL(str_printf(rq->a, "%zu", n))));
    }
    return st;
}


enum status
page_admin_letters_act(struct request *rq, struct response *rs)
{
    struct str name = request_field(rq, "letter");
    size_t act = 0, n = sizeof(acts) / sizeof(acts[0]);
    enum status st;

    while (act < n && !str_is(request_field(rq, "do"), acts[act].name)) {
        act++;
    }
    if (act == n) {
        return request_wrong(rq, "do");
    }
    st = str_is(name, "all") ? act_on_all(rq, act) : act_on_one(rq, act, name);
    if (st == ST_OK) {
        response_redirect(rs, STR("/admin/letters/"));
    }
    return st;
}
