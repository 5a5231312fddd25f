// Hostile requests: what XML-RPC servers have been hit with over the years, as one table.
//
// They are for servers with the methods of `victim.ts`: `echo`, `add`, and a `fail` that
// throws a secret.

import { SECRET } from "./_secret.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** How a request is sent. */
export type Manner =
  /** At once; the answer is awaited. */
  | "plain"
  /** At once; then the sending direction is closed. */
  | "half-close"
  /** At once; then the connection is held open. */
  | "hold"
  /** Byte by byte. */
  | "trickle"
  /** At once; what comes back is not read. */
  | "deaf";

/** The header lines of a request, for a body of so many bytes. */
export type HeaderLines = (length: number) => readonly string[];

/** A hostile request. */
export interface Attack {
  /** What it is called. */
  readonly name: string;
  /** What it does. */
  readonly does: string;
  /** Who was hit by it. */
  readonly history: string;
  /** The body; `scale` is 1 for its full size, and less for less of the same. */
  readonly body: (scale: number) => string | Bytes | Promise<Bytes>;
  /** Its headers; those of an honest request if not said. */
  readonly headers?: HeaderLines;
  /** How it is sent; plainly if not said. */
  readonly manner?: Manner;
  /** What is in an answer when the attack has got through. */
  readonly harm?: RegExp;
  /** What is in every answer that is not a fault, unless data was changed silently. */
  readonly faithful?: RegExp;
}

// ---------------------------------------------------------------- bodies

const NOTHING = /[^\s\S]/;
const RESULT = /<params>/;

/** How many, at that scale, but never so few that it would be no attack. */
function scaled(count: number, scale: number, least = 1): number {
  return Math.max(least, Math.round(count * scale));
}

function call(methodName: string, ...values: readonly string[]): string {
  const params = values.map((value) =>
    `<param><value>${value}</value></param>`
  );
  return `<?xml version="1.0"?><methodCall><methodName>${methodName}</methodName>` +
    `<params>${params.join("")}</params></methodCall>`;
}

function echo(value: string): string {
  return call("echo", value);
}

/** A document type in front of a call. */
function withType(type: string, document: string): string {
  return document.replace("?>", () => `?><!DOCTYPE methodCall ${type}>`);
}

function member(name: string, value: string): string {
  return `<member><name>${name}</name><value>${value}</value></member>`;
}

function arrayOf(values: string): string {
  return `<array><data>${values}</data></array>`;
}

function subcall(methodName: string, values: string): string {
  return `<value><struct>${member("methodName", methodName)}${
    member("params", arrayOf(values))
  }</struct></value>`;
}

function nested(levels: number): string {
  return echo(
    "<array><data><value>".repeat(levels) + "1" +
      "</value></data></array>".repeat(levels),
  );
}

function laughs(): string {
  const entities = ['<!ENTITY a0 "ha">'];
  for (let level = 1; level <= 10; level++) {
    const references = `&a${level - 1};`.repeat(10);
    entities.push(`<!ENTITY a${level} "${references}">`);
  }
  return withType(`[${entities.join("")}]`, echo("&a10;"));
}

/** Spaces, compressed to a thousandth of them. */
async function bomb(format: CompressionFormat, size: number): Promise<Bytes> {
  const piece = new Uint8Array(65_536).fill(0x20);
  let left = Math.ceil(size / piece.length);
  const spaces = new ReadableStream<Bytes>({
    pull(controller): void {
      if (left-- > 0) controller.enqueue(piece);
      else controller.close();
    },
  });
  const stream = spaces.pipeThrough(new CompressionStream(format));
  return await new Response(stream).bytes();
}

/** A text with bytes in place of `§`. */
function withBytes(text: string, bytes: readonly number[]): Bytes {
  const [before, after] = text.split("§").map((part) =>
    new TextEncoder().encode(part)
  );
  return Uint8Array.from([...before!, ...bytes, ...after!]);
}

// ---------------------------------------------------------------- headers

const XML = "Content-Type: text/xml";

function lengthOf(length: number): string {
  return `Content-Length: ${length}`;
}

