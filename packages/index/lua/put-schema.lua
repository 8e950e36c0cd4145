-- Writes a version of a type, never over another. O(log n).
-- ARGV: type name, version, version key, digest, text, 'any' or 'latest', the latest version that the writer has seen ('': none)
-- Returns {'put'}, {'stale'}, or {'taken', the text found there}.
local type_name, version, version_key, digest, text, condition, seen = unpack(ARGV)
local key = SCHEMA .. type_name .. '@' .. version

want('string', key)
want('zset', SCHEMAS)
want('hash', DIGESTS .. type_name)
if condition == 'latest' then
  local member = redis.call('ZREVRANGEBYLEX', SCHEMAS, '(' .. type_name .. NUL .. 'w', '[' .. type_name .. NUL .. 'v', 'LIMIT', 0, 1)[1]
  local latest = member and string.match(member, '[^%z]*$') or ''
  if latest ~= seen or redis.call('HEXISTS', DIGESTS .. type_name, digest) == 1 then return { 'stale' } end
end
local taken = redis.call('GET', key)
if taken then return { 'taken', taken } end
redis.call('SET', key, text)
redis.call('ZADD', SCHEMAS, 0, type_name .. NUL .. version_key .. NUL .. version)
local same = redis.call('HGET', DIGESTS .. type_name, digest)
local mine = version_key .. NUL .. version
if not same or same < mine then redis.call('HSET', DIGESTS .. type_name, digest, mine) end
return { 'put' }
