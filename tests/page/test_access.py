"""For everybody: contrast, names, landmarks, focus, the keyboard alone."""

import uuid

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.timeout(1800)  # every page, three times: a busy machine needs its time

PATHS = ["/login/", "/acme/projects/", "/acme/dashboard/", "/acme/new-project/",
         "/acme/settings/", "/acme/settings/members/", "/acme/settings/teams/",
         "/acme/settings/roles/", "/acme/settings/audit/", "/acme/settings/integrations/",
         "/acme/settings/integrations/new/webhook/",
         "{project}getting-started/", "{project}keys/", "{project}filters/", "{project}settings/", "/account/",
         "/acme/issues/", "{issue}", "/acme/stats/", "{project}", "/acme/releases/", "/acme/releases/shop@1.0/",
         "/acme/releases/shop@1.0/compare/?with=shop@1.0",
         "/acme/feedback/", "{attachment}", "/admin/health/", "/admin/audit/", "/admin/letters/", "/admin/letters/{letter}/", "/acme/stats/event/", "/acme/stats/refused/", "/acme/stats/senders/",
         "/acme/alerts/", "/acme/alerts/new/", "/acme/alerts/history/", "/acme/alerts/incidents/",
         "/acme/alerts/deliveries/", "/account/security/", "/account/tokens/", "/account/notifications/",
         "/acme/settings/security/", "{issue}tags/", "{issue}similar/", "{issue}merged/", "{issue}events/", "{issue}events/?q=level:error&col=url",
         "{issue}?environment=production&range=24h", "/acme/jobs/",
         "/acme/explore/", "/acme/alerts/import/", "/acme/stats/event/?id={event}",
         "/acme/settings/data/", "/acme/settings/limits/", "/acme/settings/import/", "/acme/settings/sso/", "/acme/settings/transfers/", "{project}transfer/",
         "{project}origins/", "{project}data/", "{project}tags/", "{project}environments/", "{project}access/",
         "{project}scrubbing/", "{project}grouping/", "{project}ownership/", "{project}code/", "{project}mails/", "{project}life/",
         "{project}limits/", "/acme/settings/usage/", "/acme/settings/code/", "/account/join/", "/acme/alerts/channels/", "/acme/issues/searches/", "/acme/issues/help/",
         "/acme/explore/saved/", "/acme/explore/sessions/?by=release",
         "/acme/no-such-page/"]


FRAME = {"filename": "shop/cart.py", "function": "add", "lineno": 12, "in_app": True,
         "pre_context": ["def add(item):"], "context_line": "    raise ValueError(item)",
         "post_context": [""], "vars": {"item": "'pen'", "count": 3}}
EVENT = {
    "message": None, "platform": "python", "release": "shop@1.0", "environment": "production",
    "exception": {"values": [{"type": "ValueError", "value": "no such item: pen", "stacktrace": {
        "frames": [{**FRAME, "function": "main", "in_app": False, "filename": "lib/run.py"}, FRAME]}}]},
    "breadcrumbs": {"values": [{"timestamp": 1.7e9, "category": "http", "type": "http",
                                "message": "GET /cart", "level": "info"}]},
    "request": {"url": "https://shop.example/cart?a=1", "method": "GET",
                "headers": {"User-Agent": "Mozilla/5.0"}, "query_string": "a=1"},
    "user": {"id": "42", "email": "jane@example.org"}, "tags": {"server": "web1", "browser": "Firefox"},
    "contexts": {"os": {"name": "Linux", "version": "6.1"}, "runtime": {"name": "CPython"}},
    "extra": {"cart": {"items": [1, 2]}}, "modules": {"flask": "3.0"},
    "sdk": {"name": "sentry.python", "version": "2.0"},
}


@pytest.fixture
def pages(stack, project):
    """Every path, of a project that has an event."""
    event = uuid.uuid4().hex
    stack.send_envelope(project, {"event_id": event}, [
        ({"type": "event"}, {"event_id": event, **EVENT}),
        ({"type": "attachment", "filename": "log.txt"}, b"first line"),
        ({"type": "user_report"}, {"event_id": event, "name": "Jo", "comments": "It broke"})])
    stack.wait_for_event(event)
    stack.wait_for_event(stack.send_event(project, EVENT, fingerprint=["similar"]))
    file = stack.value("select id from attachment where project_id = %s", project.id)
    letter = stack.redis.xadd("vedette:events:dead", {
        "v": "1", "e": "store", "p": str(project.id), "d": "{}", "dead_id": "1-0", "dead_reason": "crash",
        "dead_at": "1700000000000000"}).decode()
    places = {"event": event, "letter": letter, "project": f"/acme/projects/{project.slug}/",
              "attachment": f"/acme/projects/{project.slug}/attachments/{file}/",
              "issue": f"/acme/issues/{project.slug.upper()}-1/"}
    return [path.format(**places) for path in PATHS]


@pytest.mark.parametrize("scheme, width", [("light", 1280), ("dark", 1280), ("light", 390)])
def test_axe_finds_nothing_serious_and_no_page_is_wider_than_the_screen(new_browser, stack, pages, scheme, width):
    browser = new_browser(stack.admin, color_scheme=scheme, viewport={"width": width, "height": 900})
    browser.expect_error("404")
    found = []
    for path in pages:
        browser.page.goto(stack.url + path)
        wide = browser.page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{path}: {wide} px on a screen of {width}")
        for violation in Axe().run(browser.page).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                found += [f"{path}: {violation['id']}: {node['html'][:160]}"
                          for node in violation["nodes"]]
    assert found == []


def test_the_keyboard_reaches_the_content_and_the_menus(browser, project):
    page = browser.open("/acme/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")

    page.locator(".side-user summary").focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("link", name="Your account").is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_role("link", name="Your account").is_visible()


def test_a_phone_has_its_menu_behind_a_button(new_browser, stack, project):
    page = new_browser(stack.admin, viewport={"width": 390, "height": 800},
                       java_script_enabled=False).open("/acme/")
    assert not page.get_by_role("link", name="Issues").is_visible()
    page.get_by_role("button", name="Menu").click()
    assert page.get_by_role("link", name="Issues").is_visible()
