/*
 * page/audit.h - rows of the audit log, as the page of an organisation and that
 * of the installation show them (templates/part/audit.cs).
 */

#ifndef VEDETTE_PAGE_AUDIT_H
#define VEDETTE_PAGE_AUDIT_H

#include "model/audit.h"
#include "web/http.h"
#include "web/pager.h"

/* Rows, and where the list goes on. */
void audit_show(struct request *rq, struct response *rs,
                const struct pager *pager, const struct audit *rows, size_t n,
                bool more);

#endif
