// Shows what the devices of a HomeMatic CCU tell, until stopped.
//
//     deno run -A examples/recipes/homematic.ts http://ccu:2001/ 192.168.0.2
//
// The ports are one for each kind of device: 2001 for radio, 2010 for HomeMatic IP, 2000
// for wires. The CCU calls back at a port of ours, at the address that is given: it must
// be one that the CCU reaches, and the CCU's firewall must let both through.
//
// The CCU writes ISO-8859-1, and says so. It wants `<string></string>` where there is
// nothing to say, so callbacks give "". A value of type FLOAT must be sent as a double:
// `setValue(address, "LEVEL", double(1))`.
//
// A CCU is not run by our tests: this follows eQ-3's public "HomeMatic XML-RPC-
// Schnittstelle", version 2.16, and the test has a server of ours that acts as one.
// deno-lint-ignore-file no-console

import { createClient, type XmlRpcClient } from "@xmlrpc/xmlrpc/client";
import { createServer, method, type XmlRpcServer } from "@xmlrpc/xmlrpc/server";
import { createStopSignal } from "../_address.ts";
import { runRecipe } from "./_recipe.ts";

/** What a device or one of its channels can tell or do at a moment. */
export type HomeMaticValue = boolean | number | string;

/** A device, or a channel of one: then it has a `PARENT`. */
export interface DeviceDescription {
  /** The kind: `HM-CC-TC`. */
  readonly TYPE: string;
  /** The address: of a device `LEQ0134153`, of its first channel `LEQ0134153:1`. */
  readonly ADDRESS: string;
  /** The device of a channel; "" for a device. */
  readonly PARENT: string;
  /** The addresses of a device's channels. */
  readonly CHILDREN?: string[] | "";
  /** The sets of parameters: `MASTER`, `VALUES`, `LINK`. */
  readonly PARAMSETS: string[];
  /** The version of this description. */
  readonly VERSION: number;
  /** 1 visible, 2 internal, 8 may not be deleted: a sum. */
  readonly FLAGS: number;
  /** The device's own version. */
  readonly FIRMWARE?: string;
}

/** What the CCU's faults mean, of those one meets. */
export const HomeMaticFault = {
  GENERAL: -1,
  UNKNOWN_DEVICE: -2,
  UNKNOWN_PARAMSET: -3,
  UNKNOWN_PARAMETER: -5,
} as const;

/** The methods of an interface of a CCU. */
export interface HomeMatic {
  /**
   * Has events sent to the server at a URL, each with the name that is given here. With
   * "" for the name, no more are sent to it.
   */
  init(url: string, interfaceId: string): string;
  /** All devices and channels. */
  listDevices(): DeviceDescription[];
  /** One of them. */
  getDeviceDescription(address: string): DeviceDescription;
  /** A value of a channel: `getValue("LEQ0134153:1", "STATE")`. */
  getValue(address: string, key: string): HomeMaticValue;
  /** Sets a value; gives "". */
  setValue(address: string, key: string, value: HomeMaticValue): string;
  /** A set of values. */
  getParamset(
    address: string,
    paramset: string,
  ): Readonly<Record<string, HomeMaticValue>>;
  /** Sets several values; gives "". */
  putParamset(
    address: string,
    paramset: string,
    values: Readonly<Record<string, HomeMaticValue>>,
  ): string;
}

/** A client of an interface of a CCU. */
export function connect(url: string): XmlRpcClient<HomeMatic> {
  return createClient<HomeMatic>(url);
}

/** What the CCU tells. */
export interface HomeMaticEvents {
  /** A value has changed, or is told again. */
  onEvent?(address: string, key: string, value: HomeMaticValue): void;
  /** There are devices that we did not name in `devices`. */
  onDevices?(devices: readonly DeviceDescription[]): void;
}

const NOTHING = { returns: "string" } as const;

/** The server that the CCU calls, most often by `system.multicall`. */
export function createLogic(
  { onEvent, onDevices }: HomeMaticEvents,
): Pick<XmlRpcServer<unknown>, "fetch"> {
  const ignore = method(
    { params: ["any", "any", "any"], ...NOTHING },
    () => "",
  );
  return createServer({
    event: method(
      { params: ["string", "string", "string", "any"], ...NOTHING },
      (_interfaceId, address, key, value) => {
        onEvent?.(address, key, value as HomeMaticValue);
        return "";
      },
    ),
    // The CCU sends as new all devices that are not in here.
    listDevices: method({ params: ["string"], returns: "array" }, () => []),
    newDevices: method(
      { params: ["string", "array"], ...NOTHING },
      (_interfaceId, devices) => {
        onDevices?.(devices as unknown as DeviceDescription[]);
        return "";
      },
    ),
    deleteDevices: method(
      { params: ["string", "array"], ...NOTHING },
      () => "",
    ),
    readdedDevice: method(
      { params: ["string", "array"], ...NOTHING },
      () => "",
    ),
    updateDevice: ignore,
    replaceDevice: ignore,
  });
}

/** Shows events. */
export async function main(url: string, hostname: string): Promise<void> {
  const signal = createStopSignal();
  const logic = createLogic({
    onEvent: (address, key, value) => console.log(address, key, value),
    onDevices: (devices) => console.log(`${devices.length} devices`),
  });
  await using http = Deno.serve(
    { hostname, port: 0, onListen: () => {} },
    logic.fetch,
  );
  const ccu = connect(url).methods;
  const address = `http://${hostname}:${http.addr.port}/`;
  await ccu.init(address, "recipe");
  try {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  } finally {
    await ccu.init(address, "");
  }
}

if (import.meta.main) await runRecipe(["URL", "OWN-ADDRESS"], main);
