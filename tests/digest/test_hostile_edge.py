"""Every attribute of protocol.md §7 with what it should not be, through the door: an SDK's envelope, the edge, Redis,
the worker, PostgreSQL.  Each is an event all the same, and what is not as it was sent has a note in _meta."""

import json
import threading
import uuid

import pytest
import requests
import zstandard

from harness.line import DEAD, STREAM

TOKEN = "tok3n"


def nested(depth, leaf=TOKEN):
    """As JSON text: Python does not write what is that deep."""
    return "[" * depth + json.dumps(leaf) + "]" * depth


# as JSON text
VALUES = {
    "null": "null", "true": "true", "false": "false", "number": "7", "negative": "-1.5", "huge": "1e400", "2^70": str(2 ** 70),
    "long number": "9" * 2000, "empty": '""', "blanks": '" \\n "', "nul": f'"{TOKEN}\\u0000\\u0000"', "surrogate": f'"{TOKEN}\\ud800x\\udc00"',
    "control": f'"{TOKEN}\\u0001\\n\\t"', "long": json.dumps(TOKEN + "x" * 40_000), "[]": "[]", "{}": "{}", "[[]]": "[[]]", "[null]": "[null]",
    "list": json.dumps([TOKEN, {TOKEN: 1}, [TOKEN]]), "object": json.dumps({TOKEN: {TOKEN: [1]}, "": None}),
    "pairs": json.dumps([[TOKEN, 1], [TOKEN], [1, 2, 3], None]), "values": json.dumps({"values": [TOKEN, None, 7, {}]}),
    "values in values": json.dumps({"values": {"values": {"values": [TOKEN]}}}), "deep": nested(100),
    "deep objects": '{"a":' * 100 + f'"{TOKEN}"' + "}" * 100, "twice": '{"a":1,"a":2,"a":[3]}', "wide": json.dumps({f"{TOKEN}{n}": n for n in range(2000)}),
}

FRAME = {"function": "f", "raw_function": "f()", "symbol": "f", "module": "m", "package": "p", "filename": "a.py", "abs_path": "/a.py", "lineno": 1,
         "colno": 2, "platform": "python", "pre_context": ["a"], "context_line": "b", "post_context": ["c"], "in_app": True, "vars": {"a": "1"},
         "data": {"sourcemap": "x"}, "image_addr": "0x1", "instruction_addr": "0x2", "addr_mode": "rel", "function_id": "0x3", "symbol_addr": "0x4",
         "trust": "cfi", "lang": "c", "stack_start": True, "lock": {"type": 1}}
TRACE = {"frames": [FRAME], "registers": {"rip": "0x1"}, "lang": "c", "snapshot": True, "instruction_addr_adjustment": "auto"}
CONTEXTS = ("device", "os", "runtime", "app", "browser", "gpu", "trace", "profile", "replay", "response", "monitor", "culture", "cloud_resource",
            "otel", "flags", "unity", "spring", "performance_score", "memory_info", "threadpool_info", "state", "ota_updates", "reprocessing")
