// Tables in Markdown, and the generated ones in docs/.
// deno-lint-ignore-file no-console

/** A table in Markdown, aligned as `deno fmt` has it. */
export function tableOf(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = head.map((title, column) =>
    Math.max(
      3,
      ...[head, ...rows].map((row) => row[column]!.length),
      title.length,
    )
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** The generated parts: the page of docs/ that has each, and the task that makes it. */
const PARTS = {
  bench: { page: "performance.md", task: "bench:table" },
  runtimes: { page: "runtimes.md", task: "runtimes" },
  size: { page: "performance.md", task: "size" },
} as const;

/**
 * Compares a generated part of a page, between two comments of that name, with what it
 * should be, or writes it. Returns whether the page is right now.
 */
export async function replacePart(
  name: keyof typeof PARTS,
  text: string,
  write: boolean,
): Promise<boolean> {
  const { page, task } = PARTS[name];
  const url = new URL(`../../docs/${page}`, import.meta.url);
  const before = await Deno.readTextFile(url);
  const part = new RegExp(`(<!-- ${name} -->\n\n)[^]*?(\n\n<!-- /${name} -->)`);
  const after = before.replace(
    part,
    (_, start, end) => `${start}${text}${end}`,
  );
  if (after === before && part.test(before)) return true;
  if (write && part.test(before)) {
    await Deno.writeTextFile(url, after);
    return true;
  }
  console.log(
    `docs/${page} differs from this run: deno task ${task} --write\n${text}`,
  );
  return false;
}
