#include "cmd/cmd.h"

#include <stdio.h>

#include "cmd/usage.h"
#include "model/account.h"
#include "model/member.h"
#include "model/organization.h"
#include "model/origins.h"
#include "model/project.h"
#include "model/project_key.h"
#include "model/spike.h"
#include "util/buf.h"

static const char help[] =
    "usage: vedette project create ORG PROJECT [--name NAME]\n"
    "               [--platform WORD] [--org-name NAME] [--owner EMAIL]\n"
    "       vedette project dsn ORG PROJECT\n"
    "       vedette project list ORG\n"
    "       vedette project spike ORG PROJECT [on|off]\n"
    "       vedette project origins ORG PROJECT [PATTERN ... | none]\n\n"
    "create    adds a project with one client key and prints its DSN; the\n"
    "          organisation is created when there is none\n"
    "dsn       prints the DSN of the first key that is on\n"
    "list      prints id, slug and platform of each project\n"
    "spike     prints whether spike protection is on, the errors of a busy\n"
    "          hour, the cap (0: none yet) and its seconds, and what it has\n"
    "          refused in the last 24 hours; or turns it on or off\n"
    "origins   prints which web pages may send with the project's keys, or\n"
    "          lets those send that fit a PATTERN: [scheme://]domain[:port],\n"
    "          with * for any part and *.example.org for all below it\n\n"
    "ORG and PROJECT are slugs: 2 to 50 of a-z, 0-9 and -, as they stand in\n"
    "addresses.  EMAIL is an account that becomes the organisation's owner.\n";


static int
failed(const char *what, enum status st)
{
    fprintf(stderr, "vedette: %s: %s\n", what, status_text(st));
    return 1;
}


static enum status
find_or_create(struct app *app, struct str slug, const char *name,
               struct organization *org)
{
    enum status st = organization_by_slug(app->db, app->arena, slug, org);

    if (st != ST_NOT_FOUND) {
        return st;
    }
    org->slug = slug;
    org->name = name != NULL ? str_of(name) : slug;
    return organization_create(app->db, app->arena, &actor_command, slug,
                               org->name, &org->id);
}


static enum status
add_owner(struct app *app, const struct organization *org, const char *owner)
{
    struct account account;
    struct str email;
    enum status st;

    if (owner == NULL) {
        return ST_OK;
    }
    if (!account_email(app->arena, str_of(owner), &email)) {
        return ST_INVALID;
    }
    st = account_by_email(app->db, app->arena, email, &account);
    if (st == ST_OK) {
        st = member_set(app->db, app->arena, &actor_command, org->id,
                        account.id, email, ROLE_OWNER);
    }
    return st;
}


static int
create(struct app *app, char **argv, const char *name, const char *platform,
       const char *org_name, const char *owner)
{
    struct str org_slug = str_of(argv[2]), slug = str_of(argv[3]);
    struct organization org;
    struct project_key key;
    int64_t id;
    enum status st;

    if (!slug_valid(org_slug) || !slug_valid(slug)) {
        return usage_wrong(help,
                           "\"%s\" is no slug, or one that addresses "
                           "use for something else",
                           slug_valid(org_slug) ? argv[3] : argv[2]);
    }

    if ((st = db_begin(app->db)) != ST_OK) {
        return failed("the project was not created", st);
    }
    st = find_or_create(app, org_slug, org_name, &org);
    if (st == ST_OK && (st = add_owner(app, &org, owner)) != ST_OK) {
        db_rollback(app->db);
        fprintf(stderr, "vedette: there is no account %s\n", owner);
        return 1;
    }
    if (st == ST_OK) {
        st = project_create(app->db, app->arena, &actor_command, org.id, slug,
                            name != NULL ? str_of(name) : slug,
                            str_of(platform != NULL ? platform : "other"), &id);
    }
    if (st == ST_CONFLICT) {
        db_rollback(app->db);
        fprintf(stderr, "vedette: %s has a project %s already\n", argv[2],
                argv[3]);
        return 1;
    }
    if (st == ST_OK) {
        st = db_commit(app->db);
    }
    if (st != ST_OK) {
        db_rollback(app->db);
        return failed("the project was not created", st);
    }

    /* after COMMIT: the edge must never know a key that was rolled back */
    st = project_key_create(app->db, app->redis, app->arena, &actor_command,
                            org.id, id, STR("Default"), &key);
    if (st != ST_OK) {
        return failed("the project stands, its key was not published; "
                      "\"vedette key publish\" tries again",
                      st);
    }
    printf("%.*s\n", STR_FMT(project_key_dsn(app->arena, &key)));
    return 0;
}


