"""The loaders of Python at the same work as ours: `loaders.py LOADER_TASK ARGS` prints what it took as JSON."""
import os
import pathlib
import sys

sys.path += [str(pathlib.Path(__file__).parents[1] / folder) for folder in ("measure", "samples")]
from child import measure  # noqa: E402
from shapes import SHAPE, samples, warm_up  # noqa: E402


def atdata_type(shape):
    import atdata
    from numpy.typing import NDArray

    @atdata.packable
    class Tiny:
        id: int
        label: str

    @atdata.packable
    class Large:
        pixels: NDArray
        label: int

    return Tiny if shape == "tiny" else Large


def atdata_write(shape, count, dir):
    import atdata

    Sample = atdata_type(shape)

    def write(name, count):
        atdata.write_samples((Sample(**fields) for fields in samples(shape, count, arrays=True)), f"{dir}/{name}.tar")

    write("warm-up", warm_up(count))
    os.unlink(f"{dir}/warm-up.tar")
    return lambda: write("data", count)


def atdata_read(shape, count, dir):
    import atdata

    Sample = atdata_type(shape)
    return reading(lambda: atdata.Dataset[Sample](f"{dir}/data.tar").ordered(), count)


def mds_write(shape, count, dir, hashes=None):
    from streaming import MDSWriter

    columns = {"id": "int", "label": "str"} if shape == "tiny" else {"pixels": "ndarray:uint8:%d,%d" % SHAPE, "label": "int"}

    def write(name, count):
        with MDSWriter(out=f"{dir}/{name}", columns=columns, hashes=hashes) as out:
            for sample in samples(shape, count, arrays=True):
                out.write(sample)

    write("warm-up", warm_up(count))
    return lambda: write("data", count)


def mds_read(shape, count, dir):
    from streaming import StreamingDataset

    # With its default, a batch of one sample, its threads wait for each other after every sample.
    dataset = StreamingDataset(local=f"{dir}/data", shuffle=False, batch_size=32)
    return reading(lambda: dataset, count)


def litdata_write(shape, count, dir):
    from litdata.streaming.writer import BinaryWriter

    def write(name, count):
        out = BinaryWriter(f"{dir}/{name}", chunk_bytes="64MB")
        for i, sample in enumerate(samples(shape, count, arrays=True)):
            out.add_item(i, sample)
        out.done()
        out.merge()

    write("warm-up", warm_up(count))
    return lambda: write("data", count)


def litdata_read(shape, count, dir):
    from litdata import StreamingDataset

    return reading(lambda: StreamingDataset(f"{dir}/data", shuffle=False), count)


def reading(open_samples, count):
    """Warms up by the beginning of another pass."""
    for i, _ in enumerate(open_samples()):
        if i == warm_up(count):
            break

    def work():
        seen = sum(1 for _ in open_samples())
        assert seen == count, f"read {seen} samples of {count}"

    return work


measure({task.__name__: task for task in (atdata_write, atdata_read, mds_write, mds_read, litdata_write, litdata_read)})
