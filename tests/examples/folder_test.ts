import { Folder as CliFolder } from "../../cli/folder.ts";
import { Folder } from "../../examples/_folder.ts";
import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";

/** How often all writers write. The environment can ask for more: FOLDER_ROUNDS=10000. */
const ROUNDS = Number(Deno.env.get("FOLDER_ROUNDS") ?? 300);
const WRITERS = 6;
const READERS = 4;
const NAME = "one.bin";

function toSha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Contents of a writer: two of three have the same size. */
function createContent(round: number, writer: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(1000 + 7 * (writer % 4));
  new DataView(bytes.buffer).setFloat64(0, 10 * round + writer);
  return bytes;
}

const FOLDERS = {
  "the folder of cli serve": CliFolder,
  "the folder of the examples": Folder,
};

for (const [title, AnyFolder] of Object.entries(FOLDERS)) {
  Deno.test(`${title} announces no wrong size and no wrong SHA-256 while others write`, async () => {
    const path = await Deno.makeTempDir();
    try {
      const folder = new AnyFolder(path);
      const wrong = { sizes: 0, hashes: 0, contents: 0 };
      /** The sizes of all contents, by SHA-256. */
      const known = new Map<string, number>();

      const write = async (round: number, writer: number): Promise<void> => {
        const bytes = createContent(round, writer);
        const expected = { size: bytes.length, sha256: toSha256(bytes) };
        known.set(expected.sha256, expected.size);
        const { size, sha256 } = await folder.save(
          NAME,
          new Blob([bytes]).stream(),
        );
        if (size !== expected.size) wrong.sizes++;
        if (sha256 !== expected.sha256) wrong.hashes++;
      };

      const read = async (): Promise<void> => {
        const blob = await folder.open(NAME);
        // Others write between the announcement of the size and the first read.
        await new Promise((resolve) => setTimeout(resolve, 1));
        const bytes = await new Response(blob.stream()).bytes();
        if (bytes.length !== blob.size) wrong.sizes++;
        if (!known.has(toSha256(bytes))) wrong.contents++;
      };

      const measure = async (): Promise<void> => {
        if (!(folder instanceof Folder)) return;
        const { size, sha256 } = await folder.measure(NAME);
        if (known.get(sha256) !== size) wrong.hashes++;
      };

      await write(0, 0);
      for (let round = 1; round <= ROUNDS; round++) {
        await Promise.all([
          ...Array.from(
            { length: WRITERS },
            (_, writer) => write(round, writer),
          ),
          ...Array.from({ length: READERS }, read),
          measure(),
        ]);
        if (!(folder instanceof Folder)) continue;
        const bytes = await Deno.readFile(`${path}/${NAME}`);
        const { size, sha256 } = await folder.measure(NAME);
        if (size !== bytes.length) wrong.sizes++;
        if (sha256 !== toSha256(bytes)) wrong.hashes++;
      }
      assertEquals(wrong, { sizes: 0, hashes: 0, contents: 0 });
    } finally {
      await Deno.remove(path, { recursive: true });
    }
  });
}
