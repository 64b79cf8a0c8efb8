/*
 * Applies sql/NNNN_name.sql in order, all that are new in one transaction: a
 * migration that fails leaves the database as it was.  History is not edited:
 * an applied file that has changed since, or is gone, is an error.
 */

#include "cmd/cmd.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/usage.h"
#include "model/migration.h"
#include "util/conf.h"
#include "util/crypt.h"

static const char help[] =
    "usage: vedette migrate [--plan]\n\n"
    "Brings the database to this version: applies the new files of\n"
    "migrate.sql, all or none.\n\n"
    "  --plan    only prints which files it would apply\n";

#define FILE_MAX (16 * 1024 * 1024)

struct file {
    struct migration m;
    char *text;
};


static char *
read_whole(struct arena *a, const char *path, size_t *n)
{
    FILE *f = fopen(path, "r");
    char *text;
    long size;

    if (f == NULL) {
        fprintf(stderr, "vedette: %s: %s\n", path, strerror(errno));
        return NULL;
    }
    if (fseek(f, 0, SEEK_END) == -1 || (size = ftell(f)) == -1
        || size > FILE_MAX || fseek(f, 0, SEEK_SET) == -1) {
        fprintf(stderr, "vedette: %s: cannot be read\n", path);
        fclose(f);
        return NULL;
    }
    text = arena_alloc(a, (size_t) size + 1);
    *n = fread(text, 1, (size_t) size, f);
    fclose(f);
    return text;
}


static bool
read_files(struct arena *a, struct file **out, size_t *n)
{
    char *pattern = arena_printf(a, "%s/[0-9][0-9][0-9][0-9]_*.sql",
                                 conf_str(CONF_MIGRATE_SQL));
    glob_t found;
    bool ok = true;

    if (glob(pattern, 0, NULL, &found) != 0) {
        fprintf(stderr, "vedette: no migrations in %s (setting migrate.sql)\n",
                conf_str(CONF_MIGRATE_SQL));
        return false;
    }

    *n = found.gl_pathc;
    *out = arena_array(a, *n, sizeof(**out));
    for (size_t i = 0; i < *n && ok; i++) {
        const char *path = found.gl_pathv[i];
        struct file *f = &(*out)[i];
        size_t size;

        f->m.name = str_of(arena_strdup(a, strrchr(path, '/') + 1));
        f->text = read_whole(a, path, &size);
        ok = f->text != NULL && str_i64(str_sub(f->m.name, 0, 4), &f->m.number);
        if (ok) {
            f->m.digest = secret_digest(a, str_make(f->text, size));
        }
    }
    globfree(&found);
    return ok;
}


/* Applied files must be the first of ours, unchanged. */
static bool
check_history(const struct migration *applied, size_t napplied,
              const struct file *files, size_t nfiles)
{
    if (napplied > nfiles) {
        fprintf(stderr,
                "vedette: the database has migration %.*s, which this version "
                "does not know: it was made by a newer one\n",
                STR_FMT(applied[nfiles].name));
        return false;
    }
    for (size_t i = 0; i < napplied; i++) {
        if (!str_eq(applied[i].name, files[i].m.name)
            || !str_eq(applied[i].digest, files[i].m.digest)) {
            fprintf(stderr,
                    "vedette: migration %.*s was applied in another form "
                    "than it has now; applied migrations are not edited\n",
                    STR_FMT(applied[i].name));
            return false;
        }
    }
    return true;
}


static int
apply(struct app *app, const struct file *files, size_t nfiles, bool plan)
{
    struct migration *applied;
    size_t napplied;
    enum status st;

    if ((st = migration_lock(app->db, app->arena)) != ST_OK
        || (st = migration_list(app->db, app->arena, &applied, &napplied))
               != ST_OK) {
        return 1;
    }
    if (!check_history(applied, napplied, files, nfiles)) {
        return 1;
    }

    for (size_t i = napplied; i < nfiles; i++) {
        printf("%.*s\n", STR_FMT(files[i].m.name));
        if (plan) {
            continue;
        }
        fflush(stdout);
        if ((st = db_exec(app->db, files[i].text)) != ST_OK
            || (st = migration_add(app->db, app->arena, &files[i].m))
                   != ST_OK) {
            fprintf(stderr,
                    "vedette: %.*s failed; the database is as it was before\n",
                    STR_FMT(files[i].m.name));
            return 1;
        }
    }
    return 0;
}


int
cmd_migrate(struct app *app, int argc, char **argv)
{
    int rc = usage_check(argc, argv, 0, help);
    bool plan = usage_flag(&argc, argv, "plan");
    struct file *files;
    size_t n;

    if (rc != -1) {
        return rc;
    }
    if (argc != 1) {
        return usage_wrong(help, "there is no \"migrate %s\"", argv[1]);
    }
    if (!read_files(app->arena, &files, &n)) {
        return 1;
    }

    if (db_begin(app->db) != ST_OK) {
        return 1;
    }
    rc = apply(app, files, n, plan);
    if (rc == 0 && !plan && migration_wall(app->db, app->arena) == ST_OK) {
        return db_commit(app->db) == ST_OK ? 0 : 1;
    }
    db_rollback(app->db);
    return plan ? rc : 1;
}
