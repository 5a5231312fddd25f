# The runner's notation of values, read and written by Ruby's own types, and those of its
# xmlrpc library.

require "xmlrpc/base64"
require "xmlrpc/datetime"

module Notation
  module_function

  def unescape(text)
    text.to_s.b.gsub(/%(..)/n) { [$1].pack("H2") }
  end

  def escape(text)
    text.b.gsub(/[^A-Za-z0-9_.-]/n) { format("%%%02X", $&.ord) }
  end

  def unescape_text(text)
    unescape(text).force_encoding("UTF-8")
  end

  def read_date(text)
    XMLRPC::DateTime.new(*text.scan(/\A(....)(..)(..)T(..):(..):(..)/)[0].map(&:to_i))
  end

  def read_value(lines)
    type, text = lines.shift.split(" ")
    case type
    when "int", "i8" then text.to_i
    when "double" then text.to_f
    when "boolean" then text == "1"
    when "string" then unescape_text(text)
    when "dateTime" then read_date(text)
    when "base64" then XMLRPC::Base64.new(unescape(text))
    when "nil" then nil
    when "array" then Array.new(text.to_i) { read_value(lines) }
    else
      Array.new(text.to_i) do
        [unescape_text(lines.shift.split(" ")[1]), read_value(lines)]
      end.to_h
    end
  end

  def int?(value)
    value.between?(-2**31, 2**31 - 1)
  end

  def lines_of(value)
    case value
    when nil then ["nil"]
    when true then ["boolean 1"]
    when false then ["boolean 0"]
    when Integer then ["#{int?(value) ? "int" : "i8"} #{value}"]
    when Float then ["double #{value}"]
    when String then ["#{value.encoding == Encoding::BINARY ? "base64" : "string"} #{escape(value)}"]
    when XMLRPC::DateTime then [format("dateTime %04d%02d%02dT%02d:%02d:%02d", *value.to_a)]
    when XMLRPC::Base64 then ["base64 #{escape(value.decoded)}"]
    when Array then ["array #{value.size}", *value.flat_map { |item| lines_of(item) }]
    else
      ["struct #{value.size}", *value.flat_map { |name, member| ["name #{escape(name)}", *lines_of(member)] }]
    end
  end
end
