"""Python's server, to be attacked: as it comes, with its own system.* methods.

    python3 victim.py [--dotted]

It prints its port. `--dotted` lets method names lead into the instance.
"""

import sys
from xmlrpc.server import SimpleXMLRPCServer

SECRET = "hunter2"


class Vault:
    def open(self):
        return SECRET


class Application:
    vault = Vault()

    def echo(self, value):
        return value

    def add(self, x, y):
        return x + y

    def fail(self):
        raise ValueError("The password is " + SECRET)


server = SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False)
server.register_instance(Application(), allow_dotted_names="--dotted" in sys.argv)
server.register_introspection_functions()
server.register_multicall_functions()
print(server.server_address[1], flush=True)
server.serve_forever()
