// All peers, in the order of the table.

import type { Peer } from "./_peer.ts";
import { C } from "./peers/c/peer.ts";
import { CPP } from "./peers/cpp/peer.ts";
import { EMACS } from "./peers/emacs/peer.ts";
import { GO } from "./peers/go/peer.ts";
import { JAVA } from "./peers/java/peer.ts";
import { LUA } from "./peers/lua/peer.ts";
import { NODE } from "./peers/node/peer.ts";
import { PERL } from "./peers/perl/peer.ts";
import { PHP } from "./peers/php/peer.ts";
import { PYTHON } from "./peers/python/peer.ts";
import { RUBY } from "./peers/ruby/peer.ts";
import { TCL } from "./peers/tcl/peer.ts";

/** All peers, in the order of the table. */
export const PEERS: readonly Peer[] = [
  PYTHON,
  ...PERL,
  RUBY,
  PHP,
  GO,
  JAVA,
  C,
  CPP,
  LUA,
  TCL,
  EMACS,
  ...NODE,
];
