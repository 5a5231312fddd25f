// Chromium, driven by the protocol of its developer tools: that needs no package, and no
// permission that the tests do not have anyway.

import { isInstalled, Program } from "./program.ts";

/** How long Chromium may take for anything, in milliseconds. */
const PATIENCE = 30_000;

const FLAGS = [
  "--headless",
  // Root has no sandbox, and all pages are our own.
  "--no-sandbox",
  "--remote-debugging-port=0",
  // Every name is this machine, so that pages can come from anywhere.
  "--host-resolver-rules=MAP *.test 127.0.0.1",
  "--no-first-run",
  "--no-proxy-server",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-dev-shm-usage",
  "--disable-gpu",
  // Nobody reads what it prints.
  "--log-level=3",
];

/** The members of a message of the protocol. */
// What each method gives, only its documentation says.
// deno-lint-ignore no-explicit-any
type Members = Record<string, any>;

/** Commands to Chromium, and its events. */
class Connection {
  readonly #socket: WebSocket;
  readonly #closed = Promise.withResolvers<void>();
  readonly #pending = new Map<number, PromiseWithResolvers<Members>>();
  /** Told of the events of pages. */
  onEvent: (method: string, params: Members) => void = () => {};
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = () => {
      for (const [id] of this.#pending) this.#fail(id, "has ended");
      this.#closed.resolve();
    };
  }

  static async open(url: string): Promise<Connection> {
    const socket = new WebSocket(url);
    const connection = new Connection(socket);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error(`No Chromium at ${url}`));
    await promise;
    return connection;
  }

  #receive({ id, error, result, sessionId, method, params }: Members): void {
    if (id === undefined) {
      if (sessionId !== undefined) this.onEvent(method, params);
    } else if (error === undefined) {
      this.#pending.get(id)?.resolve(result);
    } else {
      this.#fail(id, error.message);
    }
  }

  #fail(id: number, what: string): void {
    this.#pending.get(id)?.reject(new Error(`Chromium: ${what}`));
  }

  /** Runs a command; in a page, if there is a session. */
  async send(
    method: string,
    params: Members = {},
    sessionId?: string,
  ): Promise<Members> {
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<Members>();
    this.#pending.set(id, answer);
    const timer = setTimeout(
      () => this.#fail(id, `no answer to ${method}`),
      PATIENCE,
    );
    try {
      this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
      return await answer.promise;
    } finally {
      clearTimeout(timer);
      this.#pending.delete(id);
    }
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.#closed.promise;
  }
}

function errorOf({ text, exception }: Members): Error {
  return new Error(exception?.description ?? text);
}

