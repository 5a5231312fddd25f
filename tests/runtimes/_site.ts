// What stands at one port of a runtime: the service at /RPC2, and the checks at
// /checks/NAME, which run there and call the service at that very port.

import { type Check, type CheckContext, Unsupported } from "./_check.ts";
import { checks } from "./checks.ts";
import { service } from "./_service.ts";

/** What has become of a check. */
export interface Verdict {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "not supported";
  /** What is wrong, or why it is not supported. */
  readonly why: string;
}

/** A verdict on a step. */
export async function verdictOn(
  name: string,
  step: () => void | Promise<unknown>,
): Promise<Verdict> {
  try {
    await step();
    return { name, outcome: "passed", why: "" };
  } catch (error) {
    if (error instanceof Unsupported) {
      return { name, outcome: "not supported", why: error.message };
    }
    const why = String((error as Error)?.stack ?? error);
    return { name, outcome: "failed", why };
  }
}

/** Runs a check. */
export async function verdictOf(
  { name, run }: Check,
  context: CheckContext,
): Promise<Verdict> {
  return await verdictOn(name, () => run(context));
}

/** What answers requests in a runtime. */
export function createSite(
  context: Omit<CheckContext, "url">,
): (request: Request) => Promise<Response> {
  const all = checks(context.corpus);
  return async (request) => {
    const { pathname, origin } = new URL(request.url);
    if (pathname === "/RPC2") return service.fetch(request);
    if (pathname === "/checks") {
      return Response.json(all.map(({ name }) => name));
    }
    const name = decodeURIComponent(pathname.slice("/checks/".length));
    const check = all.find((check) => check.name === name);
    if (check === undefined) return new Response(null, { status: 404 });
    return Response.json(
      await verdictOf(check, { ...context, url: `${origin}/RPC2` }),
    );
  };
}
