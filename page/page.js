// The script of the docs page. It asks the server for its methods, shows a form for each
// signature and calls the methods. It is the only script, and part of the page.
// @ts-check
"use strict";

/**
 * A type, as system.describeMethods gives it.
 * @typedef {{ name?: string, type: string, optional?: boolean, member?: Type[] }} Type
 */
/** @typedef {{ params: Type[], returns: Type[] }} Signature */
/** @typedef {{ name: string, purpose: string, signatures: Signature[] }} Method */
/**
 * A value with its XML-RPC type. It contains text, a Blob, or further values.
 * @typedef {{ type: "array", items: Value[] }} ArrayValue
 * @typedef {{ type: "struct", members: [string, Value][] }} StructValue
 * @typedef {{ type: "base64", bytes: Blob, fileName: string }} BytesValue
 * @typedef {{ type: "int" | "i8" | "double" | "boolean" | "string" | "dateTime.iso8601" | "nil", text: string }} ScalarValue
 * @typedef {ArrayValue | StructValue | BytesValue | ScalarValue} Value
 */
/**
 * A param in the form. `read` gives undefined if the param is not sent.
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {HTMLInputElement | undefined} include
 * @property {() => void} show
 * @property {() => Value | undefined} read
 */

const PAGE_URL = location.href.replace(/[?#].*$/, "");

/** How many characters of a text and items of a list are shown at first. */
const SHOWN_CHARACTERS = 20_000;
const SHOWN_ITEMS = 100;

const CANCELLED = "The call was cancelled";

/** @type {{ user: string, secret: string }} */
let credentials = { user: "", secret: "" };
/** @type {Method[]} */
let methods = [];

// ---------------------------------------------------------------- elements

/**
 * Creates an element. Text is never read as HTML.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} attributes
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      made.addEventListener(
        name,
        /** @type {EventListener} */ (/** @type {unknown} */ (value)),
      );
    } else if (typeof value === "boolean") made.toggleAttribute(name, value);
    else if (value !== undefined) made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

const main = byId("content");

/**
 * @param {number} count
 * @param {string} thing
 */
function formatCount(count, thing) {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

/** @param {number} bytes */
function formatSize(bytes) {
  if (bytes < 1000) return formatCount(bytes, "byte");
  const units = ["kB", "MB", "GB"];
  let size = bytes / 1000;
  let unit = 0;
  while (size >= 1000 && unit < 2) [size, unit] = [size / 1000, unit + 1];
  return `${size.toFixed(size < 10 ? 1 : 0)} ${units[unit]}`;
}

// ---------------------------------------------------------------- values to XML

/** @param {string} text */
function escapeText(text) {
  // deno-lint-ignore no-control-regex -- XML cannot contain them
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/u.test(text)) {
    throw new Error("The text contains a character that XML cannot contain");
  }
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;").replaceAll("\r", "&#13;");
}

/**
 * Converts bytes to base64 chunk by chunk, as a Blob: the browser keeps large Blobs on
 * disk.
 * @param {Blob} bytes
 * @param {AbortSignal} [signal]
 * @returns {Promise<Blob>}
 */
async function toBase64(bytes, signal) {
  const chunk = 3 * 2 ** 18;
  /** @type {Blob[]} */
  const parts = [];
  for (let start = 0; start < bytes.size; start += chunk) {
    if (signal?.aborted) throw new Error(CANCELLED);
    const part = await bytes.slice(start, start + chunk).arrayBuffer();
    let text = "";
    const view = new Uint8Array(part);
    for (let at = 0; at < view.length; at += 0x8000) {
      text += String.fromCharCode(...view.subarray(at, at + 0x8000));
    }
    parts.push(new Blob([btoa(text)]));
  }
  return new Blob(parts);
}

/**
 * Converts a value to XML.
 * @param {Value} value
 * @param {AbortSignal} [signal]
 * @returns {Promise<(string | Blob)[]>}
 */
async function toXml(value, signal) {
  switch (value.type) {
    case "array": {
      const items = await Promise.all(
        value.items.map((item) => toXml(item, signal)),
      );
      return [
        "<value><array><data>",
        ...items.flat(),
        "</data></array></value>",
      ];
    }
    case "struct": {
      const members = await Promise.all(
        value.members.map(async ([name, member]) => [
          `<member><name>${escapeText(name)}</name>`,
          ...await toXml(member, signal),
          "</member>",
        ]),
      );
      return ["<value><struct>", ...members.flat(), "</struct></value>"];
    }
    case "base64":
      return [
        "<value><base64>",
        await toBase64(value.bytes, signal),
        "</base64></value>",
      ];
    case "nil":
      return ["<value><nil/></value>"];
    default:
      return [
        `<value><${value.type}>${
          escapeText(value.text)
        }</${value.type}></value>`,
      ];
  }
}

/**
 * Writes the document of a call.
 * @param {string} methodName
 * @param {Value[]} params
 * @param {AbortSignal} [signal]
 * @returns {Promise<Blob>}
 */
