/*
 * model/code_mapping.h - where the files of a stack are in their repository: a
 * project's own lines, and the addresses that they make.
 *
 *     src/         -> https://github.com/acme/shop src/
 *     /srv/app/    -> https://gitlab.com/acme/shop branch=develop
 *     app:///      -> gitea https://git.example.org/acme/web web/src/
 *     *            -> https://code.example.org/{revision}/{path}?line={line}
 *
 * One line a mapping: what a file's name in the stack begins with, the address
 * of the repository, and the folder there that stands for that beginning.  The
 * first line that a file begins with is its own; "*" is any file whose name is
 * relative.  What keeps the repository is told by its address; where that says
 * nothing, a word in front of it does, or {path} in it.
 */

#ifndef VEDETTE_MODEL_CODE_MAPPING_H
#define VEDETTE_MODEL_CODE_MAPPING_H

#include "util/status.h"
#include "util/str.h"

#define CODE_MAPPINGS "code.mappings" /* the project's setting */

#define CODE_MAPPINGS_MAX 100

struct code_host; /* how its addresses are written */

struct code_mapping {
    unsigned line;      /* from 1 */
    struct str prefix;  /* "": of any relative name */
    struct str address; /* without '/' at its end */
    struct str folder;  /* with '/' at its end, or "" */
    struct str branch;  /* where no revision is known */
    const struct code_host *host;
};

/* What is wrong, and where. */
struct code_error {
    unsigned line;
    const char *text;
};

/* They live in a and point into text.  ST_INVALID: see *err. */
enum status code_mappings_parse(struct arena *a, struct str text,
                                struct code_mapping **out, size_t *n,
                                struct code_error *err) MUST_CHECK;

/*
 * The line that one of these names of a file begins with, asked in their order,
 * and the file's path in that repository; NULL: none has it, or its name leads
 * out of the repository.
 */
const struct code_mapping *code_mapping_find(struct arena *a,
                                             const struct code_mapping *v,
                                             size_t n, const struct str *names,
                                             size_t nnames, struct str *path);

/* Whether a list of commits calls the repository so: "acme/shop", its address,
 * or its last name. */
bool code_mapping_is(const struct code_mapping *m, struct str repository);

/* The address of a line (0: of the file) at a revision; null: the branch. */
struct str code_link(struct arena *a, const struct code_mapping *m,
                     struct str path, struct str revision, int64_t line);

/* The address of a commit; the null str where no such address is known. */
struct str code_commit_link(struct arena *a, const struct code_mapping *m,
                            struct str revision);

/* The revision that a version is or ends with ("shop@1f0c…", 40 digits); the
 * null str: it names none. */
struct str code_revision_of(struct str version);

#endif
