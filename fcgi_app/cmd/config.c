#include "cmd/cmd.h"

#include "cmd/usage.h"
#include "util/conf.h"

static const char help[] =
    "usage: vedette config\n\n"
    "Prints every setting with its default and what it means, in the form\n"
    "of a configuration file.\n";


int
cmd_config(struct app *app, int argc, char **argv)
{
    int rc = usage_check(argc, argv, 0, help);

    (void) app;
    if (rc != -1) {
        return rc;
    }
    conf_print(stdout);
    return 0;
}
