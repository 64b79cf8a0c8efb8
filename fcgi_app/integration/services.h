/* integration/services.h - the rows of the table, one of each file. */

#ifndef VEDETTE_INTEGRATION_SERVICES_H
#define VEDETTE_INTEGRATION_SERVICES_H

#include "integration/integration.h"

extern const struct integration_type service_slack;
extern const struct integration_type service_teams;
extern const struct integration_type service_discord;
extern const struct integration_type service_telegram;
extern const struct integration_type service_mattermost;
extern const struct integration_type service_rocketchat;
extern const struct integration_type service_googlechat;
extern const struct integration_type service_zulip;
extern const struct integration_type service_matrix;
extern const struct integration_type service_ntfy;
extern const struct integration_type service_pagerduty;
extern const struct integration_type service_opsgenie;
extern const struct integration_type service_jira;
extern const struct integration_type service_github;
extern const struct integration_type service_gitlab;
extern const struct integration_type service_gitea;
extern const struct integration_type service_youtrack;
extern const struct integration_type service_redmine;
extern const struct integration_type service_webhook;

#endif
