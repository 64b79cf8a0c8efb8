/*
 * Everything goes through the folder's descriptor and never follows a link: a
 * spool may have come from elsewhere.
 */

#include "queue/spool_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/message.h"
#include "util/crc32c.h"
#include "util/log.h"

#define LOCK_FILE ".replay.lock"
#define NEW_CHECKPOINT ".ckpt.new"
#define CHECKPOINT_SUFFIX ".ckpt"
#define QUARANTINE "quarantine"
#define QUARANTINE_MAX_BYTES (UINT64_C(256) * 1024 * 1024)

#define NAME_MAX_BYTES 200
#define SEGMENTS_MAX 100000


static enum status
failed(const char *what, const char *name)
{
    log_error("spool: %s %s: %s", what, name, strerror(errno));
    return ST_FAILED;
}


enum status
spool_dir_open(const char *path, int *dir)
{
    *dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *dir != -1 ? ST_OK : failed("opening the folder", path);
}


enum status
spool_dir_lock(int dir, int *lock)
{
    *lock =
        openat(dir, LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (*lock == -1) {
        return failed("writing", LOCK_FILE);
    }
    if (flock(*lock, LOCK_EX | LOCK_NB) == -1) {
        close(*lock);
        return errno == EWOULDBLOCK ? ST_CONFLICT : failed("locking", "it");
    }
    return ST_OK;
}


/* ---- names */

/* "NAME.seg" to "NAME.ckpt", or back. */
static void
rename_to(char out[NAME_MAX_BYTES + 8], const char *name, const char *suffix)
{
    struct str stem = str_of(name);

    stem.n = (size_t) str_rchr(stem, '.');
    snprintf(out, NAME_MAX_BYTES + 8, "%.*s%s", STR_FMT(stem), suffix);
}


static bool
is_ours(const char *name, const char *suffix)
{
    struct str s = str_of(name);

    return s.n <= NAME_MAX_BYTES && s.n > strlen(suffix) && name[0] != '.'
           && str_ends(s, str_of(suffix));
}


/* ---- segments */

enum status
spool_segment_open(int dir, const char *name, int *fd, bool *live)
{
    struct stat file;

    *fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (*fd == -1) {
        if (errno == ENOENT) {
            return ST_NOT_FOUND;
        }
        return failed("opening", name);
    }
    if (fstat(*fd, &file) == -1 || !S_ISREG(file.st_mode)) {
        log_error("spool: %s is no file", name);
        close(*fd);
        return ST_FAILED;
    }
    *live = flock(*fd, LOCK_SH | LOCK_NB) == -1;
    return ST_OK;
}


/* ST_NOT_FOUND: gone since the folder was read, or not to be opened. */
static enum status
describe(struct arena *a, int dir, const char *name, struct spool_segment *s)
{
    struct stat file;
    enum status st;
    bool live, newer;
    int fd;

    if (spool_segment_open(dir, name, &fd, &live) != ST_OK) {
        return ST_NOT_FOUND;
    }
    *s = (struct spool_segment){ .name = arena_strdup(a, name) };
    if (fstat(fd, &file) == 0) {
        s->size = (uint64_t) file.st_blocks * 512;
    }
    st = spool_read_head(fd, name, &s->head, &newer);
    close(fd);

    if (st == ST_OK) {
        s->state = live ? SPOOL_LIVE : SPOOL_SEALED;
        st = spool_place_read(dir, name, s->head.nonce, &s->place);
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    if (st == ST_INVALID) {
        s->state = newer ? SPOOL_NEWER : live ? SPOOL_LIVE : SPOOL_BROKEN;
        return ST_OK;
    }
    return st;
}


static int
compare(const void *x, const void *y)
{
    const struct spool_segment *a = x, *b = y;

    if (a->head.created_at != b->head.created_at) {
        return a->head.created_at < b->head.created_at ? -1 : 1;
    }
    return strcmp(a->name, b->name);
}


/* A stream of the folder's names, from the first. */
static DIR *
names_of(int dir, const char *path)
{
    int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *names;

    if (fd == -1) {
        return NULL;
    }
    names = fdopendir(fd);
    if (names == NULL) {
        close(fd);
    }
    return names;
}


enum status
spool_dir_list(struct arena *a, int dir, struct spool_segment **out, size_t *n)
{
    DIR *names = names_of(dir, ".");
    const struct dirent *entry;
    struct spool_segment *list = NULL;
    size_t room = 0;
    enum status st;

    *n = 0;
    if (names == NULL) {
        return failed("reading", "the folder");
    }
    while (*n < SEGMENTS_MAX && (entry = readdir(names)) != NULL) {
        if (!is_ours(entry->d_name, VEDETTE_SPOOL_SUFFIX)) {
            continue;
        }
        if (*n == room) {
            size_t more = room == 0 ? 16 : room * 2;

            list =
                arena_grow(a, list, room * sizeof(*list), more * sizeof(*list));
            room = more;
        }
        st = describe(a, dir, entry->d_name, &list[*n]);
        if (st == ST_OK) {
            ++*n;

        } else if (st != ST_NOT_FOUND) {
            closedir(names);
            return st;
        }
    }
    closedir(names);
    if (list != NULL) {
        qsort(list, *n, sizeof(*list), compare);
    }
    *out = list;
    return ST_OK;
}


enum status
spool_segment_remove(int dir, const char *name)
{
    char checkpoint[NAME_MAX_BYTES + 8];

    rename_to(checkpoint, name, CHECKPOINT_SUFFIX);
    if (unlinkat(dir, name, 0) == -1 && errno != ENOENT) {
        return failed("removing", name);
    }
    if (fsync(dir) == -1) {
        return failed("writing the folder after removing", name);
    }
    if (unlinkat(dir, checkpoint, 0) == -1 && errno != ENOENT) {
        return failed("removing", checkpoint);
    }
    return ST_OK;
}


/* ---- checkpoints: one line of text and its checksum */

#define CHECKPOINT_FORMAT                                                      \
    "vedette-checkpoint 1 nonce %016llx next %llu number %lu replayed %llu "   \
    "lost %llu done %d"

enum status
spool_place_read(int dir, const char *name, uint64_t nonce,
                 struct spool_place *out)
{
    unsigned long long seen_nonce, next, replayed, lost;
    char checkpoint[NAME_MAX_BYTES + 8], line[512];
    unsigned long number;
    unsigned sum;
    char *end;
    int fd, done;
    ssize_t n;

    *out = (struct spool_place){ 0 };
    rename_to(checkpoint, name, CHECKPOINT_SUFFIX);
    fd = openat(dir, checkpoint, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd == -1) {
        return errno == ENOENT ? ST_NOT_FOUND : failed("opening", checkpoint);
    }
    n = read(fd, line, sizeof(line) - 1);
    close(fd);
    if (n == -1) {
        return failed("reading", checkpoint);
    }
    line[n] = '\0';

    end = strstr(line, " crc ");
    if (end == NULL || sscanf(end, " crc %8x", &sum) != 1
        || crc32c(0, line, (size_t) (end - line)) != sum
        || sscanf(line, CHECKPOINT_FORMAT, &seen_nonce, &next, &number,
                  &replayed, &lost, &done)
               != 6) {
        log_warning("spool: %s is damaged: its segment is replayed from its "
                    "beginning",
                    checkpoint);
        return ST_NOT_FOUND;
    }
    if (seen_nonce != nonce) {
        /* of an earlier segment that had the same name */
        return ST_NOT_FOUND;
    }
    *out = (struct spool_place){ .next = next,
                                 .number = (uint32_t) number,
                                 .replayed = replayed,
                                 .lost = lost,
                                 .done = done != 0 };
    return ST_OK;
}


static enum status
write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t k = write(fd, p, n);

        if (k == -1 && errno == EINTR) {
            continue;
        }
        if (k == -1) {
            return ST_FAILED;
        }
        p += k;
        n -= (size_t) k;
    }
    return ST_OK;
}


