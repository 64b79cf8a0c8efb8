/*
 * digest/codeowners.h - a CODEOWNERS file of GitHub or GitLab as ownership
 * rules: the patterns as they stand, the names as people and teams here.
 *
 * A name that is not in names ("@ann = ann@example.org", a line each) is a mail
 * address of a member, "@org/team" a team with that slug, or "@ann" the member
 * whose address begins so.  Sections of GitLab give their owners to the lines
 * that have none.
 */

#ifndef VEDETTE_DIGEST_CODEOWNERS_H
#define VEDETTE_DIGEST_CODEOWNERS_H

#include "model/assignee.h"

#define CODEOWNERS_BEGIN "# ---- from CODEOWNERS"
#define CODEOWNERS_END "# ---- end of CODEOWNERS"

#define CODEOWNERS_UNKNOWN_MAX 200 /* that are told */

struct codeowners {
    struct str rules; /* between the two lines above */
    size_t n;
    struct str *unknown; /* names that are nobody's, each once */
    size_t nunknown;
};

void codeowners_read(struct arena *a, struct str text, struct str names,
                     const struct assignee *people, size_t npeople,
                     struct codeowners *out);

/* The rules with these instead of what an earlier file has brought; else in
 * front, so that rules written by hand win. */
struct str codeowners_put(struct arena *a, struct str rules,
                          const struct codeowners *c);

#endif
