"""The tutorial's clients in Python, against servers of ours.

    python3 client.py strings URL
    python3 client.py files URL PICTURE
    python3 client.py refused URL
    python3 client.py echo URL
    python3 client.py contract URL

Prints what it got, one JSON value a line.
"""

import datetime
import hashlib
import json
import sys
import xmlrpc.client
from xmlrpc.client import Binary, DateTime, Fault, MultiCall, ServerProxy


def strings(server):
    yield server.get_string("cloud")
    yield server.add(8, 8)
    yield server.add(0.1, 0.2)


def files(server, picture):
    with open(picture, "rb") as handle:
        sent = handle.read()
    yield server.image_put(Binary(sent))
    received = server.image_get().data
    yield hashlib.sha256(sent).hexdigest() == hashlib.sha256(received).hexdigest()


def refused(server):
    """An upload of which the server reads nothing, and another one after it."""
    for _ in range(2):
        try:
            server.image_put(Binary(bytes(12_000_000)))
        except Fault as fault:
            yield [fault.faultCode, fault.faultString]


VALUES = [
    0, 1, -1, 2**31 - 1, -(2**31),
    0.5, -0.25, 3.0, 1e300, 5e-324, 0.1 + 0.2, -1.7976931348623157e308,
    True, False,
    "", "cloud", " white space kept\t\n ", "<&>\"' ]]>", "Grüße, 世界, 🎉", "a\rb",
    None,
    Binary(b""), Binary(bytes(range(256))), Binary(b"x" * 100_000),
    DateTime("19980717T14:08:55"), DateTime("00010101T00:00:00"), DateTime("99991231T23:59:59"),
    datetime.datetime(2024, 2, 29, 23, 59, 59),
    [], [1, "two", [3.5, [None]]], [[], [[]]],
    {}, {"a": 1, "b": {"c": [True, None]}}, {"": "empty name", "__proto__": 1, "constructor": 2, "then": 3},
    [{"id": number, "name": f"Row {number}"} for number in range(1000)],
]


def same(sent, received):
    if isinstance(sent, (list, tuple)):
        return len(sent) == len(received) and all(map(same, sent, received))
    if isinstance(sent, dict):
        return sent.keys() == received.keys() and all(same(sent[key], received[key]) for key in sent)
    if isinstance(sent, bool) or sent is None or isinstance(sent, str):
        # Line ends are normalised by every XML reader, unless they are escaped.
        return type(sent) is type(received) and sent.replace("\r", "\n") == received if isinstance(sent, str) else sent is received
    return sent == received


def echo(server):
    for value in VALUES:
        received = server.echo(value)
        yield [repr(value)[:60], same(value, received)]
    try:
        server.nothing_like_it()
    except Fault as fault:
        yield [fault.faultCode, fault.faultString]
    # Python compresses its requests when told to.
    transport = xmlrpc.client.Transport()
    transport.encode_threshold = 100
    yield ServerProxy(sys.argv[2], allow_none=True, transport=transport).echo("compressed " * 1000) == "compressed " * 1000
    builtin = ServerProxy(sys.argv[2], allow_none=True, use_builtin_types=True)
    yield builtin.echo([b"bytes", datetime.datetime(2024, 2, 29, 23, 59, 59)]) == [
        b"bytes", datetime.datetime(2024, 2, 29, 23, 59, 59)
    ]


def contract(server):
    yield server.system.listMethods()
    yield server.system.methodSignature("math.divide")
    yield server.system.methodSignature("plain")
    yield server.system.methodHelp("math.divide")
    yield server.system.getCapabilities()["faults_interop"]["specVersion"]
    described = server.system.describeMethods(["math.divide"])
    yield [method["name"] for method in described["methodList"]]
    # An int is a double to a server of ours, and comes back as one.
    yield repr(server.math.divide(6, 2))
    for wrong in [("6", 2), (6,)]:
        try:
            server.math.divide(*wrong)
        except Fault as fault:
            yield [fault.faultCode, fault.faultString]
    calls = MultiCall(server)
    calls.math.divide(1, 4)
    calls.plain(["a", None])
    calls.no.such()
    results = calls()
    yield results[0]
    yield results[1]
    try:
        results[2]
    except Fault as fault:
        yield [fault.faultCode, fault.faultString]


server = ServerProxy(sys.argv[2], allow_none=True)
for result in {"strings": strings, "files": files, "refused": refused, "echo": echo, "contract": contract}[sys.argv[1]](server, *sys.argv[3:]):
    print(json.dumps(result))
