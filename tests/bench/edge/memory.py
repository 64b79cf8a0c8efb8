"""What the edge keeps in memory: of a connection, of a key, after a million requests, when the zone is full."""

import re
import socket
import statistics

from nodes import KEYS, rss

CONNECTIONS = 500
MIXED = ("relaxed", "quota", "limited", "bad-key", "redis", "spool")


def idle_connections(bench, variant):
    """Bytes of the worker for a connection that has sent an event and waits for the next one."""
    body = (bench.folder / "body-2").read_bytes()
    key = bench.keys[0]
    request = (f"POST /api/42/envelope/?sentry_key={key} HTTP/1.1\r\nHost: bench\r\n"
               f"Content-Length: {len(body)}\r\n\r\n").encode() + body
    before = rss(bench.worker(variant))
    clients = []
    try:
        for _ in range(CONNECTIONS):
            client = socket.create_connection(("127.0.0.1", bench.ports[variant]), timeout=30)
            clients.append(client)
            client.sendall(request)
            client.recv(4096)
        return (rss(bench.worker(variant)) - before) / CONNECTIONS
    finally:
        for client in clients:
            client.close()


def zone_key(bench):
    """Bytes of the zone for a key, from what 10,000 of them take."""
    before = bench.status()["zone"]
    for _ in range(20):
        bench.run("relaxed", 2, 1, keys="all")
        after = bench.status()["zone"]
        if after["keys"] >= KEYS:
            break
    return (before["free"] - after["free"]) / max(after["keys"] - before["keys"], 1)


def full_zone(bench):
    """A zone with room for a fraction of the keys: how many requests, how many of them failed, keys pushed out."""
    run = bench.run("small", 2, 2, keys="all")
    zone = bench.status("small")["zone"]
    return {"requests": run["requests"], "errors": run["errors"], "evicted": zone["evicted"], "keys": zone["keys"]}


def leak(bench, requests):
    """So many requests of all kinds in turn; bytes of RSS that each of them adds, after a quarter of them."""
    done, samples = 0, []
    while done < requests or len(samples) < 4:
        for variant in MIXED:
            done += bench.run(variant, 2, 1)["requests"]
        samples.append((done, rss(bench.worker("relaxed"))))
    late = [sample for sample in samples if sample[0] >= done / 4]
    slope = statistics.linear_regression(*zip(*late)).slope if len(late) > 1 else 0
    return {"requests": done, "first": late[0][1], "last": late[-1][1], "slope": slope}


def sanitizer_reports(bench):
    """What AddressSanitizer, LeakSanitizer and UBSan have said of our code, once all parts have ended."""
    logs = "".join(path.read_text(errors="replace") for path in (bench.folder / "log").glob("*.out"))
    reports = re.findall(r"ERROR: AddressSanitizer|runtime error:|(?:Direct|Indirect) leak of (?:.+\n)+", logs)
    return sum("leak of" not in report or "ngx_http_vedette" in report for report in reports)
