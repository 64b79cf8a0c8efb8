"""The conformance list: no case is without its tests, and what ends behind the edge gets through it."""

import json
import re
from pathlib import Path

import pytest

from edge.cases import AT_EDGE, BEHIND, DECISIONS
from edge.server import pack

HERE = Path(__file__).parent


def all_tests():
    return {f"{path.stem}.{name}" for path in HERE.glob("test_*.py")
            for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)}


def test_every_case_has_a_test():
    assert sorted([*AT_EDGE, *BEHIND]) == list(range(1, 89))
    named = {name for names in AT_EDGE.values() for name in names.split()}
    assert named - all_tests() == set()
    assert all(AT_EDGE.values()) and all(BEHIND.values())


def test_every_decision_belongs_to_a_case():
    assert set(DECISIONS) <= set(AT_EDGE)


@pytest.mark.parametrize("case, endpoint, what", [(case, *sample) for case, samples in BEHIND.items() for sample in samples])
def test_what_ends_behind_the_edge_gets_through_it(edge, key, case, endpoint, what):
    """As it came: whatever is odd about a payload is for the worker to mend or to refuse."""
    body = what if isinstance(what, bytes) else pack(*what, header={"sent_at": "2020-01-01T00:00:00Z"})
    content_type = {"security": "application/reports+json"}.get(endpoint, "application/x-sentry-envelope")
    answer = edge.post(f"/api/42/{endpoint}/?sentry_key={key.public}", body, Content_Type=content_type)
    assert answer.status_code == 200, answer.text
    entry = edge.entry(key)
    assert (entry["e"], entry["d"]) == (endpoint, body)
    if endpoint == "envelope" and answer.content and json.loads(answer.content):
        assert entry["i"] == answer.json()["id"]
