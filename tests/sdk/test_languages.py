"""An exception that an application caught, on the real SDK of each language,
found again on the page with all that the application had said of itself."""

import re
from dataclasses import dataclass
from urllib.parse import quote

import pytest

from sdk.pages import NewProject, Stream, seconds_since_sent

pytestmark = pytest.mark.timeout(900)  # a fresh machine builds the programs first


@dataclass(frozen=True)
class Sent:
    """What the page must show of the event of one language."""

    folder: str
    type: str  # of the exception
    file: str  # that the frames are in
    throws: str  # the line of it that `reserve` stands at
    calls: str  # and the line of `checkout`
    place: str = ""  # what the page calls that file, if not so
    source: bool = False  # the SDK sends source lines
    variables: tuple = ()  # the SDK sends variables: some of `reserve`


SENT = (
    Sent("python", "StockError", "app.py", "raise StockError", "reserve(sku, quantity)",
         source=True, variables=(("available", "0"), ("quantity", "2"), ("sku", "'MUG-0412'"))),
    Sent("node", "StockError", "app.js", "throw new StockError", "reserve(sku, quantity);",
         source=True),
    Sent("browser", "StockError", "app.js", "throw new StockError", "reserve(sku, quantity);"),
    Sent("go", "*main.StockError", "main.go", "sentry.CaptureException", "if err := reserve("),
    Sent("java", "StockError", "App.java", "throw new StockError", "reserve(line.getKey()",
         place="shop.App"),
    Sent("rust", "StockError", "main.rs", "sentry::capture_error", "reserve(sku, *quantity)"),
)


@pytest.mark.parametrize("sent", SENT, ids=[sent.folder for sent in SENT])
def test_a_caught_exception(stack, browser, program, origin, passed, sent):
    shop = program(sent.folder)
    stack.create_project()  # and with it the organisation
    project = NewProject(browser, f"Shop {sent.folder}")
    stream = Stream(browser, project.path)

    if shop.run:
        shop.send(project.dsn)
    else:
        buy_in_a_browser(browser, origin(shop.place), project.dsn)
    seen = stream.wait_for(f"no MUG-0412 left for {sent.folder}")
    project.turns()

    assert stream.events() == [(sent.type, 1)]
    issue = stream.open_issue(sent.type)
    assert issue.title == sent.type
    assert issue.message == f"no MUG-0412 left for {sent.folder}"

    for function, line in (("reserve", sent.throws), ("checkout", sent.calls)):
        frame = issue.frame(function).inner_text()
        assert (sent.place or sent.file) in frame
        assert re.search(rf"(line |:){shop.line_of(sent.file, line)}\b", frame)
        if sent.source:
            assert line.strip() in frame
    shown = issue.variables(issue.frame("reserve"))
    assert dict(sent.variables).items() <= shown.items()

    user = issue.section("User").inner_text()
    assert "90211" in user and "maria@shop.example" in user
    tags = issue.section("Tags").inner_text()
    assert "customer" in tags and "enterprise" in tags
    assert "provider" in tags and "sepa" in tags
    assert f"shop-{sent.folder}@1.4.2" in tags
    assert "the mug went into the cart" in issue.section("Breadcrumbs").inner_text()
    assert issue.fact("Release") == "1.4.2"  # the package before it is left out
    assert issue.fact("Environment") == "staging"
    passed(issue.sdk, seconds_since_sent(issue.document(), seen))


def buy_in_a_browser(browser, address, dsn):
    """The shop's page is of another origin than Vedette's."""
    page = browser.context.new_page()
    page.goto(f"{address}/index.html?dsn={quote(dsn)}")
    page.get_by_role("button").click()
    page.get_by_text("sent", exact=True).wait_for()
    page.close()
