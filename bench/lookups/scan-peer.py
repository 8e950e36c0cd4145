"""atdata's way of finding an entry by name in Redis (atdata 0.7, _redis.py): scan for every entry, then one HGETALL each, until the name fits.

`scan-peer.py URL NAME…` prints the seconds that each name took as JSON.
"""
import json
import sys
import time

import redis

client = redis.Redis.from_url(sys.argv[1])


def find_by_name(name):
    for key in client.scan_iter(match="LocalDatasetEntry:*"):
        if client.hgetall(key).get(b"name", b"").decode() == name:
            return key
    return None


def seconds(name):
    started = time.perf_counter()
    assert find_by_name(name) is not None
    return time.perf_counter() - started


print(json.dumps([seconds(name) for name in sys.argv[2:]]))
