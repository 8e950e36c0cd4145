-- Indexes a schema that atdata wrote. O(log n).
-- ARGV: type name, version, version key, digest ('': its text cannot be read)
-- Returns 1 if it was new.
local type_name, version, version_key, digest = unpack(ARGV)

want('zset', SCHEMAS)
want('hash', DIGESTS .. type_name)
local mine = version_key .. NUL .. version
if digest ~= '' then
  local same = redis.call('HGET', DIGESTS .. type_name, digest)
  if not same or same < mine then redis.call('HSET', DIGESTS .. type_name, digest, mine) end
end
return redis.call('ZADD', SCHEMAS, 0, type_name .. NUL .. mine)
