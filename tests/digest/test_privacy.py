"""No secret of an event reaches a table."""

import json
import uuid

import zstandard

CANARY = "hunter2-5f1c"
CARD = "4111 1111 1111 1111"

EVENT = {
    "platform": "python",
    "server_name": "web-1",
    "user": {"id": "7", "data": {"auth_token": CANARY}},
    "extra": {"password": CANARY, "note": f"token={CANARY}", "bar": 43},
    "request": {
        "url": f"https://ann:{CANARY}@shop.example/pay?api_key={CANARY}",
        "headers": {"Authorization": f"Bearer {CANARY}", "Cookie": f"session={CANARY}; theme=dark"},
        "data": json.dumps({"card": CARD, "secret": CANARY}),
    },
    "contexts": {"response": {"headers": {"authorization": f"Bearer {CANARY}"}, "status_code": 402,
                              "cookies": f"sessionid={CANARY}; theme=dark", "data": json.dumps({"secret": CANARY})}},
    "breadcrumbs": {"values": [{"message": f"GET /?secret={CANARY}", "data": {"passwd": CANARY}}]},
    "exception": {"values": [{
        "type": "PayError", "value": "declined",
        "stacktrace": {"frames": [{"function": "pay", "filename": "pay.py", "in_app": True,
                                   "vars": {"credentials": CANARY, "amount": "3"}}]},
    }]},
}


def body(line, event_id):
    packed = line.value("select b.body from event_body b join event e on e.id = b.id and e.day = b.day"
                        " where e.project_id = %s and e.event_id = %s",
                        line.project, uuid.UUID(event_id))
    return json.loads(zstandard.ZstdDecompressor().decompressobj().decompress(bytes(packed)))


def rows(line):
    """Every row of every table, as text."""
    tables = [name for name, in line.sql(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where c.relkind = 'r' and n.nspname = 'public'")]
    for table in tables:
        for row, in line.sql(f'select t::text from "{table}" t'):
            yield table, row


def test_no_secret_reaches_a_table(line):
    event = line.send(EVENT)
    line.drained()
    stored = body(line, event)
    text = json.dumps(stored)
    assert CANARY not in text and CARD not in text
    assert not [table for table, row in rows(line) if CANARY in row or CARD in row]

    assert stored["extra"]["password"] == "[Filtered]"
    assert stored["extra"]["bar"] == 43
    assert stored["request"]["cookies"] == [["session", "[Filtered]"], ["theme", "dark"]]
    response = stored["contexts"]["response"]
    assert response["cookies"] == [["sessionid", "[Filtered]"], ["theme", "dark"]] and response["status_code"] == 402
    assert stored["exception"]["values"][0]["stacktrace"]["frames"][0]["vars"]["amount"] == "3"
    assert stored["_meta"]["extra"]["password"][""]["rem"] == [["@password:filter", "s", 0, 10]]


def test_a_message_keeps_its_words(line):
    event = line.send({"message": f"ann@mail.example paid with {CARD}"})
    line.drained()
    assert line.value("select title from event where project_id = %s and event_id = %s",
                      line.project, uuid.UUID(event)) == "[email] paid with [creditcard]"
