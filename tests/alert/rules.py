"""Rules of alerts as tests write them, without the editor."""

import json
import re

S = "sentry.rules.conditions."
F = "sentry.rules.filters."
NEW = {"id": S + "first_seen_event.FirstSeenEventCondition"}
EVERY = {"id": S + "every_event.EveryEventCondition"}
LOG = {"id": "vedette.actions.LogAction"}


def frequency(value, interval="1h", **fields):
    return {"id": S + "event_frequency.EventFrequencyCondition", "value": value,
            "interval": interval, **fields}


def users(value, interval="1h"):
    return {"id": S + "event_frequency.EventUniqueUserFrequencyCondition", "value": value,
            "interval": interval}


def said(kept):
    """A text that util/lang.c has kept, as English says it."""
    def fill(match):
        text, *values = match.group(1).split("\x1f")
        if text == "#":
            return values[0]
        text = re.sub(r"\{(\d)\|(\w+)\|(\w+)\}", lambda m: m.group(2 if values[int(m.group(1))] == "1" else 3), text)
        return re.sub(r"\{(\d)\}", lambda m: values[int(m.group(1))], text)
    while "\x02" in kept:
        kept = re.sub("\x02([^\x02\x03]*)\x03", fill, kept)
    return kept


class Rules:
    """Rules of a stack, written as the editor writes them."""

    def __init__(self, stack):
        self.stack = stack

    def add(self, project, *conditions, filters=(), actions=(LOG,), match="any", filter_match="all",
            environments=(), frequency=30, name="A rule", **more):
        data = {"actionMatch": match, "conditions": list(conditions), "filterMatch": filter_match,
                "filters": list(filters), "actions": list(actions), **more}
        rule = self.stack.value(
            "insert into alert_rule (organization_id, kind, name, data, environments, frequency)"
            " select organization_id, 'issue', %s, %s, %s, %s from project where id = %s returning id",
            name, json.dumps(data), list(environments), frequency, project.id)
        self.stack.sql("insert into alert_rule_project (rule_id, project_id, organization_id)"
                       " select %s, id, organization_id from project where id = %s", rule, project.id)
        self.stack.sql("update alert_version set n = n + 1")
        return rule

    def fired(self, rule):
        return self.stack.value("select count(*) from alert_fire where rule_id = %s", rule)

    def cause(self, rule):
        """Why its only firing was, in English."""
        return said(self.stack.value("select cause from alert_fire where rule_id = %s", rule))

    def fired_blocks(self, rule):
        """Each IF-THEN block for itself, as a rehearsal counts."""
        return self.stack.value("select coalesce(sum(bit_count(blocks::bit(8))), 0)::bigint from alert_fire"
                                " where rule_id = %s", rule)

    def settle(self):
        """Whatever was to be routed is: what has not fired will not."""
        self.stack.wait_for(lambda: not self.stack.sql("select 1 from outbox where channel = 'route' and due_at <= now()"),
                            what="all to be routed")

    def wait(self, rule, n=1):
        self.stack.wait_for(lambda: self.fired(rule) >= n, what=f"rule {rule} to fire {n} times")
