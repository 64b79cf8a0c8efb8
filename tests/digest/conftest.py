import pytest

from harness.line import Line


@pytest.fixture(scope="module")
def shared(new_stack):
    """One line for tests that break nothing; its worker runs."""
    line = Line(new_stack(start=["redis"]))
    line.start_worker()
    return line


@pytest.fixture
def line(shared):
    shared.org, shared.project = shared.add_project()
    return shared


@pytest.fixture
def own_line(new_stack):
    """A line of one test, to break; its worker does not run yet."""
    line = Line(new_stack(start=["redis"]))
    yield line
    line.stack.stop("worker", "redis")
