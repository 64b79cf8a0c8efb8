"""The rules of the tree, as data, and the functions that find what breaks them.

Each function takes {path: text} of source files and returns the sentences to
print; test_rules.py runs them on the tree, and on examples that must fail.
"""

import re

# Who may include whom: a folder of fcgi_app may include the folders of the
# lines above its own, and itself.
LAYERS = [
    {"util"},
    {"json"},
    {"db", "queue", "envelope", "outbound"},
    {"model"},
    {"integration"},
    {"alert", "sso"},
    {"digest", "web"},
    {"page", "api"},
    {"cmd"},
]

# Lower folders that are out of reach all the same: pages never see SQL or Redis.
NEVER = {
    "page": {"db", "queue"},
    "api": {"db", "queue"},
    "util": {"json"},
}

# Files that may do what no other file may, and why.
MAY_BUILD_SQL = {
    "fcgi_app/db/": "transactions, COPY and savepoints are the connection's own statements",
    "fcgi_app/model/issue_search.c": "search builds its conditions from a table of columns",
}

MAY_HOLD_HTML = {
    "fcgi_app/integration/telegram.c": "Telegram's own markup looks like HTML",
    "fcgi_app/integration/matrix.c": "a message of Matrix carries HTML",
    "fcgi_app/integration/markup.c": "Textile writes code as HTML does",
    "fcgi_app/web/render.c": "it looks for forbidden tags in templates, and tests its escaping",
    "fcgi_app/web/show.c": "makes invisible characters seen, inside of text that it escapes",
}

BANNED = {
    "strcpy": "str or snprintf", "strcat": "buf", "sprintf": "snprintf or buf",
    "vsprintf": "vsnprintf", "gets": "fgets", "strtok": "str_split", "atoi": "strtoll with checks",
    "atol": "strtoll with checks", "alloca": "the arena",
}

LITERAL_OR_COMMENT = re.compile(
    r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*', re.DOTALL)

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.MULTILINE)

SQL = re.compile(r"^\s*(select\s.+\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s"
                 r"|create\s+(table|index)\s|alter\s+table\s|with\s+\w+\s+as\s*\()", re.IGNORECASE)

TAG = re.compile(r"</?(a|b|body|br|code|div|em|form|h[1-6]|head|html|i|img|input|li|link|meta|ol|p"
                 r"|pre|script|select|span|strong|style|svg|table|td|th|tr|ul)(\s[^<>]*)?/?>",
                 re.IGNORECASE)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def literals(text):
    """(offset, content) of the string literals; adjacent ones are one."""
    last_end = None
    parts, start = [], 0
    for match in LITERAL_OR_COMMENT.finditer(text):
        token = match.group()
        if not token.startswith('"'):
            continue
        if last_end is not None and text[last_end:match.start()].strip() == "":
            parts.append(token[1:-1])
        else:
            if parts:
                yield start, "".join(parts)
            parts, start = [token[1:-1]], match.start()
        last_end = match.end()
    if parts:
        yield start, "".join(parts)


def code_only(text):
    """The text with literals and comments blanked, lines kept."""
    return LITERAL_OR_COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def level(folder):
    for n, folders in enumerate(LAYERS):
        if folder in folders:
            return n
    return None


def includes(files):
    for path, text in files.items():
        for match in INCLUDE.finditer(text):
            yield path, line_of(text, match.start()), match.group(1)


def check_layers(files):
    found = []
    for path, line, name in includes(files):
        parts = path.split("/")
        if parts[0] != "fcgi_app" or len(parts) != 3:
            continue  # main.c may include all
        own, other = parts[1], name.split("/")[0]
        if "/" not in name:
            if name != "config.h":
                found.append(f"{path}:{line}: \"{name}\" is not named from fcgi_app on")
            continue
        if level(own) is None or level(other) is None:
            unknown = own if level(own) is None else other
            found.append(f"{path}:{line}: the folder {unknown} has no place in LAYERS")
        elif own != other and (level(other) >= level(own) or other in NEVER.get(own, ())):
            found.append(f"{path}:{line}: {own} may not include {other} ({name})")
        elif own != other and name.endswith("/private.h"):
            found.append(f"{path}:{line}: {name} is for {other} alone")
    return found


