"""Every service misbehaves in every way: it is waited for, given up or cut."""

import json
import uuid

import pytest

from integration.conftest import NOTICE, SETTINGS, Owner
from integration.fake import Fake
from integration.test_chat import SERVICES
from integration.test_outbound import make_certificate
from integration.test_tracker import KINDS


def webhook(fake):
    fake.expect("POST", "/x", (200, ""), lambda seen: seen.json)
    return {"url": f"{fake.url}/x"}


ALL = {**SERVICES, "webhook": webhook}


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
    stack.write_config({**SETTINGS, "outbound.ca": certificate[1]})
    return stack.start()


@pytest.fixture(scope="module")
def owner(stack, shop):
    return Owner(stack).sign_in(stack.admin.email)


@pytest.fixture(scope="module")
def services(owner):
    """{name: (connection, fake)}, of all that messages go to."""
    made = {}
    for name, teach in ALL.items():
        fake = Fake()
        made[name] = owner.connect(name.partition(" ")[0], **{"name": name, **teach(fake)}), fake
    yield made
    for name, (id, fake) in made.items():
        owner.disconnect(id)
        fake.close()
        assert fake.faults == [], name


@pytest.fixture
def deliver_all(stack, services):
    """deliver_all(how): each misbehaves so from now on; {name: (state, code, answer, seconds until it is tried again)}."""
    ids = [id for id, _ in services.values()]

    def make(how, names=ALL):
        rows = {}
        for name in names:
            id, fake = services[name]
            fake.misbehave(*[how] * 50)
            org, type = stack.sql("select organization_id, type from integration where id = %s", id)[0]
            key = f"fire:1:{uuid.uuid4().hex}"
            rows[name] = stack.value(
                "insert into outbox (organization_id, cause, channel, integration_id, endpoint, key, data)"
                " values (%s, 'issue', %s, %s, %s, %s, %s) returning id",
                org, type, id, f"misbehave:{id}", key, json.dumps({**NOTICE, "organization_id": org, "key": key}))
        stack.sql("select pg_notify('vedette_outbox', '')")
        ended = "select 1 from outbox where id = any(%s) and attempts > 0 and leased_until is null"
        stack.wait_for(lambda: len(stack.sql(ended, list(rows.values()))) == len(rows), timeout=120, what="all attempts")
        return {name: stack.sql("select state, last_code, last_answer, extract(epoch from due_at - now())::float"
                                " from outbox where id = %s", row)[0] for name, row in rows.items()}
    yield make
    stack.sql("delete from outbox where integration_id = any(%s)", ids)
    stack.sql("delete from outbox_endpoint")
    stack.sql("update integration set state = 0, failures = 0 where id = any(%s)", ids)
    for _, fake in services.values():
        fake.bad.clear()


@pytest.mark.parametrize("how, state, code", [
    ((500, {}), 0, 500), ((429, {}, {"Retry-After": "900"}), 0, 429), ("redirect", 2, 302)],
    ids=["500", "429", "redirect"])
def test_every_service_is_waited_for_or_given_up(deliver_all, services, how, state, code):
    got = deliver_all(how)
    assert {name: (s, c) for name, (s, c, _, _) in got.items()} == dict.fromkeys(ALL, (state, code))
    if code == 429:
        assert [name for name, (_, _, _, wait) in got.items() if not 600 < wait < 1000] == []
    assert [name for name, (_, fake) in services.items() if fake.requests("/latest/meta-data/")] == []


def test_who_hangs_is_left(deliver_all):
    assert deliver_all("hang", ["mattermost"])["mattermost"][:2] == (0, 0)


def test_every_endless_answer_is_cut(deliver_all):
    got = deliver_all("endless")
    assert [name for name, (_, code, answer, _) in got.items() if code != 200 or len(answer) > 2000] == []


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
