"""Who may what: every route of page/routes.c, for everybody, on every kind of object.

EXPECTED is written by hand, from the access rules, and not from the program.
A route that is not in it fails the first test: add its line.
"""

import hashlib
import re
import secrets
import uuid

import pytest

from harness.build import ROOT
from page.conftest import Person, statements

pytestmark = pytest.mark.timeout(1800)  # more than ten thousand requests: a busy machine needs its time

ROLES = ["viewer", "member", "admin", "manager", "owner"]

# What each may: y yes, n no (403), - as if it were not there (404), l asked to sign in.
#
#   anonymous
#   | viewer member admin manager owner
#   | |         owner of another organisation
#   | |         |
EXPECTED = {
    "GET /": "l yyyyy y",
    "POST /logout/": "l yyyyy y",
    "GET /account/": "l yyyyy y",
    "POST /account/": "l yyyyy y",
    "GET /account/notifications/": "l yyyyy y",
    "POST /account/notifications/": "l yyyyy y",
    "POST /account/password/": "l yyyyy y",
    "POST /account/theme/": "l yyyyy y",

    "POST /account/email/": "l yyyyy y",
    "GET /account/join/": "l yyyyy y",
    "POST /account/join/": "l yyyyy y",
    "POST /account/close/": "l yyyyy y",
    "GET /account/security/": "l yyyyy y",
    "POST /account/security/": "l yyyyy y",
    "POST /account/sso/": "l yyyyy y",
    "POST /account/logins/": "l ----- -",
    "GET /account/tokens/": "l yyyyy y",
    "POST /account/tokens/": "l yyyyy y",
    "POST /account/tokens/:apitoken/revoke/": "l ----- -",

    "GET /metrics": "l nnnnn n",
    "GET /admin/health/": "l nnnnn n",
    "POST /admin/health/brake/": "l nnnnn n",
    "POST /admin/health/report/": "l nnnnn n",
    "POST /admin/health/clean-up/": "l nnnnn n",
    "GET /admin/audit/": "l nnnnn n",
    "GET /admin/letters/": "l nnnnn n",
    "POST /admin/letters/": "l nnnnn n",
    "GET /admin/letters/:letter/": "l nnnnn n",

    "GET /:org/": "l yyyyy -",
    "GET /:org/dashboard/": "l yyyyy -",
    "GET /:org/projects/": "l yyyyy -",
    "GET /:org/stats/": "l yyyyy -",
    "GET /:org/stats/csv/": "l yyyyy -",
    "GET /:org/stats/senders/": "l yyyyy -",
    "GET /:org/stats/event/": "l yyyyy -",
    "GET /:org/stats/refused/": "l nnyyy -",
    "POST /:org/stats/event/": "l nnyyy -",
    "GET /:org/new-project/": "l nnyyy -",
    "POST /:org/new-project/": "l nnyyy -",

    "GET /:org/feedback/": "l yyyyy -",
    "POST /:org/feedback/": "l nyyyy -",
    "GET /:org/feedback/:feedback/": "l yyyyy -",
    "GET /:org/projects/:project/attachments/:attachment/": "l yyyyy -",
    "GET /:org/projects/:project/attachments/:attachment/raw/": "l yyyyy -",
    "POST /:org/projects/:project/attachments/:attachment/delete/": "l nyyyy -",
    "GET /:org/explore/": "l yyyyy -",
    "GET /:org/explore/csv/": "l yyyyy -",
    "GET /:org/explore/ndjson/": "l yyyyy -",
    "GET /:org/explore/sessions/": "l yyyyy -",
    "GET /:org/explore/sessions/csv/": "l yyyyy -",
    "GET /:org/explore/saved/": "l yyyyy -",
    "POST /:org/explore/saved/": "l yyyyy -",
    "POST /:org/explore/saved/:question/": "l nnyyy -",  # a shared one
    "GET /:org/releases/": "l yyyyy -",
    "GET /:org/releases/:version/": "l yyyyy -",
    "POST /:org/releases/:version/": "l nyyyy -",
    "GET /:org/releases/:version/compare/": "l yyyyy -",
    "GET /:org/issues/": "l yyyyy -",
    "POST /:org/issues/": "l nyyyy -",
    "GET /:org/issues/csv/": "l yyyyy -",
    "GET /:org/issues/ndjson/": "l yyyyy -",
    "GET /:org/issues/:issue/": "l yyyyy -",
    "GET /:org/issues/:issue/json/": "l yyyyy -",
    "GET /:org/issues/:issue/markdown/": "l yyyyy -",
    "POST /:org/issues/:issue/": "l nyyyy -",
    "GET /:org/issues/:issue/events/": "l yyyyy -",
    "GET /:org/issues/:issue/csv/": "l yyyyy -",
    "GET /:org/issues/:issue/ndjson/": "l yyyyy -",
    "GET /:org/issues/:issue/events/:event/": "l yyyyy -",
    "GET /:org/issues/:issue/events/:event/json/": "l yyyyy -",
    "GET /:org/issues/:issue/events/:event/markdown/": "l yyyyy -",
    "POST /:org/issues/:issue/comments/": "l nyyyy -",
    "POST /:org/issues/:issue/comments/:comment/": "l n---- -",  # one's own alone
    "POST /:org/issues/:issue/share/": "l nyyyy -",
    "GET /:org/issues/:issue/tags/": "l yyyyy -",
    "GET /:org/issues/:issue/similar/": "l yyyyy -",
    "GET /:org/issues/:issue/merged/": "l yyyyy -",
    "POST /:org/issues/:issue/merged/": "l nyyyy -",
    "POST /:org/issues/view/": "l yyyyy -",
    "POST /:org/issues/filter/": "l yyyyy -",
    "GET /:org/issues/searches/": "l yyyyy -",
    "POST /:org/issues/searches/": "l yyyyy -",
    "POST /:org/issues/searches/:search/": "l nnyyy -",  # a shared one
    "GET /:org/issues/suggest/": "l yyyyy -",
    "GET /:org/issues/help/": "l yyyyy -",
    "GET /:org/issues/atom/": "l yyyyy -",
    "GET /:org/issues/merge/": "l nyyyy -",
    "POST /:org/issues/merge/": "l nyyyy -",
    "POST /:org/undo/:undo/": "l n---- -",  # one's own alone
    "GET /:org/jobs/": "l yyyyy -",
    "GET /:org/jobs/:job/": "l yyyyy -",
    "POST /:org/jobs/:job/": "l nyyyy -",

    "GET /:org/issues/:issue/tickets/new/": "l nyyyy -",
    "POST /:org/issues/:issue/tickets/new/": "l nyyyy -",
    "GET /:org/issues/:issue/tickets/link/": "l nyyyy -",
    "POST /:org/issues/:issue/tickets/link/": "l nyyyy -",
    "POST /:org/issues/:issue/tickets/:ticket/unlink/": "l nyyyy -",

    "GET /:org/live/": "l yyyyy -",
    "GET /:org/live/issues/": "l yyyyy -",

    "GET /:org/alerts/": "l yyyyy -",
    "POST /:org/alerts/": "l nyyyy -",
    "GET /:org/alerts/new/": "l nyyyy -",
    "POST /:org/alerts/new/": "l nyyyy -",
    "GET /:org/alerts/history/": "l yyyyy -",
    "GET /:org/alerts/incidents/": "l yyyyy -",
    "POST /:org/alerts/incidents/": "l nyyyy -",
    "GET /:org/alerts/channels/": "l yyyyy -",
    "GET /:org/alerts/deliveries/": "l yyyyy -",
    "GET /:org/alerts/export/": "l yyyyy -",
    "GET /:org/alerts/import/": "l nyyyy -",
    "POST /:org/alerts/import/": "l nyyyy -",
    "GET /:org/alerts/:rule/": "l yyyyy -",
    "POST /:org/alerts/:rule/": "l nyyyy -",

    "GET /:org/projects/:project/": "l yyyyy -",
    "POST /:org/projects/:project/star/": "l yyyyy -",
    "GET /:org/projects/:project/getting-started/": "l yyyyy -",
    "GET /:org/projects/:project/getting-started/poll": "l yyyyy -",
    "POST /:org/projects/:project/getting-started/sample/": "l nnyyy -",
    "GET /:org/projects/:project/keys/": "l yyyyy -",
    "POST /:org/projects/:project/keys/": "l nnyyy -",
    "POST /:org/projects/:project/keys/:key/": "l nnyyy -",
    "POST /:org/projects/:project/keys/:key/rotate/": "l nnyyy -",
    "POST /:org/projects/:project/keys/:key/delete/": "l nnyyy -",
    "GET /:org/projects/:project/filters/": "l yyyyy -",
    "POST /:org/projects/:project/filters/": "l nnyyy -",
    "GET /:org/projects/:project/mails/": "l yyyyy -",
    "POST /:org/projects/:project/mails/": "l nnyyy -",
    "GET /:org/projects/:project/grouping/": "l yyyyy -",
    "POST /:org/projects/:project/grouping/": "l nnyyy -",
    "GET /:org/projects/:project/ownership/": "l yyyyy -",
    "POST /:org/projects/:project/ownership/": "l nnyyy -",
    "GET /:org/projects/:project/code/": "l yyyyy -",
    "POST /:org/projects/:project/code/": "l nnyyy -",
    "GET /:org/projects/:project/origins/": "l yyyyy -",
    "POST /:org/projects/:project/origins/": "l nnyyy -",
    "GET /:org/projects/:project/life/": "l yyyyy -",
    "POST /:org/projects/:project/life/": "l nnyyy -",
    "GET /:org/projects/:project/data/": "l yyyyy -",
    "POST /:org/projects/:project/data/": "l nnyyy -",
    "GET /:org/projects/:project/tags/": "l yyyyy -",
    "POST /:org/projects/:project/tags/": "l nnyyy -",
    "GET /:org/projects/:project/environments/": "l yyyyy -",
    "POST /:org/projects/:project/environments/": "l nnyyy -",
    "GET /:org/projects/:project/access/": "l yyyyy -",
    "POST /:org/projects/:project/access/": "l nnyyy -",
    "GET /:org/projects/:project/scrubbing/": "l yyyyy -",
    "POST /:org/projects/:project/scrubbing/": "l nnyyy -",
    "GET /:org/projects/:project/limits/": "l nnyyy -",
    "POST /:org/projects/:project/limits/": "l nnyyy -",
    "GET /:org/projects/:project/settings/": "l nnyyy -",
    "POST /:org/projects/:project/settings/": "l nnyyy -",
    "POST /:org/projects/:project/archive/": "l nnyyy -",
    "POST /:org/projects/:project/delete/": "l nnyyy -",
    "GET /:org/projects/:project/transfer/": "l nnnny -",
    "POST /:org/projects/:project/transfer/": "l nnnny -",
    "GET /:org/settings/transfers/": "l nnnny -",
    "POST /:org/settings/transfers/:transfer/": "l nnnny -",

    "GET /:org/settings/": "l nnnyy -",
    "POST /:org/settings/": "l nnnyy -",
    "POST /:org/settings/delete/": "l nnnny -",
    "GET /:org/settings/security/": "l nnnyy -",
    "POST /:org/settings/security/": "l nnnyy -",
    "GET /:org/settings/sso/": "l nnnny -",
    "GET /:org/settings/sso/:provider/": "l nnnny -",
    "POST /:org/settings/sso/:provider/": "l nnnny -",
    "POST /:org/settings/sso/:provider/test/": "l nnnny -",
    "POST /:org/settings/sso/:provider/remove/": "l nnnny -",
    "GET /:org/settings/limits/": "l nnnyy -",
    "POST /:org/settings/limits/": "l nnnyy -",
    "GET /:org/settings/code/": "l yyyyy -",
    "GET /:org/settings/usage/": "l nnnyy -",
    "GET /:org/settings/data/": "l nnnyy -",
    "POST /:org/settings/data/": "l nnnyy -",
    "GET /:org/settings/import/": "l nnnyy -",
    "POST /:org/settings/import/": "l nnnyy -",
    "GET /:org/settings/audit/": "l nnnyy -",
    "GET /:org/settings/audit/csv/": "l nnnyy -",
    "GET /:org/settings/audit/ndjson/": "l nnnyy -",
    "GET /:org/settings/roles/": "l yyyyy -",
    "GET /:org/settings/teams/": "l yyyyy -",
    "POST /:org/settings/teams/": "l nnnyy -",
    "GET /:org/settings/teams/:team/": "l yyyyy -",
    "POST /:org/settings/teams/:team/": "l nnyyy -",
    "POST /:org/settings/teams/:team/delete/": "l nnyyy -",
    "POST /:org/settings/teams/:team/join/": "l yyyyy -",
    "POST /:org/settings/teams/:team/leave/": "l yyyyy -",
    "POST /:org/settings/teams/:team/members/": "l nnyyy -",
    "POST /:org/settings/teams/:team/projects/": "l nnyyy -",
    "GET /:org/settings/members/": "l yyyyy -",
    "POST /:org/settings/members/": "l nnnyy -",
    "POST /:org/settings/members/requests/": "l nnnyy -",
    "POST /:org/settings/members/:member/": "l nnnyy -",
    "POST /:org/settings/members/:member/remove/": "l nnnyy -",
    "POST /:org/settings/members/:member/second/": "l nnnny -",
    "POST /:org/settings/leave/": "l yyyyy -",
    "GET /:org/settings/integrations/": "l nnnyy -",
    "GET /:org/settings/integrations/new/:type/": "l nnnyy -",
    "POST /:org/settings/integrations/new/:type/": "l nnnyy -",
    "GET /:org/settings/integrations/:integration/": "l nnnyy -",
    "POST /:org/settings/integrations/:integration/": "l nnnyy -",
    "POST /:org/settings/integrations/:integration/test/": "l nnnyy -",
    "POST /:org/settings/integrations/:integration/remove/": "l nnnyy -",
    "POST /:org/settings/invitations/:invitation/resend/": "l nnnyy -",
    "POST /:org/settings/invitations/:invitation/revoke/": "l nnnyy -",
}

