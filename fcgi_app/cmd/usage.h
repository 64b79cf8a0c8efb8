/*
 * cmd/usage.h - the words of a command line, read in one place.
 */

#ifndef VEDETTE_CMD_USAGE_H
#define VEDETTE_CMD_USAGE_H

#include <stdbool.h>

/*
 * Prints help and returns 0 when argv asks for it ("--help", "-h"), or prints
 * it to stderr and returns 2 when fewer than min words are given; else -1.
 */
int usage_check(int argc, char **argv, int min, const char *help);

/* Wrong usage: the sentence, then the help; returns 2. */
int usage_wrong(const char *help, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Takes "--name VALUE" out of argv (which shrinks) and returns the value, or
 * NULL; *bad is set when the value is missing.
 */
const char *usage_option(int *argc, char **argv, const char *name, bool *bad);

/* Takes "--name" out of argv and tells whether it was there. */
bool usage_flag(int *argc, char **argv, const char *name);

/* The first option that nobody has taken, or NULL. */
const char *usage_unknown(int argc, char **argv);

#endif
