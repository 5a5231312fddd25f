// Makes the calls of a file by npm's davexmlrpc: davexmlrpc_client.cjs URL FILE

const davexmlrpc = require("davexmlrpc");
const { makeCalls } = require("./notation.cjs");

const [url, file] = process.argv.slice(2);

makeCalls(file, (method, params) =>
  new Promise((resolve, reject) => {
    davexmlrpc.client(
      url,
      method,
      params,
      "xml",
      (error, value) => error ? reject(error) : resolve(value),
    );
  }));
