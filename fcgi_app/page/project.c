/*
 * page/project.c - a project's own address: its issues, or how to set it up
 * while nothing has come.
 */

#include "model/project.h"

#include "model/organization.h"
#include "page/pages.h"


enum status
page_project(struct request *rq, struct response *rs)
{
    if (rq->project->first_event_at == 0) {
        response_redirect(
            rs, str_printf(rq->a, "/%.*s/projects/%.*s/getting-started/",
                           STR_FMT(rq->org->slug), STR_FMT(rq->project->slug)));
        return ST_OK;
    }
    response_redirect(
        rs,
        str_printf(rq->a, "/%.*s/issues/?q=is%%3Aunresolved%%20project%%3A%.*s",
                   STR_FMT(rq->org->slug), STR_FMT(rq->project->slug)));
    return ST_OK;
}
