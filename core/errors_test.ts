import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
} from "@std/assert";
import {
  FaultCode,
  XmlRpcFault,
  XmlRpcHttpError,
  XmlRpcSyntaxError,
} from "./errors.ts";

Deno.test("FaultCode has the codes of the fault code interoperability specification", () => {
  assertEquals<unknown>(FaultCode, {
    parseError: -32700,
    invalidRequest: -32600,
    methodNotFound: -32601,
    invalidParams: -32602,
    internalError: -32603,
    applicationError: -32500,
    systemError: -32400,
    transportError: -32300,
  });
});

Deno.test("XmlRpcFault has a code, a message and a name", () => {
  const fault = new XmlRpcFault(4, "Too many parameters.");
  assertInstanceOf(fault, Error);
  assertEquals(
    [fault.code, fault.message, fault.name, String(fault)],
    [
      4,
      "Too many parameters.",
      "XmlRpcFault",
      "XmlRpcFault: Too many parameters.",
    ],
  );
  assertEquals(fault.members, {});
});

Deno.test("XmlRpcFault keeps further members", () => {
  const members = { detail: [1] };
  const fault = new XmlRpcFault(4, "No", { members });
  assertEquals(fault.members, { detail: [1] });
});

Deno.test("XmlRpcFault keeps its cause, even an undefined one, and has none by default", () => {
  const cause = new Error("secret");
  assertStrictEquals(new XmlRpcFault(4, "No", { cause }).cause, cause);
  assert(
    Object.hasOwn(new XmlRpcFault(4, "No", { cause: undefined }), "cause"),
  );
  assert(!Object.hasOwn(new XmlRpcFault(4, "No", { members: {} }), "cause"));
  assert(!Object.hasOwn(new XmlRpcFault(4, "No"), "cause"));
});

Deno.test("XmlRpcFault shows in its stack where it was made", () => {
  const { stack } = new XmlRpcFault(4, "No");
  assert(stack?.includes("errors_test.ts"), stack);
});

Deno.test("XmlRpcSyntaxError says in its message where it is", () => {
  const error = new XmlRpcSyntaxError("Wrong", {
    kind: "invalid",
    offset: 30,
    line: 2,
    column: 7,
    path: "params[0].rows[3].price",
  });
  assertInstanceOf(error, SyntaxError);
  assertEquals(
    String(error),
    "XmlRpcSyntaxError: Wrong at params[0].rows[3].price (line 2, column 7)",
  );
  assertEquals({ ...error }, {
    name: "XmlRpcSyntaxError",
    kind: "invalid",
    offset: 30,
    line: 2,
    column: 7,
    path: "params[0].rows[3].price",
  });
});

Deno.test("XmlRpcSyntaxError leaves an empty path out of its message", () => {
  const error = new XmlRpcSyntaxError("Wrong", {
    kind: "malformed",
    offset: 0,
    line: 1,
    column: 1,
    path: "",
  });
  assertEquals(error.message, "Wrong (line 1, column 1)");
  assertEquals(error.path, "");
});

Deno.test("XmlRpcHttpError holds what is known of the answer", () => {
  const headers = new Headers({ "Content-Type": "text/html", "X-A": "b" });
  const cause = new Error("why");
  const error = new XmlRpcHttpError("No XML-RPC", {
    status: 410,
    url: "http://localhost/RPC2",
    headers,
    body: "gone",
    cause,
  });
  assertInstanceOf(error, Error);
  assertEquals(String(error), "XmlRpcHttpError: No XML-RPC");
  assertEquals(
    [error.status, error.url, error.body, error.contentType],
    [410, "http://localhost/RPC2", "gone", "text/html"],
  );
  assertStrictEquals(error.headers, headers);
  assertStrictEquals(error.cause, cause);
});

Deno.test("XmlRpcHttpError has an empty contentType if the answer had none, and no cause of itself", () => {
  const error = new XmlRpcHttpError("No XML-RPC", {
    status: 204,
    url: "http://localhost/",
    headers: new Headers(),
    body: "",
  });
  assertEquals(error.contentType, "");
  assert(!Object.hasOwn(error, "cause"));
});
