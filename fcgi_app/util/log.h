/*
 * util/log.h - one line on standard error for each thing an operator wants to
 * know.
 *
 *     2026-11-22T23:50:01.123Z worker[4711] warning: redis is away: …
 *
 * Control characters are escaped and a line is cut at 2 KiB, so nothing that
 * came from outside can forge or flood a log.  Never log payloads or
 * credentials; ids and reasons.
 */

#ifndef VEDETTE_UTIL_LOG_H
#define VEDETTE_UTIL_LOG_H

#include <stdint.h>

#include "util/status.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO };

/* The word before the pid: "web", "worker"; static storage. */
void log_name(const char *name);

/* Lines below this importance are not written; default LOG_LEVEL_INFO. */
void log_threshold(enum log_level level);

/* The last error since log_begin, as its line says it; "" without one. */
const char *log_last(void);
void log_begin(void);

/* The last error of this process and when it was, in µs; "" and 0: none. */
const char *log_latest(int64_t *at);

void log_error(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_warning(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_info(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
