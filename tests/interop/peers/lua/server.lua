-- The contract's methods by Lua's xmlrpc, on a free port, which is printed. The library's
-- own server needs a web server around it; this is as little of one as will do.

local socket = require "socket"
local xmlrpc = require "xmlrpc"

local function count(text, character)
  local _, number = text:gsub("%" .. character, "")
  return number
end

local function sum(struct)
  return struct.moe + struct.larry + struct.curly
end

local function echo(value) return value end

local function typed(kind)
  return function(value) return xmlrpc.newTypedValue(value, kind) end
end

local image
local methods = {
  ["validator1.arrayOfStructsTest"] = function(structs)
    local total = 0
    for _, struct in ipairs(structs) do total = total + struct.curly end
    return total
  end,
  ["validator1.countTheEntities"] = function(text)
    return {
      ctLeftAngleBrackets = count(text, "<"),
      ctRightAngleBrackets = count(text, ">"),
      ctAmpersands = count(text, "&"),
      ctApostrophes = count(text, "'"),
      ctQuotes = count(text, '"'),
    }
  end,
  ["validator1.easyStructTest"] = sum,
  ["validator1.echoStructTest"] = echo,
  ["validator1.manyTypesTest"] = function(...) return xmlrpc.newTypedValue({ ... }, "array") end,
  ["validator1.moderateSizeArrayCheck"] = function(texts) return texts[1] .. texts[#texts] end,
  ["validator1.nestedStructTest"] = function(calendar) return sum(calendar["2000"]["04"]["01"]) end,
  ["validator1.simpleStructReturnTest"] = function(number)
    return { times10 = number * 10, times100 = number * 100, times1000 = number * 1000 }
  end,
  ["interopEchoTests.noInParams"] = function() return 1 end,
  ["interopEchoTests.whichToolkit"] = function()
    return {
      toolkitDocsUrl = "https://keplerproject.github.io/lua-xmlrpc/",
      toolkitName = "LuaXMLRPC",
      toolkitVersion = xmlrpc._VERSION,
      toolkitOperatingSystem = "unix",
    }
  end,
  ["interopEchoTests.echoFloat"] = typed "double",
  get_string = function(text) return "get string:" .. text end,
  add = function(x, y) return x + y end,
  image_put = function(text)
    image = text
    return true
  end,
  image_get = function() return image end,
  echo = echo,
  fault = function(code, text) error { code = code, message = text } end,
}
for _, kind in ipairs { "String", "Integer", "Struct", "Boolean", "Date", "Base64" } do
  methods["interopEchoTests.echo" .. kind] = echo
end
for _, kind in ipairs { "String", "Integer", "Float", "Struct" } do
  methods["interopEchoTests.echo" .. kind .. "Array"] = typed "array"
end

local function answer(body)
  local decoded, name, params = pcall(xmlrpc.srvDecode, body)
  if not decoded then return xmlrpc.srvEncode({ code = 1, message = name }, true) end
  local method = methods[name]
  if not method then return xmlrpc.srvEncode({ code = 2, message = "No method " .. name }, true) end
  local ok, result = pcall(method, unpack(params))
  if not ok and type(result) ~= "table" then result = { code = 3, message = tostring(result) } end
  return xmlrpc.srvEncode(result, not ok)
end

local listener = assert(socket.bind("127.0.0.1", 0))
local _, port = listener:getsockname()
print(port)
io.flush()
while true do
  local connection = listener:accept()
  local length
  repeat
    local line = connection:receive()
    length = line and line:lower():match("^content%-length: (%d+)") or length
  until not line or line == ""
  if length then
    local body = answer(connection:receive(tonumber(length)))
    connection:send(("HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s"):format(#body, body))
  end
  connection:close()
end
