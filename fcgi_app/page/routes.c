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

    { METHOD_GET, "/account/", "login", page_account, "account.cs", NULL },
    { METHOD_POST, "/account/", "login", page_account_save, "account.cs",
      NULL },
    { METHOD_POST, "/account/password/", "login", page_account_password,
      "account.cs", NULL },
    { METHOD_POST, "/account/theme/", "login", page_account_theme, NULL, NULL },
};
/* clang-format on */

const struct routes page_routes = { rows, sizeof(rows) / sizeof(rows[0]) };
