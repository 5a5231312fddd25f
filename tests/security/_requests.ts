// Requests made up at random: good ones, ones with a mistake that has a known answer,
// and ones whose HTTP is broken. The same seed gives the same.

import { deflateSync, gzipSync } from "node:zlib";
import { encodeCall, encodeResponse } from "../../codec.ts";
import { Random as Numbers } from "../support/random.ts";
import { bytesOf, concat } from "./_raw.ts";

/** A number for a text. */
function hashOf(text: string): number {
  let hash = 2_166_136_261;
  for (const byte of bytesOf(text)) {
    hash = Math.imul(hash ^ byte, 16_777_619);
  }
  return hash;
}

/** Random choices for requests, from a seed of any text. */
export class Random extends Numbers {
  constructor(seed: string) {
    super(hashOf(seed));
  }

  /** True once in so many times. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  /** Text of such characters. */
  text(maxLength: number, characters: readonly string[]): string {
    let text = "";
    for (let left = this.below(maxLength + 1); left > 0; left--) {
      text += this.pick(characters);
    }
    return text;
  }
}

/** A request, and what must come of it. */
export interface FuzzRequest {
  readonly kind: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The statuses it may be answered with; none if HTTP itself is broken. */
  readonly statuses: readonly number[];
  /** The document it must be answered with, where there is but one. */
  readonly answer?: Uint8Array;
  /** Whether it is answered without a body. */
  readonly isHead?: boolean;
}

const XML = [..."<>&;\"'/!?[]-x1 é\u{1F600}\r\n"];
const ANY = [...Array(256).keys()].map((code) => String.fromCharCode(code));

/** Methods that the server has; see `http_fuzz.ts`. */
const NAMES = [
  "echo",
  "fail",
  "crash",
  "rows",
  "file",
  "size",
  "long",
  "typed",
  "system.listMethods",
  "system.methodSignature",
  "system.methodHelp",
  "system.describeMethods",
  "system.getCapabilities",
  "system.multicall",
  "constructor",
  "__proto__",
  "toString",
  "no.such",
  "then",
];

function valueOf(random: Random, depth = 0): unknown {
  switch (random.below(depth > 3 ? 7 : 9)) {
    case 0:
      return random.below(2 ** 32) - 2 ** 31;
    case 1:
      return random.text(30, XML);
    case 2:
      return random.once(2);
    case 3:
      return random.below(1e6) / 7;
    case 4:
      return BigInt(random.below(2 ** 31)) * BigInt(random.below(2 ** 31));
    case 5:
      return new Date(Date.UTC(1970 + random.below(80), random.below(12)));
    case 6:
      return bytesOf(random.text(50, ANY));
    case 7:
      return Array.from(
        { length: random.below(5) },
        () => valueOf(random, depth + 1),
      );
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(5) }, () => [
          random.pick([...NAMES, "a", "b"]),
          valueOf(random, depth + 1),
        ]),
      );
  }
}

// ---------------------------------------------------------------- documents

/** A call with whatever params, which may fit or not. */
function anyCall(random: Random): Uint8Array<ArrayBuffer> {
  const name = random.pick(NAMES);
  if (name === "system.multicall") return encodeCall(name, [entries(random)]);
  const count = random.below(4);
  return encodeCall(
    name,
    Array.from({ length: count }, () => valueOf(random)),
  );
}

function entries(random: Random): unknown[] {
  return Array.from(
    { length: random.below(8) },
    () =>
      random.once(6) ? valueOf(random) : {
        methodName: random.pick(NAMES),
        params: random.once(6) ? valueOf(random) : [valueOf(random)],
      },
  );
}

function gzip(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(bytes));
}

function deflate(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(deflateSync(bytes));
}

/** Bytes with some mistakes in them. */
function mutated(
  random: Random,
  bytes: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  let now = bytes;
  for (let left = 1 + random.below(2); left > 0; left--) {
    const at = random.below(now.length + 1);
    const end = Math.min(now.length, at + 1 + random.below(20));
    const [before, part, after] = [
      now.subarray(0, at),
      now.subarray(at, end),
      now.subarray(end),
    ];
    now = concat(random.pick([
      [before],
      [before, after],
      [before, part, part, after],
      [before, bytesOf(random.text(5, XML)), part, after],
      [before, Uint8Array.of(random.below(256)), part.subarray(1), after],
      [after, part, before],
      [before, bytesOf(random.pick(SPLICES)), part, after],
    ]));
  }
  return now;
}

const SPLICES = [
  "<!DOCTYPE a [<!ENTITY b 'c'>]>",
  "&b;",
  "&#0;",
  "&#x110000;",
  "<![CDATA[",
  "]]>",
  "<!--",
  "<?x?>",
  "<value>",
  "</value>",
  "<struct><member><name>__proto__</name>",
  "<int>99999999999999999999</int>",
  "<array><data>".repeat(300),
  "\0",
  "\u00ff",
];

// ---------------------------------------------------------------- requests

