// Shows the events of the devices of a HomeMatic CCU, until it is stopped.
//
//     deno run -A examples/recipes/homematic.ts http://ccu:2001/ 192.168.0.2
//
// Each kind of device has a port: 2001 for radio, 2010 for HomeMatic IP, 2000 for wired
// devices. The CCU calls this program back at the given address, so the CCU must be able to
// reach it, and the CCU's firewall must allow both directions.
//
// The CCU sends ISO-8859-1 and declares it. It expects `<string></string>` as an empty
// result, so callbacks return "". A value of type FLOAT must be sent as a double:
// `setValue(address, "LEVEL", double(1))`.
//
// Our tests do not use a real CCU. The recipe follows eQ-3's public "HomeMatic XML-RPC-
// Schnittstelle", version 2.16, and the tests use a simulated CCU.
// deno-lint-ignore-file no-console

import { createClient, type XmlRpcClient } from "@xmlrpc/xmlrpc/client";
import { createServer, method, type XmlRpcServer } from "@xmlrpc/xmlrpc/server";
import { createStopSignal } from "../_program.ts";
import { runRecipe } from "./_recipe.ts";

/** A value of a device or a channel. */
export type HomeMaticValue = boolean | number | string;

/** A device or a channel of a device. A channel has a `PARENT`. */
export interface DeviceDescription {
  /** The type: `HM-CC-TC`. */
  readonly TYPE: string;
  /** The address: `LEQ0134153` for a device, `LEQ0134153:1` for its first channel. */
  readonly ADDRESS: string;
  /** The device of a channel; "" for a device. */
  readonly PARENT: string;
  /** The addresses of a device's channels. */
  readonly CHILDREN?: string[] | "";
  /** The sets of parameters: `MASTER`, `VALUES`, `LINK`. */
  readonly PARAMSETS: string[];
  /** The version of this description. */
  readonly VERSION: number;
  /** A sum of flags: 1 visible, 2 internal, 8 may not be deleted. */
  readonly FLAGS: number;
  /** The version of the firmware. */
  readonly FIRMWARE?: string;
}

/** The most common fault codes of the CCU. */
export const HomeMaticFault = {
  GENERAL: -1,
  UNKNOWN_DEVICE: -2,
  UNKNOWN_PARAMSET: -3,
  UNKNOWN_PARAMETER: -5,
} as const;

/** The methods of an interface of a CCU. */
export interface HomeMatic {
  /**
   * Subscribes the server at a URL to events, which carry the given name. An empty name
   * ends the subscription.
   */
  init(url: string, interfaceId: string): string;
  /** Returns all devices and channels. */
  listDevices(): DeviceDescription[];
  /** Returns a device or a channel. */
  getDeviceDescription(address: string): DeviceDescription;
  /** Returns a value of a channel: `getValue("LEQ0134153:1", "STATE")`. */
  getValue(address: string, key: string): HomeMaticValue;
  /** Sets a value; returns "". */
  setValue(address: string, key: string, value: HomeMaticValue): string;
  /** Returns a set of values. */
  getParamset(
    address: string,
    paramset: string,
  ): Readonly<Record<string, HomeMaticValue>>;
  /** Sets several values; returns "". */
  putParamset(
    address: string,
    paramset: string,
    values: Readonly<Record<string, HomeMaticValue>>,
  ): string;
}

/** Creates a client of an interface of a CCU. */
export function connect(url: string): XmlRpcClient<HomeMatic> {
  return createClient<HomeMatic>(url);
}

/** The events of a CCU. */
export interface HomeMaticEvents {
  /** A value has changed, or is repeated. */
  onEvent?(address: string, key: string, value: HomeMaticValue): void;
  /** There are devices that are not in `devices`. */
  onDevices?(devices: readonly DeviceDescription[]): void;
}

const NOTHING = { returns: "string" } as const;

/** Creates the server that the CCU calls, mostly by `system.multicall`. */
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
    // The CCU reports all devices that are not in this list as new.
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
