"""The only way out is watched: what integrations may call, and what comes back."""

import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.build import ROOT
from integration.fake import Fake

HERE = Path(__file__).parent

# What an attacker would type, to reach what only we can reach.  Nothing of it is resolved or called.
REFUSED = """
https://127.0.0.1/                        https://127.1/                       https://127.0.1/
https://127.127.127.127/                  https://0/                           https://0.0.0.0/
https://0.1.2.3/                          https://2130706433/                  https://017700000001/
https://0177.0.0.1/                       https://0x7f.0.0.1/                  https://0x7f000001/
https://0X7F.1/                           https://127.0.0.1./                  https://127.0.0.01/
https://127.0.0.1:443/                    https://10.0.0.1/                    https://10.255.255.255/
https://172.16.0.1/                       https://172.31.255.255/              https://192.168.1.1/
https://169.254.169.254/latest/meta-data/ https://169.254.170.2/v2/credentials https://100.100.100.200/
https://100.64.0.1/                       https://192.0.0.192/                 https://192.0.2.1/
https://198.18.0.1/                       https://198.51.100.7/                https://203.0.113.9/
https://192.88.99.1/                      https://224.0.0.1/                   https://239.255.255.250/
https://240.0.0.1/                        https://255.255.255.255/             https://256.256.256.256/
https://1.2.3/                            https://1.2.3.4.5/                   https://[::]/
https://[::1]/                            https://[::ffff:127.0.0.1]/          https://[::ffff:a00:1]/
https://[::ffff:169.254.169.254]/         https://[::127.0.0.1]/               https://[64:ff9b::7f00:1]/
https://[64:ff9b::10.0.0.1]/              https://[64:ff9b:1::a00:1]/          https://[2002:7f00:1::]/
https://[2002:c0a8:101::1]/               https://[::ffff:0:127.0.0.1]/        https://[fc00::1]/
https://[fd12:3456::1]/                   https://[fe80::1]/                   https://[fe80::1%25eth0]/
https://[fec0::1]/                        https://[ff02::1]/                   https://[2001:db8::1]/
https://[2001::1]/                        https://[100::1]/                    https://[fd00:ec2::254]/
https://[::1                              https://[::1]x/                      https://[1.2.3.4]/
https://localhost/                        https://LOCALHOST/
https://user@example.org/                 https://user:pw@example.org/         https://example.org@127.0.0.1/
https://example.org:80@127.0.0.1/         https://127.0.0.1@example.org/       https://example.org\\@127.0.0.1/
https://example.org\\.evil.org/           https://exa%6dple.org/               https://example.org%2f@127.0.0.1/
https://example.org%00.evil.org/          https://example..org/                https://.example.org/
https:///example.org/                     https:example.org                    https:/example.org/
http://example.org/                       HTTP://example.org/                  ftp://example.org/
file:///etc/passwd                        gopher://127.0.0.1:6379/_INFO        dict://127.0.0.1:6379/
ldap://127.0.0.1/                         tftp://127.0.0.1/                    smb://127.0.0.1/
javascript:alert(1)                       data:text/plain,x                    //127.0.0.1/
https://example.org:22/                   https://example.org:25/              https://example.org:6379/
https://example.org:5432/                 https://example.org:11211/           https://example.org:0/
https://example.org:65536/                https://example.org:-1/              https://example.org:44x/
https://example.org:443:80/               https://１２７.0.0.1/                https://ⓛⓞⓒⓐⓛhost/
https://exämple.org/                      https://127。0。0。1/                 https://
""".split()

REFUSED += ["https://exam ple.org/", "https://example.org/\r\nHost: evil", " https://127.0.0.1/", "https://example.org\t/",
            "", "https://" + "a" * 254 + ".org/", "https://example.org/" + "a" * 2048]


@pytest.fixture(scope="module")
def strict(new_stack):
    """An installation that allows nothing."""
    return new_stack(start=[])


@pytest.fixture(scope="module")
def allowing(new_stack):
    stack = new_stack(start=[])
    stack.write_config({"outbound.allow": "127.0.0.1, 10.9.0.0/16"})
    return stack


def reach(stack, url):
    done = stack.vedette("reach", url, check=False)
    return done.returncode, done.stdout


def test_the_corpus_is_large():
    assert len(set(REFUSED)) >= 80


def test_none_of_the_corpus_is_called(strict):
    passed = [url for url in REFUSED if reach(strict, url)[0] != 3]
    assert passed == []


