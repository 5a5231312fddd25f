import { assertEquals, assertRejects } from "@std/assert";
import { createChromiumTest } from "./chromium.ts";

const test = await createChromiumTest();

function pageOf(html: string): string {
  return `data:text/html,<!DOCTYPE html><body>${encodeURIComponent(html)}`;
}

test("run() and evaluate() give what they return in the page, as JSON", async (page) => {
  await page.goto(pageOf("<h1>a title</h1>"));

  const title = await page.run(
    "return document.querySelector('h1').textContent",
  );
  const sum = await page.evaluate(
    (x, y) => Promise.resolve({ sum: x + y }),
    1,
    2,
  );
  const nothing = await page.run("");

  assertEquals([title, sum, nothing], ["a title", { sum: 3 }, undefined]);
});

test("run() rejects with an error of the page", async (page) => {
  await assertRejects(
    () => page.run("throw new RangeError('too far')"),
    Error,
    "RangeError: too far",
  );
});

test("click() and type() do what a user does", async (page) => {
  await page.goto(pageOf(`
    <p style="height: 3000px"></p>
    <input><button onclick="alert(event.isTrusted)">Go</button>
  `));

  await page.type("input", "cloud");
  await page.click("button");

  const text = await page.run("return document.querySelector('input').value");
  assertEquals([text, page.dialogs], ["cloud", ["true"]]);
});

test("click() rejects where there is no such element", async (page) => {
  await assertRejects(() => page.click("button"), Error, "No element button");
});

test("errors has what the page has not caught", async (page) => {
  await page.goto(pageOf("<script>throw 'thrown'; </script>"));

  assertEquals(page.errors, ["Uncaught"]);
});

test("goto() rejects where no server listens", async (page) => {
  await assertRejects(
    () => page.goto("http://127.0.0.1:1/"),
    Error,
    "ERR_",
  );
});

for (const visit of ["first", "second"]) {
  test(`a page finds nothing of other pages at the ${visit} visit`, async (page) => {
    await using http = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response("", { headers: { "content-type": "text/html" } }),
    );
    await page.goto(`http://127.0.0.1:${http.addr.port}/`);

    const found = await page.run(
      "const found = document.cookie; document.cookie = 'a=1'; return found",
    );

    assertEquals(found, "");
  });
}

test("screenshot() gives a picture", async (page) => {
  const bytes = await page.screenshot();
  assertEquals([...bytes.subarray(1, 4)], [...new TextEncoder().encode("PNG")]);
});