def check_module_includes(files):
    """The module is built into other people's nginx: it shares one header with us."""
    found = []
    for path, line, name in includes(files):
        if path.startswith("ngx_module/") and not name.startswith("ngx_http_vedette"):
            if name not in ("../fcgi_app/queue/message.h", "queue/message.h"):
                found.append(f"{path}:{line}: the module may include queue/message.h, not {name}")
    return found


def check_sql(files):
    found = []
    for path, text in files.items():
        if not path.endswith((".c", ".h")) or path.startswith(tuple(MAY_BUILD_SQL)):
            continue
        for offset, literal in literals(text):
            if SQL.match(literal):
                found.append(f"{path}:{line_of(text, offset)}: SQL stands in model/*.sql")
    return found


def check_html(files):
    found = []
    for path, text in files.items():
        if not path.startswith("fcgi_app/") or path in MAY_HOLD_HTML:
            continue
        for offset, literal in literals(text):
            if TAG.search(literal):
                found.append(f"{path}:{line_of(text, offset)}: HTML stands in templates")
    return found


def check_banned(files):
    pattern = re.compile(r"\b(" + "|".join(BANNED) + r")\s*\(")
    found = []
    for path, text in files.items():
        for match in pattern.finditer(code_only(text)):
            name = match.group(1)
            found.append(f"{path}:{line_of(text, match.start())}: {name}: use {BANNED[name]}")
    return found


def check_module_style(files):
    """What nginx's own style asks and no formatter knows."""
    found = []
    for path, text in files.items():
        if not path.startswith("ngx_module/") or not path.endswith((".c", ".h")):
            continue
        for n, line in enumerate(text.split("\n"), 1):
            if len(line) > 80:
                found.append(f"{path}:{n}: {len(line)} columns")
        code = LITERAL_OR_COMMENT.sub(
            lambda m: "//" if m.group().startswith("//") else re.sub(r"[^\n]", " ", m.group()), text)
        for match in re.finditer("//", code):
            found.append(f"{path}:{line_of(code, match.start())}: comments are /* like this */")
        for match in re.finditer(r"\n}\n(?=\n?[^\s#}/])|\n}\n\n\n\n", text):
            found.append(f"{path}:{line_of(text, match.start()) + 1}: "
                         "two blank lines follow a function")
    return found


def check_text(files):
    """All files: no tabs (but in makefiles), no trailing blanks, a last newline."""
    found = []
    for path, text in files.items():
        if text and not text.endswith("\n"):
            found.append(f"{path}: the last line has no end")
        for n, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip():
                found.append(f"{path}:{n}: blanks at the end of the line")
            if "\t" in line and not path.endswith(("Makefile", ".tsv", "go.mod", ".go")):
                found.append(f"{path}:{n}: a tab")
    return found


# Built here so that this file does not hold what it forbids.
ELSEWHERE = [
    ("a path of the machine it was written on", re.compile(r"(?<![\w.])/" + r"(work|tmp/wt|root)/")),
    ("the host of a package registry",
     re.compile(r"(?<![\w.])(pypi\.org|files\.pythonhosted|registry\.npmjs|registry\.yarnpkg"
                r"|static\.crates\.io|proxy\.golang|repo1?\.maven|deb\.debian)\.?" + "[a-z]*")),
]


def check_elsewhere(files):
    found = []
    for path, text in files.items():
        for what, pattern in ELSEWHERE:
            for match in pattern.finditer(text):
                found.append(f"{path}:{line_of(text, match.start())}: {what}: {match.group()}")
    return found
