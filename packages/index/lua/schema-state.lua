-- ARGV: type name, digest
-- Returns {latest version or false, highest version with the digest or false}. O(log n).
local type_name, digest = unpack(ARGV)

want('zset', SCHEMAS)
want('hash', DIGESTS .. type_name)
-- Keys of semver versions start with "v"; what atdata let through as a version sorts before and is never the latest.
local member = redis.call('ZREVRANGEBYLEX', SCHEMAS, '(' .. type_name .. NUL .. 'w', '[' .. type_name .. NUL .. 'v', 'LIMIT', 0, 1)[1]
local same = redis.call('HGET', DIGESTS .. type_name, digest)
local function version_of(text)
  return text and string.match(text, '[^%z]*$')
end
return { version_of(member) or false, version_of(same) or false }
