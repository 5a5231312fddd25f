// The file that workers are started with. It is JavaScript, so that it has the same name in
// the npm package, where TypeScript is compiled. This module is browser compatible.

import "./worker.ts";
