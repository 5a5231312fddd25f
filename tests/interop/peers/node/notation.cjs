// The runner's notation of values, read and written by JavaScript's own types. What a
// library has its own classes for comes in `types`: `{ dateTime, base64 }` make values
// of a Date or a Buffer, where the library does not take these as they are.
// deno-lint-ignore-file no-console

function unescape(text) {
  return Buffer.from(
    text.replace(/%(..)/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))),
    "latin1",
  );
}

function escape(bytes) {
  return Buffer.from(bytes).toString("hex").replace(/../g, "%$&");
}

function readDate(text) {
  const iso = text.replace(/^(\d{4})(\d\d)(\d\d)T/, "$1-$2-$3T");
  return new Date(`${iso}Z`);
}

/** The next line, in two words. */
function next(lines) {
  const line = lines.shift();
  const space = line.indexOf(" ");
  return space < 0 ? [line, ""] : [line.slice(0, space), line.slice(space + 1)];
}

function readStruct(lines, count, types) {
  const struct = {};
  for (; count > 0; count--) {
    const name = unescape(next(lines)[1]).toString();
    struct[name] = readValue(lines, types);
  }
  return struct;
}

function readValue(lines, types) {
  const [type, text] = next(lines);
  switch (type) {
    case "int":
    case "double":
      return Number(text);
    case "i8":
      return BigInt(text);
    case "boolean":
      return text === "1";
    case "string":
      return unescape(text).toString();
    case "dateTime":
      return types.dateTime?.(readDate(text)) ?? readDate(text);
    case "base64":
      return types.base64?.(unescape(text)) ?? unescape(text);
    case "nil":
      return null;
    case "array":
      return Array.from(
        { length: Number(text) },
        () => readValue(lines, types),
      );
    default:
      return readStruct(lines, Number(text), types);
  }
}

function linesOfNumber(value) {
  const isInt = Number.isInteger(value) && (value | 0) === value;
  return [`${isInt ? "int" : "double"} ${value}`];
}

function linesOf(value) {
  if (value === null || value === undefined) return ["nil"];
  if (typeof value === "boolean") return [`boolean ${Number(value)}`];
  if (typeof value === "number") return linesOfNumber(value);
  if (typeof value === "bigint") return [`i8 ${value}`];
  if (typeof value === "string") {
    return [`string ${escape(Buffer.from(value))}`];
  }
  if (value instanceof Date) {
    const text = isNaN(value) ? "NaN" : value.toISOString();
    return [`dateTime ${text.replaceAll("-", "").replace(/\.000Z$/, "")}`];
  }
  if (value instanceof Uint8Array) return [`base64 ${escape(value)}`];
  if (Array.isArray(value)) {
    return [`array ${value.length}`, ...value.flatMap(linesOf)];
  }
  const members = Object.entries(value);
  return [
    `struct ${members.length}`,
    ...members.flatMap(([name, member]) => [
      `name ${escape(Buffer.from(name))}`,
      ...linesOf(member),
    ]),
  ];
}

/** Makes the calls of a file; `call(method, params)` gives a promise. */
async function makeCalls(file, call, types = {}) {
  const lines = require("node:fs").readFileSync(file, "ascii").trim().split(
    "\n",
  );
  while (lines.length > 0) {
    const [, name, method, count] = lines.shift().split(" ");
    const params = Array.from(
      { length: Number(count) },
      () => readValue(lines, types),
    );
    try {
      const result = await call(method, params);
      console.log([`result ${name}`, ...linesOf(result)].join("\n"));
    } catch (error) {
      const text = (word) => escape(Buffer.from(String(word)));
      console.log(
        error.faultCode === undefined
          ? `error ${name} ${text(error.message)}`
          : `fault ${name} ${error.faultCode} ${text(error.faultString)}`,
      );
    }
  }
}

module.exports = { makeCalls };
