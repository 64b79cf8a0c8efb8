"""The tools agree with the tree, and with a bad file they do not."""

import shutil
import subprocess

import pytest

from harness.build import ROOT
from style.test_rules import tree


def shell_scripts():
    return sorted(name for name, text in tree().items() if text.startswith("#!/bin/sh")
                  or name.endswith(".sh"))


def c_files():
    return sorted(name for name in tree() if name.endswith((".c", ".h"))
                  and name.startswith(("fcgi_app/", "tests/unit/")))


def need(tool):
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed (./configure --install-deps=test brings it)")


def run(*command, **options):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, **options)
    return done.returncode, done.stdout + done.stderr


def test_c_is_formatted():
    need("clang-format")
    code, output = run("clang-format", "--dry-run", "--Werror", *c_files())
    assert code == 0, output[:4000]


def test_clang_format_finds_a_bad_file(tmp_path):
    need("clang-format")
    (tmp_path / "a.c").write_text("int a( ){return 1;}\n")
    code, _ = run("clang-format", f"--style=file:{ROOT}/.clang-format", "--dry-run", "--Werror",
                  str(tmp_path / "a.c"))
    assert code != 0


@pytest.mark.parametrize("script", shell_scripts())
def test_shell_script(script):
    need("shellcheck")
    code, output = run("shellcheck", "-x", "-s", "sh", script)
    assert code == 0, output
    if shutil.which("dash"):
        code, output = run("dash", "-n", script)
        assert code == 0, output


def test_shellcheck_finds_a_bad_file(tmp_path):
    need("shellcheck")
    (tmp_path / "a.sh").write_text("#!/bin/sh\nrm $1\n")
    code, _ = run("shellcheck", str(tmp_path / "a.sh"))
    assert code != 0


def test_lint_is_silent(build):
    need("cppcheck")
    code, output = run("make", f"BUILD={build.name}", "lint")
    assert code == 0, output[-4000:]


def test_the_analyzer_finds_a_bad_file(build, tmp_path):
    (tmp_path / "a.c").write_text("#include <stdlib.h>\nint f(void) { int *p = malloc(9 * sizeof *p); "
                                  "free(p); return p[1]; }\n")
    code, output = run(build.tool("CC"), "-O1", "-fanalyzer", "-Werror", "-c", "-o", "/dev/null",
                       str(tmp_path / "a.c"))
    assert code != 0 and "use-after-free" in output
