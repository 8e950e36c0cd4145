-- One page of schemas by type name and version. O(log n + page).
-- ARGV: lexicographic lower bound, how many
-- Returns {member, text} arrays.
local min, limit = unpack(ARGV)

want('zset', SCHEMAS)
local page = {}
for i, member in ipairs(redis.call('ZRANGEBYLEX', SCHEMAS, min, '+', 'LIMIT', 0, limit)) do
  local type_name, version = string.match(member, '^([^%z]*)%z.*%z([^%z]*)$')
  local key = SCHEMA .. type_name .. '@' .. version
  want('string', key)
  page[i] = { member, redis.call('GET', key) }
end
return page
