// Lists the companies in an Odoo database, with their countries.
//
//     deno run -A examples/recipes/odoo.ts https://example.odoo.com database user key
//
// The key is the user's password or, better, an API key, which users create on their
// preferences page. Odoo Online offers this interface only in its larger plans.
//
// Empty values are `false`. Dates are strings in UTC: `2026-11-25 01:44:12`. Files are
// strings in base64. Odoo cannot send `null`: if a method returns nothing, the response is a
// fault, although the method has succeeded.
//
// Our tests do not use a real Odoo. The recipe follows Odoo's public documentation
// ("External RPC API", 18.0), and the tests use a server that behaves as documented there.
// deno-lint-ignore-file no-console camelcase -- the names are Odoo's

import { createClient } from "@xmlrpc/xmlrpc/client";
import { runRecipe } from "./_recipe.ts";

/** A reference to a record of another model: its id and its name, or `false`. */
export type Many2One = [id: number, name: string] | false;

/** Ids of records of another model. */
export type Many2Many = number[];

/** A person or company, with the fields used here. Add your own. */
export interface Partner {
  readonly name: string;
  readonly email: string | false;
  readonly is_company: boolean;
  readonly country_id: Many2One;
  readonly category_id: Many2Many;
  readonly create_date: string;
}

/** The models by name. Add your own. */
export interface OdooModels {
  readonly "res.partner": Partner;
}

/** The methods that need no login, at `/xmlrpc/2/common`. */
export interface OdooCommon {
  /** Returns the version. */
  version(): {
    readonly server_version: string;
    readonly server_serie: string;
    readonly protocol_version: number;
  };
  /** Returns the user's id, or `false` if the key is wrong. */
  authenticate(
    database: string,
    user: string,
    key: string,
    agent: Readonly<Record<string, never>>,
  ): number | false;
}

/** The methods for records, at `/xmlrpc/2/object`. */
export interface OdooObject {
  /** Calls a method of a model, with positional and named params. */
  execute_kw(
    database: string,
    user: number,
    key: string,
    model: string,
    method: string,
    params: readonly unknown[],
    named?: Readonly<Record<string, unknown>>,
  ): unknown;
}

/** A condition on records: `["name", "ilike", "odoo"]`, or `"|"` before two of them. */
export type Condition<Model> =
  | readonly [
    field: (keyof Model & string) | "id",
    operator: string,
    value: unknown,
  ]
  | "|"
  | "&"
  | "!";

/** Which records to read. */
export interface Query<Field> {
  readonly fields: readonly Field[];
  readonly limit?: number;
  readonly offset?: number;
  /** `"name asc, id desc"`. */
  readonly order?: string;
}

/** Records of a model, with the requested fields. */
export type Records<Model, Field extends keyof Model> =
  & { readonly id: number }
  & Pick<Model, Field>;

/** A connection to Odoo, after the login. */
export interface Odoo<Models> {
  /** Calls any method of a model. You state the type of its result. */
  execute<Result>(
    model: string,
    method: string,
    params: readonly unknown[],
    named?: Readonly<Record<string, unknown>>,
  ): Promise<Result>;
  /** Finds records, and reads the named fields. */
  searchRead<
    Name extends keyof Models & string,
    Field extends keyof Models[Name] & string,
  >(
    model: Name,
    conditions: readonly Condition<Models[Name]>[],
    query: Query<Field>,
  ): Promise<Records<Models[Name], Field>[]>;
  /** Creates a record; returns its id. */
  create<Name extends keyof Models & string>(
    model: Name,
    values: Partial<Record<keyof Models[Name], unknown>>,
  ): Promise<number>;
  /** Changes records. */
  write<Name extends keyof Models & string>(
    model: Name,
    ids: readonly number[],
    values: Partial<Record<keyof Models[Name], unknown>>,
  ): Promise<boolean>;
  /** Deletes records. */
  unlink(
    model: keyof Models & string,
    ids: readonly number[],
  ): Promise<boolean>;
}

/** Logs in to Odoo. */
export async function connect<Models = OdooModels>(
  url: string,
  database: string,
  login: string,
  key: string,
): Promise<Odoo<Models>> {
  const common = createClient<OdooCommon>(`${url}/xmlrpc/2/common`);
  const object = createClient<OdooObject>(`${url}/xmlrpc/2/object`);
  const user = await common.call("authenticate", [database, login, key, {}]);
  if (user === false) throw new Error("Odoo rejected the user or the key");
  const execute: Odoo<Models>["execute"] = async <Result>(
    model: string,
    method: string,
    params: readonly unknown[],
    named: Readonly<Record<string, unknown>> = {},
  ) =>
    await object.call("execute_kw", [
      ...[database, user, key, model, method] as const,
      params,
      named,
    ]) as Result;
  return {
    execute,
    searchRead: (model, conditions, query) =>
      execute(model, "search_read", [conditions], { ...query }),
    create: (model, values) => execute(model, "create", [values]),
    write: (model, ids, values) => execute(model, "write", [ids, values]),
    unlink: (model, ids) => execute(model, "unlink", [ids]),
  };
}

/** Lists companies. */
export async function main(
  url: string,
  database: string,
  user: string,
  key: string,
): Promise<void> {
  const odoo = await connect(url, database, user, key);
  const companies = await odoo.searchRead(
    "res.partner",
    [["is_company", "=", true]],
    { fields: ["name", "country_id"], limit: 20, order: "name" },
  );
  for (const { name, country_id } of companies) {
    console.log(country_id === false ? name : `${name}, ${country_id[1]}`);
  }
}

if (import.meta.main) {
  await runRecipe(["URL", "DATABASE", "USER", "KEY"], main);
}
