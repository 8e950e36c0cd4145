"""webdataset and msgpack at the same work as tasks.ts: `peer.py TASK ARGS` prints what it took as JSON."""
import functools
import hashlib
import json
import os
import sys
import time

import msgpack
import numpy as np
import webdataset as wds

SHAPE, POOL = (320, 352), 64


def samples(shape, count, arrays=False):
    """Images as bytes, unless somebody can do with arrays."""
    if shape == "tiny":
        for i in range(count):
            yield {"id": i, "label": f"label {i % 1000}"}
    else:
        for i in range(count):
            image = images()[i % POOL]
            yield {"pixels": image if arrays else image.tobytes(), "label": i % 1000}


def warm_up(count):
    """A twentieth of the work."""
    return -(-count // 20)


@functools.cache
def images():
    random = np.random.default_rng(0)
    return [random.integers(0, 256, SHAPE, np.uint8) for _ in range(POOL)]


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


def peak_rss_bytes():
    if sys.platform == "linux":  # see child.ts
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def measure(tasks):
    """Prepare the task of the command line, then run and measure it."""
    work = tasks[sys.argv[1]](**json.loads(sys.argv[2]))
    cpu_before, started = time.process_time(), time.perf_counter()
    work()
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_before
    print(json.dumps({"seconds": seconds, "cpuSeconds": cpu_seconds, "peakRssBytes": peak_rss_bytes(), "facts": {}}))


if __name__ == "__main__":
    measure({"write": write, "read": read})
