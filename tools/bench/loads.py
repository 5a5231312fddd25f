"""Times Python's xmlrpc.client.loads: a line in, the milliseconds of one decoding out.

    python3 loads.py FILE
"""

import sys
import time
from xmlrpc.client import loads

with open(sys.argv[1], "rb") as file:
    document = file.read()
for _ in sys.stdin:
    start = time.perf_counter()
    loads(document)
    print((time.perf_counter() - start) * 1000, flush=True)
