/*
 * page/pages.h - the function of every page, for routes.c.
 */

#ifndef VEDETTE_PAGE_PAGES_H
#define VEDETTE_PAGE_PAGES_H

#include "web/http.h"

#define PAGE(name)                                                             \
    enum status page_##name(struct request *rq, struct response *rs) MUST_CHECK

PAGE(account);
PAGE(account_close);
PAGE(account_email);
PAGE(account_email_confirm);
PAGE(account_email_link);
PAGE(account_login_end);
PAGE(account_save);
PAGE(account_second);
PAGE(account_security);
PAGE(account_token_new);
PAGE(account_token_revoke);
PAGE(account_tokens);
PAGE(first);
PAGE(first_submit);
PAGE(forgot);
PAGE(forgot_submit);
PAGE(login_second);
PAGE(login_second_submit);
PAGE(settings_security);
PAGE(settings_security_save);
PAGE(account_notifications);
PAGE(account_notifications_save);
PAGE(account_password);
PAGE(account_theme);
PAGE(alert_act);
PAGE(alert_deliveries);
PAGE(alert_edit);
PAGE(alert_edit_submit);
PAGE(alert_export);
PAGE(alert_history);
PAGE(alert_import);
PAGE(alert_import_submit);
PAGE(alert_incident_act);
PAGE(alert_incidents);
PAGE(alert_list);
PAGE(dashboard);
PAGE(health);
PAGE(home);
PAGE(invitation);
PAGE(invitation_submit);
PAGE(issue);
PAGE(issue_act);
PAGE(issue_bulk);
PAGE(issue_events);
PAGE(issue_json);
PAGE(issue_list);
PAGE(issue_news);
PAGE(live);
PAGE(login);
PAGE(login_submit);
PAGE(login_link);
PAGE(login_link_submit);
PAGE(logout);
PAGE(mail_link);
PAGE(mail_link_submit);
PAGE(organization);
PAGE(project);
PAGE(project_delete);
PAGE(project_filters);
PAGE(project_filters_save);
PAGE(project_grouping);
PAGE(project_grouping_save);
PAGE(project_key_new);
PAGE(project_key_save);
PAGE(project_keys);
PAGE(project_list);
PAGE(project_new);
PAGE(project_new_submit);
PAGE(project_settings);
PAGE(project_settings_save);
PAGE(ready);
PAGE(release);
PAGE(release_list);
PAGE(settings);
PAGE(settings_audit);
PAGE(settings_integration);
PAGE(settings_integration_connect);
PAGE(settings_integration_new);
PAGE(settings_integration_remove);
PAGE(settings_integration_save);
PAGE(settings_integration_test);
PAGE(settings_integrations);
PAGE(settings_invitation_renew);
PAGE(settings_invitation_revoke);
PAGE(settings_invite);
PAGE(settings_leave);
PAGE(settings_member_remove);
PAGE(settings_member_role);
PAGE(settings_members);
PAGE(settings_roles);
PAGE(settings_save);
PAGE(setup);
PAGE(setup_poll);
PAGE(stats);
PAGE(stats_csv);
PAGE(team);
PAGE(team_delete);
PAGE(team_join);
PAGE(team_leave);
PAGE(team_member);
PAGE(team_new);
PAGE(team_project);
PAGE(team_save);
PAGE(teams);

#endif
