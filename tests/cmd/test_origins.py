"""Which web pages may send: set by a command, held at the edge."""

import pytest


def post(stack, project, origin=None):
    headers = {"Origin": origin} if origin else {}
    return stack.send_envelope(project, {}, [({"type": "event"}, {"message": "hi"})], headers=headers).status_code


def test_a_change_holds_at_the_edge_soon(stack):
    project, other = stack.create_project(), stack.create_project()
    shop, foreign = "https://shop.example.org", "https://elsewhere.example.net"
    assert post(stack, project, shop) == post(stack, project, foreign) == 200

    stack.vedette("project", "origins", project.org, project.slug, "https://*.example.org", "localhost:3000")
    stack.wait_for(lambda: post(stack, project, foreign) == 403)
    assert post(stack, project, shop) == post(stack, project, "http://localhost:3000") == 200
    assert post(stack, project) == 200, "what has no origin is no web page"
    assert post(stack, other, foreign) == 200, "another project has its own"

    # a new key of the project has them from the beginning
    stack.vedette("key", "add", project.org, project.slug, "second")
    keys = stack.sql("select public_key from project_key where project_id = %s order by id", project.id)
    assert {stack.redis.hget(f"vedette:key:{key}", "origins") for (key,) in keys} == {b"https://*.example.org localhost:3000"}

    stack.vedette("project", "origins", project.org, project.slug, "none")
    stack.wait_for(lambda: post(stack, project, shop) == 403)
    assert post(stack, project) == 200

    stack.vedette("project", "origins", project.org, project.slug, "*")
    stack.wait_for(lambda: post(stack, project, foreign) == 200)
    assert stack.value("""select count(*) from audit where action = 'project.edit' and object = %s
                          and after::text like '%%origins.allowed%%'""", project.slug) == 3


def test_what_is_set_is_printed(stack):
    project = stack.create_project()

    def told(*words):
        return stack.vedette("project", "origins", project.org, project.slug, *words).stdout.split()

    assert told() == ["*"]
    assert told(" a.example ", "", "*.b.example:8080/path") == ["a.example", "*.b.example:8080/path"]
    assert told() == ["a.example", "*.b.example:8080/path"]
    assert told("none") == told() == ["none"]


@pytest.mark.parametrize("pattern", ["two words", "http://", "://host", "host:port", "host:0", "*.", "a*b", "h\tost", "ä.example"])
def test_what_is_no_pattern_is_refused(stack, pattern):
    project = stack.create_project()
    done = stack.vedette("project", "origins", project.org, project.slug, "fine.example", pattern, check=False)
    assert done.returncode == 2 and "no pattern" in done.stderr
    assert stack.redis.hget(f"vedette:key:{project.key}", "origins") is None
