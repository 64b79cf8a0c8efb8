"""Who may send: protocol.md 1.1, 1.2, 1.6, 1.7; cases 1 to 5, 17 to 25, 30, 31 of its section 10."""

import base64
import secrets

import pytest

from edge.server import event, pack

BODY = b'{"message":"hi"}'


def errors(answer):
    json = answer.json()
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Sentry-Error"] == json["detail"]
    return answer.status_code, json["detail"], json.get("causes")


def sentry(key, **more):
    pairs = {"sentry_version": "7", "sentry_client": "test/1.0", "sentry_key": key.public, **more}
    return "Sentry " + ", ".join(f"{name}={value}" for name, value in pairs.items())


def test_x_sentry_auth(edge, key):
    answer = edge.post("/api/42/store/", BODY, X_Sentry_Auth=sentry(key))
    assert answer.status_code == 200
    entry = edge.entry(key)
    assert answer.json() == {"id": entry["i"]}
    assert (entry["v"], entry["e"], entry["o"], entry["p"], entry["k"]) == ("3", "store", "1", "42", str(key.id))
    assert entry["d"] == BODY
    assert entry["n"] == "test/1.0"
    assert entry["a"] == "127.0.0.1"


def test_query(edge, key):
    answer = edge.post(f"/api/42/store/?sentry_version=7&sentry_client=a%20b%2F1&x=1&sentry_key={key.public}"
                       "&sentry_release=r", BODY)
    assert answer.status_code == 200
    assert edge.entry(key)["n"] == "a b/1"
    # data stays, credentials do not travel
    assert edge.entry(key)["q"] == "x=1&sentry_release=r"


def test_authorization_sentry(edge, key):
    assert edge.post("/api/42/store/", BODY, Authorization=sentry(key)).status_code == 200


@pytest.mark.parametrize("secret", ["", "secret", "a:b"])
def test_authorization_basic(edge, key, secret):
    word = base64.b64encode(f"{key.public}:{secret}".encode()).decode()
    assert edge.post("/api/42/store/", BODY, Authorization=f"Basic {word}").status_code == 200


@pytest.mark.parametrize("header", [
    "sentry sentry_key={key}",
    "SENTRY sentry_version=7,sentry_key={key}",
    "Sentry sentry_key = {key} , sentry_version = 6",
    "Sentry sentry_key={key}, sentry_version=7.0, sentry_timestamp=1.5, sentry_secret=x, other=1",
    "Sentry sentry_key={key}.no-cache",
])
def test_forms_of_pairs(edge, key, header):
    answer = edge.post("/api/42/store/", BODY, X_Sentry_Auth=header.format(key=key.public))
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/api/42/store//", "/api//42/store/", "/api/42/store", "//api/42//store/",
                                  "/api/42/envelope", "/prefix/api/42/store/", "/prefix/api/api/42/envelope/"])
def test_slashes_and_prefixes(edge, key, path):
    body = pack(event()) if "envelope" in path else BODY
    assert edge.post(path, body, X_Sentry_Auth=sentry(key)).status_code == 200
    assert len(edge.entries(key)) == 1


@pytest.mark.parametrize("path", ["/", "/api/", "/api/42/", "/api/42/nonsense/", "/api/42/store/more/", "/api/0/relays/live/"])
def test_unknown_paths(edge, path):
    assert edge.post(path, BODY).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "GET"])
def test_wrong_method(edge, key, method):
    answer = edge.session.request(method, f"{edge.url}/api/42/envelope/", headers={"X-Sentry-Auth": sentry(key)})
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_no_credentials(edge):
    expected = (401, "missing authorization information", None)
    assert errors(edge.post("/api/42/store/", BODY)) == expected
    assert errors(edge.post("/api/42/envelope/", pack(event()))) == expected
    assert errors(edge.post("/api/42/store/", BODY, X_Sentry_Auth="")) == expected
    assert errors(edge.post("/api/42/store/", BODY, X_Sentry_Auth="Bearer x", Authorization="Bearer y")) == expected


def test_header_and_query(edge, key):
    # Relay's behaviour, kept even when both name the same key
    answer = edge.post(f"/api/42/store/?sentry_key={key.public}", BODY, X_Sentry_Auth=sentry(key))
    assert errors(answer) == (401, "multiple authorization payloads detected", None)


