/*
 * vedette reach: asks for a URL as an integration would, and says what came of
 * it.  For whoever sets up outbound.allow, outbound.ca or a proxy.
 */

#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/usage.h"
#include "outbound/post.h"

static const char *const help =
    "usage: vedette reach URL\n"
    "\n"
    "Sends GET to the URL by the rules that hold for integrations and\n"
    "webhooks, and prints the status of the answer, or why there is none.\n"
    "Exit status: 0 answered, 1 not reached, 3 refused by the rules.\n";


int
cmd_reach(struct app *app, int argc, char **argv)
{
    int rc = usage_check(argc, argv, 1, help);
    struct post_request rq = { 0 };
    struct post_reply reply;

    if (rc != -1) {
        return rc;
    }
    rq.url = str_of(argv[1]);
    post_send(app->arena, &rq, &reply);
    switch (reply.end) {
    case POST_ANSWERED:
        printf("%d in %.1f ms, %zu bytes%s\n", reply.code,
               (double) reply.took / 1e3, reply.body.n,
               reply.cut ? " and more" : "");
        return 0;

    case POST_UNREACHABLE:
        printf("not reached: %.*s\n", STR_FMT(reply.why));
        return 1;

    default:
        printf("refused: %.*s\n", STR_FMT(reply.why));
        return 3;
    }
}
