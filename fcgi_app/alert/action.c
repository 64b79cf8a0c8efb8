#include "alert/action.h"

#include "integration/integration.h"
#include "model/issue_change.h"
#include "util/lang.h"

static const struct alert_choice targets[] = {
    { "IssueOwners", N_("the issue's owners") },
    { "Assignee", N_("the assignee") },
    { "Member", N_("one member") },
    { "Team", N_("one team") },
    { "AllMembers", N_("all members") },
    { NULL, NULL },
};

static const struct alert_choice fallthroughs[] = {
    { "ActiveMembers", N_("recently active members") },
    { "AllMembers", N_("all members") },
    { "NoOne", N_("nobody") },
    { NULL, NULL },
};

static const struct alert_choice priorities[] = { { "75", N_("high") },
                                                  { "50", N_("medium") },
                                                  { "25", N_("low") },
                                                  { NULL, NULL } };


static int64_t
id_of(const struct alert_act *act, const char *name)
{
    const struct json *v = json_get(act->json, name);
    int64_t id = 0;

    return v != NULL && str_i64(v->text, &id) ? id : 0;
}


static enum status
assign(struct db *db, struct arena *a, const struct alert_act *act,
       int64_t organization_id, int64_t issue_id)
{
    return issue_change_itself(
        db, a, organization_id, &issue_id, 1, STR("assign"),
        str_printf(a, "%lld", (long long) id_of(act, "account")));
}


static enum status
assign_team(struct db *db, struct arena *a, const struct alert_act *act,
            int64_t organization_id, int64_t issue_id)
{
    return issue_change_itself(
        db, a, organization_id, &issue_id, 1, STR("assign"),
        str_printf(a, "team:%lld", (long long) id_of(act, "team")));
}


static enum status
set_priority(struct db *db, struct arena *a, const struct alert_act *act,
             int64_t organization_id, int64_t issue_id)
{
    return issue_change_itself(
        db, a, organization_id, &issue_id, 1, STR("priority"),
        str_printf(a, "%lld", (long long) id_of(act, "priority")));
}


static enum status
resolve(struct db *db, struct arena *a, const struct alert_act *act,
        int64_t organization_id, int64_t issue_id)
{
    (void) act;
    return issue_change_itself(db, a, organization_id, &issue_id, 1,
                               STR("resolve"), STR(""));
}


static enum status
archive(struct db *db, struct arena *a, const struct alert_act *act,
        int64_t organization_id, int64_t issue_id)
{
    (void) act;
    return issue_change_itself(db, a, organization_id, &issue_id, 1,
                               STR("archive"), STR("forever"));
}


/* For rules that are only to be seen in the history. */
static enum status
nothing(struct db *db, struct arena *a, const struct alert_act *act,
        int64_t organization_id, int64_t issue_id)
{
    (void) db;
    (void) a;
    (void) act;
    (void) organization_id;
    (void) issue_id;
    return ST_OK;
}


const struct action actions[] = {
    { .id = ACTION_MAIL,
      .words = "Mail {targetType} {targetIdentifier} (if there are no owners: "
               "{fallthroughType})",
      .icon = "mail",
      .fields = { { "targetType", N_("Receiver"), INPUT_CHOICE, targets,
                    "IssueOwners", 0, 0, false },
                  { "targetIdentifier", N_("Member or team"), INPUT_ACCOUNT,
                    NULL, "", 0, 0, true },
                  { "fallthroughType", N_("Otherwise"), INPUT_CHOICE,
                    fallthroughs, "ActiveMembers", 0, 0, true } },
      .channel = "mail" },
    { .id = "vedette.actions.MailAddressAction",
      .words = "Mail the address {address}",
      .icon = "mail",
      .fields = { { "address", N_("Address"), INPUT_TEXT, NULL, "", 3, 254,
                    false } },
      .channel = "mail" },
    { .id = "vedette.actions.AssignAction",
      .words = "Assign the issue to {account}",
      .icon = "user",
      .fields = { { "account", N_("Member"), INPUT_ACCOUNT, NULL, "", 0, 0,
                    false } },
      .run = assign },
    { .id = "vedette.actions.AssignTeamAction",
      .words = "Assign the issue to the team {team}",
      .icon = "users",
      .fields = { { "team", N_("Team"), INPUT_TEAM, NULL, "", 0, 0, false } },
      .run = assign_team },
    { .id = "vedette.actions.PriorityAction",
      .words = "Set the issue's priority to {priority}",
      .icon = "warn",
      .fields = { { "priority", N_("Priority"), INPUT_CHOICE, priorities, "75",
                    0, 0, false } },
      .run = set_priority },
    { .id = "vedette.actions.ArchiveAction",
      .words = "Archive the issue",
      .icon = "archive",
      .run = archive },
    { .id = "vedette.actions.ResolveAction",
      .words = "Resolve the issue",
      .icon = "check",
      .run = resolve },
    { .id = "vedette.actions.LogAction",
      .words = "Only note it in the history",
      .icon = "logs",
      .run = nothing },
};
const size_t actions_count = sizeof(actions) / sizeof(actions[0]);


