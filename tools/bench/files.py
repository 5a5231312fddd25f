"""Python's xmlrpc as server and client for files.ts.

    python3 files.py serve FILE
    python3 files.py putDigest|getDigest FILE URL

The server prints its port; the client prints its result, and waits to be ended.
"""

import hashlib
import json
import sys
import time
from xmlrpc.client import Binary, ServerProxy
from xmlrpc.server import SimpleXMLRPCServer


def read(path):
    with open(path, "rb") as file:
        return file.read()


def digest(data):
    return hashlib.sha256(data).hexdigest()


def serve(path):
    server = SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False)
    server.register_function(lambda data: digest(data.data), "putDigest")
    server.register_function(lambda: Binary(read(path)), "get")
    print(server.server_address[1], flush=True)
    server.serve_forever()


def call(command, path, url):
    server = ServerProxy(url)
    start = time.perf_counter()
    if command == "putDigest":
        value = server.putDigest(Binary(read(path)))
    else:
        value = digest(server.get().data)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "value": value}), flush=True)
    time.sleep(600)


if sys.argv[1] == "serve":
    serve(sys.argv[2])
else:
    call(*sys.argv[1:])