async function toDocument(methodName, params, signal) {
  const parts = await Promise.all(
    params.map(async (
      value,
    ) => ["<param>", ...await toXml(value, signal), "</param>\n"]),
  );
  return new Blob([
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    `<methodCall><methodName>${escapeText(methodName)}</methodName><params>\n`,
    ...parts.flat(),
    "</params></methodCall>\n",
  ], { type: "text/xml" });
}

// ---------------------------------------------------------------- XML to values

/** @param {string} base64 */
function fromBase64(base64) {
  const text = atob(base64.replace(/\s+/g, ""));
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return new Blob([bytes]);
}

/**
 * @param {Element} parent
 * @param {string} name
 */
function findChildren(parent, name) {
  return [...parent.children].filter(({ localName }) => localName === name);
}

/**
 * Reads a <value>.
 * @param {Element} value
 * @returns {Value}
 */
function fromXml(value) {
  const typed = value.firstElementChild;
  if (typed === null) return { type: "string", text: value.textContent ?? "" };
  const text = typed.textContent ?? "";
  switch (typed.localName) {
    case "array": {
      const items = findChildren(typed, "data").flatMap((data) =>
        findChildren(data, "value")
      );
      return { type: "array", items: items.map(fromXml) };
    }
    case "struct":
      return {
        type: "struct",
        members: findChildren(typed, "member").map((member) => {
          const [name] = findChildren(member, "name");
          const [held] = findChildren(member, "value");
          if (held === undefined) throw new Error("A member has no value");
          return [name?.textContent ?? "", fromXml(held)];
        }),
      };
    case "base64":
      return { type: "base64", bytes: fromBase64(text), fileName: "result" };
    case "boolean":
      return { type: "boolean", text: text.trim() };
    default:
      return {
        type: /** @type {ScalarValue["type"]} */ (typed.localName),
        text,
      };
  }
}

/**
 * Reads a response.
 * @param {string} text
 * @returns {{ isFault: boolean, value: Value }}
 */
function readResponse(text) {
  const xml = new DOMParser().parseFromString(text, "text/xml");
  const root = xml.documentElement;
  const value = root.querySelector(":scope > params > param > value");
  if (value !== null) return { isFault: false, value: fromXml(value) };
  const fault = root.querySelector(":scope > fault > value");
  if (fault !== null) return { isFault: true, value: fromXml(fault) };
  throw new Error("The response is not XML-RPC");
}

/**
 * Converts a value to a JavaScript value.
 * @param {Value} value
 * @returns {unknown}
 */
function toPlain(value) {
  switch (value.type) {
    case "array":
      return value.items.map(toPlain);
    case "struct":
      return Object.fromEntries(
        value.members.map(([name, member]) => [name, toPlain(member)]),
      );
    case "int":
    case "double":
      return Number(value.text);
    case "boolean":
      return value.text === "1";
    case "base64":
      return value.bytes;
    case "nil":
      return null;
    default:
      return value.text;
  }
}

// ---------------------------------------------------------------- calls

