"""PostgreSQL for the tests: one cluster, one template, a cheap database each."""

import os
import re
import subprocess

import psycopg

from harness.build import ROOT
from harness.part import Part


class Cluster:
    """A PostgreSQL of our own.

    durable=False (the session's): no fsync, because its data dies with it.
    durable=True: as in production, for tests that kill it.
    settings: more of postgresql.conf.
    """

    def __init__(self, build, folder, durable=False, **settings):
        self.build = build
        self.folder = folder
        self.durable = durable
        self.settings = settings
        self.run = folder / "run"
        self.n = 0
        self.part = None

    def start(self):
        make_folder(self.build, self.folder)
        make_folder(self.build, self.run)
        data = self.folder / "data"
        owner = {}
        if self.build.user is not None:
            owner = {"user": self.build.user, "group": self.build.group, "extra_groups": []}
        if not data.exists():
            subprocess.run([self.build.pg("initdb"), "-D", data, "-U", "vedette", "-A", "trust", "-E",
                            "UTF8", "--locale=C.UTF-8", "--no-instructions", "--no-sync"], cwd="/",
                           check=True, stdout=subprocess.DEVNULL, **owner)
        command = [self.build.pg("postgres"), "-D", data]
        settings = {"listen_addresses": "", "unix_socket_directories": self.run, "timezone": "UTC",
                    "shared_buffers": "64MB", "dynamic_shared_memory_type": "mmap"}
        if not self.durable:
            settings.update(fsync="off", full_page_writes="off", synchronous_commit="off")
        settings.update(self.settings)
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self.part = Part("postgresql", command, self.build, self.folder / "postgresql.log",
                         ready=self._answers)
        self.part.start()
        subprocess.run([self.build.pg("psql"), "-X", "-q", "-h", self.run, "-U", "vedette", "-d",
                        "postgres", "-v", "owner=vedette", "-v", "ON_ERROR_STOP=1", "-f",
                        ROOT / "fcgi_app" / "dist" / "roles.sql"], cwd="/", check=True)
        return self

    def stop(self, how=None):
        if self.part is not None:
            self.part.stop(how=how)

    def conninfo(self, dbname):
        return f"host={self.run} user=vedette dbname={dbname}"

    def _answers(self):
        try:
            psycopg.connect(self.conninfo("postgres")).close()
            return True
        except psycopg.OperationalError:
            return False

    def execute(self, statement):
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as db:
            db.execute(statement)

    def database(self, template=None):
        """A new database; its name."""
        self.n += 1
        name = f"vedette_{self.n}"
        self.execute(f"create database {name}" + (f" template {template}" if template else ""))
        return name

    def migrated(self):
        """The template: an empty database that `vedette migrate` has seen."""
        name = self.database()
        self.migrate(name)
        return name

    def migrate(self, name):
        env = self.build.environment()
        env.update(VEDETTE_DB_URL=self.conninfo(name), VEDETTE_MIGRATE_SQL=str(self.build.sql))
        done = subprocess.run([self.build.program, "migrate"], env=env, cwd="/",
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"vedette migrate failed:\n{done.stdout}{done.stderr}")


def make_folder(build, folder, mode=0o755):
    folder.mkdir(parents=True, exist_ok=True, mode=mode)
    if build.user is not None:
        os.chown(folder, build.user, build.group)


def fill(template, values):
    """A dist/*.in file with its @NAMES@ replaced; a name left over is a mistake."""
    text = template.read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    left = re.search(r"@[A-Z_]+@", text)
    assert not left, f"{template.name}: {left.group()} has no value"
    return text
