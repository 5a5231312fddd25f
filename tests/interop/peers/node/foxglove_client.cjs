// Makes the calls of a file by npm's @foxglove/xmlrpc: foxglove_client.cjs URL FILE

const { XmlRpcClient } = require("@foxglove/xmlrpc");
const { makeCalls } = require("./notation.cjs");

const [url, file] = process.argv.slice(2);
const client = new XmlRpcClient(url);

makeCalls(file, (method, params) => client.methodCall(method, params));
