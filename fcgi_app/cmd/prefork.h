/*
 * cmd/prefork.h - a small parent and its children.
 *
 * The parent forks n children that run child(arg) to their end.  A child that
 * ends unasked is reported with its signal or status and started again, at
 * most once a second each.  TERM and INT are passed on to the children, and
 * the parent leaves when the last has gone (those that stay over 30 s are
 * killed); HUP replaces the children one after the other.  Children get TERM
 * when the parent dies.
 *
 * Open no connection before prefork: a child makes its own.
 */

#ifndef VEDETTE_CMD_PREFORK_H
#define VEDETTE_CMD_PREFORK_H

#include <stdbool.h>

/* The exit status for main. */
int prefork(const char *name, int n, int (*child)(void *arg), void *arg);

/* In a child: the parent or an operator wants it to end; poll it. */
bool prefork_stopping(void);

#endif
