/*
 * digest/minidump.h - what a minidump says at first sight: how the program
 * ended and where, without walking a stack.
 *
 * The format is Microsoft's (minidumpapiset.h), little-endian, as Breakpad and
 * Crashpad write it on all systems.
 */

#ifndef VEDETTE_DIGEST_MINIDUMP_H
#define VEDETTE_DIGEST_MINIDUMP_H

#include "util/arena.h"
#include "util/str.h"

struct minidump {
    struct str reason; /* "EXCEPTION_ACCESS_VIOLATION", "SIGSEGV" */
    struct str module; /* base name of the file that was running, or null */
    uint64_t address;  /* where */
    bool has_address;
    struct str os;         /* "Windows"; or null */
    struct str os_version; /* "10.0.19045"; or null */
    struct str arch;       /* "x86_64"; or null */
};

/*
 * False when it is none, or says nothing of an exception.  Offsets and counts
 * of the file are not believed.
 */
bool minidump_read(struct arena *a, struct str bytes, struct minidump *out);

#endif
