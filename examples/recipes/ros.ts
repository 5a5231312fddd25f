// Tells a ROS 1 master of a parameter, and shows whenever it changes, until stopped.
//
//     roscore
//     deno run -A examples/recipes/ros.ts http://localhost:11311/ /rate
//
// A ROS node is a client of the master and a server that the master calls; here are both.
// (What nodes send to each other once they have met, TCPROS, is no XML-RPC.)
//
// Every method gives a triple: a code, a text, and the result; {@linkcode resultOf} takes
// it apart. ROS has no nil.
//
// Tested with the master of ROS 1.15.15.
// deno-lint-ignore-file no-console

import { createClient, type XmlRpcClient } from "@xmlrpc/xmlrpc/client";
import { createServer, method, type XmlRpcServer } from "@xmlrpc/xmlrpc/server";
import { createStopSignal } from "../_address.ts";
import { runRecipe } from "./_recipe.ts";

/** What every method gives: 1 for success, 0 for failure, -1 for a mistake of ours. */
export type Triple<Result> = [code: number, text: string, result: Result];

/** Names of topics or services, with the nodes that have to do with them. */
export type Registrations = [name: string, nodes: string[]][];

/** What a parameter may be. */
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
  /** The address of a node. */
  lookupNode(caller: string, node: string): Triple<string>;
  /** Who publishes, subscribes and serves what. */
  getSystemState(
    caller: string,
  ): Triple<
    [
      publishers: Registrations,
      subscribers: Registrations,
      services: Registrations,
    ]
  >;
  /** The types of all topics. */
  getTopicTypes(caller: string): Triple<[topic: string, type: string][]>;
  /** The master's address. */
  getUri(caller: string): Triple<string>;
  /** Its process. */
  getPid(caller: string): Triple<number>;
  /** Publishes a topic at a node's address; gives the addresses of its subscribers. */
  registerPublisher(
    caller: string,
    topic: string,
    type: string,
    address: string,
  ): Triple<string[]>;
  /** Ends that; gives how many there were. */
  unregisterPublisher(
    caller: string,
    topic: string,
    address: string,
  ): Triple<number>;
  /** Subscribes to a topic: the node at the address is told of its publishers. */
  registerSubscriber(
    caller: string,
    topic: string,
    type: string,
    address: string,
  ): Triple<string[]>;
  /** Sets a parameter. */
  setParam(caller: string, name: string, value: Parameter): Triple<number>;
  /** A parameter, or a struct of all those below a name. */
  getParam(caller: string, name: string): Triple<Parameter>;
  /** Whether there is a parameter. */
  hasParam(caller: string, name: string): Triple<boolean>;
  /** The names of all parameters. */
  getParamNames(caller: string): Triple<string[]>;
  /** A parameter; whenever it changes, the node at the address is told. */
  subscribeParam(
    caller: string,
    address: string,
    name: string,
  ): Triple<Parameter>;
  /** Removes a parameter. */
  deleteParam(caller: string, name: string): Triple<number>;
}

/** The result in a triple; an error if it says that there is none. */
export function resultOf<Result>([code, text, result]: Triple<Result>): Result {
  if (code !== 1) throw new Error(text);
  return result;
}

/** A client of a master. */
export function connect(url: string): XmlRpcClient<RosMaster> {
  return createClient<RosMaster>(url);
}

/** What a node is told. */
export interface NodeEvents {
  /** A parameter has changed. */
  onParameter?(name: string, value: Parameter): void;
  /** A topic has other publishers now, at these addresses. */
  onPublishers?(topic: string, addresses: readonly string[]): void;
}

/** The server of a node, for the master to call. */
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

/** Shows a parameter whenever it changes. */
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
  console.log(name, resultOf(value));
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
}

if (import.meta.main) await runRecipe(["URL", "NAME"], main);
