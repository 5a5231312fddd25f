// The contract's methods, by name; `fault(code, text)` makes what the library sends as a
// fault when it is thrown.

const sum = ({ moe, larry, curly }) => moe + larry + curly;
const count = (text, character) => text.split(character).length - 1;
const echo = (value) => value;

function methodsWith(fault) {
  let image = Buffer.alloc(0);
  const methods = {
    "validator1.arrayOfStructsTest": (structs) =>
      structs.reduce((total, { curly }) => total + curly, 0),
    "validator1.countTheEntities": (text) => ({
      ctLeftAngleBrackets: count(text, "<"),
      ctRightAngleBrackets: count(text, ">"),
      ctAmpersands: count(text, "&"),
      ctApostrophes: count(text, "'"),
      ctQuotes: count(text, '"'),
    }),
    "validator1.easyStructTest": sum,
    "validator1.echoStructTest": echo,
    "validator1.manyTypesTest": (...values) => values,
    "validator1.moderateSizeArrayCheck": (texts) => texts[0] + texts.at(-1),
    "validator1.nestedStructTest": (calendar) =>
      sum(calendar[2000]["04"]["01"]),
    "validator1.simpleStructReturnTest": (number) => ({
      times10: number * 10,
      times100: number * 100,
      times1000: number * 1000,
    }),
    "interopEchoTests.noInParams": () => 1,
    "interopEchoTests.whichToolkit": () => ({
      toolkitDocsUrl: "https://www.npmjs.com",
      toolkitName: "npm",
      toolkitVersion: process.version,
      toolkitOperatingSystem: process.platform,
    }),
    "get_string": (text) => `get string:${text}`,
    add: (x, y) => x + y,
    "image_put"(bytes) {
      image = bytes;
      return true;
    },
    "image_get": () => image,
    echo,
    fault(code, text) {
      throw fault(code, text);
    },
  };
  for (const type of ["String", "Integer", "Float", "Struct"]) {
    methods[`interopEchoTests.echo${type}`] = echo;
    methods[`interopEchoTests.echo${type}Array`] = echo;
  }
  for (const type of ["Boolean", "Date", "Base64"]) {
    methods[`interopEchoTests.echo${type}`] = echo;
  }
  return methods;
}

module.exports = { methodsWith };
