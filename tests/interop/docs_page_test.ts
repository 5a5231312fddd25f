// The page that a server shows to browsers, in Chromium.
// What stands in functions for the page is checked against what a page has.
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  createServer,
  method,
  optional,
  XmlRpcFault,
  type XmlRpcServerOptions,
} from "@xmlrpc/xmlrpc/server";
import { createChromiumTest, type Page } from "../support/chromium.ts";

const EVIL = `<img src=x onerror="alert(1)"><script>alert(2)</script>`;

const PICTURE = Uint8Array.fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
);

const METHODS = {
  math: {
    add: method(
      { params: ["int", "int"], returns: "int", help: "Adds two integers." },
      (a, b) => a + b,
    ),
    divide: method(
      { params: ["double", "double"], returns: "double" },
      (a, b) => {
        if (b === 0) throw new XmlRpcFault(1, "Division by zero");
        return a / b;
      },
    ),
  },
  orders: {
    add: method({
      params: [[{ sku: "string", price: "double" }], optional("string")],
      returns: { id: "i8", total: "double", note: "any" },
    }, (items, note) => ({
      id: 9_007_199_254_740_993n,
      total: items.reduce((sum, { price }) => sum + price, 0),
      note: note ?? null,
    })),
  },
  kinds: method({
    params: ["i8", "boolean", "dateTime.iso8601", "nil"],
    returns: "array",
  }, (...params) => params),
  pair: method([
    { params: ["int"], returns: "string" },
    { params: ["string"], returns: "string" },
  ], (value: number | string) => typeof value),
  upload: method(
    { params: ["base64"], returns: "double", stream: true },
    async (bytes) => {
      let sum = 0;
      let paused = false;
      for await (const chunk of bytes) {
        sum += chunk.length;
        if (paused || sum < 10_000_000) continue;
        // Long enough for a browser to tell how far it is: it does so every 50 ms.
        await new Promise((resolve) => setTimeout(resolve, 300));
        paused = true;
      }
      return sum;
    },
  ),
  picture: method({ params: [], returns: "base64" }, () => PICTURE),
  plain: (...params: unknown[]) => params,
  evil: method({ params: [], returns: "any", help: EVIL }, () => ({
    [EVIL]: EVIL,
    "</script>": [EVIL],
  })),
  evilFault: method({ params: [], returns: "nil" }, () => {
    throw new XmlRpcFault(1, EVIL);
  }),
  texts: method(
    { params: [], returns: { quoted: "string", empty: "string" } },
    () => ({ quoted: 'two "lines":\nC:\\x', empty: "" }),
  ),
  longText: method({ params: [], returns: "string" }, () => "ab".repeat(5e5)),
  numbers: method(
    { params: [], returns: ["int"] },
    () => Array.from({ length: 250 }, (_, index) => index),
  ),
  slow: method(
    { params: [], returns: "nil" },
    () => new Promise<null>(() => {}),
  ),
};

/** Opens the page of a server of these methods. */
async function withDocs(
  page: Page,
  use: (url: string) => Promise<void>,
  options: XmlRpcServerOptions = {},
): Promise<void> {
  const server = createServer(METHODS, { docs: true, ...options });
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    server.fetch,
  );
  const url = `http://127.0.0.1:${http.addr.port}/RPC2`;
  await page.goto(url);
  await until(page, "#list a, .result");
  await use(url);
  // Whatever has happened, nothing has broken and nothing was injected.
  assertEquals(page.errors, []);
  assertEquals(page.dialogs, []);
}

