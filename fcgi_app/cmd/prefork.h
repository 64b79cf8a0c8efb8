/*
 * cmd/prefork.h - a small parent and its children.
 *
 * The parent forks so many children of each kind, which run to their end.  A
 * child that ends unasked is reported with its signal or status and started
 * again, at most once a second each.  TERM and INT are passed on to the
 * children, and the parent leaves when the last has gone (those that stay over
 * 30 s are killed); HUP replaces the children one after the other, unless what
 * they are to inherit cannot be renewed.  Children get TERM when the parent
 * dies.
 *
 * A kind may have more children while all of its own are busy: then another
 * one is started, so that somebody is free, until there are so many as "most"
 * says.  An extra child leaves when it wants to.
 *
 * Open no connection before prefork: a child makes its own.
 */

#ifndef VEDETTE_CMD_PREFORK_H
#define VEDETTE_CMD_PREFORK_H

#include <stdbool.h>
#include <stddef.h>

struct prefork_kind {
    const char *name; /* for the log */
    int n;            /* always there */
    int most;         /* 0: n */
    int (*run)(void *arg);
    void *arg;
    bool (*renew)(void *arg); /* at a HUP, in the parent; NULL: nothing */
};

/* The exit status for main. */
int prefork(const char *name, const struct prefork_kind *kinds, size_t nkinds);

/* In a child: the parent or an operator wants it to end; poll it. */
bool prefork_stopping(void);

/* In a child: whether it has something to do, for those whose kind may grow. */
void prefork_busy(bool is);

/* In a child: it is one more than are always there. */
bool prefork_extra(void);

#endif
