// Compile-time tests: what is wrong here is found by `deno check`.

import type { XmlRpcNumber } from "../core/value.ts";
import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import {
  createClient,
  type XmlRpcAnyMethods,
  type XmlRpcCallArguments,
  type XmlRpcClient,
  type XmlRpcClientCall,
  type XmlRpcClientInterceptor,
  type XmlRpcClientOptions,
  type XmlRpcMethodName,
  type XmlRpcMethodOf,
  type XmlRpcMethodsProxy,
  type XmlRpcMulticallCall,
  type XmlRpcMulticallResults,
  type XmlRpcParams,
  type XmlRpcResult,
} from "../client.ts";
import {
  createServer,
  type XmlRpcContext,
  type XmlRpcMethods,
  type XmlRpcServer,
} from "../server.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;
type Expect<T extends true> = T;
type Not<T extends boolean> = T extends true ? false : true;

/** A type-level claim as a value, so that the test below can name it. */
function holds<T extends true>(claim: T): T {
  return claim;
}

const server = createServer({
  get_string: (text: string): string => `get string:${text}`,
  math: {
    add: (x: number, y: number): number => x + y,
    deep: { half: (x: number): Promise<number> => Promise.resolve(x / 2) },
  },
  "dotted.name": (flag: boolean): boolean => !flag,
  "dotted.group": { inner: (): string => "inner" },
  optional: (a: string, b?: number): string => `${a}${b}`,
  allOptional: (a?: string): string => `${a}`,
  rest: (first: string, ...others: number[]): number =>
    first.length + others.length,
  onlyRest: (...all: number[]): number => all.length,
  nothing(): void {},
  async later(): Promise<void> {},
  maybe: (found: boolean): string | undefined => found ? "x" : undefined,
  nil: (): null => null,
  date: (): Date => new Date(0),
  union: (x: number | string): number | string => x,
  tuple: (...pair: [x: number, y: string]): [number, string] => pair,
  unknowing: (x: unknown): unknown => x,
  path(): string {
    return new URL(this.request.url).pathname;
  },
  name: function (suffix: string): string {
    return this.methodName + suffix;
  },
  context: {
    aborted(): boolean {
      return this.signal.aborted;
    },
    deep: {
      name: function (): string {
        return this.methodName;
      },
    },
  },
});
type Api = typeof server.methods;

interface Supervisor {
  readonly supervisor: {
    getState(): { readonly statecode: number; readonly statename: string };
    stopProcess(name: string, wait?: boolean): boolean;
  };
  ping(): Promise<void>;
}

type FullNames =
  | "get_string"
  | "math.add"
  | "math.deep.half"
  | "dotted.name"
  | "dotted.group.inner"
  | "optional"
  | "allOptional"
  | "rest"
  | "onlyRest"
  | "nothing"
  | "later"
  | "maybe"
  | "nil"
  | "date"
  | "union"
  | "tuple"
  | "unknowing"
  | "path"
  | "name"
  | "context.aborted"
  | "context.deep.name";

type ResultOf<Name extends string> = XmlRpcResult<XmlRpcMethodOf<Api, Name>>;
type ParamsOf<Name extends string> = XmlRpcParams<XmlRpcMethodOf<Api, Name>>;
type ArgumentsOf<Name extends string> = XmlRpcCallArguments<ParamsOf<Name>>;

// ---------------------------------------------------------------- names

export type Names = [
  Expect<Equal<XmlRpcMethodName<Api>, FullNames>>,
  Expect<
    Equal<
      XmlRpcMethodName<Supervisor>,
      "supervisor.getState" | "supervisor.stopProcess" | "ping"
    >
  >,
  Expect<Equal<XmlRpcMethodName<XmlRpcAnyMethods>, string>>,
  Expect<Equal<XmlRpcMethodName<Record<string, () => void>>, string>>,
  // deno-lint-ignore no-explicit-any
  Expect<Equal<XmlRpcMethodName<any>, string>>,
  Expect<Equal<XmlRpcMethodName<Record<never, never>>, never>>,
];

