/*
 * A template is parsed once per process, in other languages than English when
 * somebody first reads it there, and rendered with the tree of each
 * request put in place of the one that it was parsed with; that tree is only
 * needed for its Config, which is compiled in (limits.md E).
 *
 * What a template may not do is checked on its text, before it is parsed: the
 * ways around the escaping, includes that are not there, scripts and styles
 * that the content security policy would refuse.  The check runs at every
 * start and not only in the tests, because an administrator may point
 * web.templates at a folder of his own.
 */

#include "web/render.h"

#include <ClearSilver/ClearSilver.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "util/buf.h"
#include "util/lang.h"
#include "util/log.h"
#include "web/show.h"
#include "web/translate.h"

#define TEMPLATES_MAX 200
#define FILE_BYTES_MAX (256 * 1024)

struct template
{
    char *name;            /* "issues.cs" */
    CSPARSE *cs[LANG_MAX]; /* of a page, in each language */
};

static struct {
    struct arena *arena;
    const char *folder;
    HDF *config;
    struct template v[TEMPLATES_MAX];
    size_t n;
} all;


static void
report(const char *name, NEOERR *err)
{
    STRING text;

    string_init(&text);
    nerr_error_string(err, &text);
    log_error("template %s: %s", name, text.buf != NULL ? text.buf : "");
    string_clear(&text);
    nerr_ignore(&err);
}


/* Checks of the text */

static enum status
read_file(struct arena *a, const char *name, struct str *out)
{
    const char *path = arena_printf(a, "%s/%s", all.folder, name);
    FILE *f = fopen(path, "re");
    struct stat st;
    enum status rc = ST_INVALID;

    if (f == NULL) {
        return ST_NOT_FOUND;
    }
    if (fstat(fileno(f), &st) == 0 && st.st_size < FILE_BYTES_MAX) {
        char *p = arena_alloc(a, (size_t) st.st_size + 1);

        *out = str_make(p, fread(p, 1, (size_t) st.st_size, f));
        rc = ST_OK;
    }
    fclose(f);
    return rc;
}


static const struct {
    const char *text;
    const char *why;
    bool mail_may; /* mails have no such policy, and no style sheet */
} banned[] = {
    { "<?cs uvar", "shows a value without escaping it", false },
    { "<?cs alt", "shows a value without escaping it", false },
    { "<?cs evar", "takes a value for a template", false },
    { "<?cs lvar", "takes a value for a template", false },
    { "<?cs escape", "changes the escaping", false },
    { "<?cs linclude", "reads a file while rendering", false },
    { "<?cs include!", "does not exist in this ClearSilver", false },
    { "<style", "the content security policy forbids it", true },
    { " style=", "the content security policy forbids it", true },
    { "srcdoc", "the content security policy forbids it", false },
    { "javascript:", "the content security policy forbids it", false },
};


/* A script that is no file of ours. */
static bool
has_script(struct str text)
{
    const struct str tag = STR("<script");
    const struct str ours = STR(" type=\"module\" src=\"/static/");
    ptrdiff_t at;

    while ((at = str_ifind(text, tag)) != -1) {
        text = str_sub(text, (size_t) at + tag.n, text.n);
        if (!str_starts(text, ours)) {
            return true;
        }
    }
    return false;
}


/* " onclick=": an attribute that is a script. */
static bool
has_handler(struct str text)
{
    for (size_t i = 0; i + 4 < text.n; i++) {
        size_t j = i + 3;

        if (!isspace((unsigned char) text.p[i]) || (text.p[i + 1] | 0x20) != 'o'
            || (text.p[i + 2] | 0x20) != 'n') {
            continue;
        }
        while (j < text.n && isalpha((unsigned char) text.p[j])) {
            j++;
        }
        if (j > i + 3 && j < text.n && text.p[j] == '=') {
            return true;
        }
    }
    return false;
}


