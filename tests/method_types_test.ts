// Compile-time tests of signatures: what is wrong here is found by `deno check`.

import { assertEquals } from "@std/assert";
import {
  createClient,
  type XmlRpcMethodsProxy,
  type XmlRpcResult,
} from "../client.ts";
import {
  createServer,
  method,
  methodsOf,
  type XmlRpcContext,
} from "../server.ts";
import { dateTime, double, i8, type XmlRpcTyped } from "../core/typed.ts";
import {
  optional,
  type XmlRpcInputOf,
  type XmlRpcOptional,
  type XmlRpcValueOf,
} from "../core/types.ts";
import type {
  XmlRpcBytes,
  XmlRpcNumber,
  XmlRpcReceived,
  XmlRpcSendable,
  XmlRpcValue,
} from "../core/value.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;
type Expect<T extends true> = T;

// ---------------------------------------------------------------- values of types

export type Values = [
  Expect<Equal<XmlRpcValueOf<"int">, number>>,
  Expect<Equal<XmlRpcValueOf<"i8">, bigint>>,
  Expect<Equal<XmlRpcValueOf<"dateTime.iso8601">, Date>>,
  Expect<Equal<XmlRpcValueOf<"nil">, null>>,
  Expect<Equal<XmlRpcValueOf<"any">, XmlRpcValue>>,
  Expect<Equal<XmlRpcValueOf<"array">, XmlRpcValue[]>>,
  Expect<Equal<XmlRpcValueOf<readonly ["double"]>, number[]>>,
  Expect<Equal<XmlRpcValueOf<readonly [readonly ["i8"]]>, bigint[][]>>,
  Expect<
    Equal<
      XmlRpcValueOf<
        {
          readonly id: "int";
          readonly tags: readonly ["string"];
          readonly note: XmlRpcOptional<"string">;
        }
      >,
      { id: number; tags: string[]; note?: string }
    >
  >,
];

export type Inputs = [
  Expect<Equal<XmlRpcInputOf<"i8">, bigint | number>>,
  Expect<Equal<XmlRpcInputOf<"nil">, null | undefined | void>>,
  Expect<
    Equal<
      XmlRpcInputOf<"dateTime.iso8601">,
      Date | XmlRpcTyped<"dateTime.iso8601"> | string
    >
  >,
  Expect<Equal<XmlRpcInputOf<readonly ["i8"]>, readonly (bigint | number)[]>>,
  Expect<
    Equal<
      XmlRpcInputOf<{ readonly n: "i8"; readonly o: XmlRpcOptional<"int"> }>,
      { readonly n: bigint | number; readonly o?: number | undefined }
    >
  >,
];

// ---------------------------------------------------------------- handlers

const server = createServer({
  math: {
    divide: method(
      { params: ["double", "double"], returns: "double", help: "Divides." },
      (dividend, divisor) => {
        const _types: [number, number] = [dividend, divisor];
        return dividend / divisor;
      },
    ),
  },
  rows: method(
    {
      params: [[{ id: "int", note: optional("string") }], optional("i8")],
      returns: { next: "i8", tags: ["string"] },
    },
    (rows, limit = 5n) => {
      const _limit: bigint = limit;
      const [first] = rows;
      const _note: string | undefined = first?.note;
      return Promise.resolve({ next: first?.id ?? 0, tags: ["a"] });
    },
  ),
  whoami: method({ params: [], returns: "string" }, function () {
    const { methodName }: XmlRpcContext = this;
    return methodName;
  }),
  store: method({ params: ["base64"], returns: "nil" }, async (_bytes) => {}),
  fewer: method({ params: ["int", "int"], returns: "int" }, (x) => x),
  either: method([
    { params: ["int"], returns: "int" },
    { params: ["string", "int"], returns: "string" },
  ], (value, _times?) => value),
});
type Api = typeof server.methods;

const { methods } = createClient<Api>("http://localhost/", {
  fetch: server.fetch,
});

