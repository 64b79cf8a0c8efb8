"""YouTrack, as it answers."""

from integration.tracker import Tracker


class YouTrack(Tracker):
    type = "youtrack"
    tells_of_removal = False
    project = "SHOP"
    open_word, done_word = "Open", "Fixed"
    filled_in = {"priority": "Critical"}, {"Priority": "Critical", "Type": "Bug"}

    def connection(self):
        return {"url": self.url, "token": "perm-token-123456", "project": "SHOP", "issuetype": "Bug",
                "resolved_status": "Fixed", "reopened_status": "Open"}

    def teach(self):
        key = r"(SHOP-\d+)"
        self.headers = {"Authorization": "Bearer perm-token-123456", "Accept": "application/json"}
        self.get("/api/users/me", lambda seen: (200, {"id": "1-1", "login": "bot"}))
        self.get("/api/admin/projects", lambda seen: (200, [{"id": "0-7", "shortName": "SHOP", "name": "Shop"}]))
        self.get("/api/admin/projects/SHOP/customFields", lambda seen: (200, [
            {"field": {"name": "Type"}, "bundle": {"values": [{"name": "Task"}, {"name": "Bug"}, {"name": "Old", "archived": True}]}},
            {"field": {"name": "Priority"}, "bundle": {"values": [{"name": "Critical"}, {"name": "Normal"}]}},
            {"field": {"name": "Assignee"}}]))
        self.get("/api/users", lambda seen: (200, [
            self.user(id) for id, (name, mail) in self.people.items()
            if seen.query.get("query", "").lower() in f"{name} {mail}".lower()]))
        self.get(f"/api/issues/{key}", self.show)
        self.get("/api/issues", lambda seen: (200, [
            self.ticket(key) for key, t in self.tickets.items() if seen.query["query"] in t["title"]]))
        self.post("/api/issues", self.create, "youtrack_issue")
        self.post(f"/api/issues/{key}", self.change, "youtrack_change")
        self.post("/api/commands", self.command, "youtrack_command")
        self.post(f"/api/issues/{key}/comments", self.comment, "youtrack_comment")
        self.get(f"/api/issues/{key}/comments/(.+)", self.show_comment)

    def made_with(self, key):
        return {field["name"]: field["value"].get("name") for field in self.tickets[key]["raw"]["customFields"]}

    def user(self, id):
        name, mail = self.people[id]
        return {"login": id, "fullName": name, "email": mail}

    def ticket(self, key):
        t = self.tickets[key]
        return {"idReadable": key, "summary": t["title"], "resolved": 1785000000000 if t["done"] else None,
                "project": {"shortName": "SHOP"}, "customFields": [
                    {"name": "State", "value": {"name": "Fixed" if t["done"] else "Open"}},
                    {"name": "Type", "value": {"name": "Bug"}},
                    {"name": "Assignee", "value": self.user(t["assignee"]) if t["assignee"] else None}]}

    def show(self, seen):
        key = seen.groups[0]
        if key not in self.tickets:
            return 404, {"error": "Not Found", "error_description": f"Entity with id {key} not found"}
        assert "resolved" in seen.query["fields"] and "customFields" in seen.query["fields"]
        return 200, self.ticket(key)

    def create(self, seen):
        v = seen.json
        assert v["project"]["id"] == "0-7"
        fields = {f["name"]: f["value"] for f in v["customFields"]}
        assert fields["Type"]["name"] == "Bug"
        key = self.new(v["summary"], v["description"], ["vedette", "shop"], fields.get("Assignee", {}).get("login", ""), v)
        return 200, self.ticket(key)

    def change(self, seen):
        [field] = seen.json["customFields"]
        self.tickets[seen.groups[0]]["assignee"] = field["value"]["login"] if field["value"] else ""
        return 200, {"idReadable": seen.groups[0]}

    def command(self, seen):
        key = seen.json["issues"][0]["idReadable"]
        self.tickets[key]["done"] = {"State {Fixed}": True, "State {Open}": False}[seen.json["query"]]
        return 200, {}

    def show_comment(self, seen):
        key, id = seen.groups
        if id in self.tickets[key]["comments"]:
            return 200, {"text": self.tickets[key]["comments"][id], "author": {"login": "bot"}}
        if id not in self.said:
            return 404, {"error": "Not Found"}
        author, text = self.said[id]
        return 200, {"text": text, "deleted": False, "author": {"login": "x", "fullName": author}}

    def comment(self, seen):
        return 200, {"id": self.add_comment(seen.groups[0], seen.json["text"])}

    # ---- what the app "Webhook Triggers" tells

    def sign(self, body, secret):
        return {"X-YouTrack-Token": secret}

    def told_changed(self, key):
        return {"id": key, "updated": self.tick(), "changedFields": [{"name": "State"}]}

    told_removed = told_changed

    def told_comment(self, key, id, author, text):
        return {"issue": {"id": key}, "comment": {"id": id, "text": text, "author": {"login": "x", "fullName": author}}}
