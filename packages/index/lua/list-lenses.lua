-- One page of lenses by name and version. O(log n + page).
-- ARGV: lexicographic lower bound, how many
-- Returns {name, version, text} arrays.
local min, limit = unpack(ARGV)

want('zset', LENSES)
local page = {}
for i, member in ipairs(redis.call('ZRANGEBYLEX', LENSES, min, '+', 'LIMIT', 0, limit)) do
  local name, version = string.match(member, '^([^%z]*)%z([^%z]*)$')
  local key = LENS .. name .. '@' .. version
  want('string', key)
  page[i] = { name, version, redis.call('GET', key) }
end
return page
