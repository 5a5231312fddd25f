// The contract's methods by npm's @foxglove/xmlrpc, on a free port, which is printed.
// deno-lint-ignore-file no-console

const { XmlRpcFault, XmlRpcServer } = require("@foxglove/xmlrpc");
const { HttpServerNodejs } = require("@foxglove/xmlrpc/nodejs");
const { methodsWith } = require("./methods.cjs");

const server = new XmlRpcServer(new HttpServerNodejs());
const methods = methodsWith((code, text) => new XmlRpcFault(text, code));
for (const [name, method] of Object.entries(methods)) {
  server.setHandler(
    name,
    (_name, params) => Promise.resolve(method(...params)),
  );
}
server.listen(0, "127.0.0.1").then(() => console.log(server.port()));
