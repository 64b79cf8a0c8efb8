"""Client keys: what is changed here holds at the edge."""

import re
from urllib.parse import urlsplit

import pytest
import requests


def keys_of(project):
    return f"/acme/projects/{project.slug}/keys/"


def key_id(stack, project):
    return stack.value("select id from project_key where project_id = %s and label = 'Default'",
                       project.id)


def test_a_key_is_switched_off_and_on_at_the_edge(stack, browser, project):
    page = browser.open(keys_of(project))
    stack.send_event(project)
    page.get_by_role("checkbox", name="Default on").uncheck()
    page.get_by_role("button", name="Save").click()
    assert page.get_by_text("The key is off.").is_visible()
    stack.wait_for(lambda: stack.send_envelope(project, {}, []).status_code == 403)
    page.get_by_role("checkbox", name="Default on").check()
    page.get_by_role("button", name="Save").click()
    assert page.get_by_text("Saved.").is_visible()

    def accepted():
        answer = stack.send_envelope(project, {}, [({"type": "event"}, {"message": "again"})])
        return answer.status_code == 200
    stack.wait_for(accepted)


def test_a_new_key_works_beside_the_old_one(stack, browser, project):
    page = browser.open(keys_of(project))
    page.locator("summary", has_text="New key").click()
    page.get_by_label("Name").fill("Browser")
    page.get_by_role("button", name="Create key").click()
    page.get_by_text("The new key may be used at once.").wait_for()
    dsn = page.get_by_label("DSN of Browser").input_value()
    assert dsn != project.dsn and urlsplit(dsn).path == f"/{project.id}"
    old = project.dsn
    project.dsn = dsn
    stack.send_event(project)
    project.dsn = old
    stack.send_event(project)


def test_a_limit_is_set_kept_and_lifted(stack, admin, browser, project):
    path = f"{keys_of(project)}{key_id(stack, project)}/"
    page = browser.open(keys_of(project))
    page.get_by_label("Rate limit").last.fill("1000")
    page.get_by_label("Per").last.select_option("hour")
    page.get_by_role("button", name="Save").click()
    assert page.get_by_label("Rate limit").last.input_value() == "1000"
    record = stack.redis.hgetall(f"vedette:key:{project.key}")
    assert b" key 3600 1000 " in record[b"limits"]
    for wrong in ("many", "-1", "1.5", "99999999999999999999"):
        answer = admin.post(path, on="1", limit=wrong, window="60")
        assert answer.status_code == 422 and f'value="{wrong}"' in answer.text
    assert stack.sql("select limit_count, limit_window from project_key where project_id = %s",
                     project.id) == [(1000, 3600)]
    assert admin.post(path, on="1", limit="", window="60").status_code == 303
    assert stack.sql("select limit_count, limit_window from project_key where project_id = %s",
                     project.id) == [(None, None)]


def test_a_limit_of_the_command_line_survives_a_save(stack, browser, project):
    stack.vedette("key", "limit", "acme", project.slug, key_id(stack, project), 5, 90)
    page = browser.open(keys_of(project))
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    assert stack.sql("select limit_count, limit_window from project_key where project_id = %s",
                     project.id) == [(5, 90)]


@pytest.mark.parametrize("label", ["", "x" * 61])
def test_a_key_needs_a_name(stack, admin, project, label):
    answer = admin.post(keys_of(project), label=label)
    assert answer.status_code == 422
    assert "60 characters at most" in answer.text
    assert stack.value("select count(*) from project_key where project_id = %s", project.id) == 1


def test_another_projects_key_is_not_changed_from_here(stack, admin, project):
    other = stack.create_project()
    answer = admin.post(f"{keys_of(project)}{key_id(stack, other)}/", limit="")
    assert answer.status_code == 404
    assert stack.value("select is_active from project_key where project_id = %s", other.id)
    assert admin.post(f"{keys_of(project)}abc/", limit="").status_code == 404


def test_a_hostile_label_is_only_text(admin, browser, project):
    assert admin.post(keys_of(project), label='"><img src=x onerror=alert(1)>').status_code == 303
    page = browser.open(keys_of(project))
    assert "<img" not in page.content()
    assert page.get_by_text('"><img src=x onerror=alert(1)>').first.is_visible()


def test_keys_work_without_javascript(new_browser, stack, project):
    page = new_browser(stack.admin, java_script_enabled=False).open(keys_of(project))
    page.locator("summary", has_text="New key").click()
    page.get_by_label("Name").fill("No script")
    page.get_by_role("button", name="Create key").click()
    assert page.get_by_role("heading", name="No script").is_visible()


def state(stack, project):
    return stack.sql("select is_active, expires_at is not null, limit_count, limit_window from project_key"
                     " where project_id = %s order by id", project.id)


