"""Where shards end in the layout by content, by docs/formats/content-layout.md alone. Prints boundaries.json."""
import json
import zlib

MAXCOUNT, MAXSIZE = 64, 64 * 4096
MASK = 0xFFFFFFFF


def mixed(x):
    x ^= x >> 16
    x = x * 0x85EBCA6B & MASK
    x ^= x >> 13
    x = x * 0xC2B2AE35 & MASK
    return x ^ x >> 16


def ends(samples):
    fill = 0.0
    for sample in samples:
        share = max(1 / MAXCOUNT, sample["memberBytes"] / MAXSIZE)
        fill += share
        crc = zlib.crc32(sample["key"].encode())
        if fill >= 1 / 8 and mixed(crc) < 8 * share * 2**32:
            yield sample["key"]
            fill = 0.0


names = [f"{i:09d}" for i in range(120)] + [f"zürich/{i}" for i in range(40)] + [f"日本/{i}-😀" for i in range(40)]
samples = [{"key": name, "memberBytes": 1024 * (1 + i * 7 % 23)} for i, name in enumerate(names)]
limits = {"maxcount": MAXCOUNT, "maxsize": MAXSIZE}
print(json.dumps({"limits": limits, "samples": samples, "ends": list(ends(samples))}, ensure_ascii=False, indent=1))
