// Requests on a socket, byte by byte as they are wanted: `fetch` sends no wrong ones.

import type { Answer, Attack } from "./attacks.ts";
import { plainHeaders } from "./attacks.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** How much of an answer is kept. */
const KEPT_BYTES = 1_000_000;
const TRICKLE_MS = 50;

/** How long an exchange may take, in milliseconds. */
export interface Patience {
  /** Until there is an answer. */
  readonly budget: number;
  /** For what is sent slowly, or held open. */
  readonly hold: number;
}

/** A request of an attack, as it goes over the wire. */
export async function wireOf(attack: Attack, scale: number): Promise<Bytes> {
  const body = await attack.body(scale);
  const bytes = typeof body === "string"
    ? new TextEncoder().encode(body)
    : body;
  const { headers = plainHeaders } = attack;
  const head = [
    "POST / HTTP/1.1",
    "Host: 127.0.0.1",
    "Connection: close",
    ...headers(bytes.length),
  ];
  return await new Blob([head.join("\r\n"), "\r\n\r\n", bytes]).bytes();
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    function over(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", over);
      resolve();
    }
    const timer = setTimeout(over, ms);
    if (signal.aborted) over();
    else signal.addEventListener("abort", over);
  });
}

async function writeAll(connection: Deno.Conn, bytes: Bytes): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await connection.write(bytes.subarray(at));
  }
}

/** Sends the request in the attack's manner. Whoever answers early need not read it. */
async function send(
  connection: Deno.TcpConn,
  { manner }: Attack,
  wire: Bytes,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (manner !== "trickle") {
      await writeAll(connection, wire);
      if (manner === "half-close") await connection.closeWrite();
      return;
    }
    for (let at = 0; at < wire.length && !signal.aborted; at++) {
      await writeAll(connection, wire.subarray(at, at + 1));
      await pause(TRICKLE_MS, signal);
    }
  } catch {
    // The other side has closed, or we have.
  }
}

/** Reads to the end; gives the start of it. */
async function receive(connection: Deno.TcpConn): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  let text = "";
  try {
    for (;;) {
      const length = await connection.read(buffer);
      if (length === null) break;
      if (text.length > KEPT_BYTES) continue;
      text += decoder.decode(buffer.subarray(0, length), { stream: true });
    }
  } catch {
    // Reset, or closed by us: what has come is what there is.
  }
  return text;
}

function statusOf(text: string): number | undefined {
  const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(text) ?? [];
  return status === undefined ? undefined : Number(status);
}

/** Sends a request, and waits for the answer as long as may be. */
export async function exchange(
  port: number,
  attack: Attack,
  wire: Bytes,
  patience: Patience,
): Promise<Answer> {
  const { manner = "plain" } = attack;
  const isShort = manner === "hold" || manner === "trickle" ||
    manner === "deaf";
  const over = new AbortController();
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  let isClosed = false;
  const timer = setTimeout(() => {
    isClosed = true;
    over.abort();
    connection.close();
  }, isShort ? patience.hold : patience.budget);
  const sending = send(connection, attack, wire, over.signal);
  let text = "";
  if (manner === "deaf") await pause(patience.hold + 1000, over.signal);
  else text = await receive(connection);
  clearTimeout(timer);
  over.abort();
  if (!isClosed) connection.close();
  await sending;
  return { status: statusOf(text), text, isLate: isClosed };
}