export type Methods = [
  Expect<
    Equal<XmlRpcMethodOf<Api, "math.add">, (x: number, y: number) => number>
  >,
  Expect<Equal<XmlRpcMethodOf<Api, "dotted.name">, (flag: boolean) => boolean>>,
  Expect<Equal<XmlRpcMethodOf<Api, "dotted.group.inner">, () => string>>,
  Expect<Equal<XmlRpcMethodOf<Supervisor, "ping">, () => Promise<void>>>,
  Expect<Equal<XmlRpcMethodOf<Api, "none">, never>>,
  Expect<Equal<XmlRpcMethodOf<Api, "math.none">, never>>,
];

interface Evolving {
  maybe?(x: number): string;
  readonly group?: { inner(): number; deeper?: { half?(x: number): number } };
}

export type Optionals = [
  Expect<
    Equal<
      XmlRpcMethodName<Evolving>,
      "maybe" | "group.inner" | "group.deeper.half"
    >
  >,
  Expect<Equal<XmlRpcMethodOf<Evolving, "maybe">, (x: number) => string>>,
  Expect<Equal<XmlRpcMethodOf<Evolving, "group.inner">, () => number>>,
  Expect<
    Equal<
      XmlRpcMethodsProxy<Evolving>["maybe"],
      (x: XmlRpcNumber) => Promise<string>
    >
  >,
  Expect<
    Equal<
      XmlRpcMethodsProxy<Evolving>["group"]["deeper"]["half"],
      (x: XmlRpcNumber) => Promise<number>
    >
  >,
];

// ---------------------------------------------------------------- params

export type Params = [
  Expect<
    Equal<ParamsOf<"math.add">, readonly [x: XmlRpcNumber, y: XmlRpcNumber]>
  >,
  Expect<
    Equal<
      ParamsOf<"optional">,
      readonly [a: string, b?: XmlRpcNumber | undefined]
    >
  >,
  Expect<
    Equal<ParamsOf<"rest">, readonly [first: string, ...others: XmlRpcNumber[]]>
  >,
  Expect<Equal<ParamsOf<"onlyRest">, readonly XmlRpcNumber[]>>,
  Expect<Equal<ParamsOf<"path">, readonly []>>,
  Expect<Equal<ParamsOf<"name">, readonly [suffix: string]>>,
  Expect<Equal<ParamsOf<"tuple">, readonly [x: XmlRpcNumber, y: string]>>,
  Expect<Equal<XmlRpcParams<string>, never>>,
];

export type Arguments = [
  Expect<
    Equal<
      ArgumentsOf<"math.add">,
      [
        params: readonly [x: XmlRpcNumber, y: XmlRpcNumber],
        options?: XmlRpcClientOptions,
      ]
    >
  >,
  Expect<
    Equal<
      ArgumentsOf<"nothing">,
      [params?: readonly [], options?: XmlRpcClientOptions]
    >
  >,
  Expect<
    Equal<
      ArgumentsOf<"allOptional">,
      [
        params?: readonly [a?: string | undefined],
        options?: XmlRpcClientOptions,
      ]
    >
  >,
  Expect<
    Equal<
      ArgumentsOf<"onlyRest">,
      [params?: readonly XmlRpcNumber[], options?: XmlRpcClientOptions]
    >
  >,
];

// ---------------------------------------------------------------- results

export type Results = [
  Expect<Equal<ResultOf<"get_string">, string>>,
  Expect<Equal<ResultOf<"math.deep.half">, number>>,
  Expect<Equal<ResultOf<"nothing">, null>>,
  Expect<Equal<ResultOf<"later">, null>>,
  Expect<Equal<ResultOf<"maybe">, string | null>>,
  Expect<Equal<ResultOf<"nil">, null>>,
  Expect<Equal<ResultOf<"date">, Date>>,
  Expect<Equal<ResultOf<"union">, number | string>>,
  Expect<Equal<ResultOf<"tuple">, [number, string]>>,
  Expect<Equal<ResultOf<"unknowing">, unknown>>,
  Expect<Equal<XmlRpcResult<() => Promise<Promise<number>>>, number>>,
  Expect<Equal<XmlRpcResult<() => undefined>, null>>,
  Expect<Equal<XmlRpcResult<() => never>, never>>,
  Expect<Equal<XmlRpcResult<(x: string) => boolean>, boolean>>,
  Expect<Equal<XmlRpcResult<string>, never>>,
  // deno-lint-ignore no-explicit-any
  Expect<Equal<XmlRpcResult<any>, any>>,
  // deno-lint-ignore no-explicit-any
  Expect<Equal<XmlRpcResult<() => any>, any>>,
];

