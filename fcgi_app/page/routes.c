#include "page/routes.h"

#include "page/pages.h"

/* clang-format off: one row a line */
static const struct route rows[] = {
    /* method, pattern, scope, page, template, current in the navigation */
    { METHOD_GET, "/", "login", page_home, "home.cs", NULL },
    { METHOD_GET, "/healthz", "public", page_health, NULL, NULL },
    { METHOD_GET, "/readyz", "public", page_ready, NULL, NULL },

    { METHOD_GET, "/login/", "public", page_login, "login.cs", NULL },
    { METHOD_POST, "/login/", "public", page_login_submit, "login.cs", NULL },
    { METHOD_GET, "/login/link/:token/", "public", page_login_link,
      "login_link.cs", NULL },
    { METHOD_POST, "/login/link/:token/", "public", page_login_link_submit,
      "login_link.cs", NULL },
    { METHOD_POST, "/logout/", "login", page_logout, NULL, NULL },

    { METHOD_GET, "/account/", "login", page_account, "account.cs",
      "settings" },
    { METHOD_POST, "/account/", "login", page_account_save, "account.cs",
      NULL },
    { METHOD_POST, "/account/password/", "login", page_account_password,
      "account.cs", NULL },
    { METHOD_POST, "/account/theme/", "login", page_account_theme, NULL, NULL },

    { METHOD_GET, "/:org/issues/", "event:read", page_issue_list,
      "issue_list.cs", "issues" },
    { METHOD_POST, "/:org/issues/", "event:write", page_issue_bulk, NULL,
      "issues" },
    { METHOD_GET, "/:org/issues/:issue/", "event:read", page_issue, "issue.cs",
      "issues" },
    { METHOD_POST, "/:org/issues/:issue/", "event:write", page_issue_act, NULL,
      "issues" },
    { METHOD_GET, "/:org/issues/:issue/events/", "event:read",
      page_issue_events, "issue_events.cs", "issues" },
    { METHOD_GET, "/:org/issues/:issue/events/:event/", "event:read",
      page_issue, "issue.cs", "issues" },
    { METHOD_GET, "/:org/issues/:issue/events/:event/json/", "event:read",
      page_issue_json, NULL, "issues" },

    { METHOD_GET, "/:org/stats/", "org:read", page_stats, "stats.cs", "stats" },
    { METHOD_GET, "/:org/stats/csv/", "org:read", page_stats_csv, NULL,
      "stats" },

    { METHOD_GET, "/:org/", "org:read", page_project_list, "projects.cs",
      "projects" },
    { METHOD_GET, "/:org/new-project/", "project:write", page_project_new,
      "project_new.cs", "projects" },
    { METHOD_POST, "/:org/new-project/", "project:write",
      page_project_new_submit, "project_new.cs", "projects" },
    { METHOD_GET, "/:org/projects/:project/", "project:read", page_project,
      NULL, NULL },
    { METHOD_GET, "/:org/projects/:project/getting-started/", "project:read",
      page_setup, "setup.cs", "settings" },
    { METHOD_GET, "/:org/projects/:project/getting-started/poll",
      "project:read", page_setup_poll, NULL, NULL },
    { METHOD_GET, "/:org/projects/:project/keys/", "project:read",
      page_project_keys, "project_keys.cs", "settings" },
    { METHOD_POST, "/:org/projects/:project/keys/", "project:write",
      page_project_key_new, "project_keys.cs", "settings" },
    { METHOD_POST, "/:org/projects/:project/keys/:key/", "project:write",
      page_project_key_save, "project_keys.cs", "settings" },

    { METHOD_GET, "/:org/settings/audit/", "org:write", page_settings_audit,
      "settings_audit.cs", "settings" },
};
/* clang-format on */

const struct routes page_routes = { rows, sizeof(rows) / sizeof(rows[0]) };
