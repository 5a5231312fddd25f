// The recipe for HomeMatic, with a server of ours that acts as a CCU: it writes
// ISO-8859-1, calls back by multicall, and minds what it is answered.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { double, XmlRpcFault } from "@xmlrpc/xmlrpc";
import {
  decodeCall,
  decodeResponse,
  encodeCall,
  encodeFault,
  encodeResponse,
} from "@xmlrpc/xmlrpc/codec";
import {
  connect,
  createLogic,
  type DeviceDescription,
  HomeMaticFault,
} from "../../examples/recipes/homematic.ts";
import { Program } from "../support/program.ts";

const DECLARATION = '<?xml version="1.0" encoding="iso-8859-1"?>';

/** A document as a CCU writes it. */
function latin1(document: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder().decode(document)
    .replace(/^<\?xml[^>]*\?>/, DECLARATION);
  return Uint8Array.from(text, (character) => {
    const code = character.codePointAt(0)!;
    assert(code < 256);
    return code;
  });
}

const DEVICES: readonly DeviceDescription[] = [
  {
    TYPE: "HM-CC-TC",
    ADDRESS: "LEQ0134153",
    PARENT: "",
    CHILDREN: ["LEQ0134153:1"],
    PARAMSETS: ["MASTER"],
    VERSION: 1,
    FLAGS: 1,
  },
  {
    TYPE: "WEATHER",
    ADDRESS: "LEQ0134153:1",
    PARENT: "LEQ0134153",
    PARAMSETS: ["MASTER", "VALUES"],
    VERSION: 1,
    FLAGS: 1,
  },
];

class FakeCcu {
  readonly values = new Map<string, unknown>([
    ["LEQ0134153:1 NAME", "Küche, Tür"],
    ["LEQ0134153:1 TEMPERATURE", 20.5],
  ]);
  /** The last document that has come. */
  request = "";
  /** Who is told, by the name it has asked for. */
  #logic: { readonly url: string; readonly id: string } | undefined;
  readonly #told = Promise.withResolvers<string[]>();
  readonly #left = Promise.withResolvers<void>();

  /** What our server has answered to it, as documents. */
  readonly answers: Promise<string[]> = this.#told.promise;
  /** That our server wants no more. */
  readonly left: Promise<void> = this.#left.promise;

  readonly fetch = async (request: Request): Promise<Response> => {
    const bytes = await request.bytes();
    this.request = new TextDecoder().decode(bytes);
    const { methodName, params } = decodeCall(bytes);
    const document = this.#answer(methodName, params);
    return new Response(latin1(document), {
      headers: { "content-type": "text/xml" },
    });
  };

  #answer(methodName: string, params: readonly unknown[]): Uint8Array {
    const [address, key, value] = params as [string, string, unknown];
    switch (methodName) {
      case "init":
        this.#init(address, key);
        return encodeResponse("");
      case "listDevices":
        return encodeResponse(DEVICES);
      case "getValue": {
        const found = this.values.get(`${address} ${key}`);
        return found === undefined
          ? encodeFault(new XmlRpcFault(-5, "Unknown Parameter"))
          : encodeResponse(found);
      }
      case "setValue":
        this.values.set(`${address} ${key}`, value);
        return encodeResponse("");
      default:
        return encodeFault(
          new XmlRpcFault(-1, `${methodName}: unknown method`),
        );
    }
  }

  #init(url: string, id: string): void {
    if (id === "") {
      this.#logic = undefined;
      return this.#left.resolve();
    }
    this.#logic = { url, id };
    this.#tell().then(this.#told.resolve, this.#told.reject);
  }

  async #tell(): Promise<string[]> {
    const { id } = this.#logic!;
    const event = (...params: unknown[]) => ({
      methodName: "event",
      params: [id, ...params],
    });
    return [
      // With a param, which the convention does not have.
      await this.#call("system.listMethods", id),
      await this.#call("listDevices", id),
      await this.#call("newDevices", id, DEVICES),
      await this.#call("system.multicall", [
        event("LEQ0134153:1", "NAME", "Küche, Tür"),
        event("LEQ0134153:1", "TEMPERATURE", 21.5),
        event("LEQ0134153:1", "LOWBAT", false),
      ]),
    ];
  }

  async #call(methodName: string, ...params: unknown[]): Promise<string> {
    const response = await fetch(this.#logic!.url, {
      method: "POST",
      headers: { "content-type": "text/xml" },
      body: latin1(encodeCall(methodName, params)),
    });
    return await response.text();
  }
}

async function served(
  use: (url: string, ccu: FakeCcu) => Promise<void>,
): Promise<void> {
  const ccu = new FakeCcu();
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ccu.fetch,
  );
  await use(`http://127.0.0.1:${http.addr.port}/`, ccu);
}

Deno.test("the recipe for HomeMatic reads ISO-8859-1, and sends doubles as such", async () => {
  await served(async (url, ccu) => {
    const { methods } = connect(url);
    const [device] = await methods.listDevices();
    assertEquals(device?.CHILDREN, ["LEQ0134153:1"]);
    const channel = "LEQ0134153:1";
    assertEquals(await methods.getValue(channel, "NAME"), "Küche, Tür");
    assertEquals(await methods.setValue(channel, "LEVEL", double(1)), "");
    assertEquals(ccu.values.get(`${channel} LEVEL`), 1);
    assertStringIncludes(ccu.request, "<double>1.0</double>");
    const fault = await assertRejects(
      () => methods.getValue(channel, "NONE"),
      XmlRpcFault,
    );
    assertEquals(fault.code, HomeMaticFault.UNKNOWN_PARAMETER);
  });
});

Deno.test("the recipe for HomeMatic receives devices and events, and answers the CCU as it expects", async () => {
  await served(async (url, ccu) => {
    const told: unknown[] = [];
    const logic = createLogic({
      onEvent: (...event) => told.push(event),
      onDevices: (devices) => told.push(devices),
    });
    await using http = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      logic.fetch,
    );
    const address = `http://127.0.0.1:${http.addr.port}/`;
    await connect(url).methods.init(address, "id");
    const [methods, devices, added, events] = await ccu.answers;
    assertEquals(told, [
      DEVICES,
      ["LEQ0134153:1", "NAME", "Küche, Tür"],
      ["LEQ0134153:1", "TEMPERATURE", 21.5],
      ["LEQ0134153:1", "LOWBAT", false],
    ]);
    assert((decodeResponse(methods!) as string[]).includes("system.multicall"));
    assertEquals(decodeResponse(devices!), []);
    assertStringIncludes(added!, "<value><string></string></value>");
    assertEquals(decodeResponse(events!), [[""], [""], [""]]);
    assert(!events!.includes("<nil/>") && !events!.includes("<string/>"));
  });
});

Deno.test("homematic.ts shows events until it is stopped, and says that it leaves", async () => {
  await served(async (url, ccu) => {
    const recipe =
      new URL("../../examples/recipes/homematic.ts", import.meta.url).pathname;
    await using program = new Program(Deno.execPath(), [
      ...["run", "-A", recipe, url, "127.0.0.1"],
    ]);
    await program.waitFor(
      /^2 devices\nLEQ0134153:1 NAME Küche, Tür\n.* 21\.5\n.* false\n/,
    );
    program.stop();
    await ccu.left;
    assertEquals(await program.ended(), 130);
  });
});
