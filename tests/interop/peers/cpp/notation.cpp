#include "notation.hpp"

#include <cctype>
#include <iomanip>
#include <iostream>
#include <limits>
#include <sstream>

using namespace xmlrpc_c;
using std::string;

static string unescape(string const &text) {
  string bytes;
  for (size_t at = 0; at < text.size(); at++) {
    if (text[at] == '%') {
      bytes += static_cast<char>(std::stoi(text.substr(at + 1, 2), nullptr, 16));
      at += 2;
    } else {
      bytes += text[at];
    }
  }
  return bytes;
}

string escape(string const &bytes) {
  std::ostringstream text;
  text << std::hex << std::uppercase << std::setfill('0');
  for (unsigned char byte : bytes) {
    if (byte < 128 && std::isalnum(byte)) {
      text << byte;
    } else {
      text << '%' << std::setw(2) << int(byte);
    }
  }
  return text.str();
}

static value readBytes(string const &bytes) {
  return value_bytestring(cbytestring(bytes.begin(), bytes.end()));
}

static value readStruct(std::istream &file, int count) {
  cstruct members;
  for (; count > 0; count--) {
    string line;
    std::getline(file, line);
    string const name = unescape(line.substr(line.find(' ') + 1));
    members[name] = readValue(file);
  }
  return value_struct(members);
}

static value readArray(std::istream &file, int count) {
  carray items;
  for (; count > 0; count--) items.push_back(readValue(file));
  return value_array(items);
}

value readValue(std::istream &file) {
  string line;
  std::getline(file, line);
  size_t const space = line.find(' ');
  string const type = line.substr(0, space);
  string const text = space == string::npos ? "" : line.substr(space + 1);
  if (type == "array") return readArray(file, std::stoi(text));
  if (type == "struct") return readStruct(file, std::stoi(text));
  if (type == "int") return value_int(std::stoi(text));
  if (type == "i8") return value_i8(std::stoll(text));
  if (type == "double") return value_double(std::stod(text));
  if (type == "boolean") return value_boolean(text == "1");
  if (type == "dateTime") return value_datetime(text);
  if (type == "nil") return value_nil();
  if (type == "base64") return readBytes(unescape(text));
  return value_string(unescape(text), value_string::nlCode_lf);
}

static void writeStruct(cstruct const &members) {
  std::cout << "struct " << members.size() << '\n';
  for (auto const &member : members) {
    std::cout << "name " << escape(member.first) << '\n';
    writeValue(member.second);
  }
}

static void writeArray(carray const &items) {
  std::cout << "array " << items.size() << '\n';
  for (auto const &item : items) writeValue(item);
}

static string lineOf(xmlrpc_c::value const &value) {
  std::ostringstream line;
  line << std::setprecision(std::numeric_limits<double>::max_digits10);
  switch (value.type()) {
  case xmlrpc_c::value::TYPE_INT: line << "int " << value_int(value).cvalue(); break;
  case xmlrpc_c::value::TYPE_I8: line << "i8 " << value_i8(value).cvalue(); break;
  case xmlrpc_c::value::TYPE_DOUBLE: line << "double " << value_double(value).cvalue(); break;
  case xmlrpc_c::value::TYPE_BOOLEAN: line << "boolean " << value_boolean(value).cvalue(); break;
  case xmlrpc_c::value::TYPE_DATETIME: line << "dateTime " << value_datetime(value).iso8601Value(); break;
  case xmlrpc_c::value::TYPE_NIL: line << "nil"; break;
  case xmlrpc_c::value::TYPE_BYTESTRING: {
    cbytestring const bytes = value_bytestring(value).cvalue();
    line << "base64 " << escape(string(bytes.begin(), bytes.end()));
    break;
  }
  default: line << "string " << escape(value_string(value).cvalue());
  }
  return line.str();
}

void writeValue(xmlrpc_c::value const &value) {
  if (value.type() == xmlrpc_c::value::TYPE_ARRAY) return writeArray(value_array(value).cvalue());
  if (value.type() == xmlrpc_c::value::TYPE_STRUCT) return writeStruct(value_struct(value).cvalue());
  std::cout << lineOf(value) << '\n';
}
