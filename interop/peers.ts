// All peers, in the order of the table.

import type { Peer } from "./_peer.ts";
import { NODE } from "./peers/node/peer.ts";
import { PYTHON } from "./peers/python/peer.ts";

/** All peers, in the order of the table. */
export const PEERS: readonly Peer[] = [PYTHON, ...NODE];