static enum status
check_includes(struct arena *a, const char *name, struct str text)
{
    const struct str word = STR("<?cs include:");
    ptrdiff_t at;

    while ((at = str_find(text, word)) != -1) {
        struct str rest, file, found;

        rest = str_sub(text, (size_t) at + word.n, text.n);
        text = rest;
        if (rest.n == 0 || rest.p[0] != '"') {
            log_error("template %s: an include names its file in quotes", name);
            return ST_INVALID;
        }
        rest = str_sub(rest, 1, rest.n);
        if (!str_split(&rest, '"', &file) || str_find(file, STR("..")) != -1
            || read_file(a, str_dup(a, file), &found) != ST_OK) {
            log_error("template %s: there is no %.*s to include", name,
                      STR_FMT(file));
            return ST_INVALID;
        }
    }
    return ST_OK;
}


static enum status
check_file(struct arena *a, const char *name, bool *page)
{
    struct str text;

    if (read_file(a, name, &text) != ST_OK) {
        log_error("template %s cannot be read, or is over %d bytes", name,
                  FILE_BYTES_MAX);
        return ST_INVALID;
    }
    for (size_t i = 0; i < sizeof(banned) / sizeof(banned[0]); i++) {
        if (banned[i].mail_may && str_starts(str_of(name), STR("mail/"))) {
            continue;
        }
        if (str_ifind(text, str_of(banned[i].text)) != -1) {
            log_error("template %s: \"%s\" %s", name, banned[i].text,
                      banned[i].why);
            return ST_INVALID;
        }
    }
    if (has_script(text) || has_handler(text)) {
        log_error("template %s: it has a script of its own, which the content "
                  "security policy forbids",
                  name);
        return ST_INVALID;
    }
    *page = str_find(text, STR("<?cs def:content(")) != -1;
    return check_includes(a, name, text);
}


/* Parsing */

/* Whose texts a file gets while it is read. */
struct reading {
    size_t lang;
    struct str file;
};


static struct str
look_up(void *context, struct str english)
{
    const struct reading *r = context;

    return lang_text(r->lang, r->file, english);
}


/* ClearSilver asks for a file: a page's, or one that it includes. */
static NEOERR *
load(void *lang, HDF *hdf, const char *name, char **contents)
{
    struct reading r = { *(const size_t *) lang, str_of(name) };
    struct arena *a = arena_new();
    NEOERR *err = STATUS_OK;
    struct str text;

    (void) hdf;
    if (read_file(a, name, &text) != ST_OK) {
        err = nerr_raise(NERR_NOT_FOUND, "%s cannot be read", name);

    } else if (r.lang != 0
               && translate(a, name, text, look_up, &r, &text) != ST_OK) {
        err = nerr_raise(NERR_PARSE, "%s cannot be translated", name);

    } else {
        *contents = malloc(text.n + 1); /* the parser frees it */
        if (*contents == NULL) {
            abort();
        }
        memcpy(*contents, text.p, text.n);
        (*contents)[text.n] = '\0';
    }
    arena_free(a);
    return err;
}


static enum status
parser(CSPARSE **cs, size_t lang)
{
    static size_t numbers[LANG_MAX]; /* outlive the call */
    NEOERR *err = cs_init(cs, all.config);

    if (err != STATUS_OK) {
        report("(configuration)", err);
        return ST_FAILED;
    }
    numbers[lang] = lang;
    cs_register_fileload(*cs, &numbers[lang], load);
    show_register(*cs);
    return ST_OK;
}


static enum status
parse(struct template *t, size_t lang)
{
    CSPARSE **cs = &t->cs[lang];
    NEOERR *err;

    if (parser(cs, lang) != ST_OK) {
        *cs = NULL;
        return ST_FAILED;
    }
    err = cs_parse_file(*cs, t->name);
    if (err != STATUS_OK) {
        report(t->name, err);
        cs_destroy(cs);
        return ST_FAILED;
    }
    return ST_OK;
}


static enum status
parse_some(struct template *t, size_t parsed)
{
    for (size_t i = 0; i < parsed; i++) {
        enum status st = parse(t, i);

        if (st != ST_OK) {
            return st;
        }
    }
    return ST_OK;
}


