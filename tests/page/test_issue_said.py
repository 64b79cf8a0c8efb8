"""What an event says beside its exception, and what was wrong with it."""

import pytest

from page.test_issue import link, section, send

FAILED = {"values": [{"type": "IOError", "value": "disk full"}]}


def opened(stack, project, new_browser, event):
    send(stack, project, event)
    return new_browser(stack.admin, java_script_enabled=False).open(link(stack, project))


def words(locator):
    return " ".join(locator.text_content().split())


@pytest.mark.parametrize("event, shown", [
    ({"logentry": {"message": "Could not pay order %s", "params": ["41"]}, "exception": FAILED}, "Could not pay order 41"),
    ({"message": "Import failed\nrow 7: no price\nrow 9: no price"}, "Import failed row 7: no price row 9: no price"),
    ({"message": "x" * 300}, "x" * 300),
    ({"message": "Card 4111 1111 1111 1111 refused", "exception": FAILED},
     "Card [creditcard] refused [Filtered: @creditcard:replace]"),
    ({"message": "<b>Bold</b> %s", "exception": FAILED}, "<b>Bold</b> %s"),
], ids=["logged with an exception", "several lines", "longer than a title", "scrubbed", "html"])
def test_the_message_of_an_event_is_shown(stack, project, new_browser, event, shown):
    page = opened(stack, project, new_browser, event)
    assert words(section(page, "message").locator("p")) == shown


def test_the_template_of_a_message_stands_beside_its_parameters(stack, project, new_browser):
    page = opened(stack, project, new_browser, {"exception": FAILED, "logentry": {
        "message": "Order %(order)s of %(who)s", "params": {"order": 41, "who": "ann", "password": "hunter2"}}})
    message = section(page, "message")
    assert words(message.locator("p")) == "Order 41 of ann"
    assert message.locator("dd").all_text_contents() == [
        "Order %(order)s of %(who)s", "41", "ann", "[Filtered: @password:filter]"]


@pytest.mark.parametrize("event", [
    {"message": "disk full"},
    {"message": "disk full", "exception": FAILED},
    {"message": "IOError: disk full", "exception": FAILED},
], ids=["it is the title", "it is the value", "it is the exception"])
def test_a_message_that_the_head_says_is_not_said_again(stack, project, new_browser, event):
    page = opened(stack, project, new_browser, event)
    assert section(page, "message").count() == 0


def test_the_message_is_in_the_markdown(stack, project, admin):
    send(stack, project, {"message": "Could not pay", "exception": FAILED})
    assert "### Message\n\n```text\nCould not pay\n```" in admin.get(link(stack, project) + "markdown/").text


def test_what_an_exception_came_by_is_shown(stack, project, new_browser):
    page = opened(stack, project, new_browser, {
        "threads": {"values": [{"id": 7, "name": "worker-7", "crashed": True},
                               {"id": 8, "name": "io", "state": "BLOCKED", "stacktrace": {"frames": [{"function": "wait"}]}}]},
        "exception": {"values": [{
            "type": "SIGSEGV", "value": "bad access", "thread_id": 7, "stacktrace": {"frames": [{"function": "main"}]},
            "mechanism": {"type": "signalhandler", "handled": False, "description": "EXC_BAD_ACCESS",
                          "data": {"relevant_address": "0x1", "token": "hunter2"},
                          "meta": {"signal": {"number": 11, "name": "SIGSEGV"}}}}]}})
    stack_section = section(page, "stack")
    assert "mechanism signalhandler · unhandled · thread worker-7" in words(stack_section.locator(".exc-h"))
    facts = stack_section.locator(".exc dl")
    assert dict(zip(facts.locator("dt").all_text_contents(), facts.locator("dd").all_text_contents())) == {
        "Description": "EXC_BAD_ACCESS", "relevant_address": "0x1", "token": "[Filtered: @password:filter]",
        "signal": '{"number": 11, "name": "SIGSEGV"}'}
    assert "Thread ioBLOCKED1 call" in words(stack_section)


def test_what_was_loaded_is_shown(stack, project, new_browser):
    page = opened(stack, project, new_browser, {"message": "m", "debug_meta": {"images": [
        {"type": "elf", "code_file": "/usr/lib/libshop.so", "debug_id": "c0ffee", "arch": "x86_64", "image_addr": "0x1000"},
        {"type": "proguard", "uuid": "6dc7fdb0-d2fb-4c8e-9d6b-bb1aa98929b1"}]
        + [{"type": "pe", "code_file": f"{n}.dll"} for n in range(60)]}})
    images = section(page, "images")
    assert words(images.locator("summary")) == "Images62"
    assert images.locator("dt").all_text_contents()[:3] == ["/usr/lib/libshop.so", "proguard", "0.dll"]
    assert words(images.locator("dd").first) == "c0ffee x86_64 0x1000"
    assert words(images.locator("p")) == "12 more in the JSON of the event."


