// Makes the calls of a file by npm's xmlrpc: xmlrpc_client.cjs URL FILE

const xmlrpc = require("xmlrpc");
const { makeCalls } = require("./notation.cjs");

const [url, file] = process.argv.slice(2);
const client = xmlrpc.createClient(url);

makeCalls(file, (method, params) =>
  new Promise((resolve, reject) => {
    client.methodCall(
      method,
      params,
      (error, value) => error ? reject(error) : resolve(value),
    );
  }));
