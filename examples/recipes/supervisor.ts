// Restarts a process of supervisord and shows the end of its log.
//
//     deno run -A examples/recipes/supervisor.ts http://user:secret@localhost:9001/RPC2 web
//     deno run -A examples/recipes/supervisor.ts /run/supervisor.sock web
//
// The configuration of supervisord sets where it listens. Debian's has only the socket:
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
// deno-lint-ignore-file no-console camelcase -- the names are supervisord's

import {
  createClient,
  type XmlRpcClient,
  XmlRpcFault,
} from "@xmlrpc/xmlrpc/client";
import { createSocketFetch } from "../_socket.ts";
import { runRecipe, withoutControls } from "./_recipe.ts";

/** The most common fault codes of supervisord. */
export const SupervisorFault = {
  UNKNOWN_METHOD: 1,
  BAD_NAME: 10,
  NOT_RUNNING: 70,
  ALREADY_STARTED: 60,
  SPAWN_ERROR: 50,
} as const;

/** A process. Times are seconds since 1970; 0 means never. */
export interface ProcessInfo {
  /** Its name. The full name is `group:name`. */
  readonly name: string;
  /** Its group. */
  readonly group: string;
  /** A description of its state. */
  readonly description: string;
  /** When it was started. */
  readonly start: number;
  /** When it ended. */
  readonly stop: number;
  /** The server's time. */
  readonly now: number;
  /** Its state: 0 stopped, 20 running, 100 exited, 200 failed. */
  readonly state: number;
  /** The name of its state: `RUNNING`, `STOPPED`, `EXITED`, `FATAL`. */
  readonly statename: string;
  /** Why it failed to start, or "". */
  readonly spawnerr: string;
  /** Its exit code. */
  readonly exitstatus: number;
  /** The file of its standard output. */
  readonly stdout_logfile: string;
  /** The file of its standard error. */
  readonly stderr_logfile: string;
  /** Its process id, or 0. */
  readonly pid: number;
}

/** The methods of supervisord. Names of processes are `name` or `group:name`. */
export interface SupervisorMethods {
  readonly supervisor: {
    /** Returns the version of these methods. */
    getAPIVersion(): string;
    /** Returns the version of supervisord. */
    getSupervisorVersion(): string;
    /** Returns the state of supervisord: 1, `RUNNING`. */
    getState(): { readonly statecode: number; readonly statename: string };
    /** Returns the process id of supervisord. */
    getPID(): number;
    /** Returns a process. */
    getProcessInfo(name: string): ProcessInfo;
    /** Returns all processes. */
    getAllProcessInfo(): ProcessInfo[];
    /** Starts a process. With `wait`, it returns when the process is running. */
    startProcess(name: string, wait?: boolean): boolean;
    /** Stops a process. With `wait`, it returns when the process has ended. */
    stopProcess(name: string, wait?: boolean): boolean;
    /** Sends a process a signal: `HUP`. */
    signalProcess(name: string, signal: string): boolean;
    /** Writes to the standard input of a process. */
    sendProcessStdin(name: string, text: string): boolean;
    /** Reads from the log of a process. A negative offset counts from the end. */
    readProcessStdoutLog(name: string, offset: number, length: number): string;
    /** Returns the end of the log, its size, and whether more was requested. */
    tailProcessStdoutLog(
      name: string,
      offset: number,
      length: number,
    ): [text: string, size: number, isMore: boolean];
    /** Clears the log of a process. */
    clearProcessLogs(name: string): boolean;
    /** Stops supervisord and all its processes. */
    shutdown(): boolean;
  };
}

/** Creates a client of supervisord, for a URL or for the path of its socket. */
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