/* integrations */

/*
 * Names that other tools know, and the field that has the connection's id; of
 * some another field is called differently, too.
 */
#define NOTIFY(service, name)                                                  \
    "sentry.integrations." service ".notify_action." name "Action"
#define NOTIFY_SERVICE                                                         \
    "sentry.rules.actions.notify_event_service.NotifyEventServiceAction"

static const struct {
    const char *id;
    const char *type;
    const char *field;
    const char *theirs, *ours;
} aliases[] = {
    { NOTIFY("slack", "SlackNotifyService"), "slack", "workspace", NULL, NULL },
    { NOTIFY("msteams", "MsTeamsNotifyService"), "msteams", "team", NULL,
      NULL },
    { NOTIFY("discord", "DiscordNotifyService"), "discord", "server", NULL,
      NULL },
    { NOTIFY("pagerduty", "PagerDutyNotifyService"), "pagerduty", "account",
      NULL, NULL },
    { NOTIFY("opsgenie", "OpsgenieNotifyTeam"), "opsgenie", "account", NULL,
      NULL },
    { NOTIFY("jira", "JiraCreateTicket"), "jira", "integration", NULL, NULL },
    { NOTIFY("jira_server", "JiraServerCreateTicket"), "jira", "integration",
      NULL, NULL },
    { NOTIFY("github", "GitHubCreateTicket"), "github", "integration", "repo",
      "project" },
    { NOTIFY("github_enterprise", "GitHubEnterpriseCreateTicket"), "github",
      "integration", "repo", "project" },
    { NOTIFY_SERVICE, "webhook", "integration", NULL, NULL },
};

/* Names that there is nothing for here, and what to do instead. */
static const struct {
    const char *id;
    const char *fault;
} foreign[] = {
    { "sentry.rules.actions.notify_event.NotifyEventAction",
      N_("\"All legacy integrations\" are plug-ins, which do not exist here. "
         "Choose each connection in an action of its own.") },
    { NOTIFY("vsts", "AzureDevopsCreateTicket"),
      N_("There is no connection to Azure DevOps. A webhook can tell it.") },
};


static struct alert_field
field_of(const struct integration_field *f)
{
    struct alert_field out = {
        .name = f->name,
        .label = f->label,
        .kind = INPUT_TEXT,
        .value = f->initial != NULL ? f->initial : "",
        .optional = !f->required,
    };

    if (f->kind == FIELD_CHOICE) {
        /* the same two members */
        out.choices = (const struct alert_choice *) f->choices;
        out.kind = INPUT_CHOICE;
    }
    return out;
}


/* Rows made of integration_types, once in a process. */
static const struct action *
integration_rows(void)
{
    static struct arena *a; /* lives as long as the process */
    static struct action *rows;

    if (rows == NULL) {
        a = arena_new();
        rows = arena_array(a, integration_types_count, sizeof(*rows));
        for (size_t i = 0; i < integration_types_count; i++) {
            const struct integration_type *type = integration_types[i];
            const struct integration_field *f = type->target;
            size_t n = 0;

            rows[i] = (struct action){
                .id = arena_printf(a, ACTION_INTEGRATION "%s", type->type),
                .words =
                    arena_printf(a,
                                 type->tracker != NULL
                                     ? "%s: create a ticket in {integration}"
                                     : "%s: send to {integration}",
                                 type->label),
                .icon = type->icon,
                .channel = type->type,
            };
            rows[i].fields[n++] =
                (struct alert_field){ .name = "integration",
                                      .label = "Connection",
                                      .kind = INPUT_INTEGRATION,
                                      .value = "" };
            while (f != NULL && f->name != NULL && n < ALERT_FIELDS_MAX - 1) {
                rows[i].fields[n++] = field_of(f++);
            }
        }
    }
    return rows;
}


