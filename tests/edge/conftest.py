"""Fixtures of the edge's tests; server.py has what they hand out.

edge     (module) an nginx with the module, and a Redis
key      (test)   a new key of project 42 on `edge`
new_edge (test)   a function that makes more: to stop, reload or kill things, or
                  with another configuration
"""

import pytest

from edge.server import Edge

_numbers = iter(range(1, 10**6))


@pytest.fixture(scope="module")
def edge(build, scratch):
    edge = Edge(build, scratch / f"edge{next(_numbers)}")
    try:
        yield edge.start()
    finally:
        edge.close()


@pytest.fixture
def new_edge(build, scratch):
    made = []

    def make(start=True, **options):
        edge = Edge(build, scratch / f"edge{next(_numbers)}", **options)
        made.append(edge)
        return edge.start() if start else edge

    yield make
    for edge in made:
        edge.close()


@pytest.fixture
def key(edge):
    return edge.key()
