// Methods with long computations. `threaded_server.ts` runs them on threads; each exported
// function is a method.
// deno-lint-ignore-file camelcase -- the methods have the names of the tutorial

import { method, optional, XmlRpcFault } from "@xmlrpc/xmlrpc/server";

/** Counts the steps until a point of the plane escapes; 0 if it does not within `steps`. */
function countSteps(x: number, y: number, steps: number): number {
  let [re, im] = [0, 0];
  for (let step = 1; step <= steps; step++) {
    const next = re * re - im * im + x;
    im = 2 * re * im + y;
    re = next;
    if (re * re + im * im > 4) return step;
  }
  return 0;
}

/** The Mandelbrot set. */
export const mandelbrot = method(
  {
    params: ["int", "int", optional("int")],
    returns: "base64",
    help: "A picture of the Mandelbrot set, as a portable graymap (.pgm)",
  },
  (width, height, steps = 500) => {
    if (width < 1 || height < 1 || width * height > 4_000_000) {
      throw new XmlRpcFault(1, "A picture has 1 to 4,000,000 pixels");
    }
    const header = new TextEncoder().encode(`P5 ${width} ${height} 255\n`);
    const picture = new Uint8Array(header.length + width * height);
    picture.set(header);
    for (let index = 0; index < width * height; index++) {
      const x = (index % width) / width * 3 - 2.25;
      const y = Math.floor(index / width) / height * 3 - 1.5;
      const time = countSteps(x, y, steps);
      picture[header.length + index] = Math.round(
        255 * Math.sqrt(time / steps),
      );
    }
    return picture;
  },
);

/** Hashes a number with the last steps of MurmurHash3. */
function mix(hash: number): number {
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return (hash ^ hash >>> 16) >>> 0;
}

/** A chain of hashes, which can only be computed one after the other. */
export const hash_chain = method(
  {
    params: ["string", "int"],
    returns: "string",
    help: "The hash of a text, hashed again as many times as given, in hex",
  },
  (text, times) => {
    let hash = 0;
    for (const byte of new TextEncoder().encode(text)) hash = mix(hash ^ byte);
    for (let time = 0; time < times; time++) hash = mix(hash + 1);
    return hash.toString(16).padStart(8, "0");
  },
);
