"""Writes Cargo.lock from Cargo.pins.

The pins are a lock file without the lines that name a registry; which one that
is Cargo says itself.
"""

import re
import subprocess
from pathlib import Path

subprocess.run(["cargo", "generate-lockfile", "--quiet"], check=True)
lock = Path("Cargo.lock")
source = re.search(r"^source = .*$", lock.read_text(), re.M).group()
lock.write_text(re.sub(r"^(?=checksum = )", f"{source}\n", Path("Cargo.pins").read_text(), flags=re.M))
