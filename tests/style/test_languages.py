"""Every text has its translation.  What is missing is printed ready to be filled in."""

import re

import pytest

from harness.build import ROOT
from harness.po import read_po, vedette_lang

FORMS = {"ru": 3}
FILES = sorted((ROOT / "templates/lang").glob("*.po"))


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def po(request):
    return request.param


def test_nothing_is_missing(build, po):
    code, missing = vedette_lang(build, po.stem)
    assert code == 0, f"add to templates/lang/{po.name}:\n\n{missing}"


def test_nothing_is_left_over(build, po):
    code, listed = vedette_lang(build)
    assert code == 0, listed
    used = {english for _, english in read_po(listed.replace('msgstr ""', 'msgstr "x"'))}
    left = [english for _, english in read_po(po.read_text()) if english not in used]
    assert left == [], f"no page says this any more: delete it from templates/lang/{po.name}"


def test_placeholders_and_forms_are_whole(po):
    wrong = []
    for (_, english), own in read_po(po.read_text()).items():
        if set(re.findall(r"\{(\w+)", english)) - {""} != set(re.findall(r"\{(\w+)", own)):
            wrong.append(f"{english!r} has other placeholders than {own!r}")
        for forms in re.findall(r"\{\d+\|([^}]*)\}", own):
            if len(forms.split("|")) != FORMS[po.stem]:
                wrong.append(f"{own!r} needs {FORMS[po.stem]} forms")
    assert wrong == []


# What printf may say: it is for programs, a log, or data that is kept as it came.
OF_PROGRAMS = {
    "cut after %d issues: narrow the search\\r\\n", "cut after %d rows: choose a project or a shorter time\\r\\n",  # CSV
    "# HELP vedette_%s %s\\n# TYPE vedette_%s gauge\\n",  # /metrics
    "waiting %lld, the oldest for %.1f s\\n", "last event stored %lld s ago\\n",  # /readyz, /healthz
    " and %zu more",  # the audit log
    "k%lld key %lld %lld error;default;security key_quota\\n",  # what edges read
    "s%lld project %lld %lld error;default;security spike_protection\\n",
    "tag %.*s",  # what services read
    "\\n## Event %.*s\\n\\n", '  File \\"%.*s\\", line %.*s, in %.*s\\n',  # what is copied, for tools
    "%d %s, request %.*s\\n",
    "events %lld within %lld", "%sadd.%c",  # a name of a field
    "release %.*s", "commit %.*s", "limit of %.*s in %lld s", "with %zu keys", "with %zu projects",
    "synthetic event stored %lld s ago, %lld ms after it was sent\\n",
    "database %s\\nredis %s\\n", "Bearer %s", "Bearer %.*s",
}
PRINTF = re.compile(r'\b(?:str_printf|arena_printf|buf_addf)\(\s*[^,"]+,\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')
FOLDERS = ("page", "web", "alert", "integration", "model", "sso")


def sentences_of_printf(text):
    """Formats that say something: two words of English side by side, or one beside a value."""
    for found in PRINTF.finditer(text):
        form = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', found.group(1)))
        words = re.sub(r"%[-0-9.*]*(?:l+|z)?[a-z]|https?:\S+|<[^>]*>", "%", form.replace("\\n", " "))
        if re.search(r"(?<![\w&?/=:.#\"\\-])[A-Za-z]{3,} +(?:[a-z]{2,}\b|%)|% +[a-z]{3,}\b(?![=/:])", words):
            yield form


def test_no_sentence_is_left_to_printf():
    """What people read has placeholders (lang_fill, lang_keep), so that it can be said in another language."""
    said = {f"{path.relative_to(ROOT)}: {form}"
            for folder in FOLDERS for path in (ROOT / "fcgi_app" / folder).glob("*.c")
            for form in sentences_of_printf(path.read_text()) if form not in OF_PROGRAMS}
    assert said == set()
