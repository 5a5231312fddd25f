// Shows the progress of a transfer on the terminal.

import type { XmlRpcProgress } from "@xmlrpc/xmlrpc/client";

const ERASE_LINE = "\r\x1b[K";

function toMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Shows one line until it is disposed of. Prints nothing if there is no terminal. */
export class ProgressLine implements Disposable {
  readonly #label: string;
  readonly #isShown = Deno.stderr.isTerminal();

  constructor(label: string) {
    this.#label = label;
  }

  #write(text: string): void {
    if (this.#isShown) Deno.stderr.writeSync(new TextEncoder().encode(text));
  }

  /** Updates the line: for the client's option `onProgress`. */
  readonly show = ({ bytesDone, bytesTotal }: XmlRpcProgress): void => {
    const total = bytesTotal === undefined
      ? ""
      : ` of ${toMegabytes(bytesTotal)}`;
    this.#write(
      `${ERASE_LINE}${this.#label}: ${toMegabytes(bytesDone)}${total}`,
    );
  };

  [Symbol.dispose](): void {
    this.#write(ERASE_LINE);
  }
}