def test_header_and_data_in_the_query(edge, key):
    # a query that carries only sentry_release is no second source of credentials
    answer = edge.post("/api/42/store/?sentry_release=1.0", BODY, X_Sentry_Auth=sentry(key))
    assert answer.status_code == 200


def test_the_first_header_wins(edge, key):
    # Authorization may be for a proxy on the way
    answer = edge.post("/api/42/store/", BODY, X_Sentry_Auth=sentry(key), Authorization="Basic dXNlcjpwdw==")
    assert answer.status_code == 200


def test_no_key_in_the_header(edge):
    answer = edge.post("/api/42/store/", BODY, X_Sentry_Auth="Sentry sentry_version=7")
    assert errors(answer) == (401, "bad x-sentry-auth header", ["missing public key in auth header"])
    answer = edge.post("/api/42/store/?sentry_version=7", BODY)
    assert errors(answer) == (401, "bad x-sentry-auth header", ["missing public key in auth header"])


def test_bad_version(edge, key):
    answer = edge.post("/api/42/store/", BODY, X_Sentry_Auth=sentry(key, sentry_version="seven"))
    assert errors(answer) == (401, "bad x-sentry-auth header", ["invalid value for version"])


def test_version_from_the_future(edge, key):
    answer = edge.post("/api/42/store/", BODY, X_Sentry_Auth=sentry(key, sentry_version="8"))
    assert errors(answer) == (400, "unsupported protocol version (8)", None)


@pytest.mark.parametrize("version", ["7", "7.0", "6", "2.0"])
def test_versions(edge, key, version):
    assert edge.post("/api/42/store/", BODY, X_Sentry_Auth=sentry(key, sentry_version=version)).status_code == 200


@pytest.mark.parametrize("public", ["abcde", "a" * 31, "a" * 33, "é" * 16])
def test_key_of_another_length(edge, public):
    from urllib.parse import quote
    status, detail, _ = errors(edge.post(f"/api/42/store/?sentry_key={quote(public)}", BODY))
    assert (status, detail) == (400, "bad sentry DSN public key")


@pytest.mark.parametrize("project", ["abc", "-1", "+42", "42.0", "4x", "99999999999999999999999"])
def test_project_that_is_no_number(edge, key, project):
    status, detail, _ = errors(edge.post(f"/api/{project}/envelope/", pack(event()), X_Sentry_Auth=sentry(key)))
    assert (status, detail) == (400, "bad project path parameter")


REJECTED = (403, "event submission rejected with_reason: ProjectId", None)


def test_unknown_key(edge):
    unknown = secrets.token_hex(16)
    for _ in range(3):  # asked for, then remembered
        assert errors(edge.post(f"/api/42/store/?sentry_key={unknown}", BODY)) == REJECTED


def test_disabled_key(edge):
    key = edge.key(state="off")
    assert errors(edge.store(key)) == REJECTED
    assert edge.entries(key) == []


def test_key_of_another_project(edge):
    key = edge.key(project=43)
    assert errors(edge.post(f"/api/42/store/?sentry_key={key.public}", BODY)) == REJECTED
    assert edge.entries(key) == []


def test_a_hostile_key_does_not_break_out(edge):
    from urllib.parse import quote
    for public in ("*" * 32, "../" * 10 + "ab", "x\r\nDEL vedette:events\r\n0123456789", "%" * 32, "\0" * 32):
        assert edge.post(f"/api/42/store/?sentry_key={quote(public)}", BODY).status_code in (400, 403)


# ---- origins

CORS = (403, "event submission rejected with_reason: Cors", None)


@pytest.mark.parametrize("origins", [[], ["invalid.com"], ["https://valid.com"], ["valid.com:8080"], ["*.valid.com.evil"]])
def test_origin_refused(edge, origins):
    key = edge.key(origins=origins)
    assert errors(edge.store(key, Origin="http://valid.com")) == CORS
    assert errors(edge.store(key, Referer="http://valid.com/page?x=1")) == CORS
    assert edge.entries(key) == []


