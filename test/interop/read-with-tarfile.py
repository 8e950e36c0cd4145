"""Print {name: [size, mode, mtime, sha256]} of a tar's members, as Python's tarfile sees them."""
import hashlib
import json
import sys
import tarfile

with tarfile.open(sys.argv[1], "r") as tar:
    members = [(m, tar.extractfile(m).read()) for m in tar.getmembers()]
print(json.dumps({m.name: [m.size, m.mode, m.mtime, hashlib.sha256(data).hexdigest()] for m, data in members}))
