# The contract's methods by Ruby's xmlrpc, on a free port, which is printed.

require "xmlrpc/server"
require_relative "config"

# What the suite calls validator1.
class Validator
  def arrayOfStructsTest(structs)
    structs.sum { |struct| struct["curly"] }
  end

  def countTheEntities(text)
    {
      "ctLeftAngleBrackets" => text.count("<"),
      "ctRightAngleBrackets" => text.count(">"),
      "ctAmpersands" => text.count("&"),
      "ctApostrophes" => text.count("'"),
      "ctQuotes" => text.count('"')
    }
  end

  def easyStructTest(struct)
    struct.values_at("moe", "larry", "curly").sum
  end

  def echoStructTest(struct)
    struct
  end

  # The library takes what is in a plain String for a text.
  def manyTypesTest(*values, bytes)
    [*values, XMLRPC::Base64.new(bytes)]
  end

  def moderateSizeArrayCheck(texts)
    texts.first + texts.last
  end

  def nestedStructTest(calendar)
    easyStructTest(calendar.dig("2000", "04", "01"))
  end

  def simpleStructReturnTest(number)
    { "times10" => number * 10, "times100" => number * 100, "times1000" => number * 1000 }
  end
end

server = XMLRPC::Server.new(0, "127.0.0.1")
echo = ->(value) { value }
%w[String Integer Float Struct StringArray IntegerArray FloatArray StructArray Boolean Date].each do |type|
  server.add_handler("interopEchoTests.echo#{type}", &echo)
end
server.add_handler("interopEchoTests.echoBase64") { |bytes| XMLRPC::Base64.new(bytes) }
server.add_handler("validator1", Validator.new)
server.add_handler("interopEchoTests.noInParams") { 1 }
server.add_handler("interopEchoTests.whichToolkit") do
  {
    "toolkitDocsUrl" => "https://github.com/ruby/xmlrpc",
    "toolkitName" => "xmlrpc",
    "toolkitVersion" => RUBY_VERSION,
    "toolkitOperatingSystem" => RUBY_PLATFORM
  }
end
server.add_handler("get_string") { |text| "get string:#{text}" }
server.add_handler("add") { |x, y| x + y }
server.add_handler("echo", &echo)
server.add_handler("fault") { |code, text| raise XMLRPC::FaultException.new(code, text) }
image = ""
server.add_handler("image_put") do |bytes|
  image = bytes
  true
end
server.add_handler("image_get") { XMLRPC::Base64.new(image) }
server.add_introspection
server.add_multicall

$stdout.sync = true
puts server.instance_variable_get(:@server).listeners[0].addr[1]
server.serve
