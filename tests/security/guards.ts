// Takes out each guard of SECURITY.md, one at a time, in a copy of the repository, and
// runs the test that is named for it: it must fail.
//
//     deno run -A tests/security/guards.ts [WORD]     only those whose test or file has the word
//
// Prints a line for each guard; ends with code 1 if a test has not missed its guard.
// deno-lint-ignore-file no-console

import { type Guard, GUARDS } from "./_guards.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** A test that goes on longer than this without its guard has missed it, too. */
const TIMEOUT_MS = 120_000;

async function outputOf(
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<{ readonly code: number; readonly text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Copies what git knows of the repository to a new folder, as it stands now. */
async function copyRepository(): Promise<string> {
  const folder = await Deno.makeTempDir();
  const { text } = await outputOf(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    ROOT,
  );
  for (const path of text.split("\0")) {
    if (path === "") continue;
    const target = `${folder}/${path}`;
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), {
      recursive: true,
    });
    await Deno.copyFile(ROOT + path, target);
  }
  return folder;
}

/** A filter for `deno test` that lets one test through, by the whole of its name. */
function filterFor(test: string): string {
  const escaped = test.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return `/^${escaped}$/`;
}

/** How the test of a guard fails without it; undefined if it does not. */
async function failureWithout(
  { testFile, test }: Guard,
  folder: string,
): Promise<string | undefined> {
  const { code, text } = await outputOf(Deno.execPath(), [
    "test",
    "--no-check",
    "--allow-all",
    `--filter=${filterFor(test)}`,
    testFile,
  ], folder);
  if (code === 0) return undefined;
  if (code === 143 || code === 137) return "goes on without end";
  // Of a file that does not even load, or a test that is not there, nothing is shown.
  if (!/\| [1-9]\d* failed/.test(text)) {
    throw new Error(`The test has not run:\n${text}`);
  }
  return /^(?:error: )?(?:\w*Error|AssertionError)\b.*$/m.exec(text)?.[0] ??
    "fails";
}

/** Writes a file of the copy, and makes anew what is made of it. */
async function write(
  path: string,
  source: string,
  folder: string,
): Promise<void> {
  await Deno.writeTextFile(path, source);
  if (!path.startsWith(`${folder}/page/`)) return;
  // A page whose script is not what its policy says would not run at all.
  const { code, text } = await outputOf(
    Deno.execPath(),
    ["run", "--no-check", "--allow-all", "page/build.ts", "--write"],
    folder,
  );
  if (code !== 0) throw new Error(`The page is not made:\n${text}`);
}

/** Whether the test of a guard fails without it. */
async function isMissed(guard: Guard, folder: string): Promise<boolean> {
  const { file, guard: code, without, test } = guard;
  const path = `${folder}/${file}`;
  const source = await Deno.readTextFile(path);
  if (source.split(code).length !== 2) {
    throw new Error(`${file} must have once: ${code}`);
  }
  await write(path, source.replace(code, () => without), folder);
  try {
    const failure = await failureWithout(guard, folder);
    const verdict = failure === undefined ? "NOT MISSED" : "missed";
    console.log(`${verdict}  ${file}: ${test}`);
    if (failure !== undefined) console.log(`        ${failure.slice(0, 100)}`);
    return failure !== undefined;
  } finally {
    await write(path, source, folder);
  }
}

/** Tries guards, several at a time, each worker in a copy of its own. */
async function tryAll(guards: readonly Guard[]): Promise<number> {
  const waiting = [...guards];
  let missed = 0;

  async function work(): Promise<void> {
    const folder = await copyRepository();
    try {
      for (;;) {
        const guard = waiting.shift();
        if (guard === undefined) return;
        if (await isMissed(guard, folder)) missed++;
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }

  await Promise.all(
    Array.from({ length: navigator.hardwareConcurrency }, work),
  );
  return missed;
}

if (import.meta.main) {
  const [word = ""] = Deno.args;
  const guards = GUARDS.filter(({ file, test }) =>
    file.includes(word) || test.includes(word)
  );
  const missed = await tryAll(guards);
  console.log(`${guards.length} guards, ${missed} missed when taken out`);
  if (missed < guards.length) Deno.exit(1);
}