function toAuthorization() {
  const { user, secret } = credentials;
  if (user === "" && secret === "") return undefined;
  if (user === "") return `Bearer ${secret}`;
  const bytes = new TextEncoder().encode(`${user}:${secret}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/**
 * @typedef {object} Exchange
 * @property {Blob} request
 * @property {string} response
 * @property {number} milliseconds
 */

/**
 * Sends a call.
 * @param {Blob} request
 * @param {(direction: "up" | "down", done: number, total: number | undefined) => void} onProgress
 * @param {AbortSignal} [signal]
 * @returns {Promise<Exchange>}
 */
function send(request, onProgress = () => {}, signal = undefined) {
  return new Promise((resolve, reject) => {
    // fetch does not report the progress of an upload.
    const exchange = new XMLHttpRequest();
    const start = performance.now();
    exchange.open("POST", PAGE_URL);
    exchange.setRequestHeader("Content-Type", "text/xml");
    const header = toAuthorization();
    if (header !== undefined) {
      exchange.setRequestHeader("Authorization", header);
    }
    exchange.upload.onprogress = ({ loaded, total }) =>
      onProgress("up", loaded, total);
    exchange.onprogress = ({ loaded, total, lengthComputable }) =>
      onProgress("down", loaded, lengthComputable ? total : undefined);
    exchange.onerror = () =>
      reject(
        new Error("The server did not respond, or the connection was lost"),
      );
    exchange.onabort = () => reject(new Error(CANCELLED));
    exchange.onload = () => {
      const milliseconds = performance.now() - start;
      const { status, responseText: response } = exchange;
      if (status === 200) resolve({ request, response, milliseconds });
      else {
        reject(
          new Error(`Status ${status}: ${response.trim().slice(0, 500)}`),
        );
      }
    };
    signal?.addEventListener("abort", () => exchange.abort());
    exchange.send(request);
  });
}

/** @param {Value} value */
function formatFault(value) {
  const members = /** @type {Record<string, unknown>} */ (toPlain(value));
  return `Fault ${members.faultCode}: ${members.faultString}`;
}

/**
 * Calls a system method.
 * @param {string} methodName
 * @returns {Promise<unknown>}
 */
async function ask(methodName) {
  const { response } = await send(await toDocument(methodName, []));
  const { isFault, value } = readResponse(response);
  if (isFault) throw new Error(formatFault(value));
  return toPlain(value);
}

// ---------------------------------------------------------------- types

/**
 * Shows a type: `{ sku: string, price: double }`.
 * @param {Type} type
 * @returns {string}
 */
function formatType({ type, member }) {
  if (member === undefined) return type;
  if (type === "array") return `${member.map(formatType).join(" | ")}[]`;
  return `{ ${
    member.map((each) =>
      `${each.name}${each.optional ? "?" : ""}: ${formatType(each)}`
    ).join(", ")
  } }`;
}

/**
 * Creates an example of the JSON for a type.
 * @param {Type} type
 * @returns {unknown}
 */
function createExample({ type, member }) {
  switch (type) {
    case "int":
    case "i8":
    case "double":
      return 0;
    case "boolean":
      return false;
    case "nil":
      return null;
    case "dateTime.iso8601":
      return new Date().toISOString().slice(0, 19);
    case "array":
      return (member ?? []).map(createExample);
    case "struct":
      return Object.fromEntries(
        (member ?? []).map((each) => [each.name, createExample(each)]),
      );
    default:
      return "";
  }
}

/** @param {string} text */
function toDateText(text) {
  const match = /^(\d{4})-?(\d\d)-?(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?/.exec(
    text,
  );
  if (match === null) throw new Error(`${JSON.stringify(text)} is not a date`);
  const [, year, month, day, hour, minute, second = "00"] = match;
  return `${year}${month}${day}T${hour}:${minute}:${second}`;
}

/**
 * @param {string} type
 * @param {string} given
 * @returns {ScalarValue}
 */
function parseNumber(type, given) {
  const text = given.trim();
  if (type === "double") {
    const number = Number(text);
    if (text === "" || !Number.isFinite(number)) {
      throw new Error(`${JSON.stringify(given)} is not a number`);
    }
    // Spec: no exponent. JavaScript writes one for numbers of more than 21 digits.
    const digits = /e/i.test(String(number))
      ? number.toLocaleString("en", {
        useGrouping: false,
        maximumSignificantDigits: 17,
      })
      : String(number);
    return { type: "double", text: digits };
  }
  if (!/^[+-]?\d+$/.test(text)) {
    throw new Error(`${JSON.stringify(given)} is not an integer`);
  }
  const number = BigInt(text.replace(/^\+/, ""));
  const bits = type === "int" ? 32 : 64;
  if (BigInt.asIntN(bits, number) !== number) {
    throw new Error(`${text} exceeds ${bits} bits`);
  }
  return { type: type === "int" ? "int" : "i8", text: String(number) };
}

/**
 * Converts JSON to a value of a type.
 * @param {unknown} json
 * @param {Type} type
 * @returns {Value}
 */
function fromJson(json, type = { type: "any" }) {
  switch (type.type) {
    case "int":
    case "i8":
    case "double":
      return parseNumber(type.type, String(json));
    case "dateTime.iso8601":
      return { type: type.type, text: toDateText(String(json)) };
    case "base64":
      return {
        type: "base64",
        bytes: fromBase64(String(json)),
        fileName: "bytes",
      };
  }
  if (json === null) return { type: "nil", text: "" };
  if (typeof json === "string") return { type: "string", text: json };
  if (typeof json === "boolean") {
    return { type: "boolean", text: json ? "1" : "0" };
  }
  if (typeof json === "number") {
    return parseNumber((json | 0) === json ? "int" : "double", String(json));
  }
  if (Array.isArray(json)) {
    const [item] = type.type === "array" ? type.member ?? [] : [];
    return { type: "array", items: json.map((each) => fromJson(each, item)) };
  }
  const known = type.type === "struct" ? type.member ?? [] : [];
  return {
    type: "struct",
    members: Object.entries(/** @type {object} */ (json)).map((
      [name, member],
    ) => [
      name,
      fromJson(member, known.find((each) => each.name === name)),
    ]),
  };
}

// ---------------------------------------------------------------- code for other clients

/**
 * Whether a value contains a double without a fraction, which TypeScript writes as double(1).
 * @param {Value} value
 * @returns {boolean}
 */
function hasWholeDouble(value) {
  switch (value.type) {
    case "array":
      return value.items.some(hasWholeDouble);
    case "struct":
      return value.members.some(([, member]) => hasWholeDouble(member));
    default:
      return value.type === "double" && Number.isInteger(Number(value.text));
  }
}

/**
 * @param {Value} value
 * @returns {string}
 */
function toTypeScript(value) {
  switch (value.type) {
    case "array":
      return `[${value.items.map(toTypeScript).join(", ")}]`;
    case "struct": {
      const members = value.members.map(([name, member]) =>
        `${/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)}: ${
          toTypeScript(member)
        }`
      );
      return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
    }
    case "base64":
      return `await Deno.readFile(${JSON.stringify(value.fileName)})`;
    case "i8":
      return `${value.text}n`;
    case "double":
      return Number.isInteger(Number(value.text))
        ? `double(${value.text})`
        : value.text;
    case "boolean":
      return value.text === "1" ? "true" : "false";
    case "dateTime.iso8601": {
      const [, year, month, day, time] =
        /^(\d{4})(\d\d)(\d\d)T(.*)$/.exec(value.text) ?? [];
      return `new Date("${year}-${month}-${day}T${time}Z")`;
    }
    case "nil":
      return "null";
    case "string":
      return JSON.stringify(value.text);
    default:
      return value.text;
  }
}

/**
 * @param {Value} value
 * @returns {string}
 */
function toPython(value) {
  switch (value.type) {
    case "array":
      return `[${value.items.map(toPython).join(", ")}]`;
    case "struct":
      return `{${
        value.members.map(([name, member]) =>
          `${JSON.stringify(name)}: ${toPython(member)}`
        ).join(", ")
      }}`;
    case "base64":
      return `Binary(open(${JSON.stringify(value.fileName)}, "rb").read())`;
    case "double":
      return value.text.includes(".") ? value.text : `${value.text}.0`;
    case "boolean":
      return value.text === "1" ? "True" : "False";
    case "dateTime.iso8601":
      return `DateTime(${JSON.stringify(value.text)})`;
    case "nil":
      return "None";
    case "string":
      return JSON.stringify(value.text);
    default:
      return value.text;
  }
}

/**
 * Quotes text for a shell. The path of this page may come from a link that an attacker
 * made.
 * @param {string} text
 */
function quoteForShell(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Writes the call in TypeScript, in Python and for curl, without passwords and tokens.
 * @param {string} methodName
 * @param {Value[]} params
 * @param {string} xml
 * @returns {[string, string][]}
 */
function createSnippets(methodName, params, xml) {
  const { user, secret } = credentials;
  const hasToken = user === "" && secret !== "";
  const url = user === ""
    ? PAGE_URL
    : PAGE_URL.replace("://", `://${encodeURIComponent(user)}:PASSWORD@`);
  const names = params.some(hasWholeDouble)
    ? "createClient, double"
    : "createClient";
  const typescript = [
    `import { ${names} } from "jsr:@xmlrpc/xmlrpc";`,
    "",
    `const client = createClient(${JSON.stringify(url)}${
      hasToken ? ', {\n  headers: { authorization: "Bearer TOKEN" },\n}' : ""
    });`,
    `const result = await client.call(${JSON.stringify(methodName)}, [${
      params.map(toTypeScript).join(", ")
    }]);`,
    "console.log(result);",
  ];
  const isPath = /^[A-Za-z]\w*(?:\.[A-Za-z]\w*)*$/.test(methodName);
  const method = isPath
    ? `server.${methodName}`
    : `getattr(server, ${JSON.stringify(methodName)})`;
  const pythonParams = params.map(toPython).join(", ");
  const imports = ["Binary", "DateTime"].filter((name) =>
    pythonParams.includes(`${name}(`)
  );
  const python = [
    `from xmlrpc.client import ${[...imports, "ServerProxy"].join(", ")}`,
    "",
    `server = ServerProxy(${JSON.stringify(url)}, allow_none=True${
      hasToken ? ', headers=[("Authorization", "Bearer TOKEN")]' : ""
    })`,
    `print(${method}(${pythonParams}))`,
  ];
  const curl = [
    `curl ${quoteForShell(PAGE_URL)}`,
    "-H 'Content-Type: text/xml'",
    ...user === "" ? [] : [`-u ${quoteForShell(`${user}:PASSWORD`)}`],
    ...hasToken ? ["-H 'Authorization: Bearer TOKEN'"] : [],
    xml.length > SHOWN_CHARACTERS
      ? "--data-binary @request.xml"
      : `--data-binary ${quoteForShell(xml)}`,
  ];
  return [
    ["TypeScript", typescript.join("\n")],
    ["Python", python.join("\n")],
    ["curl", curl.join(" \\\n  ")],
  ];
}

