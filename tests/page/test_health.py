"""What an installation tells of itself: /healthz, /metrics, and the administrator's page."""

import http.server
import json
import re
import ssl
import subprocess
import threading
import time

import pytest
import requests

from harness.build import ROOT
from page.conftest import Person, statements


@pytest.fixture(scope="module")
def line(stack):
    """A stack whose chores have looked at it after an event came."""
    shop = stack.create_project("shop")
    stack.wait_for_event(stack.send_event(shop, message="Disk full"))
    stack.restart("worker")
    stack.wait_for(lambda: "last event stored" in stack.get("/healthz").text, what="the chores to look")
    return stack


@pytest.fixture(scope="module")
def admin(stack, line):
    return Person(stack).sign_in(stack.admin.email)


def token(person, *scopes):
    answer = person.post("/account/tokens/", name="prometheus", scope=list(scopes), days="30")
    return re.search(r'value="(sntryu_[0-9a-f]{64})"', answer.text).group(1)


def metrics(stack, token):
    return requests.get(f"{stack.url}/metrics", headers={"Authorization": f"Bearer {token}"}, timeout=20)


def test_what_came_last_is_found_without_a_look_at_all_events(line):
    text = (ROOT / "fcgi_app/model/health.sql").read_text().partition("-- name: health_line\n")[2].partition("-- name:")[0]
    line.sql("set enable_sort = off")  # what still sorts cannot do otherwise
    try:
        plan = [row for row, in line.sql(f"explain {text}")]
    finally:
        line.sql("reset enable_sort")
    assert any("Index Scan Backward" in row for row in plan), plan
    assert not any("->  Sort" in row for row in plan), plan


def test_healthz_says_that_events_get_through(line):
    answer = line.get("/healthz")
    assert answer.status_code == 200
    assert re.fullmatch(r"ok\nwaiting 0, the oldest for 0\.0 s\nlast event stored \d+ s ago\n", answer.text)


def test_metrics_are_what_prometheus_reads(line, admin):
    answer = metrics(line, token(admin, "system:read"))
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    sample = r'vedette_[a-z_]+(\{[a-z]+="[^"\\\n]*"\})? -?[0-9.e+-]+'
    seen, helped = {}, set()
    for row in answer.text.splitlines():
        if row.startswith("#"):
            helped.add(row.split()[2])
            continue
        assert re.fullmatch(sample, row), row
        name, value = row.rsplit(" ", 1)
        assert name.partition("{")[0] in helped and name not in seen, name
        seen[name] = float(value)
    assert seen["vedette_up"] == 1 and seen["vedette_queue_depth"] == 0 and seen["vedette_redis_durable"] == 1
    assert seen["vedette_events_accepted"] == 1 and seen["vedette_last_event_timestamp_seconds"] > 1.7e9
    assert seen['vedette_processes{kind="worker"}'] >= 1 and seen["vedette_disk_free_bytes"] > 0
    assert seen['vedette_process_memory_bytes{kind="web"}'] > 1e6
    assert seen['vedette_table_size_bytes{table="event"}'] > 0 and seen['vedette_chore_failures{chore="fold"}'] == 0


def test_only_system_administrators_see_it(line, admin, member_of):
    owner = member_of("acme", "owner")
    assert "system:read" not in owner.get("/account/tokens/").text
    answer = owner.get("/admin/health/")
    assert answer.status_code == 403 and "for system administrators" in answer.text
    assert owner.get("/metrics").status_code == 403
    assert 'href="/admin/health/"' not in owner.get("/acme/").text
    assert metrics(line, token(admin, "org:read")).status_code == 403
    stolen = token(owner, "org:read")
    line.sql("update api_token set scopes = 'system:read' where id = (select max(id) from api_token)")
    assert metrics(line, stolen).status_code == 403
    assert line.get("/metrics").status_code == 303
    assert "system:read" not in admin.get("/acme/settings/roles/").text


