"""The status location, as JSON and for Prometheus, and the variables for the access log."""

import re
import time

import pytest

from edge.server import event
from edge.test_limit import TRANSACTION

SAMPLE = re.compile(r'(vedette_\w+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)')
KINDS = {"counter", "gauge", "histogram"}


def metrics(text):
    """{(name, labels): value}; what Prometheus would not read is an error."""
    found, kind, helped = {}, {}, set()
    assert text.endswith("\n")
    for line in text.splitlines():
        if match := re.fullmatch(r"# HELP (\w+) .+", line):
            helped.add(match[1])
        elif match := re.fullmatch(r"# TYPE (\w+) (\w+)", line):
            assert match[1] in helped and match[1] not in kind and match[2] in KINDS
            kind[match[1]] = match[2]
        else:
            match = SAMPLE.fullmatch(line)
            assert match, line
            family = re.sub(r"_(bucket|sum|count)$", "", match[1]) if match[1] not in kind else match[1]
            assert family in kind, line
            assert (match[1], match[2]) not in found
            found[match[1], match[2]] = float(match[3])
    return found


def scrape(edge, path="/status", **headers):
    answer = edge.get(path, headers={"Accept": "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5",
                                     **headers})
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "text/plain; version=0.0.4"
    return metrics(answer.text)


def test_prometheus_reads_it(new_edge):
    edge = new_edge()
    key = edge.key(limits=["stat key 60 0 transaction q"])
    for _ in range(5):
        edge.envelope(key, event())
    edge.envelope(key, TRANSACTION)
    edge.envelope(key, b"x")
    found = scrape(edge)
    assert found["vedette_requests_total", None] == 7
    assert found["vedette_outcomes_total", 'outcome="accepted"'] == 5
    assert found["vedette_outcomes_total", 'outcome="rate_limited"'] == 1
    assert found["vedette_outcomes_total", 'outcome="invalid_envelope"'] == 1
    assert found["vedette_items_limited_total", None] == 1
    server = f'server="unix:{edge.socket}/0"'
    assert found["vedette_redis_up", server] == 1 and found["vedette_edge_nodes", server] >= 1
    assert found["vedette_spool_bytes", None] == found["vedette_spool_age_seconds", None] == 0
    assert found["vedette_zone_keys", None] == 1 and found["vedette_zone_free_bytes", None] > 1_000_000

    buckets = [value for (name, labels), value in found.items()
               if name == "vedette_queue_seconds_bucket" and 'way="redis"' in labels]
    assert buckets == sorted(buckets) and len(buckets) == 12 and buckets[-1] == 5
    assert found["vedette_queue_seconds_count", 'way="redis"'] == 5
    assert 0 < found["vedette_queue_seconds_sum", 'way="redis"'] < 5 * 60
    assert found["vedette_queue_seconds_count", 'way="spool"'] == 0


def test_json_says_the_same(new_edge):
    edge = new_edge()
    key = edge.key()
    for _ in range(3):
        edge.envelope(key, event())
    queue = edge.status()["queue"]
    within = list(queue["redis"]["within_us"].values())
    assert queue["redis"]["count"] == 3 and within == sorted(within)
    assert within[-1] == 3 or queue["redis"]["sum_us"] > 1_000_000, "a slow disk"
    assert queue["redis"]["sum_us"] > 0 and queue["spool"]["count"] == 0


def test_which_form(new_edge):
    edge = new_edge(server="location = /json {{ vedette_status json; }} location = /metrics {{ vedette_status prometheus; }}")
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    assert edge.get("/status", headers=browser).json()["requests"] >= 0
    metrics(edge.get("/status?format=prometheus", headers=browser).text)
    assert edge.get("/json", headers={"Accept": "text/plain"}).headers["Content-Type"] == "application/json"
    metrics(edge.get("/metrics", headers=browser).text)
    assert edge.get("/status?format=json", headers={"Accept": "text/plain"}).json()


def test_what_lies_in_the_spool(new_edge):
    edge = new_edge(http="vedette_spool {folder}/spool size=32m min_free=0%;", workers=1)
    key = edge.key()
    edge.post_anew(key)
    edge.redis_part.kill()
    for _ in range(3):
        assert edge.post_anew(key) == 200
    began = time.time()
    spool = edge.wait_for(lambda: (s := edge.status()["spool"])["age"] >= 1 and s)
    assert (spool["records"], spool["segments"]) == (3, 1)
    assert spool["bytes"] == 2 * 1024 * 1024 and spool["age"] <= time.time() - began + 60
    found = scrape(edge)
    assert found["vedette_queue_seconds_count", 'way="spool"'] == 3
    assert found["vedette_spool_bytes", None] == spool["bytes"] and found["vedette_spool_age_seconds", None] >= 1
    for path in (edge.folder / "spool").glob("*.seg"):
        path.unlink()
    assert edge.status()["spool"]["bytes"] == 0


@pytest.mark.parametrize("way, http", [("redis", ""), ("spool", "vedette_spool {folder}/spool min_free=0%; vedette_durability spool;")])
def test_queue_time_in_the_access_log(new_edge, way, http):
    edge = new_edge(http=http + " log_format queue '$status $vedette_queue_time';",
                    server="location /timed/ {{ vedette on; access_log {folder}/log/queue.log queue; }}")
    key = edge.key()
    assert edge.envelope(key, event(), prefix="/timed").status_code == 200
    assert edge.envelope(key, b"x", prefix="/timed").status_code == 400
    lines = edge.wait_for(lambda: len(found := (edge.folder / "log" / "queue.log").read_text().splitlines()) == 2 and found)
    status, seconds = lines[0].split()
    assert status == "200" and re.fullmatch(r"\d+\.\d{6}", seconds) and 0 < float(seconds) < 60
    assert lines[1] == "400 -"