# For everybody, without a sign-in: what an anonymous visitor gets.
PUBLIC = {
    "GET /healthz": 200,
    "GET /readyz": 200,
    "GET /login/": 200,
    "POST /login/": 403,
    "POST /login/csp/": 204,
    "GET /login/sso/": 200,
    "GET /login/sso/callback/": 403,
    "GET /login/sso/:slug/": 200,
    "GET /login/sso/:slug/:provider/": 404,
    "POST /login/sso/:slug/:provider/": 404,
    "GET /login/second/": 303,
    "POST /login/second/": 303,
    "GET /login/forgot/": 200,
    "POST /login/forgot/": 200,
    "GET /login/first/:token/": 404,
    "POST /login/first/:token/": 404,
    "GET /account/email/:token/": 404,
    "POST /account/email/:token/": 404,
    "GET /login/link/:token/": 404,
    "POST /login/link/:token/": 404,
    "GET /mail/:token/": 404,
    "POST /mail/:token/": 404,
    "GET /invitation/:token/": 404,
    "POST /invitation/:token/": 404,
    "POST /hooks/:token/": 404,
    "GET /share/issue/:token/": 404,
}

FORMS = {"POST /:org/settings/transfers/:transfer/": {"do": "decline"},
         "POST /:org/projects/:project/transfer/": {"withdraw": "1"},
         "POST /:org/projects/:project/archive/": {"back": "1"},
         "POST /:org/projects/:project/getting-started/sample/": {"kind": "message"},
         "POST /:org/projects/:project/tags/": {"hide": "level"},
         "POST /:org/projects/:project/environments/": {"hide": "production"},
         "POST /:org/projects/:project/access/": {"team": "ours-team", "add": "1"},
         "POST /account/logins/": {"login": "0" * 64},
         "POST /:org/settings/security/": {"local_passwords": "1"},
         "POST /:org/projects/:project/star/": {"on": "1"},
         "POST /:org/feedback/": {"do": "spam", "id": "0"},
         "POST /:org/issues/:issue/": {"do": "review"},
         "POST /:org/issues/:issue/comments/": {"text": "seen"},
         "POST /:org/issues/:issue/comments/:comment/": {"text": "seen again"},
         "POST /:org/issues/:issue/share/": {"on": "0"},
         "POST /:org/issues/searches/:search/": {"do": "delete"},
         "POST /:org/explore/saved/:question/": {"do": "delete"},
         "POST /:org/issues/": {"do": "resolve", "issue": "0"},
         "POST /:org/settings/members/requests/": {"do": "close"},
         "POST /:org/settings/members/:member/": {"role": "member"},
         "POST /:org/settings/teams/:team/": {"name": "Team", "slug": "team"},
         "POST /:org/settings/teams/:team/projects/": {"project": ""}}

