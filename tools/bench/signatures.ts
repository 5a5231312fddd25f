// What the checks of signatures cost for each call, as ratios to the same methods without
// signatures in the same run: small calls and calls of 100 structs, through `fetch` with
// no socket between.
//
//     deno run -A tools/bench/signatures.ts [ROUNDS] [CALLS]
// deno-lint-ignore-file no-console

import { createServer, method, optional } from "@xmlrpc/xmlrpc/server";
import { encodeCall } from "@xmlrpc/xmlrpc/codec";
import { measure, timed } from "./_measure.ts";

const rounds = Number(Deno.args[0] ?? 20);
const count = Number(Deno.args[1] ?? 1000);

interface Row {
  readonly id: number;
  readonly name: string;
  readonly price: number;
}

const server = createServer({
  plain: {
    add: (x: number, y: number) => x + y,
    rows: (rows: Row[]) => rows,
  },
  signed: {
    add: method({ params: ["int", "int"], returns: "int" }, (x, y) => x + y),
    rows: method({
      params: [[{
        id: "int",
        name: "string",
        price: "double",
        note: optional("string"),
      }]],
      returns: [{ id: "int", name: "string", price: "double" }],
    }, (rows) => rows),
  },
});

const rows: Row[] = Array.from({ length: 100 }, (_, id) => ({
  id,
  name: `Row ${id}`,
  price: id + 0.5,
}));

/** Calls a method again and again. */
function caller(name: string, params: unknown[], times: number) {
  const body = encodeCall(name, params);
  const headers = { "content-type": "text/xml" };
  return timed(async () => {
    for (let call = 0; call < times; call++) {
      const request = new Request("http://localhost/", {
        method: "POST",
        headers,
        body,
      });
      const response = await server.fetch(request);
      const text = await response.text();
      if (text.includes("<fault>")) throw new Error(text);
    }
  });
}

const few = Math.ceil(count / 20);
const times = await measure({
  "plain.add": caller("plain.add", [8, 8], count),
  "signed.add": caller("signed.add", [8, 8], count),
  "plain.rows": caller("plain.rows", [rows], few),
  "signed.rows": caller("signed.rows", [rows], few),
}, rounds);

for (const [name, calls] of [["add", count], ["rows", few]] as const) {
  const plain = times[`plain.${name}`]! / calls * 1000;
  const signed = times[`signed.${name}`]! / calls * 1000;
  console.log(
    `${name} with a signature: ${(signed / plain).toFixed(2)} times the time ` +
      `without (${signed.toFixed(1)} against ${plain.toFixed(1)} µs a call)`,
  );
}
