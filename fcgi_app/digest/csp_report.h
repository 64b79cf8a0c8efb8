/*
 * digest/csp_report.h - a report of a Content Security Policy made an event
 * (protocol.md §8.5).
 */

#ifndef VEDETTE_DIGEST_CSP_REPORT_H
#define VEDETTE_DIGEST_CSP_REPORT_H

#include "json/doc.h"

/*
 * The event of a report, the body of "csp-report" or of the Reporting API;
 * NULL when its directive is none of a policy.  Points into the report.
 */
struct json *csp_report_event(struct arena *a, const struct json *report);

#endif