/** The headers of a request that hides nothing. */
export function plainHeaders(length: number): readonly string[] {
  return [XML, lengthOf(length)];
}

function compressedHeaders(format: string): HeaderLines {
  return (length) => [
    ...plainHeaders(length),
    `Content-Encoding: ${format}`,
  ];
}

/** The headers of what a page of another site sends without asking. */
function formHeaders(contentType: string): HeaderLines {
  return (length) => [
    `Content-Type: ${contentType}`,
    lengthOf(length),
    "Origin: http://evil.example",
    "Sec-Fetch-Site: cross-site",
  ];
}

// ---------------------------------------------------------------- kinds

/** A method name that leads out of the methods, if names are walked. */
function traversal(name: string, history: string): Attack {
  return {
    name: `method name \`${name}\``,
    does: "reaches for what was never meant to be a method",
    history,
    body: () => call(name),
    harm: RESULT,
  };
}

/** A value that not every server can give back. */
function odd(
  name: string,
  value: string,
  faithful: RegExp,
  history: string,
): Attack {
  return {
    name,
    does: "is refused, or comes back as it was: anything else is silent loss",
    history,
    body: () => echo(value),
    faithful,
  };
}

const xml: readonly Attack[] = [
  {
    name: "billion laughs",
    does: "ten levels of entities, 20 GB when expanded",
    history: "libxml2 (CVE-2003-1564), WordPress and Drupal (CVE-2014-5265)",
    body: laughs,
    faithful: NOTHING,
  },
  {
    name: "quadratic blowup",
    does: "one entity of 50 kB, 20,000 times",
    history: "WordPress and Drupal (CVE-2014-5265)",
    body: (scale) =>
      withType(
        `[<!ENTITY a "${"a".repeat(50_000)}">]`,
        echo("&a;".repeat(scaled(20_000, scale))),
      ),
    faithful: NOTHING,
  },
  {
    name: "entity that is a file",
    does: "asks for /etc/passwd by an external entity",
    history: "Zend_XmlRpc (CVE-2012-3363)",
    body: () =>
      withType('[<!ENTITY a SYSTEM "file:///etc/passwd">]', echo("x&a;y")),
    faithful: NOTHING,
  },
  {
    name: "document type elsewhere",
    does: "makes the server fetch a DTD from another host",
    history: "Apache ws-xmlrpc (CVE-2016-5002)",
    body: () => withType('SYSTEM "http://127.0.0.1:9/evil.dtd"', echo("x")),
  },
  {
    name: "1e6 comments",
    does: "a value in a million pieces",
    history: "expat (CVE-2023-52425)",
    body: (scale) => echo("a<!---->".repeat(scaled(1e6, scale))),
  },
  {
    name: "1e6 references",
    does: "ampersands, and nothing else",
    history: "parsers that concatenate text",
    body: (scale) => echo("&amp;".repeat(scaled(1e6, scale))),
  },
  {
    name: "1e5 attributes",
    does: "one tag with that many attributes",
    history: "expat (CVE-2012-0876, CVE-2021-45960), Xerces (CVE-2012-0881)",
    body: (scale) => {
      const count = scaled(1e5, scale, 2000);
      const attributes = Array.from({ length: count }, (_, at) => ` a${at}=""`);
      return echo(`<string${attributes.join("")}>x</string>`);
    },
  },
  {
    name: "invalid UTF-8",
    does: "bytes that are no text",
    history: "expat (CVE-2022-25235)",
    body: () =>
      withBytes(echo("<string>a§b</string>"), [0xff, 0xc0, 0xaf, 0xed, 0xa0]),
    faithful: NOTHING,
  },
  {
    name: "NUL as a reference",
    does: "a character that XML does not have",
    history: "programs in C behind the server",
    body: () => echo("<string>a&#0;b</string>"),
    faithful: NOTHING,
  },
];

