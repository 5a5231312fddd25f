// How fast responses are decoded, as ratios against references in the same run: each
// round times ours and every reference once, so that noise meets all of them alike.
//
//     deno run -A bench/decode.ts [ROUNDS] [--json FILE] [--short]

import { decodeResponse, encodeResponse } from "@xmlrpc/xmlrpc/codec";
import { measureRounds, median, ratioOf, timed } from "./_measure.ts";
import { benchArguments, Report } from "./_report.ts";
import { TimedProgram } from "./_timed_program.ts";

const rows = Array.from({ length: 1000 }, (_, id) => ({
  id,
  name: `Customer number ${id}`,
  price: id * 1.25 + 0.1,
  active: id % 2 === 0,
  created: new Date(1_700_000_000_000 + id * 1000),
}));
const document = encodeResponse(rows);
const json = new TextEncoder().encode(JSON.stringify(rows));

const { rounds, json: file, isShort } = benchArguments(40);
const report = new Report();
await using stack = new AsyncDisposableStack();
const runners: Record<string, () => number | Promise<number>> = {
  ours: timed(() => decodeResponse(document)),
  "JSON.parse": timed(() => JSON.parse(new TextDecoder().decode(json))),
};
if (!isShort) {
  const xml = await Deno.makeTempFile({ suffix: ".xml" });
  stack.defer(() => Deno.remove(xml));
  await Deno.writeFile(xml, document);
  const program = new URL("loads.py", import.meta.url).pathname;
  const python = stack.use(new TimedProgram("python3", [program, xml]));
  runners["Python's loads"] = () => python.time();
}
const { ours, ...references } = await measureRounds(runners, rounds);
for (const [name, times] of Object.entries(references)) {
  report.add(
    `decode 1,000 structs of five members against ${name}`,
    ratioOf(ours!, times),
    `ours ${median(ours!).toFixed(2)} ms; ${name} ${
      median(times).toFixed(2)
    } ms`,
  );
}
await report.write(file);