def test_the_page_shows_every_part(line, admin, browser):
    answer = admin.get("/admin/health/")
    assert statements(answer) <= 12
    page = browser.open("/acme/")
    page.locator(".side-user summary").click()
    page.get_by_role("link", name="System health").click()
    assert "Events get through: the last one was stored" in page.locator(".note").inner_text()
    parts = {row.locator("td").first.inner_text(): row.inner_text()
             for row in page.locator("section").first.locator("tbody tr").all()}
    assert list(parts) == ["queue", "redis", "edge", "spool", "worker", "chores", "notify", "web", "database",
                           "replication", "disk", "channels", "jobs", "clean-up", "countries"]
    assert all("ok" in text for name, text in parts.items() if name != "disk"), parts
    assert "0 waiting; dead letters: 0" in parts["queue"] and "append-only always" in parts["redis"]
    text = page.locator("main").inner_text()
    assert "Tables" in text and "\nevent\t" in text and "Chores" in text and "all are well" in text
    chores = page.locator("details", has=page.get_by_role("heading", name="Chores"))
    chores.locator("summary").click()
    assert "fold" in chores.inner_text()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_dead_letters_that_had_to_make_room_are_told(line, admin):
    def queue():
        return re.search(r"<tr><td><b>queue</b>.*?</tr>", admin.get("/admin/health/").text, re.DOTALL)[0]

    assert "gone" not in queue()
    line.redis.hset("vedette:events:dead:sums", "gone", 1207)
    try:
        assert "and 1,207 older ones have gone to make room" in queue() and "chip-ok" not in queue()
    finally:
        line.redis.delete("vedette:events:dead:sums")


def test_full_dead_letters_are_why_nothing_gets_through(line, admin):
    secret = token(admin, "system:read")
    line.redis.hset("vedette:events:dead:sums", "full", int(time.time() * 1e6))
    try:
        assert "they are full, and the digest waits until" in admin.get("/admin/health/").text
        answer = line.get("/healthz")
        assert answer.status_code == 503 and answer.text.startswith("the dead letters are full, and the digest waits")
        assert "vedette_dead_letters_full 1\n" in metrics(line, secret).text
        # nobody has needed room for a while
        line.redis.hset("vedette:events:dead:sums", "full", int((time.time() - 120) * 1e6))
        assert line.get("/healthz").status_code == 200
        assert "vedette_dead_letters_full 0\n" in metrics(line, secret).text
    finally:
        line.redis.delete("vedette:events:dead:sums")


def test_what_waits_on_disks_of_edges_is_told(line, admin):
    """As replays beside edges on other machines say it."""
    def spool():
        return re.search(r"<tr><td><b>spool</b>.*?</tr>", admin.get("/admin/health/").text, re.DOTALL)[0]

    def say(host, minutes, bytes_):
        line.redis.hset(f"vedette:proc:spool:{host}:1", mapping={
            "version": "1", "started": int(time.time()), "note": "", "spool": f"{bytes_} {int((time.time() - minutes * 60) * 1e6)}"})

    secret = token(admin, "system:read")
    assert "vedette_spool_age_seconds 0\n" in metrics(line, secret).text
    try:
        line.redis.hset("vedette:proc:spool:one:1", mapping={"version": "1", "started": 1, "spool": "0 0"})
        assert "Nothing waits on a disk of an edge" in spool() and "chip-ok" in spool()
        say("one", 2, 3 << 20)
        assert "3.0 MB wait on disks of the edges, the oldest event for 2" in spool() and "chip-ok" in spool()
        say("two", 30, 2 << 20)
        assert "5.0 MB wait on disks of the edges, the oldest event for 30" in spool() and "chip-bad" in spool()
        told = metrics(line, secret).text
        assert f"vedette_spool_bytes {5 << 20}\n" in told
        assert 1800 <= float(re.search(r"^vedette_spool_age_seconds (\S+)$", told, re.M)[1]) < 3600
    finally:
        line.redis.delete("vedette:proc:spool:one:1", "vedette:proc:spool:two:1")


def test_the_parts_have_names_in_russian(line, new_person):
    account = line.create_account("ru-admin@example.org")
    line.sql("update account set is_superuser = true where email = %s", account.email)
    names = re.findall(r"<td><b>(.*?)</b></td>", new_person(account.email).get("/admin/health/", headers={"Accept-Language": "ru"}).text)
    assert len(names) >= 13 and names[0] == "очередь" and "репликация" in names
    assert [name for name in names if re.fullmatch("[a-z -]+", name)] == []


def test_the_page_says_where_the_time_goes(line, admin):
    """By the names of the statements; nobody's values."""
    def rows():
        text = admin.get("/admin/health/").text.partition('aria-label="Statements"')[2].partition("</table>")[0]
        return re.findall(r'<td class="mono">([a-z_0-9]+)</td><td class="num">(.*?)</td>', text)
    names = [name for name, times in line.wait_for(lambda: len(rows()) > 5 and rows(), what="the signs of life to tell")]
    known = set(re.findall(r"^-- name: (\w+)", "".join(f.read_text() for f in (ROOT / "fcgi_app/model").glob("*.sql")), re.M))
    assert set(names) <= known and len(names) == len(set(names)) <= 15
    told = metrics(line, token(admin, "system:read")).text
    assert re.search(r'^vedette_statement_calls\{statement="[a-z_0-9]+"\} [1-9]', told, re.M)
    sums = [float(n) for n in re.findall(r'^vedette_statement_seconds\{.*?\} (\S+)', told, re.M)]
    assert sums == sorted(sums, reverse=True) and sums[0] > 0


