// The contract's methods by npm's davexmlrpc, on a free port, which is printed.
// deno-lint-ignore-file no-console

const { Server } = require("node:http");
const davexmlrpc = require("davexmlrpc");
const { methodsWith } = require("./methods.cjs");

// The library listens on all addresses, and does not tell at what port.
const { listen } = Server.prototype;
Server.prototype.listen = function (port) {
  return listen.call(this, port, "127.0.0.1", () => {
    console.log(this.address().port);
  });
};

const methods = methodsWith((_code, text) => new Error(text));
const config = { port: 0, xmlRpcPath: "/rpc2", flLogToConsole: false };

davexmlrpc.startServerOverHttp(config, ({ verb, params, returnVal }) => {
  try {
    if (!Object.hasOwn(methods, verb)) throw new Error(`No method ${verb}`);
    returnVal(undefined, methods[verb](...params));
  } catch (error) {
    returnVal(error);
  }
});
