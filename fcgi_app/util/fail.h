/*
 * util/fail.h - points where a test can end this process.
 *
 * FAIL_POINT("after_commit") does nothing unless VEDETTE_FAIL_POINT names it:
 * then the process gets SIGKILL there, or the signal VEDETTE_FAIL_SIGNAL.
 * VEDETTE_FAIL_ONCE is a file: the point fires only for whoever makes it, so
 * that the process which is started instead goes on.  A release build has the
 * points too: what is tested is what is shipped, and the environment of a
 * daemon is its operator's.
 */

#ifndef VEDETTE_UTIL_FAIL_H
#define VEDETTE_UTIL_FAIL_H

void fail_point(const char *name);

/* The same for one event only: "NAME=32 hex digits". */
void fail_point_of(const char *name, const unsigned char id[16]);

#define FAIL_POINT(name) fail_point(name)
#define FAIL_POINT_OF(name, id) fail_point_of(name, id)

#endif
