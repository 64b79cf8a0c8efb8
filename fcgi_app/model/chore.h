/*
 * model/chore.h - who of a fleet of workers does the chores.
 */

#ifndef VEDETTE_MODEL_CHORE_H
#define VEDETTE_MODEL_CHORE_H

#include "db/db.h"

/*
 * True in *leads for at most one connection at a time: the first to ask, until
 * it closes or breaks.  Ask before each round of chores; asking again costs
 * one small statement.
 */
enum status chore_lead(struct db *db, struct arena *a, bool *leads) MUST_CHECK;

#endif