def test_the_edge_says_what_it_had_to_do_and_how_long_it_took(line, admin):
    def edge():
        return re.search(r"<b>edge</b>.*?</tr>", admin.get("/admin/health/").text, re.S).group(0)
    accepted = line.value("select count(*) from event")
    text = line.wait_for(lambda: "requests a second" in (row := edge()) and f" {accepted:,} accepted, 0 refused" in row and row,
                         what="the edge to tell")
    assert re.search(r"99 % were durable within [\d.]+ (µs|ms|s), half within", text), text
    line.wait_for_event(line.send_event(line.create_project(), message="One more"))
    line.wait_for(lambda: f"{accepted + 1:,} accepted" in edge(), what="the edge to count it")


@pytest.mark.parametrize("own, told, ok", [
    ({"copies": 0}, "no copy that follows it", True),
    ({"copies": 2, "streaming": 2, "behind": 3 << 20, "lag": 2_000_000}, "2 of them up and running, 3.0 MB behind, which is 2", True),
    ({"copies": 2, "streaming": 1}, "1 of them up and running, none behind", False),
    ({"copies": 1, "streaming": 1, "behind": 1 << 30, "lag": 90_000_000}, "1.0 GB behind", False),
    ({"copies": 1, "hidden": 1}, "grant pg_monitor", True),
    ({"copies": 0, "idle_slots": 1, "held": 5 << 30}, "nobody reads: 1. They hold 5.0 GB", False)])
def test_copies_of_the_database_are_told(line, admin, own, told, ok):
    line.stop("worker")
    try:
        report_with(line, replication=own)
        row = re.search(r"<b>replication</b>.*?</tr>", admin.get("/admin/health/").text, re.S).group(0)
    finally:
        line.start("worker")
    plain = re.sub(r"<[^>]*>", "", row)
    assert told in plain, plain
    assert ("chip-ok" in row) == ok


def test_a_replication_slot_that_nobody_reads_is_found(line):
    """By what the worker itself asks, as its own role."""
    line.sql("select pg_create_physical_replication_slot('vedette_test', true)")
    try:
        row, = line.sql("select copies, idle_slots, held >= 0 from replication_state()")
        assert row[1:] == (1, True)
    finally:
        line.sql("select pg_drop_replication_slot('vedette_test')")


def report_with(stack, **own):
    """The report of the chores as another moment would have it, until they write the next."""
    stack.redis.set("vedette:health", json.dumps(json.loads(stack.redis.get("vedette:health")) | own), ex=180)


def test_clean_ups_and_old_countries_are_told(line, admin):
    def us(days):
        return int((time.time() + days * 86400) * 1e6)

    ended = {"running_since": 0, "finished_at": us(-1), "events": 1234, "bytes": 5 << 20, "next_at": us(1)}
    line.stop("worker")  # its chores would write over this
    try:
        report_with(line, cleanup=ended, countries_made_at=us(-400))
        text = admin.get("/admin/health/").text
        assert "The last one ended" in text and "1,234 events, 5.0 MB; the next in" in text
        assert "it is time for a newer one" in text
        report_with(line, cleanup=ended | {"running_since": us(-0.01)}, countries_made_at=us(-10))
        text = admin.get("/admin/health/").text
        assert "It has taken out what is past its age since" in text
        assert "The file of countries was made" in text and "it is time for a newer one" not in text
        report_with(line, cleanup=ended | {"finished_at": 0, "next_at": us(-2)}, countries_made_at=0)
        text = admin.get("/admin/health/").text
        assert "None has run yet" in text and "No file of countries is open" in text
        assert re.search(r"<b>clean-up</b></td><td><span class=\"chip chip-bad\">", text)
    finally:
        line.start("worker")


