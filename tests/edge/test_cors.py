"""What a browser needs: protocol.md 1.5; cases 26 to 28 of its section 10."""

import pytest

from edge.server import event, pack

EVERY = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "x-sentry-error,x-sentry-rate-limits,retry-after",
    "cross-origin-resource-policy": "cross-origin",
}


def cors(answer):
    return {name.lower(): value for name, value in answer.headers.items()
            if name.lower().startswith(("access-control-", "cross-origin-")) or name.lower() == "vary"}


@pytest.mark.parametrize("path", ["/api/42/envelope/", "/api/42/envelope/?sentry_key=x", "/api/42/store/"])
def test_preflight(edge, path):
    answer = edge.session.options(edge.url + path, headers={
        "Origin": "http://a.b", "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-sentry-auth"})
    assert (answer.status_code, answer.content) == (200, b"")
    # sentry-trace and baggage: more than Relay allows, for page loads that carry them
    assert cors(answer) == {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "x-sentry-auth,x-requested-with,x-forwarded-for,origin,referer,accept,"
                                        "content-type,authentication,authorization,content-encoding,"
                                        "transfer-encoding,sentry-trace,baggage",
        "access-control-max-age": "3600",
        "vary": "origin, access-control-request-method, access-control-request-headers",
        "cross-origin-resource-policy": "cross-origin",
    }


def test_success(edge, key):
    answer = edge.envelope(key, event(), Origin="http://a.b")
    assert answer.status_code == 200
    assert cors(answer) == EVERY


@pytest.mark.parametrize("path, status", [("/nowhere", 404), ("/api/42/store/", 401), ("/api/x/store/?sentry_key=" + "a" * 32, 400),
                                          ("/api/42/store/?sentry_key=" + "a" * 32, 403)])
def test_errors(edge, path, status):
    answer = edge.post(path, pack(event()), Origin="http://a.b")
    assert answer.status_code == status
    assert cors(answer) == EVERY


def test_errors_of_nginx_itself(edge, key):
    for answer in (edge.envelope(key, bytes(300_000), prefix="/small"),
                   edge.session.request("GET", edge.url + "/api/42/store/", headers={"Content-Length": "x"})):
        assert answer.status_code in (400, 413)
    answer = edge.envelope(key, bytes(300_000), prefix="/small")
    assert cors(answer) == EVERY


def test_small_answers_are_not_compressed(new_edge):
    edge = new_edge(http="gzip on; gzip_types application/json; gzip_min_length 1;")
    answer = edge.envelope(edge.key(), event(), Accept_Encoding="gzip")
    assert "Content-Encoding" not in answer.headers


def test_status_page_is_not_for_other_sites(edge):
    assert cors(edge.get("/status")) == {}
