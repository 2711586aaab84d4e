-- wrk -s mixed.lua URL -- FILE: asks for the paths in FILE, a line each, one after the other.
local paths = {}

function init(arguments)
  for line in io.lines(arguments[1]) do paths[#paths + 1] = line end
end

local n = 0
function request()
  n = n + 1
  return wrk.format("GET", paths[n % #paths + 1])
end
