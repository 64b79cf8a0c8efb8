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