EVENT = {
    "type": "error", "level": "error", "timestamp": 1, "start_timestamp": 1, "received": 1, "platform": "python", "logger": "l", "transaction": "t",
    "transaction_info": {"source": "url", "original": "o", "changes": [], "propagations": 1}, "server_name": "s", "release": "a@1", "dist": "1",
    "environment": "prod", "logentry": {"message": "a %s", "formatted": "a b", "params": ["b"]}, "tags": {"a": "b"}, "extra": {"a": 1},
    "contexts": {name: {"type": name, "name": "n", "version": "1", "raw_description": "d", "model": "m", "rooted": True, "values": [{"flag": "f", "result": True}],
                        "status": "ok", "trace_id": "a" * 32, "span_id": "b" * 16, "headers": {}, "cookies": "a=b", "data": 1} for name in CONTEXTS},
    "user": {"id": "1", "username": "u", "email": "e@x.org", "name": "n", "ip_address": "192.0.2.7", "geo": {"city": "c"}, "segment": "s", "data": {}},
    "request": {"url": "https://a/b?c=d", "method": "GET", "protocol": "p", "query_string": "a=b", "fragment": "f", "headers": {"A": "b"}, "cookies": "a=b",
                "data": "x", "env": {"REMOTE_ADDR": "192.0.2.7"}, "body_size": 1, "api_target": "x", "inferred_content_type": "y"},
    "breadcrumbs": {"values": [{"timestamp": 1, "type": "t", "category": "c", "level": "info", "message": "m", "data": {"a": 1}, "event_id": "a" * 32, "origin": "o"}]},
    "exception": {"values": [{"type": "E", "value": "v", "module": "m", "stacktrace": TRACE, "raw_stacktrace": TRACE, "thread_id": 1,
                              "mechanism": {"type": "g", "description": "d", "help_link": "https://a", "handled": True, "synthetic": False, "data": {},
                                            "source": "s", "exception_id": 0, "parent_id": 1, "is_exception_group": False,
                                            "meta": {"errno": {"number": 1, "name": "n"}, "signal": {"number": 1, "code": 2}, "ns_error": {"domain": "d", "code": 1},
                                                     "mach_exception": {"exception": 1, "code": 2, "subcode": 3, "name": "n"}}}}]},
    "stacktrace": {"frames": [{"function": "g"}]},
    "threads": {"values": [{"id": 1, "name": "n", "crashed": True, "current": True, "main": True, "state": "s", "stacktrace": {"frames": [{"function": "h"}]},
                            "held_locks": {"0x1": {"type": 1, "address": "0x1", "thread_id": 1}}}]},
    "template": {"filename": "a", "abs_path": "b", "lineno": 1, "colno": 1, "pre_context": ["x"], "context_line": "y", "post_context": ["z"]},
    "debug_meta": {"images": [{"type": "elf", "code_id": "c", "code_file": "f", "debug_id": "d", "debug_file": "g", "debug_checksum": "e", "arch": "x", "image_addr": "0x1",
                               "image_size": 1, "image_vmaddr": "0x2", "uuid": "u", "name": "n", "cpu_type": 1, "cpu_subtype": 2}], "sdk_info": {"sdk_name": "s"}},
    "modules": {"a": "1"}, "sdk": {"name": "s", "version": "1", "integrations": ["i"], "features": ["f"], "packages": [{"name": "p", "version": "1"}],
                                   "settings": {"infer_ip": "auto"}},
    "fingerprint": ["a"], "errors": [{"type": "t", "name": "n", "value": "v"}],
    "csp": {"effective_directive": "script-src", "blocked_uri": "https://x"}, "hpkp": {"hostname": "h"}, "expectct": {"hostname": "h"}, "expectstaple": {"hostname": "h"},
    "spans": [], "measurements": {}, "breakdowns": {}, "culprit": "c", "checksum": "a" * 32, "site": "s", "time_spent": 1, "version": "5", "_metrics": {"a": 1},
    "project": 1, "key_id": "1", "ingest_path": [], "grouping_config": {}, "scraping_attempts": [], "_meta": {"level": {"": {"err": ["x"]}}}, "_grouping": {}, "unknown": 1,
    "message": "m", **{f"sentry.interfaces.{name}": {} for name in ("Message", "Contexts", "User", "Http", "Breadcrumbs", "Exception", "Stacktrace", "Template", "Csp", "Sdk")},
}
# others decide what these are: without a note (tests/unit/test_attributes.c says why)
REPLACED = {"type", "received", "platform", "source", "measurements", "project", "key_id", "ingest_path", "grouping_config", "reprocessing", "_meta", "_grouping"}


def paths(value, path=()):
    """Of each attribute, the shallow ones first; of lists their first element."""
    if isinstance(value, dict):
        for key in value:
            yield (*path, key)
            yield from paths(value[key], (*path, key))
    elif isinstance(value, list) and value:
        yield (*path, 0)
        yield from paths(value[0], (*path, 0))


PATHS = list(dict.fromkeys(paths(EVENT)))


def event_with(path, text):
    """An event that has what stands on the way to the attribute, and there this JSON text."""
    event = {"message": "usual", "level": "error", path[0]: json.loads(json.dumps(EVENT[path[0]]))}
    at = event
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = "@@"
    return json.dumps(event).replace('"@@"', text)


class Door(threading.Thread):
    """Posts each of some pieces of work; what was answered."""

    def __init__(self, stack, project, work):
        super().__init__()
        self.stack, self.project, self.work, self.answers = stack, project, work, {}

    def run(self):
        with requests.Session() as session:
            for id, body in self.work:
                self.answers[id] = session.post(
                    f"{self.stack.url}/api/{self.project.id}/envelope/?sentry_key={self.project.key}", timeout=60,
                    data=b'{"event_id":"%s"}\n{"type":"event","length":%d}\n%s\n' % (id.encode(), len(body), body)).status_code


