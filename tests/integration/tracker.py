"""What fake trackers share: tickets in memory, strict requests, signed webhooks.

A tracker is one file: it knows its requests (teach), and how it tells of a change (told_...).
"""

import hashlib
import hmac
import itertools
import json
import re

import requests

from integration.fake import Fake


class Tracker(Fake):
    type = None         # as the connection's
    project = None      # that new tickets go into
    open_word = done_word = None
    signature = None    # the header that carries it
    prefix = "sha256="
    tells_of_removal = True
    filled_in = {}, {}  # fields of the form of a new ticket, and what of them it must be made with
    description, prefix_of_paths = None, ""     # of vendor.py

    def __init__(self, certificate=None):
        super().__init__(certificate)
        self.tickets = {}
        self.people = {}        # id: (name, mail)
        self.said = {}          # comments of others by id: (author, text)
        self.clock = itertools.count(1785000000000)
        self.numbers = itertools.count(1)
        self.headers = {}
        self.describe(self.description, self.prefix_of_paths)
        self.teach()

    # ---- requests

    def get(self, path, answer, **more):
        self.expect("GET", path, answer, None, self.headers, **more)

    def post(self, path, answer, body, **more):
        self.expect("POST", path, answer, body, self.headers, **more)

    def put(self, path, answer, body, **more):
        self.expect("PUT", path, answer, body, self.headers, **more)

    def patch(self, path, answer, body, **more):
        self.expect("PATCH", path, answer, body, self.headers, **more)

    # ---- tickets

    def tick(self):
        return next(self.clock)

    def key(self, number):
        return f"{self.project}-{number}"

    def new(self, title="A ticket", text="", labels=(), assignee="", raw=None):
        key = self.key(next(self.numbers))
        self.tickets[key] = {"title": title, "text": text, "labels": list(labels), "assignee": assignee or "",
                             "done": False, "comments": {}, "raw": raw}
        return key

    def made_with(self, key):
        """What a ticket was made with, by the names of filled_in."""
        return self.tickets[key]["raw"]

    def name(self, id):
        return self.people[id][0]

    def add_comment(self, key, text):
        id = str(1000 + sum(len(t["comments"]) for t in self.tickets.values()))
        self.tickets[key]["comments"][id] = text
        return id

    def say(self, author, text):
        """Somebody comments there; the comment's id."""
        id = str(70 + len(self.said))
        self.said[id] = (author, text)
        return id

    def formatted(self, text):
        """What of a description is no code, where names call people."""
        return re.sub(r"(?s)```.*?```|`[^`\n]*`|\{noformat\}.*?\{noformat\}|<pre>.*?</pre>", "", text)

    # ---- what it tells by itself

    def sign(self, body, secret):
        return {self.signature: self.prefix + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}

    def event_headers(self, what):
        return {}

    def tell(self, what, url, secret, *args):
        """Sends the webhook "changed", "comment" or "removed"; the answer, and what was sent."""
        body = json.dumps(getattr(self, f"told_{what}")(*args)).encode()
        headers = {"Content-Type": "application/json", **self.sign(body, secret), **self.event_headers(what)}
        return requests.post(url, data=body, headers=headers, timeout=60), (body, headers)
