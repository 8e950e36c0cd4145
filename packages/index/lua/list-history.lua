-- One page of the steps of a name, from the oldest. O(log n + page).
-- ARGV: name, lower bound of the revisions, how many
-- Returns JSON texts, each followed by its revision.
local name, min, limit = unpack(ARGV)

want('zset', HISTORY .. name)
follow(name)
return redis.call('ZRANGEBYSCORE', HISTORY .. name, min, '+inf', 'WITHSCORES', 'LIMIT', 0, limit)
