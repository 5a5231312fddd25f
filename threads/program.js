// What a pool's workers are started with. It is JavaScript, so that it has the same name in
// an npm package, where TypeScript has become JavaScript. This module is browser compatible.

import "./worker.ts";
