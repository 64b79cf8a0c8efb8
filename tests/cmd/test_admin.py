"""The administrator's commands: accounts, projects, keys, settings, migrations."""

import re
import shutil

import psycopg
import pytest

from harness.build import ROOT


@pytest.fixture(scope="module")
def stack(new_stack):
    return new_stack(start=["redis"])


def record_of(stack, project):
    """What an edge reads of the project's key."""
    hash_ = stack.redis.hgetall(f"vedette:key:{project.key}")
    return {k.decode(): v.decode() for k, v in hash_.items()}


def version(stack):
    return int(stack.redis.get("vedette:keys:version"))


def test_every_command_explains_itself(stack):
    commands = re.findall(r"^  ([a-z]+) ", stack.vedette("--help").stdout, re.M)
    assert {"account", "config", "key", "migrate", "project", "status"} <= set(commands)
    for command in commands:
        done = stack.vedette(command, "--help")
        assert done.stdout.startswith(f"usage: vedette {command}")
        assert done.stderr == ""


def test_help_needs_no_database(build):
    done = __import__("subprocess").run(
        [build.program, "account", "--help"], capture_output=True, text=True,
        env={**build.environment(), "VEDETTE_DB_URL": "host=/nowhere"})
    assert done.returncode == 0 and "usage:" in done.stdout


@pytest.mark.parametrize("words", [
    ["nonsense"], [], ["account"], ["account", "paint", "a@example.org"], ["project", "create", "acme"],
    ["key", "limit", "acme", "web"], ["project", "create", "acme", "web", "--colour", "red"],
    ["project", "create", "acme", "web", "--name"], ["status", "now"],
])
def test_wrong_words_get_the_usage_and_status_2(stack, words):
    done = stack.vedette(*words, check=False)
    assert done.returncode == 2
    assert "usage: vedette" in done.stderr
    assert done.stdout == ""


def test_an_account_gets_a_link_and_exists_once(stack):
    done = stack.vedette("account", "create", "Eve@Example.org")
    assert re.fullmatch(rf"{stack.url}/login/link/[\w-]{{43}}/\n", done.stdout)
    assert stack.sql("select email, name, is_superuser from account "
                     "where email = 'eve@example.org'") == [("eve@example.org", "eve", False)]

    again = stack.vedette("account", "create", "eve@example.org", check=False)
    assert again.returncode == 1 and "already" in again.stderr

    other = stack.vedette("account", "link", "EVE@example.org").stdout
    assert other != done.stdout


def test_the_link_is_kept_as_a_digest_and_expires(stack):
    link = stack.vedette("account", "create", "carol@example.org").stdout.strip()
    secret = link.rstrip("/").rpartition("/")[2]
    keys = stack.redis.keys("vedette:link:*")
    assert not any(secret in key.decode() for key in keys)
    assert all(0 < stack.redis.ttl(key) <= 86400 for key in keys)


@pytest.mark.parametrize("email", ["", "eve", "@example.org", "eve@", "a b@example.org",
                                   "a@b\r\nBcc: x@y", "<a@b>", "x" * 250 + "@example.org"])
def test_what_is_no_address_is_refused(stack, email):
    assert stack.vedette("account", "create", email, check=False).returncode == 2


def test_a_project_brings_its_organisation_and_its_dsn(stack):
    stack.vedette("account", "create", "own@example.org")
    project = stack.create_project("shop-api", org="retail", owner="own@example.org",
                                   platform="python", name="Shop API")
    assert project.dsn == f"http://{project.key}@127.0.0.1:{stack.port}/{project.id}"
    assert stack.vedette("project", "dsn", "retail", "shop-api").stdout.strip() == project.dsn
    assert stack.vedette("project", "list", "retail").stdout == f"{project.id}\tshop-api\tpython\n"
    assert stack.sql("select role from member join account a on a.id = account_id "
                     "where email = 'own@example.org'") == [("owner",)]

    record = record_of(stack, project)
    assert record == {"org": str(stack.value("select id from organization where slug = 'retail'")),
                      "project": str(project.id), "key": record["key"], "state": "on", "limits": ""}


def test_a_slug_is_taken_once_and_only_inside_its_organisation(stack):
    stack.create_project("web", org="one-org")
    stack.create_project("web", org="two-org")
    again = stack.vedette("project", "create", "one-org", "web", check=False)
    assert again.returncode == 1 and "already" in again.stderr


@pytest.mark.parametrize("slug", ["a", "-a", "a-", "A", "a b", "issues", "settings", "12345", "é" * 3,
                                  "x" * 51, "../etc"])
