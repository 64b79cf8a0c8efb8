"""vedette status: one line a part, and an exit status that monitoring can use."""

import re


def lines_of(done):
    return {line.split()[0]: line for line in done.stdout.splitlines()}


def healthy(stack):
    """Its lines, when it is content."""
    done = stack.vedette("status", check=False)
    return done.returncode == 0 and lines_of(done)


def test_a_whole_line_is_ok_and_every_process_has_its_memory(stack):
    lines = stack.wait_for(lambda: healthy(stack), what="vedette status to be content")
    assert list(lines) == ["edge", "spool", "redis", "queue", "worker", "chores", "database", "web"]
    assert all(line.split()[1] == "ok" for line in lines.values())
    assert "200 in" in lines["edge"]
    assert re.search(r"0 waiting", lines["queue"])
    for part in ("edge", "spool", "worker", "chores", "web"):
        assert re.search(r"pid \d+ \d+\.\d MB", lines[part]), lines[part]
    assert re.search(r"\d+ processes \d+\.\d MB", lines["database"])


def test_what_is_broken_is_named(fresh_stack):
    stack = fresh_stack
    stack.wait_for(lambda: healthy(stack), what="vedette status to be content")

    # a sign of life lasts as long as message.h says
    stack.stop("worker")
    stack.wait_for(lambda: "BROKEN" in lines_of(stack.vedette("status", check=False))["worker"],
                   what="the stopped worker to be missed")
    done = stack.vedette("status", check=False)
    assert done.returncode == 1
    assert "BROKEN" not in lines_of(done)["web"]

    stack.expect_log("redis|connect")
    stack.stop("redis")
    done = stack.vedette("status", check=False)
    assert done.returncode == 1
    assert "BROKEN" in lines_of(done)["redis"]
    # it takes events all the same: they go to the spool
    assert "BROKEN" not in lines_of(done)["edge"]


def test_what_waits_is_counted_and_has_an_age(new_stack):
    stack = new_stack(start=["redis"])
    stack.redis.xadd("vedette:events", {"d": "x"}, id=f"{1}-0")
    stack.redis.xadd("vedette:events", {"d": "x"})
    line = lines_of(stack.vedette("status", check=False))["queue"]
    assert "BROKEN" in line and "2 waiting" in line
    assert float(re.search(r"oldest for (\d+\.\d) s", line)[1]) > 1e9


def test_our_own_processes_stay_small(stack, build, project):
    if build.sanitized:
        import pytest
        pytest.skip("a sanitizer's shadow memory is no product's memory")
    event = stack.send_event(project)
    stack.wait_for_event(event)
    lines = stack.wait_for(lambda: healthy(stack), what="vedette status to be content")
    ours = [float(mb) for part in ("edge", "spool", "worker", "chores", "web")
            for mb in re.findall(r"pid \d+ (\d+\.\d) MB", lines[part])]
    assert len(ours) >= 4
    assert sum(ours) < 60, ours
    assert max(ours) < 20, ours
