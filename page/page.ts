// The page that shows a server's methods to browsers, made by page/build.ts of the files
// beside it: change those. This module is browser compatible.

// deno-fmt-ignore-file

/** Its Content-Security-Policy: its own script and style, calls of its own server. */
export const DOCS_POLICY = "default-src 'none'; script-src 'sha256-ucjO68rWJCod78UIipt4w4OiWlkkTVYm/BUxQbVj+pg='; style-src 'sha256-N+U0D1HH+epSDe0juNKRcmEbG86J0o1l43NsLfox9YA='; connect-src 'self'; img-src blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The page itself, which is the same for every server: it asks for the methods. */
export const DOCS_PAGE = `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="referrer" content="no-referrer">
    <meta name="robots" content="noindex">
    <title>XML-RPC</title>
    <link rel="icon" href="data:,">
    <style>
    :root {
  color-scheme: light dark;
  --back: light-dark(#fbfaf8, #15171a);
  --card: light-dark(#ffffff, #1d2024);
  --line: light-dark(#e3dfd8, #33383f);
  --text: light-dark(#1f2328, #e4e6e9);
  --soft: light-dark(#5c626b, #a0a7b1);
  --accent: light-dark(#9a3412, #ffb38a);
  --accent-back: light-dark(#fdf0e9, #33241c);
  --on-accent: light-dark(#ffffff, #1a120d);
  --good: light-dark(#11663a, #7fd6a4);
  --bad: light-dark(#a11a1a, #ff9c94);
  --bad-back: light-dark(#fdf0ef, #35201f);
  --kind: light-dark(#2456a6, #9cc2ff);
  --mono: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, monospace;
  --radius: 8px;
}

* {
  box-sizing: border-box;
}

html {
  scroll-padding-top: 4rem;
}

body {
  margin: 0;
  background: var(--back);
  color: var(--text);
  font: 16px/1.5 system-ui, sans-serif;
}

a {
  color: inherit;
}

code,
pre,
textarea,
.mono {
  font-family: var(--mono);
  font-size: 0.875rem;
}

:focus-visible {
  outline: 2px solid var(--accent);
  outline-offset: 2px;
}

main:focus-visible {
  outline: none;
}

.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

.skip {
  position: absolute;
  left: 1rem;
  top: -4rem;
  z-index: 3;
  padding: 0.5rem 1rem;
  background: var(--accent);
  color: var(--on-accent);
  border-radius: var(--radius);
}

.skip:focus {
  top: 0.5rem;
}

.hint {
  margin: 0;
  color: var(--soft);
  font-size: 0.875rem;
}

/* ------------------------------------------------------------- frame */

header {
  position: sticky;
  top: 0;
  z-index: 2;
  display: flex;
  align-items: center;
  justify-content: space-between;
  gap: 1rem;
  padding: 0.6rem 1.5rem;
  background: var(--card);
  border-bottom: 1px solid var(--line);
}

.home {
  min-width: 0;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
  text-decoration: none;
}

.home b {
  color: var(--accent);
  letter-spacing: 0.02em;
}

.home span {
  margin-left: 0.35rem;
  color: var(--soft);
  font-family: var(--mono);
  font-size: 0.875rem;
}

#access {
  position: relative;
  flex: none;
}

#access > summary {
  padding: 0.25rem 0.75rem;
  border: 1px solid var(--line);
  border-radius: var(--radius);
  cursor: pointer;
  list-style: none;
  font-size: 0.875rem;
}

#access > summary::-webkit-details-marker {
  display: none;
}

#access.used > summary {
  border-color: var(--good);
  color: var(--good);
}

#credentials {
  position: absolute;
  right: 0;
  top: calc(100% + 0.5rem);
  width: min(20rem, calc(100vw - 2rem));
  display: grid;
  gap: 0.75rem;
  padding: 1rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: var(--radius);
  box-shadow: 0 8px 24px rgb(0 0 0 / 0.18);
}

.columns {
  display: grid;
  grid-template-columns: minmax(13rem, 18rem) minmax(0, 1fr);
  align-items: start;
  max-width: 82rem;
  margin: 0 auto;
}

nav {
  position: sticky;
  top: 3.2rem;
  max-height: calc(100vh - 3.2rem);
  overflow-y: auto;
  padding: 1.25rem 0.75rem 2rem 1.5rem;
}

nav .search input {
  width: 100%;
}

#count {
  margin: 0.4rem 0 0.8rem;
}

nav h2 {
  margin: 1rem 0 0.2rem;
  color: var(--soft);
  font: 600 0.8rem/1.4 var(--mono);
  overflow-wrap: anywhere;
}

nav ul {
  margin: 0;
  padding: 0;
  list-style: none;
}

nav li a {
  display: block;
  padding: 0.22rem 0.6rem;
  border-radius: 6px;
  text-decoration: none;
  overflow-wrap: anywhere;
  font: 0.875rem/1.45 var(--mono);
}

nav li a:hover {
  background: var(--accent-back);
}

nav li a[aria-current] {
  background: var(--accent-back);
  color: var(--accent);
  font-weight: 600;
}

main {
  min-width: 0;
  padding: 1.5rem 1.5rem 4rem;
}

h1 {
  margin: 0 0 0.25rem;
  font-size: 1.6rem;
  line-height: 1.25;
  overflow-wrap: anywhere;
}

h1.mono {
  font: 600 1.35rem/1.35 var(--mono);
}

main h2 {
  margin: 1.75rem 0 0.6rem;
  font-size: 1rem;
}

.help {
  max-width: 46rem;
  margin: 0.5rem 0 0;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
}

/* ------------------------------------------------------------- overview */

.overview {
  display: grid;
  gap: 0 1.5rem;
  margin: 0;
  padding: 0;
  list-style: none;
}

.overview li {
  border-top: 1px solid var(--line);
}

.overview a {
  display: block;
  padding: 0.6rem 0.25rem;
  text-decoration: none;
}

.overview a:hover .mono {
  text-decoration: underline;
}

.overview .mono {
  overflow-wrap: anywhere;
}

.overview span.hint {
  display: -webkit-box;
  -webkit-box-orient: vertical;
  -webkit-line-clamp: 3;
  overflow: hidden;
  overflow-wrap: anywhere;
}

/* ------------------------------------------------------------- signatures */

.signatures {
  display: grid;
  gap: 0.35rem;
  margin: 1rem 0 0;
  padding: 0;
  list-style: none;
}

.signature {
  overflow-wrap: anywhere;
  font: 0.875rem/1.5 var(--mono);
}

.kind {
  color: var(--kind);
}

/* ------------------------------------------------------------- forms */

input,
textarea,
select,
button {
  font: inherit;
  color: inherit;
}

input:not([type="checkbox"]):not([type="radio"]),
textarea,
select {
  width: 100%;
  padding: 0.42rem 0.6rem;
  background: var(--card);
  border: 1px solid light-dark(#8d8a84, #6f7782);
  border-radius: 6px;
}

textarea {
  resize: vertical;
  font: 0.875rem/1.5 var(--mono);
}

textarea.line {
  min-height: 0;
  height: 2.4rem;
  font-family: inherit;
  font-size: inherit;
}

input[type="file"] {
  padding: 0.3rem;
}

input[type="checkbox"] {
  width: 1.15rem;
  height: 1.15rem;
  accent-color: var(--accent);
}

[aria-invalid="true"] {
  border-color: var(--bad) !important;
}

label,
.label {
  font-size: 0.875rem;
}

.card {
  padding: 1.1rem 1.25rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: var(--radius);
}

.card > :last-child {
  margin-bottom: 0;
}

.fields {
  display: grid;
  gap: 0.9rem;
}

.field {
  display: grid;
  gap: 0.25rem;
  min-width: 0;
}

.field .head {
  display: flex;
  flex-wrap: wrap;
  gap: 0 0.6rem;
  align-items: baseline;
}

.field .head > label:first-child {
  font-weight: 600;
}

.field .head .row {
  align-self: flex-start;
}

.field + .fields {
  margin-top: 0.9rem;
}

select {
  text-overflow: ellipsis;
}

input:disabled {
  opacity: 0.65;
}

.row {
  display: flex;
  gap: 0.5rem;
  align-items: center;
}

.row > input:first-child {
  flex: 1;
}

.error {
  margin: 0;
  color: var(--bad);
  font-size: 0.875rem;
}

.error:empty {
  display: none;
}

.actions {
  display: flex;
  flex-wrap: wrap;
  gap: 0.75rem;
  align-items: center;
  margin-top: 1.1rem;
}

.fields:empty + .actions {
  margin-top: 0;
}

button {
  padding: 0.42rem 1rem;
  background: transparent;
  border: 1px solid light-dark(#8d8a84, #6f7782);
  border-radius: 6px;
  cursor: pointer;
  font-size: 0.9rem;
}

button:hover:not(:disabled) {
  background: var(--accent-back);
}

button.main {
  padding: 0.5rem 1.6rem;
  background: var(--accent);
  border-color: var(--accent);
  color: var(--on-accent);
  font-weight: 600;
}

button.main:hover:not(:disabled) {
  filter: brightness(1.12);
  background: var(--accent);
}

button:disabled {
  opacity: 0.55;
  cursor: default;
}

button.small {
  padding: 0.1rem 0.6rem;
  font-size: 0.8rem;
}

progress {
  width: 100%;
  height: 0.5rem;
  accent-color: var(--accent);
}

.progress {
  display: grid;
  gap: 0.25rem;
  margin-top: 1rem;
}

/* ------------------------------------------------------------- results */

.result {
  margin-top: 1.25rem;
  border-left: 4px solid var(--good);
}

.result.fault {
  border-left-color: var(--bad);
  background: var(--bad-back);
}

.result .head {
  display: flex;
  flex-wrap: wrap;
  justify-content: space-between;
  gap: 0.25rem 1rem;
  margin-bottom: 0.6rem;
}

.result .head:last-child {
  margin-bottom: 0;
}

.result .head b {
  min-width: 0;
  color: var(--good);
  overflow-wrap: anywhere;
}

.result.fault .head b {
  color: var(--bad);
}

.tree,
.tree ul {
  margin: 0;
  padding: 0;
  list-style: none;
}

.tree {
  overflow-x: auto;
  font: 0.875rem/1.6 var(--mono);
}

.tree ul {
  margin-left: 0.55rem;
  padding-left: 0.9rem;
  border-left: 1px solid var(--line);
}

.tree summary {
  cursor: pointer;
}

.tree .text {
  white-space: pre-wrap;
  overflow-wrap: anywhere;
}

.tree .kind {
  margin-left: 0.5rem;
  font-size: 0.75rem;
}

.tree .name {
  color: var(--soft);
}

.tree img {
  display: block;
  max-width: 100%;
  max-height: 24rem;
  margin: 0.4rem 0;
  border: 1px solid var(--line);
  border-radius: 6px;
  background: repeating-conic-gradient(#8883 0 25%, transparent 0 50%) 0 0 /
    16px 16px;
}

.code {
  margin-top: 0.75rem;
}

.code summary {
  cursor: pointer;
  font-size: 0.875rem;
}

.code .bar {
  display: flex;
  justify-content: flex-end;
}

pre {
  max-height: 28rem;
  margin: 0.4rem 0 0;
  padding: 0.75rem 0.9rem;
  overflow: auto;
  background: light-dark(#f5f2ed, #121417);
  border: 1px solid var(--line);
  border-radius: 6px;
  line-height: 1.5;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
  tab-size: 2;
}

/* ------------------------------------------------------------- narrow screens */

@media (max-width: 46rem) {
  header {
    padding: 0.6rem 1rem;
  }

  .columns {
    display: block;
  }

  nav {
    position: static;
    max-height: 40vh;
    padding: 1rem;
    border-bottom: 1px solid var(--line);
  }

  /* What is chosen from stands below it, with all there is to say. */
  .overall #list {
    display: none;
  }

  .overall nav {
    padding-bottom: 0;
    border-bottom: none;
  }

  main {
    padding: 1.25rem 1rem 3rem;
  }

  .card {
    padding: 0.9rem 1rem;
  }
}

@media (prefers-reduced-motion: no-preference) {
  html {
    scroll-behavior: smooth;
  }
}

    </style>
  </head>
  <body>
    <a class="skip" href="#content">Skip to the method</a>
    <header>
      <a class="home" href="#"><b>XML-RPC</b> <span id="host"></span></a>
      <details id="access">
        <summary>Credentials</summary>
        <form id="credentials" autocomplete="off">
          <label>User <input name="user" autocomplete="off" spellcheck="false"></label>
          <label>Password or token <input name="secret" type="password" autocomplete="off"></label>
          <p
            class="hint">With a user they are sent as <code>Basic</code>, without as <code>Bearer</code>. This page forgets them when it is closed.</p>
          <button>Use</button>
        </form>
      </details>
    </header>
    <div class="columns">
      <nav aria-label="Methods">
        <label class="search">
          <span class="unseen">Search methods</span>
          <input id="search" type="search" placeholder="Search  ( / )"
            autocomplete="off" spellcheck="false">
        </label>
        <p id="count" class="hint" role="status"></p>
        <div id="list"></div>
      </nav>
      <main id="content" tabindex="-1">
        <p class="hint" id="loading">Asking the server for its methods …</p>
        <noscript><p>This page makes calls, and needs JavaScript for that. Any XML-RPC client can call this server, too: <code>system.listMethods</code> names its methods.</p></noscript>
      </main>
    </div>
    <script>
    "use strict";
const PAGE_URL = location.href.replace(/[?#].*$/, "");
const SHOWN_CHARACTERS = 20_000;
const SHOWN_ITEMS = 100;
const CANCELLED = "The call was cancelled";
let credentials = { user: "", secret: "" };
let methods = [];
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
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
const main = byId("content");
function countOf(count, thing) {
  return \`\${count} \${thing}\${count === 1 ? "" : "s"}\`;
}
function sizeOf(bytes) {
  if (bytes < 1000) return countOf(bytes, "byte");
  const units = ["kB", "MB", "GB"];
  let size = bytes / 1000;
  let unit = 0;
  while (size >= 1000 && unit < 2) [size, unit] = [size / 1000, unit + 1];
  return \`\${size.toFixed(size < 10 ? 1 : 0)} \${units[unit]}\`;
}
function escapeText(text) {
  if (/[\\0-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]|\\p{Surrogate}/u.test(text)) {
    throw new Error("There is a character in the text that XML cannot carry");
  }
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;").replaceAll("\\r", "&#13;");
}
async function base64Of(bytes, signal) {
  const piece = 3 * 2 ** 18;
  const parts = [];
  for (let start = 0; start < bytes.size; start += piece) {
    if (signal?.aborted) throw new Error(CANCELLED);
    const part = await bytes.slice(start, start + piece).arrayBuffer();
    let text = "";
    const view = new Uint8Array(part);
    for (let at = 0; at < view.length; at += 0x8000) {
      text += String.fromCharCode(...view.subarray(at, at + 0x8000));
    }
    parts.push(new Blob([btoa(text)]));
  }
  return new Blob(parts);
}
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
          \`<member><name>\${escapeText(name)}</name>\`,
          ...await toXml(member, signal),
          "</member>",
        ]),
      );
      return ["<value><struct>", ...members.flat(), "</struct></value>"];
    }
    case "base64":
      return [
        "<value><base64>",
        await base64Of(value.bytes, signal),
        "</base64></value>",
      ];
    case "nil":
      return ["<value><nil/></value>"];
    default:
      return [
        \`<value><\${value.type}>\${
          escapeText(value.text)
        }</\${value.type}></value>\`,
      ];
  }
}
async function documentOf(methodName, params, signal) {
  const parts = await Promise.all(
    params.map(async (
      value,
    ) => ["<param>", ...await toXml(value, signal), "</param>\\n"]),
  );
  return new Blob([
    '<?xml version="1.0" encoding="UTF-8"?>\\n',
    \`<methodCall><methodName>\${escapeText(methodName)}</methodName><params>\\n\`,
    ...parts.flat(),
    "</params></methodCall>\\n",
  ], { type: "text/xml" });
}
function bytesOf(base64) {
  const text = atob(base64.replace(/\\s+/g, ""));
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return new Blob([bytes]);
}
function childrenOf(parent, name) {
  return [...parent.children].filter(({ localName }) => localName === name);
}
function fromXml(value) {
  const typed = value.firstElementChild;
  if (typed === null) return { type: "string", text: value.textContent ?? "" };
  const text = typed.textContent ?? "";
  switch (typed.localName) {
    case "array": {
      const items = childrenOf(typed, "data").flatMap((data) =>
        childrenOf(data, "value")
      );
      return { type: "array", items: items.map(fromXml) };
    }
    case "struct":
      return {
        type: "struct",
        members: childrenOf(typed, "member").map((member) => {
          const [name] = childrenOf(member, "name");
          const [held] = childrenOf(member, "value");
          if (held === undefined) throw new Error("A member has no value");
          return [name?.textContent ?? "", fromXml(held)];
        }),
      };
    case "base64":
      return { type: "base64", bytes: bytesOf(text), fileName: "result" };
    case "boolean":
      return { type: "boolean", text: text.trim() };
    default:
      return {
        type: /** @type {ScalarValue["type"]} */ (typed.localName),
        text,
      };
  }
}
function readResponse(text) {
  const xml = new DOMParser().parseFromString(text, "text/xml");
  const root = xml.documentElement;
  const value = root.querySelector(":scope > params > param > value");
  if (value !== null) return { isFault: false, value: fromXml(value) };
  const fault = root.querySelector(":scope > fault > value");
  if (fault !== null) return { isFault: true, value: fromXml(fault) };
  throw new Error("The answer is no XML-RPC");
}
function plain(value) {
  switch (value.type) {
    case "array":
      return value.items.map(plain);
    case "struct":
      return Object.fromEntries(
        value.members.map(([name, member]) => [name, plain(member)]),
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
function authorization() {
  const { user, secret } = credentials;
  if (user === "" && secret === "") return undefined;
  if (user === "") return \`Bearer \${secret}\`;
  const bytes = new TextEncoder().encode(\`\${user}:\${secret}\`);
  return \`Basic \${btoa(String.fromCharCode(...bytes))}\`;
}
function send(request, onProgress = () => {}, signal = undefined) {
  return new Promise((resolve, reject) => {
    const exchange = new XMLHttpRequest();
    const start = performance.now();
    exchange.open("POST", PAGE_URL);
    exchange.setRequestHeader("Content-Type", "text/xml");
    const header = authorization();
    if (header !== undefined) {
      exchange.setRequestHeader("Authorization", header);
    }
    exchange.upload.onprogress = ({ loaded, total }) =>
      onProgress("up", loaded, total);
    exchange.onprogress = ({ loaded, total, lengthComputable }) =>
      onProgress("down", loaded, lengthComputable ? total : undefined);
    exchange.onerror = () =>
      reject(new Error("The server did not answer, or broke off"));
    exchange.onabort = () => reject(new Error(CANCELLED));
    exchange.onload = () => {
      const milliseconds = performance.now() - start;
      const { status, responseText: response } = exchange;
      if (status === 200) resolve({ request, response, milliseconds });
      else {
        reject(
          new Error(\`Status \${status}: \${response.trim().slice(0, 500)}\`),
        );
      }
    };
    signal?.addEventListener("abort", () => exchange.abort());
    exchange.send(request);
  });
}
function faultText(value) {
  const members = /** @type {Record<string, unknown>} */ (plain(value));
  return \`Fault \${members.faultCode}: \${members.faultString}\`;
}
async function ask(methodName) {
  const { response } = await send(await documentOf(methodName, []));
  const { isFault, value } = readResponse(response);
  if (isFault) throw new Error(faultText(value));
  return plain(value);
}
function textOf({ type, member }) {
  if (member === undefined) return type;
  if (type === "array") return \`\${member.map(textOf).join(" | ")}[]\`;
  return \`{ \${
    member.map((each) =>
      \`\${each.name}\${each.optional ? "?" : ""}: \${textOf(each)}\`
    ).join(", ")
  } }\`;
}
function exampleOf({ type, member }) {
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
      return (member ?? []).map(exampleOf);
    case "struct":
      return Object.fromEntries(
        (member ?? []).map((each) => [each.name, exampleOf(each)]),
      );
    default:
      return "";
  }
}
function dateText(text) {
  const match = /^(\\d{4})-?(\\d\\d)-?(\\d\\d)[T ](\\d\\d):(\\d\\d)(?::(\\d\\d))?/.exec(
    text,
  );
  if (match === null) throw new Error(\`\${JSON.stringify(text)} is no date\`);
  const [, year, month, day, hour, minute, second = "00"] = match;
  return \`\${year}\${month}\${day}T\${hour}:\${minute}:\${second}\`;
}
function numberOf(type, given) {
  const text = given.trim();
  if (type === "double") {
    const number = Number(text);
    if (text === "" || !Number.isFinite(number)) {
      throw new Error(\`\${JSON.stringify(given)} is no number\`);
    }
    const digits = /e/i.test(String(number))
      ? number.toLocaleString("en", {
        useGrouping: false,
        maximumSignificantDigits: 17,
      })
      : String(number);
    return { type: "double", text: digits };
  }
  if (!/^[+-]?\\d+$/.test(text)) {
    throw new Error(\`\${JSON.stringify(given)} is no integer\`);
  }
  const number = BigInt(text.replace(/^\\+/, ""));
  const bits = type === "int" ? 32 : 64;
  if (BigInt.asIntN(bits, number) !== number) {
    throw new Error(\`\${text} is beyond \${bits} bits\`);
  }
  return { type: type === "int" ? "int" : "i8", text: String(number) };
}
function fromJson(json, type = { type: "any" }) {
  switch (type.type) {
    case "int":
    case "i8":
    case "double":
      return numberOf(type.type, String(json));
    case "dateTime.iso8601":
      return { type: type.type, text: dateText(String(json)) };
    case "base64":
      return {
        type: "base64",
        bytes: bytesOf(String(json)),
        fileName: "bytes",
      };
  }
  if (json === null) return { type: "nil", text: "" };
  if (typeof json === "string") return { type: "string", text: json };
  if (typeof json === "boolean") {
    return { type: "boolean", text: json ? "1" : "0" };
  }
  if (typeof json === "number") {
    return numberOf((json | 0) === json ? "int" : "double", String(json));
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
function toTypeScript(value) {
  switch (value.type) {
    case "array":
      return \`[\${value.items.map(toTypeScript).join(", ")}]\`;
    case "struct": {
      const members = value.members.map(([name, member]) =>
        \`\${/^[A-Za-z_$][\\w$]*$/.test(name) ? name : JSON.stringify(name)}: \${
          toTypeScript(member)
        }\`
      );
      return members.length === 0 ? "{}" : \`{ \${members.join(", ")} }\`;
    }
    case "base64":
      return \`await Deno.readFile(\${JSON.stringify(value.fileName)})\`;
    case "i8":
      return \`\${value.text}n\`;
    case "double":
      return Number.isInteger(Number(value.text))
        ? \`double(\${value.text})\`
        : value.text;
    case "boolean":
      return value.text === "1" ? "true" : "false";
    case "dateTime.iso8601": {
      const [, year, month, day, time] =
        /^(\\d{4})(\\d\\d)(\\d\\d)T(.*)$/.exec(value.text) ?? [];
      return \`new Date("\${year}-\${month}-\${day}T\${time}Z")\`;
    }
    case "nil":
      return "null";
    case "string":
      return JSON.stringify(value.text);
    default:
      return value.text;
  }
}
function toPython(value) {
  switch (value.type) {
    case "array":
      return \`[\${value.items.map(toPython).join(", ")}]\`;
    case "struct":
      return \`{\${
        value.members.map(([name, member]) =>
          \`\${JSON.stringify(name)}: \${toPython(member)}\`
        ).join(", ")
      }}\`;
    case "base64":
      return \`Binary(open(\${JSON.stringify(value.fileName)}, "rb").read())\`;
    case "double":
      return value.text.includes(".") ? value.text : \`\${value.text}.0\`;
    case "boolean":
      return value.text === "1" ? "True" : "False";
    case "dateTime.iso8601":
      return \`DateTime(\${JSON.stringify(value.text)})\`;
    case "nil":
      return "None";
    case "string":
      return JSON.stringify(value.text);
    default:
      return value.text;
  }
}
function quoted(text) {
  return \`'\${text.replaceAll("'", "'\\\\''")}'\`;
}
function snippetsOf(methodName, params, xml) {
  const { user, secret } = credentials;
  const hasToken = user === "" && secret !== "";
  const url = user === ""
    ? PAGE_URL
    : PAGE_URL.replace("://", \`://\${encodeURIComponent(user)}:PASSWORD@\`);
  const names = params.some(hasWholeDouble)
    ? "createClient, double"
    : "createClient";
  const typescript = [
    \`import { \${names} } from "jsr:@xmlrpc/xmlrpc";\`,
    "",
    \`const client = createClient(\${JSON.stringify(url)}\${
      hasToken ? ', {\\n  headers: { authorization: "Bearer TOKEN" },\\n}' : ""
    });\`,
    \`const result = await client.call(\${JSON.stringify(methodName)}, [\${
      params.map(toTypeScript).join(", ")
    }]);\`,
    "console.log(result);",
  ];
  const isPath = /^[A-Za-z]\\w*(?:\\.[A-Za-z]\\w*)*$/.test(methodName);
  const method = isPath
    ? \`server.\${methodName}\`
    : \`getattr(server, \${JSON.stringify(methodName)})\`;
  const pythonParams = params.map(toPython).join(", ");
  const imports = ["Binary", "DateTime"].filter((name) =>
    pythonParams.includes(\`\${name}(\`)
  );
  const python = [
    \`from xmlrpc.client import \${[...imports, "ServerProxy"].join(", ")}\`,
    "",
    \`server = ServerProxy(\${JSON.stringify(url)}, allow_none=True\${
      hasToken ? ', headers=[("Authorization", "Bearer TOKEN")]' : ""
    })\`,
    \`print(\${method}(\${pythonParams}))\`,
  ];
  const curl = [
    \`curl \${quoted(PAGE_URL)}\`,
    "-H 'Content-Type: text/xml'",
    ...user === "" ? [] : [\`-u \${quoted(\`\${user}:PASSWORD\`)}\`],
    ...hasToken ? ["-H 'Authorization: Bearer TOKEN'"] : [],
    xml.length > SHOWN_CHARACTERS
      ? "--data-binary @request.xml"
      : \`--data-binary \${quoted(xml)}\`,
  ];
  return [
    ["TypeScript", typescript.join("\\n")],
    ["Python", python.join("\\n")],
    ["curl", curl.join(" \\\\\\n  ")],
  ];
}
let openUrls = [];
function urlOf(blob) {
  const url = URL.createObjectURL(blob);
  openUrls.push(url);
  return url;
}
function forgetUrls() {
  for (const url of openUrls) URL.revokeObjectURL(url);
  openUrls = [];
}
const PICTURES = [
  ["png", [0x89, 0x50, 0x4e, 0x47]],
  ["jpeg", [0xff, 0xd8, 0xff]],
  ["gif", [0x47, 0x49, 0x46, 0x38]],
  ["webp", [0x52, 0x49, 0x46, 0x46]],
];
function showBytes(bytes) {
  const link = element("a", {
    href: urlOf(new Blob([bytes], { type: "application/octet-stream" })),
    download: "result.bin",
  }, "download");
  const shown = element(
    "span",
    {},
    \`\${sizeOf(bytes.size)}, \`,
    link,
    ...labelsOf("", "base64"),
  );
  bytes.slice(0, 4).arrayBuffer().then((start) => {
    const first = [...new Uint8Array(start)];
    const found = PICTURES.find(([, magic]) =>
      magic.every((byte, at) => byte === first[at])
    );
    if (found === undefined) return;
    const [name] = found;
    link.download = \`result.\${name}\`;
    const picture = new Blob([bytes], { type: \`image/\${name}\` });
    shown.append(
      element("img", { src: urlOf(picture), alt: "The picture in the result" }),
    );
  });
  return shown;
}
function labelsOf(name, type) {
  return [
    ...name === "" ? [] : [element("span", { class: "name" }, \`\${name}: \`)],
    ...type === "" ? [] : [element("span", { class: "kind" }, type)],
  ];
}
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
    button.textContent = \`\${entries.length - shown} more\`;
    list.append(more);
  }
  add();
  return list;
}
function showValue(name, value) {
  if (value.type === "array" || value.type === "struct") {
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
        ...labelsOf(name, ""),
        \`\${value.type} of \${countOf(entries.length, count)}\`,
      ),
    );
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
      ...labelsOf(name, ""),
      showBytes(value.bytes),
    );
  }
  return element(
    "li",
    {},
    ...labelsOf(name, ""),
    showText(scalarText(value)),
    ...labelsOf("", value.type),
  );
}
function scalarText({ type, text }) {
  if (type === "nil") return "nil";
  if (type === "boolean") return text === "1" ? "true" : "false";
  return text;
}
function showText(text) {
  if (text === "") return element("span", { class: "name" }, "(empty)");
  const shown = element("span", { class: "text" });
  const button = element("button", { type: "button", class: "small" });
  let end = 0;
  function add(count) {
    const start = end;
    end = Math.min(text.length, start + count);
    button.remove();
    shown.append(text.slice(start, end));
    if (end === text.length) return;
    button.textContent = \`\${text.length - end} more characters\`;
    shown.append(button);
  }
  button.addEventListener("click", () => add(10 * SHOWN_CHARACTERS));
  add(SHOWN_CHARACTERS);
  return shown;
}
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
    "aria-label": \`Copy \${title}\`,
  }, "Copy");
  const cut = text.length > SHOWN_CHARACTERS;
  const shown = cut
    ? \`\${text.slice(0, SHOWN_CHARACTERS)}\\n… \${
      sizeOf(text.length - SHOWN_CHARACTERS)
    } more\`
    : text;
  return element(
    "details",
    { class: "code", open },
    element("summary", {}, title),
    element("div", { class: "bar" }, copy),
    element("pre", { tabindex: 0 }, shown),
  );
}
async function showResult(methodName, params, exchange) {
  const { request, response, milliseconds } = exchange;
  const { isFault, value } = readResponse(response);
  const sent = await request.slice(0, 2 * SHOWN_CHARACTERS).text();
  const snippets = snippetsOf(
    methodName,
    params,
    request.size > SHOWN_CHARACTERS ? "x".repeat(SHOWN_CHARACTERS + 1) : sent,
  );
  const time = milliseconds < 10
    ? milliseconds.toFixed(1)
    : Math.round(milliseconds);
  return element(
    "section",
    { class: \`card result\${isFault ? " fault" : ""}\`, "aria-label": "Result" },
    element(
      "div",
      { class: "head" },
      element("b", {}, isFault ? faultText(value) : "Result"),
      element(
        "span",
        { class: "hint" },
        \`\${time} ms, \${sizeOf(request.size)} up, \${
          sizeOf(new Blob([response]).size)
        } down\`,
      ),
    ),
    element("ul", { class: "tree" }, showValue("", value)),
    showCode("Request", sent),
    showCode("Response", response),
    ...snippets.map(([title, text]) => showCode(title, text)),
  );
}
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
let fieldCount = 0;
function inputFor(type, id) {
  const scalar = scalarInputs[type.type];
  if (scalar !== undefined) return scalar(id);
  const area = element("textarea", { id, spellcheck: false });
  area.value = JSON.stringify(exampleOf(type), null, 2);
  area.rows = Math.min(16, Math.max(2, area.value.split("\\n").length));
  return { input: area, read: () => fromJson(parseJson(area.value), type) };
}
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(\`This is no JSON: \${/** @type {Error} */ (error).message}\`);
  }
}
const scalarInputs = {
  int(id) {
    const input = element("input", {
      id,
      inputmode: "numeric",
      autocomplete: "off",
    });
    return { input, read: () => numberOf("int", input.value) };
  },
  i8(id) {
    const input = element("input", {
      id,
      inputmode: "numeric",
      autocomplete: "off",
    });
    return { input, read: () => numberOf("i8", input.value) };
  },
  double(id) {
    const input = element("input", {
      id,
      inputmode: "decimal",
      autocomplete: "off",
    });
    return { input, read: () => numberOf("double", input.value) };
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
      read: () => ({ type: "dateTime.iso8601", text: dateText(input.value) }),
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
function createField(type, index, fields) {
  const id = \`field-\${fieldCount++}\`;
  const { input, read } = inputFor(type, id);
  const error = element("p", { class: "error", id: \`\${id}-error\` });
  input.setAttribute("aria-describedby", error.id);
  const include = type.optional
    ? element("input", {
      type: "checkbox",
      "aria-label": \`Send param \${index + 1}\`,
      change: () => choose(),
    })
    : undefined;
  const head = element(
    "div",
    { class: "head" },
    element("label", { for: id }, type.name ?? \`Param \${index + 1}\`),
    element("span", { class: "kind mono" }, textOf(type)),
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
function createFields(signature) {
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
function createProgress(cancel) {
  const bar = element("progress", {
    "aria-label": "How far the call has come",
  });
  const text = element("span", { class: "hint" }, "Preparing …");
  const whole = element(
    "div",
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
  function update(direction, done, total) {
    if (total === undefined || done === total) bar.removeAttribute("value");
    else {
      bar.max = total;
      bar.value = done;
    }
    const of = total === undefined ? "" : \` of \${sizeOf(total)}\`;
    text.textContent = direction === "up" && done === total
      ? "Waiting for the answer …"
      : \`\${sizeOf(done)}\${of} \${direction}\`;
  }
  return { element: whole, update };
}
function createForm(nameOf, signatures, above = []) {
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
      element("option", {}, signatureText(nameOf(), signature))
    ),
  );
  async function submit(event) {
    event.preventDefault();
    if (button.disabled) return;
    forgetUrls();
    let params;
    try {
      params = fields.read();
    } catch {
      return;
    }
    const aborter = new AbortController();
    const progress = createProgress(() => aborter.abort());
    results.replaceChildren(progress.element);
    button.disabled = true;
    try {
      const request = await documentOf(nameOf(), params, aborter.signal);
      const exchange = await send(request, progress.update, aborter.signal);
      results.replaceChildren(await showResult(nameOf(), params, exchange));
    } catch (error) {
      results.replaceChildren(showError(error));
    } finally {
      button.disabled = false;
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
function signatureText(name, { params, returns }) {
  const list = params.map((type) =>
    \`\${type.name === undefined ? "" : \`\${type.name}: \`}\${textOf(type)}\${
      type.optional ? "?" : ""
    }\`
  );
  return \`\${name}(\${list.join(", ")}): \${returns.map(textOf).join(" | ")}\`;
}
function showMethod({ name, purpose, signatures }) {
  document.title = \`\${name} · XML-RPC\`;
  return [
    element("h1", { class: "mono" }, name),
    ...purpose === "" ? [] : [element("p", { class: "help" }, purpose)],
    signatures.length === 0
      ? element(
        "p",
        { class: "hint" },
        "The server does not say which params this method takes.",
      )
      : element(
        "ul",
        { class: "signatures", "aria-label": "Signatures" },
        ...signatures.map((signature) =>
          element("li", { class: "signature" }, signatureText(name, signature))
        ),
      ),
    element("h2", {}, "Call it"),
    createForm(() => name, signatures),
  ];
}
function showAny() {
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
function foundMethods() {
  const words = searchWords();
  return methods.filter(({ name, purpose }) =>
    words.every((word) => \`\${name} \${purpose}\`.toLowerCase().includes(word))
  );
}
function searchWords() {
  const input = /** @type {HTMLInputElement} */ (byId("search"));
  return input.value.toLowerCase().split(/\\s+/).filter((word) => word !== "");
}
function showOverview() {
  document.title = \`XML-RPC · \${location.host}\`;
  return [
    element("h1", {}, "Methods"),
    element(
      "p",
      { class: "help" },
      \`This server speaks XML-RPC at \${PAGE_URL}. Choose a method to see what it takes and gives, and to call it.\`,
    ),
    element("p"),
    element(
      "ul",
      { class: "overview" },
      ...foundMethods().map(({ name, purpose, signatures }) =>
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
                : signatureText(name, signatures[0]),
            ),
            element("span", { class: "hint" }, purpose),
          ),
        )
      ),
    ),
  ];
}
function linkTo(name) {
  return \`#/\${encodeURIComponent(name)}\`;
}
function chosen() {
  if (!location.hash.startsWith("#/")) return undefined;
  try {
    return decodeURIComponent(location.hash.slice(2));
  } catch {
    return undefined;
  }
}
function showChosen() {
  forgetUrls();
  const name = chosen();
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
function groupOf(name) {
  return name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : "";
}
function showList() {
  const found = foundMethods();
  byId("count").textContent = searchWords().length === 0
    ? countOf(methods.length, "method")
    : \`\${found.length} of \${countOf(methods.length, "method")}\`;
  const groups = [...new Set(found.map(({ name }) => groupOf(name)))];
  groups.sort((a, b) =>
    Number(a === "system") - Number(b === "system") ||
    a.localeCompare(b, undefined, { numeric: true })
  );
  byId("list").replaceChildren(...groups.flatMap((group) => [
    ...group === "" ? [] : [element("h2", {}, group)],
    element(
      "ul",
      {},
      ...found.filter(({ name }) => groupOf(name) === group).map(({ name }) =>
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
        "The server does not tell of its methods. If it needs credentials, give them above. A method whose name you know can be called here.",
      ),
      showError(error),
      element("h2", {}, "Call a method"),
      showAny(),
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
  access.classList.toggle("used", authorization() !== undefined);
  load();
});
addEventListener("hashchange", () => {
  if (location.hash === "" || location.hash.startsWith("#/")) {
    showChosen();
    main.focus();
    if (matchMedia("(min-width: 46.01rem)").matches) scrollTo(0, 0);
  }
});
load();

    </script>
  </body>
</html>
`;
