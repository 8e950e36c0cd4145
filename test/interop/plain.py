"""Values as JSON that loses nothing: plain.ts writes and reads the same."""
import struct

import numpy as np


def to_plain(value):
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, float):
        return {"float": struct.pack(">d", value).hex()}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, np.ndarray):
        return {"dtype": value.dtype.str, "shape": list(value.shape), "hex": value.tobytes().hex()}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    if isinstance(value, dict):
        return {"map": {key: to_plain(item) for key, item in value.items()}}
    raise TypeError(f"a {type(value).__name__}")


def from_plain(value):
    if isinstance(value, list):
        return [from_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "int" in value:
        return int(value["int"])
    if "float" in value:
        return struct.unpack(">d", bytes.fromhex(value["float"]))[0]
    if "bytes" in value:
        return bytes.fromhex(value["bytes"])
    if "map" in value:
        return {key: from_plain(item) for key, item in value["map"].items()}
    return np.frombuffer(bytes.fromhex(value["hex"]), value["dtype"]).reshape(value["shape"]).copy()
