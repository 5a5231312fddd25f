// supervisord, as Debian has it, at a port and at a socket.

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { createClient, XmlRpcFault, XmlRpcHttpError } from "@xmlrpc/xmlrpc";
import {
  connect,
  SupervisorFault,
  type SupervisorMethods,
} from "../../examples/recipes/supervisor.ts";
import { findPort, Folder, runRecipe, start, Steps, until } from "./_apps.ts";

/** supervisord with one process, `echo`, that prints what it is sent. */
interface Supervisor {
  readonly url: string;
  readonly socket: string;
  /** The file with what `echo` has printed. */
  readonly log: string;
}

/**
 * Runs supervisord while `use` does. `cat` ends with what it reads, so that nothing is
 * left behind even if supervisord is killed.
 */
async function supervised(
  use: (supervisor: Supervisor) => Promise<void>,
): Promise<void> {
  await using folder = await Folder.make();
  const { path } = folder;
  const port = findPort();
  const socket = `${path}/socket`;
  const log = `${path}/echo.log`;
  const configuration = await folder.write(
    "supervisord.conf",
    `[unix_http_server]
file = ${socket}
[inet_http_server]
port = 127.0.0.1:${port}
username = ada
password = s3cret
[supervisord]
nodaemon = true
logfile = ${path}/supervisord.log
pidfile = ${path}/supervisord.pid
childlogdir = ${path}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[program:echo]
command = cat
startsecs = 0
stdout_logfile = ${log}
`,
  );
  await using supervisor = start("supervisord", "-c", configuration);
  await supervisor.waitFor(/entered RUNNING state/);
  await use({ url: `http://ada:s3cret@127.0.0.1:${port}/RPC2`, socket, log });
  supervisor.stop();
  assertEquals(await supervisor.ended(), 0);
}

const tests = new Steps<Supervisor>();

tests.step(
  "stops and starts a process for our client",
  async ({ url }) => {
    const client = connect(url);
    const { supervisor: methods } = client.methods;
    assertEquals(await methods.getState(), {
      statecode: 1,
      statename: "RUNNING",
    });
    const before = await methods.getProcessInfo("echo");
    assertEquals(before.statename, "RUNNING");
    assertEquals(await methods.stopProcess("echo", true), true);
    assertEquals(
      (await methods.getAllProcessInfo()).map(({ name, statename, pid }) => [
        name,
        statename,
        pid,
      ]),
      [["echo", "STOPPED", 0]],
    );
    assertEquals(await methods.startProcess("echo"), true);
    const { pid } = await methods.getProcessInfo("echo");
    assert(pid !== 0 && pid !== before.pid);
  },
);

tests.step(
  "hands text to a process and gives its log back",
  async ({ url }) => {
    const client = connect(url);
    const { supervisor } = client.methods;
    const text = "Grüße <b> & ]]> 世界 🎉\n";
    assertEquals(await supervisor.sendProcessStdin("echo", text), true);
    const size = new TextEncoder().encode(text).length;
    const tail = await until(
      () => supervisor.tailProcessStdoutLog("echo", 0, 1000),
      ([, written]) => written === size,
    );
    assertEquals(tail, [text, size, false]);
    assertEquals(await supervisor.readProcessStdoutLog("echo", -5, 0), "🎉\n");
    assertEquals(await supervisor.clearProcessLogs("echo"), true);
    assertEquals(await supervisor.readProcessStdoutLog("echo", 0, 0), "");
  },
);

// It sends <value><string>\x1b[31m…, which is not XML.
tests.step(
  "sends a log in colour as it is: refused, or as pictures",
  async ({ url, log }) => {
    await Deno.writeTextFile(log, "\x1b[31mred\x1b[0m\tand\r\n\0");
    const plain = createClient<SupervisorMethods>(url);
    const read = ["supervisor.readProcessStdoutLog", ["echo", 0, 0]] as const;
    const error = await assertRejects(() => plain.call(...read), SyntaxError);
    assertStringIncludes(error.message, "control character U+001B");
    const client = connect(url);
    assertEquals(await client.call(...read), "␛[31mred␛[0m\tand\n␀");
  },
);

tests.step(
  "answers 500 for a log that is not UTF-8, and refers to its own",
  async ({ url, log }) => {
    await Deno.writeFile(log, new Uint8Array([0xff, 0x0a]));
    const client = connect(url);
    const error = await assertRejects(
      () => client.methods.supervisor.readProcessStdoutLog("echo", 0, 0),
      XmlRpcHttpError,
    );
    assertEquals(error.status, 500);
    assertStringIncludes(error.message, "its log may say why");
    await client.methods.supervisor.clearProcessLogs("echo");
  },
);

