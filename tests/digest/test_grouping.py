"""Two events through the edge: one issue or two.  The pairs are those of tests/unit/test_grouping.c."""

import hashlib
import json
import uuid
from pathlib import Path

import pytest

CASES = json.loads((Path(__file__).parents[1] / "data" / "grouping.json").read_text())
BUILDS = [{"filename": f"/srv/dist/main.{hash}.js", "module": f"main.{hash}", "function": "load", "in_app": True}
          for hash in ("4f3a2b1c", "9e8d7c6b")]


def error(frame):
    return {"platform": "node", "exception": {"values": [{"type": "TypeError", "value": "x", "stacktrace": {"frames": [frame]}}]}}


def version_1(module):
    """The hash that such an error had: type, module, function, in-app frames only."""
    return hashlib.blake2b(f"TTypeError\x1fm{module}\x1ffload\x1f\x1e\x1d".encode(), digest_size=16).digest()


def issue_of(stack, event):
    stack.wait_for_event(event)
    return stack.value("select issue_id from event where event_id = %s", uuid.UUID(event))


def without_rules():
    return [case for case in CASES if not any(key.endswith(("_rules", "_rules_a", "_rules_b")) for key in case)]


def test_each_pair_is_one_issue_or_two(stack):
    """Each pair in a project of its own, which keeps what is filtered when nothing is said."""
    sent = []
    for case in without_rules():
        project = stack.create_project()
        stack.sql("insert into project_setting (organization_id, project_id, name, value) select organization_id, id, unnest(%s::text[]), 'off'"
                  " from project where id = %s", ["filter.chunk-load-error", "filter.react-hydration-errors"], project.id)
        sent.append((case, [stack.send_event(project, case[side]) for side in "ab"]))
    wrong = [(case["n"], case["what"]) for case, events in sent
             if (issue_of(stack, events[0]) == issue_of(stack, events[1])) != case["same"]]
    assert wrong == []
    assert len(sent) > 100


@pytest.fixture
def old_issue(stack, project):
    """An issue as the version before has left it; its project comes along."""
    issue = issue_of(stack, stack.send_event(project, error(BUILDS[0])))
    stack.sql("update issue_hash set hash = %s where issue_id = %s", version_1("main.4f3a2b1c"), issue)
    return issue


def test_an_issue_keeps_its_events_when_the_grouping_has_a_new_version(stack, project, old_issue):
    assert issue_of(stack, stack.send_event(project, error(BUILDS[0]))) == old_issue
    assert issue_of(stack, stack.send_event(project, error(BUILDS[1]))) == old_issue, "and now by the new hash"


def test_the_earlier_hash_finds_an_issue_and_marks_none(stack, project):
    issue = issue_of(stack, stack.send_event(project, error(BUILDS[0])))
    assert stack.value("select count(*) from issue_hash where issue_id = %s", issue) == 1
    assert stack.sql("select 1 from issue_hash where issue_id = %s and hash = %s", issue, version_1("main.4f3a2b1c")) == []


def test_what_was_discarded_before_stays_discarded(stack, project, old_issue):
    stack.sql("with discard as (insert into issue_discard (organization_id, project_id, title, culprit, level, times_seen)"
              " select p.organization_id, p.id, 'x', '', 40, 1 from project p where p.id = %s returning id)"
              " update issue_hash h set issue_id = null, discard_id = d.id from discard d where h.issue_id = %s", project.id, old_issue)
    event = stack.send_event(project, error(BUILDS[0]))
    stack.wait_for(lambda: stack.value("select coalesce(sum(quantity), 0) from outcome_hour where project_id = %s and outcome = 'filtered'",
                                       project.id) == 1)
    assert stack.sql("select 1 from event where event_id = %s", uuid.UUID(event)) == []