CANARY = "Kanarienvogel"


class Side:
    """An organisation with one of everything; values of the names in patterns."""

    def __init__(self, stack, word):
        self.stack = stack
        self.word = word
        self.owner = stack.create_account(f"{secrets.token_hex(4)}@example.org", name=f"{word} owner")
        self.org = f"org-{secrets.token_hex(4)}"
        self.project = stack.create_project(org=self.org, owner=self.owner.email, name=f"{word} project")
        self.id = stack.value("select id from organization where slug = %s", self.org)
        stack.sql("update organization set name = %s where id = %s", f"{word} org", self.id)
        stack.sql("update project_key set label = %s where organization_id = %s", f"{word} key", self.id)
        self.event = uuid.uuid4().hex
        answer = stack.send_envelope(self.project, {"event_id": self.event}, [
            ({"type": "event"}, {"event_id": self.event, "message": f"{word} message", "release": f"{self.org}@1.0"}),
            ({"type": "attachment", "filename": f"{word}.txt"}, f"{word} bytes".encode()),
            ({"type": "user_report"}, {"event_id": self.event, "comments": f"{word} words"})])
        assert answer.status_code == 200, answer.text
        self.event = stack.send_event(self.project, message=f"{word} message", release=f"{self.org}@1.0",
                                      environment="production")
        stack.wait_for_event(self.event)
        self.value("team")

    def victim(self):
        account = self.stack.value("insert into account (email, name) values (%s, 'Victim') returning id",
                                   f"{secrets.token_hex(6)}@example.org")
        self.stack.sql("insert into member (organization_id, account_id, role) values (%s, %s, 'viewer')",
                       self.id, account)
        return account

    def invitation(self):
        return self.stack.value(
            "insert into invitation (organization_id, email, role, digest, expires_at)"
            " values (%s, %s, 'viewer', %s, now() + interval '1 day') returning id",
            self.id, f"{secrets.token_hex(6)}@example.org", secrets.token_hex(32))

    def attachment(self):
        """One more of the same bytes, as it can be deleted only once."""
        columns = "organization_id, project_id, event_id, name, type, size, hash, received_at"
        return self.stack.value(f"insert into attachment ({columns}) select {columns} from attachment"
                                " where project_id = %s order by id limit 1 returning id", self.project.id)

    def value(self, name):
        if name == "org":
            return self.org
        if name == "project":
            return self.project.slug
        if name == "issue":
            return f"{self.project.slug.upper()}-1"
        if name == "event":
            return self.event
        if name == "letter":
            return self.stack.redis.xadd("vedette:events:dead", {
                "v": "1", "o": self.id, "p": self.project.id, "dead_id": "1-0", "dead_reason": "crash"}).decode()
        if name == "feedback":
            return self.stack.value("select id from feedback where project_id = %s", self.project.id)
        if name == "attachment":
            return self.attachment()
        if name == "version":
            return f"{self.org}@1.0"
        if name == "key":
            return self.stack.value(
                "insert into project_key (organization_id, project_id, public_key, label, is_active)"
                " values (%s, %s, %s, %s, false) returning id",
                self.id, self.project.id, secrets.token_hex(16), f"{self.word} key")
        if name == "apitoken":
            return 999999999
        if name == "team":
            slug = f"{self.word.lower()}-team"
            self.stack.sql("insert into team (organization_id, slug, name) values (%s, %s, %s)"
                           " on conflict do nothing", self.id, slug, f"{self.word} team")
            return slug
        if name == "rule":
            return self.stack.value(
                "insert into alert_rule (organization_id, kind, name, data, all_projects) values"
                " (%s, 'issue', %s, '{\"actions\": [{\"id\": \"vedette.actions.LogAction\"}]}', true)"
                " returning id", self.id, f"{self.word} rule")
        if name == "type":
            return "webhook"
        if name == "provider":
            self.stack.sql("insert into integration (organization_id, type, name, sealed) values (%s, 'sso-oidc', %s, '')"
                           " on conflict do nothing", self.id, f"{self.word} provider")
            return "oidc"
        if name == "integration":
            return self.stack.value(
                "insert into integration (organization_id, type, name, sealed, state) values (%s, 'slack',"
                " %s, '', 2) returning id", self.id, f"{self.word} {secrets.token_hex(4)}")
        if name == "ticket":
            return self.stack.value(
                "with t as (insert into ticket (organization_id, integration_id, key, url, title)"
                " values (%s, %s, %s, '', '') returning id),"
                " l as (insert into ticket_issue (organization_id, ticket_id, issue_id)"
                " select %s, t.id, i.id from t, issue i where i.organization_id = %s order by i.id limit 1)"
                " select id from t", self.id, self.value("integration"), f"{self.word} {secrets.token_hex(4)}",
                self.id, self.id)
        if name == "comment":
            return self.stack.value(
                "insert into activity (organization_id, issue_id, kind, data) select %s, i.id, 'comment', %s"
                " from issue i where i.project_id = %s order by i.number limit 1 returning id",
                self.id, f'{{"text": "{self.word} words"}}', self.project.id)
        if name == "undo":
            return self.stack.value(
                "insert into undo (organization_id, account_id, title) select %s, id, 'x' from account"
                " where email = %s returning id", self.id, self.owner.email)
        if name in ("search", "question"):
            return self.stack.value(
                "insert into saved_search (organization_id, name, query, sort, place) values (%s, %s, '', 'seen', %s)"
                " returning id", self.id, f"{self.word} {secrets.token_hex(8)}", int(name == "question"))
        if name == "transfer":
            return self.stack.value(
                "with p as (insert into project (organization_id, slug, name) values (%s, %s, 'Offered') returning id)"
                " insert into project_transfer (from_organization, organization_id, project_id, address, asked_name,"
                " asked_email, expires_at) select %s, %s, p.id, '', '', '', now() + interval '1 day' from p returning id",
                self.id, f"offered-{secrets.token_hex(4)}", self.id, self.id)
        if name == "job":
            return self.stack.value(
                "insert into job (organization_id, kind, title, state) values (%s, 'issues', %s, 1)"
                " returning id", self.id, f"{self.word} job")
        return self.victim() if name == "member" else self.invitation()

    def everything(self):
        """All rows of this organisation, as texts; what the tests before have sent and set going is done."""
        self.stack.wait_for(lambda: self.stack.redis.xlen("vedette:events") == 0, what="an empty stream")
        self.stack.wait_for_counters()
        self.stack.wait_for(lambda: not self.stack.sql("select 1 from job where organization_id = %s and state = 0", self.id))
        tables = ("member", "project", "project_key", "issue", "event", "invitation", "activity", "audit",
                  "team", "team_member", "team_project", "team_request", "integration", "ticket", "alert_rule", "alert_mute",
                  "alert_fire", "incident", "feedback", "attachment", "job", "undo", "issue_bookmark",
                  "issue_subscription", "sso_identity", "saved_search", "saved_search_default")
        rows = [f"organization {row}" for row in self.stack.sql("select * from organization where id = %s", self.id)]
        for table in tables:
            rows += [f"{table} {row[0]}" for row in self.stack.sql(
                f"select (to_jsonb(t) - 'last_seen_at')::text from {table} t where organization_id = %s order by 1", self.id)]
        return rows


