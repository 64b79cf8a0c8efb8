/*
 * digest/csp_report.h - reports of browsers made events (protocol.md §8.5).
 */

#ifndef VEDETTE_DIGEST_CSP_REPORT_H
#define VEDETTE_DIGEST_CSP_REPORT_H

#include "json/doc.h"

/*
 * The event of a report, the body of "csp-report" or of the Reporting API;
 * NULL when its directive is none of a policy.  Points into the report.
 */
struct json *csp_report_event(struct arena *a, const struct json *report);

/*
 * host_report.c: what browsers had to say of a host's certificates and keys
 * (RFC 7469, Expect-CT, Expect-Staple); NULL: it names no host.
 */
struct json *expect_ct_event(struct arena *a, const struct json *report);
struct json *expect_staple_event(struct arena *a, const struct json *report);
struct json *hpkp_event(struct arena *a, const struct json *report);

/*
 * nel_report.c: Network Error Logging, an element of the Reporting API; NULL:
 * it names no error.
 */
struct json *nel_event(struct arena *a, const struct json *report);

#endif
