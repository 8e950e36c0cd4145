"""webdataset and msgpack at the same work as tasks.ts: `peer.py TASK ARGS` prints what it took as JSON."""
import hashlib
import os
import pathlib
import sys

import msgpack
import numpy as np
import webdataset as wds

sys.path.append(str(pathlib.Path(__file__).parents[1] / "measure"))
from child import measure  # noqa: E402
from shapes import SHAPE, samples, warm_up  # noqa: E402


def write_tar(path, shape, count):
    with wds.TarWriter(path) as sink:
        for i, sample in enumerate(samples(shape, count)):
            sink.write({"__key__": f"{i:09}", "msgpack": msgpack.packb(sample)})


def read_tar(path, shape, at_most):
    seen = 0
    for sample in wds.WebDataset(path, shardshuffle=False, empty_check=False):
        fields = msgpack.unpackb(sample["msgpack"])
        if shape == "large":
            fields["pixels"] = np.frombuffer(fields["pixels"], np.uint8).reshape(SHAPE)
        seen += 1
        if seen == at_most:
            break
    return seen


def write(shape, count, dir, sha256=False):
    path = f"{dir}/data.tar"
    write_tar(f"{dir}/warm-up.tar", shape, warm_up(count))
    os.unlink(f"{dir}/warm-up.tar")

    def work():
        write_tar(path, shape, count)
        if sha256:
            with open(path, "rb") as file:
                hashlib.file_digest(file, "sha256").hexdigest()

    return work


def read(shape, count, dir):
    path = f"{dir}/data.tar"
    read_tar(path, shape, warm_up(count))

    def work():
        seen = read_tar(path, shape, count)
        assert seen == count, f"read {seen} samples of {count}"

    return work


measure({"write": write, "read": read})
