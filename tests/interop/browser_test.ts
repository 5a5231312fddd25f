// Our client in a page in Chromium, and our server that the page comes from.

import { assert, assertEquals } from "@std/assert";
import { createServer, method, XmlRpcFault } from "@xmlrpc/xmlrpc/server";
import { createChromiumTest, type Page } from "../support/chromium.ts";
import { serveLibrary, type XmlRpcGlobal } from "../support/browser_modules.ts";

/** What functions find that run in the page. */
declare const xmlrpc: XmlRpcGlobal;

const MIB = 2 ** 20;

/** A stream of so many bytes, each of them 7. */
function sevens(length: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = length;
  return new ReadableStream({
    pull(controller): void {
      const size = Math.min(left, 65_536);
      left -= size;
      if (size > 0) controller.enqueue(new Uint8Array(size).fill(7));
      else controller.close();
    },
  });
}

/** A server of what the tests call. */
function createMethods() {
  const aborted = Promise.withResolvers<string>();
  const begun = Promise.withResolvers<void>();
  const server = createServer({
    echo: (value: unknown) => value,
    math: { add: (x: number, y: number) => x + y },
    fail(): never {
      throw new XmlRpcFault(42, "Nö <b>");
    },
    upload: method(
      { params: ["base64"], returns: "double", stream: true },
      async (bytes) => {
        let sum = 0;
        for await (const chunk of bytes) {
          for (const byte of chunk) sum += byte;
        }
        return sum;
      },
    ),
    download: (length: number) => sevens(length),
    async *count(length: number) {
      for (let index = 0; index < length; index++) {
        yield { index, name: `nr ${index}` };
      }
    },
    hasBegun: () => begun.promise,
    hasAborted: () => aborted.promise,
    async wait(): Promise<never> {
      const { signal } = this;
      begun.resolve();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      aborted.resolve(signal.reason.name);
      throw signal.reason;
    },
  });
  return server;
}

type Methods = ReturnType<typeof createMethods>["methods"];

const test = await createChromiumTest();

/** Registers a test of a page that has loaded the library from the server it calls. */
function testClient(
  name: string,
  task: (page: Page) => Promise<void>,
): void {
  test(`in Chromium ${name}`, async (page) => {
    const server = createMethods();
    await using http = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) =>
        request.method === "POST"
          ? server.fetch(request)
          : serveLibrary(request),
    );
    await page.goto(`http://127.0.0.1:${http.addr.port}/`);
    try {
      await task(page);
      assertEquals(page.errors, []);
    } finally {
      // The server does not end before its calls have.
      await page.goto("about:blank");
    }
  });
}

testClient("our client makes a call", async (page) => {
  const results = await page.evaluate(async () => {
    const { methods } = xmlrpc.createClient<Methods>("/RPC2");
    return [
      await methods.math.add(8, 8),
      await methods.echo("Ünï ]]> 🦕\r\n"),
      await methods.echo({ list: [1, 2.5, true, null], at: new Date(0) }),
    ];
  });

  assertEquals(results, [
    16,
    "Ünï ]]> 🦕\r\n",
    { list: [1, 2.5, true, null], at: "1970-01-01T00:00:00.000Z" },
  ]);
});

testClient("our client gets a fault", async (page) => {
  const outcome = await page.evaluate(async () => {
    const client = xmlrpc.createClient<Methods>("/");
    try {
      return await client.call("fail");
    } catch (error) {
      return error instanceof xmlrpc.XmlRpcFault
        ? [error.code, error.message]
        : String(error);
    }
  });

  assertEquals(outcome, [42, "Nö <b>"]);
});

testClient("our client makes a multicall", async (page) => {
  const outcomes = await page.evaluate(async () => {
    const client = xmlrpc.createClient<Methods>("/");
    const settled = await client.multicall([
      ["math.add", [1, 2]],
      ["fail", []],
    ]);
    return settled.map((one) =>
      one.status === "fulfilled" ? one.value : one.reason.code
    );
  });

  assertEquals(outcomes, [3, 42]);
});

testClient(
  "our client uploads a Blob and tells how far it is",
  async (page) => {
    const [sum, done, total] = await page.evaluate(async (size) => {
      const client = xmlrpc.createClient<Methods>("/");
      const blob = new Blob([new Uint8Array(size).fill(3)]);
      let last: [number, number | undefined] = [0, 0];
      const result = await client.call("upload", [blob], {
        onProgress: ({ bytesDone, bytesTotal }) =>
          last = [bytesDone, bytesTotal],
      });
      return [result, ...last];
    }, 4 * MIB);

    assertEquals([sum, done, total], [12 * MIB, 4 * MIB, 4 * MIB]);
  },
);

