"""The programs of this folder: what each needs, how it is built and run.

A program is one folder: a shop that runs out of stock, on the newest SDK of its
language, pinned by that language's own lock file.  It is built in
$BUILD/sdk/<folder>, and again only when a file of it has changed.
"""

import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
BUILD_SECONDS = 600  # a fresh machine fetches and compiles
RUN_SECONDS = 180


class Missing(Exception):
    """Why this machine cannot build a program."""


@dataclass(frozen=True)
class Tool:
    """A command that must be there and be new enough for the SDK."""

    name: str
    ask: str  # what makes it print its version
    oldest: tuple = (0, 0)

    def check(self):
        if not shutil.which(self.name):
            raise Missing(f"{self.name} is not on this machine")
        if version([self.name, self.ask]) < self.oldest:
            raise Missing(
                f"the SDK wants {self.name} {self.oldest[0]}.{self.oldest[1]} "
                "or newer, this machine's is older"
            )


@dataclass(frozen=True)
class Program:
    folder: str
    tools: tuple
    build: tuple  # commands, in the order they run
    run: tuple  # one command; none: a browser opens its page
    everywhere: bool = False  # never skipped

    @property
    def place(self):
        build = Path(os.environ.get("BUILD", "build"))
        return ROOT / build / "sdk" / self.folder

    def prepare(self):
        """Build it, unless it is built.  Raises Missing."""
        for tool in self.tools:
            tool.check()
        stamp = self.place / ".built"
        wanted = self._digest()
        if stamp.exists() and stamp.read_text() == wanted:
            return
        stamp.unlink(missing_ok=True)
        shutil.copytree(HERE / self.folder, self.place, dirs_exist_ok=True)
        for command in self.build:
            self._command(command, BUILD_SECONDS)
        stamp.write_text(wanted)

    def send(self, dsn, script=None):
        """Run it to its end; by then the SDK has sent what it had."""
        command = (*self.run[:-1], script) if script else self.run
        self._command(command, RUN_SECONDS, {"DSN": dsn})

    def line_of(self, file, text):
        """The number of the one line of a file that begins so."""
        lines = (HERE / self.folder / file).read_text().splitlines()
        (number,) = [n for n, line in enumerate(lines, 1) if line.strip().startswith(text)]
        return number

    def _command(self, command, seconds, variables=()):
        words = [node() if word == "node" else word for word in command]
        try:
            subprocess.run(
                words,
                cwd=self.place,
                env={**os.environ, **dict(variables)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=seconds,
                check=True,
            )
        except subprocess.CalledProcessError as failure:
            raise RuntimeError(f"{failure}\n{failure.stdout}") from None

    def _digest(self):
        digest = hashlib.sha256(repr(self).encode())
        for file in sorted((HERE / self.folder).rglob("*")):
            if file.is_file():
                digest.update(file.name.encode() + b"\0" + file.read_bytes())
        return digest.hexdigest()


PROGRAMS = (
    Program(
        "python",
        tools=(),
        build=(
            (sys.executable, "-m", "venv", "venv"),
            ("venv/bin/pip", "install", "--quiet", "--disable-pip-version-check",
             "--require-hashes", "--requirement", "requirements.txt"),
        ),
        run=("venv/bin/python", "app.py"),
        everywhere=True,
    ),
    Program(
        "node",
        tools=(Tool("node", "--version"), Tool("npm", "--version")),
        build=(("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"),),
        run=("node", "app.js"),
        everywhere=True,
    ),
    Program(
        "browser",
        tools=(Tool("node", "--version"), Tool("npm", "--version")),
        build=(
            ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"),
            ("npm", "run", "bundle"),
        ),
        run=(),
        everywhere=True,
    ),
    Program(
        "go",
        tools=(Tool("go", "version", (1, 25)),),
        build=(("go", "build", "-o", "shop", "."),),
        run=("./shop",),
    ),
    Program(
        "java",
        tools=(Tool("javac", "-version", (11, 0)), Tool("mvn", "--version", (3, 6))),
        build=(
            ("mvn", "--batch-mode", "--quiet", "dependency:copy-dependencies",
             "-DoutputDirectory=lib"),
            ("javac", "-cp", "lib/*", "-d", "classes", "App.java"),
        ),
        run=("java", "-cp", "classes:lib/*", "shop.App"),
    ),
    Program(
        "rust",
        tools=(Tool("cargo", "--version", (1, 89)),),
        build=(
            (sys.executable, "lock.py"),
            ("cargo", "build", "--locked", "--quiet"),
        ),
        run=("target/debug/shop-rust",),
    ),
)


def version(command):
    """(major, minor), as the command prints it; (0, 0) when it does not."""
    said = subprocess.run(command, capture_output=True, text=True, timeout=60)
    found = re.search(r"(\d+)\.(\d+)", said.stdout + said.stderr)
    return tuple(map(int, found.groups())) if found else (0, 0)


@functools.cache
def node():
    """A Node.js that the SDK supports: the machine's, or the one that
    Playwright brings along (Debian 12 has 18)."""
    if version(["node", "--version"]) >= (20, 19):
        return "node"
    return str(compute_driver_executable()[0])
