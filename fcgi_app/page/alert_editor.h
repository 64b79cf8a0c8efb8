/*
 * page/alert_editor.h - between the files of the editor: alert_edit.c has its
 * requests, alert_wish.c reads what a new rule is to begin with, alert_draft.c
 * the form, alert_form.c draws it.
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

/* What the address asks of a new rule goes into the draft, Left {text}: the
 * terms that no rule can ask for. */
void editor_wish(struct editor *e);

/* alert_wish_search.c: the same of ?q=, a search of the stream; left: what no
 * rule can ask for. */
void editor_wish_search(struct editor *e, struct data *left);

/* The form becomes the draft; what: the button. */
void editor_read(struct editor *e, struct str what);

/* The draft becomes the form. */
void editor_draw(const struct editor *e);

#endif
