/*
 * integration/look.h - tickets are read again, should a webhook be missed
 * (model/ticket_look.h says which and when).
 */

#ifndef VEDETTE_INTEGRATION_LOOK_H
#define VEDETTE_INTEGRATION_LOOK_H

#include "integration/integration.h"
#include "model/ticket_look.h"

/*
 * The job of a connection.  It ends early when the tracker does not answer as
 * it should, and then waits and rests as any delivery.
 */
enum status look_job(const struct integration_call *call,
                     struct integration_result *out) MUST_CHECK;

#endif
