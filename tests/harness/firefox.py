"""A real Firefox without a window, by the protocol that it speaks itself.

Marionette is JSON over a socket, "LENGTH:[0, id, command, parameters]": Playwright knows only a Firefox of its own,
geckodriver is no Debian package, and this is all that a test needs of either.
"""

import json
import shutil
import socket
import subprocess

PREFERENCES = {
    "marionette.port": 0,  # any; which one stands in the profile
    "browser.shell.checkDefaultBrowser": False, "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False, "app.update.enabled": False, "browser.startup.page": 0,
    "network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False,
    "browser.safebrowsing.malware.enabled": False, "browser.safebrowsing.phishing.enabled": False,
    "extensions.getAddons.cache.enabled": False, "services.settings.server": "data:,", "network.prefetch-next": False,
}


def path():
    return shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """open(url), run(script): what it returns, in the page's own world; cookie(name, value), close()."""

    def __init__(self, folder, environment, wait_for):
        self.folder = folder
        self.count = 0
        (folder / "user.js").write_text("".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
                                                for name, value in PREFERENCES.items()))
        self.process = subprocess.Popen(
            [path(), "--headless", "--no-remote", "--marionette", "--profile", str(folder)],
            env={**environment, "HOME": str(folder), "MOZ_DISABLE_CONTENT_SANDBOX": "1", "MOZ_CRASHREPORTER_DISABLE": "1"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            port = wait_for(self._port, timeout=120, what="Firefox")
            self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
            self.stream = self.socket.makefile("rb")
            self._read()  # it greets first
            self._ask("WebDriver:NewSession", {"pageLoadStrategy": "normal", "unhandledPromptBehavior": "accept"})
        except BaseException:
            self.process.kill()
            raise

    def _port(self):
        assert self.process.poll() is None, "Firefox does not start"
        file = self.folder / "MarionetteActivePort"
        text = file.read_text() if file.exists() else ""
        return int(text) if text.isdigit() else None

    def _read(self):
        size = b""
        while not size.endswith(b":"):
            byte = self.stream.read(1)
            assert byte, "Firefox has closed the connection"
            size += byte
        return json.loads(self.stream.read(int(size[:-1])))

    def _ask(self, command, parameters):
        self.count += 1
        message = json.dumps([0, self.count, command, parameters]).encode()
        self.socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._read()
        assert not error, f"{command}: {error}"
        return result

    def open(self, url):
        self._ask("WebDriver:Navigate", {"url": url})

    def run(self, script):
        return self._ask("WebDriver:ExecuteScript", {"script": script, "args": [], "sandbox": None})["value"]

    def cookie(self, name, value):
        self._ask("WebDriver:AddCookie", {"cookie": {"name": name, "value": value, "path": "/"}})

    def close(self):
        self.socket.close()
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
