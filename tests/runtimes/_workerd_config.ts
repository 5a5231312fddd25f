// What workerd is told: the modules of a Worker, one by one.

/** A module's name, as others import it, and the path of its file. */
export type Modules = readonly (readonly [name: string, path: string])[];

/** The modules that a file of this repository leads to, named from its top. */
export async function modulesOf(entry: string): Promise<Modules> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
  }).output();
  const root = new URL("../../", import.meta.url).href;
  const info = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: { specifier: string }[];
  };
  return info.modules.map(({ specifier }) => [
    specifier.slice(root.length),
    new URL(specifier).pathname,
  ]);
}

/** A configuration: the first module is the Worker. */
export function configOf(modules: Modules): string {
  const list = modules.map(([name, path]) =>
    `      (name = ${JSON.stringify(name)}, esModule = embed ${
      JSON.stringify(path)
    })`
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (
    compatibilityDate = "2026-10-01",
    compatibilityFlags = ["typescript_strip_types"],
    modules = [
${list.join(",\n")}
    ],
);
`;
}
