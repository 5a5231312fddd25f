"""The tutorial's servers in Python, on a free port, which is printed first.

    python3 server.py [--threaded] [--multicall] [--introspection | --signatures]

With `--multicall` and `--introspection` it has Python's own `system.*` methods; with
`--signatures`, a `system.methodSignature` that knows some, which Python's does not.
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


class SignatureServer(SimpleXMLRPCServer):
    SIGNATURES = {
        "describe": [["array", "double"]],
        "add": [["double", "double", "double"], ["string", "string", "string"]],
    }

    def system_methodSignature(self, method_name):
        return self.SIGNATURES.get(method_name, "undef")


def server_class():
    if "--threaded" in sys.argv:
        return ThreadXMLRPCServer
    return SignatureServer if "--signatures" in sys.argv else SimpleXMLRPCServer


server = server_class()(("127.0.0.1", 0), allow_none=True, logRequests=False)
if "--multicall" in sys.argv:
    server.register_multicall_functions()
if "--introspection" in sys.argv or "--signatures" in sys.argv:
    server.register_introspection_functions()
server.register_function(respon_string, "get_string")
for function in [add, image_put, image_get, echo, describe, fail, wait, ring]:
    server.register_function(function)
print(server.server_address[1], flush=True)
server.serve_forever()