export type Clients = [
  Expect<
    Equal<
      typeof methods.math.divide,
      (
        dividend: XmlRpcNumber,
        divisor: XmlRpcNumber,
      ) => Promise<number>
    >
  >,
  Expect<
    Equal<
      typeof methods.rows,
      (
        rows: readonly {
          readonly id: XmlRpcNumber;
          readonly note?: string | undefined;
        }[],
        limit?: XmlRpcSendable<bigint | number>,
      ) => Promise<{ next: bigint; tags: string[] }>
    >
  >,
  Expect<Equal<typeof methods.whoami, () => Promise<string>>>,
  Expect<
    Equal<
      typeof methods.store,
      (bytes: XmlRpcBytes) => Promise<null>
    >
  >,
  Expect<
    Equal<
      typeof methods.either,
      (
        ...params: [XmlRpcNumber] | [string, XmlRpcNumber]
      ) => Promise<number | string>
    >
  >,
  Expect<Equal<XmlRpcResult<Api["rows"]>, { next: bigint; tags: string[] }>>,
  // The context does not leak out.
  Expect<Equal<ThisParameterType<Api["whoami"]>, unknown>>,
];

// A wrong return is an error at the return.
method({ params: ["int"], returns: "string" }, (x) =>
  // @ts-expect-error a number is not a string
  x + 1);
method(
  { params: ["int"], returns: { id: "int" } },
  (x) => ({
    // @ts-expect-error a string is not an int
    id: `${x}`,
  }),
);
// @ts-expect-error an async handler resolves to what is declared, too
method({ params: [], returns: "string" }, async () => await Promise.resolve(1));
// @ts-expect-error a handler cannot take more than is declared
method({ params: ["int"], returns: "int" }, (x: number, y: number) => x + y);
// @ts-expect-error nor something else
method({ params: ["int"], returns: "int" }, (x: string) => x.length);
method({
  // @ts-expect-error there is no such type
  params: ["dubble"],
  returns: "int",
}, () => 1);
method({
  params: [],
  // @ts-expect-error an array has one type of items
  returns: ["int", "string"],
}, () => []);

Deno.test("a client of signatures calls as its types say", async () => {
  assertEquals(await methods.math.divide(6, 2), 3);
  assertEquals(await methods.rows([{ id: 3 }]), { next: 3n, tags: ["a"] });
  assertEquals(await methods.either("a", 2), "a");
  assertEquals(await methods.fewer(1, 2), 1);
  // @ts-expect-error a string is not a double
  methods.math.divide("6", 2).catch(() => {});
  // @ts-expect-error a param is missing
  methods.math.divide(6).catch(() => {});
  // @ts-expect-error one signature or the other
  methods.either(1, 2).catch(() => {});
});

// ---------------------------------------------------------------- methodsOf

class Service {
  readonly size = 5;
  add(x: number, y: number): number {
    return x + y;
  }
  _hidden(): void {}
  get computed(): number {
    return 1;
  }
  toString(): string {
    return "";
  }
}

const ofService = methodsOf(new Service());

export type Services = [
  Expect<Equal<keyof typeof ofService, "add">>,
  Expect<Equal<typeof ofService.add, (x: number, y: number) => number>>,
];

Deno.test("a client of an object's methods calls as its types say", async () => {
  const { fetch, methods: served } = createServer(ofService);
  const client = createClient<typeof served>("http://localhost/", { fetch });
  assertEquals(await client.methods.add(8, 8), 16);
  // @ts-expect-error it is not public
  client.methods._hidden?.().catch(() => {});
});

// ---------------------------------------------------------------- across the wire

export type Received = [
  Expect<Equal<XmlRpcReceived<XmlRpcTyped<"double">>, number>>,
  Expect<Equal<XmlRpcReceived<XmlRpcTyped<"i8">>, bigint>>,
  Expect<Equal<XmlRpcReceived<XmlRpcTyped<"dateTime.iso8601">>, Date>>,
  Expect<Equal<XmlRpcReceived<ArrayBuffer | Blob>, Uint8Array<ArrayBuffer>>>,
  Expect<Equal<XmlRpcReceived<AsyncIterable<Blob>>, Uint8Array<ArrayBuffer>[]>>,
  Expect<Equal<XmlRpcReceived<XmlRpcValue>, XmlRpcValue>>,
  Expect<Equal<XmlRpcReceived<unknown>, unknown>>,
  Expect<
    Equal<
      XmlRpcReceived<
        { readonly a: XmlRpcTyped<"int">[]; b?: [Date, ArrayBuffer] }
      >,
      { readonly a: number[]; b?: [Date, Uint8Array<ArrayBuffer>] }
    >
  >,
];

