/* vedette release: what a build machine says of a release. */

#include "cmd/cmd.h"

#include <ctype.h>
#include <stdio.h>

#include "cmd/usage.h"
#include "json/doc.h"
#include "model/organization.h"
#include "model/project.h"
#include "model/release.h"
#include "util/timeutil.h"

static const char help[] =
    "usage: vedette release list ORG PROJECT\n"
    "       vedette release create ORG PROJECT VERSION [--released] [--url "
    "URL]\n"
    "       vedette release deploy ORG PROJECT VERSION ENVIRONMENT [--name "
    "NAME] [--url URL]\n"
    "       vedette release commits ORG PROJECT VERSION [--repository NAME]\n\n"
    "list      prints version and first event of the newest releases\n"
    "create    makes a release before its first event; --released: it is "
    "finished\n"
    "deploy    notes that the release is in an environment now\n"
    "commits   reads commits, newest first, a line each:\n"
    "          git log --name-only --format='%H%x09%an%x09%ae%x09%cI%x09%s' "
    "OLD..NEW\n"
    "          With --name-only a commit tells its files, by which an issue "
    "finds it.\n"
    "A release is made when it is not there yet.\n";

/* Commits that are read, and bytes of a line. */
#define COMMITS_MAX 1000
#define LINE_MAX_BYTES 16384
#define TEXT_MAX 1000

/* Bytes of the names of a commit's files. */
#define FILES_MAX ((size_t) 16 * 1024)


static int
failed(const char *what, enum status st)
{
    fprintf(stderr, "vedette: %s: %s\n", what, status_text(st));
    return 1;
}


static int
list(struct app *app, const struct project *project)
{
    struct id_set set = { true, (int64_t[]){ project->id }, 1 };
    struct release_filter filter = { .projects = &set };
    struct release *rows;
    enum status st;
    bool more;
    size_t n;

    st = release_list(app->db, app->arena, project->organization_id, &filter, 0,
                      false, &rows, &n, &more);
    if (st != ST_OK) {
        return failed("the releases were not read", st);
    }
    for (size_t i = 0; i < n; i++) {
        printf("%.*s\t%.*s\n", STR_FMT(rows[i].version),
               STR_FMT(time_format_iso(app->arena, rows[i].first_seen, false)));
    }
    return 0;
}


/* One line of git log into a commit; false when it has no revision. */
static bool
read_commit(struct arena *a, struct str line, struct str repository,
            struct commit *out)
{
    struct str words[4], rest = utf8_mend(a, line);

    for (size_t i = 0; i < 4; i++) {
        if (!str_split(&rest, '\t', &words[i])) {
            words[i] = STR("");
        }
        words[i] = str_cut(str_trim(words[i]), TEXT_MAX);
    }
    *out = (struct commit){
        .revision = str_cut(words[0], 64),
        .author = words[1],
        .author_email = words[2],
        .message = str_null(rest) ? STR("") : str_cut(rest, TEXT_MAX),
        .repository = repository,
    };
    if (!time_parse_iso(words[3], &out->at)) {
        out->at = 0;
    }
    return out->revision.n > 0;
}


/* A line of git log that is no commit: it has no tab, and is no revision. */
static bool
is_file(struct str line)
{
    size_t hex = 0;

    while (hex < line.n && isxdigit((unsigned char) line.p[hex])) {
        hex++;
    }
    return line.n > 0 && str_chr(line, '\t') < 0 && hex < line.n;
}


static void
add_file(struct arena *a, struct str line, struct commit *to)
{
    struct str name = utf8_mend(a, line);

    if (str_null(to->files)) {
        to->files = name;

    } else if (to->files.n + name.n < FILES_MAX) {
        to->files =
            str_printf(a, "%.*s\n%.*s", STR_FMT(to->files), STR_FMT(name));
    }
}


static int
commits(struct app *app, const struct project *project, int64_t id,
        struct str repository)
{
    struct commit *list =
        arena_array(app->arena, COMMITS_MAX, sizeof(struct commit));
    char line[LINE_MAX_BYTES];
    enum status st;
    size_t n = 0;

    while (n < COMMITS_MAX && fgets(line, sizeof(line), stdin) != NULL) {
        struct str text = str_trim(str_copy(app->arena, str_of(line)));

        if (n > 0 && is_file(text)) {
            add_file(app->arena, text, &list[n - 1]);
        } else {
            n += read_commit(app->arena, text, repository, &list[n]);
        }
    }
    st = release_set_commits(app->db, app->arena, project->organization_id, id,
                             list, n);
    if (st != ST_OK) {
        return failed("the commits were not stored", st);
    }
    printf("%zu commit%s\n", n, n == 1 ? "" : "s");
    return 0;
}


/* What the options say. */
struct options {
    const char *name;
    const char *url;
    const char *repository;
    bool released;
};


static int
change(struct app *app, const struct project *project, int argc, char **argv,
       const struct options *o)
{
    struct str action = str_of(argv[1]);
    bool create = str_is(action, "create");
    int64_t id;
    enum status st;

    st =
        release_save(app->db, app->arena, project, str_of(argv[4]),
                     o->released ? time_now() : 0,
                     create && o->url != NULL ? str_of(o->url) : STR_NULL, &id);
    if (st != ST_OK) {
        return failed("the release was not stored", st);
    }
    if (str_is(action, "commits")) {
        return commits(app, project, id,
                       o->repository != NULL ? str_of(o->repository) : STR(""));
    }
    if (str_is(action, "deploy")) {
        struct deploy deploy = {
            .environment = str_of(argv[5]),
            .name = o->name != NULL ? str_of(o->name) : STR(""),
            .url = o->url != NULL ? str_of(o->url) : STR(""),
        };

        (void) argc;
        st = release_deploy(app->db, app->arena, project->organization_id, id,
                            &deploy);
    }
    return st == ST_OK ? 0 : failed("the deploy was not stored", st);
}


int
cmd_release(struct app *app, int argc, char **argv)
{
    static const struct {
        const char *name;
        int words;
    } actions[] = {
        { "list", 4 }, { "create", 5 }, { "deploy", 6 }, { "commits", 5 }
    };
    struct options o = { 0 };
    struct organization org;
    struct project project;
    bool bad = false, known = false;
    enum status st;
    int rc;

    o.name = usage_option(&argc, argv, "name", &bad);
    o.url = usage_option(&argc, argv, "url", &bad);
    o.repository = usage_option(&argc, argv, "repository", &bad);
    o.released = usage_flag(&argc, argv, "released");
    if ((rc = usage_check(argc, argv, 1, help)) != -1) {
        return rc;
    }
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        known = known
                || (strcmp(actions[i].name, argv[1]) == 0
                    && argc == actions[i].words);
    }
    if (bad || !known || usage_unknown(argc, argv) != NULL) {
        return usage_wrong(help, "these words make no sense together");
    }

    st = organization_by_slug(app->db, app->arena, str_of(argv[2]), &org);
    if (st == ST_OK) {
        st = project_by_slug(app->db, app->arena, org.id, str_of(argv[3]),
                             &project);
    }
    if (st != ST_OK) {
        return failed(arena_printf(app->arena, "%s/%s", argv[2], argv[3]), st);
    }
    return argc == 4 ? list(app, &project)
                     : change(app, &project, argc, argv, &o);
}