def test_a_slug_that_addresses_cannot_hold_is_refused(stack, slug):
    assert stack.vedette("project", "create", "acme", slug, check=False).returncode == 2
    assert stack.vedette("project", "create", slug, "web", check=False).returncode == 2


def test_an_unknown_owner_leaves_nothing_behind(stack):
    done = stack.vedette("project", "create", "ghosts", "web", "--owner", "nobody@example.org",
                         check=False)
    assert done.returncode == 1 and "nobody@example.org" in done.stderr
    assert stack.sql("select 1 from organization where slug = 'ghosts'") == []


def test_switching_and_limiting_a_key_reaches_redis(stack):
    project = stack.create_project()
    key = record_of(stack, project)["key"]
    before = version(stack)

    stack.vedette("key", "limit", project.org, project.slug, key, 5, 60)
    assert record_of(stack, project)["limits"] == \
        f"k{key} key 60 5 error;default;security key_quota\n"
    stack.vedette("key", "off", project.org, project.slug, key)
    assert record_of(stack, project)["state"] == "off"
    assert "no key" in stack.vedette("project", "dsn", project.org, project.slug,
                                     check=False).stderr
    stack.vedette("key", "on", project.org, project.slug, key)
    stack.vedette("key", "limit", project.org, project.slug, key, "none")
    assert record_of(stack, project)["limits"] == ""
    assert version(stack) >= before + 4


def test_a_key_is_changed_through_its_own_project_only(stack):
    mine, other = stack.create_project(), stack.create_project()
    key = record_of(stack, other)["key"]
    done = stack.vedette("key", "off", mine.org, mine.slug, key, check=False)
    assert done.returncode == 1 and "not found" in done.stderr
    assert record_of(stack, other)["state"] == "on"


@pytest.mark.parametrize("limit", [["-1", "60"], ["5", "0"], ["5"], ["5", "99999999"], ["x", "60"]])
def test_a_limit_that_makes_no_sense_is_refused(stack, limit):
    project = stack.create_project()
    key = record_of(stack, project)["key"]
    done = stack.vedette("key", "limit", project.org, project.slug, key, *limit, check=False)
    assert done.returncode == 2


def test_publish_mends_what_redis_has_lost_and_removes_what_is_no_more(stack):
    project = stack.create_project()
    lost = record_of(stack, project)
    stack.redis.delete(f"vedette:key:{project.key}")
    stack.redis.hset("vedette:key:" + "0" * 32, mapping={"project": 1, "state": "on"})
    before = version(stack)

    stack.vedette("key", "publish")
    assert record_of(stack, project) == lost
    assert not stack.redis.exists("vedette:key:" + "0" * 32)
    assert version(stack) > before


def test_settings_come_from_files_and_the_environment(stack, tmp_path):
    printed = stack.vedette("config").stdout
    assert "# PostgreSQL" in printed

    (tmp_path / "config.d").mkdir()
    main = tmp_path / "config.yml"
    main.write_text(stack.config.read_text())
    (tmp_path / "config.d" / "10.yml").write_text("system:\n  url-prefix: https://errors.example/\n")
    project = stack.create_project()
    words = ["project", "dsn", project.org, project.slug]

    run = lambda **env: stack.vedette("-c", main, *words, **env).stdout.strip()
    assert run() == f"https://{project.key}@errors.example/{project.id}"
    assert run(VEDETTE_SYSTEM_URL_PREFIX="http://e.example:8080/sub") == \
        f"http://{project.key}@e.example:8080/sub/{project.id}"


def test_the_printed_settings_are_a_file_that_can_be_read(stack, tmp_path):
    printed = stack.vedette("config").stdout
    main = tmp_path / "config.yml"
    main.write_text(re.sub(r"^  #([a-z-]+: )", r"  \1", printed, flags=re.M))
    done = stack.vedette("-c", main, "project", "list", "acme", check=False)
    assert "no setting" not in done.stderr and "postgresql" in done.stderr


@pytest.mark.parametrize("text, words", [
    ("a:\n  b: c\n", ["config.yml:2", "a.b"]),
    ("db:\n  url: [1, 2]\n", ["config.yml:2"]),
    ("redis:\n  port: many\n", ["config.yml:2", "redis.port", "1 to 65535"]),
    ("db: [\n", ["config.yml:"]),
    ("system:\n  url-prefix: ftp://x\n", ["config.yml:2", "http"]),
])
def test_a_wrong_setting_is_named_with_its_line(stack, tmp_path, text, words):
    main = tmp_path / "config.yml"
    main.write_text(text)
    done = stack.vedette("-c", main, "project", "list", "acme", check=False)
    assert done.returncode == 1
    for word in words:
        assert word in done.stderr