const sizes: readonly Attack[] = [
  {
    name: "1e5 levels",
    does: "arrays in arrays",
    history: "recursive decoders and encoders: the stack overflows",
    body: (scale) => nested(scaled(1e5, scale, 1000)),
    faithful: /(<array><data>\s*<value>){1000}/,
  },
  {
    name: "1e6 levels",
    does: "arrays in arrays, 43 MB of them",
    history: "recursive decoders and encoders: the stack overflows",
    body: (scale) => nested(scaled(1e6, scale, 1000)),
    faithful: /(<array><data>\s*<value>){1000}/,
  },
  {
    name: "1e6 unclosed elements",
    does: "3 MB of start tags that mean nothing",
    history: "parsers that keep a stack of names",
    body: (scale) => echo("<a>".repeat(scaled(1e6, scale))),
    faithful: NOTHING,
  },
  {
    name: "1e6 values",
    does: "one array of them, which comes back",
    history: "servers that hold a document several times over",
    body: (scale) =>
      echo(arrayOf("<value>1</value>".repeat(scaled(1e6, scale)))),
  },
  {
    name: "1e5 equal members",
    does: "a struct whose members have one name",
    history: "decoders that keep the last and lose the others",
    body: (scale) =>
      echo(
        `<struct>${member("a", "1").repeat(scaled(1e5, scale, 2))}</struct>`,
      ),
    faithful: NOTHING,
  },
  {
    name: "method name of 10 MB",
    does: "a name that ends up in messages and logs",
    history: "logs everywhere",
    body: (scale) => call("a".repeat(scaled(1e7, scale, 10_000))),
  },
  {
    name: "int of 1e7 digits",
    does: "a number whose conversion takes quadratic time",
    history: "Python (CVE-2020-10735)",
    body: (scale) =>
      echo(`<int>${"7".repeat(scaled(1e7, scale, 10_000))}</int>`),
    faithful: /7{10000}/,
  },
  {
    name: "double of 1e7 digits",
    does: "a number with more digits than it can hold",
    history: "Python (CVE-2020-10735)",
    body: (scale) =>
      echo(`<double>0.${"7".repeat(scaled(1e7, scale, 10_000))}</double>`),
  },
  {
    name: "date of 10 MB",
    does: "text that a backtracking pattern chokes on",
    history: "Ruby (CVE-2021-41817)",
    body: (scale) =>
      echo(
        `<dateTime.iso8601>19980717T14:08:55${
          "0".repeat(scaled(1e7, scale, 10_000))
        }</dateTime.iso8601>`,
      ),
    faithful: /0{10000}/,
  },
  {
    name: "body of 64 MiB",
    does: "one string, which comes back",
    history: "servers without a limit",
    body: (scale) => echo("a".repeat(scaled(2 ** 26, scale, 2 ** 24))),
  },
  {
    name: "gzip bomb",
    does: "256 KiB that become 256 MiB",
    history: "Python (CVE-2013-1753), Apache ws-xmlrpc (CVE-2016-5004)",
    body: (scale) => bomb("gzip", scaled(2 ** 28, scale, 2 ** 25)),
    headers: compressedHeaders("gzip"),
  },
  {
    name: "deflate bomb",
    does: "256 KiB that become 256 MiB",
    history: "Apache ws-xmlrpc (CVE-2016-5004)",
    body: (scale) => bomb("deflate", scaled(2 ** 28, scale, 2 ** 25)),
    headers: compressedHeaders("deflate"),
  },
];

const names: readonly Attack[] = [
  traversal(
    "vault.open",
    "SimpleXMLRPCServer with an instance (CVE-2005-0089)",
  ),
  traversal(
    "supervisor.supervisord.options.warnings.linecache.os.system",
    "supervisor (CVE-2017-11610): any command",
  ),
  traversal("echo.__class__.__init__", "cobbler (CVE-2018-10931)"),
  traversal("_dispatch", "cobbler (CVE-2018-10931): private methods"),
  traversal("constructor.constructor", "JavaScript: the way to `Function`"),
  traversal(
    "__proto__.toString",
    "JavaScript servers that look up `object[name]`",
  ),
  traversal("toString", "JavaScript servers that look up `object[name]`"),
  traversal("on", "npm servers that are event emitters"),
  {
    name: "CR LF in a method name",
    does: "adds a header, or a line to the log",
    history: "logs and headers everywhere",
    body: () => call("a&#13;&#10;Set-Cookie: evil=1"),
    // In the head: what stands in the body is text.
    harm: /^(?:(?!\r\n\r\n)[^])*\r\nset-cookie:/i,
  },
  {
    name: "script in a method name",
    does: "shows up in a page or a message",
    history: "Python's DocXMLRPCServer (CVE-2019-16935)",
    body: () => call("<![CDATA[<script>alert(1)</script>]]>"),
    harm: /<script>/,
  },
];

