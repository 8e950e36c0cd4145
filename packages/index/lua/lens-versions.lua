-- The versions of a lens in byte order. O(log n + versions).
-- ARGV: name
local name = ARGV[1]

want('zset', LENSES)
local versions = {}
for i, member in ipairs(redis.call('ZRANGEBYLEX', LENSES, '[' .. name .. NUL, '(' .. name .. '\1')) do
  versions[i] = string.sub(member, #name + 2)
end
return versions
