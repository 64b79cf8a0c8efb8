#include "web/asset.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/buf.h"
#include "util/crypt.h"
#include "util/hex.h"
#include "util/log.h"

#define FILES_MAX 64
#define FILE_BYTES_MAX (1024 * 1024)

static char version[9] = "0";


static int
is_file(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}


static void
add_file(struct buf *b, const char *path)
{
    FILE *f = fopen(path, "re");

    if (f != NULL) {
        buf_room(b, FILE_BYTES_MAX);
        b->n += fread(b->p + b->n, 1, FILE_BYTES_MAX, f);
        b->p[b->n] = '\0';
        fclose(f);
    }
}


void
asset_init(const char *folder)
{
    struct arena *a = arena_new();
    struct buf all = buf_in(a);
    unsigned char digest[DIGEST_BYTES];
    struct dirent **files = NULL;
    int n = scandir(folder, &files, is_file, alphasort);

    if (n == -1) {
        log_warning("%s cannot be read: after an upgrade browsers may show "
                    "pages with an old style",
                    folder);
    }
    for (int i = 0; i < n; i++) {
        if (i < FILES_MAX) {
            add_file(&all, arena_printf(a, "%s/%s", folder, files[i]->d_name));
        }
        free(files[i]);
    }
    free(files);
    digest16(buf_view(&all), digest);
    snprintf(version, sizeof(version), "%.*s",
             STR_FMT(hex_encode(a, digest, 4)));
    arena_free(a);
}


const char *
asset_version(void)
{
    return version;
}