/** A page in a window of its own, which shares nothing with other pages. */
export class Page implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #session: string;
  #loaded = Promise.withResolvers<void>();
  /** The texts of all alerts and the like, which are answered with OK. */
  readonly dialogs: string[] = [];
  /** The errors that nothing in the page has caught. */
  readonly errors: string[] = [];

  private constructor(connection: Connection, session: string) {
    this.#connection = connection;
    this.#session = session;
    connection.onEvent = (method, params) => this.#take(method, params);
  }

  /** Opens an empty page in the Chromium at a URL. */
  static async open(url: string): Promise<Page> {
    // Each page has a connection of its own, so that none outlives its test.
    const connection = await Connection.open(url);

    const { browserContextId } = await connection.send(
      "Target.createBrowserContext",
      { disposeOnDetach: true },
    );
    const { targetId } = await connection.send("Target.createTarget", {
      url: "about:blank",
      browserContextId,
    });
    const { sessionId } = await connection.send("Target.attachToTarget", {
      targetId,
      flatten: true,
    });
    const page = new Page(connection, sessionId);
    await page.send("Page.enable");
    await page.send("Runtime.enable");
    return page;
  }

  #take(method: string, params: Members): void {
    if (method === "Page.loadEventFired") {
      this.#loaded.resolve();
    } else if (method === "Page.javascriptDialogOpening") {
      this.dialogs.push(params.message);
      // The page may have gone with its dialog.
      this.send("Page.handleJavaScriptDialog", { accept: true })
        .catch(() => {});
    } else if (method === "Runtime.exceptionThrown") {
      this.errors.push(errorOf(params.exceptionDetails).message);
    }
  }

  /**
   * Runs a command of the developer tools in this page: for the size of the window,
   * say, or for keys that are pressed.
   */
  send(method: string, params: Members = {}): Promise<Members> {
    return this.#connection.send(method, params, this.#session);
  }

  /** Opens a URL, up to the event `load`. */
  async goto(url: string): Promise<void> {
    this.#loaded = Promise.withResolvers();
    const { errorText } = await this.send("Page.navigate", { url });
    if (errorText !== undefined) throw new Error(`${url}: ${errorText}`);
    await this.#loaded.promise;
  }

  /** Runs statements in the page, as in an async function; gives what they return. */
  run(statements: string): Promise<unknown> {
    return this.#evaluate(`(async () => { ${statements} })`);
  }

  /**
   * Runs a function in the page, of which it sees nothing but what it is given. Params
   * and result travel as JSON.
   */
  evaluate<Params extends readonly unknown[], Result>(
    task: (...params: Params) => Result,
    ...params: Params
  ): Promise<Awaited<Result>> {
    const list = params.map((param) => JSON.stringify(param)).join(", ");
    return this.#evaluate(`(${task})`, list) as Promise<Awaited<Result>>;
  }

  async #evaluate(task: string, params = ""): Promise<unknown> {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
      expression: `(async () => JSON.stringify(await ${task}(${params})))()`,
      awaitPromise: true,
      userGesture: true,
    });
    if (exceptionDetails !== undefined) throw errorOf(exceptionDetails);
    return result.value === undefined ? undefined : JSON.parse(result.value);
  }

  /** Clicks on the middle of an element, as a mouse does. */
  async click(selector: string): Promise<void> {
    const { objectId } = await this.#find(selector);
    await this.send("DOM.scrollIntoViewIfNeeded", { objectId });
    const { model } = await this.send("DOM.getBoxModel", { objectId });
    const [left, top, , , right, bottom] = model.border;
    const where = {
      x: (left + right) / 2,
      y: (top + bottom) / 2,
      button: "left",
      clickCount: 1,
    };
    for (const type of ["mousePressed", "mouseReleased"]) {
      await this.send("Input.dispatchMouseEvent", { type, ...where });
    }
  }

  /** Types text into an element. */
  async type(selector: string, text: string): Promise<void> {
    const { objectId } = await this.#find(selector);
    await this.send("DOM.focus", { objectId });
    await this.send("Input.insertText", { text });
  }

  /** Chooses files in an `<input type="file">`. */
  async chooseFiles(selector: string, ...files: string[]): Promise<void> {
    const { objectId } = await this.#find(selector);
    await this.send("DOM.setFileInputFiles", { objectId, files });
  }

  async #find(selector: string): Promise<Members> {
    const { result } = await this.send("Runtime.evaluate", {
      expression: `document.querySelector(${JSON.stringify(selector)})`,
    });
    if (result.subtype === "node") return result;
    throw new Error(`No element ${selector}`);
  }

  /** A picture of the page, as PNG. */
  async screenshot(): Promise<Uint8Array<ArrayBuffer>> {
    const { data } = await this.send("Page.captureScreenshot");
    return Uint8Array.fromBase64(data);
  }

  /** Closes the page and forgets all that it has stored. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }
}

/** Chromium, until it is disposed of. */
export class Chromium implements AsyncDisposable {
  readonly #program: Program;
  readonly #folder: string;
  readonly #url: string;

  private constructor(program: Program, folder: string, url: string) {
    this.#program = program;
    this.#folder = folder;
    this.#url = url;
  }

  static async start(): Promise<Chromium> {
    const folder = await Deno.makeTempDir({ prefix: "xmlrpc-chromium-" });
    const program = new Program("sh", [
      ...["-c", 'exec chromium "$@" 2>&1', "sh"],
      ...[...FLAGS, `--user-data-dir=${folder}`, "about:blank"],
    ]);
    const [url] = await program.waitFor(/ws:\S+/);
    return new Chromium(program, folder, url);
  }

  openPage(): Promise<Page> {
    return Page.open(this.#url);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const connection = await Connection.open(this.#url);
    await connection.send("Browser.close");
    await connection.close();
    await this.#program.ended();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Registers a test that gets a page. */
export type ChromiumTest = (
  name: string,
  test: (page: Page) => Promise<void>,
) => void;

/**
 * What registers the tests of a file that each get a page of their own, in one Chromium
 * for all of them; where it is not installed they are ignored, and say so.
 */
export async function createChromiumTest(): Promise<ChromiumTest> {
  if (!await isInstalled("chromium")) {
    return (name) =>
      Deno.test.ignore(`${name} (no chromium: install chromium)`, () => {});
  }
  let chromium: Chromium | undefined;
  Deno.test.beforeAll(async () => {
    chromium = await Chromium.start();
  });
  Deno.test.afterAll(async () => {
    await chromium?.[Symbol.asyncDispose]();
  });
  return (name, test) =>
    Deno.test(name, async () => {
      await using page = await chromium!.openPage();
      await test(page);
    });
}
