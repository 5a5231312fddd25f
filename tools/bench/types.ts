// How long the type-checker takes for a server of many methods with signatures and a
// client that calls them all, beside the same without signatures and an empty program.
//
//     deno run -A tools/bench/types.ts [METHODS]
// deno-lint-ignore-file no-console

const count = Number(Deno.args[0] ?? 300);
const entry = new URL("../../mod.ts", import.meta.url).href;

function program(methodOf: (index: number) => string): string {
  const groups = Array.from({ length: Math.ceil(count / 10) }, (_, group) => {
    const methods = Array.from(
      { length: Math.min(10, count - 10 * group) },
      (_, index) => `    m${index}: ${methodOf(10 * group + index)},`,
    );
    return `  g${group}: {\n${methods.join("\n")}\n  },`;
  });
  const calls = Array.from(
    { length: count },
    (_, index) =>
      `const _${index}: Promise<{ id: number; tags: string[] }[]> = client.methods` +
      `.g${Math.floor(index / 10)}.m${index % 10}("a", [{ x: 1, y: 2 }]);`,
  );
  return `import { createClient, createServer, method, optional } from "${entry}";
const server = createServer({
${groups.join("\n")}
});
const client = createClient<typeof server.methods>("http://localhost/");
${calls.join("\n")}
const _unused = [method, optional];
`;
}

const SIGNED = () =>
  `method({ params: ["string", [{ x: "double", y: "double" }], optional("boolean")], ` +
  `returns: [{ id: "int", tags: ["string"] }] }, (name, points, flag = true) => ` +
  `points.map(({ x }) => ({ id: x, tags: flag ? [name] : [] })))`;
const PLAIN = () =>
  `(name: string, points: { x: number; y: number }[], flag = true) => ` +
  `points.map(({ x }) => ({ id: x, tags: flag ? [name] : [] }))`;

const folder = await Deno.makeTempDir();

async function timeCheck(name: string, source: string): Promise<number> {
  const file = `${folder}/${name}.ts`;
  // Another text each time, or the checker would remember the result.
  await Deno.writeTextFile(file, `${source}// ${crypto.randomUUID()}\n`);
  const start = performance.now();
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", file],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return performance.now() - start;
}

try {
  const programs = {
    "an empty program that imports the library": `import "${entry}";\n`,
    [`${count} plain functions and as many calls`]: program(PLAIN),
    [`${count} methods with signatures and as many calls`]: program(SIGNED),
  };
  const times: Record<string, number[]> = {};
  for (let round = 0; round < 5; round++) {
    for (const [index, [name, source]] of Object.entries(programs).entries()) {
      (times[name] ??= []).push(await timeCheck(`p${index}`, source));
    }
  }
  for (const [name, all] of Object.entries(times)) {
    const median = all.toSorted((a, b) => a - b)[all.length >> 1]!;
    console.log(`${(median / 1000).toFixed(2)} s  deno check of ${name}`);
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
