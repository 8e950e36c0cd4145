-- One page of names in byte order. O(log n + page).
-- ARGV: lexicographic bounds of the range, how many
-- Returns states of names.
local min, max, limit = unpack(ARGV)

want('zset', NAMES)
local page = {}
for i, name in ipairs(redis.call('ZRANGEBYLEX', NAMES, min, max, 'LIMIT', 0, limit)) do
  want('hash', NAME .. name)
  page[i] = state(name)
end
return page
