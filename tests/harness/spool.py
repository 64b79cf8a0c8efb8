"""Writes spool segments as message.h, section 6, describes them."""

import itertools
import struct
import time

MIB = 1024 * 1024
COPY, FIRST = 4096, 8192
NONCE = 0x1122334455667788


def _table():
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        yield n


TABLE = list(_table())


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def with_sum(head):
    return head + struct.pack("<I", crc32c(head))


def payload(fields):
    """fields: {name: value}, as XADD would get them."""
    words = [w if isinstance(w, bytes) else str(w).encode() for pair in fields.items() for w in pair]
    return struct.pack("<I", len(words)) + b"".join(struct.pack("<I", len(w)) + w for w in words)


def record(number, data, flags=0, project=1, event_id=bytes(16), nonce=NONCE):
    head = with_sum(struct.pack("<4sHHQIIqQ16sI", b"VREC", 1, flags, nonce, number, len(data),
                                int(time.time() * 1e6), project, event_id, crc32c(data)))
    return head + data + bytes(-len(data) % 8)


class Segment:
    """A segment in a folder; add() records to it, then close() or die()."""

    numbers = itertools.count(1)

    def __init__(self, folder, name=None, created=None, nonce=NONCE):
        folder.mkdir(exist_ok=True)
        self.path = folder / (name or f"{'0' * 32}-1-{next(self.numbers)}.seg")
        self.nonce = nonce
        self.places = []
        created = time.time() if created is None else created
        head = with_sum(struct.pack("<8sHHIQQq20x", b"VEDSPOOL", 1, 0, 0, MIB, nonce, int(created * 1e6)))
        self.file = self.path.open("w+b")
        for place in (0, COPY):
            self.file.seek(place)
            self.file.write(head)
        self.file.truncate(MIB)
        self.file.seek(FIRST)
        self.file.flush()

    def add(self, fields, **more):
        self.places.append(self.file.tell())
        self.file.write(record(len(self.places) - 1, payload(fields), nonce=self.nonce, **more))
        self.file.flush()
        return self

    def close(self):
        self.file.write(record(len(self.places), b"", flags=1, nonce=self.nonce))
        self.file.close()
        return self

    def die(self):
        self.file.close()
        return self

    def flip(self, at, bit=1):
        with self.path.open("r+b") as file:
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ bit]))
