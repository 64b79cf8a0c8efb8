"""Run in namespaces of its own: a name server on port 53 that answers as it likes, and two servers to reach.

rebinding.py VEDETTE FOLDER CERTIFICATE KEY CA

93.184.215.14 is given to the loopback of this network: to Vedette it is a public address.  What listens on
127.0.0.1 must never be reached, however the names below answer.
"""

import fcntl
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from integration.fake import Fake  # noqa: E402

PUBLIC, INSIDE = "93.184.215.14", "127.0.0.1"
vedette, folder, certificate, key, ca = sys.argv[1:]

# by the number of the question for an A record; the last one stays
ANSWERS = {
    "hook.example": [[PUBLIC]],
    "inside.example": [[INSIDE]],
    "both.example": [[PUBLIC, INSIDE]],
    "turned.example": [[INSIDE, PUBLIC]],
    "rebind.example": [[PUBLIC], [INSIDE]],
    "back.example": [[INSIDE], [PUBLIC]],
    "none.example": [[]],
}
asked = {name: 0 for name in ANSWERS}


def interface(name, address, flags):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        if address:
            fcntl.ioctl(s, 0x8916, struct.pack("16sH2s4s8s", name, socket.AF_INET, b"", socket.inet_aton(address), b""))
        fcntl.ioctl(s, 0x8914, struct.pack("16sh14s", name, flags, b""))


def answer(question):
    at, labels = 12, []
    while question[at]:
        labels.append(question[at + 1:at + 1 + question[at]].decode())
        at += question[at] + 1
    name, kind = ".".join(labels).lower(), struct.unpack(">H", question[at + 1:at + 3])[0]
    addresses = []
    if kind == 1 and name in ANSWERS:
        addresses = ANSWERS[name][min(asked[name], len(ANSWERS[name]) - 1)]
        asked[name] += 1
    code = 0 if name in ANSWERS else 3
    head = question[:2] + struct.pack(">HHHHH", 0x8580 | code, 1, len(addresses), 0, 0)
    rows = b"".join(struct.pack(">HHHIH4s", 0xC00C, 1, 1, 0, 4, socket.inet_aton(a)) for a in addresses)
    return head + question[12:at + 5] + rows


def serve(s):
    while True:
        question, peer = s.recvfrom(1500)
        s.sendto(answer(question), peer)


interface(b"lo", None, 0x49)
interface(b"lo:1", PUBLIC, 0x49)
(Path(folder) / "resolv.conf").write_text("nameserver 127.0.0.1\n")
(Path(folder) / "nsswitch.conf").write_text("hosts: dns\n")
for name in ("resolv.conf", "nsswitch.conf"):
    subprocess.run(["mount", "--bind", f"{folder}/{name}", f"/etc/{name}"], check=True)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind((INSIDE, 53))
threading.Thread(target=serve, args=(udp,), daemon=True).start()

outside = Fake((certificate, key), PUBLIC, 443).expect("GET", "/", (200, "outside"))
inside = Fake((certificate, key), INSIDE, 443).expect("GET", "/", (200, "inside"))
config = Path(folder) / "rebinding.yml"
config.write_text(f'outbound:\n  ca: "{ca}"\n')


def reach(name):
    done = subprocess.run([vedette, "-c", config, "reach", f"https://{name}/"], capture_output=True, text=True, timeout=60)
    print(name, done.returncode, done.stdout.strip(), done.stderr.strip())
    return done.returncode


expected = {"hook.example": 0, "inside.example": 3, "both.example": 3, "turned.example": 3, "none.example": 1,
            "nowhere.example": 1, "back.example": 3}
wrong = [name for name, code in expected.items() if reach(name) != code]
# its certificate does not fit, which is the only reason that it is not answered: it was never asked twice
assert reach("rebind.example") == 1 and asked["rebind.example"] == 1, asked
assert wrong == [], wrong
assert len(outside.seen) == 1 and inside.seen == [], (outside.seen, inside.seen)