const multicalls: readonly Attack[] = [
  {
    name: "multicall in multicall",
    does: "three levels of it",
    history: "servers where a small request is a large tree of calls",
    body: () => {
      const add = subcall("add", "<value><int>20</int></value>".repeat(2));
      const inner = subcall(
        "system.multicall",
        `<value>${arrayOf(add)}</value>`,
      );
      const outer = subcall(
        "system.multicall",
        `<value>${arrayOf(inner)}</value>`,
      );
      return call("system.multicall", arrayOf(outer));
    },
    harm: />40</,
  },
  {
    name: "multicall of 1e5 calls",
    does: "many tries in one request",
    history: "WordPress: passwords guessed by the thousand, 2015",
    body: (scale) =>
      call(
        "system.multicall",
        arrayOf(subcall("x", "").repeat(scaled(1e5, scale, 2000))),
      ),
  },
];

const values: readonly Attack[] = [
  odd(
    "member `__proto__`",
    `<struct>${
      member("__proto__", `<struct>${member("a", "1")}</struct>`)
    }</struct>`,
    /<name>__proto__<\/name>/,
    "JavaScript: lodash (CVE-2019-10744) and many more",
  ),
  odd(
    "member `constructor.prototype`",
    `<struct>${
      member(
        "constructor",
        `<struct>${
          member("prototype", `<struct>${member("a", "1")}</struct>`)
        }</struct>`,
      )
    }</struct>`,
    /<name>prototype<\/name>/,
    "JavaScript: lodash (CVE-2019-10744) and many more",
  ),
  odd(
    "member `___class___`",
    `<struct>${member("___class___", "Gem::Installer")}</struct>`,
    /<name>___class___<\/name>/,
    "Ruby's xmlrpc: classes made by name",
  ),
  {
    name: "`ex:serializable`",
    does: "an object of Java, serialised",
    history:
      "Apache ws-xmlrpc (CVE-2016-5003, CVE-2019-17570), OFBiz (CVE-2020-9496)",
    body: () =>
      echo("<ex:serializable>rO0ABXNyAA==</ex:serializable>")
        .replace(
          "<methodCall>",
          '<methodCall xmlns:ex="http://ws.apache.org/xmlrpc/namespaces/extensions">',
        ),
    faithful: NOTHING,
  },
  odd(
    "double NaN",
    "<double>nan</double>",
    /nan/i,
    "code that compares with limits",
  ),
  odd(
    "double 1e999",
    "<double>1e999</double>",
    NOTHING,
    "it becomes infinity",
  ),
  odd(
    "int of 33 bits",
    "<int>4294967297</int>",
    /4294967297/,
    "servers in C: it becomes 1",
  ),
  odd(
    "int of 67 bits",
    "<int>99999999999999999999</int>",
    />99999999999999999999</,
    "JavaScript: it becomes another number",
  ),
  odd(
    "int with a tail",
    "<int>12abc</int>",
    NOTHING,
    "`atoi`, `parseInt`: it becomes 12",
  ),
  odd(
    "base64 with junk",
    "<base64>aGVsbG8=*?*d29ybGQ=</base64>",
    NOTHING,
    "lenient decoders: two filters read two things",
  ),
  {
    name: "method that fails",
    does: "throws an error that holds a secret",
    history: "CPython: the caller gets class and text of any error",
    body: () => call("fail"),
  },
];