export type Sendable = [
  Expect<Equal<XmlRpcSendable<number>, XmlRpcNumber>>,
  Expect<Equal<XmlRpcSendable<1 | 2>, 1 | 2>>,
  Expect<Equal<XmlRpcSendable<"a" | null>, "a" | null>>,
  Expect<Equal<XmlRpcSendable<Uint8Array>, XmlRpcBytes>>,
  Expect<Equal<XmlRpcSendable<ReadableStream<Uint8Array>>, XmlRpcBytes>>,
  Expect<Equal<XmlRpcSendable<unknown>, unknown>>,
  Expect<Equal<XmlRpcSendable<string[]>, readonly string[]>>,
  Expect<
    Equal<
      XmlRpcSendable<{ x: number; y?: string }>,
      { readonly x: XmlRpcNumber; readonly y?: string | undefined }
    >
  >,
];

interface Foreign {
  half(x: number): number;
  when(date: Date): string;
  put(name: string, bytes: Uint8Array): void;
  rows(): { id: number; data: Uint8Array }[];
  version: string;
}

Deno.test("a client of an interface sends wrappers, Blobs and streams without a cast", async () => {
  const { fetch } = createServer({
    half: (x: number) => double(x / 2),
    when: (date: Date) => date.toISOString(),
    put(_name: string, _bytes: Uint8Array): void {},
    async *rows() {
      yield { id: 1, data: new Blob(["a"]) };
    },
  });
  const { methods, call, stream, items } = createClient<Foreign>(
    "http://localhost/",
    { fetch },
  );
  const half: number = await methods.half(double(3));
  assertEquals(half, 1.5);
  await methods.when(dateTime("19980717T14:08:55"));
  await methods.put("a", new Blob(["a"]));
  await call("put", ["a", new Blob(["a"]).stream()]);
  for await (const { id, data } of items("rows")) {
    const _types: [number, Uint8Array] = [id, data];
    assertEquals([id, data.length], [1, 1]);
  }
  // @ts-expect-error it is not a method
  methods.version?.charAt?.(0).catch(() => {});
  // @ts-expect-error nor is a member of it
  call("version.charAt", [0]).catch(() => {});
  const _stream: typeof stream = stream;
});

const plain = createServer({
  half: (x: number) => double(x / 2),
  file: () => new Blob(["a"]),
  rows: async function* () {
    yield { id: i8(1) };
  },
});
type PlainClient = XmlRpcMethodsProxy<typeof plain.methods>;

export type Plain = [
  Expect<
    Equal<PlainClient["half"], (x: XmlRpcNumber) => Promise<number>>
  >,
  Expect<Equal<PlainClient["file"], () => Promise<Uint8Array<ArrayBuffer>>>>,
  Expect<Equal<PlainClient["rows"], () => Promise<{ id: bigint }[]>>>,
];

// A handler of a stream gets one, and its callers may send whatever becomes bytes.
const streaming = createServer({
  put: method(
    { params: ["string", "base64"], returns: "int", stream: true },
    async (name, bytes) => {
      const _bytes: ReadableStream<Uint8Array<ArrayBuffer>> = bytes;
      return name.length + (await new Response(bytes).bytes()).length;
    },
  ),
  list: method({ params: [], returns: [{ id: "i8" }] }, async function* () {
    yield { id: 1 };
  }),
});

export type Streaming = [
  Expect<
    Equal<
      XmlRpcMethodsProxy<typeof streaming.methods>["put"],
      (name: string, bytes: XmlRpcBytes) => Promise<number>
    >
  >,
  Expect<
    Equal<
      XmlRpcMethodsProxy<typeof streaming.methods>["list"],
      () => Promise<{ id: bigint }[]>
    >
  >,
];