static int
print_dsn(struct app *app, const struct organization *org, const char *slug)
{
    struct project project;
    struct project_key *keys;
    size_t n;
    enum status st;

    st = project_by_slug(app->db, app->arena, org->id, str_of(slug), &project);
    if (st == ST_OK) {
        st = project_key_list(app->db, app->arena, org->id, project.id, &keys,
                              &n);
    }
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        if (keys[i].is_active) {
            printf("%.*s\n", STR_FMT(project_key_dsn(app->arena, &keys[i])));
            return 0;
        }
    }
    return st == ST_OK ? failed("no key of the project is on", ST_NOT_FOUND)
                       : failed(slug, st);
}


static int
spike(struct app *app, const struct organization *org, const char *slug,
      const char *word)
{
    struct project project;
    struct spike s;
    enum status st =
        project_by_slug(app->db, app->arena, org->id, str_of(slug), &project);

    if (st == ST_OK && word != NULL) {
        st = spike_switch(app->db, app->redis, app->arena, &actor_command,
                          &project, strcmp(word, "on") == 0);
    }
    if (st == ST_OK) {
        st = spike_of(app->db, app->arena, &project, &s);
    }
    if (st != ST_OK) {
        return failed(slug, st);
    }
    printf("%s\t%lld\t%lld\t%lld\t%lld\n", s.is_on ? "on" : "off",
           (long long) s.normal, (long long) s.count, (long long) s.seconds,
           (long long) s.refused);
    return 0;
}


/* words: patterns, up to a NULL; none at all prints what is set. */
static int
origins(struct app *app, const struct organization *org, const char *slug,
        char **words)
{
    struct project project;
    struct str lines, wrong = STR_NULL;
    struct buf b = buf_in(app->arena);
    bool none = words[0] != NULL && strcmp(words[0], "none") == 0;
    enum status st =
        project_by_slug(app->db, app->arena, org->id, str_of(slug), &project);

    for (int i = 0; !none && words[i] != NULL; i++) {
        buf_addf(&b, "%s\n", words[i]);
    }
    if (st == ST_OK && words[0] != NULL) {
        st = origins_save(app->db, app->redis, app->arena, &actor_command,
                          &project, buf_view(&b), &wrong);
    }
    if (!str_null(wrong)) {
        return usage_wrong(help, "\"%.*s\" is no pattern of an origin",
                           STR_FMT(wrong));
    }
    if (st == ST_OK) {
        st = origins_of(app->db, app->arena, &project, &lines);
    }
    if (st != ST_OK) {
        return failed(slug, st);
    }
    printf("%s\n", lines.n > 0 ? str_dup(app->arena, lines) : "none");
    return 0;
}


static int
print_list(struct app *app, const struct organization *org)
{
    struct project *list;
    size_t n;
    enum status st =
        project_list(app->db, app->arena, org->id, NULL, &list, &n);

    if (st != ST_OK) {
        return failed("the projects were not read", st);
    }
    for (size_t i = 0; i < n; i++) {
        printf("%lld\t%.*s\t%.*s\n", (long long) list[i].id,
               STR_FMT(list[i].slug), STR_FMT(list[i].platform));
    }
    return 0;
}


int
cmd_project(struct app *app, int argc, char **argv)
{
    bool bad = false;
    int rc = usage_check(argc, argv, 2, help);
    const char *name, *platform, *org_name, *owner;
    struct organization org;
    struct str action;
    enum status st;

    if (rc != -1) {
        return rc;
    }
    name = usage_option(&argc, argv, "name", &bad);
    platform = usage_option(&argc, argv, "platform", &bad);
    org_name = usage_option(&argc, argv, "org-name", &bad);
    owner = usage_option(&argc, argv, "owner", &bad);
    if (bad || usage_unknown(argc, argv) != NULL) {
        return usage_wrong(help, "an option is unknown or lacks its value");
    }

    action = str_of(argv[1]);
    if (str_is(action, "create") && argc == 4) {
        return create(app, argv, name, platform, org_name, owner);
    }
    if (!(str_is(action, "origins") && argc >= 4)
        && !(str_is(action, "dsn") && argc == 4)
        && !(str_is(action, "list") && argc == 3)
        && !(str_is(action, "spike") && argc == 4)
        && !(str_is(action, "spike") && argc == 5
             && (strcmp(argv[4], "on") == 0 || strcmp(argv[4], "off") == 0))) {
        return usage_wrong(help, "these words make no sense together");
    }

    st = organization_by_slug(app->db, app->arena, str_of(argv[2]), &org);
    if (st != ST_OK) {
        return failed(argv[2], st);
    }
    if (str_is(action, "spike")) {
        return spike(app, &org, argv[3], argv[4]);
    }
    if (str_is(action, "origins")) {
        return origins(app, &org, argv[3], argv + 4);
    }
    return argc == 4 ? print_dsn(app, &org, argv[3]) : print_list(app, &org);
}