const http: readonly Attack[] = [
  {
    name: "form as text/plain",
    does: "a form on another site calls a method",
    history: "every server on localhost or behind a firewall",
    body: () => call("add", "<int>20</int>", "<int>20</int>"),
    headers: formHeaders("text/plain"),
    harm: />40</,
  },
  {
    name: "form as x-www-form-urlencoded",
    does: "a form on another site calls a method",
    history: "every server on localhost or behind a firewall",
    body: () => call("add", "<int>20</int>", "<int>20</int>"),
    headers: formHeaders("application/x-www-form-urlencoded"),
    harm: />40</,
  },
  {
    name: "no Content-Length",
    does: "a body of no length, which is the next request for some",
    history: "CPython: an error of its own",
    body: () => echo("x"),
    headers: () => [XML],
  },
  {
    name: "two Content-Lengths",
    does: "two servers in a row read two requests",
    history: "proxies: request smuggling",
    body: () => echo("x"),
    headers: (length) => [...plainHeaders(length), lengthOf(0)],
    harm: RESULT,
  },
  {
    name: "Content-Length and chunks",
    does: "two servers in a row read two requests",
    history: "proxies: request smuggling",
    body: () => {
      const body = echo("x");
      return `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    },
    headers: (
      length,
    ) => [...plainHeaders(length), "Transfer-Encoding: chunked"],
  },
  {
    name: "Content-Length -1",
    does: "a length that no body has",
    history: "CPython: reads for as long as the caller stays",
    body: () => echo("x"),
    headers: () => [XML, lengthOf(-1)],
    manner: "hold",
  },
  {
    name: "body cut short, closed",
    does: "half of the bytes that were announced",
    history: "SimpleXMLRPCServer (CVE-2012-0845): an endless loop",
    body: () => echo("x"),
    headers: (length) => plainHeaders(2 * length),
    manner: "half-close",
  },
  {
    name: "body cut short, held",
    does: "half of the bytes that were announced, and then waits",
    history: "Slowloris (CVE-2007-6750)",
    body: () => echo("x"),
    headers: (length) => plainHeaders(2 * length),
    manner: "hold",
  },
  {
    name: "request that trickles",
    does: "a byte every 50 ms",
    history: "Slowloris (CVE-2007-6750)",
    body: () => echo("x".repeat(10_000)),
    manner: "trickle",
  },
  {
    name: "answer that nobody reads",
    does: "asks for 8 MB and leaves it in the socket",
    history: "servers with one thread",
    body: () => echo("a".repeat(8_000_000)),
    manner: "deaf",
  },
  {
    name: "10,000 headers",
    does: "a head without end",
    history: "servers without a limit",
    body: () => echo("x"),
    headers: (length) => [
      ...plainHeaders(length),
      ...Array.from({ length: 10_000 }, (_, at) => `X-${at}: a`),
    ],
  },
];

/** All of them. */
export const attacks: readonly Attack[] = [
  ...xml,
  ...sizes,
  ...names,
  ...multicalls,
  ...values,
  ...http,
];

// ---------------------------------------------------------------- judging

/** What an answer never holds, whatever was asked. */
const LEAK = new RegExp(
  `${SECRET}|Traceback|root:[^:]*:0:0|\\n\\s+at |File &?"|[a-z_]\\.(ts|py|js):\\d`,
);

/** An answer to a request, as far as one came. */
export interface Answer {
  /** The status; undefined if there was none. */
  readonly status: number | undefined;
  /** The head and the body, as text. */
  readonly text: string;
  /** Whether the time was over before the answer was. */
  readonly isLate: boolean;
}

/** What an answer to an attack means. */
export type Verdict =
  /** A status of its own, a fault, or a closed connection. */
  | "refused"
  /** A result that takes nothing from anyone. */
  | "answered"
  /** Nothing, for as long as it was waited for. */
  | "silent"
  /** A result that is not what was sent. */
  | "changed"
  /** The attack has got through. */
  | "harmed"
  /** The answer tells a secret, or where the program stands. */
  | "leaked";

/** Judges the answer to an attack. */
export function judge({ harm, faithful }: Attack, answer: Answer): Verdict {
  const { status, text, isLate } = answer;
  if (LEAK.test(text)) return "leaked";
  if (harm?.test(text)) return "harmed";
  if (status === undefined) return isLate ? "silent" : "refused";
  if (status !== 200 || text.includes("<fault>")) return "refused";
  if (faithful !== undefined && !faithful.test(text)) return "changed";
  return "answered";
}
