/*
 * digest/crash.h - crashes of native programs: a report that the system or a
 * crash handler has written, and what the program said of itself before
 * (protocol.md §8.8).
 *
 * They come as a form (crash_form.c), as a container of the Unreal Engine
 * (crash_unreal.c), or as attachments of an envelope (crash_note).  The event
 * is a skeleton: the report's own words for how the program ended and where;
 * walking its stack is another's job.
 */

#ifndef VEDETTE_DIGEST_CRASH_H
#define VEDETTE_DIGEST_CRASH_H

#include "json/doc.h"

/* Bytes of a report or a file, unpacked: as of an attachment. */
#define CRASH_FILE_MAX ((size_t) 200 << 20)
#define CRASH_FILES_MAX 1000

struct crash_file {
    struct str name;
    struct str content_type;
    struct str type; /* of the attachment: "event.minidump"; or null */
    struct str bytes;
    unsigned position; /* of the part it was, from 0 on */
};

struct crash {
    struct json *doc; /* the event, as far as the program told it */

    /* the report itself; one of the files, too.  NULL: there is none */
    const struct crash_kind *kind;
    struct str report;

    /* last steps, not yet in doc: two logs that took turns */
    struct json *trail[2];

    struct str comment; /* of the user, or null */
    bool alone;         /* it wants an event, and none has come yet */

    struct crash_file *files;
    size_t nfiles;
};

/* crash.c */

/* Everything empty. */
struct crash *crash_new(struct arena *a);

void crash_add_file(struct arena *a, struct crash *c, struct crash_file file);

/*
 * Takes an attachment of this type that tells of a crash, "event.minidump" or
 * "event.payload"; false: it is none.  *keep: it is also a file of the event.
 */
bool crash_note(struct arena *a, struct crash *c, struct str type,
                struct str bytes, bool *keep);

/* Whether an attachment of this type makes an event. */
bool crash_makes_event(struct str type);

/* Members of from that into lacks, at every depth. */
void crash_merge(struct json *into, const struct json *from);

/* Doc becomes its event: what it lacks of the crash's own, trail, skeleton. */
void crash_finish(struct arena *a, struct crash *c, struct json *doc);

/*
 * crash_form.c: a minidump with what came along.  ST_NOT_FOUND: without the
 * dump; ST_INVALID with *reason, which the outcome has.
 */
enum status crash_of_form(struct arena *a, struct str type, struct str body,
                          struct crash *c, const char **reason) MUST_CHECK;

/* crash_unreal.c: likewise.  The query says who played. */
enum status crash_of_unreal(struct arena *a, struct str query, struct str body,
                            struct crash *c, const char **reason) MUST_CHECK;

#endif
