"""The samples of shapes.ts, for Python."""
import functools

import numpy as np

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
