#include "cmd/cmd.h"

#include <stdio.h>

#include "alert/weekly.h"
#include "cmd/usage.h"
#include "model/organization.h"
#include "util/timeutil.h"

static const char help[] =
    "usage: vedette report ORG\n\n"
    "Mails the report of the last whole week to the members of an\n"
    "organisation now, as it is done by itself on Mondays.  Who has it got\n"
    "already gets it no second time, and who wants none gets none.\n";


int
cmd_report(struct app *app, int argc, char **argv)
{
    int rc = usage_check(argc, argv, 1, help);
    struct weekly_organization who = { 0 };
    struct organization org;
    enum status st;
    size_t n;

    if (rc != -1) {
        return rc;
    }
    st = organization_by_slug(app->db, app->arena, str_of(argv[1]), &org);
    if (st == ST_OK) {
        who.id = org.id;
        who.slug = org.slug;
        who.name = org.name;
        st = weekly_send(app->db, app->arena, &who, time_now(), &n);
    }
    if (st != ST_OK) {
        fprintf(stderr, "vedette: no report for %s: %s\n", argv[1],
                status_text(st));
        return 1;
    }
    printf("%zu\n", n);
    return 0;
}