MISSING = {"feedback": "999999999", "attachment": "999999999", "rule": "999999999",
           "version": "none@9.9", "org": "org-none-at-all", "project": "no-such-project", "issue": "NO-SUCH-1",
           "event": uuid.UUID(int=1).hex, "key": "999999999", "member": "999999999",
           "invitation": "999999999", "team": "no-such-team", "type": "no-such-type", "provider": "no-such",
           "integration": "999999999", "ticket": "999999999", "apitoken": "999999999", "comment": "999999999",
           "undo": "999999999", "search": "999999999", "question": "999999999", "job": "999999999", "transfer": "999999999",
           "letter": "1-0"}


def names_in(route):
    return re.findall(r":(\w+)", route.partition(" ")[2])


def path_of(route, values):
    return re.sub(r":(\w+)", lambda m: str(values[m.group(1)]), route.partition(" ")[2])


def ask(person, route, path):
    """One letter for what came back, and the answer."""
    if route.startswith("GET"):
        answer = person.get(path)
    else:
        if not hasattr(person, "token"):
            person.token = person.csrf
        answer = person.post(path, csrf=person.token, **FORMS.get(route, {}))
    where = answer.headers.get("Location", "")
    if answer.status_code == 303 and re.match(r"/login/(\?next=|$)", where):
        return "l", answer
    assert answer.status_code < 500, f"{route}: {answer.status_code}"
    return {403: "n", 404: "-"}.get(answer.status_code, "y"), answer


