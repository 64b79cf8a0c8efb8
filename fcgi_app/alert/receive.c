/* Who hears of it: rows for mails and integrations, of a rule's actions. */

#include "alert/route_work.h"

#include "model/mail_digest.h"
#include "model/recipient.h"
#include "util/crypt.h"
#include "util/lang.h"


struct outbox_row *
rows_add(struct rows *rows, const struct outbox_row *row)
{
    for (size_t i = 0; i < rows->n; i++) {
        if (str_eq(rows->v[i].key, row->key)) {
            return NULL; /* two rules with the same receiver: one notice */
        }
    }
    if (rows->n == ROWS_MAX) {
        return NULL;
    }
    rows->v[rows->n] = *row;
    return &rows->v[rows->n++];
}


/* receivers of mails */

static bool
is_muted(const struct target *t, int64_t account)
{
    for (size_t i = 0; i < t->nmuted; i++) {
        if (t->muted[i] == account) {
            return true;
        }
    }
    return false;
}


/* Why somebody gets a mail, kept; "" when the mail tells by itself. */
static struct str
reason_words(struct arena *a, struct str reason)
{
    static const struct {
        const char *reason;
        const char *words;
    } known[] = {
        { "assigned",
          N_("You get this because the issue is assigned to you.") },
        { "team", N_("You get this because you are in the team.") },
        { "owner", N_("You get this because you own the code.") },
        { "took part", N_("You get this because you took part.") },
        { "status", N_("You get this because you took part.") },
        { "comment", N_("You get this because you took part.") },
        { "mentioned", N_("You get this because you were mentioned.") },
        { "chosen", N_("You get this because you follow the issue.") },
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (str_is(reason, known[i].reason)) {
            return lang_keep(a, known[i].words, NULL, 0);
        }
    }
    return STR("");
}


struct outbox_row *
mail_add(struct arena *a, const struct target *t, struct str address,
         int64_t account_id, struct str reason, struct rows *out)
{
    struct notice n = *t->notice;
    struct outbox_row row = {
        .organization_id = n.organization_id,
        .project_id = n.project_id,
        .issue_id = n.issue_id,
        .rule_id = t->nrules > 0 ? t->rules[0] : 0,
        .fire_id = t->row->fire_id,
        .cause = n.cause,
        .channel = STR("mail"),
        .account_id = account_id,
        .address = address,
        .endpoint = STR("mail"),
        .key = str_printf(a, "%.*s:mail:%.*s", STR_FMT(t->row->key),
                          STR_FMT(address)),
    };

    n.key = row.key;
    reason = reason_words(a, reason);
    n.notes = reason.n > 0 ? reason : n.notes;
    row.data = notice_write(a, &n);
    return rows_add(out, &row);
}


/* An alert's mail may have to wait for others of its project. */
static enum status
let_wait(struct db *db, struct arena *a, const struct target *t,
         struct outbox_row *row)
{
    int64_t until;
    enum status st;

    if (row == NULL || !str_is(row->cause, "issue")
        || str_is(t->row->cause, "escalate")) {
        return ST_OK;
    }
    st = mail_digest_wait(db, a, row->organization_id, row->project_id,
                          row->account_id, &until);
    if (st == ST_OK && until != 0) {
        row->endpoint = STR(MAIL_DIGEST_ENDPOINT);
        row->due_at = until;
    }
    return st;
}


/* As an alert; true when somebody was found, also if nobody wants it. */
static enum status
mail_group(struct db *db, struct arena *a, const struct target *t,
           enum recipient_group group, int64_t id, struct rows *out,
           bool *found)
{
    const struct notice *n = t->notice;
    struct recipient *list;
    enum status st;
    size_t count;

    st = recipient_find(db, a, n->organization_id, n->project_id, n->issue_id,
                        group, id, "alerts", &list, &count);
    if (st != ST_OK) {
        return st;
    }
    *found = count > 0;
    for (size_t i = 0; st == ST_OK && i < count; i++) {
        if (!str_is(list[i].setting, "never")
            && !is_muted(t, list[i].account_id)) {
            st = let_wait(db, a, t,
                          mail_add(a, t, list[i].email, list[i].account_id,
                                   list[i].reason, out));
        }
    }
    return st;
}