def test_the_disk_has_a_day_when_it_is_full(line, admin):
    """By the hours that the worker has noted: a GB a day of what is free."""
    line.stop("worker")
    try:
        line.sql("delete from disk_hour")
        now = json.loads(line.redis.get("vedette:health"))["disk"]
        line.sql("insert into disk_hour select date_trunc('hour', now()) - make_interval(hours => h),"
                 " %s + h * (%s::bigint / 24), %s, 1 from generate_series(1, 100) h",
                 now["free"], now["free"] // 10, now["size"])
        line.redis.delete("vedette:health")
        line.start("worker")
        line.wait_for(lambda: line.redis.get("vedette:health"))
        disk = json.loads(line.redis.get("vedette:health"))["disk"]
        days = (disk["full_at"] / 1e6 - time.time()) / 86400
        assert 7 < days < 13 and disk["hours"] >= 100 and disk["db_grown"] > 0
        text = admin.get("/admin/health/").text
        assert re.search(r"As it goes, it is full in \d+ d", text) and "The database grows by" in text
        assert re.search(r"<b>disk</b></td><td><span class=\"chip chip-bad\">", text)
    finally:
        if not line.part("worker").alive():
            line.start("worker")
    assert line.value("select count(*) from disk_hour") == 101


def test_the_file_for_whoever_helps_has_no_address(line, admin):
    """What the chores know of servers elsewhere, and what those said, is on the page and not in the file."""
    line.stop("worker")
    report_with(line, channels={"sent": 1, "failed": 1, "resting": 1, "host": "chat.example", "why": "chat.example is away"},
                certificates=[{"url": "https://vedette.example/", "until": 0, "why": "no vedette.example"}],
                pulse={"every": 5, "code": 0, "why": "192.0.2.7 refused"}, pending=["0099_later.sql"])
    text = admin.post("/admin/health/report/").text
    line.start("worker")
    report = json.loads(text)["report"]
    assert "example" not in text and "192.0.2.7" not in text
    assert report["channels"] == {"sent": 1, "failed": 1, "resting": 1, "host": "set", "why": "set"}
    assert report["certificates"] == [{"url": "set", "until": 0, "why": "set"}] and report["pending"] == ["0099_later.sql"]
    assert report["database"]["version"][0].isdigit() and all(chore["name"] != "set" for chore in report["chores"])


def test_services_that_take_no_notifications_are_named(line, admin):
    line.stop("worker")
    report_with(line, channels={"sent": 1200, "failed": 3, "resting": 1, "host": "chat.example", "why": "<b>timeout</b>"})
    text = admin.get("/admin/health/").text
    line.start("worker")
    assert "Notifications of the last day: 1,200 sent, 3 given up." in text
    assert "chat.example" in text and "&lt;b&gt;timeout" in text


def test_chores_that_fail_are_unfolded(line, admin):
    line.stop("worker")
    chores = json.loads(line.redis.get("vedette:health"))["chores"]
    report_with(line, chores=[chore | {"failures": int(chore["name"] == "fold")} for chore in chores])
    text = admin.get("/admin/health/").text
    line.start("worker")
    assert '<details class="card" open>' in text and "failing: 1" in text and "all are well" not in text


def test_what_waits_beside_the_queue_is_told(line, admin):
    def us(minutes):
        return int((time.time() - minutes * 60) * 1e6)

    def parts():
        return {name: (state, re.sub(r"<[^>]*>", "", words).strip()) for name, state, words in
                re.findall(r"<tr><td><b>(.*?)</b></td><td><span class=\"chip chip-(\w+)\">.*?</td><td>(.*?)</td></tr>",
                           admin.get("/admin/health/").text, re.S)}

    line.stop("worker")  # its chores would write over this
    try:
        report_with(line, waiting={"notices": 3, "notices_since": us(5), "jobs": 2, "jobs_since": us(30), "failed": 1, "kind": "import"},
                    pending=["0901_one.sql", "0902_two.sql"])
        told = parts()
        assert "Waiting: 3, the oldest for 5 m" in told["channels"][1]
        assert told["jobs"][0] == "bad" and "Waiting: 2, the oldest for 30 m" in told["jobs"][1]
        assert "Of the last day 1 have failed, the latest of the kind import" in told["jobs"][1]
        assert told["database"][0] == "bad" and "run vedette migrate, for 0901_one.sql 0902_two.sql" in told["database"][1]
        report_with(line, waiting={"notices": 0, "jobs": 0, "failed": 0}, pending=[])
        told = parts()
        assert told["jobs"] == ("ok", "None waits.") and told["database"][0] == "ok" and "Waiting" not in told["channels"][1]
    finally:
        line.start("worker")


def test_jobs_and_notifications_that_wait_are_counted(line):
    """By the statement that the chores ask."""
    text = (ROOT / "fcgi_app/model/health.sql").read_text().partition("-- name: health_waiting\n")[2].partition("-- name:")[0]
    line.stop("worker")
    try:
        before, = line.sql(text)
        org = line.value("select id from organization where slug = 'acme'")
        for due, state in (("10 minutes", 0), ("-1 hours", 0), ("10 minutes", 3)):
            line.sql("insert into job (organization_id, kind, title, state, due_at, finished_at)"
                     " values (%s, 'export', 'test', %s, now() - %s::interval, case when %s > 0 then now() end)", org, state, due, state)
        after, = line.sql(text)
        assert after[2] == before[2] + 1 and after[3] is not None and after[4] == before[4] + 1 and after[5] == "export"
    finally:
        line.sql("delete from job where title = 'test'")
        line.start("worker")


def test_a_process_tells_its_last_error(line, admin):
    def row():
        return re.search(r"<tr><td>visitor</td>.*?</tr>", admin.get("/admin/health/").text, re.S).group(0)

    for kind in ("worker", "chores", "notify", "web", "spool"):
        assert line.redis.hexists(next(line.redis.scan_iter(f"vedette:proc:{kind}:*")), "error"), kind
    name = "vedette:proc:visitor:elsewhere:7"
    try:
        line.redis.hset(name, mapping={"version": "0", "started": 1, "note": "rests", "error": "the <b>disk</b> is full",
                                       "error_at": int((time.time() - 60) * 1e6)})
        assert re.search("Its last error, <time .*?</time>: <bdi class=\"t-error\">the &lt;b&gt;disk&lt;/b&gt; is full</bdi>", row())
        line.redis.hset(name, "error", "")
        assert "rests" in row() and "Its last error" not in row()
    finally:
        line.redis.delete(name)


def test_a_report_that_knows_of_no_event_says_when_it_was_made(line, admin):
    line.stop("worker")
    try:
        report_with(line, digested_at=0)
        assert "When the chores looked last, " in admin.get("/admin/health/").text
    finally:
        line.start("worker")


def test_the_edge_has_a_page_of_its_own_while_the_pages_are_away(line):
    line.stop("web")
    try:
        answer = line.get("/acme/")
        assert answer.status_code == 503 and answer.headers["Retry-After"] == "15"
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "Events are still being accepted" in answer.text and "Страницы сейчас не отвечают" in answer.text
        assert line.get("/away.html").status_code == 404
    finally:
        line.start("web")
    assert line.get("/login/").status_code == 200


def test_a_line_without_a_worker_is_named(line, admin):
    line.stop("worker")
    for key in line.redis.scan_iter("vedette:proc:worker:*"):
        line.redis.delete(key)
    answer = line.get("/healthz")
    assert answer.status_code == 503 and answer.text.startswith("no worker gives a sign of life\n")
    text = admin.get("/admin/health/").text
    assert "Events do not get through: no worker gives a sign of life." in text
    line.redis.delete("vedette:health")
    text = admin.get("/admin/health/").text
    assert "have not looked for three minutes" in text
    assert "vedette_up 0" in metrics(line, token(admin, "system:read")).text
    line.start("worker")
    line.wait_for(lambda: line.get("/healthz").status_code == 200)


def test_the_certificate_of_our_address_is_looked_at(line, admin, tmp_path):
    """One that runs out in nine days, and that nobody trusts."""
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "9",
                    "-subj", "/CN=localhost", "-keyout", key, "-out", cert], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.handle_error = lambda *about: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"https://127.0.0.1:{server.server_port}"
    try:
        line.write_config({"pulse.url": url})
        line.stop("worker")
        line.redis.delete("vedette:health")
        line.start("worker")
        line.wait_for(lambda: line.redis.get("vedette:health"), what="the chores to look")
        row = re.search(r"<b>certificate</b>.*?</tr>", admin.get("/admin/health/").text, re.S).group(0)
        plain = re.sub(r"<[^>]*>", "", row)
        assert url in plain and "chip-bad" in row
        assert re.search(r"good until .*, for another [89] d", plain) and "Who calls there does not trust it" in plain, plain
        told = metrics(line, token(admin, "system:read")).text
        until = float(re.search(r"^vedette_certificate_expiry_timestamp_seconds (\S+)", told, re.M).group(1))
        assert 8 < (until - time.time()) / 86400 <= 9
    finally:
        server.shutdown()
        server.server_close()
        line.write_config()
        line.restart("worker")
