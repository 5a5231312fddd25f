// The contract's methods by npm's xmlrpc, on a free port, which is printed.
// deno-lint-ignore-file no-console

const xmlrpc = require("xmlrpc");
const { methodsWith } = require("./methods.cjs");

const server = xmlrpc.createServer(
  { host: "127.0.0.1", port: 0 },
  () => console.log(server.httpServer.address().port),
);

const methods = methodsWith((faultCode, faultString) => ({
  faultCode,
  faultString,
}));
for (const [name, method] of Object.entries(methods)) {
  server.on(name, (_error, params, callback) => {
    try {
      callback(null, method(...params));
    } catch (error) {
      callback(error);
    }
  });
}
