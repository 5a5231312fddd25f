import { assertEquals } from "@std/assert";
import { describeLostBytes } from "./bytes.ts";
import {
  createShrunkViews,
  createTransferred,
} from "../tests/support/lost_bytes.ts";

Deno.test("describeLostBytes() describes views that are outside of their buffer", () => {
  for (const view of createShrunkViews()) {
    assertEquals(
      describeLostBytes(view),
      "bytes outside of their shrunk buffer",
    );
  }
});

Deno.test("describeLostBytes() describes bytes that have been transferred", () => {
  for (const bytes of createTransferred()) {
    assertEquals(describeLostBytes(bytes), "bytes that have been transferred");
  }
});

Deno.test("describeLostBytes() finds nothing where bytes can be read", () => {
  const buffer = new ArrayBuffer(16, { maxByteLength: 16 });
  const tracking = new Uint8Array(buffer);
  const part = new Uint8Array(buffer, 0, 2);
  buffer.resize(2);
  const all = [
    new ArrayBuffer(0),
    new Uint8Array(),
    new DataView(new ArrayBuffer(0)),
    new Uint8Array(new SharedArrayBuffer(2)),
    new Float64Array(1),
    buffer,
    tracking,
    part,
  ];

  assertEquals(all.map(describeLostBytes), all.map(() => undefined));
  assertEquals(tracking.length, 2);
});
