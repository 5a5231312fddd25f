// Tables in Markdown, and those of README.md that are made by a run.
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

const README = new URL("../../README.md", import.meta.url);

/**
 * Compares a part of README.md, between two comments of that name, with what it should
 * be, or writes it. Gives whether it is right now.
 */
export async function replacePart(
  name: string,
  text: string,
  write: boolean,
): Promise<boolean> {
  const readme = await Deno.readTextFile(README);
  const part = new RegExp(`(<!-- ${name} -->\n\n)[^]*?(\n\n<!-- /${name} -->)`);
  const made = readme.replace(part, (_, start, end) => `${start}${text}${end}`);
  if (made === readme && part.test(readme)) return true;
  if (write && part.test(readme)) {
    await Deno.writeTextFile(README, made);
    return true;
  }
  console.log(
    `README.md says otherwise: deno task ${name} --write\n${text}`,
  );
  return false;
}
