/*
 * digest/user_agent.h - what a User-Agent string says about browser, operating
 * system and device.
 *
 * By the rules of uap-core (Debian's package has them in regexes.yaml), which
 * others maintain: products come and go faster than we release.  The rules are
 * read once, before the workers are forked; a rule is compiled when it is
 * first tried.  Answers are kept by string, the least recently asked for go
 * first.
 */

#ifndef VEDETTE_DIGEST_USER_AGENT_H
#define VEDETTE_DIGEST_USER_AGENT_H

#include "util/status.h"
#include "util/str.h"

/* More of a header is not looked at. */
#define USER_AGENT_MAX 512

/* The null str where nothing is known; a rule's "Other" is nothing too. */
struct user_agent {
    struct str browser;
    struct str browser_major;   /* "124" */
    struct str browser_version; /* "124.0.6367" */
    struct str os;
    struct str os_version; /* ">=10" where the string stopped telling more */
    struct str device;     /* family: "iPhone", "Samsung SM-A536B" */
    struct str device_brand;
    struct str device_model;
};

/*
 * Reads the rules.  Without them every string is unknown, which is all that
 * happens after an error: ST_NOT_FOUND no such file, ST_INVALID no rules in it;
 * logged.  Reading again replaces what was read before.
 */
enum status user_agent_load(const char *path) MUST_CHECK;

/* Never NULL; valid until the next call.  Any bytes do. */
const struct user_agent *user_agent_find(struct str text);

#endif
