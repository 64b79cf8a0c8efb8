"""Spike protection: a burst far beyond a project's own normal is capped, told on Stats, released."""

import time

import pytest

WINDOW = 4


@pytest.fixture(scope="module")
def stack(new_stack):
    stack = new_stack(start=["redis", "web"])
    stack.write_config({"spike.window": WINDOW, "spike.floor": 5})
    for name in ("worker", "nginx"):
        stack.start(name)
    return stack


def normal(stack, project, an_hour, hours=168, reason=""):
    """Hours of a past week; one of them nine times as busy, which is not normal."""
    stack.sql("""insert into outcome_hour (organization_id, project_id, key_id, hour, category, outcome, reason, quantity)
                 select p.organization_id, p.id, 0, date_trunc('hour', now()) - make_interval(hours => h), 'error',
                        case when %s = '' then 'accepted' else 'rate_limited' end, %s, case when h = 3 then 9 else 1 end * %s
                   from project p, generate_series(1, %s) h where p.id = %s""",
              reason, reason, an_hour, hours, project.id)
    stack.sql("update project_spike set updated_at = now() - interval '2 hours' where project_id = %s", project.id)


def told(stack, project, *word):
    words = stack.vedette("project", "spike", project.org, project.slug, *word).stdout.split()
    return words[0], *(int(word) for word in words[1:])


def post(stack, project):
    return stack.send_envelope(project, {}, [({"type": "event"}, {"message": "hi"})])


def test_a_burst_is_capped_told_and_released(stack):
    project = stack.create_project()
    normal(stack, project, 8)
    stack.wait_for(lambda: told(stack, project)[:4] == ("on", 8, 8, WINDOW))
    stack.wait_for(lambda: b"spike_protection" in stack.redis.hget(f"vedette:key:{project.key}", "limits"))

    def burst():
        # within one window, once the edge has heard of it
        time.sleep(WINDOW - time.time() % WINDOW)
        answers = [post(stack, project) for _ in range(12)]
        codes = [answer.status_code for answer in answers]
        return codes == [200] * 8 + [429] * 4 and answers

    refused = stack.wait_for(burst, timeout=120)[-1]
    seconds, rest = refused.headers["X-Sentry-Rate-Limits"].split(":", 1)
    assert rest == "default;error;security:project:spike_protection" and 1 <= int(seconds) <= WINDOW

    # released by itself, with the next window
    stack.wait_for(lambda: post(stack, project).status_code == 200)

    stack.wait_for(lambda: told(stack, project)[4] >= 4, what="the ledger to tell of it")
    assert stack.sql("""select distinct outcome, category from outcome_hour where project_id = %s
                        and reason = 'spike_protection'""", project.id) == [("rate_limited", "error")]


def test_a_project_without_a_normal_is_not_capped(stack):
    project = stack.create_project()
    normal(stack, project, 100, hours=23)
    stack.wait_for(lambda: stack.sql("select 1 from project_spike where project_id = %s and updated_at > now() - interval '1 hour'",
                                     project.id))
    assert told(stack, project) == ("on", 100, 0, WINDOW, 0)
    assert stack.redis.hget(f"vedette:key:{project.key}", "limits") == b""


def test_the_floor_and_what_was_refused(stack):
    """Few events are no spike; what the cap refused counts as if it had come in."""
    quiet, growing = stack.create_project(), stack.create_project()
    normal(stack, quiet, 1)
    normal(stack, growing, 50, hours=100)
    normal(stack, growing, 70, hours=9, reason="spike_protection")
    stack.wait_for(lambda: told(stack, quiet)[1:3] == (1, 5))
    stack.wait_for(lambda: told(stack, growing)[1:3] == (120, 120))


def test_it_can_be_turned_off(stack):
    project = stack.create_project()
    normal(stack, project, 8)
    stack.wait_for(lambda: b"spike_protection" in stack.redis.hget(f"vedette:key:{project.key}", "limits"))
    assert told(stack, project, "off")[0] == "off"
    assert stack.redis.hget(f"vedette:key:{project.key}", "limits") == b""
    assert told(stack, project, "on")[0] == "on"
    assert b"spike_protection" in stack.redis.hget(f"vedette:key:{project.key}", "limits")


def test_a_cap_that_moves_little_stays(stack):
    project = stack.create_project()
    normal(stack, project, 100)
    # the table first, and then the edges
    stack.wait_for(lambda: told(stack, project)[2] == 100)
    stack.wait_for(lambda: b"spike_protection" in stack.redis.hget(f"vedette:key:{project.key}", "limits"))
    version = stack.redis.get("vedette:keys:version")
    stack.sql("update outcome_hour set quantity = quantity * 1.08 where project_id = %s", project.id)
    normal(stack, project, 0, hours=0)
    stack.wait_for(lambda: told(stack, project)[1] == 108)
    assert told(stack, project)[2] == 100
    assert stack.redis.get("vedette:keys:version") == version
