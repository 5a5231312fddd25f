-- The runner's notation of values, read and written by Lua's own types, and the library's
-- typed values.

local mime = require "mime"
local xmlrpc = require "xmlrpc"

local notation = {}

local function unescape(text)
  return (text:gsub("%%(..)", function(hex) return string.char(tonumber(hex, 16)) end))
end

function notation.escape(text)
  return (text:gsub("[^%w_.-]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local readers = {
  int = tonumber,
  i8 = tonumber,
  double = tonumber,
  boolean = function(text) return text == "1" end,
  string = unescape,
  dateTime = function(text) return text end,
  base64 = function(text) return (mime.b64(unescape(text))) end,
  ["nil"] = function() return nil end,
}

function notation.read(next_line)
  local kind, text = next_line():match("^(%S+) ?(.*)$")
  if readers[kind] then return readers[kind](text) end
  local values = {}
  for index = 1, tonumber(text) do
    if kind == "array" then
      values[index] = notation.read(next_line)
    else
      local name = next_line():match("^name (.*)$")
      values[unescape(name)] = notation.read(next_line)
    end
  end
  if kind == "struct" then return values end
  return xmlrpc.newTypedValue(values, "array")
end

-- Texts, dates and base64 come alike; so do an empty array and an empty struct.
function notation.write(value)
  if value == nil then
    print "nil"
  elseif type(value) == "boolean" then
    print("boolean " .. (value and 1 or 0))
  elseif type(value) == "number" then
    local is_int = value == math.floor(value) and value >= -2 ^ 31 and value < 2 ^ 31
    print((is_int and "int %d" or "double %.17g"):format(value))
  elseif type(value) == "string" then
    print("text " .. notation.escape(value))
  elseif #value > 0 or next(value) == nil then
    print("array " .. #value)
    for _, item in ipairs(value) do notation.write(item) end
  else
    local count = 0
    for _ in pairs(value) do count = count + 1 end
    print("struct " .. count)
    for name, member in pairs(value) do
      print("name " .. notation.escape(name))
      notation.write(member)
    end
  end
end

return notation