class TestMigrations:
    @pytest.fixture
    def folder(self, stack, tmp_path):
        sql = tmp_path / "sql"
        shutil.copytree(ROOT / "sql", sql)
        return sql

    def migrate(self, stack, folder, *args):
        return stack.vedette("migrate", *args, check=False, VEDETTE_MIGRATE_SQL=str(folder))

    def test_a_second_run_changes_nothing(self, stack, folder):
        done = self.migrate(stack, folder)
        assert (done.returncode, done.stdout) == (0, "")

    def test_a_new_file_is_applied_once_and_planned_before(self, stack, folder):
        (folder / "9001_test.sql").write_text("create table nine (n int);\n")
        assert self.migrate(stack, folder, "--plan").stdout == "9001_test.sql\n"
        assert stack.value("select to_regclass('nine')") is None
        assert self.migrate(stack, folder).returncode == 0
        assert stack.value("select to_regclass('nine')::text") == "nine"
        assert self.migrate(stack, folder).stdout == ""
        stack.sql("drop table nine; delete from migration where number = 9001")

    def test_one_that_fails_leaves_the_database_as_it_was(self, stack, folder):
        (folder / "9001_fine.sql").write_text("create table nine (n int);\n")
        (folder / "9002_bad.sql").write_text("create table ten (n int);\nselect nonsense;\n")
        done = self.migrate(stack, folder)
        assert done.returncode == 1 and "9002_bad.sql failed" in done.stderr
        assert stack.value("select to_regclass('nine')") is None

    def test_issues_that_there_are_keep_their_place_in_the_stream(self, stack, folder):
        """From the version before 0083_issue_listed.sql."""
        cluster = stack.cluster
        name = cluster.database()
        later = folder.parent / "later"
        later.mkdir()
        for file in folder.glob("*.sql"):
            if file.name >= "0083":
                file.rename(later / file.name)
        url = cluster.conninfo(name)

        def migrate():
            done = stack.vedette("migrate", check=False, VEDETTE_DB_URL=url, VEDETTE_MIGRATE_SQL=str(folder))
            assert done.returncode == 0, done.stderr

        migrate()
        with psycopg.connect(url, autocommit=True) as db:
            db.execute("insert into organization (id, slug, name) overriding system value values (1, 'acme', 'Acme');"
                       "insert into project (id, organization_id, slug, name) overriding system value"
                       " values (1, 1, 'web', 'Web');"
                       "insert into issue (organization_id, project_id, number, title, level, first_seen, last_seen,"
                       " times_seen, users_seen, status, substatus, last_release)"
                       " select 1, 1, n, 'Trouble', 40, now(), now() - n * interval '1 hour', n, n % 7, n % 2,"
                       " 6 * (1 - n % 2), 'a@' || n from generate_series(1, 1000) n;"
                       "insert into issue (organization_id, project_id, number, title, level, first_seen, last_seen,"
                       " last_release) values (1, 1, 1001, 'New', 40, now(), now(), 'a@1')")
            for file in later.iterdir():
                file.rename(folder / file.name)
            migrate()
            assert db.execute("select count(*) from issue where listed_seen = last_seen and listed_events = times_seen"
                              " and listed_users = users_seen and listed_release = last_release").fetchone() == (1000,)
            assert db.execute("select listed_release from issue where number = 1001").fetchone() == (None,)

            # whoever writes, an older program, too, moves an issue in the order
            db.execute("update issue set times_seen = 9, last_seen = now(), status = 1 where number = 1001")
            assert db.execute("select listed_events, listed_seen = last_seen, listed_release from issue"
                              " where number = 1001").fetchone() == (9, True, "a@1")

    def test_history_is_not_edited(self, stack, folder):
        first = sorted(folder.glob("*.sql"))[0]
        first.write_text(first.read_text() + "\n-- one line more\n")
        done = self.migrate(stack, folder)
        assert done.returncode == 1 and "another form" in done.stderr

    def test_an_old_program_keeps_off_a_newer_database(self, stack, folder):
        last = sorted(folder.glob("*.sql"))[-1]
        last.unlink()
        if any(folder.iterdir()):
            done = self.migrate(stack, folder)
            assert done.returncode == 1 and "newer" in done.stderr


def test_status_says_which_part_is_broken(stack):
    done = stack.vedette("status", check=False)
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert done.returncode == 1
    assert "ok" in lines["redis"] and "always" in lines["redis"]
    assert "ok" in lines["database"] and "PostgreSQL 1" in lines["database"]
    assert "BROKEN" in lines["edge"] and "BROKEN" in lines["worker"]