// ---------------------------------------------------------------- results

/** @type {string[]} */
let openUrls = [];

/** @param {Blob} blob */
function createUrl(blob) {
  const url = URL.createObjectURL(blob);
  openUrls.push(url);
  return url;
}

function revokeUrls() {
  for (const url of openUrls) URL.revokeObjectURL(url);
  openUrls = [];
}

/** @type {[string, number[]][]} */
const PICTURES = [
  ["png", [0x89, 0x50, 0x4e, 0x47]],
  ["jpeg", [0xff, 0xd8, 0xff]],
  ["gif", [0x47, 0x49, 0x46, 0x38]],
  ["webp", [0x52, 0x49, 0x46, 0x46]],
];

/**
 * Shows the number of bytes, a link to download them, and the picture if they are one.
 * @param {Blob} bytes
 * @returns {HTMLElement}
 */
function showBytes(bytes) {
  const link = element("a", {
    href: createUrl(new Blob([bytes], { type: "application/octet-stream" })),
    download: "result.bin",
  }, "download");
  const shown = element(
    "span",
    {},
    `${formatSize(bytes.size)}, `,
    link,
    ...createLabels("", "base64"),
  );
  bytes.slice(0, 4).arrayBuffer().then((start) => {
    const first = [...new Uint8Array(start)];
    const found = PICTURES.find(([, magic]) =>
      magic.every((byte, at) => byte === first[at])
    );
    if (found === undefined) return;
    const [name] = found;
    link.download = `result.${name}`;
    const picture = new Blob([bytes], { type: `image/${name}` });
    shown.append(
      element("img", {
        src: createUrl(picture),
        alt: "The picture in the result",
      }),
    );
  });
  return shown;
}

