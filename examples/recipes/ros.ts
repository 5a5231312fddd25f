// Subscribes to a parameter of a ROS 1 master, and shows each change until it is stopped.
//
//     roscore
//     deno run -A examples/recipes/ros.ts http://localhost:11311/ /rate
//
// A ROS node is a client of the master, and also a server that the master calls. (The
// protocol between nodes, TCPROS, is not XML-RPC.)
//
// Every method returns a triple: a code, a text and the result; {@linkcode readResult} reads
// it. ROS has no nil.
//
// Tested with the master of ROS 1.15.15.
// deno-lint-ignore-file no-console

import { createClient, type XmlRpcClient } from "@xmlrpc/xmlrpc/client";
import { createServer, method, type XmlRpcServer } from "@xmlrpc/xmlrpc/server";
import { createStopSignal } from "../_program.ts";
import { runRecipe } from "./_recipe.ts";

/** The result of every method: code 1 is success, 0 failure, -1 the caller's mistake. */
export type Triple<Result> = [code: number, text: string, result: Result];

/** Names of topics or services, each with the names of its nodes. */
export type Registrations = [name: string, nodes: string[]][];

/** The value of a parameter. */
export type Parameter =
  | number
  | string
  | boolean
  | Date
  | Uint8Array
  | Parameter[]
  | { [name: string]: Parameter };

/** The methods of the master. `caller` is the name of the node that calls: `/me`. */
export interface RosMaster {
  /** Returns the URL of a node. */
  lookupNode(caller: string, node: string): Triple<string>;
  /** Returns the publishers, subscribers and services. */
  getSystemState(
    caller: string,
  ): Triple<
    [
      publishers: Registrations,
      subscribers: Registrations,
      services: Registrations,
    ]
  >;
  /** Returns the types of all topics. */
  getTopicTypes(caller: string): Triple<[topic: string, type: string][]>;
  /** Returns the URL of the master. */
  getUri(caller: string): Triple<string>;
  /** Returns its process id. */
  getPid(caller: string): Triple<number>;
  /** Registers a publisher of a topic; returns the URLs of the subscribers. */
  registerPublisher(
    caller: string,
    topic: string,
    type: string,
    address: string,
  ): Triple<string[]>;
  /** Removes a publisher; returns the number removed. */
  unregisterPublisher(
    caller: string,
    topic: string,
    address: string,
  ): Triple<number>;
  /** Subscribes to a topic. The master calls the node when its publishers change. */
  registerSubscriber(
    caller: string,
    topic: string,
    type: string,
    address: string,
  ): Triple<string[]>;
  /** Sets a parameter. */
  setParam(caller: string, name: string, value: Parameter): Triple<number>;
  /** Returns a parameter, or a struct of all parameters below a name. */
  getParam(caller: string, name: string): Triple<Parameter>;
  /** Returns whether there is a parameter. */
  hasParam(caller: string, name: string): Triple<boolean>;
  /** Returns the names of all parameters. */
  getParamNames(caller: string): Triple<string[]>;
  /** Returns a parameter. The master calls the node at the URL when it changes. */
  subscribeParam(
    caller: string,
    address: string,
    name: string,
  ): Triple<Parameter>;
  /** Removes a parameter. */
  deleteParam(caller: string, name: string): Triple<number>;
}

/** Reads the result from a triple. Throws if the code is not 1. */
export function readResult<Result>(
  [code, text, result]: Triple<Result>,
): Result {
  if (code !== 1) throw new Error(text);
  return result;
}

/** Creates a client of a master. */
export function connect(url: string): XmlRpcClient<RosMaster> {
  return createClient<RosMaster>(url);
}

/** The calls that a node receives. */
export interface NodeEvents {
  /** A parameter has changed. */
  onParameter?(name: string, value: Parameter): void;
  /** The publishers of a topic have changed: these are their URLs. */
  onPublishers?(topic: string, addresses: readonly string[]): void;
}

/** Creates the server of a node, which the master calls. */
export function createNode(
  { onParameter, onPublishers }: NodeEvents,
): Pick<XmlRpcServer<unknown>, "fetch"> {
  const done: Triple<number> = [1, "", 0];
  return createServer({
    paramUpdate: method(
      { params: ["string", "string", "any"], returns: "array" },
      (_caller, name, value) => {
        onParameter?.(name, value as Parameter);
        return done;
      },
    ),
    publisherUpdate: method(
      { params: ["string", "string", ["string"]], returns: "array" },
      (_caller, topic, addresses) => {
        onPublishers?.(topic, addresses);
        return done;
      },
    ),
    getPid: method(
      { params: ["string"], returns: "array" },
      () => [1, "", Deno.pid],
    ),
  });
}

/** Shows a parameter, and each change of it. */
export async function main(url: string, name: string): Promise<void> {
  const signal = createStopSignal();
  const node = createNode({
    onParameter: (changed, value) => console.log(changed, value),
  });
  await using http = Deno.serve(
    { hostname: "localhost", port: 0, onListen: () => {} },
    node.fetch,
  );
  const master = connect(url).methods;
  const address = `http://localhost:${http.addr.port}/`;
  const value = await master.subscribeParam("/recipe", address, name);
  console.log(name, readResult(value));
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
}

if (import.meta.main) await runRecipe(["URL", "NAME"], main);
