"""An OpenID provider that takes the specification at its word, over a real JOSE library.

    provider = Provider()
    provider.person = {"sub": "7", "email": "ada@example.org", "email_verified": True, "groups": ["heads"]}

What a client does wrong is answered as an error and kept in provider.faults; a test ends by looking that there are
none.  spoil(...) makes the next statements wrong in one way: see SPOILS.
"""

import base64
import functools
import hashlib
import hmac
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT = "vedette & co"
SECRET = "a secret: with%signs"


def new_key(alg):
    options = {"use": "sig", "alg": alg, "kid": secrets.token_hex(4)}
    if alg.startswith("ES"):
        return ECKey.generate_key("P-256", options)
    return RSAKey.generate_key(2048, options)


usual_key = functools.cache(new_key)


class Provider:
    def __init__(self, alg="RS256"):
        self.alg = alg
        self.faults, self.codes, self.spoiled, self.asked = [], {}, None, []
        self.person = {"sub": "1", "email": "somebody@example.org", "email_verified": True, "name": "Somebody"}
        self.userinfo = {}
        self.denies = None
        self.key = usual_key(alg)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.get(self)

            def do_POST(self):
                outer.post(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}/realm"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def new_key(self):
        return new_key(self.alg)

    def spoil(self, how):
        assert how in SPOILS
        self.spoiled = how

    # ---- answering

    def get(self, h):
        url = urlsplit(h.path)
        self.asked.append(url.path)
        args = {n: v[0] for n, v in parse_qs(url.query).items()}
        if url.path == "/realm/.well-known/openid-configuration":
            issuer = "https://evil.example" if self.spoiled == "issuer" else self.issuer
            return self.say(h, 200, {
                "issuer": issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "jwks_uri": f"{self.issuer}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True})
        if url.path == "/realm/keys":
            return self.say(h, 200, {"keys": [self.key.as_dict(private=False)]})
        if url.path == "/realm/userinfo":
            if h.headers.get("Authorization") != "Bearer a-token":
                return self.fault(h, "userinfo without the token")
            return self.say(h, 200, {"sub": "99" if self.spoiled == "userinfo" else self.person["sub"], **self.userinfo})
        if url.path == "/realm/authorize":
            return self.authorize(h, args)
        return self.fault(h, f"no such address: {h.path}")

    def authorize(self, h, args):
        for name in ("state", "nonce", "code_challenge"):
            if len(args.get(name, "")) < 43:
                return self.fault(h, f"{name} is too short: {args}")
        if (args.get("response_type"), args.get("client_id"), args.get("code_challenge_method")) != ("code", CLIENT, "S256"):
            return self.fault(h, f"wrong arguments: {args}")
        if "openid" not in args.get("scope", "").split():
            return self.fault(h, "no scope openid")
        back = {"state": args["state"], "iss": "https://evil.example" if self.spoiled == "iss" else self.issuer}
        if self.denies:
            back["error"] = self.denies
        else:
            back["code"] = secrets.token_urlsafe(16)
            self.codes[back["code"]] = args
        h.send_response(302)
        h.send_header("Location", f"{args['redirect_uri']}?{urlencode(back)}")
        h.send_header("Content-Length", "0")
        h.end_headers()

    def post(self, h):
        form = {n: v[0] for n, v in parse_qs(h.rfile.read(int(h.headers["Content-Length"])).decode()).items()}
        if h.path != "/realm/token" or h.headers["Content-Type"] != "application/x-www-form-urlencoded":
            return self.fault(h, f"no such address: {h.path}")
        word, _, value = h.headers.get("Authorization", "").partition(" ")
        pair = base64.b64decode(value).decode().split(":")
        if word != "Basic" or [unquote_plus(p) for p in pair] != [CLIENT, SECRET]:
            return self.fault(h, f"wrong client: {pair}")
        asked = self.codes.pop(form.get("code"), None)
        if asked is None or form.get("grant_type") != "authorization_code":
            return self.say(h, 400, {"error": "invalid_grant"})
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return self.fault(h, "another redirect_uri")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64url(digest) != asked["code_challenge"]:
            return self.fault(h, "the verifier does not fit the challenge")
        return self.say(h, 200, {"access_token": "a-token", "token_type": "Bearer", "expires_in": 60,
                                 "id_token": self.token(asked["nonce"])})

    def token(self, nonce):
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, **self.person}
        header = {"alg": self.alg, "kid": self.key.kid}
        change = SPOILS.get(self.spoiled)
        return change(self, header, claims) if change else self.sign(header, claims)

    def sign(self, header, claims, key=None):
        return jwt.encode(header, claims, key or self.key, algorithms=[header["alg"]])

    # ---- saying

    def say(self, h, status, what):
        body = json.dumps(what).encode()
        h.send_response(status)
        h.send_header("Content-Type", "application/json")
        h.send_header("Content-Length", str(len(body)))
        h.end_headers()
        h.wfile.write(body)

    def fault(self, h, what):
        self.faults.append(what)
        self.say(h, 400, {"error": "invalid_request", "error_description": what})


def claims_with(**changes):
    return lambda p, header, claims: p.sign(header, {**claims, **changes})


def base64url(what):
    return base64.urlsafe_b64encode(what).rstrip(b"=").decode()


def part(what):
    return base64url(json.dumps(what).encode())


def unsigned(p, header, claims):
    return f"{part({'alg': 'none'})}.{part(claims)}."


def by_public_key(p, header, claims):
    """HS256 with the published key as the password: the oldest trick.  By hand, as no library does it any more."""
    head = f"{part({'alg': 'HS256', 'kid': p.key.kid})}.{part(claims)}"
    return f"{head}.{base64url(hmac.digest(p.key.as_pem(private=False), head.encode(), 'sha256'))}"


def changed(p, header, claims):
    head, body, signature = p.sign(header, claims).split(".")
    other = p.sign(header, {**claims, "sub": "1000"}).split(".")[1]
    return f"{head}.{other}.{signature}"


# How a statement can be wrong, and what people are told.
SPOILS = {
    "issuer": None, "iss": None, "userinfo": None,
    "none": unsigned,
    "hmac": by_public_key,
    "stranger": lambda p, header, claims: p.sign(header, claims, p.new_key()),
    "changed": changed,
    "critical": lambda p, header, claims: jwt.encode({**header, "crit": ["b64"], "b64": True}, claims, p.key,
                                                     algorithms=[header["alg"]]),
    "kid": lambda p, header, claims: p.sign({**header, "kid": "another"}, claims),
    "nonce": claims_with(nonce="x" * 43),
    "audience": claims_with(aud="somebody else"),
    "audiences": claims_with(aud=[CLIENT, "somebody else"]),
    "azp": claims_with(azp="somebody else"),
    "old": claims_with(exp=int(time.time()) - 3600),
    "future": claims_with(iat=int(time.time()) + 3600),
    "foreign": claims_with(iss="https://evil.example"),
    "nobody": claims_with(sub=""),
    "garbage": lambda p, header, claims: "a.b.c",
}
WORDS = {
    "issuer": "of another issuer", "iss": "from another provider", "userinfo": "of two persons",
    "none": "not signed in a way", "hmac": "not signed in a way", "stranger": "signature is wrong",
    "changed": "signature is wrong", "critical": "extensions", "kid": "no key of that name",
    "nonce": "another sign-in", "audience": "somebody else", "audiences": "somebody else", "azp": "somebody else",
    "old": "expired", "future": "future", "foreign": "another issuer", "nobody": "who it is about",
    "garbage": "no signed token",
}