// ---------------------------------------------------------------- recursive types

/** What holds itself, as the values of many servers do. */
type Json = string | number | Json[] | { [name: string]: Json };

interface Tree {
  readonly name: string;
  readonly children: readonly Tree[];
}

interface RecursiveApi {
  json(value: Json): Json;
  tree(tree: Tree): [depth: number, tree: Tree];
}

/** Checked alone. */
export async function callRecursive(
  { methods }: XmlRpcClient<RecursiveApi>,
): Promise<void> {
  const json: Json = await methods.json([{ a: [1, "x"] }]);
  await methods.json(json);
  // @ts-expect-error A boolean is not one of them.
  await methods.json([true]);
  const [depth, tree] = await methods.tree({ name: "a", children: [] });
  const name: string = tree.children[0]?.children[depth]?.name ?? "a";
  // @ts-expect-error The children of children are trees, too.
  await methods.tree({ name, children: [{ name: "b", children: [1] }] });
}

// ---------------------------------------------------------------- proxies

interface Reserved {
  then(): string;
  toJSON(): string;
  catch(): string;
  readonly group: { then(): string; $other(): string };
}
type Proxied = XmlRpcMethodsProxy<Api>;

export type Proxies = [
  Expect<
    Equal<
      Proxied["math"]["add"],
      (x: XmlRpcNumber, y: XmlRpcNumber) => Promise<number>
    >
  >,
  Expect<Equal<Proxied["dotted.name"], (flag: boolean) => Promise<boolean>>>,
  Expect<Equal<Proxied["dotted.group"]["inner"], () => Promise<string>>>,
  Expect<
    Equal<Proxied["optional"], (a: string, b?: XmlRpcNumber) => Promise<string>>
  >,
  Expect<
    Equal<
      Proxied["rest"],
      (first: string, ...others: XmlRpcNumber[]) => Promise<number>
    >
  >,
  Expect<Equal<Proxied["nothing"], () => Promise<null>>>,
  Expect<Equal<Proxied["later"], () => Promise<null>>>,
  // `this` belongs to the server: a caller has none to give.
  Expect<Equal<Proxied["path"], () => Promise<string>>>,
  Expect<Equal<Proxied["name"], (suffix: string) => Promise<string>>>,
  Expect<Equal<keyof XmlRpcMethodsProxy<Reserved>, "catch" | "group">>,
  Expect<Equal<keyof XmlRpcMethodsProxy<Reserved>["group"], "$other">>,
  // By `call` they can be had.
  Expect<
    Equal<
      XmlRpcMethodName<Reserved>,
      "then" | "toJSON" | "catch" | "group.then" | "group.$other"
    >
  >,
];

// ---------------------------------------------------------------- servers

export type Servers = [
  Expect<Equal<typeof server, XmlRpcServer<Api>>>,
  Expect<Supervisor extends XmlRpcMethods<Supervisor> ? true : false>,
  Expect<
    Equal<
      XmlRpcMethods<{ a: { b: number } }>,
      { readonly a: { readonly b: never } }
    >
  >,
  Expect<
    Not<Equal<XmlRpcClient<Supervisor>, XmlRpcClient<XmlRpcAnyMethods>>>
  >,
];

