// What a check is.

import type { Case } from "../corpus/adapter.ts";
import type { XmlRpcThreadsOptions } from "../../threads.ts";

/** The corpus, in a form that needs neither files nor the evaluation of code. */
export interface Corpus {
  /** The cases by topic. */
  readonly topics: Readonly<Record<string, readonly Case[]>>;
  /** What Deno has written for the cases of encoding, which Python has read. */
  readonly written: Readonly<Record<string, unknown>>;
}

/** Where a check runs. */
export interface CheckContext {
  /** What runs it, such as `node`. */
  readonly runtime: string;
  readonly corpus: Corpus;
  /** The URL of the service, on a socket. */
  readonly url: string;
  /** How a worker is started where there is no global `Worker`. */
  readonly createWorker?: XmlRpcThreadsOptions["createWorker"];
  /** The URL of the module for threads. */
  readonly threadsModule: string;
}

/** Something that must hold. */
export interface Check {
  readonly name: string;
  readonly run: (context: CheckContext) => void | Promise<void>;
}

/** Thrown by a check that a runtime cannot pass, whatever we do; says why. */
export class Unsupported extends Error {
  override name = "Unsupported";
}
