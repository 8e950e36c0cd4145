"""Golden vectors of docs/formats/history.md, from the document alone and Python's standard library: python3 make-history.py > history.json"""
import base64
import hashlib
import json


def head(major, number):
    for kind, size in ((None, 0), (24, 1), (25, 2), (26, 4), (27, 8)):
        if kind is None and number < 24:
            return bytes([major << 5 | number])
        if kind is not None and number < 1 << 8 * size:
            return bytes([major << 5 | kind]) + number.to_bytes(size, "big")


def item(value):
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(6, 42) + head(2, len(value) + 1) + b"\0" + value
    text = value.encode()
    return head(3, len(text)) + text


def block(fields):
    keys = sorted(fields, key=lambda key: (len(key), key))
    return head(5, len(keys)) + b"".join(item(key) + item(fields[key]) for key in keys)


def cid_bytes(data):
    return b"\x01\x71\x12\x20" + hashlib.sha256(data).digest()


def text_of(cid):
    return "b" + base64.b32encode(cid).decode().lower().rstrip("=")


content = cid_bytes(b"content")
entry = text_of(cid_bytes(b"entry"))
NAME = "photos é"
steps = [
    dict(operation="rename", cid=entry, atMs=0, renamedFrom="pictures"),
    dict(operation="commit", cid="no CID, but what atdata took for one", atMs=65_535),
    dict(operation="commit", cid=entry, content=content, atMs=1_795_232_359_000),
    dict(operation="delete", atMs=1_795_232_359_000),
    dict(operation="commit", cid=entry, content=content, atMs=2**53 - 1),
    dict(operation="rename", atMs=2**53 - 1, renamedTo="x" * 300),
]
records, previous = [], None
for revision, step in enumerate(steps, 1):
    fields = dict(version=1, name=NAME, revision=revision, **step)
    if previous is not None:
        fields["previous"] = previous
    data = block(fields)
    step = {"contentCid" if key == "content" else key: text_of(value) if key == "content" else value for key, value in step.items()}
    shown = dict(name=NAME, revision=revision, **step)
    if previous is not None:
        shown["previousCid"] = text_of(previous)
    previous = cid_bytes(data)
    records.append(dict(step=shown, block=data.hex(), recordCid=text_of(previous)))

print(json.dumps({"records": records}, indent=2, ensure_ascii=False))
