// How fast responses are decoded, as ratios against references in the same run: each
// round times ours and every reference once, so that noise meets all of them alike.
//
//     deno run -A bench/decode.ts [ROUNDS]
// deno-lint-ignore-file no-console

import { decodeResponse, encodeResponse } from "@xmlrpc/xmlrpc/codec";
import { measure, timed } from "./_measure.ts";

/** Python's `loads`, in a process of its own that stays. */
class PythonLoads implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #answers: ReadableStreamDefaultReader<string>;
  readonly #requests: WritableStreamDefaultWriter<Uint8Array>;

  constructor(file: string) {
    const program = new URL("loads.py", import.meta.url).pathname;
    this.#process = new Deno.Command("python3", {
      args: [program, file],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#answers = this.#process.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    this.#requests = this.#process.stdin.getWriter();
  }

  async time(): Promise<number> {
    await this.#requests.write(new TextEncoder().encode("\n"));
    let line = "";
    while (!line.endsWith("\n")) {
      const { value } = await this.#answers.read();
      if (value === undefined) throw new Error("Python has ended");
      line += value;
    }
    return Number(line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#requests.close();
    await this.#answers.cancel();
    await this.#process.status;
  }
}

const rows = Array.from({ length: 1000 }, (_, id) => ({
  id,
  name: `Customer number ${id}`,
  price: id * 1.25 + 0.1,
  active: id % 2 === 0,
  created: new Date(1_700_000_000_000 + id * 1000),
}));
const document = encodeResponse(rows);
const json = new TextEncoder().encode(JSON.stringify(rows));

const file = await Deno.makeTempFile({ suffix: ".xml" });
await Deno.writeFile(file, document);
try {
  await using python = new PythonLoads(file);
  const { ours, ...references } = await measure({
    ours: timed(() => decodeResponse(document)),
    "JSON.parse": timed(() => JSON.parse(new TextDecoder().decode(json))),
    "Python's loads": () => python.time(),
  }, Number(Deno.args[0] ?? 40));
  console.log(
    `decode 1,000 structs of five members (${document.length} bytes): ${
      ours!.toFixed(2)
    } ms`,
  );
  for (const [name, time] of Object.entries(references)) {
    console.log(
      `  ${(time / ours!).toFixed(2)} times the speed of ${name} (${
        time.toFixed(2)
      } ms)`,
    );
  }
} finally {
  await Deno.remove(file);
}