def look(answer, path, values):
    """The answer without what differs by itself: what was asked for, ids and times."""
    text = answer.text.replace(path, "PATH")
    for name in ("event", "org"):
        text = text.replace(str(values[name]), name.upper())
    varies = r'Request <span[^>]*>[^<]*|rendered in [^<]*|data-now="[^"]*"|\d+ s ago|just now'
    return answer.status_code, re.sub(varies, "", text)


@pytest.fixture(scope="module")
def sides(stack):
    return Side(stack, "Ours"), Side(stack, CANARY)


@pytest.fixture
def people(stack, sides):
    """[(name, person)] in the order of the columns of EXPECTED."""
    ours, theirs = sides
    found = [("anonymous", Person(stack))]
    for role in ROLES:
        account = stack.create_account()
        stack.sql("insert into member select %s, id, %s from account where email = %s",
                  ours.id, role, account.email)
        found.append((role, Person(stack).sign_in(account.email)))
    return [*found, ("foreign owner", Person(stack).sign_in(theirs.owner.email))]


def table():
    for route, letters in EXPECTED.items():
        yield route, letters.replace(" ", "")


def test_every_route_has_its_line():
    source = (ROOT / "fcgi_app" / "page" / "routes.c").read_text()
    rows = re.findall(r'\{\s*METHOD_(GET|POST),\s*"([^"]+)"', source)
    assert rows, "the table is not where it was"
    assert {f"{method} {pattern}" for method, pattern in rows} == set(EXPECTED) | set(PUBLIC)


