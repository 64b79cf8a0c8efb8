"""README.md lists what there is: every directive, setting and command."""

import re
import subprocess

from harness.build import ROOT

README = (ROOT / "README.md").read_text()


def missing(names):
    return sorted(name for name in names if not re.search(rf"`[^`\n]*\b{re.escape(name)}\b", README))


def test_every_directive_of_the_module():
    names = set()
    for source in (ROOT / "ngx_module").glob("*.c"):
        names |= set(re.findall(r"\{ ngx_string\(\"(vedette\w*)\"\),\s*\n?\s*NGX_HTTP", source.read_text()))
    assert len(names) > 5
    assert missing(names) == []


def test_every_setting(build):
    printed = subprocess.run([build.program, "config"], capture_output=True, text=True,
                             check=True).stdout
    names, section = set(), None
    for line in printed.splitlines():
        if match := re.fullmatch(r"(\w+):", line):
            section = match[1]
        elif match := re.match(r"  #([a-z-]+): ", line):
            names.add(f"{section}.{match[1]}")
    assert len(names) > 10
    assert missing(names) == []


def test_every_command(build):
    usage = subprocess.run([build.program, "--help"], capture_output=True, text=True,
                           check=True).stdout
    names = re.findall(r"^  ([a-z]+) {2,}", usage, re.M)
    assert len(names) > 7
    assert missing(f"vedette {name}" for name in names) == []


def test_what_is_not_there_is_missed():
    assert missing(["vedette_teapot"]) == ["vedette_teapot"]
