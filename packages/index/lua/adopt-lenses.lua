-- Indexes lenses that atdata wrote. O(log n) each.
-- ARGV: name@version of each
-- Returns how many were new.
want('zset', LENSES)
local adopted = 0
for _, ref in ipairs(ARGV) do
  local name, version = string.match(ref, '^([^%z]*)@([^@%z]*)$')
  if name then adopted = adopted + redis.call('ZADD', LENSES, 0, name .. NUL .. version) end
end
return adopted
