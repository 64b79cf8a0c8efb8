#include "util/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "util/timeutil.h"

#define LINE_MAX_BYTES 2048
#define LAST_MAX_BYTES 512

static const char *process_name = "vedette";
static enum log_level threshold = LOG_LEVEL_INFO;

static char last[LAST_MAX_BYTES]; /* what log_last tells */

static char latest[LAST_MAX_BYTES];
static int64_t latest_at;

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARNING] = "warning",
    [LOG_LEVEL_INFO] = "info",
};


void
log_name(const char *name)
{
    process_name = name;
}


void
log_threshold(enum log_level level)
{
    threshold = level;
}


/* Appends text with C0 controls and DEL as \xNN; returns the new length. */
static size_t
escape(char *line, size_t n, size_t size, const char *text)
{
    static const char hex[] = "0123456789abcdef";

    for (; *text != '\0' && n + 5 < size; text++) {
        unsigned char c = (unsigned char) *text;

        if (c >= 0x20 && c != 0x7f) {
            line[n++] = (char) c;
            continue;
        }
        line[n++] = '\\';
        line[n++] = 'x';
        line[n++] = hex[c >> 4];
        line[n++] = hex[c & 15];
    }
    return n;
}


const char *
log_last(void)
{
    return last;
}


void
log_begin(void)
{
    last[0] = '\0';
}


const char *
log_latest(int64_t *at)
{
    *at = latest_at;
    return latest;
}


static void
write_line(enum log_level level, const char *fmt, va_list ap)
{
    char text[LINE_MAX_BYTES], line[LINE_MAX_BYTES + 128], stamp[32];
    struct timespec now;
    struct tm tm;
    size_t n;
    ssize_t written;

    if (level > threshold) {
        return;
    }

    vsnprintf(text, sizeof(text), fmt, ap);
    if (level == LOG_LEVEL_ERROR) {
        last[escape(last, 0, sizeof(last), text)] = '\0';
        memcpy(latest, last, sizeof(latest));
        latest_at = time_now();
    }

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);

    n = (size_t) snprintf(line, sizeof(line), "%s.%03ldZ %s[%d] %s: ", stamp,
                          now.tv_nsec / 1000000, process_name, (int) getpid(),
                          level_names[level]);
    n = escape(line, n, sizeof(line) - 1, text);
    line[n++] = '\n';

    /* one write: lines of several processes do not mix */
    written = write(STDERR_FILENO, line, n);
    (void) written;
}


#define WRITE(level)                                                           \
    do {                                                                       \
        va_list ap;                                                            \
        va_start(ap, fmt);                                                     \
        write_line(level, fmt, ap);                                            \
        va_end(ap);                                                            \
    } while (0)


void
log_error(const char *fmt, ...)
{
    WRITE(LOG_LEVEL_ERROR);
}


void
log_warning(const char *fmt, ...)
{
    WRITE(LOG_LEVEL_WARNING);
}


void
log_info(const char *fmt, ...)
{
    WRITE(LOG_LEVEL_INFO);
}
