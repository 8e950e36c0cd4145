-- One page of the steps of a name, from the oldest. O(log n + page).
-- ARGV: name, the revision to start after, how many
-- Returns JSON texts.
local name, after, limit = unpack(ARGV)

want('zset', HISTORY .. name)
follow(name)
return redis.call('ZRANGEBYSCORE', HISTORY .. name, '(' .. after, '+inf', 'LIMIT', 0, limit)
