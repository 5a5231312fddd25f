"""The tutorial's servers in Python, on a free port, which is printed first.

    python3 server.py [--threaded]
"""

import sys
import threading
from socketserver import ThreadingMixIn
from xmlrpc.client import Binary
from xmlrpc.server import SimpleXMLRPCServer


class ThreadXMLRPCServer(ThreadingMixIn, SimpleXMLRPCServer):
    daemon_threads = True


stored = [b""]
bell = threading.Event()


def respon_string(str):
    return "get string:%s" % str


def add(x, y):
    return x + y


def image_put(data):
    stored[0] = data.data


def image_get():
    return Binary(stored[0])


def echo(value):
    return value


def describe(value):
    """What Python read: the type's name and the value as Python writes it."""
    if isinstance(value, Binary):
        return ["Binary", repr(value.data)]
    return [type(value).__name__, repr(value)]


def fail(message):
    raise ValueError(message)


def wait():
    """Returns once another call has rung: only a threaded server can answer both."""
    return bell.wait(30)


def ring():
    bell.set()


threaded = "--threaded" in sys.argv
server_class = ThreadXMLRPCServer if threaded else SimpleXMLRPCServer
server = server_class(("127.0.0.1", 0), allow_none=True, logRequests=False)
server.register_function(respon_string, "get_string")
for function in [add, image_put, image_get, echo, describe, fail, wait, ring]:
    server.register_function(function)
print(server.server_address[1], flush=True)
server.serve_forever()
