"""Jira, as it answers: Cloud by REST v3 and Data Center by REST v2."""

import base64
import re

from integration.fake import check
from integration.tracker import Tracker

TYPES = [{"id": "10001", "name": "Task", "subtask": False}, {"id": "10002", "name": "Bug", "subtask": False},
         {"id": "10003", "name": "Sub-task", "subtask": True}]

FIELDS = [
    {"fieldId": "summary", "name": "Summary", "required": True, "schema": {"type": "string", "system": "summary"}},
    {"fieldId": "labels", "name": "Labels", "required": False, "schema": {"type": "array", "items": "string"}},
    {"fieldId": "priority", "name": "Priority", "required": False, "schema": {"type": "priority"},
     "allowedValues": [{"id": "1", "name": "Highest"}, {"id": "2", "name": "High"}, {"id": "3", "name": "Medium"}]},
    {"fieldId": "duedate", "name": "Due date", "required": False, "schema": {"type": "date", "system": "duedate"}},
    {"fieldId": "customfield_10010", "name": "Severity", "required": False,
     "schema": {"type": "option", "custom": "com.atlassian.jira.plugin.system.customfieldtypes:select"},
     "allowedValues": [{"id": "20", "value": "Sev 1"}, {"id": "21", "value": "Sev 2"}]},
    {"fieldId": "customfield_10011", "name": "Points", "required": False, "schema": {"type": "number"}},
    {"fieldId": "timetracking", "name": "Time", "required": False, "schema": {"type": "timetracking"}},
]

STATUS = {False: {"id": "1", "name": "To Do", "statusCategory": {"key": "new"}},
          True: {"id": "3", "name": "Done", "statusCategory": {"key": "done"}}}


