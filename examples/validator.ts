// Serves the two public test suites of XML-RPC, so that you can test your client with it.
// The methods of `validator1.*` compute with their params; those of `interopEchoTests.*`
// return a value of each type.
//
//     deno run -A examples/validator.ts [--host localhost] [--port 8888]
// deno-lint-ignore-file no-console

import { createServer, method } from "@xmlrpc/xmlrpc/server";
import { readFlags, serveUntilStopped } from "./_program.ts";

const stooges = { moe: "int", larry: "int", curly: "int" } as const;

interface Stooges {
  readonly moe: number;
  readonly larry: number;
  readonly curly: number;
}

function sum({ moe, larry, curly }: Stooges): number {
  return moe + larry + curly;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

/** Reads the entry of a day from a calendar of years, months and days. */
function findDay(calendar: unknown, ...path: string[]): Stooges {
  let day = calendar as Record<string, unknown>;
  for (const name of path) day = day[name] as typeof day;
  return day as unknown as Stooges;
}

const validator1 = {
  arrayOfStructsTest: method(
    {
      params: [[stooges]],
      returns: "int",
      help: "Adds up all members curly of an array of structs.",
    },
    (structs) => structs.reduce((total, { curly }) => total + curly, 0),
  ),
  countTheEntities: method(
    {
      params: ["string"],
      returns: {
        ctLeftAngleBrackets: "int",
        ctRightAngleBrackets: "int",
        ctAmpersands: "int",
        ctApostrophes: "int",
        ctQuotes: "int",
      },
      help: "Counts the characters that XML has entities for.",
    },
    (text) => ({
      ctLeftAngleBrackets: count(text, "<"),
      ctRightAngleBrackets: count(text, ">"),
      ctAmpersands: count(text, "&"),
      ctApostrophes: count(text, "'"),
      ctQuotes: count(text, '"'),
    }),
  ),
  easyStructTest: method(
    {
      params: [stooges],
      returns: "int",
      help: "Adds up the members moe, larry and curly of a struct.",
    },
    sum,
  ),
  echoStructTest: method(
    { params: ["struct"], returns: "struct", help: "Returns a struct." },
    (struct) => struct,
  ),
  manyTypesTest: method(
    {
      params: [
        "int",
        "boolean",
        "string",
        "double",
        "dateTime.iso8601",
        "base64",
      ],
      returns: "array",
      help: "Returns a param of each type, in an array.",
    },
    (...values) => values,
  ),
  moderateSizeArrayCheck: method(
    {
      params: [["string"]],
      returns: "string",
      help: "Joins the first and the last text of an array.",
    },
    (texts) => `${texts.at(0) ?? ""}${texts.at(-1) ?? ""}`,
  ),
  nestedStructTest: method(
    {
      params: ["struct"],
      returns: "int",
      help: "Adds up moe, larry and curly of 1 April 2000 in a calendar.",
    },
    (calendar) => sum(findDay(calendar, "2000", "04", "01")),
  ),
  simpleStructReturnTest: method(
    {
      params: ["int"],
      returns: { times10: "int", times100: "int", times1000: "int" },
      help: "Multiplies a number by 10, 100 and 1000.",
    },
    (number) => ({
      times10: number * 10,
      times100: number * 100,
      times1000: number * 1000,
    }),
  ),
};

const help = "Returns its param.";

const interopEchoTests = {
  echoString: method(
    { params: ["string"], returns: "string", help },
    (value) => value,
  ),
  echoInteger: method(
    { params: ["int"], returns: "int", help },
    (value) => value,
  ),
  echoFloat: method(
    { params: ["double"], returns: "double", help },
    (value) => value,
  ),
  echoBoolean: method(
    { params: ["boolean"], returns: "boolean", help },
    (value) => value,
  ),
  echoDate: method(
    { params: ["dateTime.iso8601"], returns: "dateTime.iso8601", help },
    (value) => value,
  ),
  echoBase64: method(
    { params: ["base64"], returns: "base64", help },
    (value) => value,
  ),
  echoStruct: method(
    { params: ["struct"], returns: "struct", help },
    (value) => value,
  ),
  echoStringArray: method(
    { params: [["string"]], returns: ["string"], help },
    (value) => value,
  ),
  echoIntegerArray: method(
    { params: [["int"]], returns: ["int"], help },
    (value) => value,
  ),
  echoFloatArray: method(
    { params: [["double"]], returns: ["double"], help },
    (value) => value,
  ),
  echoStructArray: method(
    { params: [["struct"]], returns: ["struct"], help },
    (value) => value,
  ),
  noInParams: method(
    { params: [], returns: "int", help: "Takes no params and returns 1." },
    () => 1,
  ),
  whichToolkit: method(
    {
      params: [],
      returns: {
        toolkitDocsUrl: "string",
        toolkitName: "string",
        toolkitVersion: "string",
        toolkitOperatingSystem: "string",
      },
      help: "Describes the library and the system of this server.",
    },
    () => ({
      toolkitDocsUrl: "https://jsr.io/@xmlrpc/xmlrpc",
      toolkitName: "@xmlrpc/xmlrpc",
      toolkitVersion: `Deno ${Deno.version.deno}`,
      toolkitOperatingSystem: Deno.build.os,
    }),
  ),
};

/** The methods of both suites, to serve alone or together with others. */
export const validatorMethods = { validator1, interopEchoTests };

/** A server with both suites. */
export const server = createServer(validatorMethods);

if (import.meta.main) {
  await serveUntilStopped(readFlags().address, server, (url) => {
    console.log(`Serving validator1.* and interopEchoTests.* at ${url}`);
    console.log(
      `Call it: python3 -c "from xmlrpc.client import ServerProxy; print(ServerProxy('${url}').validator1.countTheEntities('<&>'))"`,
    );
  });
}