interface Parts {
  readonly method?: string;
  readonly path?: string;
  readonly version?: string;
  /** By default that of XML. */
  readonly contentType?: readonly string[];
  readonly headers?: readonly string[];
  readonly body: Uint8Array<ArrayBuffer>;
}

function request(random: Random, parts: Parts): Uint8Array<ArrayBuffer> {
  const {
    method = "POST",
    path = random.pick(["/", "/RPC2", "/a%20b?c=d", "http://localhost/x"]),
    version = "HTTP/1.1",
    contentType = [
      random.pick([
        "content-type: text/xml",
        "Content-Type: text/xml; charset=utf-8",
        "CONTENT-TYPE:application/xml",
        "content-type: application/soap+xml",
      ]),
    ],
    headers = [],
    body,
  } = parts;
  const lines = [
    `${method} ${path} ${version}`,
    "host: localhost",
    ...contentType,
    ...headers,
  ];
  if (random.once(3)) lines.push("accept-encoding: gzip, deflate;q=0.5");
  if (random.once(8)) lines.push(oddHeader(random));
  const isLong = /^(content-length|transfer-encoding)/;
  if (headers.some((line) => isLong.test(line))) {
    return concat([bytesOf(`${lines.join("\r\n")}\r\n\r\n`), body]);
  }
  const framed = random.once(4)
    ? chunks(random, body)
    : { header: `content-length: ${body.length}`, body };
  lines.splice(2 + random.below(lines.length - 1), 0, framed.header);
  return concat([bytesOf(`${lines.join("\r\n")}\r\n\r\n`), framed.body]);
}

/** A header that changes nothing. */
function oddHeader(random: Random): string {
  return random.pick([
    `x-${random.below(100)}: ${random.text(30, [..."aé\t ~\u00ff"])}`,
    `x-long: ${"x".repeat(random.below(8000))}`,
    "accept: */*\r\naccept: text/xml",
    "cookie: a=b\r\ncookie: a=c",
    "connection: keep-alive",
    "expect: 100-continue",
    "origin: http://evil.example",
    "authorization: Basic =?=",
    "x-forwarded-for: 127.0.0.1",
    "range: bytes=0-1",
    "__proto__: x",
  ]);
}

function chunks(
  random: Random,
  body: Uint8Array<ArrayBuffer>,
): { header: string; body: Uint8Array<ArrayBuffer> } {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < body.length;) {
    const piece = body.subarray(at, at + 1 + random.below(200));
    const extension = random.once(5) ? ";a=b" : "";
    pieces.push(
      bytesOf(`${piece.length.toString(16)}${extension}\r\n`),
      piece,
      bytesOf("\r\n"),
    );
    at += piece.length;
  }
  const trailer = random.once(5) ? "x-trailer: a\r\n" : "";
  pieces.push(bytesOf(`0\r\n${trailer}\r\n`));
  return { header: "transfer-encoding: chunked", body: concat(pieces) };
}

/** One that is answered with exactly one document. */
export function goodRequest(random: Random): FuzzRequest {
  const value = valueOf(random);
  return {
    kind: "good",
    bytes: request(random, { body: encodeCall("echo", [value]) }),
    statuses: [200],
    answer: encodeResponse(value),
  };
}

/** Ones after which the connection goes on. */
const GOING_ON: readonly ((
  random: Random,
) => FuzzRequest)[] = [
  goodRequest,
  goodRequest,
  (random) => ({
    kind: "any call",
    bytes: request(random, { body: anyCall(random) }),
    statuses: [200],
  }),
  (random) => ({
    kind: "mutated document",
    bytes: request(random, { body: mutated(random, anyCall(random)) }),
    statuses: [200],
  }),
  (random) => ({
    kind: "compressed",
    bytes: request(random, {
      headers: ["content-encoding: gzip"],
      body: gzip(
        random.once(2) ? anyCall(random) : mutated(random, anyCall(random)),
      ),
    }),
    statuses: [200],
  }),
];

const OTHER_TYPES = [
  ["content-type: text/plain"],
  ["content-type: application/x-www-form-urlencoded"],
  ["content-type: multipart/form-data; boundary=a"],
  ["content-type:"],
  ["content-type: text/xml", "content-type: text/plain"],
  ["content-type: text/plain, text/xml"],
  ["content-type: é\u00ff"],
  ["content-type: ;;;text/xml"],
];

const ODD_TYPES = [
  ["content-type: text/xml; charset=utf-16"],
  ["content-type: text/xml; charset=no-such"],
  ["content-type: text/xml;;;="],
  ["content-type: text/xml", "content-type: text/xml; charset=utf-8"],
  ["content-type: a/b+xml"],
];

const LONG = encodeCall("echo", ["x".repeat(70_000)]);
const BOMB = gzip(encodeCall("echo", ["x".repeat(200_000)]));

const UPGRADES = [
  ["connection: upgrade", "upgrade: websocket"],
  [
    "connection: upgrade, http2-settings",
    "upgrade: h2c",
    "http2-settings: AAMAAABkAARAAAAAAAIAAAAA",
  ],
];

