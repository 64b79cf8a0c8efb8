#!/usr/bin/env python3
"""What Lighthouse says of the stream and of an issue, as a desk and as a phone; not a part of the tests:

    build/venv/bin/python tests/bench/web/lighthouse.py [--build DIR]

npx fetches Lighthouse.  Prints the scores of each group (goal: 95 and more) and what cost points.  The times of the
group "performance" are a busy machine's too: let nothing else run.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from harness.build import ROOT, Build  # noqa: E402
from harness.cluster import Cluster  # noqa: E402
from harness.stack import Stack  # noqa: E402
from page.conftest import Person  # noqa: E402
from page.issues import lock_timeout  # noqa: E402

PAGES = ["/acme/issues/", "/acme/issues/SHOP-API-1/"]
CHROME = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage"


def look(stack, path, headers, *options):
    done = subprocess.run(["npx", "--yes", "lighthouse@12", stack.url + path, "--quiet", "--output=json",
                           f"--extra-headers={headers}", f"--chrome-flags={CHROME}", *options],
                          env={**os.environ, "CHROME_PATH": shutil.which("chromium")}, capture_output=True, text=True)
    if done.returncode:
        return print(f"{path}: {done.stderr[-500:]}")
    said = json.loads(done.stdout)
    print(path, *options, {name: round(100 * (group["score"] or 0)) for name, group in said["categories"].items()}, flush=True)
    for name, group in said["categories"].items():
        for part in group["auditRefs"]:
            audit = said["audits"][part["id"]]
            if part["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                print(f"    {name}: {part['id']}, {audit['score']}, {audit.get('displayValue', '')}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build", default=os.environ.get("BUILD", "build"))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vedette-lighthouse-") as folder:
        folder = Path(folder)
        folder.chmod(0o755)
        build = Build(ROOT / args.build, folder)
        cluster = Cluster(build, folder / "pg").start()
        stack = Stack(build, folder / "stack", cluster, cluster.database(cluster.migrated())).start()
        try:
            shop = stack.create_project("shop-api", platform="python")
            for event in [stack.send_event(shop, lock_timeout(), fingerprint=[f"f{n}"]) for n in range(30)]:
                stack.wait_for_event(event)
            person = Person(stack).sign_in(stack.admin.email)
            headers = folder / "headers.json"
            headers.write_text(json.dumps({"Cookie": "; ".join(f"{c.name}={c.value}" for c in person.session.cookies)}))
            for options in (["--preset=desktop"], []):
                for path in PAGES:
                    look(stack, path, headers, *options)
        finally:
            stack.close()
            cluster.stop()


if __name__ == "__main__":
    main()