/** Never runs: it only has to compile, or not to. */
export function serverTypes(): void {
  createServer({
    method(): void {
      const seen = [this];
      holds<Equal<typeof seen, XmlRpcContext[]>>(true);
      // @ts-expect-error: a context has no such member.
      this.user;
      // @ts-expect-error: a context cannot be changed.
      this.methodName = "other";
    },
    expression: function (): void {
      const seen = [this];
      holds<Equal<typeof seen, XmlRpcContext[]>>(true);
    },
    group: {
      method(): void {
        const seen = [this];
        holds<Equal<typeof seen, XmlRpcContext[]>>(true);
      },
      deep: {
        expression: async function (x: number): Promise<void> {
          await Promise.resolve(x);
          const seen = [this];
          holds<Equal<typeof seen, XmlRpcContext[]>>(true);
        },
      },
    },
  });
  const supervisor = createServer<Supervisor>({
    supervisor: {
      getState: () => ({ statecode: 1, statename: "RUNNING" }),
      stopProcess(name): boolean {
        const seen = [this];
        holds<Equal<typeof seen, XmlRpcContext[]>>(true);
        holds<Equal<typeof name, string>>(true);
        return true;
      },
    },
    ping: () => Promise.resolve(),
  });
  holds<Equal<typeof supervisor, XmlRpcServer<Supervisor>>>(true);
  // @ts-expect-error: an interface's methods are needed, all of them.
  createServer<Supervisor>({ ping: () => Promise.resolve() });
  createServer({});
  // @ts-expect-error: a number is not a method.
  createServer({ a: 1 });
  // @ts-expect-error: nor is it in a group.
  createServer({ a: { b: "x" } });
  // @ts-expect-error: methods are needed.
  createServer();
  // @ts-expect-error: an option that is misspelt.
  createServer({}, { maxBodyByte: 1 });
  // @ts-expect-error: one of the wrong type.
  createServer({}, { i8: "float" });
  // @ts-expect-error: a server cannot be changed.
  server.fetch = () => Promise.resolve(new Response());
  server satisfies Deno.ServeDefaultExport;
}

// ---------------------------------------------------------------- clients

/** Never runs: it only has to compile, or not to. */
export async function serverClientTypes(): Promise<void> {
  const client = createClient<Api>("http://localhost/");

  const text: string = await client.call("get_string", ["cloud"]);
  const sum: number = await client.call("math.add", [1, 2], { timeout: 1 });
  const flag: boolean = await client.methods["dotted.name"](true);
  const nothing: null = await client.call("nothing");
  await client.call("nothing", []);
  await client.call("nothing", [], { nil: "error" });
  await client.call("optional", ["a"]);
  await client.call("optional", ["a", 1]);
  await client.call("allOptional");
  await client.call("rest", ["a", 1, 2, 3]);
  await client.call("onlyRest");
  await client.methods.allOptional();
  await client.methods.onlyRest(1, 2, 3);
  await client.with({ timeout: 5 }).methods.math.deep.half(1);
  const params = [1, 2] as const;
  await client.call("math.add", params);
  holds<
    Equal<
      [typeof text, typeof sum, typeof flag, typeof nothing],
      [string, number, boolean, null]
    >
  >(true);

  // @ts-expect-error: no such method.
  await client.call("none");
  // @ts-expect-error: a group is not a method.
  await client.call("math");
  // @ts-expect-error: too few params.
  await client.call("math.add", [1]);
  // @ts-expect-error: too many.
  await client.call("math.add", [1, 2, 3]);
  // @ts-expect-error: of the wrong type.
  await client.call("math.add", [1, "2"]);
  // @ts-expect-error: none at all.
  await client.call("math.add");
  // @ts-expect-error: not as an array.
  await client.call("math.add", 1, 2);
  // @ts-expect-error: an option that is misspelt.
  await client.call("math.add", [1, 2], { timeOut: 1 });
  // @ts-expect-error: the result is a number.
  const wrong: string = await client.call("math.add", [1, 2]);
  // @ts-expect-error: no such method.
  await client.methods.none();
  // @ts-expect-error: a group cannot be called.
  await client.methods.math();
  // @ts-expect-error: too few params.
  await client.methods.math.add(1);
  // @ts-expect-error: of the wrong type.
  await client.methods.get_string(1);
  // @ts-expect-error: options are not params.
  await client.methods.get_string("a", { timeout: 1 });
  // @ts-expect-error: no promise.
  client.methods.then;
  // @ts-expect-error: a method cannot be replaced.
  client.methods.get_string = () => Promise.resolve("");
  // @ts-expect-error: nor can a member of the client.
  client.call = () => Promise.resolve("");
  void wrong;
}

/** Never runs: it only has to compile, or not to. */
export async function interfaceClientTypes(): Promise<void> {
  const client = createClient<Supervisor>("http://localhost/");

  const { statename } = await client.methods.supervisor.getState();
  const stopped = await client.call("supervisor.stopProcess", ["web", true]);
  const nothing = await client.methods.ping();
  await client.methods.supervisor.stopProcess("web");
  holds<
    Equal<
      [typeof statename, typeof stopped, typeof nothing],
      [string, boolean, null]
    >
  >(true);

  // @ts-expect-error: the name is missing.
  await client.methods.supervisor.stopProcess();
  // @ts-expect-error: no such method.
  await client.call("supervisor.restart");
}

