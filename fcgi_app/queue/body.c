#include "queue/body.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "queue/message.h"
#include "util/hex.h"
#include "util/log.h"

/* Pieces that are asked for at once. */
#define AHEAD 4

/* What a sender may claim: the edge takes no larger requests. */
#define SIZE_MAX_APART ((size_t) 512 * 1024 * 1024)


/* a file without a name */

int
body_file(void)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    int fd;

    if (folder == NULL || folder[0] == '\0') {
        folder = "/var/tmp";
    }
    fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd != -1 || (errno != EOPNOTSUPP && errno != EISDIR)) {
        return fd;
    }
    /* a file system that does not know such files */
    snprintf(path, sizeof(path), "%s/vedette-XXXXXX", folder);
    fd = mkostemp(path, O_CLOEXEC);
    if (fd != -1) {
        unlink(path);
    }
    return fd;
}


struct mapping {
    void *p;
    size_t n;
};


static void
unmap(void *data)
{
    const struct mapping *m = data;

    munmap(m->p, m->n);
}


enum status
body_map(struct arena *a, int fd, size_t n, struct str *out)
{
    struct mapping *m = arena_new_of(a, struct mapping);

    if (n == 0) {
        close(fd);
        *out = STR("");
        return ST_OK;
    }
    m->n = n;
    m->p = mmap(NULL, n, PROT_READ, MAP_SHARED, fd, 0);
    if (m->p == MAP_FAILED) {
        log_error("a body of %zu bytes cannot be mapped: %s", n,
                  strerror(errno));
        close(fd);
        return ST_FAILED;
    }
    close(fd);
    arena_cleanup(a, unmap, m);
    *out = str_make(m->p, n);
    return ST_OK;
}


/* reading */

static enum status
write_all(int fd, struct str text)
{
    while (text.n > 0) {
        ssize_t n = write(fd, text.p, text.n);

        if (n == -1 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            log_error("a body cannot be kept in a temporary file: %s; is "
                      "$TMPDIR, or else /var/tmp, full?",
                      strerror(errno));
            return ST_FAILED;
        }
        text = str_sub(text, (size_t) n, text.n);
    }
    return ST_OK;
}


/* Pieces from the first on, as many as there are up to AHEAD, into the file. */
static enum status
read_pieces(struct redis *r, struct arena *a, struct str key, size_t first,
            size_t last, size_t *written, int fd)
{
    struct str words[AHEAD + 2] = { STR("HMGET"), key };
    size_t n = 0;
    redisReply *reply;
    enum status st;

    for (size_t i = first; i < last && n < AHEAD; i++) {
        words[2 + n++] = str_printf(a, "%zu", i);
    }
    if ((st = redis_command(r, a, &reply, words, n + 2)) != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        struct str piece =
            i < reply->elements ? redis_text(reply->element[i]) : STR_NULL;

        if (piece.n == 0) {
            return ST_NOT_FOUND;
        }
        if ((st = write_all(fd, piece)) != ST_OK) {
            return st;
        }
        *written += piece.n;
    }
    return ST_OK;
}


static enum status
fetch(struct redis *r, struct str key, size_t size, int fd)
{
    size_t pieces = (size + VEDETTE_BODY_PIECE - 1) / VEDETTE_BODY_PIECE;
    struct arena *a = arena_new();
    enum status st = ST_OK;
    size_t written = 0;

    for (size_t i = 0; st == ST_OK && i < pieces; i += AHEAD) {
        st = read_pieces(r, a, key, i, pieces, &written, fd);
        arena_reset(a);
    }
    arena_free(a);
    return st == ST_OK && written != size ? ST_NOT_FOUND : st;
}


enum status
body_open(struct redis *r, struct arena *a, const struct message *m,
          struct str name, struct str *out)
{
    enum status st;
    int fd;

    *out = m->body;
    if (m->apart <= 0) {
        return ST_OK;
    }
    if ((size_t) m->apart > SIZE_MAX_APART) {
        return ST_NOT_FOUND;
    }
    if ((fd = body_file()) == -1) {
        log_error("no temporary file for a body: %s", strerror(errno));
        return ST_FAILED;
    }
    st = fetch(r, str_printf(a, VEDETTE_BODY_PREFIX "%.*s", STR_FMT(name)),
               (size_t) m->apart, fd);
    if (st != ST_OK) {
        close(fd);
        return st;
    }
    return body_map(a, fd, (size_t) m->apart, out);
}


/* sending */

static struct str
piece_of(struct str body, size_t i)
{
    size_t from = i * VEDETTE_BODY_PIECE;
    size_t to = from + VEDETTE_BODY_PIECE;

    return str_sub(body, from, to < body.n ? to : body.n);
}


static enum status
send_pieces(struct redis *r, struct arena *a, struct str name, struct str key,
            struct str body, size_t pieces)
{
    struct str number = str_printf(a, "%zu", body.n);
    struct arena *piece = arena_new();
    redisReply *reply;
    enum status st;

    st = redis_command(
        r, piece, &reply,
        REDIS_WORDS(
            STR("EVAL"), STR(VEDETTE_BODY_BEGIN), STR("2"), STR(VEDETTE_BODIES),
            key, name, number, str_printf(piece, "%d", VEDETTE_BODIES_MAX),
            STR(VEDETTE_BODY_PREFIX), str_printf(piece, "%d", VEDETTE_BODY_TTL),
            piece_of(body, 0)));
    if (st == ST_OK && redis_i64(reply) != 1) {
        st = ST_LIMITED;
    }
    for (size_t i = 1; st == ST_OK && i < pieces; i++) {
        arena_reset(piece);
        st = redis_command(
            r, piece, &reply,
            REDIS_WORDS(STR("EVAL"), STR(VEDETTE_BODY_NEXT), STR("1"), key,
                        str_printf(piece, "%zu", i), piece_of(body, i)));
        if (st == ST_OK && redis_i64(reply) != 1) {
            st = ST_RETRY;
        }
    }
    arena_free(piece);
    return st;
}


static struct str
random_name(struct arena *a)
{
    unsigned char bytes[16];

    uuid_random(bytes);
    return uuid_hex(a, bytes);
}


enum status
body_send(struct redis *r, struct arena *a, const struct str *words, size_t n,
          struct str body)
{
    size_t pieces = (body.n + VEDETTE_BODY_PIECE - 1) / VEDETTE_BODY_PIECE;
    struct str name = random_name(a), *command;
    struct str key = str_printf(a, VEDETTE_BODY_PREFIX "%.*s", STR_FMT(name));
    size_t k = 0;
    enum status st;

    if ((st = send_pieces(r, a, name, key, body, pieces)) != ST_OK) {
        return st;
    }
    command = arena_array(a, n + 14, sizeof(*command));
    command[k++] = STR("EVAL");
    command[k++] = STR(VEDETTE_BODY_END);
    command[k++] = STR("3");
    command[k++] = key;
    command[k++] = STR(VEDETTE_STREAM);
    command[k++] = STR(VEDETTE_BODIES);
    command[k++] = name;
    command[k++] = str_printf(a, "%zu", body.n);
    command[k++] = str_printf(a, "%zu", pieces);
    command[k++] = STR(VEDETTE_BODY_PREFIX);
    command[k++] = STR(VEDETTE_F_VERSION);
    command[k++] = STR(VEDETTE_MESSAGE_VERSION_APART);
    command[k++] = STR(VEDETTE_F_SIZE);
    command[k++] = command[7];
    memcpy(command + k, words, n * sizeof(*words));
    return redis_command(r, a, NULL, command, n + k);
}
