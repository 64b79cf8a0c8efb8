"""Fields that an edge has put into one (queue/message.h)."""

import re


def pack(fields):
    """{name: value}, of one letter and of bytes."""
    return b"".join(b"%s%d:%s" % (name.encode(), len(value), value) for name, value in fields.items())


def spelled_out(entry):
    """The entry of the stream as if it had not been packed."""
    fields, packed = dict(entry), entry.get(b"m", b"")
    fields.pop(b"m", None)
    while packed:
        head = re.match(rb"(.)(\d+):", packed, re.S)
        end = head.end() + int(head[2])
        assert end <= len(packed)
        fields[head[1]], packed = packed[head.end():end], packed[end:]
    return fields
