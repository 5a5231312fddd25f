"""Serves add(x, y) with Python's own server, a thread for each connection.

    python3 server.py

It keeps connections open, as Python's does not unless it is told to.
"""

from socketserver import ThreadingMixIn
from xmlrpc.server import SimpleXMLRPCRequestHandler, SimpleXMLRPCServer


class Handler(SimpleXMLRPCRequestHandler):
    protocol_version = "HTTP/1.1"


class Server(ThreadingMixIn, SimpleXMLRPCServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """Says nothing of connections that the other side has closed."""


with Server(("127.0.0.1", 0), Handler, logRequests=False) as server:
    server.register_function(lambda x, y: x + y, "add")
    print(server.server_address[1], flush=True)
    server.serve_forever()
