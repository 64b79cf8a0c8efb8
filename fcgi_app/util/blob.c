/*
 * A file is written under a name of its own, brought to disk, and only then
 * given its name, in one step: a file with the name of a hash is complete.
 *
 * The sweep and a writer of the same bytes may meet.  A writer that finds the
 * file touches it; the sweep takes the file aside first and looks at its time
 * only then, so whichever came first, either the sweep sees the touch and puts
 * the file back, or the writer finds nothing and writes it anew.
 */

#include "util/blob.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util/conf.h"
#include "util/crypt.h"
#include "util/hex.h"
#include "util/log.h"

#define PATH_SIZE 4096


static void
shelf_path(char *out, unsigned shelf)
{
    snprintf(out, PATH_SIZE, "%s/%02x", conf_str(CONF_ATTACHMENT_PATH), shelf);
}


static void
blob_path(char *out, const unsigned char *hash)
{
    char text[2 * BLOB_BYTES + 1];

    for (size_t i = 0; i < BLOB_BYTES; i++) {
        snprintf(text + 2 * i, 3, "%02x", hash[i]);
    }
    snprintf(out, PATH_SIZE, "%s/%02x/%s", conf_str(CONF_ATTACHMENT_PATH),
             hash[0], text);
}


static enum status
fail(const char *what, const char *path)
{
    log_error("attachments: %s %s: %s", what, path, strerror(errno));
    return ST_RETRY;
}


/* The names in a folder are on disk. */
static enum status
sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd == -1 || fsync(fd) == -1) {
        enum status st = fail("sync", path);

        if (fd != -1) {
            close(fd);
        }
        return st;
    }
    close(fd);
    return ST_OK;
}


static enum status
make_shelf(const char *path)
{
    if (mkdir(path, 0750) == 0) {
        return sync_folder(conf_str(CONF_ATTACHMENT_PATH));
    }
    if (errno == EEXIST) {
        return ST_OK;
    }
    if (errno != ENOENT
        || (mkdir(conf_str(CONF_ATTACHMENT_PATH), 0750) == -1
            && errno != EEXIST)
        || (mkdir(path, 0750) == -1 && errno != EEXIST)) {
        return fail("make", path);
    }
    return sync_folder(conf_str(CONF_ATTACHMENT_PATH));
}


static bool
write_all(int fd, struct str bytes)
{
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.p, bytes.n);

        if (n == -1 && errno == EINTR) {
            continue;
        }
        if (n == -1) {
            return false;
        }
        bytes = str_sub(bytes, (size_t) n, bytes.n);
    }
    return true;
}


static enum status
write_file(const char *path, const char *shelf, struct str bytes)
{
    static unsigned count;
    char fresh[PATH_SIZE + 64];
    int fd;

    snprintf(fresh, sizeof(fresh), "%s/new-%ld-%u", shelf, (long) getpid(),
             count++);
    fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd == -1) {
        return fail("make", fresh);
    }
    if (!write_all(fd, bytes) || fsync(fd) == -1) {
        enum status st = fail("write", fresh);

        close(fd);
        unlink(fresh);
        return st;
    }
    close(fd);
    if (rename(fresh, path) == -1) {
        enum status st = fail("name", path);

        unlink(fresh);
        return st;
    }
    return sync_folder(shelf);
}


enum status
blob_put(struct str bytes, unsigned char hash[BLOB_BYTES])
{
    char path[PATH_SIZE], shelf[PATH_SIZE];
    enum status st;

    digest32(bytes, hash);
    blob_path(path, hash);
    if (utimensat(AT_FDCWD, path, NULL, 0) == 0) {
        return ST_OK; /* the same has been put before */
    }
    shelf_path(shelf, hash[0]);
    st = make_shelf(shelf);
    return st == ST_OK ? write_file(path, shelf, bytes) : st;
}


struct mapping {
    void *p;
    size_t n;
};


static void
unmap(void *data)
{
    struct mapping *m = data;

    munmap(m->p, m->n);
}


enum status
blob_get(struct arena *a, const unsigned char hash[BLOB_BYTES], struct str *out)
{
    struct mapping *m = arena_new_of(a, struct mapping);
    char path[PATH_SIZE];
    struct stat info;
    int fd;

    blob_path(path, hash);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1) {
        return errno == ENOENT ? ST_NOT_FOUND : fail("open", path);
    }
    if (fstat(fd, &info) == -1) {
        close(fd);
        return fail("read", path);
    }
    *out = STR("");
    if (info.st_size > 0) {
        m->n = (size_t) info.st_size;
        m->p = mmap(NULL, m->n, PROT_READ, MAP_PRIVATE, fd, 0);
        if (m->p == MAP_FAILED) {
            close(fd);
            return fail("map", path);
        }
        arena_cleanup(a, unmap, m);
        *out = str_make(m->p, m->n);
    }
    close(fd);
    return ST_OK;
}


/* sweeping */

static bool
is_old(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && info.st_mtime < time(NULL) - BLOB_GRACE_S;
}


enum status
blob_shelf(struct arena *a, unsigned shelf, size_t max, struct str **hashes,
           size_t *n)
{
    char folder[PATH_SIZE], path[2 * PATH_SIZE];
    struct dirent *entry;
    DIR *dir;

    *n = 0;
    *hashes = arena_array(a, max, sizeof(**hashes));
    shelf_path(folder, shelf);
    dir = opendir(folder);
    if (dir == NULL) {
        return errno == ENOENT ? ST_OK : fail("open", folder);
    }
    while (*n < max && (entry = readdir(dir)) != NULL) {
        unsigned char hash[BLOB_BYTES];

        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || !is_old(path)) {
            continue;
        }
        if (hex_decode(str_of(entry->d_name), hash, sizeof(hash))) {
            (*hashes)[(*n)++] =
                str_copy(a, str_make((const char *) hash, sizeof(hash)));

        } else {
            unlink(path);
        }
    }
    closedir(dir);
    return ST_OK;
}


void
blob_forget(struct str hash)
{
    char path[PATH_SIZE], aside[PATH_SIZE + 8];

    if (hash.n != BLOB_BYTES) {
        return;
    }
    blob_path(path, (const unsigned char *) hash.p);
    snprintf(aside, sizeof(aside), "%s.gone", path);
    if (rename(path, aside) == -1) {
        return;
    }
    if (is_old(aside)) {
        unlink(aside);

    } else if (link(aside, path) == 0 || errno == EEXIST) {
        unlink(aside);
    }
}
