"""An OpenAPI 3.0 document as a judge: of requests, and of what a fake answers.

Strict both ways: a query, a member or a status that the document does not know is a fault.  What a fake leaves out of
an answer although the document asks for it is filled in, so that Vedette reads answers as full as the real ones.
"""

import copy
import functools
import json
import re
from urllib.parse import unquote

import jsonschema

METHODS = ("get", "post", "put", "patch", "delete")
WORDS_ONLY = {"description", "example", "examples", "xml", "deprecated", "externalDocs", "title", "discriminator", "default"}
SAMPLES = {"date-time": "2026-01-02T03:04:05Z", "date": "2026-01-02", "uri": "https://example.org/", "email": "a@example.org"}


class Description:
    def __init__(self, document, nulls=False):
        """nulls: the server writes null for what is not there, which the document cannot say."""
        self.document, self.nulls = document, nulls
        self.operations = []
        for path, item in document["paths"].items():
            # Google's names have strokes inside: "spaces/S"
            pattern = re.sub(r"\\\{[^}]*\\\}", "(.+)" if "{parent}" in path else "([^/]+)", re.escape(path))
            for method in METHODS:
                if method in item:
                    shared = [*item.get("parameters", []), *item[method].get("parameters", [])]
                    self.operations.append((method.upper(), path, re.compile(pattern), {**item[method], "parameters": shared}))

    # ---- finding

    def resolve(self, node):
        while "$ref" in node:
            here = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                here = here[unquote(part).replace("~1", "/").replace("~0", "~")]
            node = here
        return node

    @functools.cache
    def find(self, method, path):
        """The operation; a path with fewer places for names is the better one."""
        found = [(known.count("{"), known, operation) for m, known, pattern, operation in self.operations
                 if m == method and pattern.fullmatch(path)]
        assert found, f"{method} {path} is not in the vendor's description"
        return min(found, key=lambda one: one[0])[2]

    def content(self, node):
        """(media type, schema) of a body; (None, None): there is none."""
        content = self.resolve(node).get("content", {})
        for type in sorted(content, key=lambda type: "json" not in type):
            return type, content[type].get("schema")
        return None, None

    # ---- schemas

    def plain(self, node, used):
        """OpenAPI's dialect as JSON schema of draft 4; used: names of the components that it refers to."""
        if isinstance(node, list):
            return [self.plain(item, used) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            used.add(node["$ref"])
            return {"$ref": "#/definitions/" + node["$ref"].rpartition("/")[2]}
        out = {key: value if key in ("enum", "required", "pattern", "format", "type") else self.plain(value, used)
               for key, value in node.items() if key not in WORDS_ONLY and not key.startswith("x-") and key != "properties"}
        if "properties" in node:
            out["properties"] = {name: self.plain(value, used) for name, value in node["properties"].items()}
            if self.nulls:
                out["properties"] = {name: {"anyOf": [{"enum": [None]}, value]} for name, value in out["properties"].items()}
            out.setdefault("additionalProperties", False)
        if node.get("nullable"):
            return {"anyOf": [{"enum": [None]}, {key: value for key, value in out.items() if key != "nullable"}]}
        return out

    @staticmethod
    def open(node):
        """Parts of an allOf know only some of the members."""
        for part in node.get("allOf", []):
            if part.get("additionalProperties") is False:
                del part["additionalProperties"]

    def validator(self, schema):
        used, definitions = set(), {}
        root = self.plain(schema, used)
        while waiting := [ref for ref in used if ref.rpartition("/")[2] not in definitions]:
            for ref in waiting:
                definitions[ref.rpartition("/")[2]] = self.plain(self.resolve({"$ref": ref}), used)
        for part in (root, *definitions.values()):
            self.open(part)
        return jsonschema.Draft4Validator({**root, "definitions": definitions} if "$ref" not in root else
                                          {"allOf": [root], "definitions": definitions})

    def check(self, schema, value, what):
        key = id(schema)
        if key not in self.validators:
            self.validators[key] = self.validator(schema)
        for error in self.validators[key].iter_errors(value):
            raise AssertionError(f"{what}, by the vendor's description: {error.message[:300]} at {list(error.absolute_path)}")

    @functools.cached_property
    def validators(self):
        return {}

    # ---- judging

    def judge(self, seen, path):
        """Whether a request is as the description says; path: without what a server puts in front."""
        operation = self.find(seen.method, path)
        known = {p["name"]: p for p in map(self.resolve, operation["parameters"]) if p["in"] == "query"}
        shared = {p["name"] for p in map(self.resolve, self.document.get("components", {}).get("parameters", {}).values())
                  if p["in"] == "query"}
        for name in seen.query:
            assert name in known or name in shared, f"the vendor's description knows no {name}"
        for name, parameter in known.items():
            assert name in seen.query or not parameter.get("required"), f"{name} is missing"
        type, schema = self.content(operation.get("requestBody", {}))
        if not seen.body:
            assert not self.resolve(operation.get("requestBody", {})).get("required"), "a body is missing"
        elif type == "application/x-www-form-urlencoded":
            # JSON is taken, too: what is no plain value there is JSON in a field here
            form = {name: value if not isinstance(value, (list, dict)) else json.dumps(value) for name, value in seen.json.items()}
            self.check(schema, form, "the form")
        else:
            assert type is not None, "a body where none belongs"
            self.check(schema, seen.json, "the body")

    def complete(self, method, path, status, body):
        """The answer as full as the description says it is."""
        responses = self.find(method, path)["responses"]
        response = responses.get(str(status)) or responses.get("default")
        if response is None:
            assert status >= 400, f"the vendor's description knows no answer {status}"
            return body
        _, schema = self.content(response)
        if schema is None or not isinstance(body, (dict, list)):
            return body
        body = self.fill(schema, copy.deepcopy(body))
        self.check(schema, body, f"the fake's answer {status}")
        return body

    # ---- filling

    def fill(self, schema, value):
        schema = self.resolve(schema)
        for part in schema.get("allOf", []):
            value = self.fill(part, value)
        for part in schema.get("anyOf", schema.get("oneOf", []))[:1]:
            value = self.fill(part, value)
        if isinstance(value, dict):
            known = schema.get("properties", {})
            for name in schema.get("required", []):
                if name not in value and name in known:
                    value[name] = self.sample(known[name])
            for name in value:
                if name in known:
                    value[name] = self.fill(known[name], value[name])
        elif isinstance(value, list) and "items" in schema:
            value = [self.fill(schema["items"], item) for item in value]
        return value

    def sample(self, schema):
        schema = self.resolve(schema)
        if schema.get("nullable"):
            return None
        if "enum" in schema:
            return schema["enum"][0]
        for some in ("allOf", "anyOf", "oneOf"):
            if some in schema:
                return self.fill(schema, {}) if some == "allOf" else self.sample(schema[some][0])
        match schema.get("type"):
            case "string":
                return SAMPLES.get(schema.get("format"), "x")
            case "integer" | "number":
                return schema.get("minimum", 1)
            case "boolean":
                return False
            case "array":
                return []
        return self.fill(schema, {})
