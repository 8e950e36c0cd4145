-- One page of the shards of a journal, by number. O(log n + page).
-- ARGV: id, lower bound of the numbers, how many
-- Returns texts, each {number NUL urls NUL description}.
local id, min, limit = unpack(ARGV)

want('zset', INGEST_SHARDS .. id)
return redis.call('ZRANGEBYSCORE', INGEST_SHARDS .. id, min, '+inf', 'LIMIT', 0, limit)
