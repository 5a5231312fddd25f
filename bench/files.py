"""Python's side of files.ts, as its tutorial has it: files whole in memory.

    python3 files.py serve FILE
    python3 files.py putDigest FILE URL
    python3 files.py getDigest FILE URL

The server prints its port; the client prints its result, and waits to be ended.
"""

import hashlib
import json
import sys
import time
from xmlrpc.client import Binary, ServerProxy
from xmlrpc.server import SimpleXMLRPCServer


def read(path):
    with open(path, "rb") as handle:
        return handle.read()


def serve(path):
    server = SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False, allow_none=True)
    server.register_function(lambda data: hashlib.sha256(data.data).hexdigest(), "putDigest")
    server.register_function(lambda: Binary(read(path)), "get")
    print(server.server_address[1], flush=True)
    server.serve_forever()


def put_digest(server, path):
    return server.putDigest(Binary(read(path)))


def get_digest(server, _path):
    return hashlib.sha256(server.get().data).hexdigest()


command, path, *rest = sys.argv[1:]
if command == "serve":
    serve(path)
start = time.perf_counter()
value = {"putDigest": put_digest, "getDigest": get_digest}[command](ServerProxy(rest[0]), path)
print(json.dumps({"seconds": time.perf_counter() - start, "value": value}), flush=True)
time.sleep(3600)