static void
forget(void)
{
    for (size_t i = 0; i < all.n; i++) {
        for (size_t k = 0; k < nlangs; k++) {
            if (all.v[i].cs[k] != NULL) {
                all.v[i].cs[k]->hdf = all.config;
                cs_destroy(&all.v[i].cs[k]);
            }
        }
    }
    all.n = 0;
}


/* Adds the files of a folder (prefix: "", "part/" or "mail/"), parsed in the
 * first languages. */
static enum status
read_folder(struct arena *scratch, const char *prefix, size_t parsed)
{
    DIR *dir = opendir(arena_printf(scratch, "%s/%s", all.folder, prefix));
    struct dirent *entry;
    enum status st = ST_OK;
    bool page;

    if (dir == NULL) {
        log_error("templates: %s/%s: %s", all.folder, prefix, strerror(errno));
        return ST_INVALID;
    }
    while ((entry = readdir(dir)) != NULL) {
        char *name = arena_printf(all.arena, "%s%s", prefix, entry->d_name);

        if (!str_ends(str_of(name), STR(".cs")) || entry->d_name[0] == '.') {
            continue;
        }
        if (check_file(scratch, name, &page) != ST_OK) {
            st = ST_INVALID;
            continue;
        }
        if (all.n == TEMPLATES_MAX) {
            log_error("templates: more than %d", TEMPLATES_MAX);
            st = ST_INVALID;
            break;
        }
        all.v[all.n] = (struct template){ .name = name };
        if (page && parse_some(&all.v[all.n], parsed) != ST_OK) {
            st = ST_INVALID;
        }
        all.n++;
    }
    closedir(dir);
    return st;
}


static NEOERR *
append(void *out, char *text)
{
    buf_text(out, text);
    return STATUS_OK;
}


/* Shows a hostile value in every way that templates use. */
static enum status
probe(struct arena *a)
{
    static const char text[] =
        "<?cs def:m(x) ?><?cs var:x ?><?cs /def ?><?cs set:Y = X ?>"
        "<?cs var:X ?>|<?cs call:m(X) ?>|<?cs var:Y ?>|<?cs var:X + \"\" ?>"
        "|<?cs var:plain(X) ?>|<?cs var:show(X) ?>";
    static const char escaped[] = "&lt;&quot;&#39;&amp;&gt;";
    static const char in_text[] = "&lt;\"'&amp;&gt;"; /* of show() */
    struct data *data = data_new(a);
    struct buf want = buf_in(a), got = buf_in(a);
    char *copy = strdup(text);
    CSPARSE *cs;
    NEOERR *err;

    data_text(data, "X", "<\"'&>");
    for (int i = 0; i < 6; i++) {
        buf_addf(&want, "%s%s", i > 0 ? "|" : "", i < 5 ? escaped : in_text);
    }
    if (copy == NULL || parser(&cs, 0) != ST_OK) {
        return ST_FAILED;
    }
    err = cs_parse_string(cs, copy, strlen(copy)); /* takes the copy */
    if (err == STATUS_OK) {
        cs->hdf = (HDF *) data;
        err = cs_render(cs, &got, append);
        cs->hdf = all.config;
    }
    cs_destroy(&cs);
    if (err != STATUS_OK) {
        report("(probe)", err);
        return ST_FAILED;
    }
    if (!str_eq(buf_view(&want), buf_view(&got))) {
        log_error("templates: values are not escaped: %s", got.p);
        return ST_FAILED;
    }
    return ST_OK;
}


