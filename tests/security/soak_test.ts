// Some seconds of the soak: what each call gets, not what the server takes.

import { assert, assertEquals } from "@std/assert";
import { exchange, wireOf } from "./_exchange.ts";
import { type Answer, type Attack, attacks, judge } from "./attacks.ts";
import { server } from "./victim.ts";
import { soak } from "./soak.ts";

const seed = Number(
  Deno.env.get("XMLRPC_SEED") ?? Math.trunc(Math.random() * 2 ** 32),
);

Deno.test("a server answers every good call rightly amid bad, hostile and leaving callers", async () => {
  const report = await soak({ ms: 5000, seed, isWatched: false });
  assertEquals(report.failures, [], `XMLRPC_SEED=${seed}`);
  for (const kind of ["good", "bad", "hostile", "leaving"]) {
    assert((report.counts[kind] ?? 0) > 0, `no ${kind} calls`);
  }
});

// ---------------------------------------------------------------- each attack

/** Attacks of this part of their size: it is the kind that counts. */
const SCALE = 0.02;
const PATIENCE = { budget: 60_000, hold: 200 };

function find(name: string): Attack {
  const found = attacks.find((attack) => attack.name === name);
  assert(found !== undefined, `no attack ${name}`);
  return found;
}

for (const attack of attacks) {
  Deno.test(`a server withstands: ${attack.name}`, async () => {
    await using http = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      server.fetch,
    );
    const wire = await wireOf(attack, SCALE);
    const answer = await exchange(http.addr.port, attack, wire, PATIENCE);
    const verdict = judge(attack, answer);
    const isHeld = attack.manner !== undefined;
    assert(
      verdict === "refused" || verdict === "answered" ||
        verdict === "silent" && isHeld,
      `${verdict}: ${answer.text.slice(0, 300)}`,
    );
  });
}

Deno.test("each attack has a name of its own", () => {
  const names = attacks.map(({ name }) => name);
  assertEquals(names.length, new Set(names).size);
});

// ---------------------------------------------------------------- judge()

function answerOf(text: string, status: number | undefined = 200): Answer {
  return { status, text, isLate: false };
}

Deno.test("judge() sees a secret, a stack, and a password file", () => {
  const attack = find("method that fails");
  for (
    const text of [
      "<fault>The password is hunter2</fault>",
      "Error: x\n    at main (file)",
      "root:x:0:0:root:/root:/bin/sh",
      "Traceback (most recent call last)",
    ]
  ) assertEquals(judge(attack, answerOf(text)), "leaked", text);
});

Deno.test("judge() sees an attack that has got through", () => {
  assertEquals(
    judge(find("form as text/plain"), answerOf("<params><int>40</int>")),
    "harmed",
  );
  assertEquals(
    judge(
      find("CR LF in a method name"),
      answerOf("HTTP/1.1 200 OK\r\nSet-Cookie: evil=1\r\n\r\n"),
    ),
    "harmed",
  );
});

Deno.test("judge() tells text in the body from a header", () => {
  assertEquals(
    judge(
      find("CR LF in a method name"),
      answerOf("HTTP/1.1 200 OK\r\n\r\n<fault>a\r\nSet-Cookie: evil=1"),
    ),
    "refused",
  );
});

Deno.test("judge() sees data that was changed", () => {
  const attack = find("int of 33 bits");
  assertEquals(judge(attack, answerOf("<params>1</params>")), "changed");
  assertEquals(
    judge(attack, answerOf("<params>4294967297</params>")),
    "answered",
  );
});

Deno.test("judge() takes faults, other statuses and closed connections as refusals", () => {
  const attack = find("int of 33 bits");
  assertEquals(judge(attack, answerOf("<fault>")), "refused");
  assertEquals(judge(attack, answerOf("", 413)), "refused");
  assertEquals(
    judge(attack, { status: undefined, text: "", isLate: false }),
    "refused",
  );
  assertEquals(
    judge(attack, { status: undefined, text: "", isLate: true }),
    "silent",
  );
});
