"""Redmine, as it answers."""

from integration.tracker import Tracker

STATUSES = [{"id": 1, "name": "New", "is_closed": False}, {"id": 5, "name": "Closed", "is_closed": True}]


class Redmine(Tracker):
    type = description = "redmine"
    project = "shop"
    open_word, done_word = "New", "Closed"
    signature = "X-Redmine-Signature-256"
    format = "markdown"
    filled_in = {"priority": "1"}, {"priority_id": 1, "tracker_id": 1, "project_id": 3}

    def connection(self):
        return {"url": self.url, "token": "redmine-token-123456", "project": "shop", "issuetype": "Bug", "format": self.format}

    def key(self, number):
        return f"#{number}"

    def teach(self):
        number = r"(\d+)"
        self.headers = {"X-Redmine-API-Key": "redmine-token-123456", "Accept": "application/json"}
        project = {"id": 3, "identifier": "shop", "name": "Shop", "trackers": [{"id": 1, "name": "Bug"}, {"id": 2, "name": "Feature"}]}
        self.get("/users/current.json", lambda seen: (200, {"user": {"id": 1}}))
        self.get("/projects.json", lambda seen: (200, {"projects": [{"id": 3, "identifier": "shop", "name": "Shop"}]}))
        self.get("/projects/(?:shop|3).json", lambda seen: (200, {"project": project}), query={"include": "trackers"})
        self.get("/projects/(?:shop|3)/memberships.json", lambda seen: (200, {"memberships": [
            {"user": {"id": int(id[2:]), "name": name}} for id, (name, _) in self.people.items()]}))
        self.get("/users.json", lambda seen: (200, {"users": [
            {"id": int(id[2:]), "firstname": name, "lastname": "", "mail": mail}
            for id, (name, mail) in self.people.items() if seen.query["name"] == mail]}))
        self.get("/enumerations/issue_priorities.json", lambda seen: (200, {"issue_priorities": [
            {"id": 1, "name": "Low"}, {"id": 2, "name": "Normal"}, {"id": 3, "name": "High"}]}))
        self.get("/issue_statuses.json", lambda seen: (200, {"issue_statuses": STATUSES}))
        self.get("/search.json", lambda seen: (200, {"results": [
            {"id": int(key[1:]), "title": f"Bug {key} (New): {t['title']}", "type": "issue"}
            for key, t in self.tickets.items() if seen.query["q"] in t["title"]]}), query={"issues": "1"})
        self.get(f"/issues/{number}.json", self.show)
        self.post("/issues.json", self.create, "redmine_issue")
        self.put(f"/issues/{number}.json", self.change, "redmine_change")

    def ticket(self, key):
        t = self.tickets[key]
        v = {"id": int(key[1:]), "subject": t["title"], "status": STATUSES[t["done"]],
             "project": {"id": 3, "name": "Shop"}, "tracker": {"id": 1, "name": "Bug"}}
        if t["assignee"]:
            v["assigned_to"] = {"id": int(t["assignee"][2:]), "name": self.people[t["assignee"]][0]}
        return v

    def show(self, seen):
        key = self.key(seen.groups[0])
        if key not in self.tickets:
            return 404, None
        v = self.ticket(key)
        if seen.query.get("include") == "journals":
            v["journals"] = [{"id": int(id), "notes": text, "user": {"id": 1, "name": author}} for id, (author, text) in [
                *self.said.items(), *((id, ("Bot", text)) for id, text in self.tickets[key]["comments"].items())]]
        return 200, {"issue": v}

    def create(self, seen):
        v = seen.json["issue"]
        assert (v["project_id"], v["tracker_id"]) == (3, 1)
        who = v.get("assigned_to_id")
        key = self.new(v["subject"], v["description"], ["vedette", "shop"], f"u-{who}" if who else "", v)
        return 201, {"issue": self.ticket(key)}

    def change(self, seen):
        ticket, v = self.tickets[self.key(seen.groups[0])], seen.json["issue"]
        if "status_id" in v:
            ticket["done"] = v["status_id"] == 5
        if "assigned_to_id" in v:
            ticket["assignee"] = f"u-{v['assigned_to_id']}" if v["assigned_to_id"] else ""
        if "notes" in v:
            self.add_comment(self.key(seen.groups[0]), v["notes"])
        return 204, None

    # ---- what it tells by itself

    def told(self, key, type, **more):
        return {"type": f"issue.{type}", "timestamp": self.tick(), "data": {"issue": {"id": int(key[1:])}, **more}}

    def told_changed(self, key):
        return self.told(key, "updated", journal={"id": 1, "notes": ""})

    def told_removed(self, key):
        return self.told(key, "deleted")

    def told_comment(self, key, id, author, text):
        return self.told(key, "updated", journal={"id": int(id), "notes": text, "user": {"name": author}})
