import { assertEquals, assertStringIncludes } from "@std/assert";
import { decodeCall, decodeResponse } from "../codec.ts";
import {
  call,
  EXPECTED_DATE,
  fault,
  member,
  METHOD_NAME_FLAW,
  P0,
  PLACE,
  response,
  type Row,
  struct,
  syntaxError,
  testRefusals,
  unreadable,
  valueOf,
} from "../tests/support/documents.ts";

function typed(type: string, text: string): string {
  return call(`<value>${PLACE}<${type}>${text}</${type}></value>`);
}

function tooLarge(text: string, type: string, range: string): string {
  return `Cannot read ${
    JSON.stringify(text)
  } as ${type}: it does not fit into ${range}`;
}

const SAFE_RANGE = "2^53; its sender needs i8 or string";
const EXPECTED_BASE64 = "letters, digits, + and /, and = at the end";

// One row for each message: tests/corpus has what else is refused.
const INVALID: readonly Row[] = [
  [
    "‸<!DOCTYPE methodCall><methodCall/>",
    "invalid",
    "A document type declaration: none is accepted, for safety",
  ],
  ["‸<methodCall/>", "invalid", "<methodCall> must contain a <methodName>"],
  [
    "‸<methodCall><params/></methodCall>",
    "invalid",
    "<methodCall> must contain a <methodName>",
  ],
  [
    "‸<methodResponse/>",
    "invalid",
    "Expected <methodCall>, found <methodResponse>",
  ],
  ["‸<value/>", "invalid", "Unexpected <value> as the root element"],
  ["‸<html><body>Not found</body></html>", "invalid", "Unknown element <html>"],
  ["‸<MethodCall></MethodCall>", "invalid", "Unknown element <MethodCall>"],
  [
    "<methodCall>‸text<methodName>m</methodName></methodCall>",
    "invalid",
    'Text "text" in <methodCall>',
  ],
  [
    "<methodCall>‸<methodName/></methodCall>",
    "invalid",
    "A method name must not be empty",
  ],
  [
    "<methodCall>‸<methodName> \n</methodName></methodCall>",
    "invalid",
    "A method name must not be empty",
  ],
  [
    "<methodCall>‸<methodName>a b</methodName></methodCall>",
    "invalid",
    `${METHOD_NAME_FLAW} "a b"`,
  ],
  [
    "<methodCall>‸<methodName>a&#10;b</methodName></methodCall>",
    "invalid",
    `${METHOD_NAME_FLAW} "a\\nb"`,
  ],
  [
    "<methodCall><methodName>a‸<b/></methodName></methodCall>",
    "invalid",
    "Unknown element <b>",
  ],
  [
    "<methodCall><methodName>a</methodName>‸<methodName>b</methodName></methodCall>",
    "invalid",
    "A second <methodName>",
  ],
  [
    "<methodCall><methodName>a</methodName><params/>‸<params/></methodCall>",
    "invalid",
    "A second <params>",
  ],
  [
    "<methodCall><methodName>a</methodName>‸<fault/></methodCall>",
    "invalid",
    "Unexpected <fault> in <methodCall>",
  ],
  [
    call("<value/>").replace("<param>", "‸").replace("</param>", ""),
    "invalid",
    "Unexpected <value> in <params>",
  ],
  [
    call("<value/>", "").replace("<param></param>", "‸<param></param>"),
    "invalid",
    "<param> must contain a <value>",
    "params[1]",
  ],
  [
    call("<value/>‸<value/>"),
    "invalid",
    "More than one element in <param>",
    P0,
  ],
  [call("‸<int>1</int>"), "invalid", "Unexpected <int> in <param>", P0],
  [typed("int", "x"), "invalid", unreadable("x", "int", "an integer"), P0],
  [
    typed("int", "9007199254740992"),
    "invalid",
    tooLarge("9007199254740992", "int", SAFE_RANGE),
    P0,
  ],
  [
    typed("int", "-9007199254740992"),
    "invalid",
    tooLarge("-9007199254740992", "int", SAFE_RANGE),
    P0,
  ],
  [
    typed("int", "9".repeat(50)),
    "invalid",
    tooLarge(`${"9".repeat(40)}…`, "int", SAFE_RANGE),
    P0,
  ],
  [typed("i1", "128"), "invalid", tooLarge("128", "i1", "8 bits"), P0],
  [typed("i2", "32768"), "invalid", tooLarge("32768", "i2", "16 bits"), P0],
  [
    typed("i8", "9223372036854775808"),
    "invalid",
    tooLarge("9223372036854775808", "i8", "64 bits"),
    P0,
  ],
  [typed("i8", "1.0"), "invalid", unreadable("1.0", "i8", "an integer"), P0],
  [
    typed("biginteger", ""),
    "invalid",
    unreadable("", "biginteger", "an integer"),
    P0,
  ],
  [
    typed("bigdecimal", "NaN"),
    "invalid",
    unreadable("NaN", "bigdecimal", "a decimal number"),
    P0,
  ],
  [
    typed("double", "1,5"),
    "invalid",
    unreadable("1,5", "double", "a number"),
    P0,
  ],
  [
    typed("double", "1e999"),
    "invalid",
    tooLarge("1e999", "double", "a double"),
    P0,
  ],
  [typed("boolean", "2"), "invalid", unreadable("2", "boolean", "0 or 1"), P0],
  [
    typed("dateTime.iso8601", "yesterday"),
    "invalid",
    unreadable("yesterday", "dateTime.iso8601", EXPECTED_DATE),
    P0,
  ],
  [
    typed("base64", "QQ="),
    "invalid",
    unreadable("QQ=", "base64", EXPECTED_BASE64),
    P0,
  ],
  [valueOf("<nil>‸x</nil>"), "invalid", 'Text "x" in <nil>', P0],
  [
    valueOf("<nil>‸<int>1</int></nil>"),
    "invalid",
    "Unexpected <int> in <nil>",
    P0,
  ],
  [
    valueOf("<string>a‸<int>1</int></string>"),
    "invalid",
    "Unexpected <int> in <string>",
    P0,
  ],
  [
    valueOf("<int>1</int>‸<int>2</int>"),
    "invalid",
    "More than one element in <value>",
    P0,
  ],
  [valueOf("‸<value/>"), "invalid", "Unexpected <value> in <value>", P0],
  [
    call("‸<value>text<int>1</int></value>"),
    "invalid",
    'Text "text" beside the type in <value>',
    P0,
  ],
  [
    call("‸<value><int>1</int>text</value>"),
    "invalid",
    'Text "text" beside the type in <value>',
    P0,
  ],
  [valueOf("‸<foo/>"), "invalid", "Unknown element <foo>", P0],
  [valueOf("‸<é/>"), "invalid", "Unknown element <é>", P0],
  [valueOf("‸<i16>5</i16>"), "invalid", "Unknown element <i16>", P0],
  [valueOf("‸<x:nil/>"), "invalid", "Unknown element <x:nil>", P0],
  [valueOf("‸<ex:int>1</ex:int>"), "invalid", "Unknown element <ex:int>", P0],
  [
    valueOf("‸<ex:nil xmlns:ex='urn:other'/>"),
    "invalid",
    "Unknown element <ex:nil>",
    P0,
  ],
  [
    valueOf("‸<ex:serializable>AA==</ex:serializable>"),
    "invalid",
    "Unknown element <ex:serializable>",
    P0,
  ],
  [
    valueOf("<array>‸<value/></array>"),
    "invalid",
    "Unexpected <value> in <array>",
    P0,
  ],
  [
    valueOf("<array><data/>‸<data/></array>"),
    "invalid",
    "More than one element in <array>",
    P0,
  ],
  [
    valueOf("<array><data><value/>‸x</data></array>"),
    "invalid",
    'Text "x" in <data>',
    P0,
  ],
  [valueOf("<struct>‸x</struct>"), "invalid", 'Text "x" in <struct>', P0],
  [
    valueOf("<struct>‸<value/></struct>"),
    "invalid",
    "Unexpected <value> in <struct>",
    P0,
  ],
  [
    valueOf("<struct>‸<member><name>a</name></member></struct>"),
    "invalid",
    "<member> must contain a <value>",
    "params[0].a",
  ],
  [
    valueOf("<struct>‸<member><value/></member></struct>"),
    "invalid",
    "<member> must contain a <name>",
    P0,
  ],
  [
    valueOf(
      "<struct><member><name>a</name>‸<name>b</name><value/></member></struct>",
    ),
    "invalid",
    "A second <name> in <member>",
    "params[0].a",
  ],
  [
    valueOf(
      "<struct><member><name>a</name><value/>‸<value/></member></struct>",
    ),
    "invalid",
    "A second <value> in <member>",
    "params[0].a",
  ],
  [
    valueOf(`<struct>${member("a", "1")}‸${member("a", "2")}</struct>`),
    "invalid",
    'A second member named "a"',
    "params[0].a",
  ],
  [
    valueOf(
      `<struct>${member("__proto__", "1")}‸${
        member("__proto__", "2")
      }</struct>`,
    ),
    "invalid",
    'A second member named "__proto__"',
    "params[0].__proto__",
  ],
  [
    valueOf(
      `<struct>${
        member(
          "rows",
          `<array><data><value/><value>${
            struct(member("a b", "‸<int>z</int>"))
          }</value></data></array>`,
        )
      }</struct>`,
    ),
    "invalid",
    unreadable("z", "int", "an integer"),
    'params[0].rows[1]["a b"]',
  ],
  [
    call(
      "<value/>",
      `<value><array><data><value/>‸<int>1</int></data></array></value>`,
    ),
    "invalid",
    "Unexpected <int> in <data>",
    "params[1]",
  ],
];

