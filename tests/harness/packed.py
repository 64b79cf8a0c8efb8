"""Fields that an edge has put behind the version of an entry (queue/message.h)."""

import re


def pack(fields):
    """The value of "v" that tells them: {name: value}, of one letter and of bytes."""
    return b"3" + b"".join(b"%s%d:%s" % (name.encode(), len(value), value) for name, value in fields.items())


def pack_entry(entry):
    """The value of "v" of an entry that is spelled out, with all its fields and the body."""
    return pack({name: value if isinstance(value, bytes) else str(value).encode() for name, value in entry.items() if name != "v"})


def several(*values):
    """The entry that requests share, of the values of "v" of their own ones."""
    return {"v": b"5" + b"".join(b"%d:%s" % (len(value), value) for value in values)}


def pack_lz4(body):
    """A body as version 4 has it, of letters that are not repeated: any reader of LZ4 takes that."""
    assert len(body) >= 15
    more = len(body) - 15
    return len(body).to_bytes(4, "little") + b"\xf0" + b"\xff" * (more // 255) + bytes([more % 255]) + body


def run_of(block, at, nibble):
    """A length of LZ4, which begins in a nibble: the length, and where the next byte is."""
    more = nibble == 15
    while more:
        more = block[at] == 255
        nibble, at = nibble + block[at], at + 1
    return nibble, at


def unpack_lz4(body):
    """Of four bytes of length and one block, by the description of the format."""
    block, out, at = body[4:], bytearray(), 0
    while at < len(block):
        token = block[at]
        length, at = run_of(block, at + 1, token >> 4)
        out += block[at:at + length]
        at += length
        if at < len(block):
            back = block[at] | block[at + 1] << 8
            length, at = run_of(block, at + 2, token & 15)
            assert 0 < back <= len(out)
            piece = out[-back:][:length + 4]
            out += (piece * ((length + 4) // len(piece) + 1))[:length + 4]
    assert len(out) == int.from_bytes(body[:4], "little")
    return bytes(out)


def requests_of(entry):
    """The requests of an entry of the stream, one or several: a list of entries that have one each, spelled out."""
    if entry[b"v"][:1] != b"5":
        return [spelled_out(entry)]
    assert list(entry) == [b"v"]
    rest, found = entry[b"v"][1:], []
    while rest:
        length = re.match(rb"(\d+):", rest)
        end = length.end() + int(length[1])
        assert end <= len(rest) and rest[length.end():length.end() + 1] in (b"3", b"4")
        found.append(spelled_out({b"v": rest[length.end():end]}))
        rest = rest[end:]
    assert 0 < len(found) <= 64
    return found


def spelled_out(entry):
    """The entry of the stream, of one request, as if it had not been packed, nor its body by the edge."""
    version, packed = entry[b"v"][:1], entry[b"v"][1:]
    fields = {**entry, b"v": version}
    while packed:
        head = re.match(rb"(.)(\d+):", packed, re.S)
        end = head.end() + int(head[2])
        assert version in (b"3", b"4") and end <= len(packed)
        fields[head[1]], packed = packed[head.end():end], packed[end:]
    assert (version == b"4") == (fields.get(b"c") == b"lz4")
    if version == b"4":
        del fields[b"c"]
        fields[b"d"] = unpack_lz4(fields[b"d"])
    return fields
