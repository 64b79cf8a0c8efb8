"""GitHub, Gitea and GitLab, as they answer: issues of repositories."""

import re

from integration.tracker import Tracker


class Forge(Tracker):
    """What the three have in common: a ticket is "acme/shop#7"."""

    project = "acme/shop"
    open_word, done_word = "open", "closed"
    number, text, comments = "number", "body", "comments"

    def connection(self):
        return {"url": self.url, "token": f"{self.type}-token-123456", "project": self.project}

    def key(self, number):
        return f"{self.project}#{number}"

    def at(self, seen):
        key = self.key(seen.groups[0])
        return key if key in self.tickets else None

    def show(self, seen):
        key = self.at(seen)
        return (200, self.ticket(key)) if key else (404, {"message": "Not Found"})

    def matching(self, text):
        return [self.ticket(key) for key, t in self.tickets.items()
                if text.lower() in t["title"].lower() or text in t["text"]]

    def comment(self, seen):
        return 201, {"id": int(self.add_comment(self.at(seen), seen.json["body"])), "body": seen.json["body"]}


class GitHub(Forge):
    type = description = "github"
    signature = "X-Hub-Signature-256"

    def teach(self):
        repo, number = "/repos/acme/shop", r"(\d+)"
        self.headers = {"Authorization": "Bearer github-token-123456", "Accept": "application/json",
                        "X-GitHub-Api-Version": "2022-11-28"}
        self.get("/user", lambda seen: (200, {"login": "bot"}))
        self.get("/user/repos", lambda seen: (200, [
            {"full_name": "acme/shop", "has_issues": True}, {"full_name": "acme/docs", "has_issues": False}]))
        self.get(f"{repo}/assignees", lambda seen: (200, [{"login": id} for id in self.people]))
        self.get("/search/users", self.search_people)
        self.get("/search/issues", self.search)
        self.get(f"{repo}/issues/{number}", self.show)
        self.post(f"{repo}/issues", self.create, "github_issue")
        self.patch(f"{repo}/issues/{number}", self.change, "github_change")
        self.post(f"{repo}/issues/{number}/comments", self.comment, "github_comment")

    def name(self, id):
        return id

    def search_people(self, seen):
        mail, _, where = seen.query["q"].partition(" ")
        assert where == "in:email"
        return 200, {"items": [{"login": id} for id, (_, known) in self.people.items() if known == mail]}

    def search(self, seen):
        text = re.fullmatch(r"(.*) is:issue repo:acme/shop", seen.query["q"]).group(1)
        return 200, {"items": [{**v, "repository_url": f"{self.url}/repos/acme/shop"} for v in self.matching(text)]}

    def ticket(self, key):
        t = self.tickets[key]
        number = int(key.partition("#")[2])
        return {"number": number, "title": t["title"], "state": "closed" if t["done"] else "open",
                "html_url": f"https://github.example/acme/shop/issues/{number}",
                "assignee": {"login": t["assignee"]} if t["assignee"] else None}

    def create(self, seen):
        v = seen.json
        key = self.new(v["title"], v["body"], v.get("labels", []), (v.get("assignees") or [""])[0], v)
        return 201, self.ticket(key)

    def change(self, seen):
        key, v = self.at(seen), seen.json
        if "state" in v:
            self.tickets[key]["done"] = v["state"] == "closed"
            assert v.get("state_reason") in ("completed" if v["state"] == "closed" else "reopened", None)
        if "assignees" in v:
            self.tickets[key]["assignee"] = (v["assignees"] or [""])[0]
        return 200, self.ticket(key)

    # ---- what it tells by itself

    event, comment_event = "issues", "issue_comment"
    event_header = "X-GitHub-Event"

    def event_headers(self, what):
        return {self.event_header: self.comment_event if what == "comment" else self.event}

    def told(self, key, action):
        return {"action": action, "issue": {**self.ticket(key), "updated_at": self.tick()},
                "repository": {"full_name": self.project}}

    def told_changed(self, key):
        return self.told(key, "closed" if self.tickets[key]["done"] else "reopened")

    def told_removed(self, key):
        return self.told(key, "deleted")

    def told_comment(self, key, id, author, text):
        return {**self.told(key, "created"), "comment": {"id": int(id), "body": text, "user": {"login": author}}}


