/*
 * util/status.h - the one result type of fallible functions.
 *
 * A function that can fail returns an enum status, which the caller must look
 * at, and hands its results back through its last pointer arguments.  Whoever
 * knows the cause logs it, once; everyone above only returns.
 */

#ifndef VEDETTE_UTIL_STATUS_H
#define VEDETTE_UTIL_STATUS_H

enum status {
    ST_OK = 0,
    ST_NOT_FOUND, /* no such thing, or not for you to know */
    ST_INVALID,   /* the input is wrong; trying again will not help */
    ST_DENIED,    /* known, and not allowed */
    ST_CONFLICT,  /* exists already, or changed under us */
    ST_LIMITED,   /* over a limit; later perhaps */
    ST_RETRY,     /* a part below is away; the same call may succeed later */
    ST_FAILED     /* anything else; it has been logged */
};

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, v) __attribute__((format(printf, f, v)))

/* "not found", …: for messages; static storage. */
const char *status_text(enum status st);

/* The HTTP status that answers a request whose handler returned st. */
int status_http(enum status st);

#endif
