// The server in process: requests go straight to its `fetch`.

import {
  createClient,
  decodeResponse,
  encodeCall,
  FaultCode,
  XmlRpcFault,
} from "../../mod.ts";
import { assert, assertEquals, rejection } from "./_assert.ts";
import { type Check, Unsupported } from "./_check.ts";
import { type Service, service } from "./_service.ts";

const client = createClient<Service>("http://localhost/RPC2", {
  fetch: service.fetch,
});

interface Init {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
}

/** What the server answers to a request that no client of ours would send. */
function post(body: BodyInit | null, init: Init = {}): Promise<Response> {
  const { method = "POST", headers } = init;
  return service.fetch(
    new Request("http://localhost/RPC2", {
      method,
      headers: { "content-type": "text/xml", ...headers },
      body,
      // For bodies that are streams. Not in the types of every runtime.
      duplex: "half",
    } as RequestInit),
  );
}

async function bytesOf(stream: ReadableStream | Blob): Promise<Uint8Array> {
  const response = new Response(stream as BodyInit);
  return new Uint8Array(await response.arrayBuffer());
}

/** The code of the fault in an answer. */
async function faultOf(response: Response): Promise<number> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  try {
    decodeResponse(bytes);
  } catch (error) {
    if (error instanceof XmlRpcFault) return error.code;
    throw error;
  }
  throw new Error("Expected a fault");
}

function compress(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array> {
  return new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
}

async function readsGzip(): Promise<void> {
  const body = await bytesOf(compress(encodeCall("greet", ["Ada"])));
  const headers = { "content-encoding": "gzip" };
  const response = await post(body as BodyInit, { headers });
  const document = new Uint8Array(await response.arrayBuffer());
  assertEquals(decodeResponse(document), "Grüße, Ada 😀");
  const broken = await post(body.slice(0, -9) as BodyInit, { headers });
  assertEquals(broken.status, 400);
}

async function writesGzip(): Promise<void> {
  const headers = { "accept-encoding": "gzip" };
  if (
    !new Request("http://localhost/", { headers }).headers.has(
      "accept-encoding",
    )
  ) {
    throw new Unsupported("does not let a page set Accept-Encoding");
  }
  const response = await post(encodeCall("long", [2_000]), { headers });
  assertEquals(response.headers.get("content-encoding"), "gzip");
  const packed = await bytesOf(response.body!);
  assert(packed.length < 1_000, `Packed to ${packed.length} bytes`);
  const document = await bytesOf(
    new Blob([packed as BlobPart]).stream()
      .pipeThrough(new DecompressionStream("gzip")),
  );
  assertEquals(decodeResponse(document), "long ".repeat(2_000));
}

async function keepsLimits(): Promise<void> {
  const long = encodeCall("echo", ["x".repeat(1_000_001)]);
  assertEquals((await post(long)).status, 413);
  const deep = "<array><data><value>".repeat(300) +
    "</value></data></array>".repeat(300);
  const call = `<methodCall><methodName>echo</methodName><params><param>` +
    `<value>${deep}</value></param></params></methodCall>`;
  assertEquals(await faultOf(await post(call)), FaultCode.invalidRequest);
}

async function refusesNonsense(): Promise<void> {
  assertEquals((await post(null, { method: "GET" })).status, 405);
  const headers = { "content-type": "application/json" };
  assertEquals((await post("{}", { headers })).status, 415);
  assertEquals(await faultOf(await post("<x")), FaultCode.parseError);
  const unknown = await post(encodeCall("no.such"));
  assertEquals(await faultOf(unknown), FaultCode.methodNotFound);
}

async function answersFaults(): Promise<void> {
  const fault = await rejection(client.methods.fail());
  assert(fault instanceof XmlRpcFault, `Got ${fault}`);
  assertEquals([fault.code, fault.message], [4, "Too many parameters"]);
  const crash = await rejection(client.methods.crash());
  assertEquals(crash.message, "Internal error");
  // deno-lint-ignore no-explicit-any
  const wrong = await rejection(client.call("math.add", ["a", 1] as any));
  assertEquals(wrong.message, "params[0]: expected int, got string");
}

async function runsMulticall(): Promise<void> {
  const results = await client.multicall([
    ["math.add", [1, 2]],
    ["fail", []],
    ["greet", ["Ada"]],
  ]);
  assertEquals(results.map(({ status }) => status), [
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
}

async function tellsOfItself(): Promise<void> {
  const names = await client.call("system.listMethods" as never, [] as never);
  assert((names as string[]).includes("math.add"), `Got ${names}`);
  assertEquals(
    await client.call("system.methodSignature" as never, ["math.add"] as never),
    [["int", "int", "int"]],
  );
  assertEquals(
    await client.call("system.methodHelp" as never, ["math.add"] as never),
    "Adds.",
  );
}

/** A request's stream reaches the method that reads one, whole. */
async function takesUpload(): Promise<void> {
  const bytes = new Uint8Array(300_000).fill(1);
  const uploaded = await client.call("upload", ["a", new Blob([bytes])]);
  assertEquals((uploaded as { size: number }).size, 300_000);
  const streamed = new Blob([encodeCall("upload", ["a", bytes])]).stream();
  const response = await post(streamed);
  const document = new Uint8Array(await response.arrayBuffer());
  assertEquals(decodeResponse(document), uploaded);
}

async function givesStreams(): Promise<void> {
  const bytes = await bytesOf(await client.stream("download", [10]));
  assertEquals(bytes.length, 655_360);
  assertEquals([bytes[0], bytes[655_359]], [0, 9]);
  const blob = await client.call("blob", []) as unknown as Uint8Array;
  assertEquals([blob.length, blob[99_999]], [100_000, 7]);
  const ids: number[] = [];
  for await (const { id } of client.items("rows", [5])) ids.push(id);
  assertEquals(ids, [0, 1, 2, 3, 4]);
}

/** The checks of the server. */
export const serverChecks: readonly Check[] = [
  { name: "server: faults", run: answersFaults },
  { name: "server: multicall", run: runsMulticall },
  { name: "server: introspection", run: tellsOfItself },
  { name: "server: a compressed request", run: readsGzip },
  { name: "server: a compressed response", run: writesGzip },
  { name: "server: limits", run: keepsLimits },
  { name: "server: what is no call is refused", run: refusesNonsense },
  { name: "server: an upload is streamed to its method", run: takesUpload },
  { name: "server: results are streamed, item by item too", run: givesStreams },
];
