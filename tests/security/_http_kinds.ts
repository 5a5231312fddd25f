// Hostile requests to a server, and hostile answers to a client.

import { createClient } from "../../client.ts";
import { method } from "../../core/method.ts";
import {
  XmlRpcFault,
  XmlRpcHttpError,
  XmlRpcSyntaxError,
} from "../../core/errors.ts";
import { createServer } from "../../server.ts";
import {
  bytesOf,
  count,
  type DocumentKind,
  DOCUMENTS,
  fill,
} from "./_documents.ts";
import type { Kind } from "./_growth.ts";

const URL = "http://localhost/";
const MIB = 2 ** 20;

const LIMITS = {
  maxBodyBytes: Infinity,
  maxCalls: Infinity,
  maxValues: Infinity,
} as const;

// ---------------------------------------------------------------- the server

const server = createServer({
  echo: (...params: unknown[]) => params,
  // Of one struct of i8: what comes as an int is copied.
  convert: method(
    { params: [{ a: "i8" }], returns: "struct" },
    (value) => value,
  ),
  upload: method(
    { params: ["base64"], returns: "int", stream: true },
    async (bytes) => {
      let size = 0;
      for await (const chunk of bytes) size += chunk.length;
      return size;
    },
  ),
}, LIMITS);

/** Sends a document, and reads the answer; it must be one of XML-RPC. */
async function send(
  body: Uint8Array<ArrayBuffer>,
  headers: HeadersInit,
): Promise<void> {
  const request = new Request(URL, { method: "POST", body, headers });
  const response = await server.fetch(request);
  await response.bytes();
  if (response.status >= 500) throw new Error(`Status ${response.status}`);
}

/** A document of any kind to a method that gives back what it gets. */
function requestKind(kind: DocumentKind): Kind {
  return {
    name: `${kind.name}; to a server`,
    most: 4 * MIB,
    prepare: (bytes) => {
      const body = bytesOf(kind.make(bytes));
      const headers = { "content-type": kind.contentType ?? "text/xml" };
      return () => send(body, headers);
    },
  };
}

function documentOf(methodName: string, params: string): string {
  return `<methodCall><methodName>${methodName}</methodName><params>${params}</params></methodCall>`;
}

function multicall(entries: string): string {
  return documentOf(
    "system.multicall",
    `<param><value><array><data>${entries}</data></array></value></param>`,
  );
}

function entry(methodName: string, params: string): string {
  return `<value><struct><member><name>methodName</name><value>${methodName}</value></member>` +
    `<member><name>params</name><value><array><data>${params}</data></array></value></member></struct></value>`;
}

function bodyKind(name: string, make: (bytes: number) => string): Kind {
  return requestKind({ name, make });
}

/** A document with a struct of some kind in the place of a param. */
function structOfKind(name: string, bytes: number): string {
  const kind = DOCUMENTS.find((kind) => kind.name === name)!;
  return /<struct>.*<\/struct>/s.exec(String(kind.make(bytes)))![0];
}

const INDEXES = "members with near and far indexes in turn";

const BODIES: readonly Kind[] = [
  bodyKind(
    "calls in a multicall",
    (n) => multicall(fill(n, entry("echo", ""))),
  ),
  bodyKind(
    "calls of unknown methods in a multicall",
    (n) => multicall(count(n, (at) => entry(`no${at}`, ""))),
  ),
  bodyKind(
    "calls of multicall in a multicall",
    (n) => multicall(fill(n, entry("system.multicall", ""))),
  ),
  bodyKind("entries that are no calls", (n) => multicall(fill(n, "<value/>"))),
  bodyKind(
    "calls with names of 16 KiB in a multicall",
    (n) => multicall(count(n, (at) => entry("n".repeat(17_000) + at, ""))),
  ),
  bodyKind(
    "hostile indexes in a multicall",
    (n) =>
      multicall(entry("echo", `<value>${structOfKind(INDEXES, n)}</value>`)),
  ),
  bodyKind(
    "hostile indexes to be converted",
    (n) =>
      documentOf(
        "convert",
        `<param><value>${
          structOfKind(INDEXES, n).replace("<name>1</name>", "<name>a</name>")
            .replace("<value>1", "<value><int>1</int>")
        }</value></param>`,
      ),
  ),
  bodyKind(
    "names of 16 KiB to be described",
    (n) =>
      documentOf(
        "system.describeMethods",
        `<param><value><array><data>${
          count(n, (at) => `<value>${"n".repeat(17_000)}${at}</value>`)
        }</data></array></value></param>`,
      ),
  ),
  bodyKind("a long method name", (n) => documentOf(fill(n, "a."), "")),
  bodyKind(
    "params for a method that takes one",
    (n) => documentOf("convert", fill(n, "<param><value/></param>")),
  ),
  bodyKind(
    "base64 to a method that reads a stream",
    (n) =>
      documentOf(
        "upload",
        `<param><value><base64>${fill(n, "AAAA\n")}</base64></value></param>`,
      ),
  ),
  bodyKind(
    "base64 with references to a method that reads a stream",
    (n) =>
      documentOf(
        "upload",
        `<param><value><base64>${fill(n, "AAA&#65;")}</base64></value></param>`,
      ),
  ),
];

const CALL = bytesOf(
  documentOf("echo", `<param><value>${"a".repeat(5000)}</value></param>`),
);