size_t
action_all(const struct action **out, size_t max)
{
    const struct action *of_integrations = integration_rows();
    size_t n = 0;

    for (size_t i = 0; i < actions_count && n < max; i++) {
        out[n++] = &actions[i];
    }
    for (size_t i = 0; i < integration_types_count && n < max; i++) {
        out[n++] = &of_integrations[i];
    }
    return n;
}


const struct action *
action_find(struct str id)
{
    const struct action *of_integrations = integration_rows();

    for (size_t i = 0; i < actions_count; i++) {
        if (str_is(id, actions[i].id)) {
            return &actions[i];
        }
    }
    for (size_t i = 0; i < integration_types_count; i++) {
        if (str_is(id, of_integrations[i].id)) {
            return &of_integrations[i];
        }
    }
    return NULL;
}


const struct json *
action_own(struct arena *a, const struct json *json)
{
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        if (str_is(json_text_of(json, "id"), aliases[i].id)) {
            struct json *own = json_clone(a, json);
            const struct json *id = json_get(json, aliases[i].field);

            json_set(own, STR("id"),
                     json_new_str(a, str_printf(a, ACTION_INTEGRATION "%s",
                                                aliases[i].type)));
            if (id != NULL) {
                json_set(own, STR("integration"), json_new_str(a, id->text));
            }
            if (aliases[i].theirs != NULL) {
                json_set(
                    own, str_of(aliases[i].ours),
                    json_new_str(a, json_text_of(json, aliases[i].theirs)));
            }
            return own;
        }
    }
    return json;
}


/* NULL: it is no action that only the other tool has. */
static const char *
foreign_fault(const struct json *json)
{
    struct str id = json_text_of(json, "id");

    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        if (str_is(id, foreign[i].id)) {
            return foreign[i].fault;
        }
    }
    /* its service is a plug-in, too */
    return str_is(id, NOTIFY_SERVICE) && json_get(json, "integration") == NULL
               ? foreign[0].fault
               : NULL;
}


bool
action_read(struct arena *a, const struct json *json, struct alert_act *out,
            const char **fault)
{
    const struct json *own = action_own(a, json);
    struct str id = json_text_of(own, "id");
    const struct action *type = action_find(id);
    struct str target = json_text_of(own, "targetType");

    *fault = foreign_fault(json);
    if (*fault != NULL) {
        return false;
    }
    if (type == NULL) {
        *fault =
            str_dup(a, lang_fill(a, N_("Invalid node. Could not find '{0}'"),
                                 FILL(str_cut(id, 200))));
        return false;
    }
    *out = (struct alert_act){ .type = type, .json = own };
    if (!alert_fields_check(a, type->fields, own, fault)) {
        return false;
    }
    if ((str_is(target, "Member") || str_is(target, "Team"))
        && id_of(out, "targetIdentifier") == 0) {
        *fault = "Choose who the mail is for.";
        return false;
    }
    out->integration_id = id_of(out, "integration");
    return true;
}


struct str
action_words(struct arena *a, const struct alert_act *act)
{
    struct str target = json_text_of(act->json, "targetType");

    if (strcmp(act->type->id, ACTION_MAIL) == 0) {
        for (size_t i = 0; targets[i].id != NULL; i++) {
            if (str_is(target, targets[i].id)) {
                return lang_keep(a, N_("Mail {0}"),
                                 FILL(lang_keep(a, targets[i].words, NULL, 0)));
            }
        }
        return lang_keep(a, N_("Mail the issue's owners"), NULL, 0);
    }
    if (act->integration_id != 0) {
        /* its number says nothing to people */
        struct str label = str_of(tr(act->type->words));
        ptrdiff_t colon = str_chr(label, ':');

        return str_sub(label, 0, colon > 0 ? (size_t) colon : label.n);
    }
    return alert_sentence(a, act->type->words, act->type->fields, act->json);
}
