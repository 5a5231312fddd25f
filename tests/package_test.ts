import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { VERSION } from "../cli/help.ts";
import { DEFAULTS } from "../codec/settings.ts";

function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(`../${path}`, import.meta.url));
}

Deno.test("the version of deno.json is the newest one in CHANGELOG.md", async () => {
  const { version } = JSON.parse(await read("deno.json"));
  const [, newest] = /^## (\S+)/m.exec(await read("CHANGELOG.md")) ?? [];
  assertEquals(version, newest);
});

Deno.test("the command line has the version of deno.json", async () => {
  const { version } = JSON.parse(await read("deno.json"));
  assertEquals(VERSION, version);
});

Deno.test("the workflow publishes with the Deno that the tests run on", async () => {
  const [, deno] = /npx -y deno@(\S+)/.exec(await read(".ci/run")) ?? [];
  assertStringIncludes(
    await read(".github/workflows/publish.yml"),
    `deno-version: ${deno}\n`,
  );
});

/** A member of an interface, as `deno doc --json` shows it. */
interface DocumentedMember {
  readonly name: string;
  readonly jsDoc?: {
    readonly tags?: readonly {
      readonly kind: string;
      readonly value?: string;
    }[];
  };
}

/** The interfaces of mod.ts, with their members. */
async function documentedInterfaces(): Promise<
  Map<string, readonly DocumentedMember[]>
> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "mod.ts"],
    cwd: new URL("../", import.meta.url),
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout)) as {
    nodes: Record<string, {
      symbols: {
        name: string;
        declarations: { def?: { properties?: DocumentedMember[] } }[];
      }[];
    }>;
  };
  const symbols = Object.values(nodes).flatMap(({ symbols }) => symbols);
  return new Map(
    symbols.map(({ name, declarations }) => [
      name,
      declarations.flatMap(({ def }) => def?.properties ?? []),
    ]),
  );
}

Deno.test("the options say the default limits that the codec has", async () => {
  const limits = new Map<string, number>(Object.entries(DEFAULTS));
  limits.delete("maxEncodedBytes");
  limits.set("maxResponseBytes", DEFAULTS.maxBytes);
  limits.set("maxRequestBytes", DEFAULTS.maxEncodedBytes);
  limits.set("EncodeOptions.maxBytes", DEFAULTS.maxEncodedBytes);
  limits.set("XmlRpcServerOptions.maxResponseBytes", DEFAULTS.maxEncodedBytes);
  const documented = [...await documentedInterfaces()].flatMap(
    ([owner, members]) =>
      members.filter(({ name }) => limits.has(name)).map(({ name, jsDoc }) => {
        const tag = jsDoc?.tags?.find(({ kind }) => kind === "default");
        return [owner, name, Number(tag?.value?.replaceAll("_", ""))] as const;
      }),
  );
  assertEquals(
    documented,
    documented.map(([owner, name]) => [
      owner,
      name,
      limits.get(`${owner}.${name}`) ?? limits.get(name)!,
    ]),
  );
  const names = new Set(
    documented.flatMap(([owner, name]) =>
      [`${owner}.${name}`, name].filter((name) => limits.has(name))
    ),
  );
  assertEquals(names, new Set(limits.keys()));
});
