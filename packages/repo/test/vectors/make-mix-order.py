"""Golden vectors of docs/formats/mix-order.md, from the documents alone and Python's standard library: python3 make-mix-order.py > mix-order.json"""
import hashlib
import importlib
import json
import struct
import zlib
from decimal import Decimal
from functools import reduce
from math import gcd

order = importlib.import_module("make-order")


def window(weights):
    decimals = [Decimal(repr(weight)) for weight in weights]
    places = max(max(0, -d.as_tuple().exponent) for d in decimals)
    whole = [int(d.scaleb(places)) for d in decimals]
    divisor = reduce(gcd, whole)
    whole = [w // divisor for w in whole]
    total = sum(whole)
    if total <= 4096:
        return whole
    counts = [4096 * w // total for w in whole]
    by_remainder = sorted(range(len(whole)), key=lambda d: (-(4096 * whole[d] % total), d))
    for d in by_remainder[: 4096 - sum(counts)]:
        counts[d] += 1
    return [max(1, c) for c in counts]


class Part:
    """Sample after sample, pass after pass."""

    def __init__(self, number, shards, seed, epoch, buffer):
        self.number, self.shards, self.seed, self.epoch, self.buffer = number, shards, seed, epoch, buffer
        self.count = sum(count for count, _ in shards)
        self.passes = {}

    def sample(self, j):
        p = j // self.count
        if p not in self.passes:
            random = order.Random(self.seed, self.epoch, 9, self.number * 2**32 + p)
            high = random.below(2**21)
            self.passes[p] = order.whole_order(high * 2**32 + random.below(2**32), 0, self.shards, *self.buffer)
        return self.passes[p][j % self.count]


def whole_mix(seed, epoch, shards, weights, until, buffer):
    """Lists of (part, number of its sample), built whole."""
    columns = buffer[0]
    per_window = window(weights)
    counts = [sum(count for count, _ in each) for each in shards]
    rows = [d for d, c in enumerate(per_window) for _ in range(c)]
    size = len(rows)
    if until == "first_exhausted":
        squares = min(n // (columns * c) for n, c in zip(counts, per_window))
    elif until == "all_exhausted":
        squares = max(n // (columns * c) for n, c in zip(counts, per_window))
    else:
        squares = until // (columns * size)
    given = []
    for q in range(squares):
        shifts = order.Random(seed, epoch, 7, q).permutation(size)
        groups = [order.Random(seed, epoch, 6, q * 2**16 + g).permutation(size) for g in range(order.ceil(columns, size))]
        turns = [[0] * len(shards) for _ in range(columns)]
        for t in range(size):
            for s in range(columns):
                d = rows[(shifts[t] + groups[s // size][s % size]) % size]
                given.append((d, (q * per_window[d] + turns[s][d]) * columns + s))
                turns[s][d] += 1
    used = [squares * columns * c for c in per_window]
    alive = {"first_exhausted": lambda: all(u < n for u, n in zip(used, counts)),
             "all_exhausted": lambda: any(u < n for u, n in zip(used, counts))}.get(until, lambda: len(given) < until)
    v = 0
    while alive():
        for row in order.Random(seed, epoch, 8, v).permutation(size):
            if not alive():
                break
            d = rows[row]
            given.append((d, used[d]))
            used[d] += 1
        v += 1
    return given


def case(seed, epoch, shards, weights, until, buffer, content_cids=None):
    parts = [Part(d, each, seed, epoch, buffer) for d, each in enumerate(shards)]
    mix = [(d, *parts[d].sample(j)) for d, j in whole_mix(seed, epoch, shards, weights, until, buffer)]
    n = len(mix)
    positions = sorted({k for k in [*range(12), n // 3, n // 2, n - 2, n - 1] if 0 <= k < n})
    cids = content_cids or [""] * len(shards)
    prints = [order.state(each, cid, []).split(":")[2] for each, cid in zip(shards, cids)]
    mark = " ".join([*(f"{p}:{c}" for p, c in zip(prints, window(weights))), str(until)])
    digest = hashlib.sha256(mark.encode()).hexdigest()[:16]
    state = ":".join(["mix", "1", digest, *map(str, [seed, epoch, n // 2, *buffer])])
    return {
        "seed": seed, "epoch": epoch, "shards": shards, "weights": weights, "until": until, "contentCids": cids,
        "bufferShards": buffer[0], "bufferSamples": buffer[1], "bufferBytes": buffer[2],
        "length": n, "at": [[k, *mix[k]] for k in positions],
        "sha256": hashlib.sha256(b"".join(struct.pack("<III", *each) for each in mix)).hexdigest(),
        "state": f"{state}:{zlib.crc32(state.encode()):08x}",
    }


if __name__ == "__main__":
    small = (4, 40, 10**9)
    print(json.dumps({"windows": [{"weights": w, "perWindow": window(w)} for w in [
        [1], [2, 4], [0.7, 0.3], [0.1, 0.2, 0.7], [1e-7, 1e-7], [1e21, 5e20], [1 / 3, 2 / 3], [1000003, 17, 3], [1, 1e-9, 1], [4095, 1], [4096, 1],
    ]], "orders": [
        case(0, 0, [[[5, 5000]]], [1], "first_exhausted", order.DEFAULT),
        case(7, 0, [[[10, 20480], [3, 9000]], [[40, 81920]]], [1, 1], "first_exhausted", order.DEFAULT, [order.CID, ""]),
        case(7, 1, [[[10, 20480], [3, 9000]], [[40, 81920]]], [1, 3], "all_exhausted", order.DEFAULT),
        case(1, 0, [[[100, 102400]], [[300, 307200], [7, 7000]], [[50, 50000]]], [0.5, 0.3, 0.2], "first_exhausted", small),
        case(1, 0, [[[100, 102400]], [[300, 307200], [7, 7000]], [[50, 50000]]], [0.5, 0.3, 0.2], "all_exhausted", small),
        case(2**53 - 1, 2**32 - 1, [[[500, 512000]] * 3, [[9, 9000]]], [5, 1], "all_exhausted", (6, 300, 2**20), ["", order.CID]),
        case(12345, 2, [[[2000, 2**21]], [[3000, 2**22]]], [2, 3], 3777, order.DEFAULT),
        case(3, 3, [[[64, 65536]], [[1000, 2**20]]], [1000003, 17], "first_exhausted", (2, 64, 2**20)),
        case(8, 0, [[[96, 98304]], [[32, 32768]]], [3, 1], "first_exhausted", (8, 64, 2**20)),
    ]}, indent=1))
