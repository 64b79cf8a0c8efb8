"""Pages in the language of their reader."""

import re
from html.parser import HTMLParser

from harness.build import ROOT
from harness.po import read_po
from page.test_access import pages  # noqa: F401  every path, of a project that has an event

RUSSIAN = {"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.5"}


class Texts(HTMLParser):
    """What people read: text, and the attributes that are read out or shown."""

    ATTRIBUTES = ("title", "alt", "aria-label", "placeholder", "data-t", "aria-description")
    NO_LANGUAGE = ("script", "style", "pre", "code", "kbd", "textarea", "bdi")
    VOID = ("input", "img", "br", "meta", "link", "wbr", "use", "path", "rect")

    def __init__(self, html):
        super().__init__()
        self.found, self.open = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in self.ATTRIBUTES and value]
        if tag not in self.VOID:
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        data = " ".join(data.split())
        foreign = any(tag in self.NO_LANGUAGE or attrs.get("lang") == "en" or {"mono", "u"} & set((attrs.get("class") or "").split())
                      for tag, attrs in self.open)
        if data and not foreign:
            self.found.append(data)


def english_texts():
    """Whole texts of more than one word, and single ones that no event can bring."""
    texts = read_po((ROOT / "templates/lang/ru.po").read_text())
    return {english for (_, english), own in texts.items()
            if own != english and "{" not in english and re.match(r"[A-Z]|.* ", english)}


def test_no_page_in_russian_says_something_in_english(stack, new_person, stranger, pages):  # noqa: F811
    reader = new_person(stack.admin.email)
    english, said = english_texts(), []
    for path in pages:
        html = (stranger if path == "/login/" else reader).get(path, headers=RUSSIAN).text
        assert '<html lang="ru"' in html, path
        said += [f"{path}: {text}" for text in Texts(html).found if text in english]
    assert said == [], "\n".join(said)


def test_the_account_decides_then_the_browser_then_english(new_person):
    person = new_person()
    assert '<html lang="ru"' in person.get("/account/", headers=RUSSIAN).text
    assert '<html lang="en"' in person.get("/account/", headers={"Accept-Language": "fi"}).text
    assert '<html lang="en"' in person.get("/account/", headers={"Accept-Language": ""}).text

    form = {"name": "Anna", "time_zone": "UTC", "stack": "oldest"}
    assert person.post("/account/", **form, language="ru").status_code == 303
    page = person.get("/account/", headers={"Accept-Language": "en"}).text
    assert '<html lang="ru"' in page and "Сохранено." in page
    assert person.post("/account/", **form, language="en").status_code == 303
    assert '<html lang="en"' in person.get("/account/", headers=RUSSIAN).text
    assert person.post("/account/", **form, language="").status_code == 303
    assert '<html lang="ru"' in person.get("/account/", headers=RUSSIAN).text
