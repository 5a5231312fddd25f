// The contract's methods by xmlrpc-c's classes for C++, on a free port, which is printed.
#include <algorithm>
#include <arpa/inet.h>
#include <functional>
#include <iostream>
#include <numeric>
#include <string>
#include <sys/socket.h>

#include <xmlrpc-c/base.hpp>
#include <xmlrpc-c/registry.hpp>
#include <xmlrpc-c/server_abyss.hpp>

using namespace xmlrpc_c;
using std::string;

/** A method that is a function. */
class Function : public method {
public:
  using Body = std::function<value(paramList const &)>;

  Function(string const &signature, Body const &body) : body(body) {
    if (!signature.empty()) this->_signature = signature;
  }

  void execute(paramList const &params, value *result) override {
    *result = body(params);
  }

private:
  Body const body;
};

static int sum(cstruct const &values) {
  int total = 0;
  for (string const name : {"moe", "larry", "curly"}) total += value_int(values.at(name)).cvalue();
  return total;
}

static cstruct within(cstruct const &values, string const &name) {
  return value_struct(values.at(name)).cvalue();
}

static value count(string const &text, char character) {
  return value_int(std::count(text.begin(), text.end(), character));
}

static value arrayOfStructs(paramList const &params) {
  int total = 0;
  for (value const &item : params.getArray(0)) {
    total += value_int(value_struct(item).cvalue().at("curly")).cvalue();
  }
  return value_int(total);
}

static value countTheEntities(paramList const &params) {
  string const text = params.getString(0);
  return value_struct(cstruct{
      {"ctLeftAngleBrackets", count(text, '<')},
      {"ctRightAngleBrackets", count(text, '>')},
      {"ctAmpersands", count(text, '&')},
      {"ctApostrophes", count(text, '\'')},
      {"ctQuotes", count(text, '"')},
  });
}

static value manyTypes(paramList const &params) {
  carray items;
  for (unsigned int index = 0; index < params.size(); index++) items.push_back(params[index]);
  return value_array(items);
}

static value moderateSize(paramList const &params) {
  carray const texts = params.getArray(0);
  return value_string(value_string(texts.front()).cvalue() + value_string(texts.back()).cvalue());
}

static value nestedStruct(paramList const &params) {
  cstruct const year = within(params.getStruct(0), "2000");
  return value_int(sum(within(within(year, "04"), "01")));
}

static value simpleStruct(paramList const &params) {
  int const number = params.getInt(0);
  return value_struct(cstruct{
      {"times10", value_int(number * 10)},
      {"times100", value_int(number * 100)},
      {"times1000", value_int(number * 1000)},
  });
}

static value whichToolkit(paramList const &) {
  return value_struct(cstruct{
      {"toolkitDocsUrl", value_string("http://xmlrpc-c.sourceforge.net")},
      {"toolkitName", value_string("xmlrpc-c++")},
      {"toolkitVersion", value_string("1.33")},
      {"toolkitOperatingSystem", value_string("unix")},
  });
}

static value add(paramList const &params) {
  if (params[0].type() == value::TYPE_INT) return value_int(params.getInt(0) + params.getInt(1));
  return value_double(params.getDouble(0) + params.getDouble(1));
}

static value raise(paramList const &params) {
  throw fault(params.getString(1), static_cast<fault::code_t>(params.getInt(0)));
}

static value echo(paramList const &params) { return params[0]; }

static int bindPort() {
  int const handle = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(handle, reinterpret_cast<sockaddr *>(&address), size) < 0) std::exit(1);
  // Whoever reads the port may call at once.
  listen(handle, 16);
  getsockname(handle, reinterpret_cast<sockaddr *>(&address), &size);
  std::cout << ntohs(address.sin_port) << std::endl;
  return handle;
}

int main() {
  xmlrpc_limit_set(XMLRPC_XML_SIZE_LIMIT_ID, 16 << 20);
  registry methods;
  auto const serve = [&](string const &name, string const &signature, Function::Body const &body) {
    methods.addMethod(name, methodPtr(new Function(signature, body)));
  };
  cbytestring image;
  serve("validator1.arrayOfStructsTest", "i:A", arrayOfStructs);
  serve("validator1.countTheEntities", "S:s", countTheEntities);
  serve("validator1.easyStructTest", "i:S", [](paramList const &p) { return value_int(sum(p.getStruct(0))); });
  serve("validator1.echoStructTest", "S:S", echo);
  serve("validator1.manyTypesTest", "A:ibsd86", manyTypes);
  serve("validator1.moderateSizeArrayCheck", "s:A", moderateSize);
  serve("validator1.nestedStructTest", "i:S", nestedStruct);
  serve("validator1.simpleStructReturnTest", "S:i", simpleStruct);
  for (string const kind : {"String", "Integer", "Float", "Boolean", "Date", "Base64", "Struct", "StringArray",
                            "IntegerArray", "FloatArray", "StructArray"}) {
    serve("interopEchoTests.echo" + kind, "", echo);
  }
  serve("interopEchoTests.noInParams", "i:", [](paramList const &) { return value_int(1); });
  serve("interopEchoTests.whichToolkit", "S:", whichToolkit);
  serve("get_string", "s:s", [](paramList const &p) { return value_string("get string:" + p.getString(0)); });
  serve("add", "i:ii,d:dd", add);
  serve("image_put", "b:6", [&](paramList const &p) {
    image = p.getBytestring(0);
    return value_boolean(true);
  });
  serve("image_get", "6:", [&](paramList const &) { return value_bytestring(image); });
  serve("echo", "", echo);
  serve("fault", "n:is", raise);
  serverAbyss(serverAbyss::constrOpt().registryP(&methods).socketFd(bindPort())).run();
}
