"""What goes out to Redis: bodies from where they lie, many in one write, each byte in its place."""

import itertools
import random
import socket
import threading
import uuid

from edge.server import pack
from edge.test_redis import pause, resume

SIZES = (1, 3000, 4095, 4096, 8192, 9000, 40_000, 250_000)


def bodies(number, most=SIZES[-1]):
    """{event id: envelope}; random bytes, so that no two bodies can be mistaken."""
    made = {}
    for n in range(number):
        id = uuid.uuid4().hex
        size = min(SIZES[n % len(SIZES)], most)
        made[id] = pack(({"type": "attachment", "filename": "x"}, random.randbytes(size)), header={"event_id": id})
    return made


def begin(edge, key, body):
    connection = socket.create_connection(("127.0.0.1", edge.port), timeout=60)
    connection.sendall(f"POST /api/{key.project}/envelope/?sentry_key={key.public} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                       f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return connection


def answers(connections):
    codes = []
    for connection in connections:
        with connection.makefile("rb") as f:
            codes.append(int(f.readline().split()[1]))
        connection.close()
    return codes


def stored(edge, key):
    return {entry["i"]: entry["d"] for entry in edge.entries(key)}


BUFFERS = "client_body_buffer_size 300k;"


def test_many_bodies_in_one_write(new_edge):
    """More than the parts of one writev(), and more than the socket takes at once."""
    edge = new_edge(workers=1, redis="unix:{socket} connections=1 timeout=30s", http=BUFFERS)
    key = edge.key()
    assert edge.post_anew(key) == 200
    edge.redis.delete("vedette:events")
    sent = bodies(240)
    pause(edge.redis_part)
    connections = [begin(edge, key, body) for body in sent.values()]
    resume(edge.redis_part)
    assert answers(connections) == [200] * len(sent)
    assert stored(edge, key) == sent


def test_more_connections_while_events_wait(new_edge):
    """Redis commits a few kilobytes of each together, so the pool grows when all have events without an answer."""
    edge = new_edge(workers=1, redis="unix:{socket} connections=20 timeout=60s", http=BUFFERS)
    key = edge.key()
    assert edge.post_anew(key) == 200
    edge.redis.delete("vedette:events")
    edge.wait_for(lambda: edge.status()["redis"][0]["connections"] == 16)
    sent = {id: pack(({"type": "attachment", "filename": "x"}, random.randbytes(20_000)), header={"event_id": id})
            for id in (uuid.uuid4().hex for _ in range(40))}
    edge.redis.execute_command("CLIENT", "PAUSE", 60_000, "WRITE")
    connections = [begin(edge, key, body) for body in sent.values()]
    edge.wait_for(lambda: 16 < edge.status()["redis"][0]["connections"] <= 20)
    edge.redis.execute_command("CLIENT", "UNPAUSE")
    assert answers(connections) == [200] * len(sent)
    assert stored(edge, key) == sent


def test_clients_that_go_while_their_bodies_are_on_the_way(new_edge):
    """A command that has been begun is ended, with the bytes that it had."""
    edge = new_edge(workers=1, redis="unix:{socket} connections=2 timeout=30s", http=BUFFERS)
    key = edge.key()
    assert edge.post_anew(key) == 200
    edge.redis.delete("vedette:events")
    sent = bodies(80)
    pause(edge.redis_part)
    connections = [begin(edge, key, body) for body in sent.values()]
    stay, gone = connections[::2], connections[1::2]
    for connection in gone:
        connection.close()
    # nginx has noticed when it serves another
    edge.get("/api/relay/healthcheck/live/")
    resume(edge.redis_part)
    assert answers(stay) == [200] * len(stay)
    arrived = stored(edge, key)
    assert {id: sent[id] for id in arrived} == arrived
    assert set(list(sent)[::2]) <= set(arrived)


def test_bodies_whose_time_is_up_while_they_are_on_the_way(new_edge):
    """They go to the spool; what Redis gets late of them is whole as well."""
    edge = new_edge(workers=1, redis="unix:{socket} connections=1 timeout=300ms",
                    http=BUFFERS + "vedette_spool {folder}/spool size=1g min_free=0%;")
    edge.expect_log("does not answer")
    key = edge.key()
    assert edge.post_anew(key) == 200
    edge.redis.delete("vedette:events")
    sent = bodies(60)
    pause(edge.redis_part)
    connections = [begin(edge, key, body) for body in sent.values()]
    assert answers(connections) == [200] * len(sent)
    resume(edge.redis_part)
    edge.wait_for(lambda: edge.post_anew(key) == 200)
    arrived = {id: body for id, body in stored(edge, key).items() if id in sent}
    assert {id: sent[id] for id in arrived} == arrived


class Relay:
    """Stands between nginx and Redis and hands replies on in pieces."""
    PIECES = (1, 2, 30, 3, 25, 5, 26, 400, 7)

    def __init__(self, path, server):
        self.server = server
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        path.chmod(0o777)
        self.listener.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self.server))
            for ends in ((client, server, (65536,)), (server, client, self.PIECES)):
                threading.Thread(target=self.hand_on, args=ends, daemon=True).start()

    @staticmethod
    def hand_on(reader, writer, pieces):
        for size in itertools.cycle(pieces):
            try:
                data = reader.recv(size)
                if data:
                    writer.sendall(data)
                else:
                    writer.shutdown(socket.SHUT_RDWR)
            except OSError:
                data = b""
            if not data:
                return

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def test_replies_that_come_in_pieces(new_edge):
    """Short ones and arrays, whole, cut anywhere and many at once: each event is answered, and stands in the stream."""
    edge = new_edge(workers=1, redis="unix:{folder}/run/relay.sock connections=1 timeout=60s", http=BUFFERS, start=False)
    edge.redis_part.start()
    relay = Relay(edge.folder / "run" / "relay.sock", edge.socket)
    try:
        edge.nginx.start()
        for key in (edge.key(), edge.key(limits=["pieces key 3600 1000 * key_quota"])):
            assert edge.post_anew(key) == 200
            edge.redis.delete("vedette:events")
            sent = bodies(60, 3000)
            assert answers([begin(edge, key, body) for body in sent.values()]) == [200] * len(sent)
            assert stored(edge, key) == sent
        assert sum(map(int, edge.redis.mget(edge.redis.keys("vedette:quota:pieces:*")))) == 61
    finally:
        edge.nginx.stop()
        relay.close()
