"""make builds what changed, and the statements from model/*.sql."""

import subprocess

import pytest

from harness.build import ROOT


def make(build, *words):
    return subprocess.run(["make", f"BUILD={build.name}", *words], cwd=ROOT, capture_output=True,
                          text=True)


def test_a_second_make_does_nothing(build):
    assert make(build).returncode == 0
    assert make(build, "-q", "all").returncode == 0


def test_help_lists_the_targets(build):
    lines = make(build, "help").stdout
    for target in ("all", "check", "run", "install", "unit", "clean"):
        assert f"make {target} " in lines


def statements(tmp_path, text):
    (tmp_path / "a.sql").write_text(text)
    done = subprocess.run(["awk", "-f", ROOT / "fcgi_app/db/statements.awk", "-v",
                           f"out={tmp_path}", tmp_path / "a.sql"], capture_output=True, text=True)
    return done, tmp_path / "statements.h", tmp_path / "statements.c"


def test_a_statement_becomes_an_enum_value_and_a_row(tmp_path):
    done, h, c = statements(tmp_path, "-- name: issue_by_id\n-- why\nselect \"a\", 'x\\y', $2\n"
                                      "  from t  -- not $9\n where id = $1\n\n"
                                      "-- name: nothing\nselect 1\n")
    assert done.returncode == 0, done.stderr
    assert "SQL_ISSUE_BY_ID,\n    SQL_NOTHING,\n    SQL_COUNT" in h.read_text()
    row = c.read_text().split("{ \"issue_by_id\",")[1].split("},")[0]
    assert r'"select \"a\", ' in row and r"'x\\y'" in row and row.strip().endswith(", 2, false")
    assert "why" not in row


def test_what_statements_share_stands_once(tmp_path):
    done, _, c = statements(tmp_path, "-- part: own\n   and t.owner = $2\n\n"
                                      "-- name: one\nselect 1 from t where a = $1\n   -- use: own\n"
                                      "-- name: two\n-- plan: generic\nselect 2 from t where true\n-- use: own\n")
    assert done.returncode == 0, done.stderr
    one, two = (c.read_text().split(f'{{ "{name}",')[1].split("},")[0] for name in ("one", "two"))
    assert "and t.owner = $2" in one and one.strip().endswith(", 2, false")
    assert "and t.owner = $2" in two and two.strip().endswith(", 2, true")


@pytest.mark.parametrize("text, sentence", [
    ("-- name: a\nselect 1\n-- name: a\nselect 2\n", 'statement "a" is already in'),
    ("-- name: a\n-- only words\n-- name: b\nselect 1\n", 'statement "a" has no SQL'),
    ("select 1\n", 'SQL before the first "-- name:" line'),
    ("-- name: a\nselect 1\n-- use: b\n", 'there is no part "b" above'),
    ("-- name: Bad-Name\nselect 1\n", "a statement's name is lower case"),
])
def test_a_broken_file_is_named(tmp_path, text, sentence):
    done, h, _ = statements(tmp_path, text)
    assert done.returncode == 1 and not h.exists()
    assert sentence in done.stderr and "a.sql:" in done.stderr
