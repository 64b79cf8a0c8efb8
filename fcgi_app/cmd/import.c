#include "cmd/cmd.h"

#include <stdio.h>

#include "cmd/usage.h"
#include "model/import.h"
#include "util/buf.h"

static const char help[] =
    "usage: vedette import [--plan] ORG FILE [SLUG]\n\n"
    "Projects with their numbers, keys and teams out of an export of another\n"
    "server, so that its DSNs go on working when its name in the DNS leads "
    "here:\n"
    "\"sentry export organizations\", or \"manage.py dumpdata\" of GlitchTip "
    "or\n"
    "Bugsink.  FILE may be - for standard input.\n\n"
    "ORG     the organisation here that gets them; it has to be there\n"
    "SLUG    the organisation in the file, if it has more than one\n"
    "--plan  says what would be done, and does nothing\n\n"
    "What is there already stays as it is; a number or a key that is another\n"
    "project's stops it all.  People are not taken: invite them.\n";

#define FILE_MAX ((size_t) 64 * 1024 * 1024)


static bool
read_all(struct arena *a, const char *name, struct str *out)
{
    FILE *f = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
    struct buf b = buf_in(a);
    size_t n;

    if (f == NULL) {
        return false;
    }
    do {
        buf_room(&b, 1 << 16);
        n = fread(b.p + b.n, 1, 1 << 16, f);
        b.n += n;
    } while (n > 0 && b.n <= FILE_MAX);
    if (f != stdin) {
        fclose(f);
    }
    *out = buf_view(&b);
    return b.n <= FILE_MAX;
}


static void
tell(const struct import *import)
{
    for (size_t i = 0; i < import->nprojects; i++) {
        const struct import_project *p = &import->projects[i];

        printf("%lld\t%.*s\t%zu %s\t%.*s%s\n", (long long) p->id,
               STR_FMT(p->slug), p->nkeys, p->nkeys == 1 ? "key" : "keys",
               STR_FMT(p->name), p->there ? "\tis there already" : "");
    }
    for (size_t i = 0; i < import->nremarks; i++) {
        printf("%.*s\n", STR_FMT(import->remarks[i]));
    }
    printf("%zu projects, %zu keys, %zu teams; %zu people to invite\n",
           import->nprojects, import->nkeys, import->nteams, import->members);
}


int
cmd_import(struct app *app, int argc, char **argv)
{
    int rc = usage_check(argc, argv, 2, help);
    bool plan;
    struct organization org;
    struct import import;
    struct str text, why;
    enum status st;

    if (rc != -1) {
        return rc;
    }
    plan = strcmp(argv[1], "--plan") == 0;
    argv += plan ? 1 : 0;
    argc -= plan ? 1 : 0;
    if (argc < 3 || argc > 4) {
        return usage_wrong(help, "it takes an organisation and a file");
    }
    st = organization_by_slug(app->db, app->arena, str_of(argv[1]), &org);
    if (st != ST_OK) {
        fprintf(stderr, "vedette: the organisation %s: %s\n", argv[1],
                status_text(st));
        return 1;
    }
    if (!read_all(app->arena, argv[2], &text)) {
        fprintf(stderr, "vedette: %s cannot be read, or is larger than 64 MB\n",
                argv[2]);
        return 1;
    }
    st = import_read(app->arena, text, argc > 3 ? str_of(argv[3]) : STR_NULL,
                     &import, &why);
    if (st == ST_OK && !plan) {
        st = import_apply(app->db, app->redis, app->arena, &actor_command,
                          org.id, &import, &why);
    }
    if (st != ST_OK) {
        if (st == ST_INVALID || (st == ST_CONFLICT && !str_null(why))) {
            fprintf(stderr, "vedette: %.*s\n", STR_FMT(why));
        } else {
            fprintf(stderr, "vedette: not imported, or not published: %s\n",
                    status_text(st));
        }
        return 1;
    }
    tell(&import);
    return 0;
}
