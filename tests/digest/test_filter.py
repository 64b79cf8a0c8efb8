"""Events that a project does not want."""

import pytest
from harness.line import envelope, ledger, make_event

BOT = "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"


def setting(line, name, value):
    line.sql("insert into project_setting (organization_id, project_id, name, value)"
             " values (%s, %s, %s, %s) on conflict (project_id, name) do update"
             " set value = excluded.value", line.org, line.project, name, value)


def agent(text):
    return {"request": {"headers": {"User-Agent": text}}}


def test_a_filtered_event_is_counted_and_leaves_nothing_else(line):
    line.send(agent(BOT))
    kept = line.send({"message": "kept"})
    line.drained()
    assert line.sql("select replace(event_id::text, '-', '') from event where project_id = %s",
                    line.project) == [(kept,)]
    assert line.sql("select title from issue where project_id = %s", line.project) == [("kept",)]
    assert ledger(line) == {("error", "filtered", "web-crawlers"): 1, ("error", "accepted", ""): 1}


@pytest.mark.parametrize("name, value, event, fields, reason", [
    ("error-message", "*yes*", {"logentry": {"message": "filter:%s", "params": ["yes"]}}, {},
     "error-message"),
    ("error-message", "*yes*", {"logentry": {"message": "filter:%s", "params": ["no"]}}, {}, None),
    ("ip-address", "1.2.3.0/24", {}, {"a": "1.2.3.4"}, "ip-address"),
    ("ip-address", "1.2.3.0/24", {}, {"a": "1.2.4.4"}, None),
    ("release-version", "1.*", {"release": "1.2"}, {}, "release-version"),
    ("localhost", "on", {"request": {"url": "http://foo.localhost/x"}}, {}, "localhost"),
    ("localhost", "on", {"request": {"url": "http://localhost.com/x"}}, {}, None),
    ("web-crawlers", "off", agent(BOT), {}, None),
    ("legacy-browsers", "ie", agent("Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko"),
     {}, "legacy-browsers"),
])
def test_what_a_project_has_set(line, name, value, event, fields, reason):
    setting(line, f"filter.{name}", value)
    line.send(event, **fields)
    line.drained()
    assert ledger(line) == ({("error", "filtered", reason): 1} if reason
                            else {("error", "accepted", ""): 1})


def test_a_change_holds_within_seconds_and_for_this_project_only(line):
    other = line.add_project()
    line.send({"message": "no"})
    line.drained()
    setting(line, "filter.error-message", "no")

    def filtered():
        line.send({"message": "no"})
        line.add(envelope(make_event({"message": "no"})), o=other[0], p=other[1])
        line.drained()
        return ("error", "filtered", "error-message") in ledger(line)
    line.stack.wait_for(filtered, what="the new setting")
    assert line.value("select count(*) from outcome_hour where project_id = %s"
                      " and outcome = 'filtered'", other[1]) == 0


def test_a_setting_under_another_organisation_is_nobody_s(line):
    org, _ = line.add_project()
    line.sql("insert into project_setting (organization_id, project_id, name, value)"
             " values (%s, %s, 'filter.error-message', '*')", org, line.project)
    line.send({"message": "kept"})
    line.drained()
    assert ledger(line) == {("error", "accepted", ""): 1}
