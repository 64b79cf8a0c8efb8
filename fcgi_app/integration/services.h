/* integration/services.h - the rows of the table, one of each file. */

#ifndef VEDETTE_INTEGRATION_SERVICES_H
#define VEDETTE_INTEGRATION_SERVICES_H

#include "integration/integration.h"

extern const struct integration_type service_webhook;

#endif