def test_what_was_wrong_with_an_event_is_said(stack, project, new_browser):
    page = opened(stack, project, new_browser, {
        "message": "m", "release": "a/b", "level": "loud", "timestamp": 1304358096, "colour": "red",
        "breadcrumbs": [{"message": "m", "data": 5}], "tags": {"long": "x" * 201},
        "errors": [{"type": "invalid_value", "name": "extra.shop", "value": "<b>"}]})
    problems = section(page, "problems")
    said = dict(zip(problems.locator("dt").all_text_contents(), map(words, problems.locator("dd").all())))
    moved = said.pop("timestamp")
    assert moved.startswith("Too long ago: moved to when it came: 2011-05-02T17:41:36.000000Z → 20")
    assert said == {
        "release": "Not as it has to be: invalid release name a/b", "level": "Not as it has to be: expected a level loud",
        "colour": "There is no such attribute", "breadcrumbs.values.0.data": "Not as it has to be: expected an object 5",
        "tags.long": "Too long", "extra.shop": "invalid_value <b>"}
    assert words(problems.locator("summary")) == "Problems of this event7"


def test_an_event_without_problems_has_none(stack, project, new_browser):
    page = opened(stack, project, new_browser, {"message": "m", "extra": {"password": "hunter2", "long": "x" * 20000}})
    assert section(page, "problems").count() == 0


def test_a_form_with_files_is_shown_by_its_fields(stack, project, new_browser):
    body = "".join(f"--x\r\nContent-Disposition: form-data; {field}\r\n\r\n{value}\r\n" for field, value in [
        ('name="note"', "it's me"), ('name="password"', "hunter2"), ('name="photo"; filename="me.png"', "12345")]) + "--x--\r\n"
    page = opened(stack, project, new_browser, {"message": "m", "request": {
        "url": "https://shop.example/", "method": "POST", "data": body,
        "headers": {"Content-Type": "multipart/form-data; boundary=x", "Accept": "*/*"}}})
    request = section(page, "req")
    assert "note = it's me password = [Filtered: @password:filter] photo = me.png (5 bytes)" in words(request)
    curl = request.locator("#curl").text_content()
    assert "-H 'Accept: */*' \\\n  --form-string 'note=it'\\''s me' \\\n  --form-string 'password=[Filtered]'" in curl
    assert "Content-Type" not in curl and "--data" not in curl


def test_where_a_user_was_is_shown_from_the_city_on(stack, project, new_browser):
    page = opened(stack, project, new_browser, {"message": "m", "user": {"id": 1, "geo": {
        "city": "Linz", "subdivision": "Upper Austria", "region": "Austria", "country_code": "AT"}}})
    assert page.get_by_text("Linz, Upper Austria, Austria", exact=True).count() == 1


def chained(platform, *exceptions):
    """The oldest first: (type, how it came to the one that it belongs to)."""
    return {"platform": platform, "exception": {"values": [
        {"type": type, "value": "v", "mechanism": mechanism, "stacktrace": {"frames": [{"function": "f", "filename": "f.x", "lineno": 1}]}}
        for type, mechanism in exceptions]}}


def test_what_java_has_suppressed_is_no_cause(stack, project, new_browser):
    page = opened(stack, project, new_browser, chained(
        "java", ("Cause", {"type": "chained", "exception_id": 2, "parent_id": 0}),
        ("Closing", {"type": "suppressed", "exception_id": 1, "parent_id": 0}), ("Effect", {"type": "x", "exception_id": 0})))
    assert section(page, "stack").locator(".cause").all_text_contents() == ["suppressed", "caused by"]
    raw = page.locator("#raw").text_content()
    assert "\nSuppressed: Closing: v\n" in raw and "\nCaused by: Cause: v\n" in raw


@pytest.mark.parametrize("source, said", [("__context__", "During handling of the above exception"),
                                          ("__cause__", "The above exception was the direct cause")])
def test_python_says_how_one_exception_led_to_the_other(stack, project, new_browser, source, said):
    """By the older one: its mechanism names the attribute of the newer that held it."""
    page = opened(stack, project, new_browser, chained(
        "python", ("Older", {"type": "chained", "exception_id": 1, "parent_id": 0, "source": source}),
        ("Newer", {"type": "generic", "exception_id": 0})))
    assert said in page.locator("#raw").text_content()


def test_an_event_whose_notes_are_nonsense_can_be_opened(stack, project, admin):
    send(stack, project, {
        "logentry": {"message": "a %s", "formatted": "b", "params": 5}, "tags": [["a", "b"], [], 5, ["c", ["d"]]],
        "errors": [{"type": 5, "value": [1]}, {"name": "n"}, 7], "debug_meta": {"images": [{}, {"type": "x", "debug_id": 5}]},
        "threads": [{"id": "7", "name": 5}, {"name": "x"}], "request": {"data": "--x\r\nContent-Disposition: form-data\r\n\r\n"},
        "exception": [{"type": "E", "thread_id": "7", "mechanism": {"meta": {"signal": 5}, "data": {"a": {}}, "description": "d"}}],
        "_meta": {"": {"err": ["root", 5, [], [1], ["x", 5], {}]}, "tags": {"0": {"1": {"": {"err": [["x", {"reason": 5}]]}}, "x": {}},
                  "9999999999999999999": {"": {"err": ["far"]}}, "-1": {"": {"err": ["before"]}}}, "logentry": [1], "errors": 5}})
    answer = admin.get(link(stack, project))
    assert answer.status_code == 200 and "Problems of this event" in answer.text and "far" in answer.text
