#include "integration/tracker.h"

#include "util/crypt.h"
#include "util/seal.h"

const struct field_choice tracker_push[] = {
    { "status", "Status: resolving here moves the ticket" },
    { "assignee", "Assignee" },
    { "comments", "Comments" },
    { NULL, NULL },
};

const struct field_choice tracker_pull[] = {
    { "status", "Status: a ticket that is done resolves the issue" },
    { "assignee", "Assignee" },
    { "comments", "Comments" },
    { NULL, NULL },
};

const struct field_choice tracker_regression[] = {
    { "reopen", "Reopen the ticket" },
    { "comment", "Write a comment" },
    { "new", "Create a new ticket, linked to the old one" },
    { "nothing", "Leave it" },
    { NULL, NULL },
};


void
tracker_option_add(struct tracker_options *list, struct str id,
                   struct str label)
{
    if (id.n > 0 && list->n < TRACKER_OPTIONS_MAX) {
        list->v[list->n++] =
            (struct tracker_option){ id, label.n > 0 ? label : id };
    }
}


bool
tracker_does(const struct integration *i, const char *field, const char *choice)
{
    struct str rest = integration_value(i, field), part;

    while (str_split(&rest, ',', &part)) {
        if (str_is(part, choice)) {
            return true;
        }
    }
    return false;
}


bool
tracker_signed(const struct integration_call *call,
               const struct tracker_hook *hook, const char *header,
               const char *prefix)
{
    struct str sent = hook->header(hook->request, header),
               secret = integration_value(call->i, "hook_secret");

    if (secret.n == 0 || !str_starts(sent, str_of(prefix))) {
        return false;
    }
    sent = str_sub(sent, strlen(prefix), sent.n);
    return secret_equal(str_lower(call->a, sent),
                        hmac_sha256_hex(call->a, secret, hook->body));
}
