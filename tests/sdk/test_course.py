"""The example of a course, on a real SDK: exactly two events, and what they carry."""

import pytest

from sdk.pages import NewProject, Stream, seconds_since_sent

pytestmark = pytest.mark.timeout(900)  # a fresh machine builds the programs first


def test_the_four_lines_of_the_course(stack, browser, program, passed):
    python = program("python")
    stack.create_project()  # and with it the organisation
    project = NewProject(browser, "Course")
    stream = Stream(browser, project.path)

    python.send(project.dsn, "course.py")
    seen = stream.wait_for("I am an event", "ZeroDivisionError")
    project.turns()

    # all that the SDK has sent is stored, and it is two issues of one event
    stack.wait_for(lambda: stack.redis.xlen("vedette:events") == 0)
    stream.search("")
    assert sorted(stream.events()) == [("I am an event", 1), ("ZeroDivisionError", 1)]

    first = stream.open_issue("I am an event")
    assert first.title == "I am an event"
    assert "I am a breadcrumb" in first.section("Breadcrumbs").inner_text()
    assert first.variables(first.section("Additional data"))["bar"] == "43"
    assert "I am ignored" not in first.html + str(first.document())

    second = stream.open_issue("ZeroDivisionError")
    assert second.title == "ZeroDivisionError"
    assert second.message == "integer division or modulo by zero"
    share, module = second.frame("share"), second.frame("<module>")
    for frame, line, source in (
        (share, "return slices // guests", "slices = cake * 8"),
        (module, "share(cake=3, guests=0)", "except Exception:"),
    ):
        text = frame.inner_text()
        assert "course.py" in text
        assert f"line {python.line_of('course.py', line)}" in text
        assert line in text and source in text
    assert second.variables(share) == {"cake": "3", "guests": "0", "slices": "24"}
    sdk, document = second.sdk, second.document()
    assert "I am ignored" not in second.html + str(document)

    # nothing of the debug line exists anywhere
    stream.search("ignored")
    assert stream.events() == []
    passed(sdk, seconds_since_sent(document, seen))
