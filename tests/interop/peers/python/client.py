"""Makes the calls of a file by Python's ServerProxy: client.py URL FILE."""

import sys
from urllib.parse import quote
from xmlrpc.client import Fault, ServerProxy

from notation import read_value, write_value


def call(proxy, name, method, params):
    try:
        result = getattr(proxy, method)(*params)
    except Fault as fault:
        print("fault", name, fault.faultCode, quote(fault.faultString, ""))
    except Exception as error:
        print("error", name, quote(repr(error), ""))
    else:
        print("result", name)
        write_value(result, print)


url, file = sys.argv[1:]
with ServerProxy(url, allow_none=True) as proxy, open(file) as calls:
    lines = (line.rstrip("\n") for line in calls)
    for line in lines:
        _, name, method, count = line.split(" ")
        call(proxy, name, method, [read_value(lines) for _ in range(int(count))])
        sys.stdout.flush()
