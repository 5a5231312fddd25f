// The recipe for Odoo, with a server of ours that answers what Odoo's documentation says.

import { assertEquals, assertRejects } from "@std/assert";
import { createServer, XmlRpcFault } from "@xmlrpc/xmlrpc";
import {
  connect,
  type Many2One,
  type Odoo,
  type OdooModels,
} from "../../examples/recipes/odoo.ts";
import { runRecipe } from "./_apps.ts";

type Values = Record<string, unknown>;

/** An Odoo with two companies, one of which is the documentation's. */
class FakeOdoo {
  readonly #partners = new Map<number, Values>([
    [7, { name: "Agrolait", country_id: [21, "Belgium"], comment: false }],
    [8, { name: "Größe & Söhne 🎉", country_id: false, comment: false }],
  ]);
  /** What has been called, beside `authenticate`. */
  readonly calls: unknown[] = [];

  readonly #common = createServer({
    version: () => ({
      server_version: "18.0",
      server_version_info: [18, 0, 0, "final", 0],
      server_serie: "18.0",
      protocol_version: 1,
    }),
    // The fourth param describes the caller, and is left alone.
    authenticate: (
      database: string,
      user: string,
      key: string,
      _agent: object,
    ) => database === "test" && user === "ada" && key === "s3cret" && 2,
  });

  readonly #object = createServer({
    execute_kw: (
      _database: string,
      user: number,
      key: string,
      model: string,
      method: string,
      params: unknown[],
      named: Values,
    ) => {
      if (user !== 2 || key !== "s3cret") {
        throw new XmlRpcFault(3, "Access Denied");
      }
      this.calls.push([model, method, params, named]);
      return this.#execute(method, params, named);
    },
  });

  #execute(method: string, params: unknown[], named: Values): unknown {
    switch (method) {
      case "search_read":
        return Array.from(this.#partners, ([id, values]) => ({
          id,
          ...Object.fromEntries(
            (named.fields as string[]).map((field) => [field, values[field]]),
          ),
        }));
      case "create":
        this.#partners.set(9, params[0] as Values);
        return 9;
      case "write":
        return true;
      case "unlink":
        for (const id of params[0] as number[]) this.#partners.delete(id);
        return true;
      default:
        throw new XmlRpcFault(1, `The method '${method}' does not exist`);
    }
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === "/xmlrpc/2/common") {
      return await this.#common.fetch(request);
    }
    if (pathname === "/xmlrpc/2/object") {
      return await this.#object.fetch(request);
    }
    return new Response(null, { status: 404 });
  };
}

async function served(
  use: (url: string, fake: FakeOdoo) => Promise<void>,
): Promise<void> {
  const fake = new FakeOdoo();
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    fake.fetch,
  );
  await use(`http://127.0.0.1:${http.addr.port}`, fake);
}

/** Logs in, as who may. */
function login(url: string): Promise<Odoo<OdooModels>> {
  return connect(url, "test", "ada", "s3cret");
}

Deno.test("the recipe for Odoo reads records with the fields it asks for", async () => {
  await served(async (url, fake) => {
    const odoo = await login(url);
    const [first, second] = await odoo.searchRead(
      "res.partner",
      ["|", ["name", "ilike", "a"], ["is_company", "=", true]],
      { fields: ["name", "country_id"], limit: 5 },
    );
    const country: Many2One | undefined = first?.country_id;
    assertEquals(country, [21, "Belgium"]);
    assertEquals(second?.country_id, false);
    // @ts-expect-error It was not asked for.
    assertEquals(second?.email, undefined);
    assertEquals(fake.calls, [[
      "res.partner",
      "search_read",
      [["|", ["name", "ilike", "a"], ["is_company", "=", true]]],
      { fields: ["name", "country_id"], limit: 5 },
    ]]);
  });
});

Deno.test("the recipe for Odoo makes, changes and deletes records", async () => {
  await served(async (url, fake) => {
    const odoo = await login(url);
    assertEquals(await odoo.create("res.partner", { name: "New" }), 9);
    assertEquals(await odoo.write("res.partner", [9], { name: "Newer" }), true);
    assertEquals(await odoo.unlink("res.partner", [9]), true);
    assertEquals(fake.calls, [
      ["res.partner", "create", [{ name: "New" }], {}],
      ["res.partner", "write", [[9], { name: "Newer" }], {}],
      ["res.partner", "unlink", [[9]], {}],
    ]);
  });
});

Deno.test("the recipe for Odoo tells a wrong key, and a fault, apart", async () => {
  await served(async (url) => {
    await assertRejects(
      () => connect(url, "test", "ada", "wrong"),
      Error,
      "Odoo rejected the user or the key",
    );
    const odoo = await login(url);
    const fault = await assertRejects(
      () => odoo.execute("res.partner", "frob", []),
      XmlRpcFault,
    );
    assertEquals(fault.code, 1);
  });
});

Deno.test("odoo.ts lists companies", async () => {
  await served(async (url) => {
    assertEquals(await runRecipe("odoo.ts", url, "test", "ada", "s3cret"), {
      code: 0,
      stdout: "Agrolait, Belgium\nGröße & Söhne 🎉\n",
      stderr: "",
    });
  });
});
