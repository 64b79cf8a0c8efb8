/*
 * digest/scrub.h - secrets out of events before anything of them is stored
 * (protocol.md §9).
 */

#ifndef VEDETTE_DIGEST_SCRUB_H
#define VEDETTE_DIGEST_SCRUB_H

#include "digest/event.h"
#include "digest/scrub_rule.h"

/* What is done with addresses of people, once the country is known. */
enum scrub_ip { SCRUB_IP_KEEP, SCRUB_IP_NETWORK, SCRUB_IP_DROP };

/* What a project wants; zero and NULL are the defaults: scrub. */
struct scrub_settings {
    bool off;                    /* only ip and rules, if there are any */
    bool no_defaults;            /* only the fields named below */
    const struct str *sensitive; /* parts of names, lower case */
    size_t nsensitive;
    const struct str *safe; /* whole names that stay, lower case */
    size_t nsafe;
    enum scrub_ip ip;
    const struct scrub_rule **rules; /* applied in their order, after that */
    size_t nrules;
    bool no_refused; /* keep no sample of what is refused: refused.h */
};

/* Settings of a project: what a text of each may be is in scrub_wish.c. */
#define SCRUB_SETTING "scrub."
#define SCRUB_SETTING_ON "scrub.on"             /* on, off */
#define SCRUB_SETTING_DEFAULTS "scrub.defaults" /* on, off */
#define SCRUB_SETTING_IP "scrub.ip"             /* keep, network, drop */
#define SCRUB_SETTING_SENSITIVE "scrub.sensitive"
#define SCRUB_SETTING_SAFE "scrub.safe"
#define SCRUB_SETTING_RULES "scrub.rules"
#define SCRUB_SETTING_REFUSED "scrub.refused" /* on, off */

/* Entries of a list that are read. */
#define SCRUB_NAMES_MAX 200

/* Sets what the setting of this name says; other names and lines that cannot
 * be understood are ignored.  Everything in the arena. */
void scrub_setting(struct arena *a, struct scrub_settings *s, struct str name,
                   struct str value);

#define SCRUB_FILTERED "[Filtered]"

/*
 * Replaces values whose name or look says that they are secret by
 * "[Filtered]", in the body, with a remark in _meta.  Between normalize_event
 * and event_facts, so that columns and search text never see them.
 */
void scrub_event(struct arena *a, struct event *ev,
                 const struct scrub_settings *settings);


/* ---- inside: scrub_own.c, scrub_text.c */

struct norm;

/* Addresses and the project's rules, over the whole event. */
void scrub_own(struct norm *n, const struct scrub_settings *settings);

/*
 * The text with card numbers, account numbers, keys, passwords and the like
 * replaced, and what stands behind a name that the project has named; s itself
 * when there are none.  in_message: by what they were ("[creditcard]"), and
 * mail addresses too.  *nhits at most SCRUB_HITS_MAX are told; all are
 * replaced.
 */
struct str scrub_text(struct arena *a, const struct scrub_settings *settings,
                      struct str s, bool in_message, struct scrub_hit *hits,
                      size_t *nhits);

/* The rule that a name falls under by these settings, or NULL. */
const char *scrub_rule_of_name(const struct scrub_settings *settings,
                               struct str name);

/* Whether the project has said that what is called so stays. */
bool scrub_is_safe(const struct scrub_settings *settings, struct str name);

/*
 * "max_tokens": 512 is how many there are, and no secret, unless a project has
 * named it.  rule: the one that the name falls under.
 */
bool scrub_is_count(const char *rule, struct str name, struct str value);

/* Whether a name is one of a secret: "db_password", "Authorization". */
bool scrub_secret_name(struct str name);

#endif
