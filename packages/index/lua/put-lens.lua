-- Writes a version of a lens, never over another. O(log n).
-- ARGV: name, version, text
-- Returns 1 if it was written; else the version exists, and is indexed if it was not.
local name, version, text = unpack(ARGV)
local key = LENS .. name .. '@' .. version

want('string', key)
want('zset', LENSES)
redis.call('ZADD', LENSES, 0, name .. NUL .. version)
return redis.call('SETNX', key, text)