def test_the_public_ones_let_nobody_in(stack, stranger):
    stack.wait_for(lambda: stack.get("/healthz").status_code == 200)
    for route, status in PUBLIC.items():
        path = path_of(route, {"token": "A" * 43, "slug": "acme", "provider": "oidc"})
        answer = stranger.get(path) if route.startswith("GET") else stranger.post(path, csrf="")
        assert answer.status_code == status, route
        assert "Set-Cookie" not in answer.headers, route


def test_everybody_may_what_the_table_says(stack, sides, people):
    ours, _ = sides
    wrong = []
    last = ("POST /logout/", "POST /:org/settings/leave/", "POST /:org/projects/:project/delete/")
    for route, letters in sorted(table(), key=lambda row: row[0] in last):
        for column, (name, person) in enumerate(people):
            if route == "POST /:org/settings/leave/" and name == "owner":
                # the other owner is there: this one may go
                assert stack.value("select count(*) from member where organization_id = %s"
                                   " and role = 'owner'", ours.id) == 2
            if route == "POST /logout/":
                continue
            path = path_of(route, {n: ours.value(n) for n in names_in(route)})
            got, answer = ask(person, route, path)
            if got != letters[column]:
                wrong.append(f"{name}: {route}: {letters[column]} is right, {got} came"
                             f" ({answer.status_code})")
            if name != "foreign owner" and CANARY in answer.text:
                wrong.append(f"{name}: {route}: shows what is another's")
    for column, (name, person) in enumerate(people):
        got, _ = ask(person, "POST /logout/", "/logout/")
        if got != EXPECTED["POST /logout/"].replace(" ", "")[column]:
            wrong.append(f"{name}: POST /logout/: {got}")
    assert wrong == [], "\n".join(wrong)


