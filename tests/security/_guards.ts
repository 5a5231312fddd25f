// Guards against the threats of SECURITY.md, each with a test that fails without it.

/** A piece of code that stops a threat, and the test that misses it. */
export interface Guard {
  /** The file with the guard. */
  readonly file: string;
  /** The text that is the guard, or part of it: it stands in the file once. */
  readonly guard: string;
  /** What stands in its place once the guard is taken out. */
  readonly without: string;
  /** The file with the test. */
  readonly testFile: string;
  /** The name of the test, as SECURITY.md has it. */
  readonly test: string;
}

/** A guard, as a row of the table below. */
type Row = readonly [
  file: string,
  guard: string,
  without: string,
  testFile: string,
  test: string,
];

const ROWS: readonly Row[] = [
  // -------------------------------------------------------------- documents
  [
    "codec/xml/reader.ts",
    'throw invalid("A document type',
    'this.pos = this.filled;\n    if (this.pos > 0) return true;\n    throw invalid("A document type',
    "codec/invalid_documents_test.ts",
    "decodeCall() refuses a document type declaration",
  ],
  [
    "codec/element_decoder.ts",
    "++this.#depth > maxDepth",
    "++this.#depth > Infinity",
    "codec/limits_test.ts",
    "decodeResponse() refuses structs beyond the limit maxDepth",
  ],
  [
    "codec/element_decoder.ts",
    "if (this.level < LEVELS_PER_DEPTH * maxDepth + LEVELS_AROUND) return;",
    "if (maxDepth >= 0) return;",
    "codec/limits_test.ts",
    "decodeCall() lets no unknown elements nest deeper than arrays may",
  ],
  [
    "codec/element_decoder.ts",
    "++this.values > maxValues",
    "++this.values > Infinity",
    "codec/limits_test.ts",
    "createResponseDecoder() limits values to ten million by default",
  ],
  [
    "codec/element_decoder.ts",
    "!rule.isShort || bytes <= maxNameBytes",
    "!rule.isShort || bytes <= Infinity",
    "codec/limits_test.ts",
    "decodeResponse() limits a double with white space to a maxNameBytes of 4096 by default",
  ],
  [
    "codec/xml/reader.ts",
    "last - this.pos < maxTagBytes",
    "last - this.pos < Infinity",
    "codec/limits_test.ts",
    "decodeResponse() limits a tag with an attribute to a maxTagBytes of 16384 by default",
  ],
  [
    "codec/scalars.ts",
    '["nil", "nil"],\n  ["dateTime"',
    '["nil", "nil"],\n  ["serializable", "base64"],\n  ["dateTime"',
    "codec/invalid_documents_test.ts",
    "decodeCall() makes no object of ex:serializable",
  ],
  [
    "codec/grammar.ts",
    'if (key === "__proto__") return setMember(struct, key, value);\n',
    "",
    "codec/decode_test.ts",
    "decodeResponse() never sets a prototype, where __proto__ would",
  ],
  [
    "codec/grammar.ts",
    "if (isSeen && Object.hasOwn(struct, key)) {",
    "if (isSeen && Object.hasOwn(struct, key) && key === '') {",
    "codec/decode_test.ts",
    "decodeResponse() refuses a second member named __proto__, where it is an accessor",
  ],

  [
    "codec/grammar.ts",
    "    keepInTable(struct);\n",
    "",
    "tests/security/linear_test.ts",
    "members with hostile indexes take no longer than others",
  ],
  [
    "codec/xml/reader.ts",
    "length < LONG_ITEM ? 0 : length * 9 / 8",
    "length < LONG_ITEM ? 0 : 0",
    "tests/security/linear_test.ts",
    "the time of hostile input grows with its size: a tag with any number of attributes; in pieces of 7",
  ],
  [
    "codec/fault.ts",
    "/^\\s*[+-]?[0-9]+\\s*$/",
    "/^(?:\\s*)*[+-]?(?:[0-9]+)+\\s*$/",
    "tests/security/regexps_test.ts",
    "every regular expression of the library takes linear time",
  ],
  [
    "util/messages.ts",
    "return escapeUnsafe(JSON.stringify(shorten(text)));",
    "return JSON.stringify(shorten(text));",
    "tests/security/hostile_names_test.ts",
    "a message shows a member's name with the CSI of terminals in it escaped, on one line",
  ],
  // -------------------------------------------------------------- HTTP
  [
    "server/request_reader.ts",
    "if (bytes > maxBodyBytes) throw",
    "if (bytes > Infinity) throw",
    "server/request_rules_test.ts",
    "fetch() has a limit of 16 MiB",
  ],
  [
    "server/request_rules.ts",
    "controller.enqueue(rest.subarray(0, INFLATE_BYTES));\n      rest = rest.subarray(INFLATE_BYTES);",
    "controller.enqueue(rest);\n      rest = rest.subarray(rest.length);",
    "server/request_reader_test.ts",
    "fetch() feeds the decompressor in small pieces, however much has come",
  ],
  [
    "server/request_rules.ts",
    "!isXml(contentType)",
    'contentType === "none"',
    "server/request_rules_test.ts",
    "fetch() answers the Content-Type text/plain;charset=UTF-8 with 415",
  ],
  [
    "server/request_rules.ts",
    'headers.has("origin") || ',
    "",
    "server/request_rules_test.ts",
    "fetch() answers a request with Origin and no Content-Type with 415",
  ],
  [
    "examples/cors.ts",
    "from !== null && from !== origin",
    "from === origin && from === null",
    "tests/examples/serving_test.ts",
    "cors.ts lets pages of its origin in, and those of no other",
  ],

  [
    "server/request_reader.ts",
    "    this.#startTimer();\n    try {\n      const stream",
    "    try {\n      const stream",
    "tests/security/slow_peers_test.ts",
    "a request that trickles is answered with 408, however often a byte comes",
  ],
  [
    "server/request_reader.ts",
    "if (isWaiting) this.#startTimer();",
    "if (isWaiting) this.#inFlight.timer.clear();",
    "tests/security/slow_peers_test.ts",
    "a method that reads a stream gets an error when no more of it comes",
  ],
  [
    "server/request_handler.ts",
    "isWaiting ? timer.set(bodyTimeout, onTimeout)",
    "isWaiting ? timer.clear()",
    "tests/security/slow_peers_test.ts",
    "a response that the client does not read is cut off, its source ends, and onError is called",
  ],
  [
    "server/respond.ts",
    "|| length <= LONGEST_WHOLE",
    "|| length <= Infinity",
    "tests/security/slow_peers_test.ts",
    "a long response that is not a stream is cut off, too, when the client does not read it",
  ],
  [
    "server/request_rules.ts",
    "        check(compressed);\n",
    "",
    "server/request_reader_test.ts",
    "fetch() limits a body that is long only as long as it is compressed",
  ],
  [
    "cli/serve.ts",
    "!LOCAL.test(hostname) || LOCAL.test(called)",
    "called !== undefined",
    "cli/serve_test.ts",
    "serve answers no page whose own name stands for this machine (DNS rebinding)",
  ],
  [
    "page/page.js",
    "curl ${quoteForShell(PAGE_URL)}",
    "curl ${PAGE_URL}",
    "tests/interop/docs_page_test.ts",
    "what the page says for curl runs nothing that a link to it names",
  ],
  [
    "cli/show.ts",
    "indent.length < MAX_INDENT",
    "indent.length < Infinity",
    "cli/explain_test.ts",
    "explain shows what is deep in not many times its bytes",
  ],
  [
    "cli/typescript.ts",
    'text.replaceAll("*/", "*\\\\/")',
    "text",
    "cli/typescript_test.ts",
    "types prints no code that a server or its URL names",
  ],
  [
    "codec/xml/reader.ts",
    "throw malformed(`The document ends inside <${name}>`);",
    "if (name === undefined) throw malformed(name);",
    "codec_test.ts",
    "createCallDecoder() finds any truncation",
  ],
  [
    "server/request_rules.ts",
    "!isXml(contentType)",
    'contentType === "none"',
    "tests/security/browser_test.ts",
    "no page of a stranger calls a method by a form as text/plain that is well-formed XML",
  ],
  [
    "server/refusal.ts",
    '"content-type": "text/plain; charset=utf-8",',
    '"content-type": "text/html; charset=utf-8",',
    "tests/security/response_sniffing_test.ts",
    "the answer with another type runs nothing",
  ],
  [
    "codec/outgoing.ts",
    "  cancel(reason: unknown): void {\n    this.#stop(reason);",
    "  cancel(_reason: unknown): void {",
    "tests/security/truncation_test.ts",
    "a stream of rows ends at whatever byte its reader goes",
  ],
  // -------------------------------------------------------------- methods
  [
    "server/registry.ts",
    "for (const key of Object.keys(group)) {",
    "for (const key in group) {",
    "server/registry_test.ts",
    "createServer() leaves out inherited, hidden and symbol members",
  ],
  [
    "server/dispatcher.ts",
    "const method = this.registry.get(methodName);\n    if (method === undefined) {",
    'const method = this.registry.get(methodName) ?? methodName.split(".").reduce((o: any, name) => o?.[name], { math: { add: () => 0 } });\n    if (method === undefined) {',
    "server/registry_test.ts",
    "fetch() knows no method math.add.constructor",
  ],
  [
    "codec/method_name.ts",
    "NOT_IN_METHOD_NAME.test(name)",
    'name === " "',
    "server/multicall_test.ts",
    'no interceptor sees the name "a\\nb" of a call in a multicall',
  ],
  [
    "server/dispatcher.ts",
    "return INTERNAL_ERROR;",
    "return { ...INTERNAL_ERROR, faultString: String(error) };",
    "server/request_handler_test.ts",
    "fetch() keeps serving after a method that throws",
  ],
  [
    "server/multicall.ts",
    "if (methodName === MULTICALL) {",
    "if (methodName === MULTICALL + MULTICALL) {",
    "server/multicall_test.ts",
    '{ methodName: "system.multicall", params: [ [] ] } fails alone in a multicall',
  ],
  [
    "server/multicall.ts",
    "entries.length > maxCalls",
    "entries.length > Infinity",
    "server/multicall_test.ts",
    "a multicall of more than maxCalls is refused as a whole",
  ],
  [
    "server/introspection.ts",
    "methodList: Array.from(\n          methods,\n          ([found, name]) => describeMethod(name, found),\n        ),",
    "methodList: [names].flat().map((name) => describeMethod(name, findMethod(registry, name))),",
    "server/introspection_test.ts",
    "system.describeMethods describes a method once, however often it is named",
  ],
  [
    "examples/server_interceptors.ts",
    "return difference === 0;",
    "return difference >= 0;",
    "tests/examples/server_interceptors_test.ts",
    "isSame() tells texts apart, whatever their lengths",
  ],
  [
    "server/in_flight.ts",
    "this.#running >= this.#maxConcurrent",
    "this.#running >= Infinity",
    "server/in_flight_test.ts",
    "more calls than maxConcurrent are refused with 503 and Retry-After",
  ],
  [
    "server/request_reader.ts",
    "!this.#inFlight.canReserve(more)",
    "more === Infinity",
    "tests/security/memory_limit_test.ts",
    "compressed requests that expand to more than maxPendingBytes together are refused with 503, and small calls are answered",
  ],
  [
    "server/request_handler.ts",
    "return await Promise.race([work, late.promise]);",
    "late.promise.catch(() => {});\n      return await work;",
    "server/in_flight_test.ts",
    "a method that takes longer than callTimeout is a fault, and its signal aborts",
  ],
  [
    "server/multicall.ts",
    "isAbandoned(this, start)",
    "isAbandoned(this, start) && entry === undefined",
    "server/in_flight_test.ts",
    "the calls of a multicall that is late are not begun",
  ],

  [
    "server/multicall.ts",
    "if (rest >= 0) return;",
    "if (rest >= -Infinity) return;",
    "server/multicall_test.ts",
    "maxMulticallBytes counts texts that are all the same",
  ],
  [
    "server/multicall.ts",
    "const result = await host.invoke(methodName, call.params, inFlight);",
    "const result = await host.registry.get(methodName)!.handler.apply(this as never, call.params as never);",
    "tests/security/secrets_test.ts",
    "an interceptor that lets only some in for a method does so within a multicall",
  ],
  [
    "threads/protocol.ts",
    "    // An object without a prototype has no text; a Proxy may throw whenever it is read.\n",
    "    if (thrown !== undefined) throw thrown;\n",
    "tests/security/hostile_names_test.ts",
    "a thread survives a method that does throwTrap",
  ],
  [
    "threads/pool.ts",
    "this.#running + this.#queue.length >= size + maxQueue",
    "this.#running + this.#queue.length >= size + Infinity",
    "threads/pool_test.ts",
    "createThreads() refuses further calls when maxQueue calls wait",
  ],
  [
    "threads/pool.ts",
    "transfer, timeout, createError));",
    "transfer, 2 ** 30, createError));",
    "threads/pool_test.ts",
    "createThreads() stops an endless loop, with the workers of node:worker_threads",
  ],
  [
    "examples/safe_fetch.ts",
    "all.every(isAllowed)",
    "true",
    "tests/security/safe_fetch_test.ts",
    "safeFetch() connects nowhere for http://127.0.0.1/",
  ],
  // -------------------------------------------------------------- clients
  [
    "client/response_reader.ts",
    "this.#decoder.handedOutBytes > maxResponseBytes",
    "this.#decoder.handedOutBytes > Infinity",
    "client/response_reader_test.ts",
    "call() refuses an answer longer than maxResponseBytes, and cancels it",
  ],
  [
    "client/transport.ts",
    "if (!isSameServer(url, target)) ",
    "if (url === target) ",
    "client/transport_test.ts",
    "call() does not show credentials to http://b/x after http://a/x",
  ],
  [
    "client/transport.ts",
    'url.protocol === "https:" && target.protocol === "http:"',
    'url.protocol === "https:" && target.protocol === "ftp:"',
    "client/transport_test.ts",
    "call() follows no redirect from https to http",
  ],
  [
    "client/transport.ts",
    "if (!isHttp(target)) {",
    "if (url === target) {",
    "client/transport_test.ts",
    "call() follows no redirect (307) to file:///etc/passwd",
  ],
  [
    "client/transport.ts",
    "redirects === maxRedirects",
    "redirects === 100",
    "client/transport_test.ts",
    "call() stops at maxRedirects (undefined)",
  ],
  [
    "client/target.ts",
    'copy.password = "";',
    "",
    "client/target_test.ts",
    "call() shows no password in an error after a page",
  ],
  [
    "client/deadline.ts",
    "this.#timer.set(this.#timeout, this.#end);",
    "this.#timer.set(1e8, this.#end);",
    "tests/security/hostile_server_test.ts",
    "a call answered with a body that trickles ends, and hangs up",
  ],
  [
    "client/response_reader.ts",
    "this.#decoder.handedOutBytes > maxResponseBytes",
    "this.#decoder.handedOutBytes > Infinity",
    "tests/security/hostile_server_test.ts",
    "a call answered with a gzip bomb ends, and hangs up",
  ],
  [
    "codec/byte_stream.ts",
    "if (this.#bytes > maxStreamBytes) {",
    "if (this.#bytes > Infinity) {",
    "tests/security/hostile_streams_test.ts",
    "a stream without end is over its limit maxStreamBytes, and hangs up",
  ],
  [
    "codec/xml/reader.ts",
    "throw malformed(`The document ends inside <${name}>`);",
    "if (name === undefined) throw malformed(name);",
    "tests/security/truncation_test.ts",
    "a response with no length that is cut anywhere is an error of stream()",
  ],
  [
    "client/call.ts",
    "const MAX_SIGNATURE_BYTES = 65_536;",
    "const MAX_SIGNATURE_BYTES = 2 ** 40;",
    "tests/security/hostile_answers_test.ts",
    "a server that sends endless signatures is called as if it had none",
  ],
  [
    "client/multicall.ts",
    "answer.length === count",
    "answer.length >= 0",
    "tests/security/hostile_answers_test.ts",
    "a multicall of two answered with too many results is rejected as a whole",
  ],
  [
    "client/transport.ts",
    'const target = toBareUrl(new URL(response.headers.get("location")!, url));',
    'const target = new URL(response.headers.get("location")!, url);',
    "tests/security/hostile_answers_test.ts",
    "credentials in a Location are neither sent nor shown",
  ],
  [
    "client/http_error.ts",
    "escapeUnsafe(shorten(statusText))",
    "statusText",
    "tests/security/hostile_answers_test.ts",
    "what a server names its status is shown on one line, short, and without commands to a terminal",
  ],
];

export const GUARDS: readonly Guard[] = ROWS.map((
  [file, guard, without, testFile, test],
) => ({ file, guard, without, testFile, test }));
