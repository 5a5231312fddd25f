// The corpus as one module of JavaScript, for runtimes without files or `eval`.

import { type Case, encodeLine } from "../corpus/adapter.ts";
import { readTopics } from "../corpus/run.ts";

function moduleOfCase(c: Case): string {
  const text = JSON.stringify(c);
  // A comment may be at the end of an expression.
  return typeof c.js === "string"
    ? `{ ...${text}, js: () => (${c.js}\n) }`
    : text;
}

/** The text of a module of which the default export is a `Corpus`. */
export async function corpusModule(): Promise<string> {
  const folder = new URL("../corpus", import.meta.url).pathname;
  const topics = await readTopics(folder);
  const written = [...topics.values()].flat()
    .filter((c) => c.op !== undefined)
    .map((c) => [c.id, encodeLine(c)]);
  const lists = Array.from(
    topics,
    ([topic, cases]) =>
      `${JSON.stringify(topic)}: [\n${cases.map(moduleOfCase).join(",\n")}\n]`,
  );
  return `export default {\ntopics: {\n${lists.join(",\n")}\n},\n` +
    `written: ${JSON.stringify(Object.fromEntries(written))}\n};\n`;
}
