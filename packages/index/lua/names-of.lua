-- ARGV: cid
-- Returns the names that point to it, in no order. O(names of the entry).
local key = ENTRY_NAMES .. ARGV[1]

want('set', key)
return redis.call('SMEMBERS', key)