function headerKind(
  name: string,
  header: string,
  make: (n: number) => string,
): Kind {
  return {
    name: `${name}; in a header`,
    prepare: (bytes) => {
      const headers = new Headers({ "content-type": "text/xml" });
      headers.set(header, make(bytes));
      return () => send(CALL, headers);
    },
  };
}

const HEADERS: readonly Kind[] = [
  headerKind(
    "Content-Type of spaces",
    "content-type",
    (n) => `text/xml; ${fill(n, "  ")}x`,
  ),
  headerKind(
    "Content-Type of semicolons",
    "content-type",
    (n) => `text/xml${fill(n, "; ")}`,
  ),
  headerKind(
    "Content-Type of charsets",
    "content-type",
    (n) => `text/xml${fill(n, "; charset =")}`,
  ),
  headerKind(
    "Content-Type with a charset in quotes",
    "content-type",
    (n) => `text/xml; charset="${fill(n, "u")}`,
  ),
  headerKind(
    "Content-Type with open quotes",
    "content-type",
    (n) => `text/xml${fill(n, ';charset="a')}`,
  ),
  headerKind(
    "Content-Type that is no XML",
    "content-type",
    (n) => `${fill(n, "text/")}+xml+`,
  ),
  headerKind(
    "Accept-Encoding",
    "accept-encoding",
    (n) => count(n, (at) => `c${at};q=0.${at}, `),
  ),
  headerKind(
    "Accept-Encoding of commas",
    "accept-encoding",
    (n) => fill(n, ",;"),
  ),
  headerKind("Content-Encoding", "content-encoding", (n) => fill(n, "gzip, ")),
  headerKind(
    "Authorization",
    "authorization",
    (n) => `Basic ${fill(n, "AAAA")}`,
  ),
  headerKind("Content-Length", "content-length", (n) => fill(n, "9")),
];

// ---------------------------------------------------------------- the client

const CLIENT_ERRORS = [XmlRpcFault, XmlRpcHttpError, XmlRpcSyntaxError];

async function allowed(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!CLIENT_ERRORS.some((known) => error instanceof known)) throw error;
  }
}

/** An answer to a client. */
function answerKind(
  name: string,
  make: (
    bytes: number,
  ) => { readonly body: string; readonly init?: ResponseInit },
  calls = 1,
): Kind {
  return {
    name: `${name}; to a client`,
    prepare: (bytes) => {
      const { body, init } = make(bytes);
      const client = createClient(URL, {
        maxResponseBytes: Infinity,
        fetch: () =>
          Promise.resolve(
            new Response(body, {
              headers: { "content-type": "text/xml" },
              ...init,
            }),
          ),
      });
      const list = Array.from(
        { length: calls },
        (_, at) => [`method${at}`, []] as [string, unknown[]],
      );
      return () =>
        allowed(
          calls === 1 ? client.call("method", []) : client.multicall(list),
        );
    },
  };
}

function fault(code: number, text: string, more = ""): string {
  return `<methodResponse><fault><value><struct>` +
    `<member><name>faultCode</name><value><int>${code}</int></value></member>` +
    `<member><name>faultString</name><value>${text}</value></member>${more}` +
    `</struct></value></fault></methodResponse>`;
}

const ANSWERS: readonly Kind[] = [
  answerKind(
    "a fault with words",
    // The last word is that of a call: else each would be made alone.
    (n) => ({
      body: fault(-32601, `${count(n, (at) => `w${at} `)}method999`),
    }),
    1000,
  ),
  answerKind(
    "a fault with multicall and spaces",
    (n) => ({ body: fault(1, `multicall${fill(n, " ")}`) }),
    2,
  ),
  answerKind(
    "a fault with multicalls",
    (n) => ({ body: fault(1, fill(n, "multicall is not ")) }),
    2,
  ),
  answerKind(
    "a fault with no such methods",
    (n) => ({ body: fault(1, fill(n, "no such method ")) }),
    2,
  ),
  answerKind("a fault with hostile indexes", (n) => ({
    body: fault(
      1,
      "no",
      structOfKind(INDEXES, n).slice("<struct>".length, -"</struct>".length),
    ),
  })),
  answerKind(
    "a fault that cannot be read",
    (n) => ({
      body: fault(1, "<array><data>" + fill(n, "<value/>") + "</data></array>"),
    }),
  ),
  answerKind("a faultCode of spaces", (n) => ({
    body: fault(1, "no").replace("<int>1</int>", `${fill(n, " ")}x`),
  })),
  answerKind("a web page", (n) => ({
    body: `${fill(n, " ")}<html>`,
    init: { headers: { "content-type": "text/plain" } },
  })),
  answerKind("a web page with status 500", (n) => ({
    body: `<html>${fill(n, "<!doctype ")}`,
    init: { status: 500, headers: { "content-type": "text/html" } },
  })),
  answerKind("a long status text and Content-Type", (n) => ({
    body: "x",
    init: {
      status: 500,
      statusText: fill(n, "no "),
      headers: { "content-type": `x/${fill(n, "y")}` },
    },
  })),
];

/** User name and password of a client's URL. */
const CREDENTIALS: Kind = {
  name: "percent signs in the credentials of a URL",
  most: MIB,
  prepare: (bytes) => {
    const url = `http://${fill(bytes, "%e4")}:${fill(bytes, "%")}@localhost/`;
    return () => createClient(url);
  },
};

/** Requests and answers. */
export const HTTP: readonly Kind[] = [
  ...DOCUMENTS.filter(({ raised }) => raised === undefined).map(requestKind),
  ...BODIES,
  ...HEADERS,
  ...ANSWERS,
  CREDENTIALS,
];
