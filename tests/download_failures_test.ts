// What goes wrong while a server sends a stream.

import {
  CUT,
  download,
  type Failure,
  list,
  never,
  PERCENT,
  PHOTO,
  PLACES,
  testFailure,
  WrongBlob,
} from "./support/failures.ts";

const DOWN: readonly Failure[] = PLACES.flatMap((percent): Failure[] => [
  {
    name: `the server's source fails at ${percent} %, for stream()`,
    get: (ends) =>
      ends.source(percent, () => {
        throw new Error("Disk");
      }),
    call: download,
    caller: ["Error: Disk", CUT],
    reported: "Error: Disk",
  },
  {
    name: `the server's source fails at ${percent} %, for call()`,
    get: (ends) =>
      ends.source(percent, () => {
        throw new Error("Disk");
      }),
    call: (client) => client.call("get"),
    caller: ["Error: Disk", CUT],
    reported: "Error: Disk",
  },
  {
    name: `the server's generator fails at ${percent} %`,
    get: async function* () {
      for (let row = 0; row < percent * 100; row++) yield row;
      throw new Error("Disk");
    },
    call: list,
    caller: ["Error: Disk", CUT],
    reported: "Error: Disk",
  },
  {
    name: `the server's generator gives what cannot be sent at ${percent} %`,
    get: async function* () {
      for (let row = 0; row < percent * 100; row++) yield row;
      yield NaN;
    },
    call: list,
    caller: [
      `RangeError: Cannot encode NaN as double at value[${
        percent * 100
      }]: XML-RPC has no such value`,
      CUT,
    ],
    reported: `RangeError: Cannot encode NaN as double at value[${
      percent * 100
    }]: XML-RPC has no such value`,
  },
  {
    name: `the client aborts at ${percent} % of a download`,
    get: (ends) => ends.source(99.9, never),
    call: async (client, ends) => {
      let bytes = 0;
      for await (const chunk of await client.stream("get")) {
        bytes += chunk.length;
        if (bytes >= percent * PERCENT) ends.abort(new Error("Enough"));
      }
    },
    caller: "Error: Enough",
    source: /./,
  },
  {
    name: `the client cancels a download at ${percent} %`,
    get: (ends) => ends.source(99.9, never),
    call: async (client) => {
      const reader = (await client.stream("get")).getReader();
      let bytes = 0;
      do bytes += (await reader.read()).value!.length; while (
        bytes < percent * PERCENT
      );
      return await reader.cancel();
    },
    caller: "undefined",
    source: /./,
  },
  {
    name: `the client aborts at ${percent} % of its items`,
    get: (ends) => ends.rows(10_000),
    call: async (client, ends) => {
      let rows = 0;
      for await (const _ of client.items("get")) {
        if (rows++ >= percent * 100) ends.abort(new Error("Enough"));
      }
    },
    caller: "Error: Enough",
    source: /^ended$/,
  },
  {
    name: `the client leaves its items at ${percent} %`,
    get: (ends) => ends.rows(10_000),
    call: async (client) => {
      let rows = 0;
      for await (const _ of client.items("get")) {
        if (rows++ >= percent * 100) return rows;
      }
    },
    caller: String(percent * 100 + 1),
    source: /^ended$/,
  },
]);

DOWN.forEach(testFailure);

const DOWN_LIMITS: readonly Failure[] = [
  {
    name: "the server's stream is longer than its maxStreamBytes",
    server: { maxStreamBytes: 200_000 },
    get: (ends) => ends.source(),
    call: download,
    caller: [
      "RangeError: Cannot encode more than 200000 bytes at value: the limit maxStreamBytes",
      CUT,
    ],
    reported:
      "RangeError: Cannot encode more than 200000 bytes at value: the limit maxStreamBytes",
    source: /^RangeError/,
  },
  {
    name: "the server's Blob is longer than its maxStreamBytes",
    server: { maxStreamBytes: 200_000 },
    get: () => new Blob([PHOTO]),
    call: download,
    caller: "XmlRpcFault -32603: Internal error",
    reported:
      "RangeError: Cannot encode more than 200000 bytes at value: the limit maxStreamBytes",
  },
  {
    name: "a download is longer than the client's maxStreamBytes",
    options: { maxStreamBytes: 200_000 },
    get: (ends) => ends.source(),
    call: download,
    caller:
      "XmlRpcSyntaxError: The base64 is too long: the limit maxStreamBytes is 200000 at value",
    source: /./,
  },
  {
    name: "an array is longer than the client's maxStreamBytes",
    options: { maxStreamBytes: 200_000 },
    get: async function* () {
      for (let row = 0; row < 10_000; row++) yield row;
    },
    call: list,
    caller:
      "XmlRpcSyntaxError: The array is too long: the limit maxStreamBytes is 200000 at value",
  },
  {
    name: "the server's Blob is shorter than it says",
    get: () => new WrongBlob(PHOTO.length + 3),
    call: download,
    caller: [
      "TypeError: Cannot encode the Blob at value: its size is 300003 bytes, but it has 300000",
      CUT,
    ],
    reported:
      "TypeError: Cannot encode the Blob at value: its size is 300003 bytes, but it has 300000",
  },
  {
    name: "the server's Blob is longer than it says",
    get: () => new WrongBlob(PHOTO.length - 3),
    call: download,
    caller: [
      "TypeError: Cannot encode the Blob at value: its size is 299997 bytes, but it has more",
      CUT,
    ],
    reported:
      "TypeError: Cannot encode the Blob at value: its size is 299997 bytes, but it has more",
  },
  {
    name: "onProgress throws as the file comes down",
    options: {
      onProgress: () => {
        throw new Error("Enough");
      },
    },
    get: (ends) => ends.source(),
    call: download,
    caller: "Error: Enough",
    source: /./,
  },
  {
    name: "a file is asked for as items",
    get: (ends) => ends.source(),
    call: list,
    caller: "TypeError: Cannot read items: URL did not return an array",
  },
  {
    name: "the client leaves its items while the next is awaited",
    get: (ends) => ends.rows(1, () => ends.begun),
    call: async (client, ends) => {
      const items = client.items("get");
      await items.next();
      const next = items.next();
      await items.return();
      ends.begin();
      return await next;
    },
    caller: '{"done":true}',
    source: /^ended$/,
  },
  {
    name: "the client throws into its items",
    get: (ends) => ends.rows(1),
    call: async (client) => {
      const items = client.items("get");
      await items.next();
      return await items.throw(new Error("Enough"));
    },
    caller: "Error: Enough",
    source: /^ended$/,
  },
];

DOWN_LIMITS.forEach(testFailure);
