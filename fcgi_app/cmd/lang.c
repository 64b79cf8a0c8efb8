/*
 * The texts of the templates are read from them, those of the C files stand in
 * a table that util/texts.awk makes of them.
 */

#include "cmd/cmd.h"

#include <stdio.h>
#include <stdlib.h>

#include "cmd/usage.h"
#include "util/conf.h"
#include "util/lang.h"
#include "util/log.h"
#include "web/render.h"

#define TEXTS_MAX 20000

static const char help[] =
    "usage: vedette lang [CODE]\n\n"
    "Prints every text that people read on pages, in the format of GNU "
    "gettext,\n"
    "with the files where it stands: what a translation "
    "(templates/lang/CODE.po)\n"
    "has to have.  With CODE only what that one lacks; the exit code is 3 "
    "then.\n";

struct source {
    struct str english;
    struct str file;
};

struct list {
    struct arena *a;
    struct source *v;
    size_t n;
};


static void
add(void *context, const char *file, struct str english)
{
    struct list *l = context;

    if (l->n < TEXTS_MAX) {
        l->v[l->n++] = (struct source){ str_copy(l->a, english),
                                        str_copy(l->a, str_of(file)) };
    }
}


static int
compare(const void *a, const void *b)
{
    const struct source *x = a, *y = b;
    int order = str_cmp(x->english, y->english);

    return order != 0 ? order : str_cmp(x->file, y->file);
}


static void
print(struct str english)
{
    fputs("msgid \"", stdout);
    for (size_t i = 0; i < english.n; i++) {
        if (english.p[i] == '"' || english.p[i] == '\\') {
            putchar('\\');
        }
        if (english.p[i] == '\n') {
            fputs("\\n", stdout);
        } else {
            putchar(english.p[i]);
        }
    }
    fputs("\"\nmsgstr \"\"\n\n", stdout);
}


/* Each text once, with its files; lang 0: all.  How many. */
static size_t
print_all(const struct list *l, size_t lang)
{
    size_t n = 0;
    bool any = false;

    for (size_t i = 0; i < l->n; i++) {
        const struct source *s = &l->v[i];

        if (lang == 0 || str_null(lang_text(lang, s->file, s->english))) {
            if (i == 0 || !any || !str_eq(s->file, l->v[i - 1].file)
                || !str_eq(s->english, l->v[i - 1].english)) {
                printf("#: %.*s\n", STR_FMT(s->file));
            }
            any = true;
        }
        if (any
            && (i + 1 == l->n || !str_eq(s->english, l->v[i + 1].english))) {
            print(s->english);
            any = false;
            n++;
        }
    }
    return n;
}


int
cmd_lang(struct app *app, int argc, char **argv)
{
    int rc = usage_check(argc, argv, 0, help);
    struct list l = { .n = 0 };
    size_t lang = 0, n;

    (void) app;
    if (rc != -1) {
        return rc;
    }
    if (argc > 1) {
        lang = lang_find(str_of(argv[1]));
        if (lang == 0) {
            return usage_wrong(help, "there is no language \"%s\"", argv[1]);
        }
    }
    if (render_init(conf_str(CONF_WEB_TEMPLATES), RENDER_EVERY_LANGUAGE)
        != ST_OK) {
        return 1;
    }
    l.a = arena_new();
    l.v = arena_alloc(l.a, TEXTS_MAX * sizeof(*l.v));
    render_texts(add, &l);
    for (size_t i = 0; lang_sources[i].file != NULL; i++) {
        add(&l, lang_sources[i].file, str_of(lang_sources[i].english));
    }
    if (l.n > 0) {
        qsort(l.v, l.n, sizeof(*l.v), compare);
    }
    n = print_all(&l, lang);
    arena_free(l.a);
    render_free();
    return lang > 0 && n > 0 ? 3 : 0;
}