# What an API token may read, and the scope that it has to have.  All else is refused to every token.
TOKEN_READS = {
    "GET /:org/issues/csv/": "event:read",
    "GET /:org/issues/ndjson/": "event:read",
    "GET /:org/issues/:issue/csv/": "event:read",
    "GET /:org/issues/:issue/ndjson/": "event:read",
    "GET /:org/issues/:issue/events/:event/json/": "event:read",
    "GET /:org/issues/:issue/events/:event/markdown/": "event:read",
    "GET /:org/issues/:issue/json/": "event:read",
    "GET /:org/issues/:issue/markdown/": "event:read",
    "GET /:org/issues/suggest/": "event:read",
    "GET /:org/issues/atom/": "feed:read",
    "GET /:org/live/": "event:read",
    "GET /:org/live/issues/": "event:read",
    "GET /:org/explore/csv/": "event:read",
    "GET /:org/explore/ndjson/": "event:read",
    "GET /:org/explore/sessions/csv/": "event:read",
    "GET /:org/projects/:project/attachments/:attachment/raw/": "event:read",
    "GET /:org/alerts/export/": "alerts:read",
    "GET /:org/stats/csv/": "org:read",
    "GET /:org/projects/:project/getting-started/poll": "project:read",
    "GET /:org/settings/audit/csv/": "org:write",
    "GET /:org/settings/audit/ndjson/": "org:write",
    "GET /metrics": "system:read",
}


class Bearer(Person):
    """A program with a header of its own instead of cookies."""

    csrf = ""

    def __init__(self, stack, header):
        super().__init__(stack)
        self.session.headers["Authorization"] = header


def token_of(stack, email, scopes):
    secret = f"sntryu_{secrets.token_hex(32)}"
    stack.sql("insert into api_token (account_id, name, digest, ending, scopes)"
              " select id, 'matrix', %s, %s, %s from account where email = %s",
              hashlib.blake2b(secret.encode(), digest_size=32).hexdigest(), secret[-4:], scopes, email)
    return secret


def test_who_is_nobody_any_more_or_no_person_at_all(stack, sides):
    """A session that ended, an account that is off, a client key: all as an anonymous visitor."""
    ours, _ = sides
    expired = Person(stack).sign_in(stack.create_account().email)
    expired.token = expired.csrf
    digest = hashlib.blake2b(expired.session.cookies["vedette"].encode(), digest_size=32).hexdigest()
    stack.redis.hincrby(f"vedette:login:{digest}", "created", -31 * 86400)
    account = stack.create_account()
    disabled = Person(stack).sign_in(account.email)
    disabled.token = disabled.csrf
    stack.sql("update account set is_active = false where email = %s", account.email)
    key = Bearer(stack, f"DSN {ours.project.dsn}")
    wrong = []
    values = {n: ours.value(n) for n in MISSING}
    for route, letters in table():
        for name, person in (("expired", expired), ("disabled", disabled), ("client key", key)):
            got, answer = ask(person, route, path_of(route, values))
            if got != letters[0]:
                wrong.append(f"{name}: {route}: {got} ({answer.status_code})")
    assert wrong == [], "\n".join(wrong)


def test_tokens_read_what_their_scope_says_and_nothing_of_others(stack, sides):
    ours, theirs = sides
    everything = "org:read project:read feed:read event:read event:write member:read team:read alerts:read alerts:write org:write"
    full = Bearer(stack, f"Bearer {token_of(stack, ours.owner.email, everything)}")
    small = Bearer(stack, f"Bearer {token_of(stack, ours.owner.email, 'team:read')}")
    foreign = Bearer(stack, f"Bearer {token_of(stack, theirs.owner.email, everything)}")
    before, wrong = ours.everything(), []
    values = {n: ours.value(n) for n in MISSING}
    before = ours.everything()
    for route, _ in table():
        reads = TOKEN_READS.get(route)
        right = {"full": "y" if reads and reads != "system:read" else "n", "small": "n",
                 "foreign": "-" if reads and ":org" in route else "n"}
        for name, person in (("full", full), ("small", small), ("foreign", foreign)):
            got, answer = ask(person, route, path_of(route, values))
            if got != right[name]:
                wrong.append(f"token {name}: {route}: {right[name]} is right, {got} came ({answer.status_code})")
            if name == "full" and CANARY in answer.text:
                wrong.append(f"{route}: shows what is another's")
    assert wrong == [], "\n".join(wrong)
    assert ours.everything() == before


def test_in_a_closed_organisation_projects_are_for_their_teams(stack, sides):
    """A member of no team sees the organisation and none of its projects; one of the team sees them."""
    ours, _ = sides
    side = Side(stack, "Closed")
    stack.sql("update organization set open_membership = false where id = %s", side.id)
    people = []
    for inside in (False, True):
        account = stack.create_account()
        stack.sql("insert into member select %s, id, 'member' from account where email = %s", side.id, account.email)
        if inside:
            stack.sql("insert into team_member (organization_id, team_id, account_id, role) select %s, t.id, a.id, 'contributor'"
                      " from team t, account a where t.organization_id = %s and a.email = %s", side.id, side.id, account.email)
        people.append(Person(stack).sign_in(account.email))
    stack.sql("insert into team_project (organization_id, team_id, project_id) select %s, id, %s from team"
              " where organization_id = %s on conflict do nothing", side.id, side.project.id, side.id)
    wrong = []
    for route, letters in table():
        if ":project" not in route and ":issue/" not in route:
            continue
        for person, right in zip(people, ("-", letters[2])):
            got, answer = ask(person, route, path_of(route, {n: side.value(n) for n in names_in(route)}))
            if got != right:
                wrong.append(f"{'in' if right != '-' else 'outside'}: {route}: {right} is right, {got} came ({answer.status_code})")
    assert wrong == [], "\n".join(wrong)


