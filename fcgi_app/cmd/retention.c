/* vedette retention: what is kept, for how long, and what was taken out. */

#include "cmd/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/usage.h"
#include "model/keep.h"
#include "model/organization.h"
#include "model/project.h"
#include "model/project_setting.h"
#include "model/retention.h"

static const char help[] =
    "usage: vedette retention show [ORG]\n"
    "       vedette retention run\n"
    "       vedette retention set ORG [PROJECT] NAME VALUE\n\n"
    "show      prints the last run and when the next is due; of ORG also what\n"
    "          its projects hold: days in force, events, bytes, oldest day\n"
    "run       takes out now what is past its age or too much\n"
    "set       days: of events, 0 for ever; bytes: of events, 0 no bound;\n"
    "          of a project also attachment-days.  VALUE default: as the\n"
    "          organisation, and that as system.event-retention-days\n";


static int
failed(const char *what, enum status st)
{
    fprintf(stderr, "vedette: %s: %s\n", what, status_text(st));
    return 1;
}


static void
print_run(struct arena *a, const char *what, const struct retention_run *run)
{
    const struct retention_freed *f = &run->freed;

    printf("%s %.*s: %" PRId64 " events, %" PRId64 " bytes, %" PRId64
           " whole days, %" PRId64 " attachments, %" PRId64 " reports, %" PRId64
           " issues\n",
           what, STR_FMT(time_format_iso(a, run->started_at, false)), f->events,
           f->bytes, run->partitions, f->attachments, f->reports, f->issues);
}


static enum status
print_state(struct app *app, int64_t org)
{
    struct retention_state s;
    enum status st = retention_state(app->db, app->arena, org, &s);

    if (st != ST_OK) {
        return st;
    }
    if (s.now.id != 0) {
        print_run(app->arena, "under way since", &s.now);
    }
    if (s.last.id != 0) {
        print_run(app->arena, "last", &s.last);
    }
    printf("next %.*s\n",
           STR_FMT(time_format_iso(app->arena, s.next_at, false)));
    return ST_OK;
}


static enum status
print_projects(struct app *app, int64_t org)
{
    struct retention_project *list;
    size_t n;
    enum status st =
        retention_projects(app->db, app->arena, org, NULL, 0, &list, &n);

    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct str oldest =
            list[i].oldest == 0
                ? STR("-")
                : str_sub(time_format_iso(app->arena, list[i].oldest, false), 0,
                          10);

        printf("%.*s\t%" PRId64 " days\t%" PRId64 " events\t%" PRId64
               " bytes\t%.*s\n",
               STR_FMT(list[i].slug), list[i].days, list[i].events,
               list[i].bytes, STR_FMT(oldest));
    }
    return st;
}


static int
show(struct app *app, int n, char **words)
{
    struct organization org = { 0 };
    enum status st = ST_OK;

    if (n > 0) {
        st = organization_by_slug(app->db, app->arena, str_of(words[0]), &org);
    }
    if (st == ST_OK) {
        st = print_state(app, org.id);
    }
    if (st == ST_OK && n > 0) {
        st = print_projects(app, org.id);
    }
    return st == ST_OK ? 0 : failed("retention was not read", st);
}


/* Does the work itself: there may be no worker. */
static int
run(struct app *app, int n, char **words)
{
    bool more = true;
    enum status st = retention_ask(app->db, app->arena, 0, &actor_command);

    (void) n;
    (void) words;
    while (st == ST_OK && more) {
        struct arena *scratch = arena_new();

        st = retention_step(app->db, scratch, &more);
        arena_free(scratch);
    }
    if (st == ST_OK) {
        st = print_state(app, 0);
    }
    return st == ST_OK ? 0 : failed("the run has stopped", st);
}


static enum status
set_organization(struct app *app, int64_t org, bool days, int64_t value)
{
    struct retention_limits limits;
    enum status st = retention_limits(app->db, app->arena, org, &limits);

    if (st != ST_OK) {
        return st;
    }
    *(days ? &limits.days : &limits.bytes) = value;
    return retention_limit(app->db, app->arena, org, &actor_command, &limits);
}


static enum status
set_project(struct app *app, int64_t org, const char *slug, const char *name,
            int64_t value)
{
    struct project_setting s = {
        .name = str_printf(app->arena, "keep.%s", name),
        .value = value == RETENTION_UNSET
                     ? STR("")
                     : str_printf(app->arena, "%" PRId64, value),
    };
    struct project project;
    enum status st =
        project_by_slug(app->db, app->arena, org, str_of(slug), &project);

    return st == ST_OK ? project_setting_save(app->db, app->arena,
                                              &actor_command, &project, &s, 1)
                       : st;
}


static int
set(struct app *app, int n, char **words)
{
    const char *name = n > 2 ? words[n - 2] : "", *text = words[n - 1];
    bool days = strcmp(name, "days") == 0;
    bool bytes = strcmp(name, "bytes") == 0;
    struct organization org;
    int64_t value = RETENTION_UNSET;
    enum status st;

    if (n < 3
        || (!days && !bytes
            && (n < 4 || strcmp(name, "attachment-days") != 0))) {
        return usage_wrong(help, "there is no such limit");
    }
    if (strcmp(text, "default") != 0
        && (!str_i64(str_of(text), &value) || value < 0
            || value > (bytes ? RETENTION_BYTES_MAX : RETENTION_DAYS_MAX))) {
        return usage_wrong(help, "\"%s\" is no such number", text);
    }
    st = organization_by_slug(app->db, app->arena, str_of(words[0]), &org);
    if (st == ST_OK) {
        st = n > 3 ? set_project(app, org.id, words[1], name, value)
                   : set_organization(app, org.id, days, value);
    }
    return st == ST_OK ? 0 : failed("the limit was not stored", st);
}


static const struct action {
    const char *name;
    int min, max; /* words behind it */
    int (*run)(struct app *app, int n, char **words);
} actions[] = {
    { "show", 0, 1, show },
    { "run", 0, 0, run },
    { "set", 3, 4, set },
};


int
cmd_retention(struct app *app, int argc, char **argv)
{
    int rc = usage_check(argc, argv, 1, help);

    if (rc != -1) {
        return rc;
    }
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(actions[i].name, argv[1]) == 0 && argc - 2 >= actions[i].min
            && argc - 2 <= actions[i].max) {
            return actions[i].run(app, argc - 2, argv + 2);
        }
    }
    return usage_wrong(help, "that is no action with so many words");
}
