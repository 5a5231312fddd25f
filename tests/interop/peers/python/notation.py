"""The runner's notation of values, read and written by Python's own types."""

import datetime
from urllib.parse import quote, unquote, unquote_to_bytes
from xmlrpc.client import Binary, DateTime


def read_value(lines):
    kind, _, text = next(lines).partition(" ")
    if kind in ("int", "i8"):
        return int(text)
    if kind == "double":
        return float(text)
    if kind == "boolean":
        return text == "1"
    if kind == "string":
        return unquote(text)
    if kind == "dateTime":
        return DateTime(text)
    if kind == "base64":
        return Binary(unquote_to_bytes(text))
    if kind == "nil":
        return None
    if kind == "array":
        return [read_value(lines) for _ in range(int(text))]
    names = range(int(text))
    return {unquote(next(lines)[len("name "):]): read_value(lines) for _ in names}


def write_value(value, out):
    if value is None:
        out("nil")
    elif isinstance(value, bool):
        out("boolean %d" % value)
    elif isinstance(value, int):
        out("%s %d" % ("int" if -2**31 <= value < 2**31 else "i8", value))
    elif isinstance(value, float):
        out("double %r" % value)
    elif isinstance(value, str):
        out("string " + quote(value, ""))
    elif isinstance(value, DateTime):
        out("dateTime " + value.value)
    elif isinstance(value, datetime.datetime):
        out("dateTime " + value.strftime("%Y%m%dT%H:%M:%S"))
    elif isinstance(value, (Binary, bytes)):
        out("base64 " + quote(getattr(value, "data", value), ""))
    elif isinstance(value, list):
        out("array %d" % len(value))
        for item in value:
            write_value(item, out)
    else:
        out("struct %d" % len(value))
        for name, member in value.items():
            out("name " + quote(name, ""))
            write_value(member, out)
