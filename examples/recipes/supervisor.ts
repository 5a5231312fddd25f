// Restarts a process of supervisord and shows the end of what it has printed.
//
//     deno run -A examples/recipes/supervisor.ts http://user:secret@localhost:9001/RPC2 web
//     deno run -A examples/recipes/supervisor.ts /run/supervisor.sock web
//
// supervisord listens where its configuration says; Debian's has the socket alone:
//
//     [unix_http_server]
//     file = /run/supervisor.sock
//
//     [inet_http_server]
//     port = 127.0.0.1:9001
//     username = user
//     password = secret
//
// Tested with supervisor 4.2.5.
// deno-lint-ignore-file no-console camelcase -- the wire has names of its own

import {
  createClient,
  type XmlRpcClient,
  XmlRpcFault,
} from "@xmlrpc/xmlrpc/client";
import { createSocketFetch } from "../_socket.ts";
import { runRecipe, withoutControls } from "./_recipe.ts";

/** What supervisord's faults mean, of those one meets. */
export const SupervisorFault = {
  UNKNOWN_METHOD: 1,
  BAD_NAME: 10,
  NOT_RUNNING: 70,
  ALREADY_STARTED: 60,
  SPAWN_ERROR: 50,
} as const;

/** A process, as supervisord sees it. Times are seconds since 1970; 0 is never. */
export interface ProcessInfo {
  /** Its name; `group:name` is its full one. */
  readonly name: string;
  /** The group it is in. */
  readonly group: string;
  /** What it is doing, in words for people. */
  readonly description: string;
  /** When it was started. */
  readonly start: number;
  /** When it ended. */
  readonly stop: number;
  /** What time it is there. */
  readonly now: number;
  /** 20 if it runs, 0 if it is stopped, 100 if it has ended, 200 if it has failed. */
  readonly state: number;
  /** The same in a word: `RUNNING`, `STOPPED`, `EXITED`, `FATAL`. */
  readonly statename: string;
  /** Why it could not be started, or "". */
  readonly spawnerr: string;
  /** The code it has ended with. */
  readonly exitstatus: number;
  /** The file with what it prints. */
  readonly stdout_logfile: string;
  /** The file with its errors. */
  readonly stderr_logfile: string;
  /** Its process, or 0. */
  readonly pid: number;
}

/** The methods of supervisord. Names of processes are `name` or `group:name`. */
export interface SupervisorMethods {
  readonly supervisor: {
    /** The version of these methods. */
    getAPIVersion(): string;
    /** supervisord's own version. */
    getSupervisorVersion(): string;
    /** Whether it runs: 1, `RUNNING`. */
    getState(): { readonly statecode: number; readonly statename: string };
    /** Its process. */
    getPID(): number;
    /** One process. */
    getProcessInfo(name: string): ProcessInfo;
    /** All processes. */
    getAllProcessInfo(): ProcessInfo[];
    /** Starts a process; with `wait`, gives true once it runs. */
    startProcess(name: string, wait?: boolean): boolean;
    /** Stops a process; with `wait`, gives true once it has ended. */
    stopProcess(name: string, wait?: boolean): boolean;
    /** Sends a process a signal: `HUP`. */
    signalProcess(name: string, signal: string): boolean;
    /** Writes to what a process reads. */
    sendProcessStdin(name: string, text: string): boolean;
    /** Reads from what a process has printed; a negative offset counts from the end. */
    readProcessStdoutLog(name: string, offset: number, length: number): string;
    /** The last bytes printed, how many there are in all, and if more was asked for. */
    tailProcessStdoutLog(
      name: string,
      offset: number,
      length: number,
    ): [text: string, size: number, isMore: boolean];
    /** Forgets what a process has printed. */
    clearProcessLogs(name: string): boolean;
    /** Ends supervisord, and all that it runs. */
    shutdown(): boolean;
  };
}

/** A client of supervisord at a URL, or at a path where its socket is. */
export function connect(where: string): XmlRpcClient<SupervisorMethods> {
  return /^https?:/.test(where)
    ? createClient<SupervisorMethods>(where, { fetch: withoutControls() })
    : createClient<SupervisorMethods>("http://localhost/RPC2", {
      fetch: withoutControls(createSocketFetch(where)),
    });
}

/** Restarts a process and shows the end of its log. */
export async function main(where: string, name: string): Promise<void> {
  const client = connect(where);
  const { supervisor } = client.methods;
  try {
    await supervisor.stopProcess(name);
  } catch (error) {
    const isStopped = error instanceof XmlRpcFault &&
      error.code === SupervisorFault.NOT_RUNNING;
    if (!isStopped) throw error;
  }
  await supervisor.startProcess(name);
  const [info, log] = await client.multicall([
    ["supervisor.getProcessInfo", [name]],
    ["supervisor.tailProcessStdoutLog", [name, 0, 1000]],
  ]);
  if (info.status === "rejected") throw info.reason;
  console.log(`${info.value.statename}: ${info.value.description}`);
  if (log.status === "fulfilled") console.log(log.value[0]);
}

if (import.meta.main) await runRecipe(["URL-OR-SOCKET", "PROCESS"], main);