/**
 * @param {string} name
 * @param {string} type
 */
function createLabels(name, type) {
  return [
    ...name === "" ? [] : [element("span", { class: "name" }, `${name}: `)],
    ...type === "" ? [] : [element("span", { class: "kind" }, type)],
  ];
}

/**
 * Shows the first items of a list, and a button for more.
 * @param {[string, Value][]} entries
 */
function showEntries(entries) {
  const list = element("ul");
  let shown = 0;
  const button = element("button", {
    type: "button",
    class: "small",
    click: add,
  });
  const more = element("li", {}, button);
  function add() {
    const next = entries.slice(shown, shown + SHOWN_ITEMS);
    more.remove();
    list.append(...next.map(([name, value]) => showValue(name, value)));
    shown += next.length;
    if (shown === entries.length) return;
    button.textContent = `${entries.length - shown} more`;
    list.append(more);
  }
  add();
  return list;
}

/**
 * Shows a value in the tree.
 * @param {string} name
 * @param {Value} value
 * @returns {HTMLLIElement}
 */
function showValue(name, value) {
  if (value.type === "array" || value.type === "struct") {
    /** @type {[string, Value][]} */
    const entries = value.type === "array"
      ? value.items.map((item, index) => [String(index), item])
      : value.members;
    const count = value.type === "array" ? "item" : "member";
    const details = element(
      "details",
      {},
      element(
        "summary",
        {},
        ...createLabels(name, ""),
        `${value.type} of ${formatCount(entries.length, count)}`,
      ),
    );
    // The entries of a large value are created when it is opened.
    details.addEventListener("toggle", () => {
      if (details.open && details.childElementCount === 1) {
        details.append(showEntries(entries));
      }
    });
    details.open = entries.length <= SHOWN_ITEMS;
    if (details.open) details.append(showEntries(entries));
    return element("li", {}, details);
  }
  if (value.type === "base64") {
    return element(
      "li",
      {},
      ...createLabels(name, ""),
      showBytes(value.bytes),
    );
  }
  return element(
    "li",
    {},
    ...createLabels(name, ""),
    showText(toScalarText(value)),
    ...createLabels("", value.type),
  );
}

/** @param {ScalarValue} value */
function toScalarText({ type, text }) {
  if (type === "nil") return "nil";
  if (type === "boolean") return text === "1" ? "true" : "false";
  return text;
}

/**
 * Shows a text, or its start and a button for more.
 * @param {string} text
 */
function showText(text) {
  if (text === "") return element("span", { class: "name" }, "(empty)");
  const shown = element("span", { class: "text" });
  const button = element("button", { type: "button", class: "small" });
  let end = 0;
  /** @param {number} count */
  function add(count) {
    const start = end;
    end = Math.min(text.length, start + count);
    button.remove();
    shown.append(text.slice(start, end));
    if (end === text.length) return;
    button.textContent = `${text.length - end} more characters`;
    shown.append(button);
  }
  button.addEventListener("click", () => add(10 * SHOWN_CHARACTERS));
  add(SHOWN_CHARACTERS);
  return shown;
}

/**
 * Shows text with a button that copies it.
 * @param {string} title
 * @param {string} text
 * @param {boolean} open
 */
function showCode(title, text, open = false) {
  const copy = element("button", {
    type: "button",
    class: "small",
    click: async () => {
      try {
        await navigator.clipboard.writeText(text);
        copy.textContent = "Copied";
      } catch {
        copy.textContent = "Not allowed";
      }
      setTimeout(() => copy.textContent = "Copy", 1500);
    },
    "aria-label": `Copy ${title}`,
  }, "Copy");
  const cut = text.length > SHOWN_CHARACTERS;
  const shown = cut
    ? `${text.slice(0, SHOWN_CHARACTERS)}\n… ${
      formatSize(text.length - SHOWN_CHARACTERS)
    } more`
    : text;
  return element(
    "details",
    { class: "code", open },
    element("summary", {}, title),
    element("div", { class: "bar" }, copy),
    element("pre", { tabindex: 0 }, shown),
  );
}

/**
 * Shows the result of a call.
 * @param {string} methodName
 * @param {Value[]} params
 * @param {Exchange} exchange
 */
async function showResult(methodName, params, exchange) {
  const { request, response, milliseconds } = exchange;
  const { isFault, value } = readResponse(response);
  const sent = await request.slice(0, 2 * SHOWN_CHARACTERS).text();
  const snippets = createSnippets(
    methodName,
    params,
    request.size > SHOWN_CHARACTERS ? "x".repeat(SHOWN_CHARACTERS + 1) : sent,
  );
  const time = milliseconds < 10
    ? milliseconds.toFixed(1)
    : Math.round(milliseconds);
  return element(
    "section",
    { class: `card result${isFault ? " fault" : ""}`, "aria-label": "Result" },
    element(
      "div",
      { class: "head" },
      element("b", {}, isFault ? formatFault(value) : "Result"),
      element(
        "span",
        { class: "hint" },
        `${time} ms, ${formatSize(request.size)} up, ${
          formatSize(new Blob([response]).size)
        } down`,
      ),
    ),
    element("ul", { class: "tree" }, showValue("", value)),
    showCode("Request", sent),
    showCode("Response", response),
    ...snippets.map(([title, text]) => showCode(title, text)),
  );
}

