"""Do a project's releases follow semver? (grouping.md §6)"""

import pytest

from harness.line import envelope, make_event


def releases(line, names):
    """As events bring them, the last of names is the newest."""
    for n, name in enumerate(names):
        line.add(envelope(make_event({"release": name})))
        line.drained()
        line.sql("update release set first_seen = now() - interval '1 day' + interval '1 second' * %s"
                 " where project_id = %s and version = %s", n, line.project, name)


# the newest first: v has a version that can be ordered, x has none
@pytest.mark.parametrize("order, follows", [
    ("", False), ("v", True), ("x", False),
    ("vx", True), ("xv", False), ("vv", True),
    ("xxv", True), ("xxxv", False), ("xxxvvvvvv", False), ("vxxxxxxxx", True), ("xvxxxxxxx", True),
    ("vvvxxxxxxx", True), ("vxxxxxxxvv", True), ("vvxxxxxxxx", False), ("xxxvvvvvvv", False), ("xxvvvxxxxx", True),
    ("vxxxxxxxxxvvv", False), ("xxvxxxxxvvxxx", True),
])
def test_the_newest_ten_decide(line, order, follows):
    names = [f"{i}.0.{i}" if letter == "v" else f"build {i}" for i, letter in enumerate(reversed(order))]
    releases(line, names)
    assert line.value("select release_is_ordered(%s)", line.project) == follows


@pytest.mark.parametrize("names, latest", [
    (["2.0", "1.9"], "2.0"), (["10.0", "9.0", "main"], "10.0"), (["3.0", "b", "a"], "3.0"), (["3.0", "c", "b", "a"], "a"),
    (["1.0", "1.0-rc.1"], "1.0"), (["shop@1.2.9", "shop@1.2.10", "shop@1.2.1"], "shop@1.2.10"), (["a", "b"], "b")])
def test_the_latest_is_the_highest_or_the_newest(line, names, latest):
    releases(line, names)
    assert line.value("select release_newest(%s)", line.project) == latest


@pytest.mark.parametrize("order, release, regresses", [
    ("semver", "1.9", False), ("semver", "2.0", True), ("semver", "2.0.1", True), ("semver", "main", True),
    ("date", "1.9", True), ("date", "3.0", True), ("date", "2.0", True)])
def test_an_issue_resolved_in_a_release_regresses_by_that_order(line, order, release, regresses):
    """What the project follows decides, and a version without an order goes by its date whatever that is."""
    releases(line, ["1.0", "1.1", "2.0"] if order == "semver" else ["2.0", "a", "b", "c"])
    line.add(envelope(make_event({"message": "of old", "release": "2.0"})))
    line.drained()
    issue = line.value("select id from issue where project_id = %s and title = 'of old'", line.project)
    line.sql("update issue set status = 1 where id = %s", issue)
    line.sql("insert into issue_resolution (organization_id, issue_id, kind, release, at) values (%s, %s, 1, '2.0', now())",
             line.org, issue)
    line.add(envelope(make_event({"message": "of old", "release": release})))
    line.drained()
    assert (line.value("select status from issue where id = %s", issue) == 0) == regresses
