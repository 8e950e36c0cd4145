"""Print [[key, sample], ...] of shards, streamed by webdataset and unpacked by msgpack; bytes become hex."""
import json
import sys

import msgpack
import webdataset as wds

samples = [
    [sample["__key__"], msgpack.unpackb(sample["msgpack"])]
    for sample in wds.WebDataset(sys.argv[1:], shardshuffle=False, empty_check=False)
]
print(json.dumps(samples, default=lambda value: value.hex()))
