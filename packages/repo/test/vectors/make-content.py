"""Golden vectors of docs/formats/content.md, from the document alone and Python's standard library: python3 make-content.py > content.json"""
import base64
import hashlib
import json
import struct


def sha(data):
    return hashlib.sha256(data).digest()


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def root(leaves):
    if not leaves:
        return sha(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha(b"\x01" + root(leaves[:k]) + root(leaves[k:]))


def path(i, leaves):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    return path(i, leaves[:k]) + [root(leaves[k:])] if i < k else path(i - k, leaves[k:]) + [root(leaves[:k])]


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for bits, code in ((8, 24), (16, 25), (32, 26), (64, 27)):
        if n < 1 << bits:
            return bytes([major << 5 | code]) + n.to_bytes(bits // 8, "big")


class Cid(bytes):
    pass


def cbor(value):
    if isinstance(value, Cid):
        return b"\xd8\x2a" + cbor(b"\0" + bytes(value))
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, int):
        return head(0, value)
    keys = sorted(value, key=lambda k: (len(k.encode()), k.encode()))
    return head(5, len(keys)) + b"".join(cbor(k) + cbor(value[k]) for k in keys)


def raw_cid(digest):
    return Cid(b"\x01\x55\x12\x20" + digest)


def case(shards):
    schema = sha(b'{"name": "Tiny", "fields": []}')
    leaves, blocks = [], []
    for number, samples in enumerate(shards):
        tree = [sha(b"\0" + struct.pack("<I", len(k.encode())) + k.encode() + p) for k, p in samples]
        tar = sha(b"the bytes of tar %d" % number)
        block = {"shard": raw_cid(tar), "sizeBytes": 2048 + number, "sampleCount": len(samples), "samplesRoot": root(tree)}
        leaves.append((tree, tar))
        blocks.append(cbor(block))
    tops = [sha(b"\0" + block) for block in blocks]
    content = cbor({
        "version": 1, "schema": raw_cid(schema), "shardCount": len(shards), "sampleCount": sum(map(len, shards)),
        "sizeBytes": sum(2048 + i for i in range(len(shards))), "shardsRoot": root(tops),
    })
    cid = "b" + base64.b32encode(b"\x01\x71\x12\x20" + sha(content)).decode().lower().rstrip("=")
    s, i = len(shards) - 1, len(shards[-1]) // 2
    key, payload = shards[s][i]
    return {
        "schemaDigest": schema.hex(), "contentCid": cid,
        "shards": [
            {"sha256": tar.hex(), "sizeBytes": 2048 + n, "sampleCount": len(shards[n]), "merkleRoot": root(tree).hex()}
            for n, (tree, tar) in enumerate(leaves)
        ],
        "proof": {
            "key": key, "payload": payload.hex(), "content": content.hex(), "shard": blocks[s].hex(),
            "shardPosition": s, "samplePosition": i,
            "shardPath": [h.hex() for h in path(s, tops)], "samplePath": [h.hex() for h in path(i, leaves[s][0])],
        },
    }


def samples(first, count):
    return [(f"k{i:04d}é" if i % 5 == 0 else f"{i:09d}", bytes([i % 256]) * (i % 7)) for i in range(first, first + count)]


print(json.dumps([case([samples(0, 1)]), case([samples(0, 5), samples(5, 3)]), case([samples(100 * i, 3 + i) for i in range(7)]), case([samples(0, 300)])], indent=1))
