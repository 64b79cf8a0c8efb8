#include "cmd/cmd.h"

#include <stdio.h>

#include "cmd/usage.h"
#include "util/conf.h"
#include "web/render.h"

static const char help[] =
    "usage: vedette lang\n\n"
    "Prints every text of the templates in the format of GNU gettext, with "
    "the\n"
    "file where it stands: what a translation (templates/lang/CODE.po) has to\n"
    "have, beside the texts in the code, which xgettext finds.\n";


static void
print(void *context, const char *file, struct str english)
{
    (void) context;
    printf("#: %s\nmsgid \"", file);
    for (size_t i = 0; i < english.n; i++) {
        if (english.p[i] == '"' || english.p[i] == '\\') {
            putchar('\\');
        }
        putchar(english.p[i]);
    }
    printf("\"\nmsgstr \"\"\n\n");
}


int
cmd_lang(struct app *app, int argc, char **argv)
{
    int rc = usage_check(argc, argv, 0, help);

    (void) app;
    if (rc != -1) {
        return rc;
    }
    if (render_init(conf_str(CONF_WEB_TEMPLATES), true) != ST_OK) {
        return 1;
    }
    render_texts(print, NULL);
    render_free();
    return 0;
}
