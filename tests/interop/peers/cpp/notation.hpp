// The runner's notation of values, read and written by xmlrpc-c's classes for C++.
#include <istream>
#include <string>

#include <xmlrpc-c/base.hpp>

xmlrpc_c::value readValue(std::istream &file);

void writeValue(xmlrpc_c::value const &value);

std::string escape(std::string const &bytes);
