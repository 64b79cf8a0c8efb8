"""Limits of keys, projects and organisations: set by a command, held at the edge."""

import re

import pytest

from harness.build import ROOT


def lines_of(stack, project):
    limits = stack.redis.hget(f"vedette:key:{project.key}", "limits").decode()
    return sorted(re.sub(r"^q\d+ ", "", line) for line in limits.splitlines())


def key_id(stack, project):
    return int(stack.redis.hget(f"vedette:key:{project.key}", "key"))


def post(stack, project, item="event"):
    answer = stack.send_envelope(project, {}, [({"type": item}, {"type": item, "message": "hi"})])
    return answer.status_code, answer.headers.get("X-Sentry-Rate-Limits", "")


def test_each_owner_has_limits_of_its_own(stack):
    web, api = stack.create_project("web", org="owners"), stack.create_project("backend", org="owners")
    other = stack.create_project("web", org="others")
    stack.vedette("limit", "set", "owners", "error,transaction", 100, 3600)
    stack.vedette("limit", "set", "owners", "web", "*", 50, 60)
    stack.vedette("limit", "set", "owners", "web", "*", 900, 86400)
    stack.vedette("limit", "set", "owners", "web", key_id(stack, web), "attachment", 1000000, 60)
    assert lines_of(stack, web) == ["key 60 1000000 attachment key_quota",
                                    "organization 3600 100 error;transaction org_quota",
                                    "project 60 50 * project_quota", "project 86400 900 * project_quota"]
    assert lines_of(stack, api) == ["organization 3600 100 error;transaction org_quota"]
    assert lines_of(stack, other) == []

    # the same categories and window: another count, not another limit
    stack.vedette("limit", "set", "owners", "web", "*", 70, 60)
    printed = stack.vedette("limit", "list", "owners", "web").stdout
    assert [line.split("\t")[1:] for line in printed.splitlines()] == [["*", "70", "60"], ["*", "900", "86400"]]

    id = printed.split("\t")[0]
    assert stack.vedette("limit", "remove", "others", "web", id, check=False).returncode == 1
    assert stack.vedette("limit", "remove", "owners", id, check=False).returncode == 1
    stack.vedette("limit", "remove", "owners", "web", id)
    assert "project 60 70 * project_quota" not in lines_of(stack, web)

    changes = stack.sql("""select action, object, before, after from audit join organization o
                           on o.id = organization_id where o.slug = 'owners' and after::text || before::text like '%limit of%'
                           order by audit.id""")
    assert [row[:2] for row in changes] == [("org.edit", "owners"), ("project.edit", "web"), ("project.edit", "web"),
                                            ("projectkey.edit", "web, Default"), ("project.edit", "web"),
                                            ("project.edit", "web")]
    assert changes[4][2:] == ('{"limit of * in 60 s":"50"}', '{"limit of * in 60 s":"70"}')


@pytest.mark.parametrize("words", [
    ["nonsense", "5", "60"], ["error", "-1", "60"], ["error", "5", "0"], ["error", "5", "99999999"],
    ["error", "x", "60"], ["", "5", "60"], ["error", "5"], ["error;error'", "5", "60"],
])
def test_a_limit_that_makes_no_sense_is_refused(stack, words):
    project = stack.create_project()
    done = stack.vedette("limit", "set", project.org, project.slug, *words, check=False)
    assert done.returncode == 2


def test_more_than_a_record_has_room_for(stack):
    project = stack.create_project()
    for seconds in range(1, 9):
        stack.vedette("limit", "set", project.org, project.slug, "error", 5, seconds)
    done = stack.vedette("limit", "set", project.org, project.slug, "error", 5, 9, check=False)
    assert done.returncode == 1 and "8 limits already" in done.stderr
    stack.vedette("limit", "set", project.org, project.slug, "error", 6, 8)


def test_the_categories_are_those_that_the_edge_counts():
    source = (ROOT / "ngx_module" / "ngx_http_vedette_limit.c").read_text()
    edge = re.findall(r'ngx_string\("(\w+)"\)', source[source.index("ngx_http_vedette_categories[] = {"):
                                                       source.index("ngx_http_vedette_limit_spool")])
    source = (ROOT / "fcgi_app" / "model" / "quota.c").read_text()
    ours = re.findall(r'"(\w+)"', source[source.index("quota_categories[] = {"):source.index("quota_categories_count =")])
    assert ours == edge and len(ours) == 18


def test_a_limit_of_the_organisation_counts_its_projects_together(stack):
    """And holds at the edge soon, as does its end."""
    one, two = stack.create_project(org="together"), stack.create_project(org="together")
    assert post(stack, one)[0] == post(stack, two)[0] == 200

    stack.vedette("limit", "set", "together", "error", 0, 86400)
    stack.wait_for(lambda: post(stack, one)[0] == 429 and post(stack, two)[0] == 429)
    assert post(stack, one)[1] == "60:error:organization:org_quota"
    assert post(stack, one, "transaction")[0] == 200

    stack.vedette("limit", "set", "together", "error", 1000, 86400)
    stack.wait_for(lambda: post(stack, one)[0] == 200 and post(stack, two)[0] == 200)
    organization = stack.value("select id from quota where organization_id = (select id from organization where slug = 'together')")
    counters = stack.redis.keys(f"vedette:quota:q{organization}:*")
    assert sum(int(stack.redis.get(name) or 0) for name in counters) >= 2


def test_a_deleted_project_takes_its_limits_along(stack):
    project = stack.create_project()
    stack.vedette("limit", "set", project.org, project.slug, "error", 5, 60)
    stack.sql("delete from project where id = %s", project.id)
    assert stack.value("select count(*) from quota where project_id = %s", project.id) == 0