def test_what_is_allowed_is_called_also_without_tls(strict, allowing, fake):
    fake.expect("GET", "/", (200, "hello"))
    assert reach(allowing, fake.url)[0] == 0
    assert reach(strict, fake.url)[0] == 3
    assert reach(allowing, "http://10.10.0.1/")[0] == 3
    assert reach(allowing, "https://192.168.0.1/")[0] == 3
    assert len(fake.seen) == 1


def test_queue_and_database_are_not_spoken_to_even_when_allowed(allowing):
    for port in (6379, 5432):
        assert "no web server" in reach(allowing, f"http://127.0.0.1:{port}/")[1]


def test_a_redirect_is_not_followed(allowing, fake):
    fake.misbehave("redirect")
    code, text = reach(allowing, fake.url)
    assert code == 0 and text.startswith("302 ") and fake.requests(".*meta-data.*") == []


def test_the_environments_proxy_is_not_used(allowing, fake):
    fake.expect("GET", "/", (200, "hello"))
    done = allowing.vedette("reach", fake.url, http_proxy="http://127.0.0.1:9", ALL_PROXY="http://127.0.0.1:9")
    assert done.stdout.startswith("200 ")


def test_a_proxy_that_is_set_is_used(new_stack, fake):
    stack = new_stack(start=[])
    stack.write_config({"outbound.allow": "internal.example", "outbound.proxy": fake.url})
    fake.expect("GET", ".*", (200, "by proxy"), headers={"Host": "internal.example"})
    assert reach(stack, "http://internal.example/x")[0] == 0 and len(fake.seen) == 1
    assert reach(stack, "https://10.0.0.1/")[0] != 0


def test_a_hanging_server_is_left(allowing, fake):
    fake.misbehave("hang")
    code, text = reach(allowing, fake.url)
    assert (code, text) == (1, "not reached: Timeout was reached.\n")


def test_an_endless_answer_is_cut(allowing, fake):
    fake.misbehave("endless")
    assert "65536 bytes and more" in reach(allowing, fake.url)[1]


# ---- certificates

def make_certificate(folder, name, days):
    """A certificate for 127.0.0.1 by an authority of its own; days < 0: it has expired."""
    def openssl(*args):
        subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True, cwd=folder)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "ca.key",
            "-out", "ca.pem", "-days", "30", "-subj", "/CN=Test CA")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key",
            "-out", f"{name}.csr", "-subj", f"/CN={secrets.token_hex(4)}")
    (folder / "ext").write_text("subjectAltName=IP:127.0.0.1,DNS:hook.example\nbasicConstraints=CA:FALSE\n")
    (folder / "index").write_text("")
    (folder / "serial").write_text("01\n")
    (folder / "ca.conf").write_text("[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=.\n"
                                    "default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")
    dates = ("20200101000000Z", "20200201000000Z") if days < 0 else ("20200101000000Z", "20490101000000Z")
    openssl("ca", "-batch", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", f"{name}.csr",
            "-out", f"{name}.pem", "-startdate", dates[0], "-enddate", dates[1], "-extfile", "ext", "-notext")
    return (folder / f"{name}.pem", folder / f"{name}.key"), folder / "ca.pem"


@pytest.fixture
def folder(scratch):
    folder = scratch / f"tls-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o755)
    return folder


@pytest.mark.parametrize("days, trusted, code", [(30, True, 0), (30, False, 1), (-1, True, 1)],
                         ids=["good", "unknown authority", "expired"])
def test_certificates_are_looked_at(new_stack, folder, days, trusted, code):
    pair, ca = make_certificate(folder, "server", days)
    stack = new_stack(start=[])
    stack.write_config({"outbound.allow": "127.0.0.1", **({"outbound.ca": ca} if trusted else {})})
    ca.chmod(0o644)
    fake = Fake(pair).expect("GET", "/", (200, "hello"))
    try:
        assert reach(stack, fake.url)[0] == code
        assert len(fake.seen) == (1 if code == 0 else 0)
    finally:
        fake.close()


# ---- names

def may_unshare():
    return shutil.which("unshare") and subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "--net", "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(not may_unshare(), reason="this machine has no namespaces for users")
def test_a_name_server_that_changes_its_mind_reaches_nothing(build, folder, allowing):
    """Rebinding, in a network of its own: what was looked at is what is connected to."""
    pair, ca = make_certificate(folder, "server", 30)
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "--net", "--", sys.executable, HERE / "rebinding.py",
         ROOT / build.dir / "vedette", folder, *pair, ca], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
