"""Write a shard with webdataset's TarWriter, as atdata does: one {key}.msgpack per sample."""
import sys

import msgpack
import webdataset as wds

with wds.TarWriter(sys.argv[1]) as sink:
    for i in range(int(sys.argv[2])):
        sink.write({"__key__": f"k{i:04d}", "msgpack": msgpack.packb({"id": i, "label": f"n{i}"})})
