"""An administrator sees what could not be digested, sends it again or throws it away; the audit log says who."""

import json

import pytest

from page.conftest import Person

DEAD = "vedette:events:dead"


@pytest.fixture(scope="module")
def admin(stack):
    return Person(stack).sign_in(stack.admin.email)


@pytest.fixture
def poison(stack, project):
    """Sends events that PostgreSQL refuses; the ids of their letters. What was wrong is then put right."""
    def send(*words):
        stack.sql("alter table event add constraint poison check (title not like 'poison%%') not valid")
        stack.expect_log("poison")
        before = stack.redis.xlen(DEAD)
        for word in words:
            stack.send_event(project, message=f"poison {word}")
        stack.wait_for(lambda: stack.redis.xlen(DEAD) == before + len(words))
        stack.sql("alter table event drop constraint poison")
        return [name.decode() for name, _ in stack.redis.xrange(DEAD)][-len(words):]

    yield send
    stack.redis.delete(DEAD)


def lines(stack):
    return stack.sql("select actor_email, action, object from audit where organization_id is null order by id")


def titles(stack, project):
    return {row[0] for row in stack.sql("select title from event where project_id = %s", project.id)}


def test_one_is_shown_with_its_reason_and_sent_again(stack, project, admin, poison):
    name, = poison("<b>apple</b>")
    assert 'href="/admin/letters/"' in admin.get("/admin/health/").text
    text = admin.get("/admin/letters/").text
    assert name in text and "the database refuses its content" in text and str(project.id) in text
    text = admin.get(f"/admin/letters/{name}/").text
    assert "poison &lt;b&gt;apple" in text and "the database refuses its content" in text
    assert "poison <b>" not in text

    answer = admin.post("/admin/letters/", letter=name, do="replay")
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/admin/letters/")
    assert "The dead letter is sent again." in admin.get("/admin/letters/").text
    stack.wait_for(lambda: "poison <b>apple</b>" in titles(stack, project))
    assert stack.redis.xlen(DEAD) == 0 and "All that the edge has accepted was understood." in admin.get("/admin/letters/").text
    assert lines(stack)[-1] == (stack.admin.email, "system.replay", name)
    text = admin.get("/admin/audit/").text
    assert "sent dead letters again:" in text and name in text and stack.admin.email in text
    assert admin.post("/admin/letters/", letter=name, do="replay").status_code == 303
    assert "That dead letter is gone." in admin.get("/admin/letters/").text


def test_all_are_sent_again_and_one_is_thrown_away(stack, project, admin, poison):
    first, _, _ = poison("pear", "plum", "fig")
    admin.post("/admin/letters/", letter=first, do="purge")
    assert stack.redis.xlen(DEAD) == 2 and lines(stack)[-1][1:] == ("system.purge", first)
    admin.post("/admin/letters/", letter="all", do="replay")
    assert "Dead letters that were sent again: 2" in admin.get("/admin/letters/").text
    stack.wait_for(lambda: {"poison plum", "poison fig"} <= titles(stack, project))
    assert "poison pear" not in titles(stack, project)
    assert lines(stack)[-1][1:] == ("system.replay", "all")


def test_a_large_body_stays_where_it_is_and_follows(stack, project, admin):
    """Thrown away with its letter: what is kept apart must not stay behind."""
    name = stack.redis.xadd(DEAD, {"v": "2", "e": "store", "p": project.id, "z": 2000000, "dead_id": "17-5",
                                   "dead_reason": "crash", "dead_at": 1700000000000000}).decode()
    stack.redis.hset("vedette:body:17-5", "0", "x" * 100)
    text = admin.get(f"/admin/letters/{name}/").text
    assert f"<code>vedette queue show {name}</code>" in text and "2.0 MB" in text or "1.9 MB" in text
    admin.post("/admin/letters/", letter=name, do="purge")
    assert not stack.redis.exists("vedette:body:17-5") and stack.redis.xlen(DEAD) == 0


def test_many_are_told_page_by_page_without_their_bodies(stack, admin):
    names = [stack.redis.xadd(DEAD, {"v": "1", "e": "store", "p": 1, "d": "x" * 3000, "dead_id": f"18-{n}",
                                     "dead_reason": "crash", "dead_at": 1},
                              id=f"{4_000_000_000_000 + n}-0").decode() for n in range(60)]  # none is the beginning of another
    text = admin.get("/admin/letters/").text
    assert names[49] in text and names[50] not in text and "2.9 KB" in text and "xxx" not in text
    text = admin.get(f"/admin/letters/?after={names[49]}").text
    assert names[50] in text and names[59] in text and names[49] not in text
    assert "There are no newer ones" in admin.get(f"/admin/letters/?after={names[59]}").text
    stack.redis.delete(DEAD)


@pytest.mark.parametrize("form, status", [
    ({"letter": "1-0", "do": "burn"}, 400), ({"letter": "nonsense", "do": "purge"}, 400),
    ({"letter": "1-0@7", "do": "purge"}, 400), ({"letter": "1-0", "do": "purge"}, 303)])
def test_words_that_are_none_do_nothing(stack, admin, form, status):
    assert admin.post("/admin/letters/", **form).status_code == status
    for name in ("1-0", "nonsense", "1-0@7"):
        assert admin.get(f"/admin/letters/{name}/").status_code == 404
    assert admin.get("/admin/letters/?after=nonsense").status_code == 400


def test_what_is_done_to_the_installation_leaves_a_line(stack, admin, member_of):
    before = len(lines(stack))
    for which, what in (("digest", "set"), ("digest", "release")):
        admin.post("/admin/health/brake/", brake=which, do=what)
    assert json.loads(admin.post("/admin/health/report/").text)["version"]
    assert admin.post("/admin/health/clean-up/").status_code == 303
    assert "The clean-up of all organisations begins within seconds." in admin.get("/admin/health/").text
    stack.wait_for(lambda: stack.value("select finished_at from retention_run where asked order by id desc limit 1"))
    stack.vedette("queue", "pause")
    stack.vedette("queue", "resume")
    mine = [(action, what) for _, action, what in lines(stack)[before:]]
    assert mine == [("system.brake", "digest"), ("system.release", "digest"), ("system.report", "the installation"),
                    ("retention.ask", "all organisations"), ("system.brake", "digest"), ("system.release", "digest")]
    text = admin.get("/admin/audit/").text
    assert "stopped <b" in text and "let go on <b" in text and "took the report of" in text
    owner = member_of("acme", "owner")
    assert owner.get("/admin/audit/").status_code == 403
    text = owner.get("/acme/settings/audit/").text
    assert "system.brake" not in text and "took the report" not in text