/** Never runs: it only has to compile, or not to. */
export async function anyClientTypes(): Promise<void> {
  const client = createClient("http://localhost/");

  const n: number = await client.methods.math.add(1, 2);
  const text: string = await client.call("get_string", ["cloud"]);
  const rows: { id: number }[] = await client.methods.a.b.c.rows({ x: [1] });
  await client.call("a", [1, "x", null, new Date()], { timeout: 1 });
  const { add } = client.methods;
  await add(1);
  holds<Equal<typeof client, XmlRpcClient<XmlRpcAnyMethods>>>(true);

  // @ts-expect-error: params come as an array.
  await client.call("a", 1);
  // @ts-expect-error: a name is a text.
  await client.call(1);
  void [n, text, rows];
}

// ---------------------------------------------------------------- multicall

type Settled<T> = PromiseSettledResult<T>;

export type Multicalls = [
  Expect<
    Equal<
      XmlRpcMulticallCall<Api, "math.add">,
      readonly [
        methodName: "math.add",
        params: readonly [x: XmlRpcNumber, y: XmlRpcNumber],
      ]
    >
  >,
  Expect<
    Equal<
      XmlRpcMulticallCall<Api, "nothing">,
      readonly [methodName: "nothing", params?: readonly []]
    >
  >,
  Expect<
    Equal<
      XmlRpcMulticallCall<Supervisor>,
      | readonly [methodName: "supervisor.getState", params?: readonly []]
      | readonly [
        methodName: "supervisor.stopProcess",
        params: readonly [name: string, wait?: boolean | undefined],
      ]
      | readonly [methodName: "ping", params?: readonly []]
    >
  >,
  Expect<
    Equal<
      XmlRpcMulticallResults<Api, ["math.add", "nothing", "maybe"]>,
      [Settled<number>, Settled<null>, Settled<string | null>]
    >
  >,
];

/** Never runs: it only has to compile, or not to. */
export async function multicallTypes(): Promise<void> {
  const client = createClient<Api>("http://localhost/");

  const results = await client.multicall([
    ["math.add", [1, 2]],
    ["get_string", ["cloud"]],
    ["nothing"],
    ["allOptional", []],
    ["rest", ["a", 1, 2]],
  ], { timeout: 1 });
  holds<
    Equal<
      typeof results,
      [
        Settled<number>,
        Settled<string>,
        Settled<null>,
        Settled<string>,
        Settled<number>,
      ]
    >
  >(true);

  const none = await client.multicall([]);
  holds<Equal<typeof none, []>>(true);

  const halves = [1, 2, 3].map((x) => ["math.deep.half", [x]] as const);
  const many = await client.multicall(halves);
  holds<Equal<typeof many, Settled<number>[]>>(true);

  const inline = await client.multicall(
    halves.map(([, [x]]) => ["math.add", [x, x]]),
  );
  holds<Equal<typeof inline, Settled<number>[]>>(true);

  const mixed: XmlRpcMulticallCall<Api, "math.add" | "date">[] = [];
  mixed.push(["math.add", [1, 2]], ["date"]);
  const [first] = await client.multicall(mixed);
  holds<Equal<typeof first, Settled<number | Date> | undefined>>(true);

  // @ts-expect-error: no such method.
  await client.multicall([["none", []]]);
  // @ts-expect-error: a group is not a method.
  await client.multicall([["math"]]);
  // @ts-expect-error: too few params.
  await client.multicall([["date"], ["math.add", [1]]]);
  // @ts-expect-error: too many.
  await client.multicall([["math.add", [1, 2, 3]]]);
  // @ts-expect-error: of the wrong type.
  await client.multicall([["math.add", [1, "2"]], ["date"]]);
  // @ts-expect-error: none at all.
  await client.multicall([["math.add"]]);
  // @ts-expect-error: not as an array.
  await client.multicall([["math.add", 1, 2]]);
  // @ts-expect-error: one call is not a list of calls.
  await client.multicall(["nothing"]);
  // @ts-expect-error: an option that is misspelt.
  await client.multicall([["nothing"]], { timeOut: 1 });
}