enum status
spool_place_write(int dir, const char *name, uint64_t nonce,
                  const struct spool_place *place)
{
    char checkpoint[NAME_MAX_BYTES + 8], line[512];
    enum status st = ST_OK;
    int fd, n;

    rename_to(checkpoint, name, CHECKPOINT_SUFFIX);
    n = snprintf(line, sizeof(line), CHECKPOINT_FORMAT,
                 (unsigned long long) nonce, (unsigned long long) place->next,
                 (unsigned long) place->number,
                 (unsigned long long) place->replayed,
                 (unsigned long long) place->lost, (int) place->done);
    n += snprintf(line + n, sizeof(line) - (size_t) n, " crc %08x\n",
                  crc32c(0, line, (size_t) n));

    fd = openat(dir, NEW_CHECKPOINT,
                O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd == -1) {
        return failed("writing", checkpoint);
    }
    if (write_all(fd, line, (size_t) n) != ST_OK || fsync(fd) == -1) {
        st = failed("writing", checkpoint);
    }
    close(fd);
    if (st == ST_OK
        && (renameat(dir, NEW_CHECKPOINT, dir, checkpoint) == -1
            || fsync(dir) == -1)) {
        st = failed("writing", checkpoint);
    }
    return st;
}


enum status
spool_dir_sweep(int dir, size_t *missing)
{
    DIR *names = names_of(dir, ".");
    char segment[NAME_MAX_BYTES + 8], line[512];
    const struct dirent *entry;
    ssize_t n;
    int fd;

    *missing = 0;
    if (names == NULL) {
        return failed("reading", "the folder");
    }
    while ((entry = readdir(names)) != NULL) {
        if (!is_ours(entry->d_name, CHECKPOINT_SUFFIX)) {
            continue;
        }
        rename_to(segment, entry->d_name, VEDETTE_SPOOL_SUFFIX);
        if (faccessat(dir, segment, F_OK, AT_SYMLINK_NOFOLLOW) == 0
            || errno != ENOENT) {
            continue;
        }
        fd = openat(dir, entry->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        n = fd != -1 ? read(fd, line, sizeof(line) - 1) : -1;
        if (fd != -1) {
            close(fd);
        }
        line[n > 0 ? n : 0] = '\0';
        if (strstr(line, " done 1 ") == NULL) {
            log_error("spool: %s has gone before it was replayed", segment);
            ++*missing;
        }
        if (unlinkat(dir, entry->d_name, 0) == -1) {
            log_warning("spool: removing %s: %s", entry->d_name,
                        strerror(errno));
        }
    }
    closedir(names);
    return ST_OK;
}


/* ---- quarantine */

static enum status
quarantine_folder(int dir, int *out)
{
    if (mkdirat(dir, QUARANTINE, 0750) == -1 && errno != EEXIST) {
        return failed("making the folder", QUARANTINE);
    }
    *out = openat(dir, QUARANTINE,
                  O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    return *out != -1 ? ST_OK : failed("opening the folder", QUARANTINE);
}


/* Copies a part of a file; zeros are left out, at the end for good. */
static enum status
copy_part(int from, uint64_t at, uint64_t end, int to)
{
    static char part[65536];
    uint64_t size = 0;

    for (uint64_t pos = at; pos < end;) {
        uint64_t want = end - pos < sizeof(part) ? end - pos : sizeof(part);
        ssize_t n = pread(from, part, (size_t) want, (off_t) pos);
        ssize_t used;

        if (n == -1 && errno == EIO) {
            pos += want; /* a bad sector: nothing to keep */
            continue;
        }
        if (n == -1) {
            return ST_FAILED;
        }
        if (n == 0) {
            break;
        }
        used = n;
        while (used > 0 && part[used - 1] == '\0') {
            used--;
        }
        if (used > 0) {
            if (pwrite(to, part, (size_t) used, (off_t) (pos - at)) != used) {
                return ST_FAILED;
            }
            size = pos - at + (uint64_t) used;
        }
        pos += (uint64_t) n;
    }
    return ftruncate(to, (off_t) size) == 0 ? ST_OK : ST_FAILED;
}


enum status
spool_quarantine(int dir, const char *name, int fd, uint64_t at, uint64_t end,
                 uint32_t lost)
{
    struct spool_quarantined there;
    char file[NAME_MAX_BYTES + 64];
    enum status st;
    int folder, to;

    if ((st = spool_quarantine_count(dir, &there)) != ST_OK
        || (st = quarantine_folder(dir, &folder)) != ST_OK) {
        return st;
    }
    snprintf(file, sizeof(file), "%s-at-%llu-lost-%lu.bad", name,
             (unsigned long long) at, (unsigned long) lost);
    to = openat(folder, file,
                O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (to == -1) {
        st = failed("writing", file);
        close(folder);
        return st;
    }
    if ((there.bytes < QUARANTINE_MAX_BYTES
         && copy_part(fd, at, end, to) != ST_OK)
        || fsync(to) == -1 || fsync(folder) == -1) {
        st = failed("writing", file);
    }
    close(to);
    close(folder);
    return st;
}


enum status
spool_quarantine_segment(int dir, const char *name)
{
    char file[NAME_MAX_BYTES + 64];
    enum status st;
    int folder;

    if ((st = quarantine_folder(dir, &folder)) != ST_OK) {
        return st;
    }
    snprintf(file, sizeof(file), "%s-whole-lost-1.bad", name);
    if (renameat(dir, name, folder, file) == -1 || fsync(folder) == -1
        || fsync(dir) == -1) {
        st = failed("moving to the quarantine:", name);
    }
    close(folder);
    return st;
}


enum status
spool_quarantine_count(int dir, struct spool_quarantined *out)
{
    DIR *names = names_of(dir, QUARANTINE);
    const struct dirent *entry;
    struct stat file;

    *out = (struct spool_quarantined){ 0 };
    if (names == NULL) {
        return errno == ENOENT ? ST_OK : failed("reading", QUARANTINE);
    }
    while ((entry = readdir(names)) != NULL) {
        const char *lost = strstr(entry->d_name, "-lost-");

        if (lost == NULL
            || fstatat(dirfd(names), entry->d_name, &file, AT_SYMLINK_NOFOLLOW)
                   == -1) {
            continue;
        }
        out->files++;
        out->bytes += (uint64_t) file.st_blocks * 512;
        out->lost += strtoul(lost + 6, NULL, 10);
    }
    closedir(names);
    return ST_OK;
}
