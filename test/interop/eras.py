"""Datasets as older versions of atdata left them: the shards by webdataset, the keys in Redis as those versions wrote them."""
import io
import json
import uuid

import msgpack
import numpy as np
import redis
import webdataset
from atdata import generate_cid
from atdata._helpers import array_to_bytes

FIELDS = [
    {"name": "id", "fieldType": {"$type": "local#primitive", "primitive": "int"}, "optional": False},
    {"name": "image", "fieldType": {"$type": "local#ndarray", "dtype": "float32"}, "optional": False},
    {"name": "note", "fieldType": {"$type": "local#primitive", "primitive": "str"}, "optional": True},
]


def write_shard(path, arrays, count):
    """Arrays are `npy` until 0.2.3, and `compact` since 0.3.0."""
    pack = npy if arrays == "npy" else array_to_bytes
    with webdataset.TarWriter(path) as sink:
        for i in range(count):
            image = np.arange(i * 6, dtype="<u2").reshape(i, 2, 3)
            sample = {"id": i, "image": pack(image), "note": None if i % 2 else f"note {i}"}
            sink.write({"__key__": str(uuid.uuid1(0, 0)), "msgpack": msgpack.packb(sample)})


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def insert_0_2_0(url, name, path):
    """There was no name: the UUID is all that it was found by."""
    write_shard(path, "npy", 4)
    fields = {"wds_url": path, "sample_kind": "eras.Old", "metadata_url": "s3://bucket/metadata", "uuid": name}
    redis.Redis.from_url(url).hset(f"BasicIndexEntry:{name}", mapping=fields)


def insert_since_0_2_2(url, name, path, ref, schema_key, arrays, label):
    write_shard(path, arrays, 4)
    connection = redis.Redis.from_url(url)
    cid = generate_cid({"schema_ref": ref, "data_urls": [path]})
    metadata = msgpack.packb({"era": name})
    fields = {"name": name, "schema_ref": ref, "data_urls": msgpack.packb([path]), "cid": cid, "metadata": metadata}
    connection.hset(f"LocalDatasetEntry:{cid}", mapping=fields)
    record = {"name": "Old", "version": "1.0.0", "fields": FIELDS, "description": None, "createdAt": "2026-01-02T03:04:05+00:00"}
    connection.set(schema_key, json.dumps(record))
    if label:
        connection.hset(f"Label:{name}@{label}", mapping={"cid": cid, "name": name, "version": label})
    return cid
