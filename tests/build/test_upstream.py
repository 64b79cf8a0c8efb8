"""The module in an nginx of upstream: built from its sources, loaded, an event taken.

The sources come with cargo, as the crate nginx-src, which carries those of the stable branch; and from the folders
that VEDETTE_NGINX_SOURCES names, separated by colons: those of the mainline, for instance.
"""

import copy
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from edge.server import Edge, event
from harness.build import ROOT

FEATURES = ["--with-compat", "--with-threads", "--with-http_ssl_module", "--with-http_v2_module",
            "--error-log-path=/dev/null"]
NAMED = [Path(folder) for folder in os.environ.get("VEDETTE_NGINX_SOURCES", "").split(":") if folder]


def run(*words, cwd, **env):
    done = subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True, timeout=600,
                          stdin=subprocess.DEVNULL, env={**os.environ, **env})
    assert done.returncode == 0, f"{words}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


def from_cargo(folder):
    if not shutil.which("cargo"):
        pytest.skip("no cargo to fetch nginx' sources with")
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "lib.rs").touch()
    (folder / "Cargo.toml").write_text('[package]\nname = "sources"\nversion = "0.0.0"\nedition = "2021"\n'
                                       '[dependencies]\nnginx-src = "1"\n')
    try:
        done = subprocess.run(["cargo", "vendor", "--quiet"], cwd=folder, capture_output=True, text=True, timeout=240,
                              stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        pytest.skip("cargo waits too long for the crate nginx-src")
    if done.returncode:
        pytest.skip(f"cargo does not get the crate nginx-src: {done.stderr.strip().splitlines()[-1:]}")
    return folder / "vendor" / "nginx-src" / "nginx"


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("source", [None, *NAMED], ids=lambda source: source.name if source else "stable")
def test_an_event_is_taken(build, scratch, source):
    if build.sanitized:
        pytest.skip("one build of it is enough")
    folder = scratch / f"upstream-{source.name if source else 'stable'}"
    folder.mkdir(mode=0o755)
    source = source or from_cargo(folder)
    version = re.search(r'NGINX_VERSION +"(.*)"', (source / "src/core/nginx.h").read_text())[1]

    tree = folder / "nginx"
    shutil.copytree(source, tree)
    script = "configure" if (tree / "configure").exists() else "auto/configure"
    run("sh", script, *FEATURES, "--with-cc-opt=-O0", cwd=tree)
    run("make", "-j2", cwd=tree, MAKEFLAGS="")
    program = tree / "objs" / "nginx"
    assert f"nginx/{version}" in subprocess.run([program, "-v"], capture_output=True, text=True).stderr

    out = folder / "out"
    run("sh", "./configure", f"--with-nginx={source}", f"--nginx={program}", "--build-only", cwd=ROOT, BUILD=str(out))
    run("make", f"BUILD={out}", "module", cwd=ROOT, MAKEFLAGS="")

    other = copy.copy(build)
    other.module = folder / "module.so"
    shutil.copy(out / "ngx_http_vedette_module.so", other.module)
    other.config = {**build.config, "NGINX": str(program)}
    edge = Edge(other, folder / "edge", server="listen 127.0.0.1:{h2} http2;",
                http="vedette_spool {folder}/spool size=64m min_free=0%;")
    try:
        edge.start()
        key = edge.key()
        assert edge.envelope(key, event()).status_code == 200
        assert edge.envelope(key, event(extra={"a": "b" * 900_000})).status_code == 200
        assert edge.envelope(key, event(), ({"type": "attachment", "filename": "x"}, os.urandom(2_000_000))
                             ).status_code == 200
        assert len(edge.entries(key)) == 3
        edge.redis_part.stop()
        assert edge.envelope(key, event()).status_code == 200
        edge.redis_part.start()
        old = edge.reload()
        edge.wait_for(lambda: not old & set(edge.nginx.children()))
        edge.wait_for(lambda: edge.envelope(key, event()).status_code == 200)
    finally:
        edge.close()