/** Waits until there is an element in the page; gives its text. */
async function until(page: Page, selector: string): Promise<string> {
  return await page.evaluate(async (selector) => {
    const start = performance.now();
    for (;;) {
      const found = document.querySelector(selector);
      if (found !== null) return found.textContent ?? "";
      if (performance.now() - start > 20_000) {
        throw new Error(`No ${selector} in ${document.body.innerText}`);
      }
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }, selector);
}

/** Chooses a method in the list. */
async function choose(page: Page, name: string): Promise<void> {
  await page.evaluate(async (name) => {
    document.querySelector<HTMLElement>(`a[data-name="${name}"]`)!.click();
    while (document.querySelector("h1")?.textContent !== name) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }, name);
}

/** Puts a text into a field, in the place of what is there. */
async function fill(page: Page, index: number, text: string): Promise<void> {
  await page.evaluate(
    (index, text) => {
      const fields = document.querySelectorAll<HTMLInputElement>(
        ".fields input:not([type=checkbox][aria-label]), .fields textarea",
      );
      fields[index]!.value = text;
    },
    index,
    text,
  );
}

/** Makes the call; gives the text of the result, kinds of values included. */
async function callIt(page: Page): Promise<string> {
  await page.evaluate(() => document.querySelector(".result")?.remove());
  await page.click("button.main");
  return await until(page, ".result .tree");
}

const chromiumTest = await createChromiumTest();

chromiumTest("the page lists the methods by their groups", async (page) => {
  await withDocs(page, async () => {
    assertEquals(
      await page.evaluate(() =>
        Array.from(document.querySelectorAll("nav h2"), (h) => h.textContent)
      ),
      ["math", "orders", "system"],
    );
    assertStringIncludes(
      await until(page, ".overview"),
      "math.add(int, int): intAdds two integers.",
    );
    assertEquals(await until(page, "#count"), "20 methods");
  });
});

chromiumTest("the page finds methods by name and help", async (page) => {
  await withDocs(page, async () => {
    await page.type("#search", "ADDS two");
    assertEquals(await until(page, "#count"), "1 of 20 methods");
    assertEquals(await until(page, "#list a"), "add");
    assertEquals(
      await until(page, ".overview"),
      "math.add(int, int): intAdds two integers.",
    );
  });
});

chromiumTest("the page makes a call, and shows the result", async (page) => {
  await withDocs(page, async (url) => {
    await choose(page, "math.add");
    await page.type(".field:nth-child(1) input", "8");
    await page.type(".field:nth-child(2) input", "8");
    assertEquals(await callIt(page), "16int");
    const codes = await page.evaluate(() =>
      Array.from(document.querySelectorAll("pre"), (pre) => pre.textContent)
    );
    assertEquals(codes.length, 5);
    assertStringIncludes(codes[0]!, "<methodName>math.add</methodName>");
    assertStringIncludes(codes[1]!, "<int>16</int>");
    assertEquals(
      codes[2],
      `import { createClient } from "jsr:@xmlrpc/xmlrpc";\n\nconst client = createClient("${url}");\n` +
        'const result = await client.call("math.add", [8, 8]);\nconsole.log(result);',
    );
    assertStringIncludes(codes[3]!, "print(server.math.add(8, 8))");
    assertStringIncludes(codes[4]!, `curl '${url}'`);
  });
});

chromiumTest(
  "what the page says for Python and curl does what it did",
  async (page) => {
    await withDocs(page, async () => {
      await choose(page, "math.divide");
      await fill(page, 0, "1");
      await fill(page, 1, "4");
      assertEquals(await callIt(page), "0.25double");
      const codes = await page.evaluate(() =>
        Array.from(document.querySelectorAll("pre"), (pre) => pre.textContent!)
      );
      const decoder = new TextDecoder();
      const python = await new Deno.Command("python3", {
        args: ["-c", codes[3]!],
      }).output();
      assertEquals(decoder.decode(python.stdout), "0.25\n");
      const curl = await new Deno.Command("sh", {
        args: ["-c", codes[4]!.replace("curl", "curl -s")],
      }).output();
      assertStringIncludes(
        decoder.decode(curl.stdout),
        "<double>0.25</double>",
      );
    });
  },
);

chromiumTest(
  "what the page says for curl runs nothing that a link to it names",
  async (page) => {
    await withDocs(page, async (url) => {
      await page.goto(`${url};$(echo injected)'$(echo injected)`);
      await until(page, "#list a");
      await choose(page, "plain");
      assertStringIncludes(await callIt(page), "array of 0");
      const codes = await page.evaluate(() =>
        Array.from(document.querySelectorAll("pre"), (pre) => pre.textContent!)
      );
      const { stdout } = await new Deno.Command("sh", {
        args: ["-c", codes[4]!.replace("curl", "printf '%s\\n'")],
      }).output();
      const [called] = new TextDecoder().decode(stdout).split("\n");
      assertEquals(called, `${url};$(echo%20injected)'$(echo%20injected)`);
    });
  },
);

chromiumTest("the page shows a fault", async (page) => {
  await withDocs(page, async () => {
    await choose(page, "math.divide");
    await fill(page, 0, "1");
    await fill(page, 1, "0");
    await callIt(page);
    assertEquals(
      await until(page, ".result.fault b"),
      "Fault 1: Division by zero",
    );
  });
});

chromiumTest(
  "the page says what is wrong with a field, and calls nothing",
  async (page) => {
    await withDocs(page, async () => {
      await choose(page, "math.add");
      await fill(page, 0, "8");
      await fill(page, 1, "2147483648");
      await page.click("button.main");
      assertEquals(
        await until(page, ".field:nth-child(2) .error:not(:empty)"),
        "2147483648 exceeds 32 bits",
      );
      const focused = await page.evaluate(() => ({
        isField: document.activeElement ===
          document.querySelectorAll(".fields input")[1],
        hasResult: document.querySelector(".result") !== null,
      }));
      assertEquals(focused, { isField: true, hasResult: false });
    });
  },
);

chromiumTest(
  "the page sends every kind of value, and keeps what it gets",
  async (page) => {
    await withDocs(page, async () => {
      await choose(page, "kinds");
      await fill(page, 0, "9223372036854775807");
      await page.click(".field:nth-child(2) input");
      await fill(page, 2, "2026-11-25T12:30:00");
      const text = await callIt(page);
      for (
        const part of [
          "9223372036854775807i8",
          "trueboolean",
          "20261125T12:30:00dateTime.iso8601",
          "nilnil",
        ]
      ) assertStringIncludes(text, part);
    });
  },
);

chromiumTest(
  "the page takes structs and arrays in JSON, and leaves out what is optional",
  async (page) => {
    await withDocs(page, async () => {
      await choose(page, "orders.add");
      await fill(page, 0, '[{"sku": "a", "price": 3}]');
      const text = await callIt(page);
      assertStringIncludes(text, "9007199254740993i8");
      assertStringIncludes(text, "nilnil");
      await page.click('input[aria-label="Send param 2"]');
      await fill(page, 1, "soon");
      assertStringIncludes(await callIt(page), "soonstring");
      await fill(page, 0, "[");
      await page.click("button.main");
      assertStringIncludes(
        await until(page, ".error:not(:empty)"),
        "Invalid JSON",
      );
    });
  },
);

chromiumTest("the page offers each signature of a method", async (page) => {
  await withDocs(page, async () => {
    await choose(page, "pair");
    await fill(page, 0, "5");
    assertEquals(await callIt(page), "numberstring");
    await page.evaluate(() => {
      const select = document.querySelector("select")!;
      select.selectedIndex = 1;
      select.dispatchEvent(new Event("change"));
    });
    await fill(page, 0, "5");
    assertEquals(await callIt(page), "stringstring");
  });
});

chromiumTest("the page calls a method without a signature", async (page) => {
  await withDocs(page, async () => {
    await choose(page, "plain");
    await fill(page, 0, '[5, "a", {"b": 2.5}]');
    const text = await callIt(page);
    for (const part of ["5int", "astring", "b: 2.5double"]) {
      assertStringIncludes(text, part);
    }
  });
});

chromiumTest(
  "the page uploads a file, and shows how far it is",
  async (page) => {
    const path = await Deno.makeTempFile();
    try {
      await Deno.writeFile(path, new Uint8Array(30_000_000));
      await withDocs(page, async () => {
        await choose(page, "upload");
        await page.chooseFiles(".fields input[type=file]", path);
        await page.evaluate(() => {
          const seen: string[] = [];
          Object.assign(globalThis, { seen });
          new MutationObserver(() => {
            const text = document.querySelector(".progress .hint")?.textContent;
            if (text !== undefined && text !== null) seen.push(text);
          }).observe(document.body, {
            subtree: true,
            childList: true,
            characterData: true,
          });
        });
        assertEquals(await callIt(page), "30000000.0double");
        const seen = await page.evaluate(() =>
          (globalThis as unknown as { seen: string[] }).seen
        );
        assert(
          seen.some((text) => /^[\d.]+ MB of 40 MB up$/.test(text)),
          `${seen}`,
        );
      });
    } finally {
      await Deno.remove(path);
    }
  },
);

chromiumTest(
  "the page shows a picture, and gives bytes as a file",
  async (page) => {
    await withDocs(page, async () => {
      await choose(page, "picture");
      assertStringIncludes(await callIt(page), "70 bytes, downloadbase64");
      await until(page, ".tree img");
      const width = await page.evaluate(async () => {
        const img = document.querySelector("img")!;
        await img.decode();
        return img.naturalWidth;
      });
      assertEquals(width, 1);
      const size = await page.evaluate(() => {
        const link = document.querySelector<HTMLAnchorElement>(".tree a")!;
        assertDownload(link.download);
        return link.href.startsWith("blob:");
        function assertDownload(name: string) {
          if (name !== "result.png") throw new Error(name);
        }
      });
      assertEquals(size, true);
    });
  },
);

for (const name of ["evil", "evilFault"]) {
  chromiumTest(`the page shows what ${name} gives as text`, async (page) => {
    await withDocs(page, async () => {
      await choose(page, name);
      await callIt(page);
      const { text, count } = await page.evaluate(() => ({
        text: document.querySelector("main")!.textContent!,
        count: document.querySelectorAll("main img, main script").length,
      }));
      assertStringIncludes(text, EVIL);
      assertEquals(count, 0);
    });
  });
}

chromiumTest(
  "the page takes nothing of the address for markup",
  async (page) => {
    await withDocs(page, async (url) => {
      await page.goto(
        `${url}?${encodeURIComponent(EVIL)}#/${encodeURIComponent(EVIL)}`,
      );
      await until(page, ".overview");
      assertEquals(
        await page.evaluate(() =>
          document.querySelectorAll("main img, main script").length
        ),
        0,
      );
    });
  },
);

chromiumTest("a call that takes long can be cancelled", async (page) => {
  await withDocs(page, async () => {
    await choose(page, "slow");
    await page.click("button.main");
    await until(page, ".progress button");
    await page.click(".progress button");
    assertEquals(await until(page, ".result b"), "The call was cancelled");
    // The server learns nothing of that: its answer comes when time is over.
  }, { callTimeout: 2000, onError: () => {} });
});

chromiumTest(
  "a call can be cancelled while its request is made",
  async (page) => {
    const path = await Deno.makeTempFile();
    try {
      await Deno.truncate(path, 100_000_000);
      await withDocs(page, async () => {
        await choose(page, "upload");
        await page.chooseFiles(".fields input[type=file]", path);
        // Within one turn of the page, nothing can have been sent.
        await page.evaluate(() => {
          document.querySelector<HTMLElement>("button.main")!.click();
          document.querySelector<HTMLElement>(".progress button")!.click();
        });
        assertEquals(await until(page, ".result b"), "The call was cancelled");
      });
    } finally {
      await Deno.remove(path);
    }
  },
);

chromiumTest("a call waits for its answer in words", async (page) => {
  await withDocs(page, async () => {
    await choose(page, "slow");
    await page.click("button.main");
    await page.evaluate(async () => {
      const text = document.querySelector(".progress .hint")!;
      while (text.textContent !== "Waiting for the response …") {
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    });
    await page.click(".progress button");
    await until(page, ".result b");
  }, { callTimeout: 2000, onError: () => {} });
});

chromiumTest("the focus is not lost to a call", async (page) => {
  await withDocs(page, async () => {
    await choose(page, "texts");
    await callIt(page);
    const focused = (): Promise<string | null> =>
      page.evaluate(() => document.activeElement!.textContent);
    assertEquals(await focused(), "Call");
    await choose(page, "slow");
    await page.click("button.main");
    await until(page, ".progress button");
    await page.click(".progress button");
    await until(page, ".result b");
    assertEquals(await focused(), "Call");
  }, { callTimeout: 2000, onError: () => {} });
});

chromiumTest("the page shows texts as they are", async (page) => {
  await withDocs(page, async () => {
    await choose(page, "texts");
    assertEquals(
      await callIt(page),
      'struct of 2 membersquoted: two "lines":\nC:\\xstringempty: (empty)string',
    );
  });
});

chromiumTest("the page shows more of a long text when asked", async (page) => {
  await withDocs(page, async () => {
    await choose(page, "longText");
    const before = await callIt(page);
    assertStringIncludes(before, "ab980000 more characters");
    await page.click(".tree button");
    assertStringIncludes(
      await until(page, ".tree"),
      "ab780000 more characters",
    );
  });
});

chromiumTest("a long list has its button in an item", async (page) => {
  await withDocs(page, async () => {
    await choose(page, "numbers");
    await callIt(page);
    await page.click(".tree summary");
    assertEquals(await until(page, ".tree ul > li:last-child"), "150 more");
    await page.click(".tree ul > li:last-child button");
    assertEquals(await until(page, ".tree ul > li:last-child"), "50 more");
  });
});

chromiumTest("the page sends credentials, and shows none", async (page) => {
  await withDocs(page, async () => {
    assertStringIncludes(await until(page, ".result b"), "Fault 401: No");
    await page.click("#access summary");
    await page.type('input[name="user"]', "ada");
    await page.type('input[name="secret"]', "geheim");
    await page.click("#credentials button");
    await until(page, ".overview");
    await choose(page, "plain");
    await callIt(page);
    const text = await page.evaluate(() => document.body.textContent!);
    assertEquals(text.includes("geheim"), false);
    assertEquals(text.includes(btoa("ada:geheim")), false);
    assertStringIncludes(text, "ada:PASSWORD@");
  }, {
    interceptors: [(call, next) => {
      const { headers } = call.context.request;
      if (headers.get("authorization") === `Basic ${btoa("ada:geheim")}`) {
        return next(call);
      }
      throw new XmlRpcFault(401, "No");
    }],
  });
});

chromiumTest(
  "the page can call a server that lists no methods",
  async (page) => {
    await withDocs(page, async () => {
      await page.type("#any-name", "math.add");
      await fill(page, 0, "[8, 8]");
      await page.evaluate(() => document.querySelector(".result")!.remove());
      await page.click("button.main");
      assertEquals(await until(page, ".result .tree"), "16int");
    }, { introspection: false });
  },
);

chromiumTest("the page works with the keyboard alone", async (page) => {
  await withDocs(page, async () => {
    const press = async (key: string, text?: string): Promise<void> => {
      const code = { key, ...text === undefined ? {} : { text } };
      await page.send("Input.dispatchKeyEvent", { type: "keyDown", ...code });
      await page.send("Input.dispatchKeyEvent", { type: "keyUp", key });
    };
    await press("/", "/");
    await page.send("Input.insertText", { text: "divide" });
    assertEquals(await until(page, "#count"), "1 of 20 methods");
    await page.send("Input.dispatchKeyEvent", {
      type: "keyDown",
      key: "Tab",
      code: "Tab",
      windowsVirtualKeyCode: 9,
    });
    assertEquals(
      await page.evaluate(() => document.activeElement?.textContent),
      "divide",
    );
    await page.send("Input.dispatchKeyEvent", {
      type: "keyDown",
      key: "Enter",
      code: "Enter",
      text: "\r",
      windowsVirtualKeyCode: 13,
    });
    await until(page, "form.card");
    assertEquals(
      await page.evaluate(() => document.activeElement?.id),
      "content",
    );
  });
});

chromiumTest(
  "each field of the page has a label, and no id stands twice",
  async (page) => {
    await withDocs(page, async () => {
      for (const name of ["orders.add", "kinds", "upload", "pair"]) {
        await choose(page, name);
        const flaws = await page.evaluate(() => {
          const fields = document.querySelectorAll<HTMLInputElement>(
            "input, textarea, select",
          );
          const bare = Array.from(fields).filter((field) =>
            (field.labels?.length ?? 0) === 0 &&
            !field.hasAttribute("aria-label")
          );
          const ids = Array.from(
            document.querySelectorAll("[id]"),
            ({ id }) => id,
          );
          return [
            ...bare.map((field) => field.outerHTML),
            ...ids.filter((id, at) => ids.indexOf(id) !== at),
          ];
        });
        assertEquals(flaws, []);
      }
    });
  },
);

for (const scheme of ["light", "dark"]) {
  chromiumTest(
    `the page's texts stand out from what is behind them (${scheme})`,
    async (page) => {
      await page.send("Emulation.setEmulatedMedia", {
        features: [{ name: "prefers-color-scheme", value: scheme }],
      });
      await withDocs(page, async () => {
        await choose(page, "math.divide");
        await fill(page, 0, "1");
        await fill(page, 1, "0");
        await callIt(page);
        const weak = await page.evaluate(() => {
          const canvas = document.createElement("canvas").getContext("2d", {
            willReadFrequently: true,
          })!;
          function luminance(colors: readonly string[]): number {
            // The browser itself lays one colour over the other.
            for (const color of colors) {
              canvas.fillStyle = color;
              canvas.fillRect(0, 0, 1, 1);
            }
            const [r, g, b] = Array.from(
              canvas.getImageData(0, 0, 1, 1).data,
              (byte) => {
                const part = byte / 255;
                return part <= 0.04045
                  ? part / 12.92
                  : ((part + 0.055) / 1.055) ** 2.4;
              },
            );
            return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
          }
          const found: string[] = [];
          for (const element of document.querySelectorAll("body *")) {
            const hasText = Array.from(element.childNodes).some((node) =>
              node.nodeType === 3 && node.textContent!.trim() !== ""
            );
            if (!hasText || element.getClientRects().length === 0) continue;
            const backs: string[] = [];
            for (let at: Element | null = element; at; at = at.parentElement) {
              backs.unshift(getComputedStyle(at).backgroundColor);
            }
            const back = luminance(backs);
            const front = luminance([
              ...backs,
              getComputedStyle(element).color,
            ]);
            const ratio = (Math.max(front, back) + 0.05) /
              (Math.min(front, back) + 0.05);
            // WCAG 2.2, level AA.
            if (ratio < 4.5) found.push(`${ratio} ${element.outerHTML}`);
          }
          return found;
        });
        assertEquals(weak, []);
      });
    },
  );
}

for (const width of [320, 390, 768, 1280]) {
  chromiumTest(
    `the page needs no scrolling sideways at ${width} pixels`,
    async (page) => {
      await page.send("Emulation.setDeviceMetricsOverride", {
        width,
        height: 800,
        deviceScaleFactor: 1,
        mobile: false,
      });
      await withDocs(page, async () => {
        for (const name of ["orders.add", "evil"]) {
          await choose(page, name);
          await callIt(page);
          await page.evaluate(() => {
            for (const details of document.querySelectorAll("details.code")) {
              (details as HTMLDetailsElement).open = true;
            }
          });
          const wide = await page.evaluate(() =>
            document.documentElement.scrollWidth - innerWidth
          );
          assert(wide <= 0, `${name} is ${wide} pixels too wide`);
        }
      });
    },
  );
}