static int64_t
id_of(const struct json *json, const char *name)
{
    const struct json *v = json_get(json, name);
    int64_t id = 0;

    return v != NULL && str_i64(v->text, &id) ? id : 0;
}


/* Assignee and owners; who has none falls through. */
static enum status
mail_owners(struct db *db, struct arena *a, const struct target *t,
            struct str otherwise, struct rows *out)
{
    bool found = false, some;
    enum status st = ST_OK;

    if (t->notice->issue_id != 0) {
        st = mail_group(db, a, t, RECIPIENT_OWNERS, 0, out, &found);
    }
    if (st != ST_OK || found || str_is(otherwise, "NoOne")) {
        return st;
    }
    return mail_group(db, a, t,
                      str_is(otherwise, "AllMembers") ? RECIPIENT_MEMBERS
                                                      : RECIPIENT_ACTIVE,
                      0, out, &some);
}


static enum status
mail_action(struct db *db, struct arena *a, const struct target *t,
            const struct alert_act *act, struct rows *out)
{
    struct str who = json_text_of(act->json, "targetType");
    struct str address = json_text_of(act->json, "address");
    int64_t id = id_of(act->json, "targetIdentifier");
    bool found;

    if (address.n > 0) {
        mail_add(a, t, address, 0, STR_NULL, out);
        return ST_OK;
    }
    if (str_is(who, "Member")) {
        return mail_group(db, a, t, RECIPIENT_ACCOUNT, id, out, &found);
    }
    if (str_is(who, "Team")) {
        return mail_group(db, a, t, RECIPIENT_TEAM, id, out, &found);
    }
    if (str_is(who, "AllMembers")) {
        return mail_group(db, a, t, RECIPIENT_MEMBERS, 0, out, &found);
    }
    if (str_is(who, "Assignee")) {
        return mail_group(db, a, t, RECIPIENT_ASSIGNEE, 0, out, &found);
    }
    return mail_owners(db, a, t, json_text_of(act->json, "fallthroughType"),
                       out);
}


void
integration_add(struct arena *a, const struct target *t,
                const struct alert_act *act, struct rows *out)
{
    struct notice n = *t->notice;
    struct buf settings = buf_in(a);
    struct outbox_row row = {
        .organization_id = n.organization_id,
        .project_id = n.project_id,
        .issue_id = n.issue_id,
        .rule_id = t->nrules > 0 ? t->rules[0] : 0,
        .fire_id = t->row->fire_id,
        .cause = n.cause,
        .channel = str_of(act->type->channel),
        .integration_id = act->integration_id,
        .endpoint =
            str_printf(a, "integration:%lld", (long long) act->integration_id),
    };

    /* the same place with other words is another message */
    json_write(&settings, act->json);
    row.key = str_printf(a, "%.*s:%lld:%.*s", STR_FMT(t->row->key),
                         (long long) act->integration_id,
                         STR_FMT(secret_digest(a, buf_view(&settings))));
    n.key = row.key;
    n.settings = json_clone(a, act->json);
    n.notes = json_text_of(act->json, "notes");
    row.data = notice_write(a, &n);
    rows_add(out, &row);
}


static enum status
block_act(struct db *db, struct arena *a, const struct target *t,
          const struct rule_block *b, bool test, struct rows *out)
{
    enum status st = ST_OK;

    for (size_t i = 0; st == ST_OK && i < b->nactions; i++) {
        const struct alert_act *act = &b->actions[i];

        if (act->type->run != NULL) {
            if (!test && t->notice->issue_id != 0) {
                st = act->type->run(db, a, act, t->notice->organization_id,
                                    t->notice->issue_id);
                /* a member that has left: the rest is done all the same */
                st = st == ST_NOT_FOUND ? ST_OK : st;
            }

        } else if (strcmp(act->type->channel, "mail") == 0) {
            st = mail_action(db, a, t, act, out);

        } else {
            integration_add(a, t, act, out);
        }
    }
    return st;
}


enum status
rule_act(struct db *db, struct arena *a, const struct target *t,
         const struct rule *r, unsigned blocks, bool test, struct rows *out)
{
    enum status st = ST_OK;

    for (size_t i = 0; st == ST_OK && i < r->nblocks; i++) {
        if ((blocks & 1u << i) != 0) {
            st = block_act(db, a, t, &r->blocks[i], test, out);
        }
    }
    return st;
}
