"""Every statement of model/*.sql is understood by the migrated database."""

import re

import psycopg
import pytest

from harness.build import ROOT


def statements():
    for path in sorted((ROOT / "fcgi_app" / "model").glob("*.sql")):
        # as statements.awk does
        blocks = re.split(r"^-- (name|part):[ \t]*(\w+).*\n", path.read_text(), flags=re.MULTILINE)[1:]
        parts = {}
        for kind, name, text in zip(blocks[::3], blocks[1::3], blocks[2::3]):
            # a part may use another one further up
            text = re.sub(r"^[ \t]*-- use:[ \t]*(\w+).*\n", lambda use: parts[use.group(1)], text, flags=re.MULTILINE)
            if kind == "part":
                parts[name] = text
                continue
            text = re.sub(r"^[ \t]*--.*\n", "", text, flags=re.MULTILINE)
            yield pytest.param(text.strip().rstrip(";"), id=f"{path.stem}:{name}")


def test_each_migration_has_a_number_of_its_own():
    """Two people may take the next one at the same time; the second would fail in every database."""
    numbers = [path.name.partition("_")[0] for path in (ROOT / "sql").glob("*.sql")]
    assert len(numbers) == len(set(numbers)) > 50, sorted(n for n in numbers if numbers.count(n) > 1)


@pytest.fixture(scope="module")
def database(cluster, template):
    with psycopg.connect(cluster.conninfo(cluster.database(template)), autocommit=True) as db:
        yield db


@pytest.mark.parametrize("text", list(statements()))
def test_statement(database, text):
    try:
        if re.match(r"(with|select|insert|update|delete|merge|values)\b", text, re.IGNORECASE):
            database.execute(f"prepare one as {text}")
            database.execute("deallocate one")
            return
        # only those five can be prepared: the others are run, and undone
        with database.transaction(force_rollback=True), database.cursor() as cursor:
            if text.lower().startswith("copy"):
                with cursor.copy(text):
                    pass
            else:
                cursor.execute(text)
    except psycopg.Error as error:
        # the C side names the types of its parameters; without that some are open
        if error.sqlstate in ("42P18", "42P08"):
            pytest.skip("only its caller knows the types of its parameters")
        raise AssertionError(f"{error}\n{text}") from None


def test_a_statement_that_is_wrong_is_found(database):
    with pytest.raises(psycopg.Error):
        database.execute("prepare one as select no_such_column from issue")