/** @param {unknown} error */
function showError(error) {
  return element(
    "section",
    { class: "card result fault", "aria-label": "Result" },
    element(
      "div",
      { class: "head" },
      element("b", {}, error instanceof Error ? error.message : String(error)),
    ),
  );
}

// ---------------------------------------------------------------- fields

let fieldCount = 0;

/**
 * Creates the input for a type, and a function that reads it.
 * @param {Type} type
 * @param {string} id
 * @returns {{ input: HTMLElement, read: () => Value }}
 */
function createInput(type, id) {
  const scalar = scalarInputs[type.type];
  if (scalar !== undefined) return scalar(id);
  const area = element("textarea", { id, spellcheck: false });
  area.value = JSON.stringify(createExample(type), null, 2);
  area.rows = Math.min(16, Math.max(2, area.value.split("\n").length));
  return { input: area, read: () => fromJson(parseJson(area.value), type) };
}

/** @param {string} text */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`Invalid JSON: ${/** @type {Error} */ (error).message}`);
  }
}

/** @type {Record<string, (id: string) => { input: HTMLElement, read: () => Value }>} */
const scalarInputs = {
  int(id) {
    const input = element("input", {
      id,
      inputmode: "numeric",
      autocomplete: "off",
    });
    return { input, read: () => parseNumber("int", input.value) };
  },
  i8(id) {
    const input = element("input", {
      id,
      inputmode: "numeric",
      autocomplete: "off",
    });
    return { input, read: () => parseNumber("i8", input.value) };
  },
  double(id) {
    const input = element("input", {
      id,
      inputmode: "decimal",
      autocomplete: "off",
    });
    return { input, read: () => parseNumber("double", input.value) };
  },
  boolean(id) {
    const input = element("input", { id, type: "checkbox", role: "switch" });
    return {
      input,
      read: () => ({ type: "boolean", text: input.checked ? "1" : "0" }),
    };
  },
  string(id) {
    const input = element("textarea", { id, class: "line" });
    return { input, read: () => ({ type: "string", text: input.value }) };
  },
  "dateTime.iso8601"(id) {
    const input = element("input", { id, type: "datetime-local", step: 1 });
    input.value = new Date().toISOString().slice(0, 19);
    return {
      input,
      read: () => ({ type: "dateTime.iso8601", text: toDateText(input.value) }),
    };
  },
  base64(id) {
    const input = element("input", { id, type: "file" });
    return {
      input,
      read: () => {
        const file = input.files?.[0];
        if (file === undefined) throw new Error("Choose a file");
        return { type: "base64", bytes: file, fileName: file.name };
      },
    };
  },
  nil(id) {
    return {
      input: element("input", { id, value: "nil", disabled: true }),
      read: () => ({ type: "nil", text: "" }),
    };
  },
};

/**
 * Creates the field of a param: label, input, and a checkbox if the param is optional.
 * @param {Type} type
 * @param {number} index
 * @param {Field[]} fields All fields of the form.
 * @returns {Field}
 */
function createField(type, index, fields) {
  const id = `field-${fieldCount++}`;
  const { input, read } = createInput(type, id);
  const error = element("p", { class: "error", id: `${id}-error` });
  input.setAttribute("aria-describedby", error.id);
  const include = type.optional
    ? element("input", {
      type: "checkbox",
      "aria-label": `Send param ${index + 1}`,
      change: () => choose(),
    })
    : undefined;
  const head = element(
    "div",
    { class: "head" },
    element("label", { for: id }, type.name ?? `Param ${index + 1}`),
    element("span", { class: "kind mono" }, formatType(type)),
    ...type.type === "dateTime.iso8601"
      ? [element("span", { class: "hint" }, "UTC")]
      : [],
    ...include === undefined
      ? []
      : [element("label", { class: "row" }, include, "send (optional)")],
  );
  const whole = element("div", { class: "field" }, head, input, error);

  function choose() {
    const isSent = /** @type {HTMLInputElement} */ (include).checked;
    // Params are identified by position, so no param can follow one that is left out.
    fields.forEach((other, at) => {
      if (other.include === undefined) return;
      if (isSent ? at < index : at > index) other.include.checked = isSent;
      other.show();
    });
  }

  function show() {
    if (include !== undefined) input.hidden = !include.checked;
  }
  show();

  function readField() {
    error.textContent = "";
    input.removeAttribute("aria-invalid");
    if (include !== undefined && !include.checked) return undefined;
    try {
      return read();
    } catch (problem) {
      error.textContent = /** @type {Error} */ (problem).message;
      input.setAttribute("aria-invalid", "true");
      input.focus();
      throw problem;
    }
  }

  const field = { element: whole, include, show, read: readField };
  fields.push(field);
  return field;
}