// ---------------------------------------------------------------- refused documents

testRefusals(INVALID);

const REFUSED_RESPONSES: readonly [document: string, message: string][] = [
  [
    "<methodCall/>",
    "Expected <methodResponse>, found <methodCall> (line 1, column 1)",
  ],
  [
    response("<value><int>z</int></value>"),
    `${unreadable("z", "int", "an integer")} at value (line 1, column 39)`,
  ],
  [
    response(
      "<value><array><data><value/><value><int>z</int></value></data></array></value>",
    ),
    `${unreadable("z", "int", "an integer")} at value[1] (line 1, column 67)`,
  ],
  [
    response("<value/></param><param><value/>"),
    "A response must have one <param>, not 2 (line 1, column 17)",
  ],
  [
    "<methodResponse><params/><params/></methodResponse>",
    "<methodResponse> must contain one <params> or one <fault> (line 1, column 26)",
  ],
  [
    `${fault("x").replace("</methodResponse>", "")}<params/></methodResponse>`,
    '<fault> must contain a struct, not "x" at fault (line 1, column 17)',
  ],
  [
    "<methodResponse><methodName>m</methodName></methodResponse>",
    "Unexpected <methodName> in <methodResponse> (line 1, column 17)",
  ],
];

for (const [document, message] of REFUSED_RESPONSES) {
  Deno.test(`decodeResponse() says what is wrong in ${document}`, () => {
    assertEquals(syntaxError(() => decodeResponse(document)).message, message);
  });
}

// ---------------------------------------------------------------- what is dangerous

Deno.test("decodeCall() refuses a document type declaration", () => {
  const call = "<methodCall><methodName>m</methodName></methodCall>";
  for (const doctype of ["<!DOCTYPE x>", '<!DOCTYPE x [<!ENTITY a "b">]>']) {
    const error = syntaxError(() => decodeCall(`${doctype}\n${call}`));
    assertEquals(error.kind, "invalid");
    assertStringIncludes(error.message, "document type declaration");
  }
});

Deno.test("decodeCall() makes no object of ex:serializable", () => {
  const value = "<ex:serializable>rO0ABXA=</ex:serializable>";
  const error = syntaxError(() =>
    decodeCall(
      `<methodCall><methodName>m</methodName><params><param><value>${value}</value></param></params></methodCall>`,
    )
  );
  assertStringIncludes(error.message, "Unknown element <ex:serializable>");
});
