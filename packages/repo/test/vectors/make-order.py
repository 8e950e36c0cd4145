"""Golden vectors of docs/formats/order.md, from the document alone and Python's standard library: python3 make-order.py > order.json"""
import hashlib
import json
import struct
import zlib

WORD = 0xFFFFFFFF


class Random:
    def __init__(self, seed, epoch, purpose, number):
        self.a, self.b, self.c, self.counter = seed & WORD, seed >> 32, epoch, 1
        for _ in range(12):
            self.word()
        self.a ^= purpose
        self.b ^= number & WORD
        self.c ^= number >> 32
        for _ in range(12):
            self.word()

    def word(self):
        w = (self.a + self.b + self.counter) & WORD
        self.counter = (self.counter + 1) & WORD
        self.a = self.b ^ self.b >> 9
        self.b = (self.c + (self.c << 3)) & WORD
        self.c = ((self.c << 21 | self.c >> 11) + w) & WORD
        return w

    def below(self, n):
        while (word := self.word()) >= 2**32 - 2**32 % n:
            pass
        return word % n

    def permutation(self, n):
        items = list(range(n))
        for i in range(n - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]
        return items


def ceil(a, b):
    return -(-a // b)


def whole_order(seed, epoch, shards, streams, buffer_samples, buffer_bytes):
    """The order as a list of (shard, sample): built whole, where the other implementation computes single positions."""
    total = sum(count for count, _ in shards)
    most = min(max(1, buffer_samples // streams), max(1, total // (4 * streams)))
    most_bytes = max(1, buffer_bytes // streams)
    sequence = []  # (shard, block, sample) at each place
    for shard in Random(seed, epoch, 1, 0).permutation(len(shards)):
        count, size = shards[shard]
        if count == 0:
            continue
        m = min(count, max(ceil(count, most), ceil(size, most_bytes)))
        q, r = divmod(count, m)
        for block in Random(seed, epoch, 2, shard).permutation(m):
            first = block * q + min(block, r)
            sequence += [(shard, block, first + i) for i in range(q + 1 if block < r else q)]
    given = {}
    start = 0
    for stream in Random(seed, epoch, 4, 0).permutation(streams):
        end = start + total // streams + (1 if stream < total % streams else 0)
        given[stream] = []
        while start < end:
            stop = start
            while stop < end and sequence[stop][:2] == sequence[start][:2]:
                stop += 1
            order = Random(seed, epoch, 3, start).permutation(stop - start)
            given[stream] += [(sequence[start + i][0], sequence[start + i][2]) for i in order]
            start = stop
    return [given[k % streams][k // streams] for k in range(total)]


def state(shards, content_cid, numbers):
    rows = b"".join(struct.pack("<QQ", count, size) for count, size in shards)
    dataset = hashlib.sha256(content_cid.encode() + b"\0" + rows).hexdigest()[:16]
    text = ":".join(["shuffle", "1", dataset, *map(str, numbers)])
    return f"{text}:{zlib.crc32(text.encode()):08x}"


def case(seed, epoch, shards, buffer, content_cid="", all_positions=False):
    order = whole_order(seed, epoch, shards, *buffer)
    n = len(order)
    positions = range(n) if all_positions else sorted({k for k in [*range(24), n // 3, n // 2, n - 2, n - 1] if 0 <= k < n})
    flat = b"".join(struct.pack("<II", shard, sample) for shard, sample in order)
    return {
        "seed": seed, "epoch": epoch, "shards": shards,
        "bufferShards": buffer[0], "bufferSamples": buffer[1], "bufferBytes": buffer[2], "contentCid": content_cid,
        "length": n, "at": [[k, *order[k]] for k in positions], "sha256": hashlib.sha256(flat).hexdigest(),
        "state": state(shards, content_cid, [seed, epoch, n // 2, *buffer]),
    }


DEFAULT = (192, 98304, 100663296)
CID = "bafyreiglax7urowuwbbyntzw67tmyjigftqlkglud5myzyo5vm227p5yqu"



def draws(seed, epoch, purpose, number, bound):
    random = Random(seed, epoch, purpose, number)
    return {"seed": seed, "epoch": epoch, "purpose": purpose, "number": number, "bound": bound, "below": [random.below(bound) for _ in range(8)]}


if __name__ == "__main__":
    print(json.dumps({"random": [
    draws(0, 0, 1, 0, 2**32),
    draws(2**53 - 1, 2**32 - 1, 3, 2**53 - 1, 3 * 2**30),
    draws(7, 1, 3, 2**40 + 5, 1000),
], "orders": [
    case(0, 0, [[1, 1024]], DEFAULT, all_positions=True),
    case(7, 0, [[10, 20480], [0, 1024], [3, 9000]], DEFAULT, CID, all_positions=True),
    case(7, 1, [[10, 20480], [0, 1024], [3, 9000]], DEFAULT, CID, all_positions=True),
    case(1, 0, [[100, 102400]], (4, 40, 10**9), all_positions=True),
    case(2**53 - 1, 2**32 - 1, [[1000 + 7 * i, 1100000 + i] for i in range(12)], (6, 300, 2**20), CID),
    case(2**32, 3, [[10000, 10 * 2**20 + i] for i in range(7)], DEFAULT),
    case(12345, 2, [[50, 2**40], [49, 2**30], [1, 2**20]], (8, 64, 2**33)),
]}, indent=1))
