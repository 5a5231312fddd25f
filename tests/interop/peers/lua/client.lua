-- Makes the calls of a file by Lua's xmlrpc: client.lua URL FILE

package.path = arg[0]:match("^(.*)/") .. "/?.lua;" .. package.path
local http = require "xmlrpc.http"
local notation = require "notation"

local url, file = arg[1], arg[2]
local next_line = io.lines(file)
for line in next_line do
  local name, method, count = line:match("^call (%S+) (%S+) (%d+)$")
  local params = {}
  for index = 1, tonumber(count) do params[index] = notation.read(next_line) end
  local made, ok, result, code = pcall(http.call, url, method, unpack(params, 1, tonumber(count)))
  if not made then
    print(("error %s %s"):format(name, notation.escape(tostring(ok))))
  elseif not ok then
    print(("fault %s %d %s"):format(name, code, notation.escape(result)))
  else
    print("result " .. name)
    notation.write(result)
  end
  io.flush()
end
