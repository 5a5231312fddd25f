// Makes the calls of a file by xmlrpc-c's classes for C++: client URL FILE
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include <xmlrpc-c/client.hpp>
#include <xmlrpc-c/girerr.hpp>

#include "notation.hpp"

using std::string;

static void makeCall(xmlrpc_c::client &client, string const &url, string const &name,
                     string const &method, xmlrpc_c::paramList const &params) {
  xmlrpc_c::carriageParm_curl0 carriage(url);
  xmlrpc_c::rpcPtr rpc(method, params);
  rpc->call(&client, &carriage);
  if (rpc->isSuccessful()) {
    std::cout << "result " << name << '\n';
    writeValue(rpc->getResult());
  } else {
    xmlrpc_c::fault const fault = rpc->getFault();
    std::cout << "fault " << name << ' ' << fault.getCode() << ' ' << escape(fault.getDescription()) << '\n';
  }
}

int main(int, char **argv) {
  // The library's own limit is half a megabyte.
  xmlrpc_limit_set(XMLRPC_XML_SIZE_LIMIT_ID, 16 << 20);
  xmlrpc_c::clientXmlTransport_curl transport;
  xmlrpc_c::client_xml client(&transport);
  std::ifstream file(argv[2]);
  for (string line; std::getline(file, line);) {
    string word, name, method;
    int count;
    std::istringstream(line) >> word >> name >> method >> count;
    xmlrpc_c::paramList params;
    string failure;
    for (; count > 0; count--) {
      try {
        params.add(readValue(file));
      } catch (std::exception const &error) {
        failure = error.what();
      }
    }
    try {
      if (failure.empty()) makeCall(client, argv[1], name, method, params);
    } catch (std::exception const &error) {
      failure = error.what();
    }
    if (!failure.empty()) std::cout << "error " << name << ' ' << escape(failure) << '\n';
    std::cout.flush();
  }
}