@pytest.mark.parametrize("origins", [["*"], ["valid.com"], ["http://*"], ["http://valid.com"], ["http://valid.com/x"],
                                     ["*.valid.com"], ["VALID.com"], ["a.b", "valid.com"], ["valid.com:*"], None])
def test_origin_allowed(edge, origins):
    key = edge.key(origins=origins)
    assert edge.store(key, Origin="http://valid.com").status_code == 200


def test_origin_of_a_subdomain(edge):
    key = edge.key(origins=["*.valid.com"])
    assert edge.store(key, Origin="https://a.b.valid.com:8080").status_code == 200
    assert errors(edge.store(key, Origin="https://evilvalid.com")) == CORS
    assert errors(edge.store(key, Origin="https://valid.com.evil.com")) == CORS
    assert errors(edge.store(key, Origin="https://valid.com@evil.com")) == CORS


@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}, {"Origin": "file://"}, {"Referer": "about:blank"}])
def test_no_origin(edge, headers):
    key = edge.key(origins=["valid.com"])
    assert edge.store(key, **headers).status_code == 200


def test_origin_and_client_hints_travel(edge, key):
    edge.store(key, Origin="http://a.b", Sec_CH_UA_Platform='"Linux"', User_Agent="agent/1", Content_Type="text/x")
    entry = edge.entry(key)
    assert "origin: http://a.b\n" in entry["h"]
    assert 'sec-ch-ua-platform: "Linux"\n' in entry["h"]
    assert (entry["u"], entry["y"]) == ("agent/1", "text/x")


# ---- the DSN in the envelope's header

def dsn(key, **change):
    return "http{tls}://{public}@host:9000/path/{project}".format(
        **{"tls": "", "public": key.public, "project": key.project, **change})


@pytest.mark.parametrize("headers", [{}, {"X-Sentry-Auth": ""}, {"X-Sentry-Auth": "Foreign x=y"}])
def test_dsn_of_the_envelope(edge, key, headers):
    answer = edge.post("/api/42/envelope/", pack(event(), header={"dsn": dsn(key, tls="s")}), **headers)
    assert answer.status_code == 200
    assert edge.entry(key)["i"] == answer.json()["id"]


def test_dsn_with_secret_and_escaped_slashes(edge, key):
    line = dsn(key, public=f"{key.public}:secret").replace("/", "\\/")
    answer = edge.post("/api/42/envelope/", b'{"dsn":"' + line.encode() + b'"}\n{"type":"event"}\n{}')
    assert answer.status_code == 200


def test_dsn_and_key_agree(edge, key):
    assert edge.envelope(key, event(), header={"dsn": dsn(key)}).status_code == 200
    assert edge.envelope(key, event(), header={"dsn": dsn(key, public=key.public + ".flag")}).status_code == 200
    assert edge.envelope(key, event(), header={"dsn": None}).status_code == 200


def test_dsn_of_another_project(edge, key):
    answer = edge.envelope(key, event(), header={"dsn": dsn(key, project=43)})
    assert errors(answer) == (400, "invalid event envelope",
                              ["project id header mismatch between envelope and request"])
    # alone it has to be the project of the path as well
    answer = edge.post("/api/42/envelope/", pack(event(), header={"dsn": dsn(key, project=43)}))
    assert answer.status_code == 400


def test_dsn_of_another_key(edge, key):
    other = edge.key()
    answer = edge.envelope(key, event(), header={"dsn": dsn(other)})
    assert errors(answer) == (400, "invalid event envelope",
                              ["public key header mismatch between envelope and request"])


@pytest.mark.parametrize("line", ["nonsense", "ftp://a@b/42", "http://host/42", "http://@host/42", "http://x@host"])
def test_unusable_dsn(edge, line):
    status, detail, causes = errors(edge.post("/api/42/envelope/", pack(event(), header={"dsn": line})))
    assert (status, detail) == (401, "bad envelope authentication header")
    assert causes


def test_dsn_with_a_short_key(edge):
    answer = edge.post("/api/42/envelope/", pack(event(), header={"dsn": "http://abc@host/42"}))
    assert answer.status_code == 400
    assert answer.json()["detail"] == "bad sentry DSN public key"
