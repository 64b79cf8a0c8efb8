"""The tree keeps its rules, and each rule is seen to fail on an example."""

import re
import subprocess

import pytest

from harness.build import ROOT
from style import rules

TEXT = (".c", ".h", ".sql", ".cs", ".hdf", ".css", ".js", ".svg", ".py", ".sh", ".awk", ".in", ".md",
        ".ini", ".txt", ".service")


def tree():
    """{path: text} of all files that git knows or would."""
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                           cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    files = {}
    for name in filter(None, names):
        path = ROOT / name
        if path.is_file() and (name.endswith(TEXT) or "." not in path.name):
            files[name] = path.read_text(encoding="utf-8")
    return files


@pytest.fixture(scope="module")
def files():
    return tree()


@pytest.fixture(scope="module")
def sources(files):
    return {k: v for k, v in files.items()
            if k.endswith((".c", ".h")) and k.startswith(("fcgi_app/", "ngx_module/"))}


@pytest.mark.parametrize("check", [
    rules.check_layers, rules.check_module_includes, rules.check_sql, rules.check_html,
    rules.check_banned, rules.check_module_style,
], ids=lambda f: f.__name__)
def test_sources(check, sources):
    assert check(sources) == []


@pytest.mark.parametrize("check", [rules.check_text, rules.check_elsewhere], ids=lambda f: f.__name__)
def test_all_files(check, files):
    # fixtures that came from elsewhere stay as they came
    ours = {k: v for k, v in files.items() if not k.startswith(("tests/data/", "LICENSE"))
            and not k.endswith(("package-lock.json", "Cargo.lock", "go.sum"))}
    assert check(ours) == []


SHOW = re.compile(r"\b(?:show|markdown)\(")


def in_attributes(files):
    """What show() makes is text: it leaves quotes, so that no attribute may have it, nor a macro that has it."""
    macros = {name for text in files.values()
              for name, body in re.findall(r"<\?cs def:(\w+)\(.*?\) \?>(.*?)<\?cs /def \?>", text, re.DOTALL) if SHOW.search(body)}

    def mark(tag):
        call = re.match(r"<\?cs call:(\w+)", tag.group())
        return "\x01" if SHOW.search(tag.group()) or (call and call.group(1) in macros) else ""
    return [(name, found) for name, text in files.items()
            for found in re.findall(r"<[a-z/][^<>]*\x01[^<>]*", re.sub(r"<\?cs.*?\?>", mark, text, flags=re.DOTALL))]


def test_no_attribute_has_what_is_escaped_for_text(files):
    assert in_attributes({k: v for k, v in files.items() if k.startswith("templates/") and k.endswith(".cs")}) == []
    for wrong in ('<a title="<?cs var:show(X) ?>">', '<a class="u"<?cs if:?X ?> title="to <?cs var:show(X) ?>"<?cs /if ?>>',
                  '<?cs def:m(x) ?><b><?cs var:show(x) ?></b><?cs /def ?><a href="<?cs call:m(X) ?>">'):
        assert in_attributes({"templates/x.cs": wrong}), wrong


def test_every_icon_that_c_names_is_drawn(files):
    drawn = set(re.findall(r'id="i-([a-z-]+)"', files["static/icons.svg"]))
    named = {name for path, text in files.items() if path.startswith("fcgi_app/")
             for name in re.findall(r'\.icon = "([^"]+)"', text)}
    assert named - drawn == set()


# (check, path, text): each of these must be found
WRONG = [
    (rules.check_layers, "fcgi_app/util/a.c", '#include "json/doc.h"\n'),
    (rules.check_layers, "fcgi_app/db/a.c", '#include "queue/redis.h"\n'),
    (rules.check_layers, "fcgi_app/model/a.c", '#include "web/http.h"\n'),
    (rules.check_layers, "fcgi_app/digest/a.c", '#  include "web/http.h"\n'),
    (rules.check_layers, "fcgi_app/page/a.c", '#include "db/db.h"\n'),
    (rules.check_layers, "fcgi_app/page/a.c", '#include "cmd/cmd.h"\n'),
    (rules.check_layers, "fcgi_app/page/a.c", '#include "page.h"\n'),
    (rules.check_layers, "fcgi_app/model/a.c", '#include "db/private.h"\n'),
    (rules.check_layers, "fcgi_app/new/a.c", '#include "util/str.h"\n'),
    (rules.check_module_includes, "ngx_module/a.c", '#include "../fcgi_app/util/str.h"\n'),
    (rules.check_sql, "fcgi_app/page/a.c", 'x("select id"\n  " from issue");\n'),
    (rules.check_sql, "fcgi_app/cmd/a.c", 'x("DELETE FROM issue");\n'),
    (rules.check_html, "fcgi_app/page/a.c", 'puts("<a href=\\"x\\">");\n'),
    (rules.check_html, "fcgi_app/web/a.c", 'puts("<p>"\n"Hello");\n'),
    (rules.check_banned, "fcgi_app/util/a.c", "n = atoi(s);\n"),
    (rules.check_banned, "ngx_module/a.c", "sprintf (s, \"x\");\n"),
    (rules.check_module_style, "ngx_module/a.c", "int a;  // no\n"),
    (rules.check_module_style, "ngx_module/a.c", "x" * 81 + "\n"),
    (rules.check_module_style, "ngx_module/a.c", "a\n{\n}\n\nstatic b\n{\n}\n"),
    (rules.check_text, "a.c", "int a; \n"),
    (rules.check_text, "a.c", "\tint a;\n"),
    (rules.check_text, "a.c", "int a;"),
    (rules.check_elsewhere, "a.md", "see /" + "work/shared/docs\n"),
]


@pytest.mark.parametrize("check, path, text", WRONG)
def test_the_rule_finds_it(check, path, text):
    assert len(check({path: text})) == 1


# and each of these is fine
RIGHT = [
    (rules.check_layers, "fcgi_app/main.c", '#include "cmd/cmd.h"\n'),
    (rules.check_layers, "fcgi_app/model/a.c", '#include "db/db.h"\n#include <stdio.h>\n'),
    (rules.check_layers, "fcgi_app/digest/a.c", '#include "alert/alert.h"\n'),
    (rules.check_module_includes, "ngx_module/a.c",
     '#include "ngx_http_vedette_module.h"\n#include "../fcgi_app/queue/message.h"\n'),
    (rules.check_sql, "fcgi_app/page/a.c", '/* "select a from b " */ x("select one");\n'),
    (rules.check_sql, "fcgi_app/db/a.c", 'x("select set_config($1, $2, true)");\n'),
    (rules.check_html, "fcgi_app/page/a.c", 'x("<unknown>", "a < b", "-> c"); /* <p> */\n'),
    (rules.check_banned, "ngx_module/a.c", "ngx_sprintf(p, \"x\"); /* sprintf() */\n"),
    (rules.check_module_style, "ngx_module/a.c", 'x("http://");\n\n\na\n{\n}\n\n\nb\n{\n}\n'),
    (rules.check_text, "Makefile", "a:\n\tb\n"),
]


@pytest.mark.parametrize("check, path, text", RIGHT)
def test_the_rule_lets_it_pass(check, path, text):
    assert check({path: text}) == []
