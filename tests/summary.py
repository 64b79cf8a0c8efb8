"""The end of `make check`: reads the reports, prints what failed and the counts.

A report is a JUnit file (pytest, cmocka).  A folder of reports is one suite of C
unit tests, in which NAME.started without NAME.xml is a program that crashed.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Suite:
    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0
    failures: list = field(default_factory=list)
    skips: dict = field(default_factory=dict)


def cases(path):
    """cmocka writes one document a group of tests, one after the other into the file."""
    documents = re.sub(r"<\?xml [^>]*\?>", "", path.read_text(errors="replace"))
    return ElementTree.fromstring(f"<all>{documents}</all>".encode()).iter("testcase")


def read(suite, path):
    for case in cases(path):
        suite.seconds += float(case.get("time") or 0)
        name = "::".join(filter(None, (case.get("classname"), case.get("name"))))
        trouble = case.find("failure") if case.find("failure") is not None else case.find("error")
        if trouble is not None:
            suite.failed += 1
            suite.failures.append((name, trouble.get("message") or (trouble.text or "").strip()))
        elif case.find("skipped") is not None:
            suite.skipped += 1
            reason = case.find("skipped").get("message") or ""
            suite.skips[reason] = suite.skips.get(reason, 0) + 1
        else:
            suite.passed += 1


def read_all(results):
    for path in sorted(results.iterdir()):
        suite = Suite(path.stem)
        if path.is_dir():
            for started in sorted(path.glob("*.started")):
                report = started.with_suffix(".xml")
                try:
                    read(suite, report)
                except (OSError, ElementTree.ParseError):
                    suite.failed += 1
                    suite.failures.append((started.stem, "the program crashed; make unit shows how"))
        elif path.suffix == ".xml":
            read(suite, path)
        else:
            continue
        yield suite


def main(results):
    suites = list(read_all(Path(results)))
    for suite in suites:
        for reason, n in suite.skips.items():
            print(f"skipped {n} of {suite.name}: {reason}")
    for suite in suites:
        for name, message in suite.failures:
            print(f"FAILED {suite.name} {name}\n    " + "\n    ".join(message.splitlines()[:12]))
    print(f"{'':24}{'passed':>8}{'failed':>8}{'skipped':>8}{'seconds':>9}")
    for suite in suites:
        print(f"{suite.name:24}{suite.passed:8}{suite.failed:8}{suite.skipped:8}{suite.seconds:9.1f}")
    passed, failed, skipped = (sum(getattr(s, k) for s in suites)
                               for k in ("passed", "failed", "skipped"))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
