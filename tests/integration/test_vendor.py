"""The vendors' own descriptions are here, they judge, and no hand-made schema passes for one."""

import json

import pytest
import requests

from integration import vendor
from integration.fake import SCHEMAS, Fake, Seen, check, schema

HAND_MADE = sorted(path.stem for path in SCHEMAS.iterdir())


@pytest.mark.parametrize("package", vendor.PACKAGES)
def test_what_the_vendors_publish_was_brought(package):
    """Else only the hand-made schemas have judged: this skip says so."""
    if vendor.missing(package):
        pytest.skip(f"{package}: {vendor.missing(package)}")
    assert any(path.is_file() for path in vendor.folder(package).rglob("*"))


@pytest.mark.parametrize("name", HAND_MADE)
def test_a_hand_made_schema_says_after_what(name):
    rules = schema(name)
    assert rules["$comment"].startswith(("Hand-made, after ", "Narrower than the vendor's own", "Our own: "))
    assert set(rules.get("x-vendor", {}).values()) <= set(vendor.SCHEMAS)


def seen(method, path, body=None, **query):
    return Seen(method, path, query, {}, b"" if body is None else json.dumps(body).encode())


ISSUE = "/repos/acme/shop/issues"


@pytest.mark.parametrize("name, request_, fault", [
    ("github", seen("POST", ISSUE, {"title": "x", "boddy": "y"}), "boddy"),
    ("github", seen("POST", ISSUE, {"body": "y"}), "'title' is a required"),
    ("github", seen("PATCH", f"{ISSUE}/1", {"state": "done"}), "'done'"),
    ("github", seen("GET", ISSUE, stat="open"), "knows no stat"),
    ("github", seen("POST", f"{ISSUE}/1/notes", {}), "is not in"),
    ("gitea", seen("POST", ISSUE, {"title": "x", "labels": ["one"]}), "'one'"),
    ("jira", seen("POST", "/rest/api/3/issue", {"fields": "x"}), "'x' is not of type"),
    ("slack", seen("POST", "/chat.postMessage", {"channel": "C1", "txt": "x"}), "txt"),
    ("redmine", seen("PUT", "/issues/1.json", {"issue": {"assigned_to_id": ""}}), "assigned_to_id"),
    ("googlechat", seen("POST", "/v1/spaces/S/messages", {"texts": "x"}), "texts")],
    ids=lambda value: value if isinstance(value, str) else "")
def test_what_the_vendor_does_not_know_is_a_fault(name, request_, fault):
    description = vendor.description(name)
    if description is None:
        pytest.skip("the description is not here")
    with pytest.raises(AssertionError, match=fault):
        description.judge(request_, request_.path)


def test_a_fakes_answers_are_judged_too_and_filled():
    description = vendor.description("github")
    if description is None:
        pytest.skip("the description is not here")
    full = description.complete("GET", f"{ISSUE}/1", 200, {"number": 1, "title": "x"})
    assert (full["number"], full["title"]) == (1, "x") and {"labels", "user", "comments", "locked"} <= set(full)
    with pytest.raises(AssertionError, match="is not of type"):
        description.complete("GET", f"{ISSUE}/1", 200, {"number": "one"})
    with pytest.raises(AssertionError, match="knows no answer 201"):
        description.complete("GET", f"{ISSUE}/1", 201, {})


@pytest.mark.parametrize("name, value, fault", [
    ("discord", {"embeds": [{"title": "x" * 257}]}, "too long"),
    ("adaptive card", {"type": "AdaptiveCard", "version": "1.2", "body": [{"type": "TextBlock"}]}, "text"),
    ("adf", {"type": "doc", "version": 1, "content": [{"type": "text", "text": "x"}]}, "not valid"),
    ("opsgenie", {"message": "x", "teams": []}, "teams"),
    ("opsgenie close", {"alias": "x"}, "alias")])
def test_the_vendors_schemas_judge(name, value, fault):
    rules = vendor.schema(name)
    if rules is None:
        pytest.skip("the schema is not here")
    with pytest.raises(AssertionError, match=fault):
        check(value, rules)


def test_a_fake_keeps_what_was_wrong():
    if vendor.description("github") is None:
        pytest.skip("the description is not here")
    fake = Fake().describe("github").expect("GET", ISSUE, (200, []))
    try:
        answer = requests.get(f"{fake.url}{ISSUE}?stat=open", headers={"User-Agent": "Vedette/1"}, timeout=60)
        assert answer.status_code == 400 and "knows no stat" in fake.faults[0]
    finally:
        fake.close()