tests.step(
  "answers a multicall, each call with its own result or fault",
  async ({ url }) => {
    const client = connect(url);
    const [version, info, unknown] = await client.multicall([
      ["supervisor.getAPIVersion"],
      ["supervisor.getProcessInfo", ["nobody"]],
      ["no.such" as "supervisor.getPID"],
    ]);
    assertEquals(version, { status: "fulfilled", value: "3.0" });
    assert(info.status === "rejected" && unknown.status === "rejected");
    assertEquals(info.reason, new XmlRpcFault(10, "BAD_NAME: nobody"));
    assertEquals(unknown.reason.code, SupervisorFault.UNKNOWN_METHOD);
  },
);

tests.step("gets a batch of ours as one request", async ({ url }) => {
  const called: string[] = [];
  const { methods } = createClient<SupervisorMethods>(url, {
    batch: true,
    interceptors: [(call, next) => {
      called.push(call.methodName);
      return next(call);
    }],
  });
  const [state, pid] = await Promise.all([
    methods.supervisor.getState(),
    methods.supervisor.getPID(),
  ]);
  assertEquals(state.statename, "RUNNING");
  assert(pid > 0);
  assertEquals(called, ["system.multicall"]);
});

tests.step("answers faults with codes of its own", async ({ url }) => {
  const client = connect(url);
  const { supervisor } = client.methods;
  const cases = [
    [supervisor.stopProcess("nobody"), SupervisorFault.BAD_NAME],
    [supervisor.startProcess("echo"), SupervisorFault.ALREADY_STARTED],
  ] as const;
  for (const [call, code] of cases) {
    assertEquals((await assertRejects(() => call, XmlRpcFault)).code, code);
  }
});

tests.step(
  "says what types it wants, one signature for each method",
  async ({ url }) => {
    interface System {
      readonly system: {
        listMethods(): string[];
        methodSignature(name: string): string[];
        methodHelp(name: string): string;
      };
    }
    const { system } = createClient<System>(url).methods;
    const names = await system.listMethods();
    assert(names.includes("supervisor.getState"));
    // Flat, where the convention has an array of such arrays.
    assertEquals(
      await system.methodSignature("supervisor.tailProcessStdoutLog"),
      ["array", "string", "int", "int"],
    );
    assertMatch(await system.methodHelp("supervisor.getState"), /statename/);
  },
);

tests.step(
  'is called as ever with signatures: "introspect"',
  async ({ url }) => {
    const called: string[] = [];
    const { supervisor } = createClient<SupervisorMethods>(url, {
      signatures: "introspect",
      interceptors: [(call, next) => {
        called.push(call.methodName);
        return next(call);
      }],
    }).methods;
    for (let round = 0; round < 2; round++) {
      assertEquals(await supervisor.tailProcessStdoutLog("echo", 0, 10), [
        "",
        0,
        false,
      ]);
    }
    // Asked once.
    assertEquals(called, [
      "supervisor.tailProcessStdoutLog",
      "system.methodSignature",
      "supervisor.tailProcessStdoutLog",
    ]);
  },
);

tests.step(
  "refuses a wrong password, and the error does not show it",
  async ({ url }) => {
    const client = createClient<SupervisorMethods>(url.replace("s3", "wr0ng"));
    const error = await assertRejects(
      () => client.methods.supervisor.getState(),
      XmlRpcHttpError,
    );
    assertEquals(error.status, 401);
    assertStringIncludes(error.message, "check user name and password");
    assert(!error.message.includes("wr0ng"));
  },
);

for (const place of ["url", "socket"] as const) {
  tests.step(
    `restarts a process for supervisor.ts, at its ${place}`,
    async (supervisor) => {
      await Deno.writeTextFile(supervisor.log, "the end of the log\n");
      const recipe = await runRecipe(
        "supervisor.ts",
        supervisor[place],
        "echo",
      );
      assertEquals([recipe.code, recipe.stderr], [0, ""]);
      assertMatch(
        recipe.stdout,
        /^(RUNNING|STARTING): .*\n(the end of the log\n)?\n$/,
      );
    },
  );
}

tests.step(
  "tells supervisor.ts of a process it does not know",
  async ({ url }) => {
    assertEquals(await runRecipe("supervisor.ts", url, "nobody"), {
      code: 1,
      stdout: "",
      stderr: "BAD_NAME: nobody\n",
    });
  },
);

await tests.register("supervisord", "supervisor", "supervisord", supervised);
