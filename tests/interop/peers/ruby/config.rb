# nil and integers beyond 32 bits, which the library has switched off.

require "xmlrpc/config"

module XMLRPC::Config
  %i[ENABLE_NIL_CREATE ENABLE_NIL_PARSER ENABLE_BIGINT].each do |name|
    remove_const(name)
    const_set(name, true)
  end
end