/** Ones with a mistake, after which the connection may be closed. */
const LAST: readonly ((
  random: Random,
) => FuzzRequest)[] = [
  (random) => ({
    kind: "other method",
    bytes: request(random, {
      method: random.pick(["GET", "PUT", "DELETE", "OPTIONS", "post", "X-Y"]),
      body: random.once(2) ? anyCall(random) : new Uint8Array(0),
    }),
    statuses: [405],
  }),
  // Not in our hands: Deno takes these for no more than what they ask for.
  (random) => ({
    kind: "upgrade",
    bytes: request(random, {
      headers: random.pick(UPGRADES),
      body: anyCall(random),
    }),
    statuses: [200, 400],
  }),
  (random) => ({
    kind: "HEAD",
    bytes: request(random, { method: "HEAD", body: new Uint8Array(0) }),
    statuses: [405],
    isHead: true,
  }),
  (random) => ({
    kind: "other Content-Type",
    bytes: request(random, {
      contentType: random.pick(OTHER_TYPES),
      body: anyCall(random),
    }),
    statuses: [415],
  }),
  (random) => ({
    kind: "odd Content-Type",
    bytes: request(random, {
      contentType: random.pick(ODD_TYPES),
      body: anyCall(random),
    }),
    statuses: [200],
  }),
  (random) => ({
    kind: "no Content-Type",
    bytes: request(random, { contentType: [], body: anyCall(random) }),
    // Refused to web pages.
    statuses: [200, 415],
  }),
  (random) => ({
    kind: "other Content-Encoding",
    bytes: request(random, {
      headers: [`content-encoding: ${random.pick(["br", "gzip, gzip", "*"])}`],
      body: anyCall(random),
    }),
    statuses: [415],
  }),
  (random) => ({
    kind: "broken compression",
    bytes: request(random, {
      headers: [
        `content-encoding: ${random.pick(["gzip", "deflate", "GZIP"])}`,
      ],
      body: mutated(
        random,
        random.once(2) ? gzip(anyCall(random)) : deflate(anyCall(random)),
      ),
    }),
    statuses: [200, 400],
  }),
  (random) => ({
    kind: "too long",
    bytes: request(random, { body: LONG }),
    statuses: [413],
  }),
  (random) => ({
    kind: "bomb",
    bytes: request(random, {
      headers: ["content-encoding: gzip"],
      body: BOMB,
    }),
    statuses: [413],
  }),
  (random) => ({
    kind: "HTTP/1.0",
    bytes: request(random, {
      version: "HTTP/1.0",
      headers: ["content-length: 0"],
      body: new Uint8Array(0),
    }),
    statuses: [200],
  }),
  ...Array(6).fill(broken),
];

/** One whose HTTP is wrong, or may be. */
function broken(random: Random): FuzzRequest {
  const body = random.once(2) ? anyCall(random) : encodeCall("echo", [1]);
  const wrong = random.pick(WRONG_HEADERS)(random, body.length);
  const bytes = request(random, { headers: wrong, body });
  return {
    kind: "broken HTTP",
    bytes: random.once(2) ? mutated(random, bytes) : bytes,
    statuses: [],
  };
}

const WRONG_HEADERS: readonly ((
  random: Random,
  length: number,
) => readonly string[])[] = [
  (random, length) => [`content-length: ${random.below(2 * length)}`],
  (random, length) => [
    `content-length: ${length}`,
    `content-length: ${length + random.below(2)}`,
  ],
  (_, length) => [`content-length: ${length}, ${length}`],
  (random) => [
    `content-length: ${
      random.pick(["-1", "+1", "0x1", "", " ", "1e3", "9".repeat(30), "1 1"])
    }`,
  ],
  (_, length) => [`content-length: ${length}`, "transfer-encoding: chunked"],
  () => ["transfer-encoding: chunked"],
  () => ["transfer-encoding: gzip, chunked"],
  () => ["transfer-encoding: chunked", "transfer-encoding: chunked"],
  () => ["transfer-encoding : chunked"],
  (_, length) => [`content-length : ${length}`],
  (_, length) => [`content-length: ${length}`, " folded: x"],
  (_, length) => [`content-length: ${length}`, "no colon"],
  (_, length) => [`content-length: ${length}`, ": no name"],
  (_, length) => [`content-length: ${length}`, "x: \0"],
  (_, length) => [`content-length: ${length}`, "x: a\nb: c"],
  (_, length) => [
    `content-length: ${length}`,
    `x: ${"x".repeat(500_000)}`,
  ],
  (_, length) => [
    `content-length: ${length}`,
    ...Array.from({ length: 300 }, (_, index) => `x-${index}: x`),
  ],
  () => [],
];

/** The requests of one connection: those that go on, then one that may not. */
export function requestsOf(random: Random): readonly FuzzRequest[] {
  const requests: FuzzRequest[] = [];
  for (let left = random.below(16); left > 0; left--) {
    requests.push(random.pick(GOING_ON)(random));
  }
  requests.push(random.pick(LAST)(random));
  return requests;
}
