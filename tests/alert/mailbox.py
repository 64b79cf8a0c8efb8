"""A real SMTP server with STARTTLS and AUTH, that keeps what it gets."""

import email
import email.policy
import ssl
import subprocess

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from harness.stack import free_port

USER, PASSWORD = b"vedette", b"s3cret: with \xc3\xbcmlaut"


class Mailbox:
    def __init__(self, folder):
        self.mails = []
        self.refuse = None
        """What DATA is answered instead of 250, e.g. "451 later"."""
        self.attempts = 0
        self.ca = folder / "mail-ca.pem"
        key = folder / "mail-key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", key, "-out", self.ca], check=True, capture_output=True)
        self.ca.chmod(0o644)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.ca, key)
        self.port = free_port()
        self.controller = Controller(
            self, hostname="localhost", port=self.port, tls_context=context, require_starttls=True,
            authenticator=self._may, auth_required=True, auth_require_tls=True,
            ready_timeout=120)
        self.controller.start()

    def _may(self, server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (USER, PASSWORD), handled=True)

    async def handle_DATA(self, server, session, envelope):
        self.attempts += 1
        if self.refuse:
            return self.refuse
        mail = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        mail.to = envelope.rcpt_tos[0]
        mail.raw = envelope.original_content
        mail.tls = session.ssl is not None
        self.mails.append(mail)
        return "250 kept"

    @property
    def settings(self):
        return {"mail.host": "localhost", "mail.port": self.port, "mail.use-tls": "true",
                "mail.ca-file": self.ca, "mail.username": USER.decode(),
                "mail.password": PASSWORD.decode(), "mail.from": "Vedette <vedette@example.org>",
                "mail.list-namespace": "example.org"}

    def to(self, address, subject=""):
        return [m for m in self.mails if m.to == address and subject in m["subject"]]

    def close(self):
        self.controller.stop()


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def html_of(mail):
    return mail.get_body(("html",)).get_content()
