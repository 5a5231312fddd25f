"""The contract's methods by Python's SimpleXMLRPCServer, on a free port, which is printed."""

import sys
from xmlrpc.client import Binary, Fault
from xmlrpc.server import SimpleXMLRPCServer


class Validator:
    def arrayOfStructsTest(self, structs):
        return sum(struct["curly"] for struct in structs)

    def countTheEntities(self, text):
        return {
            "ctLeftAngleBrackets": text.count("<"),
            "ctRightAngleBrackets": text.count(">"),
            "ctAmpersands": text.count("&"),
            "ctApostrophes": text.count("'"),
            "ctQuotes": text.count('"'),
        }

    def easyStructTest(self, struct):
        return struct["moe"] + struct["larry"] + struct["curly"]

    def echoStructTest(self, struct):
        return struct

    def manyTypesTest(self, *values):
        return list(values)

    def moderateSizeArrayCheck(self, texts):
        return texts[0] + texts[-1]

    def nestedStructTest(self, calendar):
        return self.easyStructTest(calendar["2000"]["04"]["01"])

    def simpleStructReturnTest(self, number):
        return {"times10": number * 10, "times100": number * 100, "times1000": number * 1000}


class Image:
    data = b""

    def put(self, data):
        self.data = data.data
        return True

    def get(self):
        return Binary(self.data)


def echo(value):
    """Gives back what it gets."""
    return value


def get_string(text):
    return "get string:%s" % text


def add(x, y):
    return x + y


def fault(code, text):
    raise Fault(code, text)


def which_toolkit():
    return {
        "toolkitDocsUrl": "https://docs.python.org/3/library/xmlrpc.html",
        "toolkitName": "xmlrpc",
        "toolkitVersion": sys.version,
        "toolkitOperatingSystem": sys.platform,
    }


server = SimpleXMLRPCServer(("127.0.0.1", 0), allow_none=True, logRequests=False)
server.register_introspection_functions()
server.register_multicall_functions()
validator = Validator()
for name in dir(Validator):
    if not name.startswith("_"):
        server.register_function(getattr(validator, name), "validator1." + name)
for kind in ["String", "Integer", "Float", "Struct"]:
    server.register_function(echo, "interopEchoTests.echo" + kind)
    server.register_function(echo, "interopEchoTests.echo%sArray" % kind)
for kind in ["Boolean", "Date", "Base64"]:
    server.register_function(echo, "interopEchoTests.echo" + kind)
server.register_function(lambda: 1, "interopEchoTests.noInParams")
server.register_function(which_toolkit, "interopEchoTests.whichToolkit")
image = Image()
server.register_function(image.put, "image_put")
server.register_function(image.get, "image_get")
for function in [echo, get_string, add, fault]:
    server.register_function(function)
print(server.server_address[1], flush=True)
server.serve_forever()