def through_the_door(stack, project, texts):
    """{id: event as it is stored}, in the order of the texts."""
    work = [(uuid.uuid4().hex, text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")) for text in texts]
    doors = [Door(stack, project, work[n::2]) for n in range(2)]
    for door in doors:
        door.start()
    for door in doors:
        door.join()
    answers = doors[0].answers | doors[1].answers
    assert set(answers.values()) == {200}, "the edge takes what is JSON"
    stack.wait_for(lambda: stack.redis.xlen(STREAM) == 0, 240, "an empty stream")
    assert stack.redis.xlen(DEAD) == 0
    assert "signal" not in stack.log("worker")
    rows = stack.sql("select e.event_id, b.body from event_body b join event e on e.id = b.id and e.day = b.day"
                     " where e.project_id = %s", project.id)
    own = [zstandard.ZstdCompressionDict(bytes(one)) for one, in stack.sql("select dictionary from body_dictionary where dictionary is not null")]
    packers = {one.dict_id(): zstandard.ZstdDecompressor(dict_data=one) for one in own} | {0: zstandard.ZstdDecompressor()}
    found = {id.hex: json.loads(packers[zstandard.get_frame_parameters(bytes(body)).dict_id].decompressobj().decompress(bytes(body)))
             for id, body in rows}
    return [found.get(id) for id, _ in work]


@pytest.fixture(scope="module")
def open_project(stack):
    """Keeps the body of each event."""
    project = stack.create_project()
    org = stack.value("select organization_id from project where id = %s", project.id)
    stack.sql("insert into project_setting (organization_id, project_id, name, value) values (%s, %s, 'keep.sampling', 'off')",
              org, project.id)
    return project


def cases_of(part):
    """Attributes of the event with each value, those further down with some, which are others for each
    (tests/unit/test_attributes.c gives each all of them, but not through the door)."""
    names = list(VALUES)
    return [(path, name) for n, path in enumerate(PATHS) for k, name in enumerate(names)
            if (len(path) == 1 and part == k % 2) or (len(path) > 1 and part == n % 2 and (k + n) % 9 == 0)]


@pytest.mark.parametrize("part", [0, 1])
def test_every_attribute_with_wrong_values_is_an_event(stack, open_project, part):
    cases = cases_of(part)
    stored = through_the_door(stack, open_project, [event_with(path, VALUES[name]) for path, name in cases])
    lost, silent = [], []
    for (path, name), event in zip(cases, stored):
        if event is None:
            lost.append((path, name))
        elif TOKEN in VALUES[name] and not REPLACED & set(path):
            noted = {key for key in event.get("_meta", {}) if key != ""}
            if TOKEN not in json.dumps({k: v for k, v in event.items() if k != "_meta"}).lower() and not noted:
                silent.append((path, name))
    assert lost == []
    assert silent == []


@pytest.mark.parametrize("text", ["x", "\0", "\ud83d", "[Filtered] 4111111111111111 "], ids=ascii)
def test_a_megabyte_of_text_anywhere_is_an_event(stack, open_project, text):
    long = json.dumps(text * ((900_000) // len(json.dumps(text)[1:-1])))
    assert 800_000 < len(long) < 1_000_000
    stored = through_the_door(stack, open_project, [event_with((name,), long) for name in EVENT])
    assert [name for name, event in zip(EVENT, stored) if event is None] == []
    sizes = {name: len(json.dumps(event, ensure_ascii=False).encode()) for name, event in zip(EVENT, stored)}
    assert {name: size for name, size in sizes.items() if size > 300_000} == {}


def test_names_beside_their_older_ones_in_any_form_are_an_event(stack, open_project):
    """message, logentry and sentry.interfaces.Message at once: whichever holds, there is one of each."""
    aliases = {"logentry": ("message", "sentry.interfaces.Message"), **{
        new: (f"sentry.interfaces.{old}",) for new, old in (
            ("contexts", "Contexts"), ("user", "User"), ("request", "Http"), ("breadcrumbs", "Breadcrumbs"), ("exception", "Exception"),
            ("stacktrace", "Stacktrace"), ("template", "Template"), ("sdk", "Sdk"), ("csp", "Csp"))}}
    texts = []
    for new, olds in aliases.items():
        for one in VALUES.values():
            for first, second in ((new, olds[0]), (olds[-1], new)):
                for other in (json.dumps(EVENT[new]), json.dumps({new: {olds[0]: EVENT[new]}})):
                    if len(one) < 100:
                        texts.append(f'{{"level":"error","{first}":{one},"{second}":{other},"{first}":{other}}}')
    stored = through_the_door(stack, open_project, texts)
    assert [text for text, event in zip(texts, stored) if event is None] == []
    assert [event for event in stored if any(key.startswith("sentry.interfaces.") or key == "message" for key in event)] == []


def test_what_is_too_deep_to_read_is_told_and_harms_nobody(stack, open_project):
    before = stack.value("select coalesce(sum(quantity), 0)::int from outcome_hour where project_id = %s and reason = 'invalid_json'", open_project.id)
    texts = [event_with((name,), nested(depth)) for name in ("extra", "logentry", "exception", "unknown") for depth in (129, 5000, 100_000)]
    assert set(through_the_door(stack, open_project, texts)) == {None}
    assert stack.value("select sum(quantity)::int from outcome_hour where project_id = %s and reason = 'invalid_json'",
                       open_project.id) == before + len(texts)


def test_the_books_close(stack, open_project):
    """Each event is one row, once in its issue, once in the ledger; no text of a row is what PostgreSQL cannot hold."""
    stack.wait_for_counters()
    rows = stack.value("select count(*) from event where project_id = %s", open_project.id)
    assert rows > 1000
    assert stack.value("select sum(times_seen)::int from issue where project_id = %s", open_project.id) == rows
    assert stack.sql("select sum(quantity)::int from outcome_hour where project_id = %s and outcome = 'accepted'"
                     " and category in ('error', 'security')", open_project.id) == [(rows,)]
