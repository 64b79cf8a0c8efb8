#include "cmd/cmd.h"

#include <stdio.h>
#include <unistd.h>

#include "cmd/usage.h"
#include "model/account.h"
#include "util/crypt.h"

static const char help[] =
    "usage: vedette account create EMAIL [--name NAME] [--superuser]\n"
    "       vedette account link EMAIL\n"
    "       vedette account password EMAIL < FILE\n\n"
    "create    adds a person and prints a one-time sign-in link\n"
    "link      prints a new one-time sign-in link, valid for 24 hours\n"
    "password  sets the password to the first line of standard input\n\n"
    "  --name NAME   shown to others (default: the part before the @)\n"
    "  --superuser   may see and administer every organisation\n";

#define PASSWORD_MIN 12


static int
failed(const char *what, enum status st)
{
    fprintf(stderr, "vedette: %s: %s\n", what, status_text(st));
    return 1;
}


static int
print_link(struct app *app, int64_t id)
{
    struct str url;
    enum status st = account_link(app->redis, app->arena, id, &url);

    if (st != ST_OK) {
        return failed("no link was made", st);
    }
    printf("%.*s\n", STR_FMT(url));
    return 0;
}


static int
create(struct app *app, struct str email, const char *name, bool superuser)
{
    int64_t id;
    enum status st;

    if (name == NULL || name[0] == '\0') {
        name = str_dup(app->arena,
                       str_sub(email, 0, (size_t) str_chr(email, '@')));
    }
    st = account_create(app->db, app->arena, &actor_command, email,
                        str_of(name), superuser, &id);
    if (st == ST_CONFLICT) {
        fprintf(stderr,
                "vedette: there is an account %.*s already; \"vedette account "
                "link\" makes a sign-in link for it\n",
                STR_FMT(email));
        return 1;
    }
    if (st != ST_OK) {
        return failed("the account was not created", st);
    }
    return print_link(app, id);
}


static int
set_password(struct app *app, const struct account *account)
{
    char line[PASSWORD_MAX + 2];
    struct str password, hash;
    enum status st;

    if (isatty(STDIN_FILENO)) {
        fputs("New password, not hidden: ", stderr);
    }
    if (fgets(line, sizeof(line), stdin) == NULL) {
        fputs("vedette: no password on standard input\n", stderr);
        return 1;
    }
    password = str_of(line);
    if (str_ends(password, STR("\n"))) {
        password.n--;
    }
    if (password.n < PASSWORD_MIN || password.n > PASSWORD_MAX) {
        fprintf(stderr, "vedette: a password has %d to %d bytes\n",
                PASSWORD_MIN, PASSWORD_MAX);
        return 1;
    }

    st = password_hash(app->arena, password, &hash);
    if (st == ST_OK) {
        st = account_set_password(app->db, app->arena, &actor_command, account,
                                  hash);
    }
    return st == ST_OK ? 0 : failed("the password was not set", st);
}


int
cmd_account(struct app *app, int argc, char **argv)
{
    bool bad = false;
    int rc = usage_check(argc, argv, 2, help);
    struct account account;
    const char *name;
    struct str action, email;
    bool superuser;
    enum status st;

    if (rc != -1) {
        return rc;
    }
    name = usage_option(&argc, argv, "name", &bad);
    superuser = usage_flag(&argc, argv, "superuser");
    if (bad || argc != 3 || usage_unknown(argc, argv) != NULL) {
        return usage_wrong(help, "these words make no sense together");
    }

    action = str_of(argv[1]);
    if (!account_email(app->arena, str_of(argv[2]), &email)) {
        return usage_wrong(help, "\"%s\" is no mail address", argv[2]);
    }
    if (str_is(action, "create")) {
        return create(app, email, name, superuser);
    }
    if (!str_is(action, "link") && !str_is(action, "password")) {
        return usage_wrong(help, "there is no \"account %s\"", argv[1]);
    }

    st = account_by_email(app->db, app->arena, email, &account);
    if (st == ST_NOT_FOUND) {
        fprintf(stderr, "vedette: there is no account %.*s\n", STR_FMT(email));
        return 1;
    }
    if (st != ST_OK) {
        return failed("the account was not read", st);
    }
    return str_is(action, "link") ? print_link(app, account.id)
                                  : set_password(app, &account);
}