testClient(
  "our client uploads a file that a user has chosen",
  async (page) => {
    const picture =
      new URL("../../examples/picture.png", import.meta.url).pathname;
    await page.run("document.body.innerHTML = '<input type=file>'");
    await page.chooseFiles("input", picture);

    const sum = await page.run(`
    const { createClient } = xmlrpc;
    const [file] = document.querySelector("input").files;
    return await createClient("/").call("upload", [file]);
  `);

    const bytes = await Deno.readFile(picture);
    assertEquals(sum, bytes.reduce((sum, byte) => sum + byte, 0));
  },
);

testClient("our client uploads a stream", async (page) => {
  const sum = await page.evaluate(async (size) => {
    const client = xmlrpc.createClient<Methods>("/");
    const stream = new Blob([new Uint8Array(size).fill(5)]).stream();
    return await client.call("upload", [stream]);
  }, MIB);

  assertEquals(sum, 5 * MIB);
});

testClient("our client reads a download as it comes", async (page) => {
  const [chunks, length, sum] = await page.evaluate(async (size) => {
    const client = xmlrpc.createClient<Methods>("/");
    const stream = await client.stream("download", [size]);
    const reader = stream.getReader();
    let [chunks, length, sum] = [0, 0, 0];
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return [chunks, length, sum];
      chunks++;
      length += value.length;
      for (const byte of value) sum += byte;
    }
  }, 4 * MIB + 1);

  assert(chunks! > 4, `${chunks} chunks`);
  assertEquals([length, sum], [4 * MIB + 1, 7 * (4 * MIB + 1)]);
});

testClient(
  "our client reads the items of an array as they come",
  async (page) => {
    const result = await page.evaluate(async () => {
      const client = xmlrpc.createClient<Methods>("/");
      let [count, last] = [0, ""];
      for await (const { name } of client.items("count", [5000])) {
        count++;
        last = name;
      }
      return [count, last];
    });

    assertEquals(result, [5000, "nr 4999"]);
  },
);

testClient(
  "our client aborts a call, and the method learns of it",
  async (page) => {
    const reasons = await page.evaluate(async () => {
      const controller = new AbortController();
      const client = xmlrpc.createClient<Methods>("/");
      const waiting = client.call("wait", [], { signal: controller.signal });
      await client.call("hasBegun");
      controller.abort();
      return [
        await waiting.catch((error) => error.name),
        await client.call("hasAborted"),
      ];
    });

    assertEquals(reasons, ["AbortError", "AbortError"]);
  },
);

testClient("our client does without the platform's base64", async (page) => {
  const result = await page.evaluate(async (size) => {
    const bytes = new Uint8Array(size).map((_, index) => index * 7);
    const had = "fromBase64" in Uint8Array;
    for (
      const [owner, name] of [
        [Uint8Array, "fromBase64"],
        [Uint8Array.prototype, "toBase64"],
        [Uint8Array.prototype, "setFromBase64"],
      ] as const
    ) {
      delete (owner as unknown as Record<string, unknown>)[name];
    }
    const client = xmlrpc.createClient<Methods>("/");
    const echoed = await client.call("echo", [bytes]) as Uint8Array;
    const stream = await client.stream("download", [size]);
    const { byteLength } = await new Response(stream).arrayBuffer();
    const sum = await client.call("upload", [new Blob([bytes])]);
    return {
      had,
      has: "fromBase64" in Uint8Array,
      isSame: echoed.every((byte, index) => byte === bytes[index]),
      byteLength,
      isSum: sum === bytes.reduce((sum, byte) => sum + byte, 0),
    };
  }, 300_001);

  assertEquals(result, {
    had: true,
    has: false,
    isSame: true,
    byteLength: 300_001,
    isSum: true,
  });
});

testClient("our codec decodes what it has encoded", async (page) => {
  const isSame = await page.evaluate(() => {
    const { decodeCall, encodeCall } = xmlrpc;
    const params = ["<&>", 5n, [[], {}], { __proto__x: 1 }, new Uint8Array(3)];
    const { params: decoded } = decodeCall(encodeCall("m", params));
    const text = (value: unknown): string =>
      JSON.stringify(
        value,
        (_, item) => typeof item === "bigint" ? `${item}n` : item,
      );
    return text(decoded) === text(params);
  });

  assert(isSame);
});