class Jira(Tracker):
    type = description = "jira"
    project = "SHOP"
    open_word, done_word = "To Do", "Done"
    signature = "X-Hub-Signature"
    edition, version, person = "cloud", "3", "accountId"
    filled_in = ({"type": "10001", "priority": "3", "f_customfield_10010": "21", "f_customfield_10011": "2.5",
                  "f_duedate": "2026-12-24"},
                 {"issuetype": {"id": "10001"}, "priority": {"id": "3"}, "customfield_10010": {"id": "21"},
                  "customfield_10011": 2.5, "duedate": "2026-12-24", "project": {"key": "SHOP"}})

    def connection(self):
        return {"url": self.url, "edition": self.edition, "project": self.project, "issuetype": "Bug", **self.account()}

    def account(self):
        return {"email": "bot@example.org", "token": "jira-token-123456"}

    def authorization(self):
        return "Basic " + base64.b64encode(b"bot@example.org:jira-token-123456").decode()

    def teach(self):
        api, key = f"/rest/api/{self.version}", r"(SHOP-\d+)"
        self.headers = {"Authorization": re.escape(self.authorization()), "Accept": "application/json"}
        self.get(f"{api}/myself", lambda seen: (200, {self.person: "me"}))
        self.get(f"{api}/project/search", lambda seen: (200, {"values": self.projects()}))
        self.get(f"{api}/user/assignable/search", self.search_people)
        self.get(rf"{api}/issue/{key}", self.show)
        self.post(f"{api}/issue", self.create, "jira_issue")
        self.get(rf"{api}/issue/{key}/transitions", self.transitions)
        self.post(rf"{api}/issue/{key}/transitions", self.move, lambda seen: check(
            seen.json, {"type": "object", "required": ["transition"], "additionalProperties": False, "properties": {
                "transition": {"type": "object", "required": ["id"], "additionalProperties": False,
                               "properties": {"id": {"type": "string"}}}}}))
        self.put(rf"{api}/issue/{key}/assignee", self.assign, lambda seen: check(
            seen.json, {"type": "object", "required": [self.person], "additionalProperties": False,
                        "properties": {self.person: {"type": ["string", "null"], "minLength": 1}}}))
        self.post(rf"{api}/issue/{key}/comment", self.comment, self.judge_comment)
        self.post(rf"{api}/issue/{key}/remotelink", lambda seen: (201, {"id": 1}), "jira_remotelink")
        # newer than the description that judges the rest
        self.describe(None)
        self.get(f"{api}/issue/createmeta/SHOP/issuetypes", self.types)
        self.get(rf"{api}/issue/createmeta/SHOP/issuetypes/1000\d", self.form)
        self.post(f"{api}/search/jql", self.search, "jira_search")

    def projects(self):
        return [{"id": "1", "key": "SHOP", "name": "Shop"}, {"id": "2", "key": "WEB", "name": "Web"}]

    def types(self, seen):
        return 200, {"issueTypes": TYPES, "startAt": 0, "maxResults": 100, "total": 3}

    def form(self, seen):
        return 200, {"fields": FIELDS, "startAt": 0, "maxResults": 100, "total": len(FIELDS)}

    def search_people(self, seen):
        assert seen.query["project"] == "SHOP"
        text = seen.query.get("query", "").lower()
        return 200, [self.user(id) for id, (name, mail) in self.people.items() if text in name.lower() or text in mail]

    def user(self, id):
        name, mail = self.people[id]
        return {self.person: id, "displayName": name, "emailAddress": mail}

    def ticket(self, key):
        t = self.tickets[key]
        return {"id": key.partition("-")[2], "key": key, "fields": {
            "summary": t["title"], "status": STATUS[t["done"]], "project": {"key": "SHOP"},
            "issuetype": {"id": "10002", "name": "Bug"}, "assignee": t["assignee"] and self.user(t["assignee"])}}

    def show(self, seen):
        key = seen.groups[0]
        if key not in self.tickets:
            return 404, {"errorMessages": ["Issue does not exist or you do not have permission to see it."], "errors": {}}
        return 200, self.ticket(key)

    def judge_text(self, value):
        check(value, "adf")

    def text_of(self, value):
        """What is read of a document, with the marks of code and links told."""
        if value["type"] == "text":
            links = [m["attrs"]["href"] for m in value.get("marks", []) if m["type"] == "link"]
            return value["text"] + "".join(f"<{link}>" for link in links)
        if value["type"] == "hardBreak":
            return "\n"
        text = "".join(self.text_of(v) for v in value.get("content", []))
        return text + ("\n" if value["type"] in ("paragraph", "codeBlock") else "")

    def formatted(self, text):
        """Nobody is called by "@": that is a node of its own, or [~name]."""
        return ""

    def create(self, seen):
        fields = seen.json["fields"]
        self.judge_text(fields["description"])
        if fields["summary"].startswith("refuse"):
            return 400, {"errorMessages": [], "errors": {"customfield_10010": "Severity is required."}}
        key = self.new(title=fields["summary"], text=self.text_of(fields["description"]), labels=fields.get("labels", []),
                       assignee=fields.get("assignee", {}).get(self.person, ""), raw=fields)
        return 201, {"id": key.partition("-")[2], "key": key, "self": f"{self.url}/x"}

    def search(self, seen):
        jql = seen.json["jql"]
        assert re.fullmatch(r'(key = "SHOP-\d+"|text ~ "[^"]*" ORDER BY updated DESC)', jql), jql
        word = re.search('"([^"]*)"', jql).group(1)
        return 200, {"issues": [self.ticket(key) for key, t in self.tickets.items() if word in (key, *t["title"].split())
                                or f"[{word}]" in t["title"]]}

    def transitions(self, seen):
        key = seen.groups[0]
        return 200, {"transitions": [{"id": f"{20 + done}{key[-1]}", "to": STATUS[done]}
                                     for done in (False, True) if self.tickets[key]["done"] is not done]}

    def move(self, seen):
        key = seen.groups[0]
        done = not self.tickets[key]["done"]
        assert seen.json["transition"]["id"] == f"{20 + done}{key[-1]}", "a transition of another ticket"
        self.tickets[key]["done"] = done
        return 204, None

    def assign(self, seen):
        self.tickets[seen.groups[0]]["assignee"] = seen.json[self.person] or ""
        return 204, None

    def judge_comment(self, seen):
        assert set(seen.json) == {"body"}
        self.judge_text(seen.json["body"])

    def comment(self, seen):
        return 201, {"id": self.add_comment(seen.groups[0], self.text_of(seen.json["body"]))}

    # ---- what it tells by itself

    def told_changed(self, key):
        return {"webhookEvent": "jira:issue_updated", "timestamp": self.tick(), "issue": self.ticket(key), "changelog": {"items": [
            {"field": "status", "from": "1", "to": "3", "fromString": "x", "toString": "y"},
            {"field": "assignee", "from": None, "to": "x"}]}}

    def told_comment(self, key, id, author, text):
        return {"webhookEvent": "comment_created", "timestamp": self.tick(), "issue": self.ticket(key),
                "comment": {"id": id, "author": {"displayName": author}, "body": self.write(text)}}

    def write(self, text):
        return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]}

    def told_removed(self, key):
        return {"webhookEvent": "jira:issue_deleted", "timestamp": self.tick(), "issue": {"key": key}}


class JiraServer(Jira):
    description = None  # nothing is published of Data Center but pages to read
    edition, version, person = "server", "2", "name"

    def account(self):
        return {"token": "jira-token-123456"}

    def authorization(self):
        return "Bearer jira-token-123456"

    def teach(self):
        super().teach()
        self.get("/rest/api/2/project", lambda seen: (200, self.projects()))
        self.post("/rest/api/2/search", self.search, "jira_search")

    def types(self, seen):
        return 200, {"values": TYPES, "startAt": 0, "maxResults": 100, "total": 3, "isLast": True}

    def form(self, seen):
        return 200, {"values": FIELDS, "startAt": 0, "maxResults": 100, "total": len(FIELDS), "isLast": True}

    def search_people(self, seen):
        assert "query" not in seen.query, "Cloud's argument"
        seen.query["query"] = seen.query.get("username", "")
        return super().search_people(seen)

    def judge_text(self, value):
        assert isinstance(value, str)
        assert value.count("{noformat}") % 2 == 0

    def text_of(self, value):
        return re.sub(r"\[([^|\]]*)\|([^\]]*)\]", r"\1<\2>", value.replace("\\", ""))

    def write(self, text):
        return text
