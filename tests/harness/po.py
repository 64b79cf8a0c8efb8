"""The texts of templates/lang/*.po and of `vedette lang`: {(context, english): own}."""

import re
import subprocess

STRING = re.compile(r'"((?:[^"\\]|\\.)*)"\s*$')


def read_po(text):
    """As util/lang.c reads it."""
    found, entry = {}, {}

    def keep():
        if entry.get("msgid"):
            found[entry.get("msgctxt", ""), entry["msgid"]] = entry.get("msgstr", "")
        entry.clear()

    field = None
    for line in [*text.splitlines(), ""]:
        word = line.split(" ", 1)[0]
        if not line.strip():
            keep()
        elif line.startswith("#"):
            continue
        else:
            if word in ("msgctxt", "msgid", "msgstr"):
                if word != "msgstr" and "msgstr" in entry:
                    keep()
                field = word
            entry[field] = entry.get(field, "") + unescape(STRING.search(line).group(1))
    return found


def unescape(text):
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m.group(1), m.group(1)), text)


def vedette_lang(build, *args):
    """(exit code, what `vedette lang …` printed)"""
    run = subprocess.run([build.program, "lang", *args], capture_output=True, text=True, timeout=60,
                         env={"VEDETTE_WEB_TEMPLATES": str(build.templates)})
    return run.returncode, run.stdout + run.stderr
