/* What was written into an issue's history: who follows it is told. */

#include "alert/route_work.h"

#include "integration/integration.h"
#include "model/activity.h"
#include "model/recipient.h"

struct happening {
    const char *kind;    /* of the activity */
    const char *setting; /* of notification_kinds */
    const char *action;  /* of the notice */
};

static const struct happening happenings[] = {
    { "assigned", "assigned", "assigned" },
    { "unassigned", "assigned", "unassigned" },
    { "comment", "comments", "comment" },
    { "resolved", "status", "resolved" },
    { "unresolved", "status", "unresolved" },
    { "archived", "status", "archived" },
    { "regressed", "status", "regressed" },
    { "escalating", "status", "escalating" },
};


static bool
wants(const struct recipient *r, bool follows)
{
    if (str_is(r->setting, "never")) {
        return false;
    }
    return follows || str_is(r->setting, "always");
}


/* True when the person did it, and does not want to be told of that. */
static enum status
is_own(struct db *db, struct arena *a, const struct notice *n,
       int64_t account_id, int64_t actor_id, bool *own)
{
    struct recipient *list;
    enum status st;
    size_t count;

    *own = account_id == actor_id && actor_id != 0;
    if (!*own) {
        return ST_OK;
    }
    st = recipient_find(db, a, n->organization_id, n->project_id, 0,
                        RECIPIENT_ACCOUNT, actor_id, "own", &list, &count);
    if (st == ST_OK && count > 0) {
        *own = !str_is(list[0].setting, "always");
    }
    return st;
}


static enum status
mail_workflow(struct db *db, struct arena *a, const struct target *t,
              enum recipient_group group, int64_t id, const char *setting,
              bool follows, int64_t actor_id, struct rows *out)
{
    const struct notice *n = t->notice;
    struct recipient *list;
    enum status st;
    size_t count;

    st = recipient_find(db, a, n->organization_id, n->project_id, n->issue_id,
                        group, id, setting, &list, &count);
    for (size_t i = 0; st == ST_OK && i < count; i++) {
        bool own;

        if (!wants(&list[i], follows)) {
            continue;
        }
        st = is_own(db, a, n, list[i].account_id, actor_id, &own);
        if (st == ST_OK && !own) {
            mail_add(a, t, list[i].email, list[i].account_id, list[i].reason,
                     out);
        }
    }
    return st;
}


/* Words after an @ in a comment. */
static size_t
mentions_of(struct arena *a, struct str text, struct str **out)
{
    size_t n = 0;

    *out = arena_array(a, 20, sizeof(struct str));
    for (size_t i = 0; i < text.n && n < 20; i++) {
        size_t end = i + 1;

        if (text.p[i] != '@') {
            continue;
        }
        while (end < text.n
               && strchr(" \t\r\n,;:!?()<>\"", text.p[end]) == NULL) {
            end++;
        }
        while (end > i + 1 && text.p[end - 1] == '.') {
            end--;
        }
        if (end > i + 1) {
            (*out)[n++] = str_lower(a, str_sub(text, i + 1, end));
            i = end - 1;
        }
    }
    return n;
}


static enum status
mail_mentions(struct db *db, struct arena *a, const struct target *t,
              int64_t actor_id, struct rows *out)
{
    struct notice n = *t->notice;
    struct target to = { .row = t->row, .notice = &n };
    struct str *words;
    size_t nwords = mentions_of(a, n.text, &words), count;
    struct recipient *list;
    enum status st;

    if (nwords == 0) {
        return ST_OK;
    }
    n.action = STR("mention");
    st = recipient_mentioned(db, a, n.organization_id, n.project_id, words,
                             nwords, &list, &count);
    for (size_t i = 0; st == ST_OK && i < count; i++) {
        struct recipient *r;
        size_t found;

        st = recipient_find(db, a, n.organization_id, n.project_id, n.issue_id,
                            RECIPIENT_ACCOUNT, list[i].account_id, "mentions",
                            &r, &found);
        if (st == ST_OK && found > 0 && list[i].account_id != actor_id
            && !str_is(r[0].setting, "never")) {
            mail_add(a, &to, list[i].email, list[i].account_id,
                     STR("mentioned"), out);
        }
    }
    return st;
}


static enum status
tell_followers(struct db *db, struct arena *a, const struct outbox_row *row,
               const struct activity *v, const struct happening *h,
               struct rows *out)
{
    struct notice n;
    struct target t = { .row = row, .notice = &n };
    struct outbox_row *listeners;
    size_t nlisteners;
    enum status st;

    st = route_notice(db, a, row->organization_id, row->issue_id, STR_NULL, &n);
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    n.cause = STR("workflow");
    n.action = str_of(h->action);
    n.at = v->at;
    n.actor = v->account;
    n.text = json_text_of(v->data, "text");
    n.key = row->key;

    if (strcmp(h->setting, "assigned") == 0) {
        int64_t id = 0;
        bool team = json_i64(json_get(v->data, "team_id"), &id);

        json_i64(json_get(v->data, "account_id"), &id);
        st = mail_workflow(db, a, &t, team ? RECIPIENT_TEAM : RECIPIENT_ACCOUNT,
                           id, h->setting, true, v->account_id, out);

    } else {
        if (strcmp(h->kind, "comment") == 0) {
            st = mail_mentions(db, a, &t, v->account_id, out);
        }
        if (st == ST_OK) {
            st = mail_workflow(db, a, &t, RECIPIENT_FOLLOWERS, 0, h->setting,
                               true, v->account_id, out);
        }
        if (st == ST_OK) {
            st = mail_workflow(db, a, &t, RECIPIENT_MEMBERS, 0, h->setting,
                               false, v->account_id, out);
        }
    }
    if (st != ST_OK) {
        return st;
    }
    st = integration_listeners(db, a, &n, &listeners, &nlisteners);
    for (size_t i = 0; st == ST_OK && i < nlisteners; i++) {
        rows_add(out, &listeners[i]);
    }
    return st;
}


enum status
route_activity(struct alerts *al, struct db *db, struct arena *a,
               const struct outbox_row *row, const struct json *data,
               struct rows *out)
{
    struct activity v;
    int64_t id = 0;
    enum status st;

    if (!json_i64(json_get(data, "activity"), &id)) {
        return ST_OK;
    }
    st = activity_by_id(db, a, row->organization_id, id, &v);
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    st = alerts_history(al, db, a, row->organization_id, row->issue_id, v.kind,
                        v.at, json_text_of(v.data, "text"));
    for (size_t i = 0;
         st == ST_OK && i < sizeof(happenings) / sizeof(happenings[0]); i++) {
        if (str_is(v.kind, happenings[i].kind)) {
            st = tell_followers(db, a, row, &v, &happenings[i], out);
        }
    }
    return st;
}