enum status
render_init(const char *folder, enum render_at_once what)
{
    size_t mails = what == RENDER_EVERY_LANGUAGE ? nlangs : 1;
    size_t pages = what == RENDER_MAILS ? 0 : mails;
    struct arena *scratch;
    enum status st;
    NEOERR *err;

    if (all.arena == NULL) {
        all.arena = arena_new();
        nerr_init();
    } else {
        forget();
        hdf_destroy(&all.config);
        arena_reset(all.arena);
    }
    all.folder = arena_strdup(all.arena, folder);
    all.config = NULL;
    err = hdf_init(&all.config);
    if (err == STATUS_OK) {
        err = hdf_set_value(all.config, "Config.VarEscapeMode", "html");
    }
    if (err == STATUS_OK) {
        err = hdf_set_value(all.config, "hdf.loadpaths.0", folder);
    }
    if (err != STATUS_OK) {
        report("(configuration)", err);
        return ST_FAILED;
    }

    scratch = arena_new();
    st = lang_load(arena_printf(scratch, "%s/lang", folder));
    if (read_folder(scratch, "part/", pages) != ST_OK
        || read_folder(scratch, "mail/", mails) != ST_OK) {
        st = ST_INVALID;
    }
    if (read_folder(scratch, "", pages) != ST_OK) {
        st = ST_INVALID;
    }
    if (st == ST_OK) {
        st = probe(scratch);
    }
    arena_free(scratch);
    return st;
}


void
render_free(void)
{
    if (all.arena != NULL) {
        forget();
        hdf_destroy(&all.config);
        arena_free(all.arena);
        all.arena = NULL;
    }
}


/* Rendering */

static struct template *
find(const char *name)
{
    for (size_t i = 0; i < all.n; i++) {
        if (strcmp(all.v[i].name, name) == 0) {
            return &all.v[i];
        }
    }
    return NULL;
}


bool
render_knows(const char *template)
{
    const struct template *t = find(template);

    return t != NULL && t->cs[0] != NULL;
}


struct listing {
    void (*fn)(void *context, const char *file, struct str english);
    void *context;
    const char *file;
};


static struct str
list_text(void *context, struct str english)
{
    const struct listing *l = context;

    l->fn(l->context, l->file, english);
    return STR_NULL;
}


/* What a template hands to tr() itself. */
static void
list_calls(struct listing *l, struct str text)
{
    const struct str call = STR("tr(\"");
    ptrdiff_t at;

    while ((at = str_find(text, call)) != -1) {
        struct str rest = str_sub(text, (size_t) at + call.n, text.n);
        struct str english;

        if (str_split(&rest, '"', &english)) {
            l->fn(l->context, l->file, english);
        }
        text = rest;
    }
}


void
render_texts(void (*fn)(void *context, const char *file, struct str english),
             void *context)
{
    struct arena *a = arena_new();
    struct listing l = { fn, context, NULL };
    struct str text, ignored;

    for (size_t i = 0; i < all.n; i++) {
        l.file = all.v[i].name;
        if (read_file(a, l.file, &text) == ST_OK
            && translate(a, l.file, text, list_text, &l, &ignored) == ST_OK) {
            list_calls(&l, text);
        }
        arena_reset(a);
    }
    arena_free(a);
}


enum status
render(struct arena *a, const char *template, struct data *data, int64_t now,
       int64_t started, struct str *out)
{
    struct template *t = find(template);
    struct buf b = buf_in(a);
    CSPARSE **cs;
    NEOERR *err;

    if (t == NULL) {
        log_error("template %s is not known", template);
        return ST_FAILED;
    }
    cs = &t->cs[lang_used()];
    if (*cs == NULL && parse(t, lang_used()) != ST_OK) {
        return ST_FAILED;
    }
    show_clock(now, started);
    (*cs)->hdf = (HDF *) data;
    err = cs_render(*cs, &b, append);
    (*cs)->hdf = all.config;
    if (err != STATUS_OK) {
        report(template, err);
        /* its local variables may point into the tree of this request */
        cs_destroy(cs);
        return ST_FAILED;
    }

    /* the lines between the macros of a page are no part of it */
    *out = buf_view(&b);
    while (out->n > 0 && isspace((unsigned char) out->p[0])) {
        *out = str_sub(*out, 1, out->n);
    }
    return ST_OK;
}