class Gitea(GitHub):
    type = description = "gitea"
    prefix_of_paths = "/api/v1"
    signature, prefix = "X-Gitea-Signature", ""
    event_header = "X-Gitea-Event"

    def teach(self):
        repo, number = "/api/v1/repos/acme/shop", r"(\d+)"
        self.headers = {"Authorization": "token gitea-token-123456", "Accept": "application/json"}
        self.get("/api/v1/user", lambda seen: (200, {"login": "bot"}))
        self.get("/api/v1/user/repos", lambda seen: (200, [{"full_name": "acme/shop"}]))
        self.get(f"{repo}/assignees", lambda seen: (200, [
            {"login": id, "full_name": name, "email": mail} for id, (name, mail) in self.people.items()]))
        self.get(f"{repo}/labels", lambda seen: (200, [{"id": 3, "name": "shop"}, {"id": 5, "name": "vedette"},
                                                        {"id": 6, "name": "production"}]))
        self.get("/api/v1/repos/issues/search", lambda seen: (200, [
            {**v, "repository": {"full_name": "acme/shop"}} for v in self.matching(seen.query["q"])]))
        self.get(f"{repo}/issues/{number}", self.show)
        self.post(f"{repo}/issues", self.create, "gitea_issue")
        self.patch(f"{repo}/issues/{number}", self.change, "gitea_change")
        self.post(f"{repo}/issues/{number}/comments", self.comment, "github_comment")

    def create(self, seen):
        labels = [{3: "shop", 5: "vedette", 6: "production"}[id] for id in seen.json.get("labels", [])]
        answer = super().create(seen)
        list(self.tickets.values())[-1]["labels"] = labels
        return answer

    def change(self, seen):
        return 201, super().change(seen)[1]

    def name(self, id):
        return self.people[id][0]

    def ticket(self, key):
        v = super().ticket(key)
        login = self.tickets[key]["assignee"]
        if login:
            name, mail = self.people[login]
            v["assignee"] = {"login": login, "full_name": name, "email": mail}
        return v


class GitLab(Forge):
    type = "gitlab"
    tells_of_removal = False

    def teach(self):
        project, number = "/api/v4/projects/acme%2Fshop", r"(\d+)"
        self.headers = {"PRIVATE-TOKEN": "gitlab-token-123456", "Accept": "application/json"}
        self.get("/api/v4/user", lambda seen: (200, {"id": 1}))
        self.get("/api/v4/projects", lambda seen: (200, [{"id": 4, "path_with_namespace": "acme/shop"}]))
        self.get(f"{project}/users", lambda seen: (200, self.found(seen.query.get("search", ""))))
        self.get("/api/v4/users", lambda seen: (200, self.found(seen.query["search"])))
        self.get(f"{project}/issues", lambda seen: (200, self.matching(seen.query["search"])))
        self.get(f"{project}/issues/{number}", self.show)
        self.post(f"{project}/issues", self.create, "gitlab_issue")
        self.put(f"{project}/issues/{number}", self.change, "gitlab_change")
        self.post(f"{project}/issues/{number}/notes", self.comment, "gitlab_note")
        self.get(f"{project}/issues/{number}/notes/{number}", self.show_comment)

    def show_comment(self, seen):
        id, ours = seen.groups[1], self.tickets[self.at(seen)]["comments"]
        if id in ours:
            return 200, {"id": int(id), "body": ours[id], "author": {"name": "Bot"}, "system": False, "internal": False}
        if id not in self.said:
            return 404, {"message": "404 Not found"}
        author, text = self.said[id]
        return 200, {"id": int(id), "body": text, "author": {"name": author}, "system": False, "internal": False}

    def found(self, text):
        return [self.user(id) for id, (name, mail) in self.people.items() if text.lower() in name.lower() or text == mail]

    def user(self, id):
        return {"id": int(id[2:]), "name": self.people[id][0], "username": id}

    def ticket(self, key):
        t = self.tickets[key]
        number = int(key.partition("#")[2])
        return {"iid": number, "title": t["title"], "state": "closed" if t["done"] else "opened", "issue_type": "issue",
                "web_url": f"https://gitlab.example/acme/shop/-/issues/{number}",
                "references": {"full": key}, "assignees": [self.user(t["assignee"])] if t["assignee"] else []}

    def create(self, seen):
        v = seen.json
        who = v.get("assignee_ids", [0])[0]
        key = self.new(v["title"], v["description"], [word.strip() for word in v.get("labels", "").split(",")],
                       f"u-{who}" if who else "", v)
        return 201, self.ticket(key)

    def change(self, seen):
        key, v = self.at(seen), seen.json
        if "state_event" in v:
            assert self.tickets[key]["done"] is (v["state_event"] == "reopen"), "it is so already"
            self.tickets[key]["done"] = v["state_event"] == "close"
        if "assignee_ids" in v:
            self.tickets[key]["assignee"] = f"u-{v['assignee_ids'][0]}" if v["assignee_ids"][0] else ""
        return 200, self.ticket(key)

    # ---- what it tells by itself

    def sign(self, body, secret):
        return {"X-Gitlab-Token": secret}

    def event_headers(self, what):
        return {"X-Gitlab-Event": "Note Hook" if what == "comment" else "Issue Hook"}

    def told_changed(self, key):
        v = self.ticket(key)
        return {"object_kind": "issue", "project": {"path_with_namespace": self.project}, "object_attributes": {
            "iid": v["iid"], "state": v["state"], "action": "update", "updated_at": self.tick()}}

    told_removed = told_changed

    def told_comment(self, key, id, author, text):
        return {"object_kind": "note", "project": {"path_with_namespace": self.project}, "user": {"name": author},
                "issue": {"iid": self.ticket(key)["iid"]}, "object_attributes": {
                    "id": int(id), "note": text, "noteable_type": "Issue", "system": False}}
