/*
 * page/alert_editor.h - between the files of the editor: alert_edit.c has its
 * requests, alert_draft.c reads the form, alert_form.c draws it.
 */

#ifndef VEDETTE_PAGE_ALERT_EDITOR_H
#define VEDETTE_PAGE_ALERT_EDITOR_H

#include "alert/metric.h"
#include "alert/rehearse.h"
#include "integration/integration.h"
#include "model/member.h"
#include "model/team.h"
#include "page/alerts.h"
#include "page/pages.h"

struct editor {
    struct request *rq;
    struct response *rs;
    struct alert_rule rule; /* the draft */
    struct json *data;
    struct project *projects;
    size_t nprojects;
    struct member *members;
    size_t nmembers;
    struct team *teams;
    size_t nteams;
    struct integration *integrations;
    size_t nintegrations;
};

/* The form becomes the draft; what: the button. */
void editor_read(struct editor *e, struct str what);

/* The draft becomes the form. */
void editor_draw(const struct editor *e);

#endif