def test_what_is_anothers_looks_like_what_is_not_there(stack, sides, people):
    """Their organisation, and their objects under the path of ours, one by one."""
    ours, theirs = sides
    foreign = {n: theirs.value(n) for n in MISSING}
    own = {n: ours.value(n) for n in MISSING}
    before = theirs.everything()
    wrong, asked = [], 0
    for route, _ in table():
        cases = [({**foreign}, {**foreign, "org": MISSING["org"]})] if ":org" in route else []
        cases += [({**own, n: foreign[n]}, {**own, n: MISSING[n]})
                  for n in names_in(route) if n not in ("org", "type", "provider")]
        for name, person in people[:-1]:
            for values, missing in cases:
                path, none = path_of(route, values), path_of(route, missing)
                got, answer = ask(person, route, path)
                like, other = ask(person, route, none)
                asked += 1
                # an event that is gone: its issue, with a sentence that says so
                shown = route == "GET /:org/issues/:issue/events/:event/" and values == {**own, "event": foreign["event"]}
                if got == "y" and not shown or (got == "n" and values["org"] == theirs.org):
                    wrong.append(f"{name}: {route}: {got} for {path}")
                if got != "l" and look(answer, path, values) != look(other, none, missing):
                    wrong.append(f"{name}: {route}: {got} for {path}, {like} for {none}")
                if CANARY in answer.text:
                    wrong.append(f"{name}: {route}: {path} shows what is another's")
    assert wrong == [], "\n".join(wrong)
    assert asked > 200
    assert theirs.everything() == before, "something of theirs was changed"


def test_what_is_anothers_takes_no_more_than_what_is_not_there(stack, sides, people):
    """By time nothing is told either: both ask the database equally often.  A web process keeps some answers for a
    while, so that the least of some tries counts."""
    ours, theirs = sides
    foreign = {n: theirs.value(n) for n in MISSING}
    own = {n: ours.value(n) for n in MISSING}
    owner = dict(people)["owner"]
    wrong, asked = [], 0
    for route, _ in table():
        cases = [({**foreign}, {**foreign, "org": MISSING["org"]})] if ":org" in route else []
        cases += [({**own, n: foreign[n]}, {**own, n: MISSING[n]})
                  for n in names_in(route) if n not in ("org", "type", "provider")]
        for pair in cases:
            least = [1000, 1000]
            for _ in range(20):
                for side, values in enumerate(pair):
                    _, answer = ask(owner, route, path_of(route, values))
                    least[side] = min(least[side], statements(answer))
                if least[0] == least[1]:
                    break
            asked += 1
            if least[0] != least[1]:
                wrong.append(f"{route}: {least[0]} statements for {path_of(route, pair[0])}, {least[1]} for what is not there")
    assert wrong == [], "\n".join(wrong)
    assert asked > 200


def test_methods_that_no_row_has_are_refused_for_everybody(stack, sides, people):
    """405 with what the path knows, whoever asks and whosever it is; HEAD is GET without the page."""
    ours, theirs = sides
    words = {"slug": "acme", "token": "A" * 43}
    own, foreign = ({**words, **{n: side.value(n) for n in MISSING}} for side in sides)
    before, wrong, asked = (ours.everything(), theirs.everything()), [], 0
    token = Bearer(stack, f"Bearer {token_of(stack, ours.owner.email, 'org:read event:read')}")
    rows = {}
    for route in {**EXPECTED, **PUBLIC}:
        method, pattern = route.split(" ")
        rows.setdefault(pattern, set()).add(method)
    for pattern, known in rows.items():
        allow = {*known, "HEAD"} if "GET" in known else known
        paths = [path_of(f"GET {pattern}", values) for values in (own, foreign, {**words, **MISSING})]
        for name, person in [*people, ("token", token)]:
            for path in paths if ":" in pattern else paths[:1]:
                for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - known:
                    answer = person.session.request(method, stack.url + path, allow_redirects=False, timeout=60,
                                                    headers={"Sec-Fetch-Site": "same-origin"})
                    asked += 1
                    if answer.status_code != 405 or set(answer.headers["Allow"].split(", ")) != allow:
                        wrong.append(f"{name}: {method} {path}: {answer.status_code} {answer.headers.get('Allow')}")
            if "GET" in known and f"GET {pattern}" in EXPECTED:
                answer = person.session.head(stack.url + paths[0], allow_redirects=False, timeout=60)
                like = person.get(paths[0])
                asked += 1
                if answer.status_code != like.status_code or answer.content:
                    wrong.append(f"{name}: HEAD {paths[0]}: {answer.status_code}, GET {like.status_code}")
    assert wrong == [], "\n".join(wrong[:50])
    assert asked > 10_000
    assert (ours.everything(), theirs.everything()) == before
