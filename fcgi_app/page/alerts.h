/*
 * page/alerts.h - shared by the pages of alerts.
 */

#ifndef VEDETTE_PAGE_ALERTS_H
#define VEDETTE_PAGE_ALERTS_H

#include "model/alert_rule.h"
#include "model/project.h"
#include "web/http.h"

/* Which tab is current: "rules", "history", "incidents", "deliveries",
   "channels". */
void alert_tabs(struct request *rq, struct response *rs, const char *tab);

/* "1, 3": which of a rule's blocks a set of bits is. */
struct str alert_blocks_words(struct arena *a, unsigned blocks);

/* Not about projects that the account does not see. */
bool alert_rule_visible(const struct request *rq, const struct alert_rule *r);
enum status alert_visible_rule(struct request *rq, int64_t id,
                               struct alert_rule *out) MUST_CHECK;

/* The list to choose one from. */
void alert_fill_projects(struct request *rq, struct response *rs,
                         const struct project *projects, size_t n);

/* The project of ?project=, 0: none. */
int64_t alert_chosen_project(const struct request *rq,
                             const struct project *projects, size_t n);

#endif