def test_a_key_is_rotated_and_the_old_one_works_until_its_time_is_over(stack, admin, browser, project):
    old = key_id(stack, project)
    stack.vedette("limit", "set", "acme", project.slug, old, "session", 7, 60)
    page = browser.open(keys_of(project))
    page.get_by_label("Rate limit").last.fill("1000")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    page.locator("summary", has_text="Rename or rotate").click()
    page.get_by_role("button", name="Rotate").click()
    page.get_by_text("Replaced, off in 6 d").wait_for()
    fresh = page.get_by_label("DSN of Default").last.input_value()
    assert state(stack, project) == [(True, True, 1000, 60), (True, False, 1000, 60)]
    stack.send_event(project)
    was, project.dsn = project.dsn, fresh
    stack.send_event(project)
    limits = stack.redis.hget(f"vedette:key:{urlsplit(fresh).username}", "limits")
    assert limits.count(b"session") == 1 and b"session" in limits
    stack.sql("update project_key set expires_at = now() where id = %s", old)
    project.dsn = was
    stack.wait_for(lambda: stack.send_envelope(project, {}, []).status_code == 403)
    assert state(stack, project)[0][:2] == (False, False)


@pytest.mark.parametrize("overlap", ["", "-1", "86401", "forever"])
def test_a_strange_overlap_is_refused(stack, admin, project, overlap):
    answer = admin.post(f"{keys_of(project)}{key_id(stack, project)}/rotate/", overlap=overlap)
    assert answer.status_code == 422 and "how long the old key" in answer.text
    assert len(state(stack, project)) == 1


def test_a_replaced_key_may_stay_and_one_that_is_off_may_go(stack, admin, project):
    path = f"{keys_of(project)}{key_id(stack, project)}/"
    assert admin.post(f"{path}rotate/", overlap="86400").status_code == 303
    assert admin.post(path, on="1", keep="1", label="Kept").status_code == 303
    assert state(stack, project)[0][:2] == (True, False)
    assert admin.post(f"{path}delete/").status_code == 422
    assert admin.post(path, label="Kept").status_code == 303
    assert admin.post(f"{path}rotate/", overlap="86400").status_code == 422
    assert admin.post(f"{path}delete/").status_code == 303
    assert len(state(stack, project)) == 1
    assert stack.redis.exists(f"vedette:key:{project.key}") == 0
    assert stack.sql("select action from audit where action like 'projectkey.%%' order by id desc limit 5") == [
        ("projectkey.remove",), ("projectkey.edit",), ("projectkey.edit",), ("projectkey.edit",),
        ("projectkey.create",)]


def test_a_key_says_when_it_was_used_and_where_else_it_sends_to(stack, admin, project):
    assert "Never used" in admin.get(keys_of(project)).text
    stack.wait_for_event(stack.send_event(project))
    text = admin.get(keys_of(project)).text
    assert "Never used" not in text and "Last used" in text
    for part in ("envelope/", f"security/?sentry_key={project.key}", f"unreal/{project.key}/",
                 "integration/otlp/v1/traces"):
        assert f"/api/{project.id}/{part}" in text


def test_every_address_that_the_page_names_takes_this_key(stack, admin, project):
    """What stands there is copied into other programs: none may be unknown at the edge, or ask for a key."""
    text = admin.get(keys_of(project)).text
    fold = re.search(r"Other addresses</summary>(.*?)</dl>", text, re.DOTALL).group(1)
    values = dict(re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", fold))
    old = urlsplit(values.pop("DSN of very old SDKs"))
    assert old.username == project.key and old.password and old.path == f"/{project.id}"
    auth = {"X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={old.username}, sentry_secret={old.password}"}
    answer = requests.post(f"http://{old.netloc.rpartition('@')[2]}/api{old.path}/store/", json={"message": "of an old SDK"},
                           headers=auth, timeout=60)
    assert answer.status_code == 200, answer.text
    assert values.pop("Public key") == project.key
    # an SDK with a tunnel says its DSN in the envelope, and nowhere else
    envelope = f'{{"dsn":"{project.dsn}"}}\n{{"type":"event"}}\n{{"message":"through a tunnel"}}\n'
    answer = requests.post(values.pop("Tunnel of a browser"), data=envelope, headers={"Content-Type": "text/plain"}, timeout=60)
    assert answer.status_code == 200, answer.text
    header, value = values.pop("OTLP header").split(": ")
    addresses = {name: re.sub("<.*?>", "", address) for name, address in values.items()}
    assert len(addresses) >= 9
    types = {"Security reports, CSP": "application/csp-report", "Network errors, NEL": "application/reports+json",
             "OTLP traces": "application/json", "OTLP logs": "application/json"}
    for name, address in addresses.items():
        kind = {"Content-Type": types.get(name, "text/plain")}
        bare = {"Envelope": auth, "Store": auth}.get(name, {header: value} if "OTLP" in name else {})
        answer = requests.post(address, data=b"{}", headers={**kind, **bare}, timeout=60)
        assert answer.status_code in (200, 201, 202, 400), f"{name}: {answer.status_code} {answer.text}"
        if name not in ("Envelope", "Store", "OTLP traces", "OTLP logs"):
            other = address.replace(project.key, "0" * 32)
            assert requests.post(other, data=b"{}", headers=kind, timeout=60).status_code in (401, 403), name