/** Never runs: it only has to compile, or not to. */
export async function anyMulticallTypes(): Promise<void> {
  const client = createClient("http://localhost/");

  const [four, name] = await client.multicall([
    ["math.add", [1, 3]],
    ["system.name"],
  ]);
  // What is `any` is anything.
  if (four.status === "fulfilled") four.value satisfies number;
  if (name.status === "fulfilled") name.value satisfies string;
  const text: string = four.status === "fulfilled" ? four.value : "";
  const many = await client.multicall([1, 2].map((x) => ["a", [x]]));
  // deno-lint-ignore no-explicit-any
  holds<Equal<typeof many, Settled<any>[]>>(true);

  // @ts-expect-error: params come as an array.
  await client.multicall([["a", 1]]);
  // @ts-expect-error: a name is a text.
  await client.multicall([[1, []]]);
  void text;
}

// ---------------------------------------------------------------- interceptors

export type Interceptors = [
  Expect<
    Equal<Parameters<XmlRpcClientInterceptor>[0], XmlRpcClientCall>
  >,
  Expect<
    Equal<
      Parameters<XmlRpcClientInterceptor>[1],
      (call: XmlRpcClientCall) => Promise<unknown>
    >
  >,
  Expect<Equal<ReturnType<XmlRpcClientInterceptor>, Promise<unknown>>>,
];

/** Never runs: it only has to compile, or not to. */
export function interceptorTypes(): void {
  createClient("http://localhost/", {
    interceptors: [
      (call, next) => {
        holds<Equal<typeof call, XmlRpcClientCall>>(true);
        call.headers.set("a", "b");
        // @ts-expect-error: a call is not changed but replaced.
        call.methodName = "other";
        // @ts-expect-error: nor are its params.
        call.params[0] = 1;
        return next({ ...call, params: [] });
      },
      async (call, next) => await next(call),
      () => Promise.resolve("cached"),
    ],
  });
  // @ts-expect-error: a result comes later.
  createClient("http://localhost/", { interceptors: [() => 1] });
  const one: XmlRpcClientInterceptor = (call, next) => next(call);
  // @ts-expect-error: one is not a list.
  createClient("http://localhost/", { interceptors: one });
  // @ts-expect-error: a call has more than a name.
  createClient("", { interceptors: [(_, next) => next({ methodName: "m" })] });
  // @ts-expect-error: signatures come from nowhere else.
  createClient("http://localhost/", { signatures: "wsdl" });
}

// ---------------------------------------------------------------- run time

Deno.test("a typed client gets from the server what its types say", async () => {
  const client = createClient<Api>("http://localhost/RPC2", {
    fetch: server.fetch,
  });
  const { methods } = client;

  const results = [
    await methods.get_string("cloud"),
    await methods.math.add(8, 8),
    await client.call("math.deep.half", [8]),
    await methods["dotted.name"](true),
    await methods["dotted.group"].inner(),
    await methods.rest("ab", 1, 2),
    await methods.nothing(),
    await client.call("later"),
    await methods.maybe(false),
    await methods.path(),
    await methods.name("!"),
    await methods.context.aborted(),
    await methods.context.deep.name(),
  ];

  assertEquals(results, [
    "get string:cloud",
    16,
    4,
    false,
    "inner",
    4,
    null,
    null,
    null,
    "/RPC2",
    "name!",
    false,
    "context.deep.name",
  ]);
  assertInstanceOf(await methods.date(), Date);
});

Deno.test("a client without a type reaches the same methods", async () => {
  const client = createClient("http://localhost/", { fetch: server.fetch });

  const n: number = await client.methods.math.add(1, 2);

  assertEquals(n, 3);
  await assertRejects(() => client.methods.none(), Error, 'No method "none"');
});

Deno.test("a typed multicall gets from the server what its types say", async () => {
  const { fetch } = server;
  const client = createClient<Api>("http://localhost/RPC2", { fetch });

  const [sum, nothing, path] = await client.multicall([
    ["math.add", [8, 8]],
    ["nothing"],
    ["path"],
  ]);

  assertEquals(sum, { status: "fulfilled", value: 16 });
  assertEquals(nothing, { status: "fulfilled", value: null });
  assertEquals(path, { status: "fulfilled", value: "/RPC2" });
});
