"""Events as the SDKs for Python, JavaScript and Java send them, of a given size."""

import json
import time
import uuid

WORDS = ("request handler user order payment session cache index lookup failed timeout retry connection "
         "database query result value parse token header response stream buffer worker queue task").split()

AGENTS = ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
          "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
          "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1")


def text(rng, n):
    return " ".join(rng.choice(WORDS) for _ in range(n))


def python_frame(rng, n, issue):
    word = WORDS[n % len(WORDS)]
    return {"filename": f"app/{word}.py", "abs_path": f"/srv/app/{word}.py", "module": f"app.{word}",
            "function": f"handle_{WORDS[(n * 7) % len(WORDS)]}", "lineno": rng.randint(1, 900), "in_app": n % 3 == 0,
            "context_line": f"    result_{issue} = call({n})",
            "pre_context": ["    " + text(rng, 5) for _ in range(5)],
            "post_context": ["    " + text(rng, 5) for _ in range(5)],
            "vars": {w: repr(rng.random()) for w in rng.sample(WORDS, 4)}}


def javascript_frame(rng, n, issue):
    return {"filename": f"https://shop.example.org/static/app.{issue % 7}.min.js", "function": f"{WORDS[n % len(WORDS)]}{issue}",
            "lineno": 1, "colno": rng.randint(1, 90000), "in_app": True}


def java_frame(rng, n, issue):
    word = WORDS[n % len(WORDS)]
    return {"module": f"org.example.shop.{word}.{word.title()}Service", "function": f"{word}Of{issue if n % 4 == 0 else n}",
            "filename": f"{word.title()}Service.java", "lineno": rng.randint(1, 900), "in_app": n % 4 == 0}


# platform: how a frame is made, the exception, the SDK, most frames
PLATFORMS = {
    "python": (python_frame, "ValueError", "sentry.python", 400),
    "javascript": (javascript_frame, "TypeError", "sentry.javascript.browser", 30),
    "java": (java_frame, "java.lang.IllegalStateException", "sentry.java.spring", 80),
}

_frames = {}


def crumb(rng):
    return {"timestamp": time.time(), "category": "httplib", "level": "info", "message": text(rng, 8),
            "data": {"status_code": 200, "url": f"https://api.example.org/{rng.choice(WORDS)}/{rng.randint(1, 10**6)}"}}


def skeleton(rng, platform, issue):
    _, exception, sdk, _ = PLATFORMS[platform]
    user = rng.randint(1, 5000)
    return {
        "event_id": uuid.UUID(int=rng.getrandbits(128)).hex, "timestamp": time.time(), "platform": platform,
        "level": "error", "release": f"shop@1.{rng.randint(0, 5)}.0", "environment": "production",
        "server_name": f"web-{rng.randint(1, 8)}", "transaction": f"/api/{rng.choice(WORDS)}",
        "sdk": {"name": sdk, "version": "2.1.0"},
        "user": {"id": str(user), "email": f"u{user}@example.org"},
        "request": {"url": f"https://shop.example.org/{rng.choice(WORDS)}", "method": "GET",
                    "headers": {"User-Agent": rng.choice(AGENTS), "Accept": "*/*"}},
        "tags": {"region": rng.choice(("eu", "us", "ap")), "plan": rng.choice(("free", "pro"))},
        "contexts": {"runtime": {"name": "CPython", "version": "3.11.2"}, "trace": {
            "trace_id": f"{rng.getrandbits(128):032x}", "span_id": f"{rng.getrandbits(64):016x}"}},
        "breadcrumbs": {"values": []},
        "exception": {"values": [{"type": exception, "value": f"{text(rng, 6)} {issue}", "mechanism": {
            "type": "generic", "handled": False}, "stacktrace": {"frames": []}}]},
    }


def event(rng, kilobytes, issue):
    """An event of this issue, and of no other: how many frames it has hangs on its size and platform only."""
    platform = list(PLATFORMS)[issue % len(PLATFORMS)]
    make, _, _, most = PLATFORMS[platform]
    value = skeleton(rng, platform, issue)
    frames = value["exception"]["values"][0]["stacktrace"]["frames"]
    crumbs = value["breadcrumbs"]["values"]
    wanted = kilobytes * 1024
    if kilobytes > 2:
        value["modules"] = {f"{w}-lib": f"{n}.{n}.1" for n, w in enumerate(WORDS)}
    size = len(json.dumps(value))
    count = _frames.get((kilobytes, platform), most)
    while len(frames) < count and (size < wanted * 0.8 or not frames):
        frames.append(make(rng, len(frames), issue))
        size += len(json.dumps(frames[-1])) + 2
    count = _frames.setdefault((kilobytes, platform), len(frames))
    while len(frames) < count:
        frames.append(make(rng, len(frames), issue))
    while size < wanted and len(crumbs) < 100:
        crumbs.append(crumb(rng))
        size += len(json.dumps(crumbs[-1])) + 2
    if size < wanted:
        value["extra"] = {f"note{n}": text(rng, 100) for n in range((wanted - size) // 740 + 1)}
    return value