/**
 * Creates the fields of a signature. Without one, the params are entered as a JSON array.
 * @param {Signature | undefined} signature
 * @returns {{ elements: HTMLElement[], read: () => Value[] }}
 */
function createFields(signature) {
  /** @type {Field[]} */
  const fields = [];
  if (signature === undefined) {
    const list = createField(
      { type: "array", name: "Params, as a JSON array" },
      0,
      fields,
    );
    return {
      elements: [list.element],
      read: () => /** @type {ArrayValue} */ (list.read()).items ?? [],
    };
  }
  const elements = signature.params.map((type, index) =>
    createField(type, index, fields).element
  );
  return {
    elements,
    read: () => {
      const values = fields.map(({ read }) => read());
      return values.filter((value) => value !== undefined);
    },
  };
}

// ---------------------------------------------------------------- a method

/**
 * Creates a bar that shows the progress of a call.
 * @param {() => void} cancel
 */
function createProgress(cancel) {
  const bar = element("progress", {
    "aria-label": "Progress of the call",
  });
  const text = element("span", { class: "hint" }, "Preparing …");
  const whole = element(
    "div",
    // A screen reader would read out each update.
    { class: "progress", "aria-live": "off" },
    bar,
    element(
      "div",
      { class: "row" },
      text,
      element(
        "button",
        { type: "button", class: "small", click: cancel },
        "Cancel",
      ),
    ),
  );
  /**
   * @param {"up" | "down"} direction
   * @param {number} done
   * @param {number | undefined} total
   */
  function update(direction, done, total) {
    if (total === undefined || done === total) bar.removeAttribute("value");
    else {
      bar.max = total;
      bar.value = done;
    }
    const of = total === undefined ? "" : ` of ${formatSize(total)}`;
    text.textContent = direction === "up" && done === total
      ? "Waiting for the response …"
      : `${formatSize(done)}${of} ${direction}`;
  }
  return { element: whole, update };
}

/**
 * Creates the form that calls a method.
 * @param {() => string} readName
 * @param {Signature[]} signatures
 * @param {HTMLElement[]} above Elements that come before the params.
 */
function createForm(readName, signatures, above = []) {
  const results = element("div", { "aria-live": "polite" });
  const fieldBox = element("div", { class: "fields" });
  const button = element("button", { class: "main" }, "Call");
  let fields = createFields(signatures[0]);
  fieldBox.append(...fields.elements);

  const choice = element("select", {
    id: "signature",
    change: () => {
      fields = createFields(signatures[choice.selectedIndex]);
      fieldBox.replaceChildren(...fields.elements);
    },
  });
  choice.append(
    ...signatures.map((signature) =>
      element("option", {}, formatSignature(readName(), signature))
    ),
  );

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    if (button.disabled) return;
    revokeUrls();
    /** @type {Value[]} */
    let params;
    try {
      params = fields.read();
    } catch {
      // The field shows its error.
      return;
    }
    const aborter = new AbortController();
    const progress = createProgress(() => aborter.abort());
    results.replaceChildren(progress.element);
    button.disabled = true;
    try {
      const request = await toDocument(readName(), params, aborter.signal);
      const exchange = await send(request, progress.update, aborter.signal);
      results.replaceChildren(await showResult(readName(), params, exchange));
    } catch (error) {
      results.replaceChildren(showError(error));
    } finally {
      button.disabled = false;
      // The focus was on this button, or on the Cancel button, which has been removed.
      if (document.activeElement === document.body) {
        button.focus({ preventScroll: true });
      }
    }
  }

  const form = element(
    "form",
    { class: "card", submit, novalidate: true },
    ...signatures.length > 1
      ? [
        element(
          "div",
          { class: "field" },
          element("label", { for: choice.id }, "Signature"),
          choice,
        ),
      ]
      : [],
    ...above,
    fieldBox,
    element("div", { class: "actions" }, button),
  );
  return element("div", {}, form, results);
}

/**
 * @param {string} name
 * @param {Signature} signature
 */
function formatSignature(name, { params, returns }) {
  const list = params.map((type) =>
    `${type.name === undefined ? "" : `${type.name}: `}${formatType(type)}${
      type.optional ? "?" : ""
    }`
  );
  return `${name}(${list.join(", ")}): ${returns.map(formatType).join(" | ")}`;
}

/** @param {Method} method */
function showMethod({ name, purpose, signatures }) {
  document.title = `${name} · XML-RPC`;
  return [
    element("h1", { class: "mono" }, name),
    ...purpose === "" ? [] : [element("p", { class: "help" }, purpose)],
    signatures.length === 0
      ? element(
        "p",
        { class: "hint" },
        "The server does not describe the params of this method.",
      )
      : element(
        "ul",
        { class: "signatures", "aria-label": "Signatures" },
        ...signatures.map((signature) =>
          element(
            "li",
            { class: "signature" },
            formatSignature(name, signature),
          )
        ),
      ),
    element("h2", {}, "Call it"),
    createForm(() => name, signatures),
  ];
}

