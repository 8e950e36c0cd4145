-- One page of labels by name and version. O(log n + page).
-- ARGV: lexicographic bounds of the range, how many
-- Returns {name, version, cid, description} arrays.
local min, max, limit = unpack(ARGV)

want('zset', LABELS)
local page = {}
for i, member in ipairs(redis.call('ZRANGEBYLEX', LABELS, min, max, 'LIMIT', 0, limit)) do
  local cut = string.find(member, NUL, 1, true)
  local name, version = string.sub(member, 1, cut - 1), string.sub(member, cut + 1)
  local key = LABEL .. name .. '@' .. version
  want('hash', key)
  local label = redis.call('HMGET', key, 'cid', 'description')
  page[i] = { name, version, label[1], label[2] }
end
return page
