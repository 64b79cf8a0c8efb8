/*
 * model/project_transfer.h - a project goes to another organisation, with its
 * keys, settings, issues, events, releases and files.
 *
 * An owner asks for it and names the other organisation.  Who is an owner
 * there, too, needs nobody else; otherwise one of its owners accepts within a
 * week, or declines.  Then the worker moves the project itself, in one
 * transaction, and carries its rows over piece by piece; its keys work all the
 * time.  What ties it to people and connections of the old organisation ends:
 * teams, alerts, tickets, assignees who are no members of the new one.  The
 * counters of what it has sent stay where it was sent.
 */

#ifndef VEDETTE_MODEL_PROJECT_TRANSFER_H
#define VEDETTE_MODEL_PROJECT_TRANSFER_H

#include "model/project.h"

#define PROJECT_TRANSFER_DAYS 7

struct project_transfer {
    int64_t id;
    int64_t project_id;
    struct str address; /* of the other organisation */
    struct str asked_by;
    int64_t asked_at;
    int64_t expires_at;
    int64_t accepted_at; /* 0: it waits; then the worker is at it */
    int64_t declined_at;
    /* for the taking side */
    struct str organization;
    struct str project;
    struct str slug;
    struct str platform;
};

/* ST_NOT_FOUND: nobody has asked. */
enum status project_transfer_find(struct db *db, struct arena *a, int64_t org,
                                  int64_t project_id,
                                  struct project_transfer *out) MUST_CHECK;

/*
 * Asks, in place of an earlier one.  Whether there is such an organisation is
 * not told.  It goes at once (*accepted) when the actor is an owner there, too,
 * and known to be it (not by this organisation's sign-on), or when alone: may
 * accept anywhere.
 * ST_CONFLICT: it is the project's own, or the worker is at it already.
 */
enum status project_transfer_ask(struct db *db, struct arena *a,
                                 const struct actor *by,
                                 const struct project *project,
                                 struct str address, bool alone, bool known,
                                 bool *accepted) MUST_CHECK;

/* Before it is accepted; ST_NOT_FOUND: there is none any more. */
enum status project_transfer_withdraw(struct db *db, struct arena *a,
                                      const struct actor *by,
                                      const struct project *project) MUST_CHECK;

/* What waits for this organisation, or is on its way there; 50 at most. */
enum status project_transfer_offers(struct db *db, struct arena *a, int64_t org,
                                    struct project_transfer **out,
                                    size_t *n) MUST_CHECK;

/* ST_NOT_FOUND: it has been answered, or withdrawn, or is too old. */
enum status project_transfer_answer(struct db *db, struct arena *a,
                                    const struct actor *by, int64_t org,
                                    int64_t id, bool accept) MUST_CHECK;

/* A chore: a piece of the work; *more: there is some left. */
enum status project_transfer_run(struct db *db, struct redis *r,
                                 struct arena *a, bool *more) MUST_CHECK;

#endif
