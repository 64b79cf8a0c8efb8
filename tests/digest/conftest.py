import pytest

from harness.cluster import Cluster
from harness.line import Line
from harness.stack import Stack


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


@pytest.fixture
def durable_line(build, scratch, tmp_path_factory):
    """The same with a PostgreSQL of its own, that does fsync and may be killed."""
    folder = scratch / tmp_path_factory.mktemp("durable").name
    folder.mkdir(mode=0o755)
    cluster = Cluster(build, folder / "pg", durable=True)
    try:
        cluster.start()
        stack = Stack(build, folder / "stack", cluster, cluster.database(cluster.migrated()))
        stack.start("redis")
        yield Line(stack)
        stack.close()
    finally:
        cluster.stop()
