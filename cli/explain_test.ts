import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { cli, success } from "../tests/support/cli.ts";

const CALL = (value: string) =>
  `<methodCall>\n<methodName>m</methodName><params><param>${value}</param></params></methodCall>`;

Deno.test("explain prints the contents of a call", async () => {
  const input = CALL("<value><double>5</double></value>");
  assertEquals(
    await cli(["explain", "-"], { input }),
    success("A call of m with 1 params\nparams[0] double 5\n"),
  );
});

Deno.test("explain shows what is deep in not many times its bytes", async () => {
  const input = "<methodCall><methodName>a</methodName><params><param>" +
    "<value><array><data>".repeat(250) + "<value/>".repeat(20_000) +
    "</data></array></value>".repeat(250) + "</param></params></methodCall>";
  const { code, out } = await cli(["explain", "-"], { input });
  assertEquals(code, 0);
  assert(out.length < 10 * input.length, `${out.length} characters`);
});

Deno.test("explain finds the Content-Type in a line with many spaces", async () => {
  const spaces = " ".repeat(25_000);
  const input =
    `POST / HTTP/1.1\r\nContent-Type: text/xml;${spaces}a${spaces}` +
    "charset=iso-8859-1\r\n\r\n<methodCall><methodName>a</methodName></methodCall>";
  const { out } = await cli(["explain", "-"], { input });
  assertEquals(out, "A call of a with 0 params\n");
});

Deno.test("explain shows where a document is invalid, and why", async () => {
  const input = CALL("<value><int>x</int></value>");
  const { code, out } = await cli(["explain", "-"], { input });
  assertEquals(code, 1);
  const [message, line, mark, path, offset, kind] = out.split("\n");
  assertStringIncludes(message!, "expected an integer at params[0] (line 2");
  assertEquals(line!.slice(mark!.indexOf("^")).startsWith("<int>x"), true);
  assertEquals(path, "path    params[0]");
  assertEquals(offset, `offset  ${input.indexOf("<int>")}`);
  assertMatch(kind!, /^kind {4}invalid: /);
});

Deno.test("explain marks the end of a document that breaks off", async () => {
  const input = "<methodCall>\n<methodName>add</methodName>\n \n";
  const { out } = await cli(["explain", "-"], { input });
  const [, line, mark] = out.split("\n");
  assertEquals(line, " <methodName>add</methodName>");
  assertEquals(mark, `${" ".repeat(line!.length)}^`);
});

Deno.test("explain reads the head of an HTTP message", async () => {
  const head = "POST /RPC2 HTTP/1.1\r\nContent-Type: text/xml; charset=latin1";
  const message = `${head}\r\n\r\n${CALL("<value>\u00e9</value>")}`;
  // Two bytes of UTF-8 are two characters of Latin-1.
  assertEquals(
    await cli(["explain", "-"], { input: message }),
    success('A call of m with 1 params\nparams[0] "\u00c3\u00a9"\n'),
  );
});

Deno.test("explain reads responses and faults", async () => {
  const response = (inner: string) =>
    `<methodResponse>${inner}</methodResponse>`;
  assertEquals(
    await cli(["explain", "-"], {
      input: response("<params><param><value>a</value></param></params>"),
    }),
    success('A response with "a"\n'),
  );
  const fault =
    "<fault><value><struct><member><name>faultCode</name><value><int>4</int></value></member>" +
    "<member><name>faultString</name><value>no</value></member></struct></value></fault>";
  assertEquals(
    await cli(["explain", "-"], { input: response(fault) }),
    success("A response with fault 4: no\n"),
  );
});