/** Creates a form in which the user enters the name of the method. */
function createAnyForm() {
  const name = element("input", {
    id: "any-name",
    required: true,
    spellcheck: false,
    autocomplete: "off",
  });
  return createForm(() => name.value.trim(), [], [
    element(
      "div",
      { class: "field" },
      element(
        "div",
        { class: "head" },
        element("label", { for: "any-name" }, "Method"),
      ),
      name,
    ),
    element("p"),
  ]);
}

/** Finds the methods that match the search. */
function findMethods() {
  const words = readSearchWords();
  return methods.filter(({ name, purpose }) =>
    words.every((word) => `${name} ${purpose}`.toLowerCase().includes(word))
  );
}

function readSearchWords() {
  const input = /** @type {HTMLInputElement} */ (byId("search"));
  return input.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
}

function showOverview() {
  document.title = `XML-RPC · ${location.host}`;
  return [
    element("h1", {}, "Methods"),
    element(
      "p",
      { class: "help" },
      `This server speaks XML-RPC at ${PAGE_URL}. Choose a method to see its params and its result, and to call it.`,
    ),
    element("p"),
    element(
      "ul",
      { class: "overview" },
      ...findMethods().map(({ name, purpose, signatures }) =>
        element(
          "li",
          {},
          element(
            "a",
            { href: linkTo(name) },
            element(
              "span",
              { class: "mono" },
              signatures[0] === undefined
                ? name
                : formatSignature(name, signatures[0]),
            ),
            element("span", { class: "hint" }, purpose),
          ),
        )
      ),
    ),
  ];
}

// ---------------------------------------------------------------- navigation

/** @param {string} name */
function linkTo(name) {
  return `#/${encodeURIComponent(name)}`;
}

/** Reads the name of the chosen method from the URL; undefined for the overview. */
function readChosen() {
  if (!location.hash.startsWith("#/")) return undefined;
  try {
    return decodeURIComponent(location.hash.slice(2));
  } catch {
    return undefined;
  }
}

function showChosen() {
  revokeUrls();
  const name = readChosen();
  const method = methods.find((each) => each.name === name);
  document.body.classList.toggle("overall", method === undefined);
  main.replaceChildren(
    ...method === undefined ? showOverview() : showMethod(method),
  );
  for (const link of byId("list").querySelectorAll("a")) {
    if (link.dataset.name === method?.name) {
      link.setAttribute("aria-current", "page");
    } else link.removeAttribute("aria-current");
  }
}

/** @param {string} name */
function toGroup(name) {
  return name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : "";
}

function showList() {
  const found = findMethods();
  byId("count").textContent = readSearchWords().length === 0
    ? formatCount(methods.length, "method")
    : `${found.length} of ${formatCount(methods.length, "method")}`;
  const groups = [...new Set(found.map(({ name }) => toGroup(name)))];
  // The application's own groups come first.
  groups.sort((a, b) =>
    Number(a === "system") - Number(b === "system") ||
    a.localeCompare(b, undefined, { numeric: true })
  );
  byId("list").replaceChildren(...groups.flatMap((group) => [
    ...group === "" ? [] : [element("h2", {}, group)],
    element(
      "ul",
      {},
      ...found.filter(({ name }) => toGroup(name) === group).map(({ name }) =>
        element(
          "li",
          {},
          element(
            "a",
            { href: linkTo(name), "data-name": name },
            name.slice(group === "" ? 0 : group.length + 1),
          ),
        )
      ),
    ),
  ]));
}

async function load() {
  try {
    const answer = /** @type {{ methodList: Method[] }} */ (
      await ask("system.describeMethods")
    );
    methods = answer.methodList;
    showList();
    showChosen();
  } catch (error) {
    document.body.classList.remove("overall");
    main.replaceChildren(
      element("h1", {}, "The methods of this server"),
      element(
        "p",
        { class: "help" },
        "The server does not describe its methods. If it needs credentials, enter them above. You can call a method here if you know its name.",
      ),
      showError(error),
      element("h2", {}, "Call a method"),
      createAnyForm(),
    );
  }
}

byId("host").textContent = location.host;

byId("search").addEventListener("input", () => {
  showList();
  if (document.body.classList.contains("overall")) showChosen();
});

document.addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.key === "Escape") {
    /** @type {HTMLDetailsElement} */ (byId("access")).open = false;
  }
  if (event.key !== "/" || target.closest("input, textarea, select")) return;
  event.preventDefault();
  byId("search").focus();
});

byId("credentials").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const data = new FormData(form);
  credentials = {
    user: String(data.get("user")),
    secret: String(data.get("secret")),
  };
  const access = /** @type {HTMLDetailsElement} */ (byId("access"));
  access.open = false;
  access.classList.toggle("used", toAuthorization() !== undefined);
  load();
});

addEventListener("hashchange", () => {
  if (location.hash === "" || location.hash.startsWith("#/")) {
    showChosen();
    main.focus();
    // On narrow screens the list is above the method, and the focus has scrolled to the method.
    if (matchMedia("(min-width: 46.01rem)").matches) scrollTo(0, 0);
  }
});

load();
