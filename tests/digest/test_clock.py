"""The clock of a machine steps while events come: all are there, once, and no limit is stuck (reliability.md, F31)."""

import pytest

from harness.clock import Clock

HOUR, DAY = 3600, 86400


@pytest.fixture
def clock(new_stack):
    """Of edge, Redis and worker, as on one machine; PostgreSQL is on another."""
    stack = new_stack(start=[])
    clock = Clock(stack.build, stack.folder)
    clock.stack = stack
    for name in ("redis", "worker", "spool", "nginx"):
        clock.give(stack.part(name), ours=name != "redis")
    stack.start()
    return clock


def code(stack, project):
    return stack.send_envelope(project, {}, [({"type": "event"}, {"message": "a step"})]).status_code


@pytest.mark.parametrize("first", [HOUR, -HOUR, DAY, -DAY])
def test_events_go_on_through_a_step_and_back(clock, first):
    stack = clock.stack
    project = stack.create_project()
    sent = []
    for step in (0, first, 0):
        clock.step(step)
        sent += [stack.send_event(project, message=f"step {step} {n}") for n in range(3)]
        stack.wait_for_event(sent[-1])
    # what is under way while the clock steps
    stack.pause("worker")
    sent += [stack.send_event(project) for _ in range(3)]
    clock.step(first)
    stack.resume("worker")
    sent.append(stack.send_event(project))
    stack.wait_for(lambda: stack.redis.xlen("vedette:events") == 0, what="an empty stream")
    clock.step(0)
    ids = [id.hex for id, in stack.sql("select event_id from event where project_id = %s", project.id)]
    assert sorted(ids) == sorted(sent)
    assert stack.sql("select category, outcome, reason, sum(quantity)::int from outcome_hour where project_id = %s"
                     " group by 1, 2, 3", project.id) == [("error", "accepted", "", len(sent))]


@pytest.mark.parametrize("first", [HOUR, DAY, -DAY])
def test_keys_are_known_after_a_step_while_redis_is_away(clock, first):
    stack = clock.stack
    project = stack.create_project()
    stack.wait_for_event(stack.send_event(project))
    stack.stop("redis")
    clock.step(first)
    sent = [stack.send_event(project) for _ in range(3)]
    clock.step(0)
    sent.append(stack.send_event(project))
    stack.part("redis").start()
    for event in sent:
        stack.wait_for_event(event)


@pytest.mark.parametrize("first", [DAY, -DAY])
def test_a_limit_ends_after_its_window_whatever_the_clock_does(clock, first):
    """Of two events in five seconds: it holds, and lets events through again within seconds, not after an hour."""
    stack = clock.stack
    project = stack.create_project()
    stack.vedette("limit", "set", project.org, project.slug, "error", 2, 5)
    for step in (0, first, 0):
        clock.step(step)
        stack.wait_for(lambda: code(stack, project) == 429, what="a limit that holds")
        stack.wait_for(lambda: code(stack, project) == 200, 60, "a limit that ends")
