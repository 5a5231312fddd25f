import { assert, assertEquals } from "@std/assert";
import { FILE_NAMES, OTHER_NAMES } from "../tests/support/file_names.ts";
import { isFileName } from "./folder.ts";
import { progressLine } from "./progress.ts";

Deno.test("isFileName() accepts plain names, but no paths and devices", () => {
  for (const name of FILE_NAMES) assert(isFileName(name), name);
  for (const name of OTHER_NAMES) assert(!isFileName(name), name);
});

Deno.test("progressLine() shows percent, rate and time left", () => {
  const line = (bytesDone: number, bytesTotal?: number) =>
    progressLine("boy.jpg", { bytesDone, bytesTotal }, 10);
  assertEquals(
    line(450_000_000, 1_000_000_000),
    "boy.jpg                  [##########--------------]  45 %   45 MB/s 0:00:13 left",
  );
  assertEquals(
    line(0, 10),
    "boy.jpg                  [------------------------]   0 %     0 B/s ? left",
  );
  assertEquals(
    line(12, 10),
    "boy.jpg                  [########################] 100 %     1 B/s 0:00:00 left",
  );
  assertEquals(line(15_000), "boy.jpg                  15 kB  1.5 kB/s");
});
