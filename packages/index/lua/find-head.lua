-- The newest step of a name, as the name itself remembers it. O(1).
-- ARGV: name
-- Returns {revision, at_ms, cid, record}, or nil.
local name = ARGV[1]

want('hash', NAME .. name)
if redis.call('EXISTS', NAME .. name) == 0 then return nil end
return redis.call('HMGET', NAME .. name, 'revision', 'at_ms', 'cid', 'record')
