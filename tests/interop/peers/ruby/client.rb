# Makes the calls of a file by Ruby's xmlrpc: client.rb URL FILE

require "xmlrpc/client"
require_relative "config"
require_relative "notation"

url, file = ARGV
client = XMLRPC::Client.new2(url)
lines = File.readlines(file, chomp: true)
$stdout.sync = true
until lines.empty?
  _, name, method, count = lines.shift.split(" ")
  params = Array.new(count.to_i) { Notation.read_value(lines) }
  begin
    puts ["result #{name}", *Notation.lines_of(client.call(method, *params))]
  rescue XMLRPC::FaultException => e
    puts "fault #{name} #{e.faultCode} #{Notation.escape(e.faultString)}"
  rescue StandardError => e
    puts "error #{name} #{Notation.escape(e.inspect)}"
  end
end
