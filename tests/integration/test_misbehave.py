"""Every service misbehaves in every way: it is waited for, given up or cut."""

import html
import json
import uuid

import pytest

from integration.conftest import NOTICE, SETTINGS, Owner
from integration.fake import Fake
from integration.test_chat import SERVICES
from integration.test_outbound import make_certificate
from integration.test_tracker import KINDS, Issue


def webhook(fake):
    fake.expect("POST", "/x", (200, ""), lambda seen: seen.json)
    return {"url": f"{fake.url}/x"}


ALL = {**SERVICES, "webhook": webhook}
EVERY = [*ALL, *KINDS]


@pytest.fixture(scope="module")
def certificate(scratch):
    """One that has expired, by an authority that is trusted."""
    folder = scratch / "tls-misbehave"
    folder.mkdir(mode=0o755)
    return make_certificate(folder, "server", -1)


@pytest.fixture(scope="module")
def stack(new_stack, certificate):
    certificate[1].chmod(0o644)
    stack = new_stack(start=[])
    stack.write_config({**SETTINGS, "outbound.ca": certificate[1], "outbound.timeout": 5})
    return stack.start()


@pytest.fixture(scope="module")
def owner(stack, shop):
    return Owner(stack).sign_in(stack.admin.email)


@pytest.fixture(scope="module")
def services(owner):
    """{name: (connection, fake)}, of all that there are."""
    made = {}
    for name in EVERY:
        fake = KINDS[name]() if name in KINDS else Fake()
        fields = {**fake.connection(), "regression": "reopen"} if name in KINDS else ALL[name](fake)
        made[name] = owner.connect(fake.type if name in KINDS else name.partition(" ")[0], **{**fields, "name": name}), fake
    yield made
    for name, (id, fake) in made.items():
        owner.disconnect(id)
        fake.close()
        assert fake.faults == [], name


@pytest.fixture(scope="module")
def notice(stack, owner, shop):
    """An alert about an issue that there is: trackers make a ticket of it."""
    issue = Issue(stack, owner, shop)
    return {**NOTICE, "issue_id": issue.id, "event_id": issue.event, "organization": "acme", "short_id": issue.short}


@pytest.fixture
def deliver_all(stack, services, notice):
    """deliver_all(how): each misbehaves so from now on; {name: (state, code, answer, seconds until it is tried again)}."""
    ids = [id for id, _ in services.values()]

    def make(how):
        rows = {}
        for name, (id, fake) in services.items():
            fake.misbehave(*[how] * 50)
            org, type = stack.sql("select organization_id, type from integration where id = %s", id)[0]
            key = f"fire:1:{uuid.uuid4().hex}"
            rows[name] = stack.value(
                "insert into outbox (organization_id, cause, channel, integration_id, endpoint, key, data)"
                " values (%s, 'issue', %s, %s, %s, %s, %s) returning id",
                org, type, id, f"integration:{id}", key, json.dumps({**notice, "organization_id": org, "key": key}))
        stack.sql("select pg_notify('vedette_outbox', '')")
        ended = "select 1 from outbox where id = any(%s) and attempts > 0 and leased_until is null"
        stack.wait_for(lambda: len(stack.sql(ended, list(rows.values()))) == len(rows), timeout=120, what="all attempts")
        return {name: stack.sql("select state, last_code, last_answer, extract(epoch from due_at - now())::float"
                                " from outbox where id = %s", row)[0] for name, row in rows.items()}
    yield make
    stack.sql("delete from outbox where integration_id = any(%s)", ids)
    stack.sql("delete from ticket_claim where integration_id = any(%s)", ids)
    stack.sql("delete from outbox_endpoint")
    stack.sql("update integration set state = 0, failures = 0 where id = any(%s)", ids)
    for _, fake in services.values():
        fake.bad.clear()


HOW = {"500": ((500, {}), 0, 500), "429": ((429, {}, {"Retry-After": "900"}), 0, 429), "redirect": ("redirect", 2, 302),
       "hang": ("hang", 0, 0), "close": ("close", 0, 0), "drop": ("drop", 0, 0), "garbage": ("garbage", 0, 0)}


@pytest.mark.parametrize("how, state, code", HOW.values(), ids=HOW)
def test_every_service_is_waited_for_or_given_up_and_the_history_says_why(deliver_all, services, owner, how, state, code):
    got = deliver_all(how)
    assert {name: (s, c) for name, (s, c, _, _) in got.items()} == dict.fromkeys(EVERY, (state, code))
    if code == 429:
        assert [name for name, (_, _, _, wait) in got.items() if not 600 < wait < 1000] == []
    assert [name for name, (_, fake) in services.items() if fake.requests("/latest/meta-data/")] == []
    history = owner.get("/acme/alerts/deliveries/").text
    assert [name for name, (_, _, answer, _) in got.items() if not answer or html.escape(answer) not in history] == []


def test_every_endless_answer_is_cut(deliver_all):
    got = deliver_all("endless")
    assert [name for name, (_, code, answer, _) in got.items() if code != 200 or len(answer) > 2000] == []


def test_an_answer_that_is_no_json_is_no_success_where_json_says_how_it_went(deliver_all):
    got = deliver_all((200, "{ this is no JSON"))
    tells = {"slack with a bot", "telegram", *KINDS}
    assert {name: state for name, (state, _, _, _) in got.items()} == {name: 2 if name in tells else 1 for name in EVERY}
    assert [name for name, (_, code, answer, _) in got.items() if code != 200 or not answer] == []


@pytest.mark.parametrize("name", [*ALL, *KINDS])
def test_no_service_is_told_anything_under_an_expired_certificate(owner, certificate, name):
    fake = KINDS[name](certificate[0]) if name in KINDS else Fake(certificate[0])
    fields = fake.connection() if name in KINDS else ALL[name](fake)
    id = owner.connect(fake.type if name in KINDS else name.partition(" ")[0], **{"regression": "reopen", **fields, "name": "expired"})
    try:
        state, error = owner.state(id)
        assert state == 1 and "certificate" in error.lower(), error
        assert fake.seen == []
    finally:
        owner.disconnect(id)
        fake.close()


@pytest.mark.parametrize("name", KINDS)
def test_every_tracker_that_misbehaves_is_in_trouble_and_well_again(owner, name):
    fake = KINDS[name]()
    id = owner.connect(fake.type, **{"regression": "reopen", **fake.connection(), "name": "bad"})
    try:
        for how in ((500, {}), (429, {}, {"Retry-After": "60"}), "redirect", "endless", "garbage"):
            fake.misbehave(how)
            state, error = owner.test(id)
            assert state == 1 and error and len(error) <= 2000, how
            fake.bad.clear()
            assert owner.test(id) == (0, ""), how
        assert fake.requests("/latest/meta-data/") == [] and fake.faults == []
    finally:
        owner.disconnect(id)
        fake.close()
