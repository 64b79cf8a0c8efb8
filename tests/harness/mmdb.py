"""Small files in MaxMind's DB format, for tests.

https://maxmind.github.io/MaxMind-DB/ has the format: a binary tree over the
bits of an address, whose leaves point into a section of data, and metadata.
"""

import ipaddress
import struct


def encode(value):
    if isinstance(value, dict):
        return head(7, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())
    if isinstance(value, list):
        return head(11, len(value)) + b"".join(map(encode, value))
    if isinstance(value, str):
        return head(2, len(value.encode())) + value.encode()
    kind, number = value
    packed = number.to_bytes(8, "big").lstrip(b"\0")
    return head(kind, len(packed)) + packed


def head(kind, size):
    assert size < 29
    return bytes([kind << 5 | size]) if kind < 8 else bytes([size, kind - 7])


def write(path, networks):
    """networks: {"198.51.100.0/24": {"country": {"iso_code": "AT"}}, …}"""
    nodes, data = [[None, None]], b""
    for name, record in networks.items():
        network = ipaddress.ip_network(name)
        bits = format(int(network.network_address), f"0{network.max_prefixlen}b")[:network.prefixlen]
        bits = "0" * (128 - network.max_prefixlen) + bits
        at = 0
        for bit in map(int, bits[:-1]):
            if nodes[at][bit] is None:
                nodes.append([None, None])
                nodes[at][bit] = len(nodes) - 1
            at = nodes[at][bit]
        nodes[at][int(bits[-1])] = ("data", len(data))
        data += encode(record)

    def pointer(entry):
        if entry is None:
            return len(nodes)
        return entry if isinstance(entry, int) else len(nodes) + 16 + entry[1]

    tree = b"".join(struct.pack(">I", pointer(entry))[1:] for node in nodes for entry in node)
    metadata = encode({
        "node_count": (6, len(nodes)), "record_size": (5, 24), "ip_version": (5, 6),
        "database_type": "Test-Country", "languages": ["en"],
        "binary_format_major_version": (5, 2), "binary_format_minor_version": (5, 0),
        "build_epoch": (9, 1763856000), "description": {"en": "of a test"}})
    path.write_bytes(tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + metadata)
    path.chmod(0o644)
    return path
