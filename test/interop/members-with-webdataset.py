"""Write a tar of samples with several members by webdataset's TarWriter, then print what webdataset's own decoder reads from it; bytes become hex."""
import json
import sys

import numpy as np
import webdataset as wds

path, count = sys.argv[1], int(sys.argv[2])


def sample(i):
    return {
        "__key__": f"train/part.{i % 3}/{i:05d}",
        "jpg": bytes([0xFF, 0xD8, i % 256]) * (i + 1),
        "cls": i * 7 - 3,
        "txt": f"Grüße {i} 漢字",
        "json": {"caption": f"image {i}", "width": 64 + i, "ratio": i / 3, "big": 2**60 + i, "tags": ["a", f"t{i}"], "exif": {"iso": None if i % 2 else 100}},
        "npy": (np.arange(i * 2, dtype="<f4").reshape(i, 2) if i % 2 else np.full((i, 2), i, dtype="<f4", order="F")),
        "mp": {"score": i / 7, "ids": [i, -i]},
        **({"seg.png": b"mask" * i} if i % 4 else {}),
    }


def plain(value):
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, np.ndarray):
        return {"dtype": value.dtype.str, "shape": list(value.shape), "values": value.flatten().tolist()}
    raise TypeError(type(value))


with wds.TarWriter(path, encoder=True) as sink:
    for i in range(count):
        sink.write(sample(i))

read = [
    {name: value for name, value in each.items() if name not in ("__url__", "__local_path__")}
    for each in wds.WebDataset([path], shardshuffle=False).decode()
]
print(json.dumps(read, default=plain))
