"""Fields that an edge has put behind the version of an entry (queue/message.h)."""

import re


def pack(fields):
    """The value of "v" that tells them: {name: value}, of one letter and of bytes."""
    return b"3" + b"".join(b"%s%d:%s" % (name.encode(), len(value), value) for name, value in fields.items())


def spelled_out(entry):
    """The entry of the stream as if it had not been packed."""
    version, packed = entry[b"v"][:1], entry[b"v"][1:]
    fields = {**entry, b"v": version}
    while packed:
        head = re.match(rb"(.)(\d+):", packed, re.S)
        end = head.end() + int(head[2])
        assert version == b"3" and end <= len(packed)
        fields[head[1]], packed = packed[head.end():end], packed[end:]
    return fields
